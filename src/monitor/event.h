/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Something that happened to a cgroup, seen because the kernel woke us (inotify), not at the tick. A plain
 * value.
 */
#ifndef BOXTOP_MONITOR_EVENT_H
#define BOXTOP_MONITOR_EVENT_H

#include <stdbool.h>
#include <stdint.h>

struct oom;

enum event_kind {
    /* Counters that went up, each told of the group where it happened and not of its ancestors too. All but
     * `oom_kill` at most once a second for a group; value: by how many since the last. */
    EVENT_OOM_KILL,  /* victims in this very group */
    EVENT_MAX,       /* memory.max was hit */
    EVENT_HIGH,      /* memory.high was hit */
    EVENT_PIDS_MAX,  /* pids.max was hit: forks refused */
    EVENT_SWAP_MAX,  /* memory.swap.max, its own or an ancestor's, was hit */
    EVENT_SWAP_FAIL, /* no place in swap was to be had: for that reason, or because it is full */
    EVENT_THROTTLED, /* first sample with throttled periods after ten seconds without */
    EVENT_STARTED,   /* populated 0 -> 1 */
    EVENT_EXITED,    /* populated 1 -> 0 */
    EVENT_PAUSED,    /* frozen 0 -> 1 */
    EVENT_RESUMED,   /* frozen 1 -> 0 */
    EVENT_SET,       /* somebody changed a limit: file and its text now */
    EVENT_APPEARED,
    EVENT_VANISHED,
    EVENT_LOST, /* something is missing; file: "events" (ours: the queue was full), "inotify" (the kernel's),
                   or "kmsg" (records of its log); value: how many, 0: unknown */
    EVENT_KIND_COUNT
};

struct event {
    uint64_t serial; /* counts up from 1 */
    uint64_t mono_ns, wall_ns;
    enum event_kind kind;
    uint64_t cgroup_id;
    char cgroup[256]; /* path from the mount; raw kernel bytes; cut if longer */
    uint64_t value;   /* how many (of counters that went up), else 0 */
    uint64_t total;   /* the counter after it; memory.current for oom_kill is in `memory_current` */
    uint64_t memory_current, memory_max; /* as of the last sample before; VALUE_ABSENT if unknown */
    char file[32];                       /* EVENT_SET: "memory.max"; EVENT_LOST: whose */
    char text[96];                       /* EVENT_SET: what the file says now, first line */
    struct oom *oom;                     /* EVENT_OOM_KILL: the evidence, the event's own; else NULL */
    bool held;                           /* the queue's: it is not complete yet */
    struct event *next;                  /* in a list taken from the monitor */
};

/* "oom_kill", "max", ... the contract's names in `boxtop events`. */
const char *event_name(enum event_kind kind);
/* A copy with nothing of its own: the evidence stays with `event`. */
struct event event_plain(const struct event *event);
void event_free_list(struct event *list); /* NULL is fine */

#endif
