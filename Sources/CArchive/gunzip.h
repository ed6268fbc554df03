// A gzip file as a stream of blocks, with its checksums compared. A thread of its own inflates a few
// blocks ahead.
#ifndef GUNZIP_H
#define GUNZIP_H

#include <stddef.h>
#include <stdint.h>

typedef struct gunzip gunzip;

gunzip *gunzip_open(int descriptor);
void gunzip_close(gunzip *source);
// The next block, valid until the call after the next one; 0 at the end, -1 on failure.
ptrdiff_t gunzip_next(gunzip *source, const void **block);
const char *gunzip_failure(gunzip *source);
// Reads to the end. NULL where all bytes from offset `used` on are zeros and the file is whole; else
// what is wrong.
const char *gunzip_rest_problem(gunzip *source, int64_t used);

#endif
