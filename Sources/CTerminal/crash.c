#define _GNU_SOURCE
#include "internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// A Swift trap leaves no chance to run Swift code or ncurses: only functions that a signal handler
// may call put the terminal back, then the handler that was there before (the backtracer) goes on.

static const int fatal[] = {SIGSEGV, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGABRT};
enum { fatal_count = sizeof fatal / sizeof fatal[0] };
static struct sigaction previous[fatal_count];
static struct termios saved_modes;
static char reset_bytes[512];
static int reset_length;
static volatile sig_atomic_t installed;

static void restore_terminal(void) {
  ssize_t ignored = write(STDOUT_FILENO, reset_bytes, (size_t)reset_length);
  (void)ignored;
  tcsetattr(STDIN_FILENO, TCSANOW, &saved_modes);
  ct_capture_replay_from_crash();
}

static void pass_on(int number, siginfo_t *info, void *context) {
  for (int i = 0; i < fatal_count; i++) {
    if (fatal[i] != number) continue;
    struct sigaction *before = &previous[i];
    sigaction(number, before, NULL);
    if (before->sa_flags & SA_SIGINFO) {
      before->sa_sigaction(number, info, context);
    } else if (before->sa_handler == SIG_DFL || before->sa_handler == SIG_IGN) {
      signal(number, SIG_DFL);
      raise(number);
    } else {
      before->sa_handler(number);
    }
  }
}

static void on_crash(int number, siginfo_t *info, void *context) {
  if (installed) {
    installed = 0;
    restore_terminal();
  }
  pass_on(number, info, context);
}

void ct_crash_install(const char *reset, int length) {
  if (length > (int)sizeof reset_bytes) length = (int)sizeof reset_bytes;
  memcpy(reset_bytes, reset, (size_t)length);
  reset_length = length;
  stack_t stack = {0};
  if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE)) {
    stack.ss_size = 64 * 1024;
    stack.ss_sp = malloc(stack.ss_size);
    stack.ss_flags = 0;
    if (stack.ss_sp != NULL) sigaltstack(&stack, NULL);
  }
  struct sigaction action = {0};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < fatal_count; i++) sigaction(fatal[i], &action, &previous[i]);
  installed = 1;
}

void ct_crash_remove(void) {
  if (!installed) return;
  installed = 0;
  for (int i = 0; i < fatal_count; i++) sigaction(fatal[i], &previous[i], NULL);
}

__attribute__((constructor)) static void remember_modes(void) {
  tcgetattr(STDIN_FILENO, &saved_modes);
}
