/// ncurses behind plain functions: no macro, no global and no variadic of it is seen by the callers.
///
/// All functions but `ct_wake` and `ct_pipe_open` belong to one thread, the thread of `ct_start`.
#ifndef CTERMINAL_H
#define CTERMINAL_H

#include <stdint.h>

enum ct_result {
  CT_OK = 0,
  CT_NOT_A_TTY = 1,
  CT_NO_TERMINAL = 2,
  CT_DUMB = 3,
  CT_SYSTEM = 4,
};

typedef struct {
  int32_t utf8;      // 1: the locale's character set is UTF-8
  int32_t colors;    // 0 where the terminal has no colours
  int32_t sequences; // 1: may be sent control sequences that terminfo does not know
  int32_t fallback;  // 1: TERM is unknown here and `term` was used instead
  char term[64];     // the terminal description in use
} ct_info;

enum ct_event {
  CT_EVENT_INPUT = 1,
  CT_EVENT_WAKE = 2,
  CT_EVENT_RESIZE = 4,
  CT_EVENT_STOP = 8,
  CT_EVENT_CONTINUE = 16,
  CT_EVENT_QUIT = 32,
  CT_EVENT_HANGUP = 64,
};

enum ct_attribute {
  CT_BOLD = 1,
  CT_DIM = 2,
  CT_UNDERLINE = 4,
  CT_REVERSE = 8,
};

/// Opens the pipe that wakes `ct_wait`; may be called before `ct_start`, and more than once.
int ct_pipe_open(void);

/// Takes over the terminal of standard input and output; returns a `ct_result`.
int ct_start(int mouse, ct_info *info);

/// Gives the terminal back and prints what was written to standard error meanwhile.
void ct_stop(void);

/// 1 where this host has a description of the terminal of that name that can move the cursor.
int ct_knows(const char *term);

/// 1 where the characters of the environment's locale are UTF-8, as they are where it names none.
int ct_is_utf8(void);

/// Gives the terminal back for a child or a stop; `ct_resume` takes it again.
void ct_suspend(void);
void ct_resume(void);

/// Stops the whole foreground job as ^Z does; returns when it continues. Call between suspend and resume.
void ct_stop_self(void);

void ct_size(int32_t *columns, int32_t *rows);

/// Sleeps until something happens, at most `milliseconds` (-1: for ever); returns `ct_event` bits.
int ct_wait(int milliseconds);

/// Wakes `ct_wait`; safe on every thread and in a signal handler.
void ct_wake(void);

/// The signal that asks for the end (INT, TERM, HUP, QUIT), or 0.
int ct_quit_signal(void);

/// Reads what the terminal has sent, without waiting: the count, 0 where nothing is there, -1 at the end.
int32_t ct_read(uint8_t *bytes, int32_t room);

/// What the terminal's description says of a capability such as "kcuu1"; NULL where it says nothing.
const char *ct_key_string(const char *name);

/// Writes `length` bytes of text at a cell; `color` is one of the 256 colours, or -1 for the default.
void ct_put(int32_t y, int32_t x, const char *text, int32_t length, int32_t color,
            int32_t attributes);

/// Sends the changes to the terminal and leaves the cursor at the cell; `visible` 0 hides it.
void ct_present(int32_t cursor_y, int32_t cursor_x, int visible);

/// Makes the next `ct_present` repaint every cell.
void ct_redraw(void);

void ct_bell(void);

/// Sends bytes past ncurses, for sequences that it does not know; returns 0 or an errno.
int ct_send(const char *bytes, int32_t length);

/// Runs a program in the foreground and waits; between suspend and resume. `argv` ends in NULL.
/// Returns its exit code, 128 + n for a signal, a negative errno where it could not be started.
int ct_run(char *const *argv, const char *directory);

#endif
