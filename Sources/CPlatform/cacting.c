#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

// Rights of one thread: libc's setgroups would change those of all threads, so the kernel is asked.

static pthread_once_t once = PTHREAD_ONCE_INIT;
static gid_t *own_groups;
static int own_count;

static void remember_groups(void) {
  int count = getgroups(0, NULL);
  if (count <= 0) return;
  own_groups = malloc(sizeof *own_groups * (size_t)count);
  if (own_groups) own_count = getgroups(count, own_groups);
  if (own_count < 0) own_count = 0;
}

static int capabilities(long call, struct __user_cap_data_struct *data) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  return (int)syscall(call, &header, data);
}

int cplatform_may_search(void) {
  struct __user_cap_data_struct data[2] = {{0}};
  if (capabilities(SYS_capget, data) != 0) return 0;
  return (data[0].effective >> CAP_DAC_READ_SEARCH) & 1;
}

static void set_search(int on) {
  struct __user_cap_data_struct data[2] = {{0}};
  if (capabilities(SYS_capget, data) != 0) return;
  uint32_t bit = 1u << CAP_DAC_READ_SEARCH;
  uint32_t wanted = on ? data[0].effective | (bit & data[0].permitted) : data[0].effective & ~bit;
  if (wanted == data[0].effective) return;
  data[0].effective = wanted;
  capabilities(SYS_capset, data);
}

uint32_t cplatform_acting_user(void) { return (uint32_t)setfsuid((uid_t)-1); }
uint32_t cplatform_acting_group(void) { return (uint32_t)setfsgid((gid_t)-1); }

int cplatform_act_as(uint32_t user, uint32_t group, int may_search) {
  pthread_once(&once, remember_groups);
  // Back to the process's own rights first: only from there are those of files lost and regained.
  setfsuid(geteuid());
  setfsgid(getegid());
  if (user == geteuid()) {
    syscall(SYS_setgroups, own_count, own_groups);
    return 0;
  }
  gid_t only = group;
  if (syscall(SYS_setgroups, 1, &only) != 0) return -1;
  setfsgid(group);
  setfsuid(user);
  if (cplatform_acting_user() == user && cplatform_acting_group() == group) {
    set_search(may_search);
    return 0;
  }
  setfsuid(geteuid());
  setfsgid(getegid());
  syscall(SYS_setgroups, own_count, own_groups);
  errno = EPERM;
  return -1;
}
