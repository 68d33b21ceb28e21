/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The options of a tmpfs that somebody asks for, in mount's words: "size=64m,mode=1777,exec".
 */
#ifndef BOXTOP_CORE_TMPFS_H
#define BOXTOP_CORE_TMPFS_H

#include "base/err.h"
#include "base/str.h"

/* As MOUNT_ATTR_* (nosuid, nodev and noexec unless told otherwise) and what the file system itself takes.
 * `options` may be NULL. */
int tmpfs_read_options(const char *options, unsigned long *ret_attributes, struct str *data, struct err *err);

#endif
