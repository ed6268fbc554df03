#include "gunzip.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

// The thread is worth its lines: 47 MB of gzip were inflated and written in 0.9 to 1.4 s with it, and in
// 2.1 to 2.9 s without, for the same CPU time (two busy cores).
enum { INPUT_SIZE = 128 * 1024, BLOCK_SIZE = 256 * 1024, BLOCK_COUNT = 6 };
// Blocks that stay as they are after they were handed out: a reader may still look at the last one when
// it asks for the next.
enum { HELD_COUNT = 2 };

struct gunzip {
  // The side that inflates: the thread's alone while there is one.
  int descriptor;
  off_t offset;
  z_stream stream;
  int is_ready;
  int is_ended;
  int64_t inflated;
  const char *problem;
  unsigned char input[INPUT_SIZE];

  // Between the two sides, under the lock. Block n is at n % BLOCK_COUNT.
  pthread_mutex_t lock;
  pthread_cond_t changed;
  unsigned char blocks[BLOCK_COUNT][BLOCK_SIZE];
  size_t counts[BLOCK_COUNT];
  int64_t filled;
  int64_t taken;
  int is_finished;
  int is_stopped;

  // The side that reads.
  pthread_t thread;
  int has_thread;
  const char *failure;
  int64_t produced;
};

static void *inflate_all(void *context);

gunzip *gunzip_open(int descriptor) {
  gunzip *source = calloc(1, sizeof *source);
  if (!source) return NULL;
  source->descriptor = descriptor;
  if (inflateInit2(&source->stream, 15 + 16) == Z_OK) {
    source->is_ready = 1;
    pthread_mutex_init(&source->lock, NULL);
    pthread_cond_init(&source->changed, NULL);
    // Without a thread the reader inflates by itself, block by block.
    source->has_thread = pthread_create(&source->thread, NULL, inflate_all, source) == 0;
    return source;
  }
  free(source);
  return NULL;
}

void gunzip_close(gunzip *source) {
  if (!source) return;
  if (source->has_thread) {
    pthread_mutex_lock(&source->lock);
    source->is_stopped = 1;
    pthread_cond_signal(&source->changed);
    pthread_mutex_unlock(&source->lock);
    pthread_join(source->thread, NULL);
  }
  if (source->is_ready) inflateEnd(&source->stream);
  pthread_cond_destroy(&source->changed);
  pthread_mutex_destroy(&source->lock);
  free(source);
}

const char *gunzip_failure(gunzip *source) {
  return source->failure ? source->failure : "the gzip stream is damaged";
}

static int fail(gunzip *source, const char *why) {
  source->problem = why;
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
      return fail(source, source->inflated || source->offset > INPUT_SIZE ? "the gzip stream is damaged"
                                                                        : "the file is not gzip, or it is damaged");
    }
  }
  return 0;
}

// Inflates one block into a slot that nobody looks at; 0 after the last one.
static int inflate_block(gunzip *source) {
  int slot = (int)(source->filled % BLOCK_COUNT);
  int code = fill(source, source->blocks[slot]);
  size_t count = BLOCK_SIZE - source->stream.avail_out;
  pthread_mutex_lock(&source->lock);
  if (code < 0 || count == 0) {
    source->is_finished = 1;
  } else {
    source->counts[slot] = count;
    source->inflated += (int64_t)count;
    source->filled++;
  }
  int goes_on = !source->is_finished;
  pthread_cond_signal(&source->changed);
  pthread_mutex_unlock(&source->lock);
  return goes_on;
}

static int wait_for_slot(gunzip *source) {
  pthread_mutex_lock(&source->lock);
  while (source->filled - source->taken >= BLOCK_COUNT - HELD_COUNT && !source->is_stopped)
    pthread_cond_wait(&source->changed, &source->lock);
  int goes_on = !source->is_stopped;
  pthread_mutex_unlock(&source->lock);
  return goes_on;
}

static void *inflate_all(void *context) {
  gunzip *source = context;
  while (wait_for_slot(source) && inflate_block(source)) continue;
  return NULL;
}

ptrdiff_t gunzip_next(gunzip *source, const void **block) {
  if (source->failure) return -1;
  if (!source->has_thread && !source->is_finished) inflate_block(source);
  pthread_mutex_lock(&source->lock);
  while (source->filled == source->taken && !source->is_finished)
    pthread_cond_wait(&source->changed, &source->lock);
  if (source->filled == source->taken) {
    source->failure = source->problem;
    pthread_mutex_unlock(&source->lock);
    return source->failure ? -1 : 0;
  }
  int slot = (int)(source->taken++ % BLOCK_COUNT);
  pthread_cond_signal(&source->changed);
  pthread_mutex_unlock(&source->lock);
  source->produced += (int64_t)source->counts[slot];
  *block = source->blocks[slot];
  return (ptrdiff_t)source->counts[slot];
}

static int has_data(const unsigned char *bytes, size_t count) {
  for (size_t index = 0; index < count; index++)
    if (bytes[index]) return 1;
  return 0;
}

const char *gunzip_rest_problem(gunzip *source, int64_t used) {
  static const char *const more = "other bytes follow the end of the archive";
  int64_t end = source->produced;
  for (int64_t age = 1; age <= HELD_COUNT && age <= source->taken; age++) {
    int slot = (int)((source->taken - age) % BLOCK_COUNT);
    int64_t start = end - (int64_t)source->counts[slot];
    int64_t from = used > start ? used : start;
    if (from < end && has_data(source->blocks[slot] + (from - start), (size_t)(end - from))) return more;
    end = start;
  }
  if (used < end) return more;
  const void *block = NULL;
  ptrdiff_t count;
  while ((count = gunzip_next(source, &block)) > 0)
    if (has_data(block, (size_t)count)) return more;
  return count < 0 ? gunzip_failure(source) : NULL;
}
