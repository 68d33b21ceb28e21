/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/sampler_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/kmsg.h"

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
        sampler_mark_stale(s, g, sampler_files_to_read(CGFILE_MEMORY_EVENTS));
    return !exact || group == s->tree.root;
}

/* True if a kill was told. *ret_beside: in no group with counters. */
bool sampler_read_log(struct sampler *s, bool *ret_beside)
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
