#ifndef CPLATFORM_STEPWISE_H
#define CPLATFORM_STEPWISE_H

// Opens one name in a folder; -1 with errno.
typedef int (*step_opener)(int place, const char *name, int is_last, const void *terms);

// Opens a path below `folder` name by name, for where openat2 is missing (an old kernel, a container that
// forbids it). A path that goes up, or has an empty name, is EXDEV.
int cplatform_open_stepwise(int folder, const char *path, step_opener open, const void *terms);

#endif
