#ifndef CVERSION_H
#define CVERSION_H

/// The commit that the program was built from, empty where the build did not know.
const char *cversion_commit(void);

#endif
