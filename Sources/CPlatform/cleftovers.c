#define _GNU_SOURCE
#include "CPlatform.h"
#include "interrupted.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { slot_count = 256 };
static _Atomic(char *) slots[slot_count];

int cplatform_leftover_add(const char *path) {
  char *copy = strdup(path);
  if (!copy) return -1;
  for (int i = 0; i < slot_count; i++) {
    char *free_slot = NULL;
    if (atomic_compare_exchange_strong(&slots[i], &free_slot, copy)) return i;
  }
  free(copy);
  return -1;
}

void cplatform_leftover_forget(int slot) {
  if (slot < 0 || slot >= slot_count) return;
  // Not freed: a handler may be reading it.
  atomic_store(&slots[slot], NULL);
}

void cplatform_leftovers_remove(void) {
  int saved = errno;
  char *folders[slot_count];
  int count = 0;
  for (int i = 0; i < slot_count; i++) {
    char *path = atomic_exchange(&slots[i], NULL);
    if (path && UNINTERRUPTED(unlink(path)) != 0 && errno == EISDIR) folders[count++] = path;
  }
  // What lies in a folder is gone by now, but for folders that come behind it.
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < count; i++) (void)UNINTERRUPTED(rmdir(folders[i]));
  errno = saved;
}

static void on_signal(int number) {
  cplatform_leftovers_remove();
  signal(number, SIG_DFL);
  raise(number);
}

void cplatform_leftovers_on_signals(void) {
  static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
    struct sigaction before;
    if (sigaction(ending[i], NULL, &before) != 0 || before.sa_handler != SIG_DFL) continue;
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(ending[i], &action, NULL);
  }
  atexit(cplatform_leftovers_remove);
}
