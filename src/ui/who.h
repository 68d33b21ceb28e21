/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who lives in a cgroup: its first process, and which namespaces that has of its own. Read from /proc, only
 * for the selected row and only once the selection rests. Knows no curses.
 */
#ifndef BOXTOP_UI_WHO_H
#define BOXTOP_UI_WHO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/store.h"

struct who {
    uint64_t key; /* the row it is about */
    bool known;
    pid_t pid; /* 0: nobody, or hidden from us */
    char command[64];
    uint64_t namespaces[8], host[8]; /* inodes in the order of namespace_names; 0: unknown */
};

/* `directory`: the cgroup's in the file system; pid 0: take the first of cgroup.procs. */
void who_read(struct who *who, uint64_t key, const char *directory, pid_t pid);

#endif
