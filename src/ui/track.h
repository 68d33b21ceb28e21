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
#define TRACK_SAMPLES_MIN 32         /* however many groups there are */
#define TRACK_BUDGET      (2u << 20) /* bytes of all samples, the selected group's aside */

/* Limits are INFINITY where the kernel says max; NAN is absent. Floats: graphs need no more. */
struct track_sample {
    float cpu_percent, lost_percent, quota_percent; /* 100: one CPU; lost: throttled */
    float memory_bytes, memory_max_bytes, memory_high_bytes;
    uint32_t kills;     /* in this interval */
    uint32_t tasks;     /* TRACK_UNKNOWN: not known */
    uint32_t tasks_max; /* pids.max; TRACK_UNKNOWN: there is no limit */
    /* of the interval's time, 1/100 percent; TRACK_NO_SHARE: not known */
    uint16_t cpu_some, cpu_full, memory_some, memory_full, io_some, io_full;
    uint16_t system;  /* of cpu_percent, 1/100 percent */
    uint16_t refused; /* forks, in this interval; more are as many as fit */
};

#define TRACK_UNKNOWN  UINT32_MAX
#define TRACK_NO_SHARE UINT16_MAX

/* Of the selected group besides: what is known only of groups that are looked at (monitor/detail.h). In step
 * with its track, and as long as it has been selected. Bytes per second; NAN: not known. */
struct trail_point {
    float read, written, received, sent;
};

struct trail {
    uint64_t id;
    struct trail_point ring[TRACK_SAMPLES];
    size_t first, count;
};

/* `fresh`: another sample than the last one, else it takes its place. */
void trail_push(struct trail *trail, uint64_t id, const struct trail_point *point, bool fresh);
const struct trail_point *trail_at(const struct trail *trail, size_t index); /* 0 is the oldest */

/* Samples that are all the same: most groups do nothing most of the time. */
struct track_run {
    struct track_sample sample;
    uint32_t until; /* of all samples ever (their number, cut): the last of these */
};

struct track {
    uint64_t id;
    bool folded, open;
    uint64_t kills_seen;   /* acknowledged: the counter as it was then */
    uint64_t kills_before; /* the counter at the last sample */
    uint64_t refused_before;
    uint64_t last_kill_wall_ns;
    uint64_t pushed_ns; /* monotonic time of the newest sample */
    unsigned generation;
    uint64_t tick;          /* of the table: its samples are there up to it */
    size_t limit, count;    /* samples: how many they may become, and are */
    uint64_t pushed;        /* samples ever */
    struct track_run *runs; /* a ring */
    uint32_t capacity, first, run_count;
};

/* A group that stays as it is costs nothing: its samples are made when somebody asks for its track. */
struct tracks {
    struct track **slots; /* open addressing, power of two */
    size_t capacity, count;
    unsigned generation;
    uint64_t tick;          /* counts what all get at once */
    uint64_t pushed_ns;     /* monotonic time of the newest */
    uint64_t next, next_ns; /* what they will be, while it is made */
};

/* NULL if it isn't known. */
struct track *tracks_find(const struct tracks *tracks, uint64_t id);
/* Finds or makes it, and marks it as seen in this generation. *ret_new says which. */
struct track *tracks_touch(struct tracks *tracks, uint64_t id, bool *ret_new);
/* Forgets all that were not touched since the last call. */
void tracks_sweep(struct tracks *tracks);
void tracks_fini(struct tracks *tracks);
/* What is touched between these gets its samples from who does it; all others get their last one once more,
 * if that is a tick and not a poke in between (track_push). `all`: all are touched. True: it is a tick. */
bool tracks_begin(struct tracks *tracks, bool all, uint64_t now_ns, uint64_t min_gap_ns);
void tracks_end(struct tracks *tracks);
/* Forgets all samples, and nothing else. */
void tracks_empty(struct tracks *tracks);
/* So many samples that nobody took. */
void tracks_gap(struct tracks *tracks, size_t samples);

/* As many as fit. */
uint16_t track_few(uint64_t count);
/* Adds a sample; true if there is one more then. One that comes sooner than min_gap_ns after the last one
 * replaces it (a poke is not a tick), keeping its kills. */
bool track_push(struct track *track, const struct track_sample *sample, uint64_t now_ns, uint64_t min_gap_ns);
/* The index-th sample, 0 is the oldest. */
const struct track_sample *track_at(const struct track *track, size_t index);

#endif
