// What libc and SQLite offer only as macros, variadic calls or raw system calls.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdint.h>

struct sqlite3;

// Turns the checkpoint that SQLite runs when the last connection closes off (1) or on (0).
int cplatform_no_checkpoint_on_close(struct sqlite3 *db, int off);
// Defensive mode: no writable_schema, no shadow table writes.
int cplatform_defensive(struct sqlite3 *db);
// The f_type magic of the file system that holds path, or -1 with errno set.
int64_t cplatform_filesystem_magic(const char *path);
// The offset of the next data at or after offset, or -1 with errno set (ENXIO: only a hole is left).
int64_t cplatform_next_data(int descriptor, int64_t offset);

// Opens a path below folder without following a link or leaving the folder; -1 with errno set.
int cplatform_open_beneath(int folder, const char *path, int flags, uint32_t mode);
// Opens a folder directly in another one to remove what is in it, and gives its owner the rights for
// that. Follows no link and enters no other mount: -1 with errno set, EXDEV for a mount point, be it of
// the same file system.
int cplatform_open_to_empty(int folder, const char *name);
// Swaps two names in one step, or -1 with errno set.
int cplatform_exchange(int old_folder, const char *old_name, int new_folder, const char *new_name);
// Renames only where the new name is free, or -1 with errno set.
int cplatform_rename_new(int old_folder, const char *old_name, int new_folder, const char *new_name);
// Lets target share the blocks of source, or -1 with errno set where the file system cannot.
int cplatform_reflink(int source, int target);
// Asks the kernel to begin writing these bytes of the file to the disk, without waiting.
void cplatform_start_writeback(int descriptor, int64_t offset, int64_t count);
// The same, and waits until they are written.
void cplatform_await_writeback(int descriptor, int64_t offset, int64_t count);
// Writes out all of the file system that the descriptor is on; -1 with errno set where that fails.
int cplatform_sync_file_system(int descriptor);

// Lets this thread, and those that it starts, work on files with the rights of a user and a group alone:
// what it makes is theirs. With may_search it may still read and enter everything. The rights of the
// process itself come back by its own user. -1 with errno set where root may not do that here.
int cplatform_act_as(uint32_t user, uint32_t group, int may_search);
uint32_t cplatform_acting_user(void);
uint32_t cplatform_acting_group(void);
int cplatform_may_search(void);

// Notes a file or folder that must not outlive the process; the place of the note, or -1.
int cplatform_leftover_add(const char *path);
void cplatform_leftover_forget(int slot);
// Removes what is noted.
void cplatform_leftovers_remove(void);
// Does so at exit, and where ^C, SIGTERM or SIGHUP would end the program.
void cplatform_leftovers_on_signals(void);

#endif
