#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static SCREEN *screen;
static FILE *output;
static int default_colors;
static int escapes_wanted;
static int sgr_mouse_wanted;
static unsigned char pair_made[256];

static const char switch_on[] = "\033[?2004h\033[?1004h";
static const char switch_off[] = "\033[?2004l\033[?1004l";
static const char sgr_mouse_on[] = "\033[?1006h";
static const char sgr_mouse_off[] = "\033[?1006l";

static const char *locale_name(void) {
  const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (int i = 0; i < 3; i++) {
    const char *value = getenv(names[i]);
    if (value != NULL && *value != 0) return value;
  }
  return NULL;
}

// Only the character set is taken from the environment: numbers are parsed in "C".
static int choose_locale(void) {
  const char *name = locale_name();
  if (name == NULL) {
    setlocale(LC_CTYPE, "C.UTF-8");
  } else if (setlocale(LC_CTYPE, "") == NULL) {
    int wants_utf8 = strcasestr(name, "utf-8") != NULL || strcasestr(name, "utf8") != NULL;
    setlocale(LC_CTYPE, wants_utf8 ? "C.UTF-8" : "C");
  }
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int ct_is_utf8(void) { return choose_locale(); }

static int make_screen(ct_info *info) {
  const char *own = getenv("TERM");
  const char *candidates[] = {own, "xterm-256color", "xterm", "vt100"};
  for (int i = 0; i < 4 && screen == NULL; i++) {
    if (candidates[i] == NULL || *candidates[i] == 0) continue;
    screen = newterm(candidates[i], output, stdin);
    if (screen == NULL) continue;
    info->fallback = i > 0;
    snprintf(info->term, sizeof info->term, "%s", candidates[i]);
  }
  return screen == NULL ? CT_NO_TERMINAL : CT_OK;
}

static int lacks_cursor_motion(void) {
  const char *motion = tigetstr("cup");
  return motion == NULL || motion == (const char *)-1;
}

static void append(char *bytes, size_t room, const char *more) {
  if (more == NULL || more == (const char *)-1) return;
  if (strlen(bytes) + strlen(more) < room) strcat(bytes, more);
}

static void prepare_crash_reset(void) {
  char bytes[512] = "";
  if (escapes_wanted) {
    append(bytes, sizeof bytes, "\033[?1006l\033[?1002l\033[?1000l");
    append(bytes, sizeof bytes, switch_off);
  }
  append(bytes, sizeof bytes, tigetstr("sgr0"));
  append(bytes, sizeof bytes, tigetstr("cnorm"));
  append(bytes, sizeof bytes, tigetstr("rmkx"));
  append(bytes, sizeof bytes, tigetstr("rmcup"));
  ct_crash_install(bytes, (int)strlen(bytes));
}

static void prepare_colors(ct_info *info) {
  info->colors = 0;
  default_colors = 0;
  memset(pair_made, 0, sizeof pair_made);
  if (!has_colors() || start_color() == ERR || COLORS < 8) return;
  default_colors = use_default_colors() == OK;
  info->colors = COLORS;
}

static void prepare_modes(int mouse) {
  raw();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  intrflush(stdscr, FALSE);
  leaveok(stdscr, FALSE);
  scrollok(stdscr, FALSE);
  idlok(stdscr, FALSE);
  // Keys are read past ncurses, so it must not stop in the middle of a picture to look for some.
  typeahead(-1);
  if (mouse) {
    mouseinterval(0);
    mousemask(ALL_MOUSE_EVENTS, NULL);
  }
}

// The old form, which screen and tmux describe, cannot name a column beyond 223. A terminal that
// does not know the newer one stays with the old, and that one is read too.
static int lacks_sgr_mouse(void) {
  const char *report = tigetstr("kmous");
  return report != NULL && report != (const char *)-1 && strcmp(report, "\033[M") == 0;
}

static void send_text(const char *text) { ct_send(text, (int32_t)strlen(text)); }

static void switch_modes(int on) {
  if (!escapes_wanted) return;
  send_text(on ? switch_on : switch_off);
  if (sgr_mouse_wanted) send_text(on ? sgr_mouse_on : sgr_mouse_off);
}

int ct_start(int mouse, ct_info *info) {
  memset(info, 0, sizeof *info);
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return CT_NOT_A_TTY;
  info->utf8 = choose_locale();
  use_env(FALSE);
  use_tioctl(TRUE);
  output = fdopen(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), "w");
  if (output == NULL || ct_signals_install() != 0) return CT_SYSTEM;
  int result = make_screen(info);
  if (result == CT_OK && lacks_cursor_motion()) {
    endwin();
    delscreen(screen);
    screen = NULL;
    result = CT_DUMB;
  }
  if (result != CT_OK) {
    ct_signals_remove();
    return result;
  }
  escapes_wanted = strncmp(info->term, "linux", 5) != 0 && strncmp(info->term, "vt", 2) != 0;
  info->sequences = escapes_wanted;
  sgr_mouse_wanted = mouse && escapes_wanted && lacks_sgr_mouse();
  prepare_colors(info);
  prepare_modes(mouse);
  prepare_crash_reset();
  ct_capture_begin();
  switch_modes(1);
  return CT_OK;
}

static void leave(void) {
  switch_modes(0);
  endwin();
}

void ct_stop(void) {
  if (screen == NULL) return;
  leave();
  ct_crash_remove();
  ct_signals_remove();
  delscreen(screen);
  screen = NULL;
  fclose(output);
  ct_capture_end();
}

void ct_suspend(void) {
  def_prog_mode();
  leave();
}

void ct_resume(void) {
  reset_prog_mode();
  clearok(curscr, TRUE);
  switch_modes(1);
}

void ct_size(int32_t *columns, int32_t *rows) {
  struct winsize size = {0};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    if (size.ws_row != LINES || size.ws_col != COLS) resizeterm(size.ws_row, size.ws_col);
  }
  *columns = COLS > 1 ? COLS : 1;
  *rows = LINES > 1 ? LINES : 1;
}

int ct_wait(int milliseconds) {
  struct pollfd sources[2] = {{STDIN_FILENO, POLLIN, 0}, {ct_pipe_reader(), POLLIN, 0}};
  if (poll(sources, 2, milliseconds) < 0 && errno != EINTR) return CT_EVENT_HANGUP;
  int events = ct_signals_take();
  if (sources[0].revents & POLLIN) events |= CT_EVENT_INPUT;
  if (sources[0].revents & (POLLHUP | POLLERR | POLLNVAL)) events |= CT_EVENT_HANGUP;
  return events;
}

static attr_t attributes_of(int32_t attributes) {
  attr_t result = 0;
  if (attributes & CT_BOLD) result |= A_BOLD;
  if (attributes & CT_DIM) result |= A_DIM;
  if (attributes & CT_UNDERLINE) result |= A_UNDERLINE;
  if (attributes & CT_REVERSE) result |= A_REVERSE;
  return result;
}

// Pair n+1 is colour n on the default background, made when first used.
static short pair_of(int32_t color) {
  if (color < 0 || color > 255 || COLORS < 8) return 0;
  if (color > 15 && (COLORS < 256 || color + 1 >= COLOR_PAIRS)) return 0;
  if (color >= COLORS) color -= 8;
  if (!pair_made[color]) {
    init_pair((short)(color + 1), (short)color, default_colors ? -1 : COLOR_BLACK);
    pair_made[color] = 1;
  }
  return (short)(color + 1);
}

void ct_put(int32_t y, int32_t x, const char *text, int32_t length, int32_t color,
            int32_t attributes) {
  attr_t attrs = attributes_of(attributes);
  if (color > 7 && color < 16 && COLORS < 16) attrs |= A_BOLD;
  attr_set(attrs, pair_of(color), NULL);
  mvaddnstr(y, x, text, length);
  attr_set(A_NORMAL, 0, NULL);
}

void ct_present(int32_t cursor_y, int32_t cursor_x, int visible) {
  curs_set(visible ? 1 : 0);
  move(cursor_y, cursor_x);
  refresh();
}

void ct_redraw(void) { clearok(curscr, TRUE); }

void ct_bell(void) { beep(); }
