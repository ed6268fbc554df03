// libcurl, loaded when the first transfer needs it: it brings forty libraries along, and a program
// that only looks into a cache must not wait for them at each start.
#ifndef CCURL_LATE_H
#define CCURL_LATE_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
// Macros of curl.h that would hide the functions of the same name.
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define LATE_FUNCTIONS(X)                                                                  \
  X(curl_global_init) X(curl_easy_init) X(curl_easy_cleanup) X(curl_easy_reset)            \
  X(curl_easy_setopt) X(curl_easy_getinfo) X(curl_easy_strerror) X(curl_multi_init)        \
  X(curl_multi_cleanup) X(curl_multi_add_handle) X(curl_multi_remove_handle)               \
  X(curl_multi_perform) X(curl_multi_poll) X(curl_multi_info_read) X(curl_slist_append)    \
  X(curl_slist_free_all)

#define LATE_DECLARE(name) extern __typeof__(name) *late_##name;
LATE_FUNCTIONS(LATE_DECLARE)

// Loads the library once. Returns 0, or -1 where it is not installed or lacks a function.
int late_curl_load(void);

// The shim calls the functions by their own names.
#ifndef LATE_DEFINITIONS
#define curl_easy_strerror (*late_curl_easy_strerror)
#define curl_global_init (*late_curl_global_init)
#define curl_easy_init (*late_curl_easy_init)
#define curl_easy_cleanup (*late_curl_easy_cleanup)
#define curl_easy_reset (*late_curl_easy_reset)
// Without variadic functions checked, curl.h wraps these two in macros of its own.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#define curl_easy_setopt (*late_curl_easy_setopt)
#define curl_easy_getinfo (*late_curl_easy_getinfo)
#define curl_easy_strerror (*late_curl_easy_strerror)
#define curl_multi_init (*late_curl_multi_init)
#define curl_multi_cleanup (*late_curl_multi_cleanup)
#define curl_multi_add_handle (*late_curl_multi_add_handle)
#define curl_multi_remove_handle (*late_curl_multi_remove_handle)
#define curl_multi_perform (*late_curl_multi_perform)
#define curl_multi_poll (*late_curl_multi_poll)
#define curl_multi_info_read (*late_curl_multi_info_read)
#define curl_slist_append (*late_curl_slist_append)
#define curl_slist_free_all (*late_curl_slist_free_all)
#endif

#endif
