#include "CCrypto.h"

#include <dlfcn.h>
#include <pthread.h>

// libcrypto is loaded at first use: 1.3 ms, and 2.3 ms more until its first hash, which is more than half
// of what `cachescope status` takes.

// Its functions as OpenSSL 1.1 and later declare them; declared here, so that no header is needed.
static struct {
  struct ccrypto_hash *(*create)(void);
  void (*destroy)(struct ccrypto_hash *);
  const void *(*sha256)(void);
  int (*start)(struct ccrypto_hash *, const void *algorithm, void *engine);
  int (*update)(struct ccrypto_hash *, const void *, size_t);
  int (*finish)(struct ccrypto_hash *, unsigned char *, unsigned *);
} crypto;

static int is_loaded;

static int find(void *library, const char *name, void *function) {
  void *found = dlsym(library, name);
  // ISO C has no cast from data to functions.
  *(void **)function = found;
  return found != 0;
}

static void load(void) {
  static const char *const names[] = {"libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"};
  void *library = 0;
  for (unsigned i = 0; !library && i < sizeof names / sizeof *names; i++)
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  is_loaded = library && find(library, "EVP_MD_CTX_new", &crypto.create) &&
              find(library, "EVP_MD_CTX_free", &crypto.destroy) &&
              find(library, "EVP_sha256", &crypto.sha256) &&
              find(library, "EVP_DigestInit_ex", &crypto.start) &&
              find(library, "EVP_DigestUpdate", &crypto.update) &&
              find(library, "EVP_DigestFinal_ex", &crypto.finish);
}

int ccrypto_is_available(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return is_loaded;
}

struct ccrypto_hash *ccrypto_hash_new(void) {
  if (!ccrypto_is_available()) return 0;
  struct ccrypto_hash *hash = crypto.create();
  if (hash && crypto.start(hash, crypto.sha256(), 0) != 1) {
    crypto.destroy(hash);
    return 0;
  }
  return hash;
}

int ccrypto_hash_update(struct ccrypto_hash *hash, const void *bytes, size_t count) {
  return crypto.update(hash, bytes, count) == 1;
}

int ccrypto_hash_finish(struct ccrypto_hash *hash, uint8_t *digest) {
  unsigned count = 0;
  return crypto.finish(hash, digest, &count) == 1 && count == CCRYPTO_SHA256_BYTES;
}

void ccrypto_hash_free(struct ccrypto_hash *hash) { crypto.destroy(hash); }
