/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the monitor saw at one moment: every cgroup of the tree, immutable. Made by the monitor's thread,
 * handed over whole (mailbox.h), read and freed by whoever took it: one allocation, and what its rows share
 * with the monitor by counting references. Rows are in tree order: a parent stands before its children, and
 * its whole subtree before its next sibling; siblings by name. Counters are VALUE_ABSENT, a number, or
 * VALUE_MAX (base/value.h); rates are NAN where unknown (first sample of a group, a counter that went back,
 * controller absent).
 */
#ifndef BOXTOP_MONITOR_SNAPSHOT_H
#define BOXTOP_MONITOR_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cgroupfs.h"
#include "monitor/detail.h"
#include "monitor/figures.h"
#include "monitor/identity.h"

/* The smallest limit along the ancestors in this snapshot, and the row that sets it (-1: none; the limit is
 * VALUE_MAX then, or VALUE_ABSENT if no row says any). */
struct effective {
    uint64_t value;
    int row;
};

struct sample {
    uint64_t id;      /* inode of the directory: a group made again under the same name is another */
    const char *path; /* from the mount, "/" or "/boxtop/web"; raw kernel bytes, not fit for a terminal */
    const char *name; /* last component of path ("/" for the root) */
    int parent;       /* index of the parent's row, -1 for the first */
    int depth;        /* 0 for the first */
    uint64_t procs;   /* processes in this very group where pids is absent, else VALUE_ABSENT */
    const struct counters *now;    /* of one struct figures, to which the row holds a reference, */
    const struct rates *rate;      /* both of them */
    uint64_t effective_memory_max; /* as struct effective; those of others: effective.h */
    int effective_memory_row;
    double effective_cpu_percent; /* quota as percent of one CPU; NAN: none */
    int effective_cpu_row;
    int throttling_row; /* the nearest self-or-ancestor that was throttled in this interval; -1: none */
    const struct identity *identity; /* whose it is; NULL: nothing is known. The snapshot holds a reference */
    const struct detail *detail;     /* NULL unless somebody looks at it, or it waits for io. Likewise */
};

struct host {
    char hostname[65], kernel[65];
    double cpu_percent; /* 100: one CPU, from /proc/stat */
    unsigned cpus;
    uint64_t memory_total, memory_available, swap_total, swap_free; /* bytes, /proc/meminfo */
    uint64_t load1_centi;                                           /* load average x 100 */
    uint64_t cpu_some_avg10, memory_some_avg10, io_some_avg10;      /* /proc/pressure, 1/100 percent */
    uint64_t oom_kills;                                             /* /proc/vmstat oom_kill, since boot */
};

struct snapshot {
    uint64_t serial;          /* counts up; 1 is the first */
    uint64_t sample_serial;   /* counts full samples; unchanged in a snapshot that an event hurried */
    uint64_t time_ns;         /* monotonic */
    uint64_t wall_ns;         /* wall clock */
    uint64_t interval_ns;     /* between the last two full samples; 0 for the first */
    struct cgroupfs cgroupfs; /* where the tree is and what is missing */
    struct host host;
    uint64_t cost_ns;           /* CPU time the monitor's thread spent on the last full sample */
    bool walked;                /* by the kernel's iterator, not by files (cgiter.h) */
    unsigned triggers;          /* of pressure: how many wake the monitor; 0: none is allowed, or wanted */
    uint64_t self_rss;          /* bytes, of this process */
    double self_cpu_percent;    /* of this process, since the last sample; NAN at first */
    struct snapshot_pool *pool; /* where it goes to be used again; NULL: nowhere. The makers' own, as is: */
    uint64_t shape;             /* of the tree when its rows were made */
    atomic_int others;          /* holders beside the first */
    size_t count;
    struct sample rows[];
};

/* Another reference for the row, in place of the one that it holds. */
void sample_set(struct sample *row, struct figures *figures);
/* The row's own, to be written while it is being made: the same figures, absent ones if it has none. */
struct figures *sample_own(struct sample *row);
/* Row index of the group with that path or id; -1 if it is not there. */
int snapshot_find_path(const struct snapshot *snapshot, const char *path);
int snapshot_find_id(const struct snapshot *snapshot, uint64_t id);
/* A copy. */
struct snapshot *snapshot_copy(const struct snapshot *snapshot);
/* Another holder of the same one, who is to free it, too. */
const struct snapshot *snapshot_ref(const struct snapshot *snapshot);
void snapshot_free(const struct snapshot *snapshot); /* NULL is fine */

/* Large trees change in a few rows from one snapshot to the next. The last one that was freed, by any thread,
 * waits here for its maker. */
struct snapshot_pool *snapshot_pool_new(void);
/* Its maker is done with it; it goes when the last of its snapshots does. */
void snapshot_pool_unref(struct snapshot_pool *pool);
/* The one that waits, or NULL. Its rows hold what they held. */
struct snapshot *snapshot_pool_take(struct snapshot_pool *pool);
/* For a snapshot that is handed out: freed, it comes back. */
void snapshot_pool_join(struct snapshot_pool *pool, struct snapshot *snapshot);

#endif
