#define LATE_DEFINITIONS
#include "late.h"

#include <dlfcn.h>

#define LATE_DEFINE(name) __typeof__(name) *late_##name;
LATE_FUNCTIONS(LATE_DEFINE)

static void *find_library(void) {
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library) return library;
  }
  return 0;
}

int late_curl_load(void) {
  void *library = find_library();
  if (!library) return -1;
#define LATE_FIND(name)                                                  \
  late_##name = (__typeof__(name) *)dlsym(library, #name);               \
  if (!late_##name) return -1;
  LATE_FUNCTIONS(LATE_FIND)
  return 0;
}
