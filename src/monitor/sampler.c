/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/sampler.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
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
#include "base/kmsg.h"
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
/* How much is read of what was reported, 32 KiB each, before it is the others' turn. */
#define DRAINS_MAX 32
/* All of a group's files are to be looked for again. */
#define STALE_ALL UINT32_MAX
static_assert(CGFILE_COUNT < 32, "a bit for each file, and STALE_ALL is none of their unions");

static struct teller teller_of(struct sampler *s)
{
    return (struct teller){s->events, &s->join, &s->tree.pool};
}

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
    struct teller to = teller_of(s);
    notice_limit(&to, group, file, result == CGREAD_OK ? text : NULL, s->quiet);
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
    struct teller to = teller_of(s);
    notice_appeared(&to, group);
    if (read_sampled(s, group))
        group->rated = group->now;
    read_events(s, group, true);
    notice_counters(&to, group);
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
    struct teller to = teller_of(s);
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
    oomjoin_init(&s->join, events, false, true);
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
    oomjoin_fini(&s->join);
    pidmap_fini(&s->pids);
    fd_close(&s->kmsg_fd);
    hostinfo_fini(&s->hostinfo);
    engines_fini(&s->engines);
    detail_reader_fini(&s->details);
    free(take_ptr(&s->stale));
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

/* Both files of a pair are read when one is reported: a kill is counted in both, and told once. All counters
 * are read when the last process has gone: the kernel may report a kill 10 ms later than its victim's end,
 * when the group is no more. */
static uint32_t files_to_read(int file)
{
    static const uint32_t memory = 1u << CGFILE_MEMORY_EVENTS | 1u << CGFILE_MEMORY_EVENTS_LOCAL,
                          pids = 1u << CGFILE_PIDS_EVENTS | 1u << CGFILE_PIDS_EVENTS_LOCAL;
    uint32_t bit = 1u << file;
    return bit & memory                   ? memory
           : bit & pids                   ? pids
           : file == CGFILE_CGROUP_EVENTS ? memory | pids | bit
                                          : bit;
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
        struct event lost = {.kind = EVENT_LOST, .file = "inotify"};
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

/* A group that is at its limit may have a victim soon; if it has one already, it is too late. */
static void note_brink(struct sampler *s, struct group *group)
{
    uint64_t kills = group->now.events_oom_kill;
    if (!value_is_number(kills) || kills <= group->told.oom_kill)
        brink_note(&group->brink, &group->files, group->path, group->now.local_max, &s->pids);
}

/* What has been reported: groups that changed, and those whose children came or went. */
static void drain_inotify(struct sampler *s)
{
    _Alignas(struct inotify_event) char buffer[32768];
    ssize_t len = 1;
    for (int i = 0; i < DRAINS_MAX && len > 0; i++) {
        len = read(s->tree.inotify_fd, buffer, sizeof buffer);
        for (ssize_t at = 0; at < len;) {
            const struct inotify_event *event = (const void *)(buffer + at);
            on_inotify(s, event);
            at += (ssize_t)(sizeof *event + event->len);
        }
    }
}

/* Reads and tells of the groups that changed, from the index on; they stay in the list. All are read before
 * anything is told: what is missing in one group may be in another. */
static void handle_stale(struct sampler *s, size_t from)
{
    struct teller to = teller_of(s);
    for (size_t i = from; i < s->stale_count; i++) {
        read_stale(s, s->stale[i]);
        note_brink(s, s->stale[i]);
    }
    for (size_t i = from; i < s->stale_count; i++)
        notice_counters(&to, s->stale[i]);
}

/* Kills that are missing may be in a group that nobody has looked at yet: one that was made before the
 * counter was read has been reported by now. True if the tree is another. */
static bool complete_tree(struct sampler *s, enum tree_scope scope)
{
    size_t handled = s->stale_count;
    drain_inotify(s);
    handle_stale(s, handled);
    return tree_refresh(&s->tree, scope);
}

static bool look_for_lost(struct sampler *s)
{
    struct teller to = teller_of(s);
    bool missing = false;
    for (size_t i = 0; i < s->stale_count; i++)
        missing |= notice_misses(s->stale[i]);
    bool moved = missing && complete_tree(s, TREE_REPORTED);
    for (size_t i = 0; i < s->stale_count; i++)
        notice_lost_kills(&to, s->stale[i]);
    s->stale_count = 0;
    return moved;
}

/* Kills in the root, on cgroup v1, or in groups that are gone: the machine counts them. */
static void notice_root(struct sampler *s)
{
    struct teller to = teller_of(s);
    if (!s->tree.root || s->quiet)
        return;
    count_host_kills(s, s->last->host.oom_kills);
    notice_counters(&to, s->tree.root);
    notice_lost_kills(&to, s->tree.root);
}

/* ---- the kernel's log ---- */

/* Only so many at a time: others want to be heard, too. */
#define RECORDS_MAX 4096

/* The line of a kill need not say in which group. The victim is ending, and still in it,
 * until it is reaped. */
static void find_victim(struct sampler *s, struct oom_line *line)
{
    char path[64], text[CGREAD_SIZE];
    const char *noted = pidmap_find(&s->pids, line->oom.victims[0].pid);
    if (line->cgroup[0] || !s->join.adopts)
        return;
    if (noted)
        str_copy(line->cgroup, sizeof line->cgroup, noted);
    snprintf(path, sizeof path, "/proc/%llu/cgroup", (unsigned long long)line->oom.victims[0].pid);
    if (fs_read_at(AT_FDCWD, path, text, sizeof text) < 0)
        return;
    char *start = strstr(text, "0::/"), *end = start ? strchr(start, '\n') : NULL;
    if (!end)
        return;
    *end = '\0';
    char *gone = strstr(start, " (deleted)");
    if (gone && !gone[sizeof " (deleted)" - 1])
        *gone = '\0';
    str_copy(line->cgroup, sizeof line->cgroup, start + 3);
}

/* Its counters, and its ancestors', say so by now. True if there is no such group: then the root, which has
 * no counters of its own, may be where it is counted. */
static bool mark_killed(struct sampler *s, const char *cgroup)
{
    bool exact;
    struct group *group = tree_find(&s->tree, cgroup, &exact);
    for (struct group *g = group; g; g = g->parent)
        mark_stale(s, g, files_to_read(CGFILE_MEMORY_EVENTS));
    return !exact || group == s->tree.root;
}

/* True if a kill was told. *ret_beside: in no group with counters. */
static bool read_log(struct sampler *s, bool *ret_beside)
{
    char record[OOMLOG_TEXT];
    struct oom_line line;
    bool killed = false;
    uint64_t now = clock_mono_ns();
    for (int i = 0; s->kmsg_fd >= 0 && i < RECORDS_MAX; i++) {
        ssize_t len = kmsg_read(s->kmsg_fd, record, sizeof record);
        if (len == 0)
            break;
        if (len < 0 && len != -EPIPE) {
            fd_close(&s->kmsg_fd);
            break;
        }
        if (len < 0 || !oomlog_feed(&s->oomlog, record, (size_t)len, &line))
            continue;
        find_victim(s, &line);
        *ret_beside |= mark_killed(s, line.cgroup[0] ? line.cgroup : line.scope);
        oomjoin_line(&s->join, &line, now);
        killed = true;
    }
    if (s->oomlog.lost) {
        struct event lost = {.kind = EVENT_LOST, .value = s->oomlog.lost, .file = "kmsg"};
        eventq_put(s->events, &lost);
        oomjoin_overrun(&s->join, now);
        s->oomlog.lost = 0;
    }
    return killed;
}

/* True if a snapshot would show anything new. */
static bool take_in(struct sampler *s, bool beside)
{
    uint64_t counted = s->join.counted;
    drain_inotify(s);
    handle_stale(s, 0);
    bool changed = s->stale_count > 0, moved = tree_refresh(&s->tree, TREE_REPORTED);
    moved |= look_for_lost(s);
    if (counted != s->join.counted || moved || beside) /* it is in the header when it is in the row */
        s->last->host.oom_kills = hostinfo_oom_kills(&s->hostinfo);
    if (moved || beside)
        notice_root(s);
    return changed || moved;
}

bool sampler_logged(struct sampler *s)
{
    bool beside = false;
    if (!read_log(s, &beside) || s->quiet)
        return false;
    take_in(s, beside);
    return true;
}

bool sampler_notified(struct sampler *s)
{
    bool beside = false;
    read_log(s, &beside); /* what it says was before what is notified */
    return take_in(s, beside);
}

int sampler_settle(struct sampler *s)
{
    return oomjoin_settle(&s->join, clock_mono_ns());
}

/* After all have been read. */
static void notice_all(struct sampler *s)
{
    struct teller to = teller_of(s);
    bool missing = false;
    for (struct group *group = s->tree.root; group; group = tree_next(group)) {
        notice_counters(&to, group);
        notice_throttled(&to, group);
        missing |= notice_misses(group);
    }
    if (!missing)
        return;
    complete_tree(s, TREE_DUE);
    for (struct group *group = s->tree.root; group; group = tree_next(group))
        notice_lost_kills(&to, group);
    s->stale_count = 0;
}

struct snapshot *sampler_tick(struct sampler *s)
{
    uint64_t cpu_ns = thread_cpu_ns();
    bool beside = false;
    read_log(s, &beside);
    drain_inotify(s);
    handle_stale(s, 0);
    s->stale_count = 0;
    tree_refresh(&s->tree, s->look_again ? TREE_ALL : TREE_DUE);
    hostinfo_read(&s->hostinfo, &s->last->host);
    for (struct group *group = s->tree.root; group; group = tree_next(group))
        sample(s, group);
    s->look_again = false;
    count_host_kills(s, s->last->host.oom_kills);
    read_details(s);
    if (s->quiet)
        notice_baseline(s->tree.root);
    else
        notice_all(s);
    s->quiet = false;
    eventq_tell_lost(s->events);
    note_sample(s, cpu_ns);
    return sampler_snapshot(s);
}
