/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Small whole files, relative to a directory that is held open: a path is resolved once. All return 0 (or a
 * length) or -errno; no allocation unless said. Any thread.
 */
#ifndef BOXTOP_BASE_FS_H
#define BOXTOP_BASE_FS_H

#include <stddef.h>
#include <sys/types.h>

/* Reads at most size-1 bytes of a file and terminates them. Returns the length. -EFBIG if there was more. */
ssize_t fs_read_at(int dirfd, const char *name, char *to, size_t size);
/* The same of an open descriptor, from offset 0 (pread): how kernel files are read again and again. */
ssize_t fs_pread(int fd, char *to, size_t size);
/* The whole file in allocated memory (at most `limit` bytes, else -EFBIG); *ret_text is the caller's. */
ssize_t fs_read_whole_at(int dirfd, const char *name, size_t limit, char **ret_text);
/* One write(2) of the whole text to an existing file: what the kernel's interface files ask for. */
int fs_write_at(int dirfd, const char *name, const char *text);
/* Replaces `name` as one step: written to a temporary name, then renamed. Mode 0600. */
int fs_replace_at(int dirfd, const char *name, const char *text, size_t len);
/* Its two halves; nothing is seen of the first. */
/* A file that is not there yet, whole. */
int fs_create_at(int dirfd, const char *name, const char *text, size_t len);
int fs_replace_begin_at(int dirfd, const char *name, const char *text, size_t len);
int fs_replace_end_at(int dirfd, const char *name);
/* mkdir -p; parents and leaf with `mode`. An existing directory is fine. */
int fs_mkdirs(const char *path, mode_t mode);
/* rm -rf below dirfd; never follows a link, never leaves the file system's directory. */
int fs_remove_tree_at(int dirfd, const char *name);
/* All of it, through EINTR and short writes. */
int fs_write_all(int fd, const char *bytes, size_t len);

#endif
