/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What of a limit is in force: the groups above count as well. Worked out when it is asked for, along the
 * ancestors. Pure.
 */
#ifndef BOXTOP_MONITOR_EFFECTIVE_H
#define BOXTOP_MONITOR_EFFECTIVE_H

#include "monitor/snapshot.h"

enum effective_limit {
    EFFECTIVE_MEMORY_MAX,
    EFFECTIVE_MEMORY_HIGH,
    EFFECTIVE_SWAP_MAX,
    EFFECTIVE_SWAP_HIGH,
    EFFECTIVE_PIDS_MAX,
    EFFECTIVE_MEMORY_LOW,
    EFFECTIVE_MEMORY_MIN,
    EFFECTIVE_COUNT
};

/* The limit of a file's name ("memory.max"); -1: it is none of these. */
int effective_find(const char *file);
/* The smallest along the ancestors, and whose it is: of limits the topmost's that have it, as that one is hit
 * first or with the others. Of what is protected (memory.low, memory.min) a group has no more than the groups
 * above have to give, and the row is its own unless one of those has less; several that ask for more than
 * there is share it. */
struct effective effective_of(const struct snapshot *snapshot, int row, enum effective_limit limit);

#endif
