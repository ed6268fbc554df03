// SHA-256 in two forms: OpenSSL's libcrypto for files of any size, and a plain one for short texts.
#ifndef CCRYPTO_H
#define CCRYPTO_H

#include <stddef.h>
#include <stdint.h>

enum { CCRYPTO_SHA256_BYTES = 32 };

// Loads libcrypto at the first call. 1 where it can be used, 0 where it is not installed.
int ccrypto_is_available(void);

struct ccrypto_hash;
// A hash that has seen nothing yet; NULL without libcrypto or memory.
struct ccrypto_hash *ccrypto_hash_new(void);
// 1, or 0 where libcrypto refuses.
int ccrypto_hash_update(struct ccrypto_hash *hash, const void *bytes, size_t count);
// Writes the 32 bytes of the hash; 1, or 0 where libcrypto refuses. Free it afterwards.
int ccrypto_hash_finish(struct ccrypto_hash *hash, uint8_t *digest);
void ccrypto_hash_free(struct ccrypto_hash *hash);

// The hash of a text in memory, without libcrypto.
void ccrypto_short_hash(const void *bytes, size_t count, uint8_t *digest);

#endif
