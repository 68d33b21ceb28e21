/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/sampler_inside.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/value.h"
#include "monitor/naming.h"
#include "monitor/rate.h"

#define NS_PER_S    1000000000ull
#define COUNT_TURNS 4
/* Two readings closer than this say little about a rate: CPU time is booked at ticks and when a task leaves
 * its CPU, and a quota is given out by the period (100 ms). A rate stays until enough time is over. Samples
 * 200 ms apart are far enough, even if one is early. */
#define RATE_MIN_NS (NS_PER_S * 3 / 20)
static_assert(CGFILE_COUNT < 32, "a bit for each file, and STALE_ALL is none of their unions");

struct teller sampler_teller(struct sampler *s)
{
    return (struct teller){s->events, &s->join, &s->tree};
}

void sampler_read_file(struct sampler *s, struct group *group, enum cgfile file)
{
    tree_touch(&s->tree, group);
    if (file == CGFILE_CGROUP_EVENTS) /* its first process has come, or the last one gone */
        group->net_settled = 0;
    cgread_file(&group->files, &s->tree.pool, file, group_write(group));
}

void sampler_read_limit(struct sampler *s, struct group *group, enum cgfile file)
{
    char text[CGREAD_SIZE];
    enum cgread_result result = cgread_text(&group->files, &s->tree.pool, file, text);
    if (result == CGREAD_OK)
        cgparse(file, text, group_write(group));
    else
        cgparse_absent(file, group_write(group));
    tree_touch(&s->tree, group);
    struct teller to = sampler_teller(s);
    notice_limit(&to, group, file, result == CGREAD_OK ? text : NULL, s->quiet);
}

void sampler_read_limits(struct sampler *s, struct group *group)
{
    for (int file = CGFILE_FIRST_LIMIT; file < CGFILE_COUNT; file++)
        sampler_read_limit(s, group, (enum cgfile)file);
}

/* The kernel reports changes only where the directory is watched and the file is held open. */
static bool is_reported(const struct group *group, enum cgfile file)
{
    return group->wd >= 0 && cgread_is_kept(&group->files, file);
}

/* What was absent stays so until it is looked for again. */
static bool is_known(const struct group *group, enum cgfile file)
{
    return is_reported(group, file) || group->files.absent & 1u << file;
}

void sampler_read_events(struct sampler *s, struct group *group, bool all)
{
    group->deaf = false;
    for (int file = CGFILE_FIRST_NOTIFIED; file < CGFILE_FIRST_LIMIT; file++) {
        if (all || !is_known(group, (enum cgfile)file))
            sampler_read_file(s, group, (enum cgfile)file);
        group->deaf |= !is_known(group, (enum cgfile)file);
    }
}

/* Of what nobody looks at, a quarter in each sample. */
static bool is_counted_later(const struct sampler *s, const struct group *group)
{
    return s->rests && !group->parts && value_is_number(group->procs) &&
           (s->last->sample_serial + (uint64_t)group->row) % COUNT_TURNS;
}

/* Where there is no pids controller. An empty subtree (which is reported) needs no looking. */
static uint64_t count_procs(struct sampler *s, struct group *group)
{
    if (value_is_number(group->figures->now.pids_current))
        return VALUE_ABSENT;
    bool empty = group->figures->now.populated == 0 && is_reported(group, CGFILE_CGROUP_EVENTS);
    if (!empty && is_counted_later(s, group))
        return group->procs;
    return empty ? 0 : cgread_procs(&group->files, &s->tree.pool);
}

/* What a group has at all, its files say: the first reading is theirs. Pressure is as of the kernel's last
 * averaging in the iterator's words: where there is some, the files are read. */
static bool read_walked(struct sampler *s, struct group *group)
{
    const struct iterrecord *record =
        s->walked && group->rated ? cgiter_find(&s->iter, group->id, &group->record) : NULL;
    if (!record || record->level == 0)
        return false;
    struct counters *now = group_write(group);
    now->time_ns = s->iter.time_ns;
    cgiter_fill(record, now);
    uint32_t pressed = cgiter_pressed(record, now);
    for (int file = CGFILE_CPU_PRESSURE; file <= CGFILE_IO_PRESSURE; file++)
        if (pressed & 1u << file)
            sampler_read_file(s, group, (enum cgfile)file);
    return true;
}

static bool read_files(struct sampler *s, struct group *group)
{
    struct counters *now = group_write(group);
    if (cgread_file(&group->files, &s->tree.pool, CGFILE_CPU_STAT, now) == CGREAD_GONE)
        return false;
    now->time_ns = clock_mono_ns();
    for (int file = CGFILE_CPU_STAT + 1; file < CGFILE_FIRST_NOTIFIED; file++)
        cgread_file(&group->files, &s->tree.pool, (enum cgfile)file, now);
    return true;
}

/* False: the group is gone, and its counters stay as they were. */
bool sampler_read_counters(struct sampler *s, struct group *group)
{
    struct load before = load_of(&group->figures->now);
    if (!read_walked(s, group) && !read_files(s, group))
        return false;
    tree_touch(&s->tree, group);
    group->procs = count_procs(s, group);
    tree_load(group, &before);
    return true;
}

void sampler_probe(struct sampler *s, struct group *group)
{
    cgread_probe(&group->files);
    detail_files_forget(&s->details.files, group);
    sampler_read_limits(s, group);
    group->probe_ns = clock_mono_ns() + PROBE_NS;
}

/* Files come and go with what is written to the parent's cgroup.subtree_control, and limits are written. */
static bool is_told(const struct group *group)
{
    return group->wd >= 0 && group->parent && group->parent->wd >= 0;
}

/* Averages of pressure sink without anything happening. */
static bool is_pressed(const struct counters *now)
{
    const uint64_t averages[] = {now->cpu_some_avg10,    now->cpu_full_avg10, now->memory_some_avg10,
                                 now->memory_full_avg10, now->io_some_avg10,  now->io_full_avg10};
    for (size_t i = 0; i < COUNT_OF(averages); i++)
        if (averages[i] && value_is_number(averages[i]))
            return true;
    return false;
}

void sampler_rated(struct group *group)
{
    figures_unref(group->rated);
    group->rated = figures_ref(group->figures);
    group->rated_ns = group->figures->now.time_ns;
}

static bool is_same(const struct counters *a, const struct counters *b)
{
    enum { FIRST = offsetof(struct counters, usage_usec), SIZE = sizeof *a - FIRST };
    return memcmp((const char *)a + FIRST, (const char *)b + FIRST, SIZE) == 0;
}

/* Where nothing has moved twice in a row, rates are what they were. */
static void rate(struct group *group)
{
    if (group->figures->now.time_ns - group->rated_ns < RATE_MIN_NS)
        return;
    struct figures *own = figures_own(&group->figures);
    bool same = group->rated && is_same(&group->rated->now, &own->now);
    if (group->rated && !(same && group->calm)) {
        struct counters before = group->rated->now;
        before.time_ns = group->rated_ns;
        rate_compute(&before, &own->now, &own->rate);
    }
    group->pressed = is_pressed(&own->now);
    if (!same)
        group->calm = 0;
    else if (group->calm < CALM)
        group->calm++;
    sampler_rated(group);
}

static void name(struct sampler *s, struct group *group)
{
    const struct identity *before = group->identity;
    naming_due(&s->engines, group, group->figures->now.time_ns);
    if (group->identity != before) /* a container names its pod, too */
        for (struct group *g = group; g; g = g->parent)
            tree_touch(&s->tree, g);
}

bool sampler_is_gone(const struct group *group)
{
    return group->parent && group->files.absent & 1u << CGFILE_CGROUP_EVENTS;
}

/* It went while it was read: what could not be read any more stays as it was. Of one that was read for the
 * first time there is nothing. */
static void keep_last(struct group *group, const struct counters *last)
{
    enum { COUNT = sizeof *last / sizeof(uint64_t) };
    struct load half = load_of(&group->figures->now);
    uint64_t *now = (void *)group_write(group);
    for (int i = 0; i < COUNT; i++)
        if (now[i] == VALUE_ABSENT || !group->rated)
            now[i] = ((const uint64_t *)(const void *)last)[i];
    tree_load(group, &half);
}

bool sampler_sample(struct sampler *s, struct group *group)
{
    struct counters last = group->figures->now;
    uint64_t procs = group->procs;
    uint32_t absent = group->files.absent;
    if (!sampler_read_counters(s, group))
        return false;
    if (group->files.absent & ~absent) /* a file is gone: or is it the group? */
        sampler_read_file(s, group, CGFILE_CGROUP_EVENTS);
    if (s->look_again || (group->probe_ns <= group->figures->now.time_ns && !is_told(group)))
        sampler_probe(s, group);
    sampler_read_events(s, group, s->look_again);
    if (sampler_is_gone(group)) {
        keep_last(group, &last);
        group->procs = procs;
    }
    name(s, group);
    rate(group);
    return true;
}
