/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One thread that samples and listens to every cgroup below a root, and hands over immutable snapshots and
 * events. Nothing here writes to any cgroup, but for triggers on its pressure. All functions are for one
 * other thread (the user of the monitor); none of them blocks on the kernel's files.
 */
#ifndef BOXTOP_MONITOR_MONITOR_H
#define BOXTOP_MONITOR_MONITOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "monitor/event.h"
#include "monitor/snapshot.h"

struct monitor;

struct monitor_options {
    uint64_t interval_ms;            /* 100..3600000; 0: 1000 */
    bool rests;                      /* groups that nobody looks at are read when they change */
    bool pressed;                    /* a sample comes early when tasks begin to wait (trigger.h) */
    const char *root;                /* only the subtree below this cgroup ("/boxtop"); NULL or "/": all */
    const struct cgroupfs *cgroupfs; /* for tests: a recorded tree; NULL: this machine's */
};

/* Starts the thread. The first snapshot (without rates) is published as soon as it is there. Raises this
 * process' RLIMIT_NOFILE as far as allowed (files are kept open): who spawns programs puts it back in them,
 * by monitor_restore_limits(). -ENOENT: no such root. A machine without cgroup v2 is no error: its snapshots
 * have no rows. */
int monitor_start(const struct monitor_options *options, struct monitor **ret, struct err *err);
/* Readable whenever a new snapshot or event is there. monitor_take() re-arms it, so it comes first, then
 * monitor_events(). */
int monitor_fd(const struct monitor *monitor);
/* The latest snapshot not yet taken, or NULL. The caller's to snapshot_free(). */
struct snapshot *monitor_take(struct monitor *monitor);
/* All events since the last call, oldest first; a list, free with event_free_list(). */
struct event *monitor_events(struct monitor *monitor);
/* Takes effect at once. */
void monitor_set_interval(struct monitor *monitor, uint64_t interval_ms);
/* Sample now, not at the next tick (after a limit was turned); at the least 100 ms after the last sample. */
void monitor_poke(struct monitor *monitor);
/* Says which groups are looked at from now on, and which parts of struct detail are read of them: at once for
 * those that are new, then with each sample. The list is copied; an id that is not there is no error, two for
 * one id add up. Until the first call nothing is looked at. */
void monitor_look(struct monitor *monitor, const struct detail_look *list, size_t count);
/* Gives a process that was just spawned the limits that this one had before the monitor raised them. */
void monitor_restore_limits(const struct monitor *monitor, pid_t child);
/* Ends the thread and frees everything not taken. NULL is fine. */
void monitor_stop(struct monitor *monitor);

#endif
