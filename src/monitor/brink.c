/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/brink.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/value.h"

/* A group can be at its limit for days. */
#define NOTE_NS 250000000ull

struct pidmap_bucket {
    uint32_t pid;
    char *cgroup;
};

void pidmap_fini(struct pidmap *map)
{
    for (size_t i = 0; map->buckets && i < PIDMAP_BUCKETS; i++)
        free(map->buckets[i].cgroup);
    free(take_ptr(&map->buckets));
}

const char *pidmap_find(const struct pidmap *map, uint64_t pid)
{
    const struct pidmap_bucket *bucket = map->buckets ? &map->buckets[pid % PIDMAP_BUCKETS] : NULL;
    return bucket && bucket->cgroup && bucket->pid == pid ? bucket->cgroup : NULL;
}

static void put(struct pidmap *map, uint32_t pid, const char *cgroup)
{
    if (!map->buckets)
        map->buckets = mem_array(PIDMAP_BUCKETS, sizeof *map->buckets);
    struct pidmap_bucket *bucket = &map->buckets[pid % PIDMAP_BUCKETS];
    if (bucket->cgroup && bucket->pid == pid && strcmp(bucket->cgroup, cgroup) == 0)
        return;
    free(bucket->cgroup);
    *bucket = (struct pidmap_bucket){pid, mem_dup(cgroup)};
}

/* The first some hundred of them: of more, /proc may know. */
static void note_pids(struct pidmap *map, const struct cgread *files, const char *cgroup)
{
    char text[CGREAD_SIZE];
    if (!cgread_other(files, "cgroup.procs", text))
        return;
    for (char *at = text, *end; *at; at = end + 1) {
        unsigned long pid = strtoul(at, &end, 10);
        if (end == at || *end != '\n')
            return;
        put(map, (uint32_t)pid, cgroup);
    }
}

static uint64_t read_number(const struct cgread *files, const char *name)
{
    char text[CGREAD_SIZE];
    uint64_t value;
    return cgread_other(files, name, text) && parse_u64_or_max(text, &value) == 0 ? value : VALUE_ABSENT;
}

/* True if it went up, and the last look was a while ago. */
static bool is_due(const struct brink *last, uint64_t max, uint64_t now_ns)
{
    if (!value_is_number(max) || max == (last ? last->max : 0))
        return false;
    return !last || now_ns - last->ns >= NOTE_NS;
}

void brink_note(struct brink **ret, const struct cgread *files, const char *cgroup, uint64_t max,
                struct pidmap *map)
{
    char text[CGREAD_SIZE];
    uint64_t now = clock_mono_ns();
    if (!is_due(*ret, max, now))
        return;
    struct brink *brink = *ret = *ret ? *ret : mem_alloc(sizeof *brink);
    *brink = (struct brink){.ns = now, .max = max};
    brink->filling = (struct oom_filling){VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT};
    note_pids(map, files, cgroup);
    if (cgread_other(files, "memory.stat", text))
        oom_parse_filling(text, &brink->filling);
    brink->current = read_number(files, "memory.current");
    brink->swap = read_number(files, "memory.swap.current");
}
