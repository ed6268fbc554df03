#ifndef CPLATFORM_INTERRUPTED_H
#define CPLATFORM_INTERRUPTED_H

#include <errno.h>

// A system call made again as long as a signal interrupts it; glibc's TEMP_FAILURE_RETRY, which other
// libraries lack.
#define UNINTERRUPTED(call)                            \
  __extension__({                                      \
    __typeof__(call) result_;                          \
    do result_ = (call);                               \
    while (result_ == -1 && errno == EINTR);           \
    result_;                                           \
  })

#endif
