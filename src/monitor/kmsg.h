/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's log as a descriptor: only what is written from now on, one record a read(2). The monitor's
 * thread only.
 */
#ifndef BOXTOP_MONITOR_KMSG_H
#define BOXTOP_MONITOR_KMSG_H

#include <stddef.h>
#include <sys/types.h>

/* Opens /dev/kmsg behind its last record. A descriptor that never blocks, or -errno: -EPERM without
 * CAP_SYSLOG where kernel.dmesg_restrict is 1 (Debian), -ENOENT in a container without it. */
int kmsg_open(void);
/* One record. Its length; 0: there is none for now; -EPIPE: some were overwritten before they were read, and
 * the next is the oldest that is left; another -errno: it can't be read any more. */
ssize_t kmsg_read(int fd, char *to, size_t size);

#endif
