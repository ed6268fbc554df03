#ifndef CTERMINAL_INTERNAL_H
#define CTERMINAL_INTERNAL_H

// pkg-config's flags do not reach this build: without the macro the wide functions are missing, and
// the layout of WINDOW depends on it, so each file takes curses.h from here.
#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "CTerminal.h"

// From term.h, whose macros (columns, lines, ...) would rewrite our own names.
extern char *tigetstr(const char *name);

// signals.c
int ct_signals_install(void);
void ct_signals_remove(void);
int ct_signals_take(void);
void ct_signals_set_stop(int catch_it);
int ct_pipe_reader(void);

// crash.c
void ct_crash_install(const char *reset, int length);
void ct_crash_remove(void);

// capture.c: standard error while the screen is up
void ct_capture_begin(void);
void ct_capture_end(void);
void ct_capture_lift_in_child(void);
void ct_capture_replay_from_crash(void);

#endif
