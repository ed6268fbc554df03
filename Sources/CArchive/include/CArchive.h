// libarchive as a reader only, behind plain functions: nothing here writes to the file system.
#ifndef CARCHIVE_H
#define CARCHIVE_H

#include <stddef.h>
#include <stdint.h>

typedef struct carchive_reader carchive_reader;

enum { CARCHIVE_ZIP = 1, CARCHIVE_TAR_GZ = 2, CARCHIVE_GZIP = 3 };
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

// Moves to the next entry: CARCHIVE_ENTRY, CARCHIVE_END or CARCHIVE_FAILED. A warning counts as
// a failure, and so does anything but zeros behind the end of a tar.
int carchive_next(carchive_reader *reader);
// Up to `count` bytes of the entry's content, 0 at its end, -1 on failure. Holes are read as zeros.
int64_t carchive_read(carchive_reader *reader, void *buffer, size_t count);

int carchive_type(carchive_reader *reader);
// Where the entry's first header starts in the unpacked archive.
int64_t carchive_position(carchive_reader *reader);
// Bytes of the name, the link's target, and what failed; empty where there is none. Names that the
// archive declares as UTF-8 are UTF-8 whatever the locale, others are as stored. Valid until the next
// call that moves on.
const char *carchive_name(carchive_reader *reader);
const char *carchive_target(carchive_reader *reader);
const char *carchive_failure(carchive_reader *reader);
// Permission bits as stored.
uint32_t carchive_mode(carchive_reader *reader);
// The declared size, or -1 where the archive does not say.
int64_t carchive_size(carchive_reader *reader);
int carchive_is_encrypted(carchive_reader *reader);

#endif
