/* strike: runs a program and strikes at one of its calls that change something.
 *
 *   strike REPORT HOW N COMMAND...
 *
 * The calls of all threads and children are numbered in the order in which they are made: a filter of the
 * kernel (seccomp) stops each of them before it happens, so nothing else is slowed down. HOW is
 *   count        let all of them happen
 *   kill         SIGKILL before the N-th one
 *   torn         write one half of the N-th one, then SIGKILL; where that is no write, as kill
 *   ENAME        the N-th one fails with that errno and does not happen
 *   ENAME+       so do all after it
 *   short        the N-th one, a write, writes one half
 * REPORT gets a line for each call: its number, its name, its file. The exit code is that of the program,
 * 128 + n for a signal, 125 where it could not be started.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "strike knows the registers of x86-64 and arm64 alone"
#endif

struct call {
  long number;
  const char *name;
};

#define CALL(name) {SYS_##name, #name}
static const struct call calls[] = {
    CALL(write), CALL(pwrite64), CALL(writev), CALL(pwritev), CALL(pwritev2), CALL(fsync),
    CALL(fdatasync), CALL(syncfs), CALL(ftruncate), CALL(truncate), CALL(fallocate),
    CALL(copy_file_range), CALL(sendfile), CALL(renameat), CALL(renameat2), CALL(unlinkat),
    CALL(mkdirat), CALL(linkat), CALL(symlinkat), CALL(mknodat), CALL(fchmod), CALL(fchmodat),
    CALL(fchown), CALL(fchownat), CALL(utimensat), CALL(fsetxattr), CALL(ioctl), CALL(openat),
    CALL(openat2),
#if defined(__x86_64__)
    CALL(rename), CALL(unlink), CALL(rmdir), CALL(mkdir), CALL(link), CALL(symlink), CALL(chmod),
    CALL(chown), CALL(lchown), CALL(open), CALL(creat),
#endif
};
enum { CALLS = sizeof calls / sizeof *calls };

static const char *name_of(long number) {
  for (int i = 0; i < CALLS; i++)
    if (calls[i].number == number) return calls[i].name;
  return NULL;
}

static const struct call errnos[] = {
    {ENOSPC, "ENOSPC"}, {EIO, "EIO"},       {EDQUOT, "EDQUOT"}, {EINTR, "EINTR"},
    {EMFILE, "EMFILE"}, {ENOMEM, "ENOMEM"}, {EROFS, "EROFS"},   {EACCES, "EACCES"},
};

/* The filter: stops at the calls above, FICLONE alone of the ioctls, opening alone where it makes a file. */
static void install_filter(void) {
  struct sock_filter code[4 * CALLS + 16];
  int n = 0;
#define STEP(...) code[n++] = (struct sock_filter)__VA_ARGS__
  STEP(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
  STEP(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
  STEP(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  STEP(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
  for (int i = 0; i < CALLS; i++) {
    STEP(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1));
    STEP(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  STEP(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  struct sock_fprog program = {.len = n, .filter = code};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) return;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
    _exit(125);
}

/* The registers of a stopped call. */
struct stop {
  struct user_regs_struct registers;
  long number;
  unsigned long arguments[6];
};

static int read_stop(pid_t thread, struct stop *stop) {
  struct iovec place = {&stop->registers, sizeof stop->registers};
  if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &place)) return -1;
#if defined(__x86_64__)
  struct user_regs_struct *r = &stop->registers;
  stop->number = r->orig_rax;
  unsigned long found[6] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};
#else
  stop->number = stop->registers.regs[8];
  unsigned long found[6];
  for (int i = 0; i < 6; i++) found[i] = stop->registers.regs[i];
#endif
  memcpy(stop->arguments, found, sizeof found);
  return 0;
}

static void write_registers(pid_t thread, struct user_regs_struct *registers) {
  struct iovec place = {registers, sizeof *registers};
  ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &place);
}

/* Lets the call return an error without being made. */
static void refuse(pid_t thread, struct stop *stop, long error) {
#if defined(__x86_64__)
  stop->registers.orig_rax = -1;
  stop->registers.rax = -error;
  write_registers(thread, &stop->registers);
#else
  int none = -1;
  struct iovec place = {&none, sizeof none};
  ptrace(PTRACE_SETREGSET, thread, NT_ARM_SYSTEM_CALL, &place);
  stop->registers.regs[0] = -error;
  write_registers(thread, &stop->registers);
#endif
}

static void set_length(pid_t thread, struct user_regs_struct registers, unsigned long length) {
#if defined(__x86_64__)
  registers.rdx = length;
#else
  registers.regs[2] = length;
#endif
  write_registers(thread, &registers);
}

/* The value of the length's register as it was, with all else as the call left it. */
static void restore_length(pid_t thread, unsigned long length) {
  struct stop stop;
  if (read_stop(thread, &stop) == 0) set_length(thread, stop.registers, length);
}

static int is_write(long number) { return number == SYS_write || number == SYS_pwrite64; }

static int takes_descriptor(long number) {
  return is_write(number) || number == SYS_writev || number == SYS_pwritev || number == SYS_pwritev2 ||
         number == SYS_fsync || number == SYS_fdatasync || number == SYS_ftruncate ||
         number == SYS_fallocate || number == SYS_fchmod || number == SYS_fchown;
}

static unsigned long memory(pid_t thread, unsigned long address) {
  unsigned long value = 0;
  struct iovec here = {&value, sizeof value}, there = {(void *)address, sizeof value};
  process_vm_readv(thread, &here, 1, &there, 1, 0);
  return value;
}

static int makes_file(unsigned long flags) {
  return (flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE;
}

/* Whether the call changes a file, or says something; the name of the file where a descriptor tells it. */
static int counts(pid_t thread, const struct stop *stop, char *file, size_t size) {
  const unsigned long *a = stop->arguments;
  file[0] = 0;
  if (stop->number == SYS_openat) return makes_file(a[2]);
  if (stop->number == SYS_openat2) return makes_file(memory(thread, a[2]));
  if (stop->number == SYS_ioctl) return a[1] == 0x40049409; /* FICLONE */
#if defined(__x86_64__)
  if (stop->number == SYS_open) return makes_file(a[1]);
#endif
  if (!takes_descriptor(stop->number)) return 1;
  char link[64];
  snprintf(link, sizeof link, "/proc/%d/fd/%d", thread, (int)a[0]);
  ssize_t length = readlink(link, file, size - 1);
  file[length > 0 ? length : 0] = 0;
  struct stat status;
  int is_file = stat(link, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
  return is_file || (is_write(stop->number) && a[0] == 1);
}

enum how { COUNT, KILL, TORN, SHORT, FAIL };

int main(int count, char **words) {
  if (count < 5) return 125;
  FILE *report = fopen(words[1], "we");
  enum how how = COUNT;
  long error = 0, at = atol(words[3]), seen = 0;
  int goes_on = 0;
  if (!strcmp(words[2], "kill")) how = KILL;
  if (!strcmp(words[2], "torn")) how = TORN;
  if (!strcmp(words[2], "short")) how = SHORT;
  for (size_t i = 0; i < sizeof errnos / sizeof *errnos; i++) {
    size_t length = strlen(errnos[i].name);
    if (strncmp(words[2], errnos[i].name, length)) continue;
    how = FAIL, error = errnos[i].number, goes_on = words[2][length] == '+';
  }
  if (!report) return 125;
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    install_filter();
    execvp(words[4], words + 4);
    _exit(125);
  }
  int status, code = 125;
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, 0,
         PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
             PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD);
  ptrace(PTRACE_CONT, child, 0, 0);
  pid_t halved = 0; /* the thread whose write is cut short, and what its length was */
  unsigned long whole = 0;
  for (pid_t thread; (thread = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;) {
    if (thread < 0) continue;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (thread == child) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      continue;
    }
    int signal = WSTOPSIG(status), event = status >> 16, next = PTRACE_CONT;
    if (signal == (SIGTRAP | 0x80)) {
      if (thread == halved && how == TORN) kill(child, SIGKILL);
      if (thread == halved) restore_length(thread, whole), halved = 0;
      signal = 0;
    } else if (event == PTRACE_EVENT_SECCOMP) {
      struct stop stop;
      char file[4096];
      signal = 0;
      if (read_stop(thread, &stop) == 0 && counts(thread, &stop, file, sizeof file)) {
        seen++;
        fprintf(report, "%ld %s %s\n", seen, name_of(stop.number), file);
        int is_it = seen == at || (goes_on && at > 0 && seen > at);
        int halves = is_it && is_write(stop.number) && stop.arguments[2] > 1 && (how == TORN || how == SHORT);
        if (halves) {
          halved = thread, whole = stop.arguments[2], next = PTRACE_SYSCALL;
          set_length(thread, stop.registers, whole / 2);
        } else if (is_it && (how == KILL || how == TORN)) {
          kill(child, SIGKILL);
        } else if (is_it && how == FAIL) {
          refuse(thread, &stop, error);
        }
      }
    } else if (event || signal == SIGSTOP || signal == SIGTRAP) {
      signal = 0;
    }
    ptrace(next, thread, 0, signal);
  }
  fclose(report);
  return code;
}
