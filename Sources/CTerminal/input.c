#define _GNU_SOURCE
#include "internal.h"

#include <string.h>
#include <wchar.h>

// Codes beyond KEY_MAX, which ncurses leaves to the program.
enum {
  KEY_PASTE_BEGIN_ = 0x400,
  KEY_PASTE_END_,
  KEY_FOCUS_IN_,
  KEY_FOCUS_OUT_,
  KEY_CTRL_LEFT_,
  KEY_CTRL_RIGHT_,
  KEY_SGR_MOUSE_,
};

// `reads_sgr_mouse`: the terminal reports the mouse in a form that its description does not name.
void ct_input_define_keys(int reads_sgr_mouse) {
  if (reads_sgr_mouse) define_key("\033[<", KEY_SGR_MOUSE_);
  define_key("\033[200~", KEY_PASTE_BEGIN_);
  define_key("\033[201~", KEY_PASTE_END_);
  define_key("\033[I", KEY_FOCUS_IN_);
  define_key("\033[O", KEY_FOCUS_OUT_);
  define_key("\033[1;5D", KEY_CTRL_LEFT_);
  define_key("\033[1;5C", KEY_CTRL_RIGHT_);
  define_key("\033[Z", KEY_BTAB);
}

static int key_of(wint_t code) {
  switch (code) {
    case KEY_UP: case KEY_SR: return CT_KEY_UP;
    case KEY_DOWN: case KEY_SF: return CT_KEY_DOWN;
    case KEY_LEFT: case KEY_SLEFT: return CT_KEY_LEFT;
    case KEY_RIGHT: case KEY_SRIGHT: return CT_KEY_RIGHT;
    case KEY_HOME: case KEY_A1: case KEY_FIND: return CT_KEY_HOME;
    case KEY_END: case KEY_C1: case KEY_SELECT: return CT_KEY_END;
    case KEY_PPAGE: case KEY_A3: return CT_KEY_PAGE_UP;
    case KEY_NPAGE: case KEY_C3: return CT_KEY_PAGE_DOWN;
    case KEY_IC: return CT_KEY_INSERT;
    case KEY_DC: return CT_KEY_DELETE;
    case KEY_BACKSPACE: return CT_KEY_BACKSPACE;
    case KEY_ENTER: return CT_KEY_ENTER;
    case KEY_BTAB: return CT_KEY_BACK_TAB;
    case KEY_CTRL_LEFT_: return CT_KEY_CTRL_LEFT;
    case KEY_CTRL_RIGHT_: return CT_KEY_CTRL_RIGHT;
    case KEY_PASTE_BEGIN_: return CT_KEY_PASTE_BEGIN;
    case KEY_PASTE_END_: return CT_KEY_PASTE_END;
    case KEY_FOCUS_IN_: return CT_KEY_FOCUS_IN;
    case KEY_FOCUS_OUT_: return CT_KEY_FOCUS_OUT;
    default: return CT_KEY_UNKNOWN;
  }
}

static int button_of(mmask_t state) {
  if (state & (BUTTON1_PRESSED | BUTTON1_CLICKED)) return CT_MOUSE_LEFT;
  if (state & (BUTTON2_PRESSED | BUTTON2_CLICKED)) return CT_MOUSE_MIDDLE;
  if (state & (BUTTON3_PRESSED | BUTTON3_CLICKED)) return CT_MOUSE_RIGHT;
  if (state & BUTTON4_PRESSED) return CT_MOUSE_WHEEL_UP;
  if (state & BUTTON5_PRESSED) return CT_MOUSE_WHEEL_DOWN;
  return 0;
}

static void read_mouse(ct_input *input) {
  MEVENT event;
  input->kind = CT_INPUT_MOUSE;
  input->code = 0;
  if (getmouse(&event) != OK) return;
  input->code = button_of(event.bstate);
  input->x = event.x;
  input->y = event.y;
}

static int sgr_button(int code) {
  enum { modifiers = 4 | 8 | 16 };
  switch (code & ~modifiers) {
    case 0: return CT_MOUSE_LEFT;
    case 1: return CT_MOUSE_MIDDLE;
    case 2: return CT_MOUSE_RIGHT;
    case 64: return CT_MOUSE_WHEEL_UP;
    case 65: return CT_MOUSE_WHEEL_DOWN;
    default: return 0;
  }
}

// The rest of ESC [ < BUTTON ; COLUMN ; ROW, then M where it is pressed and m where it is let go.
static void read_sgr_mouse(ct_input *input) {
  int numbers[3] = {0};
  int place = 0;
  wint_t code = 0;
  input->kind = CT_INPUT_MOUSE;
  // A connection may cut the report in two.
  timeout(50);
  for (int i = 0; i < 24 && get_wch(&code) == OK; i++) {
    if (code == ';' && place < 2) {
      place++;
    } else if (code >= '0' && code <= '9' && numbers[place] < 10000) {
      numbers[place] = numbers[place] * 10 + (int)(code - '0');
    } else {
      break;
    }
  }
  nodelay(stdscr, TRUE);
  if (code != 'M' || place != 2 || numbers[1] < 1 || numbers[2] < 1) return;
  input->code = sgr_button(numbers[0]);
  input->x = numbers[1] - 1;
  input->y = numbers[2] - 1;
}

static void read_special(wint_t code, ct_input *input) {
  if (code == KEY_MOUSE) {
    read_mouse(input);
  } else if (code == KEY_SGR_MOUSE_) {
    read_sgr_mouse(input);
  } else if (code >= KEY_F(1) && code <= KEY_F(24)) {
    input->kind = CT_INPUT_FUNCTION;
    input->code = (int32_t)(code - KEY_F0);
  } else {
    input->kind = CT_INPUT_KEY;
    input->code = key_of(code);
  }
}

// An escape with more behind it is either Alt, which means Esc and the key here, or a sequence that
// ncurses does not know: the letters of that one must not be taken for keys.
static void read_after_escape(ct_input *input) {
  wint_t next = 0;
  int result = get_wch(&next);
  if (result == ERR) return;
  if (result == KEY_CODE_YES) {
    ungetch((int)next);
  } else if (next != '[') {
    unget_wch((wchar_t)next);
  } else {
    input->kind = CT_INPUT_KEY;
    input->code = CT_KEY_UNKNOWN;
    for (int i = 0; i < 32 && get_wch(&next) == OK; i++) {
      if (next >= 0x40 && next <= 0x7E) break;
    }
  }
}

void ct_read(ct_input *input) {
  memset(input, 0, sizeof *input);
  for (;;) {
    wint_t code = 0;
    int result = get_wch(&code);
    if (result == ERR) return;
    if (result == KEY_CODE_YES && code == KEY_RESIZE) continue;
    if (result == KEY_CODE_YES) {
      read_special(code, input);
    } else {
      input->kind = CT_INPUT_CHARACTER;
      input->code = (int32_t)code;
      if (code == 27) read_after_escape(input);
    }
    return;
  }
}

void ct_flush_input(void) { flushinp(); }
