#include "CCurl.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "late.h"

struct ccurl_handle {
  CURLM *multi;
  CURL *easy;
  struct curl_slist *headers;
  int is_added;
  ccurl_sink on_header;
  ccurl_sink on_body;
  void *context;
  CURLcode last;
  char failure[CURL_ERROR_SIZE];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static int load_code;

// libcurl reads host names in the thread's locale, and ours are UTF-8 whatever the user's is.
static locale_t utf8;

static void initialise(void) {
  utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  load_code = late_curl_load();
  if (!load_code) curl_global_init(CURL_GLOBAL_DEFAULT);
}

ccurl_handle *ccurl_open(void) {
  pthread_once(&once, initialise);
  if (load_code) return NULL;
  ccurl_handle *handle = calloc(1, sizeof *handle);
  if (!handle) return NULL;
  handle->multi = curl_multi_init();
  handle->easy = curl_easy_init();
  if (handle->multi && handle->easy) return handle;
  ccurl_close(handle);
  return NULL;
}

void ccurl_close(ccurl_handle *handle) {
  if (!handle) return;
  ccurl_end(handle);
  if (handle->easy) curl_easy_cleanup(handle->easy);
  if (handle->multi) curl_multi_cleanup(handle->multi);
  free(handle);
}

// Redirects are followed by the caller, hop by hop: only it can see loops and downgrades.
static CURLcode set_limits(CURL *easy, const ccurl_request *request) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  if (!code) code = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  // A cancelled transfer does not wait for a name server that does not answer.
  if (!code) code = curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  // The answer of a proxy to CONNECT is not an answer of the server.
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // Refused after a transfer that ended before it began, whose buffer is still there and does as well.
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 512L * 1024L);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)request->low_speed_bytes);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)request->low_speed_seconds);
  return code;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *handle) {
  ccurl_handle *own = handle;
  return own->on_header(own->context, bytes, size * count);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *handle) {
  ccurl_handle *own = handle;
  return own->on_body(own->context, bytes, size * count);
}

static CURLcode set_request(ccurl_handle *handle, const ccurl_request *request) {
  CURL *easy = handle->easy;
  CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, request->url);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_USERAGENT, "cachescope");
  if (!code) code = curl_easy_setopt(easy, CURLOPT_RANGE, request->range);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, handle->headers);
  if (!code && request->proxy) code = curl_easy_setopt(easy, CURLOPT_PROXY, request->proxy);
  if (!code && request->ca_file) code = curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
  if (!code && request->ca_folder) code = curl_easy_setopt(easy, CURLOPT_CAPATH, request->ca_folder);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, handle);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, handle);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handle->failure);
  return code;
}

static int add_header(ccurl_handle *handle, const char *line) {
  struct curl_slist *longer = curl_slist_append(handle->headers, line);
  if (!longer) return CURLE_OUT_OF_MEMORY;
  handle->headers = longer;
  return CURLE_OK;
}

int ccurl_begin(ccurl_handle *handle, const ccurl_request *request) {
  ccurl_end(handle);
  // Connections survive a reset; options of the last request do not.
  curl_easy_reset(handle->easy);
  memset(handle->failure, 0, sizeof handle->failure);
  handle->on_header = request->on_header;
  handle->on_body = request->on_body;
  handle->context = request->context;
  int code = add_header(handle, "Accept-Encoding: identity");
  if (!code) code = add_header(handle, "Accept: */*");
  if (!code && request->if_range) code = add_header(handle, request->if_range);
  if (!code) code = set_limits(handle->easy, request);
  if (!code) code = set_request(handle, request);
  if (!code && curl_multi_add_handle(handle->multi, handle->easy) != CURLM_OK) code = CURLE_FAILED_INIT;
  handle->last = code;
  if (code) return code;
  handle->is_added = 1;
  return CURLE_OK;
}

static int result_of(ccurl_handle *handle, int *code) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(handle->multi, &left))) {
    if (message->msg != CURLMSG_DONE) continue;
    handle->last = message->data.result;
    *code = handle->last;
    return 0;
  }
  return -1;
}

static CURLMcode perform(CURLM *multi, int *running) {
  locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
  CURLMcode code = curl_multi_perform(multi, running);
  if (before) uselocale(before);
  return code;
}

int ccurl_work(ccurl_handle *handle, int wait_ms, int *code) {
  int running = 0;
  if (perform(handle->multi, &running) != CURLM_OK) return -1;
  if (!running) return result_of(handle, code);
  if (curl_multi_poll(handle->multi, NULL, 0, wait_ms, NULL) != CURLM_OK) return -1;
  return 1;
}

void ccurl_end(ccurl_handle *handle) {
  if (handle->is_added) curl_multi_remove_handle(handle->multi, handle->easy);
  handle->is_added = 0;
  curl_slist_free_all(handle->headers);
  handle->headers = NULL;
}

long ccurl_status(ccurl_handle *handle) {
  long status = 0;
  curl_easy_getinfo(handle->easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

int64_t ccurl_retry_after(ccurl_handle *handle) {
  curl_off_t seconds = 0;
  curl_easy_getinfo(handle->easy, CURLINFO_RETRY_AFTER, &seconds);
  return (int64_t)seconds;
}

const char *ccurl_redirect(ccurl_handle *handle) {
  char *url = NULL;
  curl_easy_getinfo(handle->easy, CURLINFO_REDIRECT_URL, &url);
  return url;
}

const char *ccurl_failure(ccurl_handle *handle) {
  return handle->failure[0] ? handle->failure : curl_easy_strerror(handle->last);
}

long ccurl_proxy_status(ccurl_handle *handle) {
  long status = 0;
  curl_easy_getinfo(handle->easy, CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}

int ccurl_is_too_long(int code) {
  // CURLE_TOO_LARGE is younger than the headers that we are built with may be.
  return code == CURLE_OUT_OF_MEMORY || code == 100;
}

int ccurl_class(int code) {
  switch (code) {
    case CURLE_OK:
      return CCURL_OK;
    case CURLE_WRITE_ERROR:
      return CCURL_STOPPED;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return CCURL_CERTIFICATE;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return CCURL_UNCONNECTED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return CCURL_TRANSIENT;
    default:
      return CCURL_PERMANENT;
  }
}
