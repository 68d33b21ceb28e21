/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/sampler_inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/assemble.h"
#include "monitor/naming.h"
#include "monitor/rate.h"

#define NS_PER_S 1000000000ull
/* Part of the time that makes a group one that waits for io, and of how many of those the devices are read.
 */
#define IO_WAIT_PERCENT 5
#define IO_WAIT_MAX     50
/* So many groups take some MiB: worth a few ms to give back. */
#define MANY_GROUPS    1000
#define SNAPSHOTS_USED 4 /* one shown, one handed over, and some to be used again */

/* What is asked of one group. */
static unsigned parts_of(const struct sampler *s, const struct group *group)
{
    unsigned parts = 0;
    bool is_container = group->identity && group->identity->kind == KIND_CONTAINER;
    for (size_t i = 0; i < s->look_count; i++)
        if (s->look[i].id == group->id || (s->look[i].id == 0 && is_container))
            parts |= s->look[i].parts;
    return parts;
}

/* It went while it was read for the first time: a row has all of a group, or nothing. */
static void forget_half(struct group *group)
{
    struct load half = load_of(&group->figures->now);
    cgparse_absent_all(group_write(group));
    group->procs = VALUE_ABSENT;
    tree_load(group, &half);
}

/* A group that came between two samples is read at once: what is shown of it are counters, not rates. */
static void on_appeared(void *context, struct group *group)
{
    struct sampler *s = context;
    /* Not all at once, when they have come all at once: the id's bits, mixed, say when. */
    group->probe_ns = clock_mono_ns() + PROBE_NS + group->id * 0x9e3779b97f4a7c15u % PROBE_NS;
    sampler_read_limits(s, group);
    naming_appeared(&s->engines, group);
    group->parts = parts_of(s, group);
    if (s->quiet)
        return;
    struct teller to = sampler_teller(s);
    notice_appeared(&to, group);
    if (sampler_read_counters(s, group))
        sampler_rated(group);
    sampler_read_events(s, group, true);
    notice_counters(&to, group);
    if (sampler_is_gone(group))
        forget_half(group);
}

/* A socket in the namespace of processes that have ended would keep it, and their link, alive. */
void sampler_leave_netns(struct sampler *s, const struct group *group)
{
    for (; group; group = group->parent)
        if (group->detail && group->detail->net_own)
            netns_drop(&s->details.netns, group->detail->net_inode);
}

static void on_vanished(void *context, struct group *group)
{
    struct sampler *s = context;
    sampler_leave_netns(s, group);
    detail_files_forget(&s->details.files, group);
    struct teller to = sampler_teller(s);
    notice_vanished(&to, group);
    for (size_t i = 0; i < s->stale_count; i++)
        if (s->stale[i] == group)
            s->stale[i--] = s->stale[--s->stale_count];
}

void sampler_init(struct sampler *s, const struct cgroupfs *cgroupfs, const char *root, struct eventq *events)
{
    *s = (struct sampler){
        .cgroupfs = *cgroupfs, .events = events, .quiet = true, .last = mem_alloc(sizeof *s->last)};
    s->kmsg_fd = -1;
    s->pool = snapshot_pool_new();
    cgiter_init(&s->iter);
    oomjoin_init(&s->join, events, false, true);
    tree_init(&s->tree, cgroupfs->mount, root);
    s->tree.appeared = on_appeared;
    s->tree.vanished = on_vanished;
    s->tree.context = s;
    hostinfo_init(&s->hostinfo);
    engines_init(&s->engines, "", 0);
    detail_reader_init(&s->details, &s->engines, &s->tree.pool);
}

void sampler_fini(struct sampler *s)
{
    tree_fini(&s->tree);
    oomjoin_fini(&s->join);
    pidmap_fini(&s->pids);
    fd_close(&s->kmsg_fd);
    hostinfo_fini(&s->hostinfo);
    engines_fini(&s->engines);
    detail_reader_fini(&s->details);
    cgiter_fini(&s->iter);
    free(take_ptr(&s->iter_program));
    snapshot_pool_unref(take_ptr(&s->pool));
    free(take_ptr(&s->stale));
    free(take_ptr(&s->sampled));
    free(take_ptr(&s->look));
    free(take_ptr(&s->last));
}

void sampler_listen(struct sampler *s, int kmsg_fd)
{
    s->kmsg_fd = kmsg_fd;
    oomlog_init(&s->oomlog);
    oomjoin_fini(&s->join);
    oomjoin_init(&s->join, s->events, kmsg_fd >= 0, s->cgroupfs.layout == CGROUP_LAYOUT_UNIFIED);
}

void sampler_walk(struct sampler *s, const char *program, size_t groups)
{
    free(s->iter_program);
    s->iter_program = mem_dup(program);
    s->iter_groups = groups;
}

void sampler_rest(struct sampler *s, bool rests)
{
    s->rests = rests;
}

int sampler_fd(const struct sampler *s)
{
    return s->tree.inotify_fd;
}

struct snapshot *sampler_snapshot(struct sampler *s)
{
    struct snapshot *snapshot = assemble(&s->tree, snapshot_pool_take(s->pool)), *last = s->last;
    last->serial = snapshot->serial;
    last->shape = snapshot->shape;
    last->count = snapshot->count;
    last->time_ns = clock_mono_ns();
    last->wall_ns = clock_wall_ns();
    memcpy(snapshot, last, sizeof *snapshot);
    snapshot_pool_join(s->pool, snapshot);
    return snapshot;
}

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* The figures beside the rows. */
static void note_sample(struct sampler *s, uint64_t cpu_before_ns)
{
    struct snapshot *last = s->last;
    uint64_t now = clock_mono_ns();
    last->interval_ns = s->sampled_ns ? now - s->sampled_ns : 0;
    s->sampled_ns = now;
    last->sample_serial++;
    last->cgroupfs = s->cgroupfs;
    hostinfo_self(&s->hostinfo, &last->self_rss, &last->self_cpu_percent);
    last->walked = s->tree.pool.walked;
    last->cost_ns = thread_cpu_ns() - cpu_before_ns;
}

/* The machine's root cgroup has no memory.events. It is told from a namespace's root by having no
 * cgroup.events. */
void sampler_count_host_kills(struct sampler *s, uint64_t kills)
{
    struct group *root = s->tree.root;
    if (root && strcmp(root->path, "/") == 0 && root->figures->now.populated == VALUE_ABSENT)
        root->host_oom_kill = kills;
}

static void forget_detail(struct sampler *s, struct group *group)
{
    if (!group->detail)
        return;
    tree_touch(&s->tree, group);
    detail_files_forget(&s->details.files, group);
    detail_unref(group->detail);
    group->detail = NULL;
}

static void read_detail(struct sampler *s, struct group *group, unsigned parts)
{
    if (parts) {
        detail_read(&s->details, s->tree.root, group, parts);
        tree_touch(&s->tree, group);
    } else
        forget_detail(s, group);
}

/* Of a group that waits for io it is read which device it waits for, whether it is looked at or not. */
static void read_details(struct sampler *s)
{
    unsigned waiting = 0;
    detail_reader_sample(&s->details);
    for (size_t i = 0; i < s->sampled_count; i++) { /* who has one, is read */
        struct group *group = s->sampled[i];
        unsigned parts = group->parts & DETAIL_ALL;
        if (group->figures->rate.io_some_percent >= IO_WAIT_PERCENT && waiting++ < IO_WAIT_MAX)
            parts |= DETAIL_IO;
        if (parts || group->detail)
            read_detail(s, group, parts);
    }
}

bool sampler_look(struct sampler *s, struct detail_look *list, size_t count)
{
    free(s->look);
    s->look = list;
    s->look_count = count;
    bool news = false;
    for (struct group *group = s->tree.root; group; group = tree_next(group)) {
        unsigned before = group->parts;
        group->parts = parts_of(s, group);
        unsigned new = group->parts & ~before;
        if (new &DETAIL_SHOWN && s->rests)
            sampler_sample(s, group);
        if (new &DETAIL_ALL)
            read_detail(s, group, group->parts & DETAIL_ALL);
        else if (!(group->parts & DETAIL_ALL))
            forget_detail(s, group);
        news |= new != 0;
    }
    return news;
}

/* True if a snapshot would show anything new. */
static bool take_in(struct sampler *s, bool beside)
{
    uint64_t counted = s->join.counted;
    sampler_drain(s);
    sampler_handle_stale(s, 0);
    bool changed = s->stale_count > 0, moved = tree_refresh(&s->tree, TREE_REPORTED);
    moved |= sampler_look_for_lost(s);
    if (counted != s->join.counted || moved || beside) /* it is in the header when it is in the row */
        s->last->host.oom_kills = hostinfo_oom_kills(&s->hostinfo);
    if (moved || beside)
        sampler_notice_root(s);
    return changed || moved;
}

bool sampler_logged(struct sampler *s)
{
    bool beside = false;
    if (!sampler_read_log(s, &beside) || s->quiet)
        return false;
    take_in(s, beside);
    return true;
}

bool sampler_notified(struct sampler *s)
{
    bool beside = false;
    sampler_read_log(s, &beside); /* what it says was before what is notified */
    return take_in(s, beside);
}

int sampler_settle(struct sampler *s)
{
    return oomjoin_settle(&s->join, clock_mono_ns());
}

/* After all have been read. */
static void notice_all(struct sampler *s)
{
    struct teller to = sampler_teller(s);
    bool missing = false;
    for (size_t i = 0; i < s->sampled_count; i++) {
        notice_counters(&to, s->sampled[i]);
        notice_throttled(&to, s->sampled[i]);
        missing |= notice_misses(s->sampled[i]);
    }
    if (!missing)
        return;
    sampler_complete_tree(s, TREE_DUE);
    for (struct group *group = s->tree.root; group; group = tree_next(group))
        notice_lost_kills(&to, group);
    s->stale_count = 0;
}

/* What was taken for many groups stays the heap's when they are gone, for the little that was allocated
 * behind it. Snapshots that have them are in use for some samples more. */
static void give_back(struct sampler *s)
{
    size_t count = s->tree.count;
    bool fell = s->most_groups >= MANY_GROUPS && count < s->most_groups / 2;
    s->samples_since_fall = fell ? s->samples_since_fall + 1 : 0;
    if (s->samples_since_fall >= SNAPSHOTS_USED)
        malloc_trim(0);
    if (s->samples_since_fall >= SNAPSHOTS_USED || count > s->most_groups)
        s->most_groups = count;
}

struct snapshot *sampler_tick(struct sampler *s)
{
    uint64_t cpu_ns = thread_cpu_ns();
    bool beside = false;
    sampler_read_log(s, &beside);
    sampler_drain(s);
    sampler_handle_stale(s, 0);
    s->stale_count = 0;
    tree_refresh(&s->tree, s->look_again ? TREE_ALL : TREE_DUE);
    hostinfo_read(&s->hostinfo, &s->last->host);
    sampler_read_due(s);
    s->look_again = false;
    sampler_count_host_kills(s, s->last->host.oom_kills);
    read_details(s);
    if (s->quiet)
        notice_baseline(s->tree.root);
    else
        notice_all(s);
    s->quiet = false;
    eventq_tell_lost(s->events);
    note_sample(s, cpu_ns);
    struct snapshot *snapshot = sampler_snapshot(s);
    give_back(s);
    return snapshot;
}
