/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_figure.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/value.h"
#include "cli/watch_detail.h"
#include "core/jsontext.h"
#include "monitor/effective.h"
#include "monitor/verdict.h"

json_t *figure_json(uint64_t value)
{
    if (value == VALUE_MAX)
        return json_string("max");
    return value_is_number(value) && value <= INT64_MAX ? json_integer((json_int_t)value) : json_null();
}

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static uint64_t counter_at(const struct figure_of *of, size_t offset)
{
    return *(const uint64_t *)(const void *)((const char *)figures_of(of->row->now) + offset);
}

static json_t *counter(const struct figure_of *of, size_t offset)
{
    return figure_json(counter_at(of, offset));
}

static json_t *row_counter(const struct figure_of *of, size_t offset)
{
    return figure_json(*(const uint64_t *)(const void *)((const char *)of->row + offset));
}

static json_t *rate(const struct figure_of *of, size_t offset)
{
    return real_or_null(*(const double *)(const void *)((const char *)figures_of(of->row->now) + offset));
}

/* avg10 is kept in hundredths. */
static json_t *centi(const struct figure_of *of, size_t offset)
{
    uint64_t value = counter_at(of, offset);
    return value_is_number(value) ? json_real((double)value / 100) : json_null();
}

static json_t *sample_time(const struct figure_of *of, size_t offset)
{
    char text[CLOCK_ISO_SIZE];
    (void)offset;
    clock_iso(text, of->snapshot->wall_ns);
    return json_string(text);
}

static json_t *path(const struct figure_of *of, size_t offset)
{
    (void)offset;
    return jsontext_shown(of->row->path);
}

static json_t *name(const struct figure_of *of, size_t offset)
{
    const struct known *known = names_of(of->names, of->row->path);
    (void)offset;
    const struct identity *identity = of->row->identity;
    return jsontext_shown(known ? known->name : identity ? identity->label : of->row->name);
}

static json_t *manager(const struct figure_of *of, size_t offset)
{
    const struct identity *identity = of->row->identity;
    (void)offset;
    if (names_of(of->names, of->row->path))
        return json_string(manager_name(MANAGER_BOXTOP));
    return jsontext_shown(identity ? manager_name(identity->manager) : NULL);
}

static json_t *kind(const struct figure_of *of, size_t offset)
{
    const struct identity *identity = of->row->identity;
    (void)offset;
    if (names_of(of->names, of->row->path))
        return json_string(identity_kind_name(KIND_CONTAINER));
    return jsontext_shown(identity ? identity_kind_name(identity->kind) : NULL);
}

/* A text of its identity. */
static json_t *known_text(const struct figure_of *of, size_t offset)
{
    const struct identity *identity = of->row->identity;
    return jsontext_shown(identity ? *(const char *const *)(const void *)((const char *)identity + offset)
                                   : NULL);
}

static json_t *uid(const struct figure_of *of, size_t offset)
{
    const struct identity *identity = of->row->identity;
    (void)offset;
    return identity && identity->uid != (uid_t)-1 ? json_integer(identity->uid) : json_null();
}

/* `offset` is which of the limits. */
static struct effective effective_at(const struct figure_of *of, size_t offset)
{
    return effective_of(of->snapshot, (int)(of->row - of->snapshot->rows), (enum effective_limit)offset);
}

static json_t *effective_value(const struct figure_of *of, size_t offset)
{
    return figure_json(effective_at(of, offset).value);
}

/* As the kernel writes it: "50000 100000", "max 100000". */
static json_t *cpu_max(const struct figure_of *of, size_t offset)
{
    uint64_t quota = of->row->now->cpu_quota_usec, period = of->row->now->cpu_period_usec;
    (void)offset;
    if (quota == VALUE_ABSENT || !value_is_number(period))
        return json_null();
    if (quota == VALUE_MAX)
        return json_sprintf("max %llu", (unsigned long long)period);
    return json_sprintf("%llu %llu", (unsigned long long)quota, (unsigned long long)period);
}

static json_t *path_of_row(const struct figure_of *of, int row)
{
    return row < 0 ? json_null() : jsontext_shown(of->snapshot->rows[row].path);
}

static json_t *effective_by(const struct figure_of *of, size_t offset)
{
    return path_of_row(of, effective_at(of, offset).row);
}

static json_t *cpu_limit(const struct figure_of *of, size_t offset)
{
    (void)offset;
    if (isnan(of->row->effective_cpu_percent) && of->row->now->cpu_quota_usec == VALUE_MAX)
        return json_string("max");
    return real_or_null(of->row->effective_cpu_percent);
}

static json_t *cpu_limit_row(const struct figure_of *of, size_t offset)
{
    (void)offset;
    return path_of_row(of, of->row->effective_cpu_row);
}

static json_t *throttling_row(const struct figure_of *of, size_t offset)
{
    (void)offset;
    return path_of_row(of, of->row->throttling_row);
}

static json_t *net(const struct figure_of *of, size_t offset)
{
    (void)offset;
    return detail_net(of->row->detail);
}

static struct verdict verdict_row(const struct figure_of *of)
{
    return verdict_of(of->snapshot, (int)(of->row - of->snapshot->rows));
}

static json_t *verdict(const struct figure_of *of, size_t offset)
{
    char text[VERDICT_TEXT];
    struct verdict found = verdict_row(of);
    (void)offset;
    verdict_text(of->snapshot, (int)(of->row - of->snapshot->rows), &found, NULL, text);
    return json_string(text);
}

static json_t *verdict_rule(const struct figure_of *of, size_t offset)
{
    (void)offset;
    return json_string(verdict_name(verdict_row(of).id));
}

static json_t *verdict_by(const struct figure_of *of, size_t offset)
{
    (void)offset;
    return path_of_row(of, verdict_row(of).by);
}

#define AT(from, member) .value = from, .offset = offsetof(struct sample, member)
#define IN(from, member) .value = from, .offset = offsetof(struct figures, member)
#define NOW(member)      IN(counter, now.member)
#define RATE(member)     IN(rate, rate.member)
#define KNOWN(member)    .value = known_text, .offset = offsetof(struct identity, member)
#define EFFECTIVE(key, limit)                                                                                \
    {"effective/" key "/value", .value = effective_value, .offset = EFFECTIVE_##limit},                      \
    {                                                                                                        \
        "effective/" key "/cgroup", .value = effective_by, .offset = EFFECTIVE_##limit                       \
    }
#define COLUMN(text, columns, how, by) .title = text, .width = columns, .format = how, .sort = by
#define PRESSURE(of)                                                                                         \
    {"pressure/" #of "/some_avg10", IN(centi, now.of##_some_avg10)},                                         \
        {"pressure/" #of "/full_avg10", IN(centi, now.of##_full_avg10)},                                     \
        {"pressure/" #of "/some_total", NOW(of##_some_usec)},                                                \
        {"pressure/" #of "/some_percent", RATE(of##_some_percent)},                                          \
    {                                                                                                        \
        "pressure/" #of "/full_total", NOW(of##_full_usec)                                                   \
    }

const struct figure figures[] = {
    {"time", .value = sample_time},
    {"cgroup", .value = path},
    {"name", .value = name},
    {"manager", .value = manager},
    {"kind", .value = kind},
    {"id", KNOWN(id)},
    {"image", KNOWN(image)},
    {"namespace", KNOWN(ns)},
    {"pod", KNOWN(pod)},
    {"container", KNOWN(container)},
    {"unit", KNOWN(unit)},
    {"uid", .value = uid},
    {"cpu.max", .value = cpu_max},
    {"cpu.max.burst", NOW(cpu_burst_usec)},
    {"cpu.weight", NOW(cpu_weight)},
    {"cpu.idle", NOW(cpu_idle)},
    {"cpu.stat/usage_usec", NOW(usage_usec)},
    {"cpu.stat/user_usec", NOW(user_usec)},
    {"cpu.stat/system_usec", NOW(system_usec)},
    {"cpu.stat/nr_periods", NOW(nr_periods)},
    {"cpu.stat/nr_throttled", NOW(nr_throttled)},
    {"cpu.stat/throttled_usec", NOW(throttled_usec)},
    {"cpu.stat/nice_usec", NOW(nice_usec)},
    {"cpu.stat/nr_bursts", NOW(nr_bursts)},
    {"cpu.stat/burst_usec", NOW(burst_usec)},
    {"cpu_percent", RATE(cpu_percent), COLUMN("CPU%", 6, NULL, "cpu")},
    {"user_percent", RATE(user_percent)},
    {"system_percent", RATE(system_percent)},
    {"quota_percent", RATE(quota_percent)},
    {"effective/cpu_percent/value", .value = cpu_limit, COLUMN("QUOTA%", 6, NULL, NULL)},
    {"effective/cpu_percent/cgroup", .value = cpu_limit_row},
    {"throttled_periods_percent", RATE(throttled_periods_percent), COLUMN("THR%", 5, NULL, "throttled")},
    {"throttled_cpus", RATE(throttled_cpus)},
    {"stalled_percent", RATE(stalled_percent), COLUMN("STALL%", 6, NULL, "stalled")},
    {"throttled_by", .value = throttling_row},
    {"memory.current", NOW(memory_current), COLUMN("MEM", 5, fmt_bytes, "memory")},
    {"memory.peak", NOW(memory_peak), COLUMN("PEAK", 5, fmt_bytes, "peak")},
    {"memory.min", NOW(memory_min)},
    EFFECTIVE("memory.min", MEMORY_MIN),
    {"memory.low", NOW(memory_low)},
    EFFECTIVE("memory.low", MEMORY_LOW),
    {"memory.high", NOW(memory_high), COLUMN("HIGH", 5, fmt_bytes, NULL)},
    {"memory.max", NOW(memory_max), COLUMN("MAX", 5, fmt_bytes, NULL)},
    EFFECTIVE("memory.max", MEMORY_MAX),
    EFFECTIVE("memory.high", MEMORY_HIGH),
    {"memory.oom.group", NOW(oom_group)},
    {"memory.swap.current", NOW(swap_current)},
    {"memory.swap.high", NOW(swap_high)},
    EFFECTIVE("memory.swap.high", SWAP_HIGH),
    {"memory.swap.max", NOW(swap_max)},
    EFFECTIVE("memory.swap.max", SWAP_MAX),
    {"memory.swap.events/high", NOW(swap_events_high)},
    {"memory.swap.events/max", NOW(swap_events_max)},
    {"memory.swap.events/fail", NOW(swap_events_fail)},
    {"memory.events/low", NOW(events_low)},
    {"memory.events/high", NOW(events_high)},
    {"memory.events/max", NOW(events_max)},
    {"memory.events/oom", NOW(events_oom)},
    {"memory.events/oom_kill", NOW(events_oom_kill), COLUMN("OOM", 4, fmt_count, "oom")},
    {"memory.events/oom_group_kill", NOW(events_oom_group_kill)},
    {"pids.current", NOW(pids_current), COLUMN("PIDS", 5, fmt_count, "pids")},
    {"pids.max", NOW(pids_max), COLUMN("MAX", 5, fmt_count, NULL)},
    EFFECTIVE("pids.max", PIDS_MAX),
    {"pids.events/max", NOW(pids_events_max)},
    {"io.weight", NOW(io_weight)},
    {"per_second/oom_kill", RATE(oom_kill_per_s)},
    {"per_second/max", RATE(max_per_s)},
    {"per_second/high", RATE(high_per_s)},
    {"per_second/pids_max", RATE(pids_max_per_s)},
    {"per_second/bursts", RATE(bursts_per_s)},
    {"per_second/memory_bytes", RATE(memory_bytes_per_s)},
    {"per_second/swap_bytes", RATE(swap_bytes_per_s)},
    {"processes", AT(row_counter, procs)},
    {"populated", NOW(populated)},
    {"frozen", NOW(frozen)},
    PRESSURE(cpu),
    PRESSURE(memory),
    PRESSURE(io),
    {"net", .value = net},
    {"verdict", .value = verdict},
    {"verdict_rule", .value = verdict_rule, COLUMN("VERDICT", 15, NULL, NULL)},
    {"verdict_cgroup", .value = verdict_by},
    {0},
};

json_t *figure_object(const struct figure_of *of)
{
    json_t *object = json_object();
    for (const struct figure *f = figures; f->key; f++)
        detail_put(object, f->key, f->value(of, f->offset));
    detail_add(object, of->row->detail);
    return object;
}

void figure_text(const struct figure *figure, const struct figure_of *of, char *to)
{
    json_t *value = figure->value(of, figure->offset);
    char text[FMT_SIZE] = "-";
    if (json_is_string(value))
        str_copy(text, sizeof text, json_string_value(value));
    else if (json_is_real(value))
        fmt_percent(text, json_real_value(value));
    else if (json_is_integer(value) && figure->format)
        figure->format(text, (uint64_t)json_integer_value(value));
    str_printable(to, FIGURE_TEXT, text);
    json_decref(value);
}

double figure_order(const struct figure *figure, const struct figure_of *of)
{
    json_t *value = figure->value(of, figure->offset);
    double order = json_is_string(value) ? INFINITY : json_is_number(value) ? json_number_value(value) : -1;
    json_decref(value);
    return order;
}
