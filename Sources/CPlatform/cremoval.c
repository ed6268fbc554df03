#define _GNU_SOURCE
#include "CPlatform.h"
#include "interrupted.h"
#include "stepwise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// Newer than the headers of Debian 12.
#define MOUNT_ID 0x1000U

int cplatform_entry_look(int folder, const char *name, struct cplatform_entry *entry) {
  struct statx info;
  int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (name[0] ? 0 : AT_EMPTY_PATH);
  if (UNINTERRUPTED(statx(folder, name, flags, STATX_BASIC_STATS | MOUNT_ID, &info)) != 0)
    return -1;
  entry->device = (uint64_t)makedev(info.stx_dev_major, info.stx_dev_minor);
  entry->inode = info.stx_ino;
  entry->mount = info.stx_mask & MOUNT_ID ? info.stx_mnt_id : 0;
  entry->links = info.stx_nlink;
  entry->size = (int64_t)info.stx_size;
  entry->blocks = (int64_t)info.stx_blocks;
  entry->modified = (struct cplatform_time){info.stx_mtime.tv_sec, info.stx_mtime.tv_nsec};
  entry->mode = info.stx_mode;
  entry->owner = info.stx_uid;
  entry->is_fixed = (info.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
  return 0;
}

#define HOLD (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int cplatform_hold(int folder, const char *name) {
  return UNINTERRUPTED(openat(folder, name, HOLD));
}

static int is_same_mount(int first, int second) {
  struct cplatform_entry a, b;
  if (cplatform_entry_look(first, "", &a) != 0 || cplatform_entry_look(second, "", &b) != 0) return 0;
  return a.mount && b.mount ? a.mount == b.mount : a.device == b.device;
}

static int hold_step(int place, const char *name, int is_last, const void *enters_mounts) {
  (void)is_last;
  int opened = UNINTERRUPTED(openat(place, name, HOLD));
  if (opened < 0) {
    struct cplatform_entry entry;
    int code = errno;
    int is_link = code == ENOTDIR && cplatform_entry_look(place, name, &entry) == 0 &&
                  S_ISLNK(entry.mode);
    errno = is_link ? ELOOP : code;
    return -1;
  }
  if (*(const int *)enters_mounts || is_same_mount(place, opened)) return opened;
  close(opened);
  errno = EXDEV;
  return -1;
}

int cplatform_hold_jailed(int folder, const char *path, int enters_mounts) {
  uint64_t jail = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  // Without O_NOFOLLOW: a link at the end is ELOOP by itself then.
  uint64_t flags = (uint64_t)(unsigned)(HOLD & ~O_NOFOLLOW);
  struct open_how how = {.flags = flags, .resolve = enters_mounts ? jail : jail | RESOLVE_NO_XDEV};
  int opened = (int)UNINTERRUPTED(syscall(SYS_openat2, folder, path, &how, sizeof how));
  if (opened >= 0 || (errno != ENOSYS && errno != EPERM)) return opened;
  return cplatform_open_stepwise(folder, path, hold_step, &enters_mounts);
}

int cplatform_hold_within(const char *root, const char *path) {
  int folder = UNINTERRUPTED(open(root, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (folder < 0) return -1;
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
  int held = (int)UNINTERRUPTED(syscall(SYS_openat2, folder, path, &how, sizeof how));
  int code = errno;
  close(folder);
  errno = code;
  return held;
}
