#define LATE_DEFINITIONS
#include "late.h"

#include <dlfcn.h>

#define LATE_DEFINE(name) __typeof__(name) *late_##name;
LATE_FUNCTIONS(LATE_DEFINE)

int late_archive_load(void) {
  void *library = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libarchive.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) return -1;
#define LATE_FIND(name)                                                  \
  late_##name = (__typeof__(name) *)dlsym(library, #name);               \
  if (!late_##name) return -1;
  LATE_FUNCTIONS(LATE_FIND)
  return 0;
}
