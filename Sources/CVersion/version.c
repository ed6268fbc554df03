#include "CVersion.h"

#ifndef CACHESCOPE_COMMIT
#define CACHESCOPE_COMMIT ""
#endif

const char *cversion_commit(void) { return CACHESCOPE_COMMIT; }
