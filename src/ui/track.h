/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the screen remembers of each cgroup between snapshots, by the cgroup's id: its last samples for the
 * graphs, whether it is folded, and kills that nobody has acknowledged yet. Groups that are gone are
 * forgotten. UI thread; knows no curses.
 */
#ifndef BOXTOP_UI_TRACK_H
#define BOXTOP_UI_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACK_SAMPLES     600        /* of a group, at most */
#define TRACK_SAMPLES_MIN 60         /* however many groups there are */
#define TRACK_BUDGET      (4u << 20) /* bytes for all of them, the selected one aside */

/* Limits are INFINITY where the kernel says max; NAN is absent. Floats: graphs need no more. */
struct track_sample {
    float cpu_percent, lost_percent, quota_percent; /* 100: one CPU; lost: throttled */
    float throttled_periods_percent;
    float memory_bytes, memory_max_bytes, memory_high_bytes;
    uint32_t kills; /* in this interval */
};

struct track {
    uint64_t id;
    bool folded;
    uint64_t kills_seen;   /* acknowledged: the counter as it was then */
    uint64_t kills_before; /* the counter at the last sample */
    uint64_t last_kill_wall_ns;
    uint64_t pushed_ns; /* monotonic time of the newest sample */
    unsigned generation;
    struct track_sample *ring;
    size_t capacity, limit, first, count; /* limit: how far capacity may grow */
    uint64_t pushed;                      /* samples ever */
};

struct tracks {
    struct track **slots; /* open addressing, power of two */
    size_t capacity, count;
    unsigned generation;
};

/* NULL if it isn't known. */
struct track *tracks_find(const struct tracks *tracks, uint64_t id);
/* Finds or makes it, and marks it as seen in this generation. *ret_new says which. */
struct track *tracks_touch(struct tracks *tracks, uint64_t id, bool *ret_new);
/* Forgets all that were not touched since the last call. */
void tracks_sweep(struct tracks *tracks);
void tracks_fini(struct tracks *tracks);

/* Adds a sample; true if there is one more then. One that comes sooner than min_gap_ns after the last one
 * replaces it (a poke is not a tick), keeping its kills. */
bool track_push(struct track *track, const struct track_sample *sample, uint64_t now_ns, uint64_t min_gap_ns);
/* The index-th sample, 0 is the oldest. */
const struct track_sample *track_at(const struct track *track, size_t index);

#endif
