/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Mounts by descriptor: made detached, then moved onto a target that was resolved below the new root, so that
 * no path is looked up twice and no symbolic link in a root leads out of it (KERNEL: openat2(2),
 * mount_setattr(2)). All return a descriptor or 0, or a negative errno with *err filled.
 */
#ifndef BOXTOP_CORE_MOUNTS_H
#define BOXTOP_CORE_MOUNTS_H

#include <stdbool.h>

#include "base/err.h"

/* A new file system `type` with `options` ("mode=755,size=64k,flag"; NULL: none), detached. */
int mounts_new(const char *type, const char *options, unsigned long attributes, struct err *err);
/* The same of something, /dev/sda1 for example, instead of a name that is shown. */
int mounts_make(const char *type, const char *source, const char *options, unsigned long attributes,
                struct err *err);
/* The same as mounts_new(), on the directory `at`, which this process goes into. One call where four are
 * needed to have the mount in hand. */
int mounts_new_at(int at, const char *type, const char *options, unsigned long attributes, struct err *err);
/* A copy of the mount(s) at `path` below dirfd (AT_FDCWD: the host's), with these attributes added. */
int mounts_copy(int dirfd, const char *path, bool recursive, unsigned long attributes, struct err *err);
/* Puts a detached mount onto the target; `path` is for the message. */
int mounts_attach(int mount, int target, const char *path, struct err *err);

/* `path` below `root`: resolved inside it, O_PATH. With `links` false a symbolic link on the way is refused.
 * -ENOENT with *err filled if it is not there. */
int mounts_resolve(int root, const char *path, bool links, struct err *err);
/* For who goes on without it: -errno and no words, which cost more than looking. */
int mounts_look(int root, const char *path, bool links);
/* The same, made where it is missing: directories, and the last part as a directory or an empty file. */
int mounts_resolve_or_make(int root, const char *path, bool links, bool directory, struct err *err);

#endif
