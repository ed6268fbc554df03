#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int reader = -1;
static int writer = -1;
static volatile sig_atomic_t quit_signal;
static volatile sig_atomic_t resized;
static volatile sig_atomic_t stopped;
static volatile sig_atomic_t continued;

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT};
enum { caught_count = sizeof caught / sizeof caught[0] };
static struct sigaction previous[caught_count];
static struct sigaction previous_pipe;
static int installed;

int ct_pipe_open(void) {
  if (reader >= 0) return 0;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return errno;
  reader = ends[0];
  writer = ends[1];
  return 0;
}

int ct_pipe_reader(void) { return reader; }

void ct_wake(void) {
  int saved = errno;
  char byte = 0;
  // A full pipe wakes as well as one more byte would.
  ssize_t ignored = write(writer, &byte, 1);
  (void)ignored;
  errno = saved;
}

static void on_signal(int number) {
  switch (number) {
    case SIGWINCH: resized = 1; break;
    case SIGTSTP: stopped = 1; break;
    case SIGCONT: continued = 1; break;
    default: quit_signal = number; break;
  }
  ct_wake();
}

int ct_signals_install(void) {
  int failure = ct_pipe_open();
  if (failure != 0) return failure;
  struct sigaction action = {0};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < caught_count; i++) sigaction(caught[i], &action, &previous[i]);
  struct sigaction ignore = {0};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &previous_pipe);
  installed = 1;
  return 0;
}

void ct_signals_remove(void) {
  if (!installed) return;
  for (int i = 0; i < caught_count; i++) sigaction(caught[i], &previous[i], NULL);
  sigaction(SIGPIPE, &previous_pipe, NULL);
  installed = 0;
}

void ct_signals_set_stop(int catch_it) {
  struct sigaction action = {0};
  action.sa_handler = catch_it ? on_signal : SIG_DFL;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTSTP, &action, NULL);
}

int ct_signals_take(void) {
  int events = 0;
  char bytes[256];
  while (read(reader, bytes, sizeof bytes) > 0) events |= CT_EVENT_WAKE;
  if (resized) events |= CT_EVENT_RESIZE;
  if (stopped) events |= CT_EVENT_STOP;
  if (continued) events |= CT_EVENT_CONTINUE;
  if (quit_signal) events |= CT_EVENT_QUIT;
  resized = stopped = continued = 0;
  return events;
}

int ct_quit_signal(void) { return quit_signal; }
