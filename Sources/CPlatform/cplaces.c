#define _GNU_SOURCE
#include "CPlatform.h"
#include "interrupted.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Newer than the headers of Debian 12.
#define MOUNT_ID 0x1000U
#define MOUNT_ID_UNIQUE 0x4000U
struct file_system_uuid {
  uint8_t length;
  uint8_t bytes[16];
};
#define GET_UUID _IOR(0x15, 0, struct file_system_uuid)
#define XFS_GEOMETRY_SIZE 112
#define XFS_GEOMETRY_UUID 64
#define XFS_GET_GEOMETRY _IOC(_IOC_READ, 'X', 100, XFS_GEOMETRY_SIZE)

static void take_stat(const struct stat *info, struct cplatform_file *file) {
  file->device = (uint64_t)info->st_dev;
  file->inode = (uint64_t)info->st_ino;
  file->size = (int64_t)info->st_size;
  file->modified = (struct cplatform_time){info->st_mtim.tv_sec, info->st_mtim.tv_nsec};
  file->changed = (struct cplatform_time){info->st_ctim.tv_sec, info->st_ctim.tv_nsec};
  file->links = (uint64_t)info->st_nlink;
  file->mount = 0;
  file->is_mount_unique = 0;
}

static struct cplatform_time time_of(const struct statx_timestamp *stamp) {
  return (struct cplatform_time){stamp->tv_sec, stamp->tv_nsec};
}

int cplatform_look(int folder, const char *path, struct cplatform_file *file) {
  struct statx info;
  struct stat plain;
  int flags = path[0] ? 0 : AT_EMPTY_PATH;
  unsigned mask = STATX_BASIC_STATS | MOUNT_ID_UNIQUE;
  if (UNINTERRUPTED(statx(folder, path, flags, mask, &info)) == 0) {
    // A kernel that has no such number asks for the older one.
    if (!(info.stx_mask & MOUNT_ID_UNIQUE))
      if (UNINTERRUPTED(statx(folder, path, flags, STATX_BASIC_STATS | MOUNT_ID, &info)) != 0)
        return -1;
    file->device = (uint64_t)makedev(info.stx_dev_major, info.stx_dev_minor);
    file->inode = info.stx_ino;
    file->size = (int64_t)info.stx_size;
    file->modified = time_of(&info.stx_mtime);
    file->changed = time_of(&info.stx_ctime);
    file->links = info.stx_nlink;
    file->is_mount_unique = (info.stx_mask & MOUNT_ID_UNIQUE) != 0;
    file->mount = info.stx_mask & (MOUNT_ID | MOUNT_ID_UNIQUE) ? info.stx_mnt_id : 0;
    return 0;
  }
  if (errno != ENOSYS && errno != EPERM && errno != EINVAL) return -1;
  if (UNINTERRUPTED(fstatat(folder, path, &plain, flags)) != 0) return -1;
  take_stat(&plain, file);
  return 0;
}

uint64_t cplatform_mount_number(const char *path) {
  struct statx info;
  if (UNINTERRUPTED(statx(AT_FDCWD, path, 0, STATX_TYPE | MOUNT_ID, &info)) != 0) return 0;
  return info.stx_mask & MOUNT_ID ? info.stx_mnt_id : 0;
}

static int is_zero(const uint8_t *bytes) {
  for (int i = 0; i < 16; i++)
    if (bytes[i]) return 0;
  return 1;
}

// The UUID that the file system was made with; 0 where it has none.
static int find_uuid(int folder, int64_t magic, uint64_t id[2]) {
  struct file_system_uuid uuid = {0};
  uint8_t geometry[XFS_GEOMETRY_SIZE] = {0};
  const uint8_t *found = NULL;
  if (ioctl(folder, GET_UUID, &uuid) == 0 && uuid.length <= 16 && !is_zero(uuid.bytes))
    found = uuid.bytes;
  else if (magic == 0x58465342 && ioctl(folder, XFS_GET_GEOMETRY, geometry) == 0 &&
           !is_zero(geometry + XFS_GEOMETRY_UUID))
    found = geometry + XFS_GEOMETRY_UUID;
  if (!found) return 0;
  memcpy(id, found, 16);
  return 1;
}

// Only these make f_fsid of the UUID; elsewhere it is the number of the device.
static int has_lasting_number(int64_t magic) {
  return magic == 0xEF53 || magic == 0x9123683E || magic == 0x2FC12FC1;
}

int cplatform_place_of(const char *path, struct cplatform_place *place) {
  struct statfs info;
  struct cplatform_file file;
  memset(place, 0, sizeof *place);
  int folder = UNINTERRUPTED(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder < 0) return -1;
  int result = fstatfs(folder, &info) == 0 && cplatform_look(folder, "", &file) == 0 ? 0 : -1;
  if (result == 0) {
    place->magic = (int64_t)info.f_type;
    place->is_read_only = (info.f_flags & ST_RDONLY) != 0;
    place->mount = file.mount;
    place->has_id = find_uuid(folder, place->magic, place->id);
    if (!place->has_id && has_lasting_number(place->magic)) {
      memcpy(&place->id[1], &info.f_fsid, sizeof place->id[1]);
      place->has_id = place->id[1] != 0;
    }
  }
  int code = errno;
  close(folder);
  errno = code;
  return result;
}

int cplatform_folds_case(const char *path) {
  int flags = 0;
  int folder = UNINTERRUPTED(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder < 0) return 0;
  int result = ioctl(folder, FS_IOC_GETFLAGS, &flags);
  close(folder);
  return result == 0 && (flags & 0x40000000) != 0;
}

int cplatform_answers(const char *path, int milliseconds) {
  pid_t child = fork();
  if (child < 0) return 1;
  if (child == 0) {
    struct stat info;
    stat(path, &info);
    _exit(0);
  }
  struct timespec pause = {0, 2 * 1000 * 1000};
  for (int waited = 0; waited <= milliseconds; waited += 2) {
    pid_t ended = waitpid(child, NULL, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) return 1;
    nanosleep(&pause, NULL);
  }
  kill(child, SIGKILL);
  // One that ended in the last moment has its answer; one that the signal ended has none.
  int status = 0;
  return waitpid(child, &status, WNOHANG) == child && WIFEXITED(status);
}
