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

void pidmap_fini(struct pidmap *map)
{
    for (size_t i = 0; i < PIDMAP_BUCKETS; i++)
        free(take_ptr(&map->buckets[i].cgroup));
}

const char *pidmap_find(const struct pidmap *map, uint64_t pid)
{
    size_t at = pid % PIDMAP_BUCKETS;
    return map->buckets[at].cgroup && map->buckets[at].pid == pid ? map->buckets[at].cgroup : NULL;
}

static void put(struct pidmap *map, uint32_t pid, const char *cgroup)
{
    size_t at = pid % PIDMAP_BUCKETS;
    if (map->buckets[at].cgroup && map->buckets[at].pid == pid &&
        strcmp(map->buckets[at].cgroup, cgroup) == 0)
        return;
    free(map->buckets[at].cgroup);
    map->buckets[at].pid = pid;
    map->buckets[at].cgroup = mem_dup(cgroup);
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

void brink_note(struct brink *brink, const struct cgread *files, const char *cgroup, uint64_t max,
                struct pidmap *map)
{
    char text[CGREAD_SIZE];
    uint64_t now = clock_mono_ns();
    if (!value_is_number(max) || max == brink->max || (brink->ns && now - brink->ns < NOTE_NS))
        return;
    *brink = (struct brink){.ns = now, .max = max};
    brink->filling = (struct oom_filling){VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT};
    note_pids(map, files, cgroup);
    if (cgread_other(files, "memory.stat", text))
        oom_parse_filling(text, &brink->filling);
    brink->current = read_number(files, "memory.current");
    brink->swap = read_number(files, "memory.swap.current");
}
