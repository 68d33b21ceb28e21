/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What two readings of a group's counters say per second. Pure.
 */
#ifndef BOXTOP_MONITOR_RATE_H
#define BOXTOP_MONITOR_RATE_H

#include "monitor/snapshot.h"

/* Nothing is known: all NAN. */
void rate_unknown(struct rates *ret);
/* A rate is NAN where a counter is absent or went back, or where no time has passed. */
void rate_compute(const struct counters *before, const struct counters *now, struct rates *ret);

#endif
