#define _GNU_SOURCE
#include "CPlatform.h"
#include "interrupted.h"

#include <malloc.h>
#include <sched.h>
#include <sys/vfs.h>
#include <unistd.h>

int64_t cplatform_filesystem_magic(const char *path) {
  struct statfs info;
  if (UNINTERRUPTED(statfs(path, &info)) != 0) return -1;
  return (int64_t)info.f_type;
}

int64_t cplatform_next_data(int descriptor, int64_t offset) {
  return (int64_t)lseek(descriptor, (off_t)offset, SEEK_DATA);
}

static int argument_count;
static char **argument_list;

// glibc hands them to constructors as to main. Swift's own list is read from /proc, which may be missing.
__attribute__((constructor)) static void keep_arguments(int count, char **list) {
  argument_count = count;
  argument_list = list;
}

int cplatform_argument_count(void) { return argument_count; }

const char *cplatform_argument(int place) {
  return place >= 0 && place < argument_count ? argument_list[place] : NULL;
}

int cplatform_processor_count(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
  if (count < 1) count = (int)sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count;
}

// glibc raises the size from which a block is mapped on its own with each such block that is freed, so
// that long lists would stay in the heap for good; a number set by hand stays.
void cplatform_memory_settle(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  mallopt(M_TRIM_THRESHOLD, 256 * 1024);
  mallopt(M_ARENA_MAX, 2);
#endif
}
