#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int ct_send(const char *bytes, int32_t length) {
  while (length > 0) {
    ssize_t count = write(STDOUT_FILENO, bytes, (size_t)length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes += count;
    length -= (int32_t)count;
  }
  return 0;
}

void ct_stop_self(void) {
  ct_signals_set_stop(0);
  // As the terminal's own ^Z: the whole job stops, so that a shell sees it whatever started us.
  kill(0, SIGTSTP);
  ct_signals_set_stop(1);
}

// `news` closes by itself where the program starts; else it takes the error to the parent.
static void child_main(char *const *argv, const char *directory, const sigset_t *mask, int news) {
  const int restored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGPIPE, SIGHUP, SIGTERM, SIGWINCH, SIGCONT};
  for (unsigned i = 0; i < sizeof restored / sizeof restored[0]; i++) signal(restored[i], SIG_DFL);
  sigprocmask(SIG_SETMASK, mask, NULL);
  // A shell prompts on standard error, and is interactive only where that is a terminal.
  ct_capture_lift_in_child();
  if (directory == NULL || chdir(directory) == 0) execvp(argv[0], argv);
  int error = errno;
  ssize_t count = write(news, &error, sizeof error);
  _exit(count == (ssize_t)sizeof error ? 127 : 126);
}

static int exit_code(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int start_error(int news) {
  int error = 0;
  ssize_t count;
  while ((count = read(news, &error, sizeof error)) < 0 && errno == EINTR) {
  }
  return count == (ssize_t)sizeof error ? error : 0;
}

static int wait_for(pid_t pid) {
  int status = 0;
  int result;
  while ((result = waitpid(pid, &status, 0)) < 0 && errno == EINTR) {
  }
  return result < 0 ? -errno : exit_code(status);
}

// The keyboard's INT and QUIT are meant for the child while it runs; TSTP stops both, or the shell
// that started us would wait for ever.
int ct_run(char *const *argv, const char *directory) {
  struct sigaction ignore = {0}, old_int, old_quit;
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGINT, &ignore, &old_int);
  sigaction(SIGQUIT, &ignore, &old_quit);
  ct_signals_set_stop(0);
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  int news[2];
  if (pipe2(news, O_CLOEXEC) != 0) news[0] = news[1] = -1;
  pid_t pid = fork();
  if (pid == 0) child_main(argv, directory, &mask, news[1]);
  int result = -errno;
  if (news[1] >= 0) close(news[1]);
  if (pid > 0) {
    int error = news[0] >= 0 ? start_error(news[0]) : 0;
    result = wait_for(pid);
    if (error != 0) result = -error;
  }
  if (news[0] >= 0) close(news[0]);
  ct_signals_set_stop(1);
  sigaction(SIGINT, &old_int, NULL);
  sigaction(SIGQUIT, &old_quit, NULL);
  return result;
}
