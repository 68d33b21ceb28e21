/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The processes of a group and of those below it, from /proc.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/detail_parse.h"
#include "monitor/detail_read.h"

/* Users are few, and stand together. */
static void name_user(struct detail_reader *reader, struct detail_process *process)
{
    if (reader->user.uid != process->uid) {
        reader->user.uid = process->uid;
        if (!engines_user(reader->engines, process->uid, reader->user.name, sizeof reader->user.name))
            snprintf(reader->user.name, sizeof reader->user.name, "%u", (unsigned)process->uid);
    }
    str_printable(process->user, sizeof process->user, reader->user.name);
}

/* Arguments stand with a NUL behind each. Kernel threads and zombies have none. */
static void read_command(const struct detail_reader *reader, struct detail_process *process, const char *comm)
{
    char text[sizeof process->command];
    ssize_t len = detail_read_proc(reader, process->pid, "cmdline", text, sizeof text);
    while (len > 0 && text[len - 1] == '\0')
        len--;
    for (ssize_t i = 0; i < len; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    if (len <= 0)
        snprintf(text, sizeof text, "[%s]", comm);
    str_printable(process->command, sizeof process->command, text);
}

static double cpu_percent(const struct detail_job *job, const struct detail_process *process)
{
    const struct detail *before = job->before;
    for (size_t i = 0; before && i < before->process_count; i++) {
        const struct detail_process *then = &before->processes[i];
        if (then->pid == process->pid && then->start_ticks == process->start_ticks)
            return detail_rate(job, then->cpu_ticks, process->cpu_ticks) / (double)sysconf(_SC_CLK_TCK) * 100;
    }
    return NAN;
}

static void add_process(struct detail_job *job, pid_t pid, const char *below)
{
    char text[4096], comm[32];
    struct detail_reader *reader = job->reader;
    struct detail_process process = {.pid = pid, .below = below};
    if (detail_read_proc(reader, pid, "stat", text, sizeof text) <= 0 ||
        !detail_parse_stat(text, &process, comm) ||
        detail_read_proc(reader, pid, "status", text, sizeof text) <= 0)
        return; /* it has ended */
    detail_parse_status(text, &process);
    if (detail_read_proc(reader, pid, "oom_score_adj", text, sizeof text) > 0)
        process.oom_score_adj = (int)strtol(text, NULL, 10);
    name_user(reader, &process);
    read_command(reader, &process, comm);
    process.cpu_percent = cpu_percent(job, &process);
    memcpy(detail_draft_add(&job->draft->processes, sizeof process), &process, sizeof process);
}

/* One group's own, in the order of the kernel's list. Those of namespaces that we can't see are 0. */
static void add_group(struct detail_job *job, const struct group *group)
{
    size_t own = strlen(job->group->path);
    const char *below = group->path + (own > 1 ? own : 0);
    below = detail_draft_text(job->draft, group == job->group ? "" : below + (*below == '/'));
    cleanup_close int fd = cgread_open(&group->files, "cgroup.procs");
    cleanup_file FILE *file = fd < 0 ? NULL : fdopen(take_fd(&fd), "r");
    char line[32];
    while (file && fgets(line, sizeof line, file)) {
        job->draft->detail.process_total++;
        pid_t pid = (pid_t)strtol(line, NULL, 10);
        if (pid > 0 && job->draft->processes.count < DETAIL_PROCESSES_MAX)
            add_process(job, pid, below);
    }
}

void detail_read_processes(struct detail_job *job)
{
    const struct group *end = job->group;
    while (end && !end->sibling)
        end = end->parent;
    end = end ? end->sibling : NULL;
    for (const struct group *group = job->group; group && group != end; group = tree_next(group))
        if (group->figures->now.populated != 0)
            add_group(job, group);
}
