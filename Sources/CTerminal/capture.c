#define _GNU_SOURCE
#include "internal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

// What a library or a trap writes to standard error while the screen is up would land in the middle
// of it: a memory file takes it, and it is shown on the normal screen afterwards.

static int real_stderr = -1;
static int memory_file = -1;

void ct_capture_begin(void) {
  if (!isatty(STDERR_FILENO)) return;
  memory_file = memfd_create("stderr", MFD_CLOEXEC);
  if (memory_file < 0) return;
  real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (real_stderr >= 0) dup2(memory_file, STDERR_FILENO);
}

static void replay(int target) {
  char bytes[1024];
  ssize_t count;
  if (lseek(memory_file, 0, SEEK_SET) < 0) return;
  while ((count = read(memory_file, bytes, sizeof bytes)) > 0) {
    ssize_t ignored = write(target, bytes, (size_t)count);
    (void)ignored;
  }
}

void ct_capture_lift_in_child(void) {
  if (real_stderr >= 0) dup2(real_stderr, STDERR_FILENO);
}

void ct_capture_replay_from_crash(void) {
  if (real_stderr < 0) return;
  dup2(real_stderr, STDERR_FILENO);
  replay(STDERR_FILENO);
  real_stderr = -1;
}

void ct_capture_end(void) {
  if (real_stderr >= 0) {
    dup2(real_stderr, STDERR_FILENO);
    replay(STDERR_FILENO);
    close(real_stderr);
    real_stderr = -1;
  }
  if (memory_file >= 0) close(memory_file);
  memory_file = -1;
}
