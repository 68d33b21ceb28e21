/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is noted of a group that is at its limit, before there is a victim: what fills it, and who is in it.
 * The kernel's line about a kill may not say in which group it was, and nothing else says what filled it
 * then. The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_BRINK_H
#define BOXTOP_MONITOR_BRINK_H

#include <stddef.h>

#include "monitor/cgread.h"
#include "base/oom.h"

struct brink {
    uint64_t ns;  /* monotonic: when it was looked at */
    uint64_t max; /* how often it had hit its limit by then */
    uint64_t current, swap;
    struct oom_filling filling;
};

/* Who was where, of those groups: the last of each bucket. */
#define PIDMAP_BUCKETS 4096
struct pidmap {
    struct pidmap_bucket *buckets; /* NULL: nobody was anywhere yet */
};

void pidmap_fini(struct pidmap *map);
/* The group of that process when it was last seen, or NULL. */
const char *pidmap_find(const struct pidmap *map, uint64_t pid);
/* Reads the group's files, if `max` (of memory.events.local) went up, and not more often than is worth it.
 * *brink is NULL until then, and the caller's to free. */
void brink_note(struct brink **brink, const struct cgread *files, const char *cgroup, uint64_t max,
                struct pidmap *map);

#endif
