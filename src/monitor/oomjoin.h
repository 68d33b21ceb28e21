/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Joins what the groups count (memory.events: how many were killed, and where) with what the kernel's log
 * says of each (whose limit, who). The counters are what is true: each kill that they count is told once, by
 * an EVENT_OOM_KILL, and no line of the log makes one. Lines come before their counters are read, or up to 50
 * ms later; the event waits for them. The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_OOMJOIN_H
#define BOXTOP_MONITOR_OOMJOIN_H

#include "monitor/eventq.h"
#include "base/oomlog.h"

struct oomjoin_line; /* waits to be counted */
struct oomjoin_open; /* an event with kills that no line explains yet */

struct oomjoin {
    struct eventq *queue;
    bool listens;        /* somebody reads the kernel's log */
    bool adopts;         /* the log's paths are those of the groups; not where memory is on cgroup v1 */
    uint64_t counted;    /* how often kills were counted: changes when there are new ones */
    uint64_t overrun_ns; /* when lines were lost last; 0: never */
    struct oomjoin_line **lines; /* NULL: nobody listens */
    struct oomjoin_open *opens;
    size_t line_count, open_count;
};

enum {
    OOMJOIN_GUESSED = 1, /* the group is gone, and this one is where its kills are missing */
    OOMJOIN_GROUP = 2,   /* memory.oom.group is set: more may follow */
};

void oomjoin_init(struct oomjoin *join, struct eventq *queue, bool listens, bool adopts);
void oomjoin_fini(struct oomjoin *join);
/* A process was killed. */
void oomjoin_line(struct oomjoin *join, const struct oom_line *line, uint64_t now_ns);
/* event->value kills were counted in event->cgroup. Its evidence says what is known from counters; it is the
 * join's from now on. */
void oomjoin_count(struct oomjoin *join, const struct event *event, unsigned flags, uint64_t now_ns);
/* Lines were lost: who has none now may have had one. */
void oomjoin_overrun(struct oomjoin *join, uint64_t now_ns);
/* Tells what has waited long enough. Returns in how many ms it wants to be called again, -1: nothing waits.
 */
int oomjoin_settle(struct oomjoin *join, uint64_t now_ns);

#endif
