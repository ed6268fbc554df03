#define _GNU_SOURCE
#include "CPlatform.h"

#include <sqlite3.h>
#include <sys/vfs.h>
#include <unistd.h>

int cplatform_no_checkpoint_on_close(struct sqlite3 *db, int off) {
  int now = 0;
  return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, off, &now);
}

int cplatform_defensive(struct sqlite3 *db) {
  int now = 0;
  return sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, &now);
}

int64_t cplatform_filesystem_magic(const char *path) {
  struct statfs info;
  if (statfs(path, &info) != 0) return -1;
  return (int64_t)info.f_type;
}

int64_t cplatform_next_data(int descriptor, int64_t offset) {
  return (int64_t)lseek(descriptor, (off_t)offset, SEEK_DATA);
}
