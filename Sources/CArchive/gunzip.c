#include "gunzip.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

enum { INPUT_SIZE = 128 * 1024, BLOCK_SIZE = 256 * 1024 };

struct gunzip {
  int descriptor;
  off_t offset;
  z_stream stream;
  int is_ready;
  int is_ended;
  const char *failure;
  unsigned char input[INPUT_SIZE];
  // Two blocks: a reader may still look at the last one when it asks for the next.
  unsigned char blocks[2][BLOCK_SIZE];
  size_t counts[2];
  int current;
  int64_t produced;
};

gunzip *gunzip_open(int descriptor) {
  gunzip *source = calloc(1, sizeof *source);
  if (!source) return NULL;
  source->descriptor = descriptor;
  if (inflateInit2(&source->stream, 15 + 16) == Z_OK) {
    source->is_ready = 1;
    return source;
  }
  free(source);
  return NULL;
}

void gunzip_close(gunzip *source) {
  if (!source) return;
  if (source->is_ready) inflateEnd(&source->stream);
  free(source);
}

const char *gunzip_failure(gunzip *source) {
  return source->failure ? source->failure : "the gzip stream is damaged";
}

static int fail(gunzip *source, const char *why) {
  source->failure = why;
  return -1;
}

// Fills the input where it is used up: 1, or 0 at the end of the file.
static int refill(gunzip *source) {
  if (source->stream.avail_in) return 1;
  ssize_t got;
  do got = pread(source->descriptor, source->input, INPUT_SIZE, source->offset);
  while (got < 0 && errno == EINTR);
  if (got < 0) return fail(source, "the archive cannot be read");
  source->offset += got;
  source->stream.next_in = source->input;
  source->stream.avail_in = (uInt)got;
  return got > 0;
}

// After a member: another one may follow, or zeros, or the end of the file.
static int next_member(gunzip *source) {
  for (;;) {
    int more = refill(source);
    if (more < 0) return -1;
    if (more == 0) {
      source->is_ended = 1;
      return 0;
    }
    if (*source->stream.next_in == 0x1f) {
      return inflateReset(&source->stream) == Z_OK ? 0 : fail(source, "the gzip stream is damaged");
    }
    if (*source->stream.next_in != 0) return fail(source, "other bytes follow the gzip stream");
    source->stream.next_in++;
    source->stream.avail_in--;
  }
}

static int fill(gunzip *source, unsigned char *block) {
  source->stream.next_out = block;
  source->stream.avail_out = BLOCK_SIZE;
  while (source->stream.avail_out && !source->is_ended) {
    int more = refill(source);
    if (more < 0) return -1;
    if (more == 0) return fail(source, "the gzip stream is truncated");
    int code = inflate(&source->stream, Z_NO_FLUSH);
    if (code == Z_STREAM_END) {
      if (next_member(source) < 0) return -1;
    } else if (code != Z_OK) {
      return fail(source, source->produced || source->offset > INPUT_SIZE ? "the gzip stream is damaged"
                                                                        : "the file is not gzip, or it is damaged");
    }
  }
  return 0;
}

ptrdiff_t gunzip_next(gunzip *source, const void **block) {
  source->current = !source->current;
  unsigned char *bytes = source->blocks[source->current];
  source->counts[source->current] = 0;
  if (source->failure || fill(source, bytes) < 0) return -1;
  size_t count = BLOCK_SIZE - source->stream.avail_out;
  source->counts[source->current] = count;
  source->produced += (int64_t)count;
  *block = bytes;
  return (ptrdiff_t)count;
}

static int has_data(const unsigned char *bytes, size_t count) {
  for (size_t index = 0; index < count; index++)
    if (bytes[index]) return 1;
  return 0;
}

const char *gunzip_rest_problem(gunzip *source, int64_t used) {
  static const char *const more = "other bytes follow the end of the archive";
  int64_t end = source->produced;
  for (int age = 0; age < 2; age++) {
    int which = age ? !source->current : source->current;
    int64_t start = end - (int64_t)source->counts[which];
    int64_t from = used > start ? used : start;
    if (from < end && has_data(source->blocks[which] + (from - start), (size_t)(end - from))) return more;
    end = start;
  }
  if (used < end) return more;
  const void *block = NULL;
  ptrdiff_t count;
  while ((count = gunzip_next(source, &block)) > 0)
    if (has_data(block, (size_t)count)) return more;
  return count < 0 ? gunzip_failure(source) : NULL;
}
