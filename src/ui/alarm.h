/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a group's row is marked for, and what the header counts of all groups, seen or not. Pure.
 */
#ifndef BOXTOP_UI_ALARM_H
#define BOXTOP_UI_ALARM_H

#include <stddef.h>

struct sample;
struct snapshot;

enum alarm {
    ALARM_THROTTLED = 1, /* by its own quota, as much of the time as alerts ask for */
    ALARM_NEAR = 2,      /* its own memory.max or pids.max is nearly used up */
};

/* Bits of enum alarm; 0 for NULL. */
unsigned alarm_of(const struct sample *sample);
/* How many groups are in that state. */
struct alarms {
    size_t throttled, near;
};

/* Counts those of a snapshot. `before`: the one of the same tree that was counted last, which is still there:
 * only what differs is looked at; NULL: none. */
void alarms_count(struct alarms *alarms, const struct snapshot *now, const struct snapshot *before);

#endif
