#define _GNU_SOURCE
#include "CArchive.h"

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gunzip.h"
#include "late.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int load_code;
static locale_t utf8;

static void load(void) {
  load_code = late_archive_load();
  utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

int carchive_is_available(void) {
  pthread_once(&once, load);
  return load_code == 0;
}

// libarchive turns names that are declared as UTF-8 into the thread's locale, and complains where that
// has no such letters. The process's own locale stays as it is.
static locale_t enter(void) { return utf8 ? uselocale(utf8) : (locale_t)0; }

static void leave(locale_t before) {
  if (before) uselocale(before);
}

struct carchive_reader {
  struct archive *archive;
  struct archive_entry *entry;
  gunzip *source;
  carchive_watch watch;
  void *context;
  const char *own_failure;
};

static la_ssize_t read_source(struct archive *archive, void *context, const void **block) {
  carchive_reader *reader = context;
  ptrdiff_t count = gunzip_next(reader->source, block);
  if (count < 0)
    archive_set_error(archive, EILSEQ, "%s", gunzip_failure(reader->source));
  if (count > 0 && reader->watch && reader->watch(reader->context, *block, (size_t)count)) {
    archive_set_error(archive, EILSEQ, "the archive breaks a rule");
    return ARCHIVE_FATAL;
  }
  return count < 0 ? ARCHIVE_FATAL : (la_ssize_t)count;
}

// libarchive's own gzip filter does not compare the checksum, so the bytes come through ours.
static int open_gzip(carchive_reader *reader, int descriptor, int format) {
  reader->source = gunzip_open(descriptor);
  if (!reader->source) return ARCHIVE_FATAL;
  int code = format == CARCHIVE_TAR_GZ ? archive_read_support_format_tar(reader->archive)
                                       : archive_read_support_format_raw(reader->archive);
  if (code == ARCHIVE_OK) code = archive_read_open(reader->archive, reader, NULL, read_source, NULL);
  return code;
}

carchive_reader *carchive_open(int descriptor, int format, carchive_watch watch, void *context) {
  pthread_once(&once, load);
  if (load_code) return NULL;
  carchive_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->watch = watch;
  reader->context = context;
  locale_t before = enter();
  reader->archive = archive_read_new();
  int code = ARCHIVE_FATAL;
  if (reader->archive)
    code = open_gzip(reader, descriptor, format);
  leave(before);
  // What libarchive refused at its opening is told at the first entry.
  if (reader->archive && code != ARCHIVE_OK) {
    const char *failure = archive_error_string(reader->archive);
    reader->own_failure = failure ? failure : "not an archive of this kind";
  }
  if (reader->archive) return reader;
  carchive_close(reader);
  return NULL;
}

void carchive_close(carchive_reader *reader) {
  if (!reader) return;
  if (reader->archive) archive_read_free(reader->archive);
  gunzip_close(reader->source);
  free(reader);
}

// A second tar behind the first, or other bytes, would be seen by one program and not by another.
static int end(carchive_reader *reader) {
  if (!reader->source) return CARCHIVE_END;
  reader->own_failure = gunzip_rest_problem(reader->source, archive_filter_bytes(reader->archive, 0));
  return reader->own_failure ? CARCHIVE_FAILED : CARCHIVE_END;
}

int carchive_next(carchive_reader *reader) {
  if (reader->own_failure) return CARCHIVE_FAILED;
  locale_t before = enter();
  int code = archive_read_next_header(reader->archive, &reader->entry);
  leave(before);
  if (code == ARCHIVE_OK || code == ARCHIVE_WARN) return CARCHIVE_ENTRY;
  return code == ARCHIVE_EOF ? end(reader) : CARCHIVE_FAILED;
}

int64_t carchive_read(carchive_reader *reader, void *buffer, size_t count) {
  la_ssize_t got = archive_read_data(reader->archive, buffer, count);
  return got < 0 ? -1 : (int64_t)got;
}

int carchive_type(carchive_reader *reader) {
  locale_t before = enter();
  int is_hard_link = archive_entry_hardlink(reader->entry) != NULL;
  leave(before);
  if (is_hard_link) return CARCHIVE_HARD_LINK;
  switch (archive_entry_filetype(reader->entry)) {
    case AE_IFREG: return CARCHIVE_FILE;
    case AE_IFDIR: return CARCHIVE_FOLDER;
    case AE_IFLNK: return CARCHIVE_SYMBOLIC_LINK;
    default: return CARCHIVE_OTHER;
  }
}

int64_t carchive_position(carchive_reader *reader) {
  return archive_read_header_position(reader->archive);
}

static const char *text(const char *found) { return found ? found : ""; }

const char *carchive_failure(carchive_reader *reader) {
  if (reader->own_failure) return reader->own_failure;
  return text(archive_error_string(reader->archive));
}

int64_t carchive_size(carchive_reader *reader) {
  return archive_entry_size_is_set(reader->entry) ? archive_entry_size(reader->entry) : -1;
}
