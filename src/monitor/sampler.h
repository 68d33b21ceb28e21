/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor's work without its thread: looks at the tree, reads what is due, tells events, makes snapshots.
 * Whoever calls it does so from one thread.
 */
#ifndef BOXTOP_MONITOR_SAMPLER_H
#define BOXTOP_MONITOR_SAMPLER_H

#include "monitor/detail_read.h"
#include "monitor/engines.h"
#include "monitor/eventq.h"
#include "monitor/brink.h"
#include "monitor/cgiter.h"
#include "monitor/hostinfo.h"
#include "monitor/oomjoin.h"
#include "monitor/snapshot.h"
#include "monitor/tree.h"

struct sampler {
    struct cgroupfs cgroupfs;
    struct tree tree;
    struct hostinfo hostinfo;
    struct engines engines;
    struct detail_reader details;
    struct eventq *events;
    struct oomjoin join;
    struct oomlog oomlog;
    struct pidmap pids;
    int kmsg_fd;              /* -1: the kernel's log is not read */
    bool quiet;               /* the first scan: what is there is no news */
    bool look_again;          /* the kernel lost notifications */
    uint64_t sampled_ns;      /* when the last full sample was complete; 0: never */
    struct snapshot *last;    /* without rows: the figures beside them, as of the last full sample */
    struct detail_look *look; /* what is looked at */
    size_t look_count;
    struct snapshot_pool *pool;
    bool rests;         /* groups that nobody looks at may be read less often */
    char *iter_program; /* boxtop-iter; NULL: files only */
    size_t iter_groups; /* from so many groups on */
    struct cgiter iter;
    bool walked;                   /* it has, in the sample in the making */
    uint64_t started_ns, since_ns; /* when the last sample began; and the one before, during one */
    size_t turn;                   /* whose it is among those at rest */
    size_t most_groups;            /* since memory was given back */
    unsigned samples_since_fall;   /* of half of those or more */
    struct group **sampled;        /* those that were read, during sampler_tick() */
    size_t sampled_count, sampled_cap;
    struct group **stale; /* groups with something reported, during sampler_notified() */
    size_t stale_count, stale_cap;
};

void sampler_init(struct sampler *sampler, const struct cgroupfs *cgroupfs, const char *root,
                  struct eventq *events);
void sampler_fini(struct sampler *sampler);
/* Before anything else: reads the kernel's log from this descriptor (kmsg.h), which it takes. */
void sampler_listen(struct sampler *sampler, int kmsg_fd);
/* Readable when sampler_notified() has something to do; -1: never. */
int sampler_fd(const struct sampler *sampler);
/* A full sample. The snapshot is the caller's. */
struct snapshot *sampler_tick(struct sampler *sampler);
/* From now on a sample may leave out groups that did not change, unless they are looked at. */
void sampler_rest(struct sampler *sampler, bool rests);
/* From so many groups on the kernel's iterator is used, if it can be. `program`: the path of boxtop-iter. */
void sampler_walk(struct sampler *sampler, const char *program, size_t groups);
/* Does what the kernel's notifications ask for. True if a snapshot would show anything new. */
bool sampler_notified(struct sampler *sampler);
/* Says what is looked at from now on; the list is the sampler's to free. Reads what is new in it: true if a
 * snapshot would show anything new. */
bool sampler_look(struct sampler *sampler, struct detail_look *list, size_t count);
/* Reads what the kernel has logged. True if it killed somebody: a snapshot would show it. */
bool sampler_logged(struct sampler *sampler);
/* Tells what has waited long enough; in how many ms it wants to be called again, -1: nothing waits. */
int sampler_settle(struct sampler *sampler);
/* A snapshot of what is known now; rates are those of the last full sample. */
struct snapshot *sampler_snapshot(struct sampler *sampler);

#endif
