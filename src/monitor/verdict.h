/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Why is it slow: for each group the one thing to know, in plain words with the figures it rests on. A table
 * of rules; a pure function of the snapshot.
 */
#ifndef BOXTOP_MONITOR_VERDICT_H
#define BOXTOP_MONITOR_VERDICT_H

#include "base/words.h"
#include "monitor/event.h"
#include "monitor/snapshot.h"

/* In the order in which they are looked at: the first that applies is it. */
enum verdict_id {
    VERDICT_FROZEN,
    VERDICT_OOM_KILLED, /* in this interval */
    VERDICT_EMPTY,      /* no process in it or below */
    VERDICT_UNKNOWN,    /* not looked at twice yet */
    VERDICT_FORKS_REFUSED,
    VERDICT_THROTTLED,
    VERDICT_THROTTLED_ABOVE, /* by an ancestor's cpu.max */
    VERDICT_RECLAIM_HIGH,    /* its processes are made to give memory back */
    VERDICT_RECLAIM_MAX,
    VERDICT_SWAPPING,
    VERDICT_IO, /* waits for a device */
    VERDICT_NEAR_MAX,
    VERDICT_STARVED, /* waits for a CPU without being throttled */
    VERDICT_SHORT,   /* the same by itself: the machine has no more CPUs */
    VERDICT_NEAR_PIDS,
    VERDICT_IDLE,
    VERDICT_FINE,
    VERDICT_COUNT
};

enum verdict_severity { SEVERITY_QUIET, SEVERITY_NOTE, SEVERITY_WARN, SEVERITY_BAD };

struct verdict {
    enum verdict_id id;
    enum verdict_severity severity;
    int by; /* the row that it is because of: itself, or the ancestor with the limit; -1: none */
};

#define VERDICT_TEXT 200

/* "throttled", "near_max", ...: what scripts compare. */
const char *verdict_name(enum verdict_id id);
struct verdict verdict_of(const struct snapshot *snapshot, int row);
/* The line, fit for a terminal: "throttled by its own cpu.max: 98% of periods, 0.50 CPUs lost". As `words`
 * say it; NULL: in English, for machines. */
void verdict_text(const struct snapshot *snapshot, int row, const struct verdict *verdict, words_fn *words,
                  char to[VERDICT_TEXT]);
/* Notes in the evidence of each kill of a list what was to be said of its group in the last snapshot before;
 * NULL: there is none. */
void verdict_of_kills(const struct snapshot *before, struct event *list);

#endif
