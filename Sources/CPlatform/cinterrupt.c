#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_int received;
static atomic_int bell = -1;

static void on_signal(int number) {
  int saved = errno;
  int none = 0;
  if (atomic_compare_exchange_strong(&received, &none, number)) {
    int descriptor = atomic_load(&bell);
    if (descriptor >= 0) (void)!write(descriptor, "", 1);
  } else {
    // Blocked until this returns: then it ends the program.
    cplatform_leftovers_remove();
    signal(number, SIG_DFL);
    raise(number);
  }
  errno = saved;
}

void cplatform_interrupt_on(int number, int descriptor) {
  atomic_store(&bell, descriptor);
  struct sigaction action = {0};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
  // A parent may have started this from a thread that takes no signals.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int cplatform_interrupt_received(void) { return atomic_load(&received); }
