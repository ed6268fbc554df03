// What libc offers only as macros, variadic calls or raw system calls.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdint.h>

// The f_type magic of the file system that holds path, or -1 with errno set.
int64_t cplatform_filesystem_magic(const char *path);
// The offset of the next data at or after offset, or -1 with errno set (ENXIO: only a hole is left).
int64_t cplatform_next_data(int descriptor, int64_t offset);

// The arguments that the process was started with; NULL beyond the last one.
int cplatform_argument_count(void);
const char *cplatform_argument(int place);

// How many processors this process may run on; at least 1.
int cplatform_processor_count(void);

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

// A type of our own: with libc's in this header, Swift would look for that one here.
struct cplatform_time {
  int64_t seconds;
  int64_t nanoseconds;
};
// What a file is, and on which mount; mount is 0 where the kernel does not tell.
struct cplatform_file {
  uint64_t device;
  uint64_t inode;
  int64_t size;
  struct cplatform_time modified;
  struct cplatform_time changed;
  uint64_t links;
  uint64_t mount;
  // The number is never given to another mount before the next boot.
  int is_mount_unique;
};
// Follows links; an empty path is the descriptor itself. -1 with errno set.
int cplatform_look(int folder, const char *path, struct cplatform_file *file);
// The number that a mount has in /proc/self/mountinfo, or 0.
uint64_t cplatform_mount_number(const char *path);

// 1 where a child of ours could look at the path within so many milliseconds, else 0. A child that the kernel
// holds is left to it.
int cplatform_answers(const char *path, int milliseconds);

// The file system below a folder, as far as it says what it is.
struct cplatform_place {
  int64_t magic;
  // Made when the file system was made, and the same on every mount of it; only where has_id is set.
  uint64_t id[2];
  int has_id;
  int is_read_only;
  uint64_t mount;
};
// -1 with errno set where the folder cannot be opened.
int cplatform_place_of(const char *path, struct cplatform_place *place);
// 1 for a folder in which names that differ in case only are one.
int cplatform_folds_case(const char *path);

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
// Does so at exit, and where ^C, ^\, SIGTERM or SIGHUP would end the program.
void cplatform_leftovers_on_signals(void);

// The first of these signals is noted, and a byte is written to the descriptor, where it is one; the second one
// ends the program. Calls of the system go on.
void cplatform_interrupt_on(int number, int descriptor);
// The signal that was noted; 0 for none.
int cplatform_interrupt_received(void);

// What stands under a name, as far as it decides whether it can be removed; follows no link.
struct cplatform_entry {
  uint64_t device;
  uint64_t inode;
  uint64_t mount;
  uint64_t links;
  int64_t size;
  // As the file system counts them, 512 bytes each.
  int64_t blocks;
  struct cplatform_time modified;
  uint32_t mode;
  uint32_t owner;
  // Immutable or append-only: neither it nor what is in it can be removed.
  int is_fixed;
};
// An empty name is the descriptor itself. -1 with errno set.
int cplatform_entry_look(int folder, const char *name, struct cplatform_entry *entry);
// Holds a folder open without any right in it; follows no link in the last part. -1 with errno set.
int cplatform_hold(int folder, const char *name);
// The same by a path below folder that leads through no link, and onto no other mount unless enters_mounts:
// EXDEV for a mount, ELOOP for a link.
int cplatform_hold_jailed(int folder, const char *path, int enters_mounts);
// Holds what an absolute path means to a process that has the folder as its root; -1 with errno set.
int cplatform_hold_within(const char *root, const char *path);

// Large blocks go back to the kernel when they are freed, and threads share two arenas.
void cplatform_memory_settle(void);

#endif
