/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/sampler.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/value.h"
#include "monitor/assemble.h"
#include "monitor/naming.h"
#include "monitor/rate.h"

#define NS_PER_S 1000000000ull
/* How often files that were absent are tried again, in case nobody reported why they came. */
#define PROBE_NS (30 * NS_PER_S)
/* Two readings closer than this say little about a rate: CPU time is booked at ticks and when a task leaves
 * its CPU, and a quota is given out by the period (100 ms). A rate stays until enough time is over. Samples
 * 200 ms apart are far enough, even if one is early. */
#define RATE_MIN_NS (NS_PER_S * 3 / 20)
/* Part of the time that makes a group one that waits for io, and of how many of those the devices are read.
 */
#define IO_WAIT_PERCENT 5
#define IO_WAIT_MAX     50
/* All of a group's files are to be looked for again. */
#define STALE_ALL UINT32_MAX
static_assert(CGFILE_COUNT < 32, "a bit for each file, and STALE_ALL is none of their unions");

static void read_file(struct sampler *s, struct group *group, enum cgfile file)
{
    cgread_file(&group->files, &s->tree.pool, file, &group->now);
}

static void read_limit(struct sampler *s, struct group *group, enum cgfile file)
{
    char text[CGREAD_SIZE];
    enum cgread_result result = cgread_text(&group->files, &s->tree.pool, file, text);
    if (result == CGREAD_OK)
        cgparse(file, text, &group->now);
    else
        cgparse_absent(file, &group->now);
    notice_limit(s->events, group, file, result == CGREAD_OK ? text : NULL, s->quiet);
}

static void read_limits(struct sampler *s, struct group *group)
{
    for (int file = CGFILE_FIRST_LIMIT; file < CGFILE_COUNT; file++)
        read_limit(s, group, (enum cgfile)file);
}

/* The kernel reports changes only where the directory is watched and the file is held open. */
static bool is_reported(const struct group *group, enum cgfile file)
{
    return group->wd >= 0 && cgread_is_kept(&group->files, file);
}

static void read_events(struct sampler *s, struct group *group, bool all)
{
    for (int file = CGFILE_FIRST_NOTIFIED; file < CGFILE_FIRST_LIMIT; file++)
        if (all || !is_reported(group, (enum cgfile)file))
            read_file(s, group, (enum cgfile)file);
}

/* Where there is no pids controller. An empty subtree (which is reported) needs no looking. */
static uint64_t count_procs(const struct group *group)
{
    if (value_is_number(group->now.pids_current))
        return VALUE_ABSENT;
    bool empty = group->now.populated == 0 && is_reported(group, CGFILE_CGROUP_EVENTS);
    return empty ? 0 : cgread_procs(&group->files);
}

/* False: the group is gone, and its counters stay as they were. */
static bool read_sampled(struct sampler *s, struct group *group)
{
    if (cgread_file(&group->files, &s->tree.pool, CGFILE_CPU_STAT, &group->now) == CGREAD_GONE)
        return false;
    group->now.time_ns = clock_mono_ns();
    for (int file = CGFILE_CPU_STAT + 1; file < CGFILE_FIRST_NOTIFIED; file++)
        read_file(s, group, (enum cgfile)file);
    group->procs = count_procs(group);
    return true;
}

static void probe(struct sampler *s, struct group *group)
{
    cgread_probe(&group->files);
    read_limits(s, group);
    group->probe_ns = clock_mono_ns() + PROBE_NS;
}

static void sample(struct sampler *s, struct group *group)
{
    if (!read_sampled(s, group))
        return;
    if (group->probe_ns <= group->now.time_ns || s->look_again)
        probe(s, group);
    read_events(s, group, s->look_again);
    naming_due(&s->engines, group, group->now.time_ns);
    if (group->now.time_ns - group->rated.time_ns < RATE_MIN_NS)
        return;
    if (group->rated.time_ns)
        rate_compute(&group->rated, &group->now, &group->rate);
    group->rated = group->now;
}

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

/* A group that came between two samples is read at once: what is shown of it are counters, not rates. */
static void on_appeared(void *context, struct group *group)
{
    struct sampler *s = context;
    /* Not all at once, when they have come all at once: the id's bits, mixed, say when. */
    group->probe_ns = clock_mono_ns() + PROBE_NS + group->id * 0x9e3779b97f4a7c15u % PROBE_NS;
    read_limits(s, group);
    naming_appeared(&s->engines, group);
    group->parts = parts_of(s, group);
    if (s->quiet)
        return;
    notice_appeared(s->events, group);
    if (read_sampled(s, group))
        group->rated = group->now;
    read_events(s, group, true);
    notice_counters(s->events, group);
}

/* A socket in the namespace of processes that have ended would keep it, and their link, alive. */
static void leave_netns(struct sampler *s, const struct group *group)
{
    for (; group; group = group->parent)
        if (group->detail && group->detail->net_own)
            netns_drop(&s->details.netns, group->detail->net_inode);
}

static void on_vanished(void *context, struct group *group)
{
    struct sampler *s = context;
    leave_netns(s, group);
    notice_vanished(s->events, group);
}

void sampler_init(struct sampler *s, const struct cgroupfs *cgroupfs, const char *root, struct eventq *events)
{
    *s = (struct sampler){
        .cgroupfs = *cgroupfs, .events = events, .quiet = true, .last = mem_alloc(sizeof *s->last)};
    tree_init(&s->tree, cgroupfs->mount, root);
    s->tree.appeared = on_appeared;
    s->tree.vanished = on_vanished;
    s->tree.context = s;
    hostinfo_init(&s->hostinfo);
    engines_init(&s->engines, "", 0);
    detail_reader_init(&s->details, &s->engines);
}

void sampler_fini(struct sampler *s)
{
    tree_fini(&s->tree);
    hostinfo_fini(&s->hostinfo);
    engines_fini(&s->engines);
    detail_reader_fini(&s->details);
    free(take_ptr(&s->stale));
    free(take_ptr(&s->look));
    free(take_ptr(&s->last));
}

int sampler_fd(const struct sampler *s)
{
    return s->tree.inotify_fd;
}

struct snapshot *sampler_snapshot(struct sampler *s)
{
    struct snapshot *snapshot = assemble(&s->tree);
    size_t count = snapshot->count;
    s->last->serial++;
    s->last->time_ns = clock_mono_ns();
    s->last->wall_ns = clock_wall_ns();
    memcpy(snapshot, s->last, sizeof *snapshot);
    snapshot->count = count;
    return snapshot;
}

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void notice(struct sampler *s, struct group *group)
{
    notice_counters(s->events, group);
    notice_throttled(s->events, group);
    notice_lost_kills(s->events, &s->tree.pool, group);
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
    last->cost_ns = thread_cpu_ns() - cpu_before_ns;
}

/* The machine's root cgroup has no memory.events. It is told from a namespace's root by having no
 * cgroup.events. */
static void count_host_kills(struct sampler *s, uint64_t kills)
{
    struct group *root = s->tree.root;
    if (root && strcmp(root->path, "/") == 0 && root->now.populated == VALUE_ABSENT)
        root->host_oom_kill = kills;
}

static void forget_detail(struct group *group)
{
    detail_unref(group->detail);
    group->detail = NULL;
}

static void read_detail(struct sampler *s, struct group *group, unsigned parts)
{
    if (parts)
        detail_read(&s->details, s->tree.root, group, parts);
    else
        forget_detail(group);
}

/* Of a group that waits for io it is read which device it waits for, whether it is looked at or not. */
static void read_details(struct sampler *s)
{
    unsigned waiting = 0;
    detail_reader_sample(&s->details);
    for (struct group *group = s->tree.root; group; group = tree_next(group)) {
        unsigned parts = group->parts;
        if (group->rate.io_some_percent >= IO_WAIT_PERCENT && waiting++ < IO_WAIT_MAX)
            parts |= DETAIL_IO;
        if (parts || group->detail)
            read_detail(s, group, parts);
    }
}

struct snapshot *sampler_tick(struct sampler *s)
{
    uint64_t cpu_ns = thread_cpu_ns();
    tree_refresh(&s->tree, s->look_again ? TREE_ALL : TREE_DUE);
    hostinfo_read(&s->hostinfo, &s->last->host);
    for (struct group *group = s->tree.root; group; group = tree_next(group))
        sample(s, group);
    count_host_kills(s, s->last->host.oom_kills);
    read_details(s);
    if (s->quiet)
        notice_baseline(s->tree.root);
    for (struct group *group = s->tree.root; group && !s->quiet; group = tree_next(group))
        notice(s, group);
    s->quiet = s->look_again = false;
    eventq_tell_lost(s->events);
    note_sample(s, cpu_ns);
    return sampler_snapshot(s);
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
        if (group->parts & ~before) {
            read_detail(s, group, group->parts);
            news = true;
        } else if (!group->parts)
            forget_detail(group);
    }
    return news;
}

static void mark_stale(struct sampler *s, struct group *group, uint32_t files)
{
    if (!group->stale) {
        if (s->stale_count == s->stale_cap)
            s->stale =
                mem_resize(s->stale, s->stale_cap = s->stale_cap ? s->stale_cap * 2 : 64, sizeof *s->stale);
        s->stale[s->stale_count++] = group;
    }
    group->stale |= files;
}

/* Both files of a pair are read when one is reported: a kill is counted in both, and told once. The counters
 * are read as well when the last process has gone: the kernel may report a kill 10 ms later than its victim's
 * end, when the group is no more. */
static uint32_t files_to_read(int file)
{
    static const uint32_t counters = 1u << CGFILE_MEMORY_EVENTS | 1u << CGFILE_MEMORY_EVENTS_LOCAL |
                                     1u << CGFILE_PIDS_EVENTS | 1u << CGFILE_PIDS_EVENTS_LOCAL;
    return file < CGFILE_FIRST_LIMIT ? counters | 1u << file : 1u << file;
}

/* The sampled files are sampled: nothing is to be done when somebody resets memory.peak. */
static void on_modified(struct sampler *s, struct group *group, const char *name)
{
    int file = cgfile_find(name);
    if (file >= CGFILE_FIRST_NOTIFIED)
        mark_stale(s, group, files_to_read(file));
    else if (strcmp(name, "cgroup.subtree_control") == 0)
        for (struct group *child = group->child; child; child = child->sibling)
            mark_stale(s, child, STALE_ALL);
}

static void on_inotify(struct sampler *s, const struct inotify_event *event)
{
    struct group *group = event->wd < 0 ? NULL : tree_by_wd(&s->tree, event->wd);
    if (event->mask & IN_Q_OVERFLOW) {
        struct event lost = {.kind = EVENT_LOST};
        eventq_put(s->events, &lost);
        s->look_again = true;
    }
    if (!group)
        return;
    if (event->mask & IN_ISDIR)
        tree_report(&s->tree, group);
    else if (event->mask & IN_MODIFY && event->len)
        on_modified(s, group, event->name);
}

/* Controllers came or went: what was absent may be there. */
static void read_all(struct sampler *s, struct group *group)
{
    probe(s, group);
    read_events(s, group, true);
}

static void read_stale(struct sampler *s, struct group *group)
{
    for (int file = CGFILE_FIRST_NOTIFIED; group->stale != STALE_ALL && file < CGFILE_COUNT; file++) {
        if (!(group->stale & 1u << file))
            continue;
        if (file < CGFILE_FIRST_LIMIT)
            read_file(s, group, (enum cgfile)file);
        else
            read_limit(s, group, (enum cgfile)file);
    }
    if (group->stale == STALE_ALL)
        read_all(s, group);
    if (group->now.populated == 0)
        leave_netns(s, group);
    group->stale = 0;
}

/* All are read before anything is told: what is missing in one group may be in another. */
static bool handle_stale(struct sampler *s)
{
    bool any = s->stale_count > 0;
    for (size_t i = 0; i < s->stale_count; i++)
        read_stale(s, s->stale[i]);
    for (size_t i = 0; i < s->stale_count; i++) {
        notice_counters(s->events, s->stale[i]);
        notice_lost_kills(s->events, &s->tree.pool, s->stale[i]);
    }
    s->stale_count = 0;
    return any;
}

bool sampler_notified(struct sampler *s)
{
    _Alignas(struct inotify_event) char buffer[32768];
    ssize_t len = read(s->tree.inotify_fd, buffer, sizeof buffer);
    for (ssize_t at = 0; at < len;) {
        const struct inotify_event *event = (const void *)(buffer + at);
        on_inotify(s, event);
        at += (ssize_t)(sizeof *event + event->len);
    }
    bool changed = handle_stale(s);
    if (changed) /* a kill is counted in the header when it is in the row */
        s->last->host.oom_kills = hostinfo_oom_kills(&s->hostinfo);
    if (!tree_refresh(&s->tree, TREE_REPORTED))
        return changed;
    count_host_kills(s, hostinfo_oom_kills(&s->hostinfo));
    if (s->tree.root) {
        notice_counters(s->events, s->tree.root);
        notice_lost_kills(s->events, &s->tree.pool, s->tree.root);
    }
    return true;
}
