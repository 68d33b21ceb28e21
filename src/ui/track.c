/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/track.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static size_t slot_of(const struct tracks *tracks, uint64_t id)
{
    size_t mask = tracks->capacity - 1;
    size_t slot = (size_t)(id * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (tracks->slots[slot] && tracks->slots[slot]->id != id)
        slot = (slot + 1) & mask;
    return slot;
}

/* Puts all that are kept into a new table of the given capacity. */
static void rebuild(struct tracks *tracks, size_t capacity)
{
    struct tracks next = *tracks;
    next.slots = mem_array(capacity, sizeof *next.slots);
    next.capacity = capacity;
    next.count = 0;
    for (size_t i = 0; i < tracks->capacity; i++) {
        struct track *track = tracks->slots[i];
        if (!track)
            continue;
        next.slots[slot_of(&next, track->id)] = track;
        next.count++;
    }
    free(tracks->slots);
    *tracks = next;
}

static void track_free(struct track *track)
{
    free(track->runs);
    free(track);
}

void tracks_sweep(struct tracks *tracks)
{
    bool gone = false;
    for (size_t i = 0; i < tracks->capacity; i++) {
        struct track *track = tracks->slots[i];
        if (!track || track->generation == tracks->generation)
            continue;
        track_free(track);
        tracks->slots[i] = NULL;
        gone = true;
    }
    /* A hole breaks the chains behind it. */
    if (gone)
        rebuild(tracks, tracks->capacity);
    tracks->generation++;
}

void tracks_fini(struct tracks *tracks)
{
    for (size_t i = 0; i < tracks->capacity; i++)
        if (tracks->slots[i])
            track_free(tracks->slots[i]);
    free(tracks->slots);
    *tracks = (struct tracks){0};
}

/* The index-th, 0 is the oldest. */
static struct track_run *run_at(const struct track *track, uint32_t index)
{
    return &track->runs[(track->first + index) % track->capacity];
}

static struct track_run *last_run(const struct track *track)
{
    return run_at(track, track->run_count - 1);
}

static bool is_same(const struct track_sample *a, const struct track_sample *b)
{
    static_assert(sizeof *a == 6 * sizeof(float) + 3 * sizeof(uint32_t) + 8 * sizeof(uint16_t), "no gaps");
    return memcmp(a, b, sizeof *a) == 0;
}

/* The sample at that place of all that are kept: its number among all ever. */
static uint32_t number_of(const struct track *track, size_t index)
{
    return (uint32_t)(track->pushed - track->count + index + 1);
}

static void drop_oldest(struct track *track)
{
    uint32_t number = number_of(track, 0);
    track->count--;
    if (run_at(track, 0)->until != number)
        return;
    track->first = (track->first + 1) % track->capacity;
    track->run_count--;
}

/* There are never more runs than samples. */
static void make_room(struct track *track)
{
    if (track->run_count < track->capacity)
        return;
    size_t most = track->count + 1 > track->limit ? track->count + 1 : track->limit;
    size_t capacity = track->capacity ? 2 * (size_t)track->capacity : 1;
    capacity = capacity > most ? most : capacity;
    struct track_run *runs = mem_array(capacity, sizeof *runs);
    for (uint32_t i = 0; i < track->run_count; i++)
        runs[i] = *run_at(track, i);
    free(track->runs);
    track->runs = runs;
    track->capacity = (uint32_t)capacity;
    track->first = 0;
}

static void append(struct track *track, const struct track_sample *sample)
{
    if (!track->run_count || !is_same(&last_run(track)->sample, sample)) {
        make_room(track);
        track->run_count++;
        last_run(track)->sample = *sample;
    }
    track->count++;
    last_run(track)->until = (uint32_t)++track->pushed;
}

static void drop_newest(struct track *track)
{
    uint32_t before = (uint32_t)--track->pushed;
    track->count--;
    if (!track->count || (track->run_count > 1 && run_at(track, track->run_count - 2)->until == before))
        track->run_count--;
    else
        last_run(track)->until = before;
}

/* What was the last sample is so once more, without what happened in it. */
static void repeat(struct track *track, uint64_t times)
{
    struct track_sample calm = last_run(track)->sample;
    uint64_t most = track->count + track->limit; /* then there is nothing else left */
    calm.kills = calm.refused = 0;
    for (uint64_t i = 0; i < times && i < most; i++) {
        if (track->count >= track->limit)
            drop_oldest(track);
        append(track, &calm);
    }
    if (times > most)
        last_run(track)->until = (uint32_t)(track->pushed += times - most);
}

/* Makes the samples of the ticks that nobody touched it at. */
static struct track *settle(const struct tracks *tracks, struct track *track)
{
    uint64_t times = track && tracks->tick > track->tick ? tracks->tick - track->tick : 0;
    if (times)
        track->tick = tracks->tick;
    if (times && track->count) {
        track->pushed_ns = tracks->pushed_ns;
        repeat(track, times);
    }
    return track;
}

struct track *tracks_find(const struct tracks *tracks, uint64_t id)
{
    return tracks->capacity ? settle(tracks, tracks->slots[slot_of(tracks, id)]) : NULL;
}

struct track *tracks_touch(struct tracks *tracks, uint64_t id, bool *ret_new)
{
    if (tracks->count * 2 >= tracks->capacity)
        rebuild(tracks, tracks->capacity ? tracks->capacity * 2 : 64);
    size_t slot = slot_of(tracks, id);
    struct track *track = tracks->slots[slot];
    *ret_new = !track;
    if (!track) {
        track = tracks->slots[slot] = mem_alloc(sizeof *track);
        track->id = id;
        track->tick = tracks->tick;
        tracks->count++;
    }
    settle(tracks, track)->tick = tracks->next;
    size_t room =
        TRACK_BUDGET / sizeof(struct track_sample) / tracks->count; /* there are more than there were */
    track->limit = room > TRACK_SAMPLES ? TRACK_SAMPLES : room < TRACK_SAMPLES_MIN ? TRACK_SAMPLES_MIN : room;
    track->generation = tracks->generation;
    return track;
}

bool tracks_begin(struct tracks *tracks, bool all, uint64_t now_ns, uint64_t min_gap_ns)
{
    bool ticks = !tracks->pushed_ns || now_ns >= tracks->pushed_ns + min_gap_ns;
    tracks->next = tracks->tick + (ticks && !all);
    tracks->next_ns = ticks ? now_ns : tracks->pushed_ns;
    return ticks;
}

void tracks_end(struct tracks *tracks)
{
    tracks->tick = tracks->next;
    tracks->pushed_ns = tracks->next_ns;
}

uint16_t track_few(uint64_t count)
{
    return count > UINT16_MAX ? UINT16_MAX : (uint16_t)count;
}

bool track_push(struct track *track, const struct track_sample *sample, uint64_t now_ns, uint64_t min_gap_ns)
{
    if (track->count && min_gap_ns && now_ns < track->pushed_ns + min_gap_ns) {
        struct track_sample both = *sample;
        both.kills += last_run(track)->sample.kills;
        both.refused = track_few((uint64_t)both.refused + last_run(track)->sample.refused);
        drop_newest(track);
        append(track, &both);
        return false;
    }
    if (track->count && track->count >= track->limit)
        drop_oldest(track);
    append(track, sample);
    track->pushed_ns = now_ns;
    return true;
}

const struct track_sample *track_at(const struct track *track, size_t index)
{
    uint32_t low = 0, high = track->run_count - 1, number = number_of(track, index);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if ((int32_t)(run_at(track, middle)->until - number) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return &run_at(track, low)->sample;
}

void trail_push(struct trail *trail, uint64_t id, const struct trail_point *point, bool fresh)
{
    if (trail->id != id) {
        trail->id = id;
        trail->first = trail->count = 0;
    }
    if (!fresh && trail->count) {
        trail->ring[(trail->first + trail->count - 1) % TRACK_SAMPLES] = *point;
        return;
    }
    if (trail->count == TRACK_SAMPLES) {
        trail->first = (trail->first + 1) % TRACK_SAMPLES;
        trail->count--;
    }
    trail->ring[(trail->first + trail->count++) % TRACK_SAMPLES] = *point;
}

const struct trail_point *trail_at(const struct trail *trail, size_t index)
{
    return &trail->ring[(trail->first + index) % TRACK_SAMPLES];
}

void tracks_empty(struct tracks *tracks)
{
    for (size_t i = 0; i < tracks->capacity; i++)
        if (tracks->slots[i])
            tracks->slots[i]->count = tracks->slots[i]->run_count = 0;
}

void tracks_gap(struct tracks *tracks, size_t samples)
{
    static const struct track_sample nothing = {NAN,
                                                NAN,
                                                NAN,
                                                NAN,
                                                NAN,
                                                NAN,
                                                0,
                                                TRACK_UNKNOWN,
                                                TRACK_UNKNOWN,
                                                TRACK_NO_SHARE,
                                                TRACK_NO_SHARE,
                                                TRACK_NO_SHARE,
                                                TRACK_NO_SHARE,
                                                TRACK_NO_SHARE,
                                                TRACK_NO_SHARE,
                                                TRACK_NO_SHARE,
                                                0};
    for (size_t i = 0; i < tracks->capacity; i++)
        for (size_t n = 0; settle(tracks, tracks->slots[i]) && n < samples && n < tracks->slots[i]->limit;
             n++)
            track_push(tracks->slots[i], &nothing, 0, 0);
}
