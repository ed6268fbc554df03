#include "CArchive.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

enum { INPUT_SIZE = 128 * 1024 };

struct carchive_inflater {
  int descriptor;
  int64_t offset;
  // Packed bytes that were not read yet.
  int64_t left;
  int is_deflated;
  int is_ended;
  uint32_t checksum;
  z_stream stream;
  unsigned char input[INPUT_SIZE];
};

carchive_inflater *carchive_inflater_open(int descriptor) {
  carchive_inflater *source = calloc(1, sizeof *source);
  if (!source) return NULL;
  source->descriptor = descriptor;
  if (inflateInit2(&source->stream, -15) == Z_OK) return source;
  free(source);
  return NULL;
}

void carchive_inflater_close(carchive_inflater *source) {
  if (!source) return;
  inflateEnd(&source->stream);
  free(source);
}

int carchive_inflater_start(carchive_inflater *source, int64_t offset, int64_t packed, int is_deflated) {
  source->offset = offset;
  source->left = packed;
  source->is_deflated = is_deflated;
  source->is_ended = 0;
  source->checksum = (uint32_t)crc32(0, NULL, 0);
  source->stream.avail_in = 0;
  return inflateReset(&source->stream) == Z_OK ? 0 : -1;
}

// Up to `count` of the packed bytes; 0 where none are left, -1 where the file ends early.
static ssize_t take(carchive_inflater *source, void *buffer, size_t count) {
  if ((int64_t)count > source->left) count = (size_t)source->left;
  if (count == 0) return 0;
  ssize_t got;
  do got = pread(source->descriptor, buffer, count, source->offset);
  while (got < 0 && errno == EINTR);
  if (got <= 0) return -1;
  source->offset += got;
  source->left -= got;
  return got;
}

static int64_t inflate_some(carchive_inflater *source, void *buffer, size_t count) {
  z_stream *stream = &source->stream;
  stream->next_out = buffer;
  stream->avail_out = (uInt)count;
  while (stream->avail_out && !source->is_ended) {
    if (!stream->avail_in) {
      ssize_t got = take(source, source->input, INPUT_SIZE);
      if (got <= 0) return -1;
      stream->next_in = source->input;
      stream->avail_in = (uInt)got;
    }
    int code = inflate(stream, Z_NO_FLUSH);
    if (code == Z_STREAM_END) source->is_ended = 1;
    else if (code != Z_OK) return -1;
  }
  // Packed bytes behind the stream's end would be seen by nobody.
  if (source->is_ended && (stream->avail_in || source->left)) return -1;
  return (int64_t)(count - stream->avail_out);
}

int64_t carchive_inflater_read(carchive_inflater *source, void *buffer, size_t count) {
  int64_t got;
  if (!source->is_deflated) got = take(source, buffer, count);
  else got = inflate_some(source, buffer, count);
  if (got > 0) source->checksum = (uint32_t)crc32(source->checksum, buffer, (uInt)got);
  return got;
}

uint32_t carchive_inflater_checksum(carchive_inflater *source) { return source->checksum; }
