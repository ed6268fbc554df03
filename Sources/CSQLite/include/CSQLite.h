// SQLite's own header, and functions for what it offers only as variadic calls, or with a destructor that
// is a number in disguise.
#ifndef CSQLITE_H
#define CSQLITE_H

#include <sqlite3.h>
#include <stdint.h>

// No statistics of memory, which need a lock with each allocation; only before the first connection.
void csqlite_count_no_memory(void);
// Turns the checkpoint that SQLite runs when the last connection closes off (1) or on (0).
int csqlite_no_checkpoint_on_close(sqlite3 *db, int off);
// Defensive mode: no writable_schema, no shadow table writes.
int csqlite_defensive(sqlite3 *db);
// Text in double quotes is a name, never a string.
int csqlite_strict_quotes(sqlite3 *db);
// Bind a copy of the bytes.
int csqlite_bind_text(sqlite3_stmt *statement, int place, const char *bytes, uint64_t count);
int csqlite_bind_blob(sqlite3_stmt *statement, int place, const void *bytes, uint64_t count);

#endif
