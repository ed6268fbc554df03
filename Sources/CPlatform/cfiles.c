#define _GNU_SOURCE
#include "CPlatform.h"
#include "interrupted.h"
#include "stepwise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int cplatform_open_stepwise(int folder, const char *path, step_opener open, const void *terms) {
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
      opened = open(place, name, is_last, terms);
    }
    int code = errno;
    if (place != folder) close(place);
    errno = code;
    if (opened < 0 || is_last) return opened;
    place = opened;
    path += count + 1;
  }
}

struct last_open {
  int flags;
  uint32_t mode;
};

// No step is opened through a link.
static int open_step(int place, const char *name, int is_last, const void *terms) {
  const struct last_open *last = terms;
  int above = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  return UNINTERRUPTED(
      openat(place, name, is_last ? last->flags | O_NOFOLLOW : above, last->mode));
}

int cplatform_open_beneath(int folder, const char *path, int flags, uint32_t mode) {
  struct open_how how = {
      .flags = (uint64_t)(unsigned)flags,
      .mode = mode,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  int opened = (int)UNINTERRUPTED(syscall(SYS_openat2, folder, path, &how, sizeof how));
  if (opened >= 0 || (errno != ENOSYS && errno != EPERM)) return opened;
  struct last_open last = {.flags = flags, .mode = mode};
  return cplatform_open_stepwise(folder, path, open_step, &last);
}

// The kernel's number of the mount that a descriptor lies on, or -1.
static long mount_of(int descriptor) {
  char path[64];
  char line[128];
  long found = -1;
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", descriptor);
  FILE *file = fopen(path, "re");
  if (!file) return -1;
  while (found < 0 && fgets(line, sizeof line, file))
    if (sscanf(line, "mnt_id: %ld", &found) != 1) found = -1;
  fclose(file);
  return found;
}

static int open_same_mount(int folder, const char *name) {
  int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  struct open_how how = {
      .flags = (uint64_t)(unsigned)flags,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
  };
  int opened = (int)UNINTERRUPTED(syscall(SYS_openat2, folder, name, &how, sizeof how));
  if (opened >= 0 || (errno != ENOSYS && errno != EPERM)) return opened;
  opened = UNINTERRUPTED(openat(folder, name, flags));
  if (opened < 0) return -1;
  long mount = mount_of(opened);
  if (mount >= 0 && mount == mount_of(folder)) return opened;
  close(opened);
  errno = EXDEV;
  return -1;
}

int cplatform_open_to_empty(int folder, const char *name) {
  char place[64];
  if (strchr(name, '/') || !strcmp(name, "..")) {
    errno = EXDEV;
    return -1;
  }
  int found = open_same_mount(folder, name);
  if (found < 0) return -1;
  snprintf(place, sizeof place, "/proc/self/fd/%d", found);
  if (UNINTERRUPTED(faccessat(AT_FDCWD, place, R_OK | W_OK | X_OK, AT_EACCESS)) != 0)
    (void)UNINTERRUPTED(chmod(place, 0700));
  int opened = UNINTERRUPTED(openat(found, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  int code = errno;
  close(found);
  errno = code;
  return opened;
}

int cplatform_exchange(int old_folder, const char *old_name, int new_folder, const char *new_name) {
  return UNINTERRUPTED(renameat2(old_folder, old_name, new_folder, new_name, RENAME_EXCHANGE));
}

int cplatform_rename_new(int old_folder, const char *old_name, int new_folder, const char *new_name) {
  return UNINTERRUPTED(renameat2(old_folder, old_name, new_folder, new_name, RENAME_NOREPLACE));
}

int cplatform_reflink(int source, int target) {
  return UNINTERRUPTED(ioctl(target, FICLONE, source));
}

void cplatform_start_writeback(int descriptor, int64_t offset, int64_t count) {
  sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

void cplatform_await_writeback(int descriptor, int64_t offset, int64_t count) {
  // Whether it fails does not matter: the fsync that follows tells.
  sync_file_range(descriptor, offset, count,
                  SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

int cplatform_sync_file_system(int descriptor) {
  return UNINTERRUPTED(syncfs(descriptor));
}
