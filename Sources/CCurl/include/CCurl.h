// libcurl behind plain functions: one transfer at a time on a handle that keeps its connections.
#ifndef CCURL_H
#define CCURL_H

#include <stddef.h>
#include <stdint.h>

typedef struct ccurl_handle ccurl_handle;

// Called for every header line and every piece of the body; another count than `count` stops the
// transfer.
typedef size_t (*ccurl_sink)(void *context, const char *bytes, size_t count);

// What one request needs. Texts are borrowed until the transfer has ended; NULL means unset.
typedef struct {
  const char *url;
  const char *range;          // "N-"
  const char *if_range;       // "If-Range: ..." in full
  const char *proxy;
  const char *ca_file;
  const char *ca_folder;
  int connect_timeout_ms;
  int low_speed_bytes;        // per second
  int low_speed_seconds;
  ccurl_sink on_header;
  ccurl_sink on_body;
  void *context;
} ccurl_request;

// Makes a handle, or returns NULL where libcurl is not installed or memory is short.
ccurl_handle *ccurl_open(void);
void ccurl_close(ccurl_handle *handle);

// Begins a GET. Returns 0, or a libcurl code.
int ccurl_begin(ccurl_handle *handle, const ccurl_request *request);
// Works for at most wait_ms. Returns 1 while the transfer runs, 0 when it has ended, -1 where libcurl
// itself failed. *code is libcurl's result once it has ended.
int ccurl_work(ccurl_handle *handle, int wait_ms, int *code);
// Ends the transfer, finished or not; the handle can begin the next one.
void ccurl_end(ccurl_handle *handle);

long ccurl_status(ccurl_handle *handle);
// Seconds that the server asked to wait, 0 where it did not.
int64_t ccurl_retry_after(ccurl_handle *handle);
// Where a 3xx points to, made absolute; NULL where it points nowhere. Valid until ccurl_end.
const char *ccurl_redirect(ccurl_handle *handle);
// What libcurl says of the last failure; never NULL. Valid until the next ccurl_begin.
const char *ccurl_failure(ccurl_handle *handle);
// The code of a failed proxy handshake, or 0.
long ccurl_proxy_status(ccurl_handle *handle);

// What a result code means for a caller that decides whether to try again.
enum {
  CCURL_OK = 0,
  CCURL_TRANSIENT = 1,   // connection, name service, cut, timeout
  CCURL_STOPPED = 2,     // a sink refused its bytes
  CCURL_CERTIFICATE = 3, // the peer did not prove who it is
  CCURL_PERMANENT = 4,
  CCURL_UNCONNECTED = 5, // no connection to the server, or to the proxy that stands before it
};
// True for the codes with which libcurl refuses a line of a head that is too long.
int ccurl_is_too_long(int code);

int ccurl_class(int code);

#endif
