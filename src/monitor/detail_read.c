/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/detail_read.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/value.h"

/* Two readings closer than this say nothing about a rate. */
#define RATE_MIN_NS 90000000ull
/* How many groups' namespaces are read anew in one sample. */
#define LOOKS 200

const char *const detail_namespace_types[DETAIL_NAMESPACE_COUNT] = {"cgroup", "ipc",  "mnt",  "net",
                                                                    "pid",    "time", "user", "uts"};

void detail_reader_init(struct detail_reader *reader, const struct engines *engines, struct fdpool *pool)
{
    *reader =
        (struct detail_reader){.engines = engines, .pool = pool, .files.pool = pool, .user.uid = (uid_t)-1};
    reader->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < DETAIL_NAMESPACE_COUNT; i++)
        reader->host[i] = detail_namespace_of(reader, getpid(), detail_namespace_types[i]);
    netns_init(&reader->netns);
}

void detail_reader_fini(struct detail_reader *reader)
{
    detail_files_forget(&reader->files, NULL);
    netns_fini(&reader->netns);
    fd_close(&reader->proc_fd);
}

void detail_reader_sample(struct detail_reader *reader)
{
    reader->turn++;
    reader->looks_left = LOOKS;
    reader->user.uid = (uid_t)-1; /* users are added, too */
    netns_sample(&reader->netns);
}

ssize_t detail_read_proc(const struct detail_reader *reader, pid_t pid, const char *name, char *to,
                         size_t size)
{
    char path[64];
    ssize_t len = -1;
    snprintf(path, sizeof path, "%d/%s", (int)pid, name);
    cleanup_close int fd = openat(reader->proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        len = read(fd, to, size - 1);
    to[len > 0 ? len : 0] = '\0';
    return len;
}

uint64_t detail_namespace_of(const struct detail_reader *reader, pid_t pid, const char *type)
{
    char path[64], target[64];
    snprintf(path, sizeof path, "%d/ns/%s", (int)pid, type);
    ssize_t len = readlinkat(reader->proc_fd, path, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    const char *open = strchr(target, '[');
    return open ? strtoull(open + 1, NULL, 10) : 0;
}

/* The first lines are enough of the list, however long that is. A process in a namespace that we can't see is
 * 0. */
pid_t detail_own_pid(const struct detail_reader *reader, struct group *group)
{
    char text[64], *end;
    cgread_first_procs(&group->files, reader->pool, text, sizeof text);
    for (char *at = text; *at; at = end + 1) {
        long pid = strtol(at, &end, 10);
        if (pid > 0)
            return (pid_t)pid;
        if (*end != '\n')
            break;
    }
    return 0;
}

pid_t detail_first_pid(const struct detail_reader *reader, struct group *group)
{
    enum { TRIES = 64 };
    const struct group *end = group;
    while (end && !end->sibling)
        end = end->parent;
    end = end ? end->sibling : NULL;
    int tries = 0;
    for (struct group *g = group; g && g != end && tries < TRIES; g = tree_next(g)) {
        if (g->figures->now.populated == 0)
            continue;
        pid_t pid = detail_own_pid(reader, g);
        if (pid > 0)
            return pid;
        tries++;
    }
    return 0;
}

double detail_rate(const struct detail_job *job, uint64_t before, uint64_t now)
{
    if (!value_is_number(before) || !value_is_number(now) || now < before)
        return NAN;
    return (double)(now - before) / job->seconds;
}

void detail_read(struct detail_reader *reader, struct group *root, struct group *group, unsigned wanted)
{
    static const struct {
        enum detail_part part;
        void (*read)(struct detail_job *job);
    } parts[] = {{DETAIL_FIGURES, detail_read_figures},
                 {DETAIL_IO, detail_read_io},
                 {DETAIL_NET, detail_read_net},
                 {DETAIL_WAYS, detail_read_ways},
                 {DETAIL_PROCESSES, detail_read_processes},
                 {DETAIL_NAMESPACES, detail_read_namespaces}};
    struct detail_job job = {reader, group, root, detail_draft_new(), group->detail, NAN};
    struct detail *detail = &job.draft->detail;
    detail->time_ns = clock_mono_ns();
    if (job.before && detail->time_ns - job.before->time_ns >= RATE_MIN_NS) {
        job.seconds = (double)(detail->time_ns - job.before->time_ns) / 1e9;
        detail->before_ns = job.before->time_ns;
    }
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (wanted & parts[i].part) {
            parts[i].read(&job);
            detail->parts |= parts[i].part;
        }
    group->detail = detail_draft_finish(job.draft);
    detail_unref(job.before);
}
