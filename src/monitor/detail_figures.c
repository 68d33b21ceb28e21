/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All figures of a group that the sample has not: whatever files there are, by their names. What the kernel
 * adds tomorrow is shown without a line here.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "monitor/detail_parse.h"
#include "monitor/detail_read.h"

#define TEXT_SIZE 16384

/* Lists of processes are no figures, nor is what has a part of its own, or belongs to the sample. */
static bool is_wanted(const char *name)
{
    static const char *const others[] = {"cgroup.procs", "cgroup.threads", "io.stat", "io.max",
                                         "cgroup.events"};
    size_t len = strlen(name);
    if (len > 9 && strcmp(name + len - 9, ".pressure") == 0)
        return strcmp(name, "cgroup.pressure") == 0;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return !cgfile_is_sampled(name);
}

/* A file that is empty, or can only be written to, says nothing. */
static void read_figures(struct detail_job *job)
{
    struct detail_files *files = &job->reader->files;
    char text[TEXT_SIZE];
    detail_files_list(files, job->group, is_wanted);
    for (size_t i = 0; i < files->count; i++)
        if (detail_files_read(files, job->group, i, text, sizeof text) > 0)
            detail_parse_figures(job->draft, detail_draft_text(job->draft, files->names[i]), text);
}

/* The files mostly come in the same order: each is looked for where the last one was found. */
static void rate_figures(struct detail_job *job)
{
    struct detail_figure *now = job->draft->figures.items;
    const struct detail *before = job->before;
    size_t at = 0, count = before ? before->figure_count : 0;
    for (size_t i = 0; i < job->draft->figures.count; i++) {
        if (!detail_is_counter(now[i].file, now[i].key))
            continue;
        for (size_t tries = 0; tries < count; tries++, at = (at + 1) % count)
            if (strcmp(before->figures[at].file, now[i].file) == 0 &&
                strcmp(before->figures[at].key, now[i].key) == 0) {
                now[i].per_s = detail_rate(job, before->figures[at].value, now[i].value);
                break;
            }
    }
}

static void rate_line(const struct detail_job *job, const struct detail_pressure_line *before,
                      struct detail_pressure_line *now)
{
    double percent = detail_rate(job, before->total_usec, now->total_usec) / 1e4;
    now->percent = percent > 100 ? 100 : percent;
}

/* The samples have the files of three open, and less of what they say. */
static bool read_pressure_of(struct detail_job *job, enum detail_resource resource, char *to)
{
    static const enum cgfile files[] = {CGFILE_CPU_PRESSURE, CGFILE_MEMORY_PRESSURE, CGFILE_IO_PRESSURE};
    if (resource == RESOURCE_IRQ)
        return detail_file_read(job->group, "irq.pressure", to, CGREAD_SIZE) > 0;
    return cgread_text(&job->group->files, job->reader->pool, files[resource], to) == CGREAD_OK;
}

static void read_pressure(struct detail_job *job)
{
    char text[CGREAD_SIZE];
    for (int i = 0; i < RESOURCE_COUNT; i++) {
        struct detail_pressure *now = &job->draft->detail.pressure[i];
        if (!read_pressure_of(job, (enum detail_resource)i, text))
            continue;
        detail_parse_pressure(text, now);
        if (!job->before)
            continue;
        rate_line(job, &job->before->pressure[i].some, &now->some);
        rate_line(job, &job->before->pressure[i].full, &now->full);
    }
}

/* What a group may use is its own list, cut to what the groups above may: the nearest that has a list says.
 */
static void read_cpuset(struct detail_job *job)
{
    char text[1024];
    struct detail *detail = &job->draft->detail;
    if (detail_file_read(job->group, "cpuset.cpus.effective", text, sizeof text) <= 0)
        return;
    text[strcspn(text, "\n")] = '\0';
    detail->cpuset_cpus = detail_draft_text(job->draft, text);
    for (const struct group *group = job->group; group; group = group->parent)
        if (detail_file_read(group, "cpuset.cpus", text, sizeof text) > 0 && text[0] != '\n') {
            detail->cpuset_by = detail_draft_text(job->draft, group->path);
            return;
        }
}

void detail_read_figures(struct detail_job *job)
{
    read_figures(job);
    rate_figures(job);
    read_pressure(job);
    read_cpuset(job);
}

/* ---- devices ---- */

/* The kernel's name for it; where sysfs is not, its statistics have it too. */
static void name_device(struct detail_device *device)
{
    char path[64], target[512];
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u", device->major, device->minor);
    ssize_t len = readlink(path, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    const char *slash = strrchr(target, '/');
    if (slash) {
        str_printable(device->name, sizeof device->name, slash + 1);
        return;
    }
    cleanup_free char *text = NULL;
    if (fs_read_whole_at(AT_FDCWD, "/proc/diskstats", 1 << 20, &text) > 0)
        detail_parse_diskstats(text, device->major, device->minor, device->name, sizeof device->name);
}

static const struct detail_device *device_before(const struct detail *before,
                                                 const struct detail_device *device)
{
    for (size_t i = 0; before && i < before->device_count; i++)
        if (before->devices[i].major == device->major && before->devices[i].minor == device->minor)
            return &before->devices[i];
    return NULL;
}

/* Its io.max, if it had one when controllers came or went last. */
static bool read_limits(const struct group *group, char *to, size_t size)
{
    return !(group->files.absent & 1u << CGFILE_IO_MAX) && detail_file_read(group, "io.max", to, size) > 0;
}

/* What io.max limits in the groups above. */
static void read_bounds(struct detail_job *job)
{
    char text[TEXT_SIZE];
    for (const struct group *group = job->group->parent; group; group = group->parent)
        if (read_limits(group, text, sizeof text))
            detail_parse_bounds(job->draft, text, group->path);
}

/* A device that is only limited has no line in io.stat: nothing of it was read or written. */
static void read_devices(struct detail_job *job)
{
    char text[TEXT_SIZE];
    struct group *group = job->group;
    bool counted = !(group->files.absent & CGREAD_NO_IO_STAT) &&
                   detail_file_read(group, "io.stat", text, sizeof text) >= 0;
    if (!counted)
        group->files.absent |= CGREAD_NO_IO_STAT;
    else
        detail_parse_io_stat(job->draft, text);
    size_t moved = job->draft->devices.count;
    if (read_limits(group, text, sizeof text)) {
        detail_parse_io_max(job->draft, text);
        detail_parse_bounds(job->draft, text, group->path);
    }
    read_bounds(job);
    struct detail_device *devices = job->draft->devices.items;
    for (size_t i = moved; counted && i < job->draft->devices.count; i++)
        devices[i].rbytes = devices[i].wbytes = devices[i].dbytes = devices[i].rios = devices[i].wios =
            devices[i].dios = 0;
}

void detail_read_io(struct detail_job *job)
{
    read_devices(job);
    struct detail_device *devices = job->draft->devices.items;
    for (size_t i = 0; i < job->draft->devices.count; i++) {
        struct detail_device *now = &devices[i];
        const struct detail_device *before = device_before(job->before, now);
        name_device(now);
        if (!before)
            continue;
        now->rbytes_per_s = detail_rate(job, before->rbytes, now->rbytes);
        now->wbytes_per_s = detail_rate(job, before->wbytes, now->wbytes);
        now->rios_per_s = detail_rate(job, before->rios, now->rios);
        now->wios_per_s = detail_rate(job, before->wios, now->wios);
    }
}
