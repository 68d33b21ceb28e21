/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/sampler_inside.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/value.h"

/* How much is read of what was reported, 32 KiB each, before it is the others' turn. */
#define DRAINS_MAX 32

void sampler_mark_stale(struct sampler *s, struct group *group, uint32_t files)
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
uint32_t sampler_files_to_read(int file)
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
        sampler_mark_stale(s, group, sampler_files_to_read(file));
    else if (strcmp(name, "cgroup.subtree_control") == 0)
        for (struct group *child = group->child; child; child = child->sibling)
            sampler_mark_stale(s, child, STALE_ALL);
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
    sampler_probe(s, group);
    sampler_read_events(s, group, true);
}

static void read_stale(struct sampler *s, struct group *group)
{
    sampler_wake(s, group);
    for (int file = CGFILE_FIRST_NOTIFIED; group->stale != STALE_ALL && file < CGFILE_COUNT; file++) {
        if (!(group->stale & 1u << file))
            continue;
        if (file < CGFILE_FIRST_LIMIT)
            sampler_read_file(s, group, (enum cgfile)file);
        else
            sampler_read_limit(s, group, (enum cgfile)file);
    }
    if (group->stale == STALE_ALL)
        read_all(s, group);
    if (group->figures->now.populated == 0)
        sampler_leave_netns(s, group);
    group->stale = 0;
}

/* A group that is at its limit may have a victim soon; if it has one already, it is too late. */
static void note_brink(struct sampler *s, struct group *group)
{
    uint64_t kills = group->figures->now.events_oom_kill;
    if (!value_is_number(kills) || kills <= notice_kills(group))
        brink_note(&group->brink, &group->files, group->path, group->figures->now.local_max, &s->pids);
}

/* What has been reported: groups that changed, and those whose children came or went. */
void sampler_drain(struct sampler *s)
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
void sampler_handle_stale(struct sampler *s, size_t from)
{
    struct teller to = sampler_teller(s);
    for (size_t i = from; i < s->stale_count; i++) {
        read_stale(s, s->stale[i]);
        note_brink(s, s->stale[i]);
    }
    for (size_t i = from; i < s->stale_count; i++)
        notice_counters(&to, s->stale[i]);
}

/* Kills that are missing may be in a group that nobody has looked at yet: one that was made before the
 * counter was read has been reported by now. True if the tree is another. */
bool sampler_complete_tree(struct sampler *s, enum tree_scope scope)
{
    size_t handled = s->stale_count;
    sampler_drain(s);
    sampler_handle_stale(s, handled);
    return tree_refresh(&s->tree, scope);
}

bool sampler_look_for_lost(struct sampler *s)
{
    struct teller to = sampler_teller(s);
    bool missing = false;
    for (size_t i = 0; i < s->stale_count; i++)
        missing |= notice_misses(s->stale[i]);
    bool moved = missing && sampler_complete_tree(s, TREE_REPORTED);
    for (size_t i = 0; i < s->stale_count; i++)
        notice_lost_kills(&to, s->stale[i]);
    s->stale_count = 0;
    return moved;
}

/* Kills in the root, on cgroup v1, or in groups that are gone: the machine counts them. */
void sampler_notice_root(struct sampler *s)
{
    struct teller to = sampler_teller(s);
    if (!s->tree.root || s->quiet)
        return;
    sampler_count_host_kills(s, s->last->host.oom_kills);
    notice_counters(&to, s->tree.root);
    notice_lost_kills(&to, s->tree.root);
}
