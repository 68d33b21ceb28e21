/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which groups a sample reads. All of them; or, where the sampler may rest, those that are shown, those that
 * moved in the last samples, and those that must have moved: counters are hierarchical, so that what a
 * group's children do not explain of its growth is another child's.
 */
#include "monitor/sampler_inside.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/value.h"

/* What may stay unexplained: five thousandths of a CPU's second, a quarter of a thousand pages. It adds up,
 * so that what uses less is found later. */
#define SLACK_USEC   5000
#define SLACK_MEMORY (1 << 20)
/* Of those at rest a few are read in each sample, in turn: so many, and a part of how many are read anyway.
 */
#define TURNS      8
#define TURN_SHARE 8
/* So many groups take longer to be read for the first time than the iterator to be there. */
#define WALKED_FROM_START 2000

static void list(struct sampler *s, struct group *group)
{
    if (s->sampled_count == s->sampled_cap)
        s->sampled = mem_resize(s->sampled, s->sampled_cap = s->sampled_cap ? s->sampled_cap * 2 : 64,
                                sizeof *s->sampled);
    s->sampled[s->sampled_count++] = group;
}

static void sample(struct sampler *s, struct group *group)
{
    if (sampler_sample(s, group))
        list(s, group);
}

static bool is_sampled(const struct sampler *s, const struct group *group)
{
    return group->figures->now.time_ns >= s->started_ns;
}

/* Whether a counter that tells of most others is another one. */
static bool moved(struct sampler *s, struct group *group)
{
    struct counters now = group->figures->now;
    return cgread_file(&group->files, &s->tree.pool, CGFILE_CPU_STAT, &now) == CGREAD_OK &&
           (now.usage_usec != group->figures->now.usage_usec ||
            (cgread_file(&group->files, &s->tree.pool, CGFILE_MEMORY_CURRENT, &now) == CGREAD_OK &&
             now.memory_current != group->figures->now.memory_current));
}

void sampler_wake(struct sampler *s, struct group *group)
{
    if (group->calm >= CALM && s->since_ns > group->rated_ns)
        group->rated_ns = s->since_ns;
    group->calm = 0;
}

static void wake(struct sampler *s, struct group *group)
{
    sampler_wake(s, group);
    sample(s, group);
}

static struct rest rest_of(const struct group *group)
{
    struct load own = load_of(&group->figures->now);
    return (struct rest){true, {own.usage_usec - group->below.usage_usec, own.memory - group->below.memory}};
}

/* Children are read after their parent, and have used more by then; so had they when the rest was taken. */
static bool is_explained(const struct sampler *s, const struct group *group)
{
    struct rest now = rest_of(group);
    int64_t since_usec = (int64_t)(clock_mono_ns() - s->started_ns) / 1000;
    int64_t slack = SLACK_USEC + 2 * since_usec * (s->last->host.cpus ? s->last->host.cpus : 1);
    int64_t grown = now.own.memory - group->rest.own.memory;
    bool has_memory = value_is_number(group->figures->now.memory_current);
    return group->rest.known && now.own.usage_usec - group->rest.own.usage_usec <= slack &&
           (!has_memory || (grown <= SLACK_MEMORY && grown >= -SLACK_MEMORY));
}

/* Finds the children that moved. Those with children have been looked at. */
static void sweep(struct sampler *s, struct group *group)
{
    for (struct group *child = group->child; child; child = child->sibling)
        if (!child->child && !is_sampled(s, child) && moved(s, child))
            wake(s, child);
    group->rest = rest_of(group);
}

/* It did not change, nobody looks at it, and its events are reported. */
static bool is_at_rest(const struct sampler *s, const struct group *group)
{
    return group->calm >= CALM && !group->parts && group->wd >= 0 && !group->deaf &&
           group->name_ns > s->started_ns && !group->pressed;
}

/* A group that has children is asked whether it moved, unless the one above says that nobody has. */
static void look_at(struct sampler *s, struct group *group)
{
    bool awake = !is_at_rest(s, group);
    bool asked = group->child && (!group->parent || is_sampled(s, group->parent));
    if (awake)
        sample(s, group);
    else if (asked && moved(s, group))
        wake(s, group);
}

/* What moves without its CPU time or memory, and what stays below the slack. */
static void take_turns(struct sampler *s)
{
    size_t count = TURNS + s->sampled_count / TURN_SHARE;
    for (size_t i = 0; i < count && i < s->tree.count && s->tree.numbered == s->tree.shape; i++) {
        struct group *group = s->tree.by_row[s->turn++ % s->tree.count];
        if (!is_sampled(s, group))
            sample(s, group);
    }
}

static void read_moving(struct sampler *s)
{
    for (struct group *group = s->tree.root; group; group = tree_next(group))
        look_at(s, group);
    for (size_t i = 0, count = s->sampled_count; i < count; i++)
        if (s->sampled[i]->child && !is_explained(s, s->sampled[i]))
            sweep(s, s->sampled[i]);
    take_turns(s);
}

/* ---- by the kernel's iterator ---- */

/* When it is there, or on its way, the files it spares are closed: an open one keeps a page of the kernel's
 * each. */
static void walk(struct sampler *s)
{
    struct group *root = s->tree.root;
    if (!s->iter_program || !root || s->tree.count < s->iter_groups)
        return;
    if (!s->quiet || s->tree.count >= WALKED_FROM_START) /* else the first sample is not to wait */
        cgiter_want(&s->iter, s->iter_program, root->files.dirfd, s->tree.count);
    s->walked = cgiter_walk(&s->iter);
    if (s->walked && !s->tree.pool.walked)
        for (struct group *group = root; group; group = tree_next(group))
            cgread_close_walked(&group->files, &s->tree.pool);
    s->tree.pool.walked = s->walked;
    s->tree.pool.spared = s->walked || s->iter.state == CGITER_STARTING;
}

/* A group at rest of which the walk says what it said before is left alone. */
static void read_walked(struct sampler *s)
{
    for (struct group *group = s->tree.root; group; group = tree_next(group)) {
        const struct iterrecord *record =
            is_at_rest(s, group) ? cgiter_find(&s->iter, group->id, &group->record) : NULL;
        if (record && cgiter_is_same(record))
            continue;
        if (record)
            sampler_wake(s, group);
        sample(s, group);
    }
}

void sampler_read_due(struct sampler *s)
{
    s->started_ns = clock_mono_ns();
    s->sampled_count = 0;
    walk(s);
    if (s->walked && !s->look_again)
        read_walked(s);
    else if (s->rests && !s->look_again && !s->quiet)
        read_moving(s);
    else
        for (struct group *group = s->tree.root; group; group = tree_next(group))
            sample(s, group);
    s->since_ns = s->started_ns;
    s->walked = false; /* what is read until the next sample is read then */
}
