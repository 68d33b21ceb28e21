/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_self.h"

#include <dirent.h>
#include <math.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/watch_figure.h"

enum {
    SELF_TIME,
    SELF_CGROUPS,
    SELF_INTERVAL,
    SELF_COST,
    SELF_CPU,
    SELF_RSS,
    SELF_FDS,
    SELF_READER,
    SELF_TRIGGERS
};
const char *const self_keys[SELF_FIGURES] = {
    [SELF_TIME] = "time",        [SELF_CGROUPS] = "cgroups", [SELF_INTERVAL] = "interval_usec",
    [SELF_COST] = "sample_usec", [SELF_CPU] = "cpu_percent", [SELF_RSS] = "rss_bytes",
    [SELF_FDS] = "descriptors",  [SELF_READER] = "reader",   [SELF_TRIGGERS] = "pressure_triggers"};

static uint64_t count_descriptors(void)
{
    cleanup_dir DIR *dir = opendir("/proc/self/fd");
    uint64_t count = 0;
    while (dir && readdir(dir))
        count++;
    return count > 3 ? count - 3 : 0; /* . and .. and the directory itself */
}

json_t *self_value(const struct snapshot *snapshot, size_t figure)
{
    char time[CLOCK_ISO_SIZE];
    switch (figure) {
    case SELF_TIME:
        clock_iso(time, snapshot->wall_ns);
        return json_string(time);
    case SELF_CGROUPS:
        return figure_json(snapshot->count);
    case SELF_INTERVAL:
        return figure_json(snapshot->interval_ns / 1000);
    case SELF_COST:
        return figure_json(snapshot->cost_ns / 1000);
    case SELF_CPU:
        return isfinite(snapshot->self_cpu_percent) ? json_real(snapshot->self_cpu_percent) : json_null();
    case SELF_RSS:
        return figure_json(snapshot->self_rss);
    case SELF_READER:
        return json_string(snapshot->walked ? "iterator" : "files");
    case SELF_TRIGGERS:
        return figure_json(snapshot->triggers);
    default:
        return figure_json(count_descriptors());
    }
}

json_t *self_object(const struct snapshot *snapshot)
{
    json_t *object = json_object();
    for (size_t i = 0; i < SELF_FIGURES; i++)
        json_object_set_new(object, self_keys[i], self_value(snapshot, i));
    return object;
}
