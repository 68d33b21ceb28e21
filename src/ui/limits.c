/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/effective.h"
#include "ui/language.h"

static const char *const usual[LIMITS_FIRST] = {"cpu.max",    "cpu.weight",      "memory.max", "memory.high",
                                                "memory.low", "memory.swap.max", "pids.max"};

static const struct {
    const char *knob;
    size_t offset;
} members[] = {
    {"cpu.weight", offsetof(struct counters, cpu_weight)},
    {"memory.max", offsetof(struct counters, memory_max)},
    {"memory.high", offsetof(struct counters, memory_high)},
    {"memory.low", offsetof(struct counters, memory_low)},
    {"memory.swap.max", offsetof(struct counters, swap_max)},
    {"pids.max", offsetof(struct counters, pids_max)},
    {"memory.min", offsetof(struct counters, memory_min)},
    {"memory.oom.group", offsetof(struct counters, oom_group)},
    {"memory.swap.high", offsetof(struct counters, swap_high)},
    {"io.weight", offsetof(struct counters, io_weight)},
    {"cpu.idle", offsetof(struct counters, cpu_idle)},
    {"cpu.max.burst", offsetof(struct counters, cpu_burst_usec)},
    {"cgroup.freeze", offsetof(struct counters, frozen)},
};

static int value_text(uint64_t value, char *to)
{
    if (value == VALUE_ABSENT)
        return -ENOENT;
    if (value == VALUE_MAX)
        snprintf(to, KNOB_TEXT_SIZE, "max");
    else
        snprintf(to, KNOB_TEXT_SIZE, "%" PRIu64, value);
    return 0;
}

/* Of a file that only a group that is looked at has been read of. */
static int detail_text(const struct detail *detail, const char *file, char *to)
{
    const struct detail_figure *figure = detail ? detail_figure(detail, file, "") : NULL;
    if (!figure)
        return -ENOENT;
    if (!figure->text)
        return value_text(figure->value, to);
    str_copy(to, KNOB_TEXT_SIZE, figure->text);
    return 0;
}

/* ---- of a device ---- */

static const struct {
    const char *key;
    size_t offset;
} device_keys[] = {{"rbps", offsetof(struct detail_device, max_rbps)},
                   {"wbps", offsetof(struct detail_device, max_wbps)},
                   {"riops", offsetof(struct detail_device, max_riops)},
                   {"wiops", offsetof(struct detail_device, max_wiops)}};

/* "8:0 rbps" of "io.max 8:0 rbps"; NULL: it is no device's. */
static const char *place_of(const char *name)
{
    return str_starts(name, "io.max ") ? name + strlen("io.max ") : NULL;
}

static int device_text(const struct detail *detail, const char *place, char *to)
{
    char name[48], value[KNOB_TEXT_SIZE];
    for (size_t i = 0; detail && i < detail->device_count; i++)
        for (size_t k = 0; k < COUNT_OF(device_keys); k++) {
            const struct detail_device *device = &detail->devices[i];
            snprintf(name, sizeof name, "%u:%u %s", device->major, device->minor, device_keys[k].key);
            if (strcmp(name, place) != 0)
                continue;
            value_text(*(const uint64_t *)(const void *)((const char *)device + device_keys[k].offset),
                       value);
            snprintf(to, KNOB_TEXT_SIZE, "%s=%.40s", place, value);
            return 0;
        }
    return -ENOENT;
}

size_t limit_list_all(const struct sample *sample, struct limit *ret)
{
    const struct knob *knobs[LIMITS_MAX], *io = knob_find("io.max");
    size_t count = limit_list(sample, knobs);
    const struct detail *detail = sample->depth > 0 ? sample->detail : NULL;
    for (size_t i = 0; i < count; i++) {
        ret[i].knob = knobs[i];
        str_copy(ret[i].name, sizeof ret[i].name, knobs[i]->name);
        str_copy(ret[i].label, sizeof ret[i].label, knobs[i]->name);
    }
    for (size_t i = 0; detail && i < detail->device_count; i++)
        for (size_t k = 0; k < COUNT_OF(device_keys) && count < LIMITS_MAX; k++, count++) {
            const struct detail_device *device = &detail->devices[i];
            struct limit *limit = &ret[count];
            limit->knob = io;
            snprintf(limit->name, sizeof limit->name, "io.max %u:%u %s", device->major, device->minor,
                     device_keys[k].key);
            if (device->name[0])
                snprintf(limit->label, sizeof limit->label, "%s %s", device->name, device_keys[k].key);
            else
                str_copy(limit->label, sizeof limit->label, place_of(limit->name));
        }
    return count;
}

const struct knob *limit_knob(const char *name)
{
    return knob_find(place_of(name) ? "io.max" : name);
}

bool limit_is_of(const char *name, const char *value)
{
    const char *place = place_of(name);
    size_t len = place ? strlen(place) : 0;
    return !place || (strncmp(value, place, len) == 0 && value[len] == '=');
}

void limit_format(const char *name, const char *kernel_text, char *to)
{
    uint64_t value;
    const char *equals = strchr(kernel_text, '=');
    if (!place_of(name) || !equals)
        knob_format(limit_knob(name), kernel_text, to);
    else if (strstr(name, "bps") && parse_u64(equals + 1, &value) == 0)
        fmt_size_exact(to, value);
    else
        str_copy(to, KNOB_TEXT_SIZE, equals + 1);
}

int limit_text(const struct sample *sample, const char *knob, char *to)
{
    if (place_of(knob))
        return device_text(sample->detail, place_of(knob), to);
    if (strcmp(knob, "cpu.max") == 0) {
        char quota[KNOB_TEXT_SIZE / 2];
        if (!value_is_number(sample->now->cpu_period_usec) || value_text(sample->now->cpu_quota_usec, to) < 0)
            return -ENOENT;
        str_copy(quota, sizeof quota, to);
        snprintf(to, KNOB_TEXT_SIZE, "%s %" PRIu64, quota, sample->now->cpu_period_usec);
        return 0;
    }
    for (size_t i = 0; i < COUNT_OF(members); i++)
        if (strcmp(members[i].knob, knob) == 0)
            return value_text(*(const uint64_t *)((const char *)sample->now + members[i].offset), to);
    return detail_text(sample->detail, knob, to);
}

static bool is_usual(const char *name)
{
    for (size_t i = 0; i < LIMITS_FIRST; i++)
        if (strcmp(usual[i], name) == 0)
            return true;
    return false;
}

size_t limit_list(const struct sample *sample, const struct knob **ret)
{
    char text[KNOB_TEXT_SIZE];
    size_t count = 0, all;
    const struct knob *knobs = knob_table(&all);
    for (size_t i = 0; i < LIMITS_FIRST; i++)
        if (sample->depth > 0 || limit_text(sample, usual[i], text) == 0)
            ret[count++] = knob_find(usual[i]);
    for (size_t i = 0; i < all && count < LIMITS_MAX; i++)
        if (!is_usual(knobs[i].name) && limit_text(sample, knobs[i].name, text) == 0)
            ret[count++] = &knobs[i];
    return count;
}

/* ---- in force: each says it, and the row of the group that it is because of; -1: of none ---- */

static int plain_effective(const struct snapshot *snapshot, int row, enum effective_limit limit, char *to)
{
    struct effective found = effective_of(snapshot, row, limit);
    if (limit == EFFECTIVE_PIDS_MAX)
        fmt_count(to, found.value);
    else
        fmt_bytes(to, found.value);
    return found.row;
}

static int cpu_effective(const struct sample *sample, char *to)
{
    snprintf(to, KNOB_TEXT_SIZE, "%.4g%%", sample->effective_cpu_percent);
    return sample->effective_cpu_row;
}

static int device_effective(const struct snapshot *snapshot, const struct detail *detail, const char *place,
                            char *to)
{
    char name[48];
    for (size_t i = 0; detail && i < detail->bound_count; i++) {
        const struct detail_bound *bound = &detail->bounds[i];
        snprintf(name, sizeof name, "%u:%u %s", bound->major, bound->minor, bound->key);
        if (strcmp(name, place) != 0)
            continue;
        if (strstr(bound->key, "bps"))
            fmt_bytes(to, bound->value);
        else
            fmt_count(to, bound->value);
        return snapshot_find_path(snapshot, bound->by);
    }
    return -1;
}

static int cpuset_effective(const struct snapshot *snapshot, const struct detail *detail, char *to)
{
    if (!detail || !detail->cpuset_cpus || !detail->cpuset_by)
        return -1;
    snprintf(to, KNOB_TEXT_SIZE, "%.200s", detail->cpuset_cpus);
    return snapshot_find_path(snapshot, detail->cpuset_by);
}

int limit_effective(const struct snapshot *snapshot, int row, const char *knob, char *to)
{
    const struct sample *sample = &snapshot->rows[row];
    int limit = effective_find(knob), by = -1;
    if (limit >= 0)
        by = plain_effective(snapshot, row, (enum effective_limit)limit, to);
    else if (strcmp(knob, "cpu.max") == 0)
        by = cpu_effective(sample, to);
    else if (place_of(knob))
        by = device_effective(snapshot, sample->detail, place_of(knob), to);
    else if (strcmp(knob, "cpuset.cpus") == 0)
        by = cpuset_effective(snapshot, sample->detail, to);
    return by == row ? -1 : by;
}

double limit_used(const struct sample *sample, const char *knob)
{
    const struct counters *c = sample->now;
    const struct {
        const char *knob;
        uint64_t used, limit;
    } shares[] = {{"memory.max", c->memory_current, c->memory_max},
                  {"memory.high", c->memory_current, c->memory_high},
                  {"memory.swap.max", c->swap_current, c->swap_max},
                  {"pids.max", c->pids_current, c->pids_max}};
    if (strcmp(knob, "cpu.max") == 0 && value_is_number(c->cpu_quota_usec) && c->cpu_quota_usec)
        return sample->rate->cpu_percent * (double)c->cpu_period_usec / (double)c->cpu_quota_usec / 100;
    for (size_t i = 0; i < COUNT_OF(shares); i++)
        if (strcmp(shares[i].knob, knob) == 0 && value_is_number(shares[i].limit) && shares[i].limit &&
            value_is_number(shares[i].used))
            return (double)shares[i].used / (double)shares[i].limit;
    return NAN;
}

/* ---- before it is done ---- */

void limit_warning(const struct sample *sample, const char *knob, const char *value, char *to, size_t size)
{
    const struct counters *c = sample->now;
    const struct {
        const char *knob;
        uint64_t used;
        bool bytes;
        const char *what;
    } hurts[] = {
        {"memory.max", c->memory_current, true, N_("below the %s in use: reclaims, then kills")},
        {"memory.high", c->memory_current, true, N_("below the %s in use: slows it down until it has less")},
        {"pids.max", c->pids_current, false, N_("below the %s in use: no fork until it has fewer")}};
    uint64_t wanted;
    char used[FMT_SIZE];
    to[0] = '\0';
    if (strcmp(knob, "cpu.max") == 0 || parse_u64(value, &wanted) < 0)
        return;
    for (size_t i = 0; i < COUNT_OF(hurts); i++)
        if (strcmp(hurts[i].knob, knob) == 0 && value_is_number(hurts[i].used) && hurts[i].used > wanted)
            snprintf(to, size, tr(hurts[i].what),
                     hurts[i].bytes ? fmt_bytes(used, hurts[i].used) : fmt_count(used, hurts[i].used));
    if (strcmp(knob, "cgroup.freeze") == 0 && wanted == 1)
        snprintf(to, size, "%s", tr("all of it stops until it is thawed"));
}

uint64_t limit_ceiling(const struct host *host, const char *knob)
{
    if (str_starts(knob, "cpu.max"))
        return host->cpus * 100u;
    return str_starts(knob, "memory.") && value_is_number(host->memory_total) ? host->memory_total : 0;
}
