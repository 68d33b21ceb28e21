/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The text of a cgroup's files as counters. One table says which files there are, when each is read, and
 * which of its words fill which fields. Keys are looked up, unknown ones ignored; what a text does not say,
 * or says in no number, is VALUE_ABSENT. Pure.
 */
#ifndef BOXTOP_MONITOR_CGPARSE_H
#define BOXTOP_MONITOR_CGPARSE_H

#include <stdbool.h>

#include "monitor/snapshot.h"

enum cgfile {
    /* sampled: nothing tells when they change */
    CGFILE_CPU_STAT,
    CGFILE_MEMORY_CURRENT,
    CGFILE_MEMORY_PEAK,
    CGFILE_SWAP_CURRENT,
    CGFILE_PIDS_CURRENT,
    CGFILE_CPU_PRESSURE,
    CGFILE_MEMORY_PRESSURE,
    CGFILE_IO_PRESSURE,
    /* notified: the kernel reports each change to who watches the directory and holds the file open */
    CGFILE_MEMORY_EVENTS,
    CGFILE_MEMORY_EVENTS_LOCAL,
    CGFILE_SWAP_EVENTS,
    CGFILE_PIDS_EVENTS,
    CGFILE_PIDS_EVENTS_LOCAL,
    CGFILE_CGROUP_EVENTS,
    /* limits: changed by whoever writes them, which is reported likewise */
    CGFILE_CPU_MAX,
    CGFILE_CPU_MAX_BURST,
    CGFILE_CPU_WEIGHT,
    CGFILE_CPU_IDLE,
    CGFILE_CPUSET_CPUS,
    CGFILE_CPUSET_MEMS,
    CGFILE_MEMORY_MIN,
    CGFILE_MEMORY_LOW,
    CGFILE_MEMORY_HIGH,
    CGFILE_MEMORY_MAX,
    CGFILE_SWAP_HIGH,
    CGFILE_SWAP_MAX,
    CGFILE_OOM_GROUP,
    CGFILE_PIDS_MAX,
    CGFILE_IO_MAX,
    CGFILE_IO_WEIGHT,
    CGFILE_COUNT,

    CGFILE_FIRST_NOTIFIED = CGFILE_MEMORY_EVENTS,
    CGFILE_FIRST_LIMIT = CGFILE_CPU_MAX,
    CGFILE_KEPT_COUNT = CGFILE_FIRST_LIMIT, /* those worth an open descriptor */
    CGFILE_LIMIT_COUNT = CGFILE_COUNT - CGFILE_FIRST_LIMIT
};

const char *cgfile_name(enum cgfile file);
/* The file of that name, or -1: none that is in the table. */
int cgfile_find(const char *name);

/* Whether all that a file of that name says is in the counters: the local events' files say more. */
bool cgfile_is_sampled(const char *name);

/* Fills the fields of `file` from its text; its other fields become absent. */
void cgparse(enum cgfile file, const char *text, struct counters *to);
/* The file is not there: its fields become absent. */
void cgparse_absent(enum cgfile file, struct counters *to);
/* Every field of every file. */
void cgparse_absent_all(struct counters *to);

#endif
