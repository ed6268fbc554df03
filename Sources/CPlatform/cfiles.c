#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Without openat2 (an old kernel, a container that forbids it) every step is opened by itself, none of
// them through a link.
static int open_stepwise(int folder, const char *path, int flags, uint32_t mode) {
  char name[NAME_MAX + 1];
  int place = folder;
  for (;;) {
    size_t count = strcspn(path, "/");
    int is_last = path[count] == 0;
    int opened = -1;
    if (count > NAME_MAX || count == 0 || (count == 2 && path[0] == '.' && path[1] == '.')) {
      errno = count > NAME_MAX ? ENAMETOOLONG : EXDEV;
    } else {
      memcpy(name, path, count);
      name[count] = 0;
      int step = is_last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
      opened = openat(place, name, step, mode);
    }
    int code = errno;
    if (place != folder) close(place);
    errno = code;
    if (opened < 0 || is_last) return opened;
    place = opened;
    path += count + 1;
  }
}

int cplatform_open_beneath(int folder, const char *path, int flags, uint32_t mode) {
  struct open_how how = {
      .flags = (uint64_t)(unsigned)flags,
      .mode = mode,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  int opened = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
  if (opened >= 0 || (errno != ENOSYS && errno != EPERM)) return opened;
  return open_stepwise(folder, path, flags, mode);
}

int cplatform_exchange(int old_folder, const char *old_name, int new_folder, const char *new_name) {
  return renameat2(old_folder, old_name, new_folder, new_name, RENAME_EXCHANGE);
}

int cplatform_rename_new(int old_folder, const char *old_name, int new_folder, const char *new_name) {
  return renameat2(old_folder, old_name, new_folder, new_name, RENAME_NOREPLACE);
}

int cplatform_reflink(int source, int target) { return ioctl(target, FICLONE, source); }

void cplatform_start_writeback(int descriptor, int64_t offset, int64_t count) {
  sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}
