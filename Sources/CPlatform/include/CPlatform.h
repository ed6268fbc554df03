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

#endif
