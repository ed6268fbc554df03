// Readers of archives behind plain functions: libarchive for tars, zlib for the entries of a zip. Nothing
// here writes to the file system.
#ifndef CARCHIVE_H
#define CARCHIVE_H

#include <stddef.h>
#include <stdint.h>

typedef struct carchive_reader carchive_reader;

// Loads libarchive at the first call. 1 where it can be used, 0 where it is not installed.
int carchive_is_available(void);

enum { CARCHIVE_TAR_GZ = 2, CARCHIVE_GZIP = 3 };
enum { CARCHIVE_ENTRY = 1, CARCHIVE_END = 0, CARCHIVE_FAILED = -1 };
enum {
  CARCHIVE_FILE = 1,
  CARCHIVE_FOLDER = 2,
  CARCHIVE_SYMBOLIC_LINK = 3,
  CARCHIVE_HARD_LINK = 4,
  CARCHIVE_OTHER = 5,
};

// Is shown every block of a tar, unpacked, before libarchive reads it; anything but 0 ends the reading.
typedef int (*carchive_watch)(void *context, const void *block, size_t count);

// Opens an archive of exactly that format on a descriptor, which stays the caller's. NULL where memory
// is short; a file of another kind fails at the first entry. `watch` may be NULL.
carchive_reader *carchive_open(int descriptor, int format, carchive_watch watch, void *context);
void carchive_close(carchive_reader *reader);

// Moves to the next entry: CARCHIVE_ENTRY, CARCHIVE_END or CARCHIVE_FAILED. Anything but zeros behind
// the end of a tar counts as a failure; a warning does not, since it is about names and attributes that
// nobody takes from here.
int carchive_next(carchive_reader *reader);
// Up to `count` bytes of the entry's content, 0 at its end, -1 on failure. Holes are read as zeros.
int64_t carchive_read(carchive_reader *reader, void *buffer, size_t count);

int carchive_type(carchive_reader *reader);
// Where the entry's first header starts in the unpacked archive.
int64_t carchive_position(carchive_reader *reader);
// What failed; valid until the next call that moves on.
const char *carchive_failure(carchive_reader *reader);
// The declared size, or -1 where the archive does not say.
int64_t carchive_size(carchive_reader *reader);

// The content of one entry of a zip after the other, stored or deflated, with its checksum.
typedef struct carchive_inflater carchive_inflater;

// NULL where memory is short. The descriptor stays the caller's.
carchive_inflater *carchive_inflater_open(int descriptor);
void carchive_inflater_close(carchive_inflater *source);
// Goes to the entry whose `packed` bytes lie at `offset`. 0, or -1 where that cannot be.
int carchive_inflater_start(carchive_inflater *source, int64_t offset, int64_t packed, int is_deflated);
// Up to `count` bytes of the content, 0 at its end, -1 where it is damaged.
int64_t carchive_inflater_read(carchive_inflater *source, void *buffer, size_t count);
// CRC-32 of what was read since the start.
uint32_t carchive_inflater_checksum(carchive_inflater *source);

#endif
