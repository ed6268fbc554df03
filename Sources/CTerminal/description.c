// A look at the descriptions of terminals, without a screen. Apart from the rest: <term.h> defines plain words.
#include "CTerminal.h"

#include <curses.h>
#include <term.h>
#include <unistd.h>

int ct_knows(const char *term) {
  int error = 0;
  if (setupterm(term, STDOUT_FILENO, &error) != OK) return 0;
  const char *motion = tigetstr("cup");
  return motion != NULL && motion != (const char *)-1;
}
