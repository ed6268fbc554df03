// libarchive, loaded when the first archive is opened: a program that only looks into a cache must not
// wait for it and the libraries behind it at each start.
#ifndef CARCHIVE_LATE_H
#define CARCHIVE_LATE_H

#include <archive.h>
#include <archive_entry.h>

#define LATE_FUNCTIONS(X) \
  X(archive_entry_filetype) X(archive_entry_hardlink) X(archive_entry_size) \
  X(archive_entry_size_is_set) X(archive_error_string) X(archive_filter_bytes) \
  X(archive_read_data) X(archive_read_free) X(archive_read_header_position) \
  X(archive_read_new) X(archive_read_next_header) X(archive_read_open) \
  X(archive_read_support_format_raw) X(archive_read_support_format_tar) \
  X(archive_set_error)

#define LATE_DECLARE(name) extern __typeof__(name) *late_##name;
LATE_FUNCTIONS(LATE_DECLARE)

// Loads the library once. Returns 0, or -1 where it is not installed or lacks a function.
int late_archive_load(void);

// The shim calls the functions by their own names.
#ifndef LATE_DEFINITIONS
#define archive_entry_filetype (*late_archive_entry_filetype)
#define archive_entry_hardlink (*late_archive_entry_hardlink)
#define archive_entry_size (*late_archive_entry_size)
#define archive_entry_size_is_set (*late_archive_entry_size_is_set)
#define archive_error_string (*late_archive_error_string)
#define archive_filter_bytes (*late_archive_filter_bytes)
#define archive_read_data (*late_archive_read_data)
#define archive_read_free (*late_archive_read_free)
#define archive_read_header_position (*late_archive_read_header_position)
#define archive_read_new (*late_archive_read_new)
#define archive_read_next_header (*late_archive_read_next_header)
#define archive_read_open (*late_archive_read_open)
#define archive_read_support_format_raw (*late_archive_read_support_format_raw)
#define archive_read_support_format_tar (*late_archive_read_support_format_tar)
#define archive_set_error (*late_archive_set_error)
#endif

#endif
