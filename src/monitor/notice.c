/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/notice.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/tree.h"

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull
/* A group at its limit hits it thousands of times a second. */
#define SPARSE_NS NS_PER_S
/* How long ago the child may have vanished that a missing kill is put down to. */
#define GHOST_NS (2 * NS_PER_S)
/* How often it is looked for kills that are missing. */
#define LOOK_NS (100 * NS_PER_MS)
/* How long ago a limit may have been hit that a kill is put down to, if it was not the first. */
#define LIMIT_NS NS_PER_S
/* Who is throttled now and then is told of once, until it was not for so long. */
#define CALM_S 10

/* Counters whose growth is an event. They are told of the group where it happened: the local counter, or the
 * summed one where the kernel has no local one. Of swap no kernel has: there `local` is the summed one. */
static const struct {
    enum event_kind kind;
    size_t local, summed; /* offsets in struct counters */
    bool sparse;
} counter_rules[] = {
    {EVENT_OOM_KILL, offsetof(struct counters, local_oom_kill), offsetof(struct counters, events_oom_kill),
     false},
    {EVENT_MAX, offsetof(struct counters, local_max), offsetof(struct counters, events_max), true},
    {EVENT_HIGH, offsetof(struct counters, local_high), offsetof(struct counters, events_high), true},
    {EVENT_PIDS_MAX, offsetof(struct counters, local_pids_max), offsetof(struct counters, pids_events_max),
     true},
    {EVENT_SWAP_MAX, offsetof(struct counters, swap_events_max), offsetof(struct counters, swap_events_max),
     true},
    {EVENT_SWAP_FAIL, offsetof(struct counters, swap_events_fail),
     offsetof(struct counters, swap_events_fail), true},
};
static_assert(COUNT_OF(counter_rules) == TOLD_COUNTERS, "a place for each");

/* Flags whose turning is one. */
static const struct {
    size_t offset;
    enum event_kind on, off;
} flag_rules[] = {
    {offsetof(struct counters, frozen), EVENT_PAUSED, EVENT_RESUMED},
    {offsetof(struct counters, populated), EVENT_STARTED, EVENT_EXITED},
};
static_assert(COUNT_OF(flag_rules) == TOLD_FLAGS, "a place for each");

static const struct told_counts *counts_of(const struct group *group)
{
    static const struct told_counts none;
    return group->told.counts ? group->told.counts : &none;
}

/* To be written. */
static struct told_counts *own_counts(struct group *group)
{
    if (!group->told.counts)
        group->told.counts = mem_alloc(sizeof *group->told.counts);
    return group->told.counts;
}

/* What is as it was, as is zero of most groups, takes no room. */
#define KEEP(group, member, value)                                                                           \
    do {                                                                                                     \
        if (counts_of(group)->member != (value))                                                             \
            own_counts(group)->member = (value);                                                             \
    } while (0)

uint64_t notice_kills(const struct group *group)
{
    return counts_of(group)->oom_kill;
}

static uint64_t at(const struct counters *counters, size_t offset)
{
    return *(const uint64_t *)(const void *)((const char *)counters + offset);
}

enum { RULE_OOM_KILL }; /* the first one */

/* A group that is being removed may lose its local counter before the summed one. */
static uint64_t counter_now(struct group *group, size_t rule)
{
    uint64_t local = at(&group->figures->now, counter_rules[rule].local);
    bool *has_local = &group->told.has_local[rule];
    *has_local |= value_is_number(local);
    return *has_local ? local : at(&group->figures->now, counter_rules[rule].summed);
}

static struct event event_of(const struct group *group, enum event_kind kind)
{
    struct event event = {.kind = kind,
                          .cgroup_id = group->id,
                          .memory_current = group->figures->now.memory_current,
                          .memory_max = group->figures->now.memory_max};
    str_copy(event.cgroup, sizeof event.cgroup, group->path);
    return event;
}

static bool grew(const struct group *group)
{
    return value_is_number(group->figures->now.local_oom) &&
           group->figures->now.local_oom > counts_of(group)->oom_claimed;
}

/* Whose limit it was, by the counters: the nearest group whose `oom` went up since the last kill was put down
 * to it, else the one where it went up last. */
static const struct group *find_limit(struct group *group, uint64_t now_ns)
{
    const struct group *latest = NULL;
    for (struct group *g = group; g; g = g->parent) {
        if (grew(g)) {
            own_counts(g)->oom_claimed = g->figures->now.local_oom;
            return g;
        }
        uint64_t oom_ns = counts_of(g)->oom_ns;
        if (oom_ns && now_ns - oom_ns < LIMIT_NS && (!latest || oom_ns > counts_of(latest)->oom_ns))
            latest = g;
    }
    return latest;
}

/* Without the kernel's word for it the ancestors' counters have to be those of now. */
static void read_ancestors(const struct teller *to, struct group *group)
{
    for (struct group *g = group->parent; g && !to->join->listens; g = g->parent)
        if (value_is_number(g->figures->now.local_oom)) {
            struct counters counters = g->figures->now;
            if (cgread_file(&g->files, &to->tree->pool, CGFILE_MEMORY_EVENTS_LOCAL, &counters) == CGREAD_OK ||
                g->files.absent & 1u << CGFILE_MEMORY_EVENTS_LOCAL) {
                group_write(g)->local_oom = counters.local_oom;
                tree_touch(to->tree, g);
            }
        }
}

/* It is the machine's only if every group up to the root would have told. */
static bool all_tell(const struct group *group)
{
    for (; group->parent; group = group->parent)
        if (!value_is_number(group->figures->now.local_oom))
            return false;
    return strcmp(group->path, "/") == 0 && value_is_number(group->host_oom_kill);
}

static void say_limit(struct oom *oom, struct group *group)
{
    const struct group *limit = find_limit(group, clock_mono_ns());
    if (limit) {
        oom->limit = OOM_LIMIT_GROUP;
        str_copy(oom->limit_cgroup, sizeof oom->limit_cgroup, limit->path);
        oom->limit_bytes = limit->figures->now.memory_max;
    } else if (all_tell(group)) {
        oom->limit = OOM_LIMIT_MACHINE;
    }
    const struct group *filled = limit ? limit : group;
    if (filled->brink)
        oom->filling = filled->brink->filling;
    oom->filling_of_victim = !limit;
}

/* What is known of a kill in the group without any line of the kernel's log. */
static struct oom *evidence_of(struct group *group)
{
    struct oom *oom = mem_alloc(sizeof *oom);
    const struct brink *brink = group->brink;
    bool noted = brink && brink->ns >= group->figures->now.time_ns;
    oom_unknown(oom);
    oom->before_ns = noted ? brink->ns : group->figures->now.time_ns;
    oom->before_current = noted ? brink->current : group->figures->now.memory_current;
    oom->before_swap = noted ? brink->swap : group->figures->now.swap_current;
    oom->before_max = group->figures->now.memory_max;
    say_limit(oom, group);
    return oom;
}

static unsigned kill_flags(const struct group *group)
{
    for (; group; group = group->parent)
        if (group->figures->now.oom_group == 1)
            return OOMJOIN_GROUP;
    return 0;
}

static void put(const struct teller *to, const struct group *group, enum event_kind kind)
{
    struct event event = event_of(group, kind);
    eventq_put(to->queue, &event);
}

static uint64_t number_or_zero(uint64_t value)
{
    return value_is_number(value) ? value : 0;
}

/* Kills in the group itself, in its children that are there, and in those that are no more. */
static uint64_t explained_kills(const struct group *group)
{
    uint64_t sum = counts_of(group)->local_oom_kill + counts_of(group)->dead_oom_kill;
    for (const struct group *child = group->child; child; child = child->sibling)
        sum += notice_kills(child);
    return sum;
}

static uint64_t missing_kills(const struct group *group)
{
    uint64_t all = notice_kills(group), explained = explained_kills(group);
    return all > explained ? all - explained : 0;
}

bool notice_misses(const struct group *group)
{
    return missing_kills(group) > 0;
}

/* Kills in and below the group: its own are part of the sum, though one file may have been read a moment
 * earlier than the other. Where the kernel has no local counter, nothing can be said to be missing. */
static uint64_t summed_kills(const struct group *group)
{
    uint64_t summed = group->figures->now.events_oom_kill, local = counts_of(group)->local_oom_kill;
    if (!value_is_number(summed) || !group->told.has_local[RULE_OOM_KILL])
        return group->host_oom_kill;
    return summed > local ? summed : local;
}

/* A counter that went back: the controller was taken away and given again, so that it counts anew, and so do
 * those below. */
static void remember_kills(struct group *group)
{
    uint64_t local = counter_now(group, RULE_OOM_KILL);
    if (group->told.has_local[RULE_OOM_KILL] && value_is_number(local))
        KEEP(group, local_oom_kill, local);
    uint64_t now = summed_kills(group), before = notice_kills(group);
    if (!value_is_number(now))
        return;
    KEEP(group, oom_kill, now);
    if (now >= before)
        return;
    KEEP(group, dead_oom_kill, 0);
    uint64_t missing = missing_kills(group);
    KEEP(group, dead_oom_kill, missing);
    if (group->parent)
        own_counts(group->parent)->dead_oom_kill += before;
}

/* A group that is going says no more: it counted what is known of those below it at the least. */
static void settle_kills(struct group *group)
{
    uint64_t explained = explained_kills(group);
    if (notice_kills(group) < explained)
        own_counts(group)->oom_kill = explained;
}

static void take_as_told(struct group *group)
{
    for (size_t i = 0; i < TOLD_COUNTERS; i++) {
        uint64_t now = number_or_zero(counter_now(group, i));
        KEEP(group, counters[i], now);
    }
    for (size_t i = 0; i < TOLD_FLAGS; i++)
        group->told.flags[i] = number_or_zero(at(&group->figures->now, flag_rules[i].offset));
    uint64_t oom = number_or_zero(group->figures->now.local_oom);
    KEEP(group, oom, oom);
    KEEP(group, oom_claimed, oom);
    remember_kills(group);
}

void notice_baseline(struct group *root)
{
    for (struct group *group = root; group; group = tree_next(group))
        take_as_told(group);
    for (struct group *group = root; group; group = tree_next(group)) {
        uint64_t dead = counts_of(group)->dead_oom_kill + missing_kills(group);
        KEEP(group, dead_oom_kill, dead);
    }
}

void notice_appeared(const struct teller *to, const struct group *group)
{
    put(to, group, EVENT_APPEARED);
}

static bool is_recent(const struct ghost *ghost)
{
    return ghost && clock_mono_ns() - ghost->gone_ns < GHOST_NS;
}

static void ghost_free(struct ghost *ghost)
{
    if (ghost)
        free(ghost->last.oom);
    free(ghost);
}

void told_fini(struct told *told)
{
    if (told->counts)
        ghost_free(told->counts->ghost);
    free(take_ptr(&told->counts));
}

/* What a kill is put down to that nobody has reported yet: the last child to vanish, or if that had one of
 * its own just before (a container's group, and the one around it), that one. */
static void leave_ghost(struct group *parent, struct group *group)
{
    settle_kills(group);
    struct told_counts *counts = own_counts(parent);
    counts->dead_oom_kill += notice_kills(group);
    struct ghost *ghost = group->told.counts ? take_ptr(&group->told.counts->ghost) : NULL;
    if (!is_recent(ghost)) {
        ghost_free(ghost);
        ghost = mem_alloc(sizeof *ghost);
        ghost->last = event_of(group, EVENT_OOM_KILL);
        ghost->last.oom = evidence_of(group);
        ghost->last.total = notice_kills(group);
        ghost->gone_ns = clock_mono_ns();
    }
    ghost_free(counts->ghost);
    counts->ghost = ghost;
}

void notice_vanished(const struct teller *to, struct group *group)
{
    /* The kernel removes none that has processes, but its last word may not have been heard. */
    for (size_t i = 0; i < TOLD_FLAGS; i++)
        if (group->told.flags[i])
            put(to, group, flag_rules[i].off);
    put(to, group, EVENT_VANISHED);
    if (group->parent)
        leave_ghost(group->parent, group);
}

static void tell_kill(const struct teller *to, struct group *group, struct event *event)
{
    read_ancestors(to, group);
    event->oom = evidence_of(group);
    oomjoin_count(to->join, event, kill_flags(group), clock_mono_ns());
}

static void remember_oom(struct group *group)
{
    uint64_t now = number_or_zero(group->figures->now.local_oom);
    uint64_t before = counts_of(group)->oom;
    if (now > before)
        own_counts(group)->oom_ns = clock_mono_ns();
    if (now < before) /* counted anew */
        KEEP(group, oom_claimed, 0);
    KEEP(group, oom, now);
}

/* A counter that is summed only is told of the lowest groups that have it: memory is theirs. */
static bool is_told_below(const struct group *group, size_t rule)
{
    size_t offset = counter_rules[rule].local;
    if (offset != counter_rules[rule].summed)
        return false;
    for (const struct group *child = group->child; child; child = child->sibling)
        if (value_is_number(at(&child->figures->now, offset)))
            return true;
    return false;
}

static void notice_counter(const struct teller *to, struct group *group, size_t rule)
{
    uint64_t now = counter_now(group, rule);
    if (!value_is_number(now) || now == counts_of(group)->counters[rule])
        return;
    uint64_t *told = &own_counts(group)->counters[rule], *told_ns = &group->told.counts->counters_ns[rule];
    if (now > *told && !is_told_below(group, rule)) {
        uint64_t time_ns = clock_mono_ns();
        if (counter_rules[rule].sparse && *told_ns && time_ns - *told_ns < SPARSE_NS)
            return;
        struct event event = event_of(group, counter_rules[rule].kind);
        event.value = now - *told;
        event.total = now;
        if (rule == RULE_OOM_KILL)
            tell_kill(to, group, &event);
        else
            eventq_put(to->queue, &event);
        *told_ns = time_ns;
    }
    *told = now;
}

void notice_counters(const struct teller *to, struct group *group)
{
    remember_kills(group);
    remember_oom(group);
    for (size_t i = 0; i < TOLD_COUNTERS; i++)
        notice_counter(to, group, i);
    for (size_t i = 0; i < TOLD_FLAGS; i++) {
        uint64_t now = at(&group->figures->now, flag_rules[i].offset);
        if (!value_is_number(now) || (now != 0) == group->told.flags[i])
            continue;
        group->told.flags[i] = now;
        put(to, group, now ? flag_rules[i].on : flag_rules[i].off);
    }
}

void notice_throttled(const struct teller *to, struct group *group)
{
    uint32_t now = (uint32_t)(group->figures->now.time_ns / NS_PER_S), *last = &group->told.throttled_s;
    if (!(group->figures->rate.throttled_periods_percent > 0))
        return;
    if (!*last || now - *last >= CALM_S)
        put(to, group, EVENT_THROTTLED);
    *last = now;
}

/* FNV-1a; never 0. */
static uint32_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037ull;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        hash = (hash ^ *c) * 1099511628211ull;
    uint32_t folded = (uint32_t)(hash ^ hash >> 32);
    return folded ? folded : 1;
}

void notice_limit(const struct teller *to, struct group *group, enum cgfile file, const char *text,
                  bool quiet)
{
    uint32_t *told = &group->told.limit_hash[file - CGFILE_FIRST_LIMIT];
    uint32_t hash = text ? hash_of(text) : 0;
    bool news = hash && *told && hash != *told && !quiet; /* a file that comes with its controller is none */
    *told = hash;
    if (!news)
        return;
    char line[sizeof((struct event *)0)->text];
    struct event event = event_of(group, EVENT_SET);
    str_copy(line, sizeof line, text);
    line[strcspn(line, "\n")] = '\0';
    str_copy(event.text, sizeof event.text, line);
    str_copy(event.file, sizeof event.file, cgfile_name(file));
    eventq_put(to->queue, &event);
}

enum again { AGAIN_SAME, AGAIN_MORE, AGAIN_GONE };

/* Reads a child's kills again, and tells of its own: it may be gone before it is its turn. */
static enum again kills_again(const struct teller *to, struct group *child)
{
    struct counters counters = child->figures->now;
    uint64_t before = notice_kills(child);
    if (!child->told.has_local[RULE_OOM_KILL])
        return AGAIN_SAME;
    if (cgread_file(&child->files, &to->tree->pool, CGFILE_MEMORY_EVENTS, &counters) != CGREAD_OK ||
        cgread_file(&child->files, &to->tree->pool, CGFILE_MEMORY_EVENTS_LOCAL, &counters) != CGREAD_OK) {
        settle_kills(child);
        return AGAIN_GONE;
    }
    *group_write(child) = counters;
    tree_touch(to->tree, child);
    notice_counters(to, child);
    return notice_kills(child) > before ? AGAIN_MORE : AGAIN_SAME;
}

/* All children are read: not each time that one of ten thousand is killed. What is put off is looked for at
 * the next sample, if it is missing still. */
static bool is_too_soon(struct group *group)
{
    uint64_t now = clock_mono_ns(), *looked_ns = &own_counts(group)->looked_ns;
    bool too_soon = *looked_ns && now - *looked_ns < LOOK_NS;
    if (!too_soon)
        *looked_ns = now;
    return too_soon;
}

/* Returns a child that counted more than was known: it may miss some itself. */
static struct group *look_for_kills(const struct teller *to, struct group *group)
{
    struct group *gone = NULL, *more = NULL;
    if (!missing_kills(group) || is_too_soon(group))
        return NULL;
    /* The group was read first: its children can only say more by now than it knew. */
    for (struct group *child = group->child; child; child = child->sibling) {
        enum again again = kills_again(to, child);
        gone = again == AGAIN_GONE ? child : gone;
        more = again == AGAIN_MORE ? child : more;
    }
    uint64_t missing = missing_kills(group);
    if (!missing)
        return more;
    const struct ghost *ghost = counts_of(group)->ghost;
    bool haunted = !gone && is_recent(ghost);
    struct event event = haunted ? ghost->last : event_of(gone ? gone : group, EVENT_OOM_KILL);
    event.value = missing;
    event.total += missing;
    event.oom = haunted ? oom_dup(event.oom) : evidence_of(gone ? gone : group);
    oomjoin_count(to->join, &event, OOMJOIN_GUESSED, clock_mono_ns());
    own_counts(group)->dead_oom_kill += missing;
    return more;
}

void notice_lost_kills(const struct teller *to, struct group *group)
{
    while (group)
        group = look_for_kills(to, group);
}
