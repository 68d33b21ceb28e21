/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's log as a descriptor, one record a read(2).
 */
#ifndef BOXTOP_BASE_KMSG_H
#define BOXTOP_BASE_KMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Opens /dev/kmsg: behind its last record, or with `all` that there still are before the first. A descriptor
 * that never blocks, or -errno: -EPERM without CAP_SYSLOG where kernel.dmesg_restrict is 1 (Debian), -ENOENT
 * in a container without it. */
int kmsg_open(bool all);
/* One record. Its length; 0: there is none for now; -EPIPE: some were overwritten before they were read, and
 * the next is the oldest that is left; another -errno: it can't be read any more. */
ssize_t kmsg_read(int fd, char *to, size_t size);

#endif
