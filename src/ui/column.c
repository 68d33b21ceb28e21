/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/column.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "base/words.h"
#include "ui/alarm.h"
#include "ui/column_flow.h"
#include "ui/model.h"
#include "ui/text.h"

/* ---- what a row has ---- */

static double number_or_nan(uint64_t value)
{
    return value == VALUE_ABSENT ? NAN : value == VALUE_MAX ? INFINITY : (double)value;
}

/* A member of the row's counters or rates; absent where the row has no cgroup. */
#define COUNTER(model, row, member)                                                                          \
    (model_sample(model, row) ? model_sample(model, row)->now->member : VALUE_ABSENT)
#define RATE(model, row, member)                                                                             \
    (model_sample(model, row) ? model_sample(model, row)->rate->member : (double)NAN)

/* A figure's share of a limit as a level, and how it is said: nothing, a fact, near the limit, at it. */
static unsigned char level_of(double share)
{
    return isnan(share) || share < 0 ? 0 : share > 1 ? 100 : (unsigned char)(share * 100);
}

static struct style style_of(enum role role)
{
    return (struct style){.role = role};
}

static double cpu_ceiling(const struct model *model, const struct sample *sample)
{
    double host = 100.0 * (model->now->host.cpus ? model->now->host.cpus : 1);
    return isnan(sample->effective_cpu_percent) ? host : fmin(sample->effective_cpu_percent, host);
}

static double memory_ceiling(const struct model *model, const struct sample *sample)
{
    double host = (double)model->now->host.memory_total;
    return value_is_number(sample->effective_memory_max) ? fmin((double)sample->effective_memory_max, host)
                                                         : host;
}

static uint64_t pids_of(const struct model *model, const struct row *row)
{
    const struct sample *sample = model_sample(model, row);
    if (!sample)
        return VALUE_ABSENT;
    return sample->now->pids_current != VALUE_ABSENT ? sample->now->pids_current : sample->procs;
}

/* ---- figures that are just a member ---- */

static const char *growth_text(char *to, double bytes_per_s)
{
    char number[FMT_SIZE];
    if (isnan(bytes_per_s))
        return strcpy(to, "-");
    snprintf(to, FMT_SIZE, "%s%s",
             bytes_per_s < 0   ? "-"
             : bytes_per_s > 0 ? "+"
                               : "",
             fmt_bytes(number, (uint64_t)fmin(fabs(bytes_per_s), 1e18)));
    return to;
}

static uint64_t member_u64(const struct sample *sample, size_t member)
{
    return *(const uint64_t *)((const char *)figures_of(sample->now) + member);
}

static double member_double(const struct sample *sample, size_t member)
{
    return *(const double *)((const char *)figures_of(sample->now) + member);
}

static double figure_value(const struct column *column, const struct sample *sample)
{
    if (!sample)
        return NAN;
    if (column->figure >= FIGURE_PERCENT)
        return member_double(sample, column->member);
    double value = number_or_nan(member_u64(sample, column->member));
    return column->figure == FIGURE_CENTI ? value / 100 : value;
}

static void figure_text(const struct column *column, const struct sample *sample, struct column_cell *ret)
{
    double value = figure_value(column, sample);
    uint64_t whole =
        sample && column->figure < FIGURE_PERCENT ? member_u64(sample, column->member) : VALUE_ABSENT;
    switch (column->figure) {
    case FIGURE_BYTES:
        fmt_bytes(ret->text, whole);
        break;
    case FIGURE_COUNT:
        fmt_count(ret->text, whole);
        break;
    case FIGURE_CPUS:
        snprintf(ret->text, sizeof ret->text, isnan(value) ? "-" : "%.2f", value);
        break;
    case FIGURE_GROWTH:
        growth_text(ret->text, value);
        break;
    default:
        fmt_percent(ret->text, value);
    }
    ret->style = style_of(isnan(value) || isinf(value) || value == 0 ? ROLE_DIM : ROLE_FG);
}

/* ---- state ---- */

struct sign {
    enum glyph glyph;
    enum role role;
};

static const struct sign container_signs[] = {
    [CONTAINER_CREATED] = {GLYPH_STARTING, ROLE_WARN},
    [CONTAINER_RUNNING] = {GLYPH_RUNNING, ROLE_GOOD},
    [CONTAINER_PAUSED] = {GLYPH_PAUSED, ROLE_PAUSED},
    [CONTAINER_EXITED] = {GLYPH_ENDED, ROLE_DIM},
};

static struct sign sign_of(const struct model *model, const struct row *row)
{
    const struct container *container = model_container(model, row);
    const struct sample *sample = model_sample(model, row);
    if (sample && sample->now->frozen == 1)
        return container_signs[CONTAINER_PAUSED];
    if (container && container->state == CONTAINER_RUNNING && sample && sample->now->populated == 0)
        return (struct sign){GLYPH_ENDED, ROLE_BAD};
    if (container && container->state == CONTAINER_EXITED &&
        (container->oom_killed || container->exit_status))
        return (struct sign){GLYPH_ENDED, ROLE_BAD};
    if (container)
        return container_signs[container->state];
    return sample && sample->now->populated == 0 ? (struct sign){GLYPH_EMPTY, ROLE_DIM}
                                                 : (struct sign){GLYPH_GROUP, ROLE_GRAPH_TEXT};
}

/* A sign that needs no colour: killed, throttled or nearly at a limit. */
static const char *alarm_sign(const struct model *model, const struct row *row, enum glyph_set glyphs,
                              enum role *role)
{
    if (model_kills_new(model, row)) {
        *role = ROLE_BAD;
        return glyph_text(glyphs, GLYPH_KILL);
    }
    if (alarm_of(model_sample(model, row))) {
        *role = ROLE_WARN;
        return "!";
    }
    return " ";
}

static void state_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                       struct column_cell *ret)
{
    struct sign sign = sign_of(model, row);
    enum role role = sign.role;
    const char *alarm = alarm_sign(model, row, glyphs, &role);
    snprintf(ret->text, sizeof ret->text, "%s%s", glyph_text(glyphs, sign.glyph), alarm);
    ret->style = style_of(role);
}

static double state_value(const struct model *model, const struct row *row)
{
    const struct container *container = model_container(model, row);
    return container ? (double)container->state : 10;
}

/* ---- cpu ---- */

static void cpu_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                     struct column_cell *ret)
{
    (void)glyphs;
    const struct sample *sample = model_sample(model, row);
    double percent = RATE(model, row, cpu_percent);
    fmt_percent(ret->text, percent);
    ret->style = style_of(ROLE_DIM);
    if (percent >= 0.05)
        ret->style =
            (struct style){.role = ROLE_CPU, .level = level_of(percent / cpu_ceiling(model, sample))};
}

static void cpu_bar(const struct model *model, const struct row *row, struct column_bar *ret)
{
    const struct sample *sample = model_sample(model, row);
    *ret = (struct column_bar){.fill = NAN, .mark = NAN, .low = NAN};
    if (!sample)
        return;
    ret->fill = sample->rate->cpu_percent / cpu_ceiling(model, sample);
    ret->limited = !isnan(sample->effective_cpu_percent);
    ret->own = value_is_number(sample->now->cpu_quota_usec);
    bool throttled = sample->rate->throttled_periods_percent > 0;
    ret->style = (struct style){.role = throttled ? ROLE_THROTTLED : ROLE_CPU, .level = level_of(ret->fill)};
}

static double cpu_value(const struct model *model, const struct row *row)
{
    return RATE(model, row, cpu_percent);
}

/* A quota on an ancestor doesn't show in the group's own counters: the sign says to look up. */
static void throttled_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                           struct column_cell *ret)
{
    const struct sample *sample = model_sample(model, row);
    double percent = RATE(model, row, throttled_periods_percent);
    char number[FMT_SIZE];
    bool above =
        sample && sample->throttling_row >= 0 && sample->throttling_row != row->sample && !(percent > 0);
    snprintf(ret->text, sizeof ret->text, "%s",
             above ? glyph_text(glyphs, GLYPH_ABOVE) : fmt_percent(number, percent));
    ret->style = style_of(percent >= 50 ? ROLE_BAD : percent > 0 || above ? ROLE_THROTTLED : ROLE_DIM);
}

static double throttled_value(const struct model *model, const struct row *row)
{
    return RATE(model, row, throttled_periods_percent);
}

/* ---- memory ---- */

static double memory_share(const struct model *model, const struct row *row)
{
    const struct sample *sample = model_sample(model, row);
    return sample ? number_or_nan(sample->now->memory_current) / memory_ceiling(model, sample) : NAN;
}

static void memory_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                        struct column_cell *ret)
{
    (void)glyphs;
    uint64_t bytes = COUNTER(model, row, memory_current);
    fmt_bytes(ret->text, bytes);
    ret->style = style_of(ROLE_DIM);
    if (bytes && value_is_number(bytes))
        ret->style = (struct style){.role = ROLE_MEMORY, .level = level_of(memory_share(model, row))};
}

static void memory_bar(const struct model *model, const struct row *row, struct column_bar *ret)
{
    const struct sample *sample = model_sample(model, row);
    *ret = (struct column_bar){.fill = memory_share(model, row), .mark = NAN, .low = NAN};
    if (!sample)
        return;
    ret->limited = value_is_number(sample->effective_memory_max);
    ret->own = value_is_number(sample->now->memory_max);
    if (value_is_number(sample->now->memory_high))
        ret->mark = (double)sample->now->memory_high / memory_ceiling(model, sample);
    if (value_is_number(sample->now->memory_low) && sample->now->memory_low)
        ret->low = (double)sample->now->memory_low / memory_ceiling(model, sample);
    ret->style = (struct style){.role = ROLE_MEMORY, .level = level_of(ret->fill)};
}

static double memory_share_percent(const struct model *model, const struct row *row)
{
    return 100 * memory_share(model, row);
}

static double memory_value(const struct model *model, const struct row *row)
{
    return number_or_nan(COUNTER(model, row, memory_current));
}

static void memory_max_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                            struct column_cell *ret)
{
    (void)glyphs;
    uint64_t bytes = COUNTER(model, row, memory_max);
    fmt_bytes(ret->text, bytes);
    ret->style = style_of(value_is_number(bytes) ? ROLE_LIMIT : ROLE_DIM);
}

static double memory_max_value(const struct model *model, const struct row *row)
{
    return number_or_nan(COUNTER(model, row, memory_max));
}

static uint64_t kills_of(const struct model *model, const struct row *row)
{
    const struct container *container = model_container(model, row);
    if (model_sample(model, row))
        return COUNTER(model, row, events_oom_kill);
    return container ? container->oom_kills : VALUE_ABSENT;
}

static void oom_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                     struct column_cell *ret)
{
    uint64_t kills = kills_of(model, row), fresh = model_kills_new(model, row);
    char number[FMT_SIZE];
    if (fresh && (!value_is_number(kills) || kills < fresh))
        kills = fresh; /* of a group that was there before: this one counts anew */
    snprintf(ret->text, sizeof ret->text, "%s%s", fresh ? glyph_text(glyphs, GLYPH_KILL) : "",
             fmt_count(number, kills));
    ret->style = style_of(!value_is_number(kills) || !kills ? ROLE_DIM : ROLE_BAD);
    ret->style.attrs = fresh ? STYLE_BOLD : 0;
}

static double oom_value(const struct model *model, const struct row *row)
{
    return number_or_nan(kills_of(model, row));
}

/* ---- tasks, pressure ---- */

static void pids_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                      struct column_cell *ret)
{
    (void)glyphs;
    uint64_t now = pids_of(model, row), max = COUNTER(model, row, pids_max);
    fmt_count(ret->text, now);
    bool near = value_is_number(max) && value_is_number(now) && now * 10 >= max * 9;
    ret->style = style_of(near ? ROLE_WARN : now && value_is_number(now) ? ROLE_FG : ROLE_DIM);
}

static double pids_value(const struct model *model, const struct row *row)
{
    return number_or_nan(pids_of(model, row));
}

static double pids_share(const struct model *model, const struct row *row)
{
    double max = number_or_nan(COUNTER(model, row, pids_max));
    return isinf(max) ? 0 : 100 * pids_value(model, row) / max;
}

static void pids_max_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                          struct column_cell *ret)
{
    (void)glyphs;
    char number[FMT_SIZE];
    uint64_t max = COUNTER(model, row, pids_max);
    if (max == VALUE_ABSENT)
        ret->text[0] = '\0';
    else
        snprintf(ret->text, sizeof ret->text, "/%s", fmt_count(number, max));
    ret->style = style_of(value_is_number(max) ? ROLE_LIMIT : ROLE_DIM);
}

static void pressure_text(double percent, struct column_cell *ret)
{
    fmt_percent(ret->text, percent);
    ret->style = style_of(ROLE_DIM);
    if (percent >= 0.05)
        ret->style = (struct style){.role = ROLE_PRESSURE, .level = level_of(percent / 60)};
}

static double pressure_cpu_value(const struct model *model, const struct row *row)
{
    return number_or_nan(COUNTER(model, row, cpu_some_avg10)) / 100;
}

static double pressure_memory_value(const struct model *model, const struct row *row)
{
    return number_or_nan(COUNTER(model, row, memory_some_avg10)) / 100;
}

static double pressure_io_value(const struct model *model, const struct row *row)
{
    return number_or_nan(COUNTER(model, row, io_some_avg10)) / 100;
}

static void pressure_cpu_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                              struct column_cell *ret)
{
    (void)glyphs;
    pressure_text(pressure_cpu_value(model, row), ret);
}

static void pressure_memory_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                                 struct column_cell *ret)
{
    (void)glyphs;
    pressure_text(pressure_memory_value(model, row), ret);
}

static void pressure_io_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                             struct column_cell *ret)
{
    (void)glyphs;
    pressure_text(pressure_io_value(model, row), ret);
}

/* ---- whose it is ---- */

static enum manager manager_of(const struct model *model, const struct row *row)
{
    const struct sample *sample = model_sample(model, row);
    if (model_container(model, row))
        return MANAGER_BOXTOP;
    return sample && sample->identity ? sample->identity->manager : MANAGER_NONE;
}

static void manager_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                         struct column_cell *ret)
{
    (void)glyphs;
    const char *name = manager_name(manager_of(model, row));
    snprintf(ret->text, sizeof ret->text, "%s", name ? name : "-");
    ret->style = style_of(name ? ROLE_FG : ROLE_DIM);
}

static double manager_value(const struct model *model, const struct row *row)
{
    return (double)manager_of(model, row);
}

static void path_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                      struct column_cell *ret)
{
    (void)glyphs;
    const struct sample *sample = model_sample(model, row);
    str_printable(ret->text, sizeof ret->text, sample ? sample->path : "-");
    ret->style = style_of(ROLE_GRAPH_TEXT);
}

static double quota_value(const struct model *model, const struct row *row)
{
    double quota = number_or_nan(COUNTER(model, row, cpu_quota_usec));
    return 100 * quota / number_or_nan(COUNTER(model, row, cpu_period_usec));
}

static void quota_text(const struct model *model, const struct row *row, enum glyph_set glyphs,
                       struct column_cell *ret)
{
    (void)glyphs;
    double percent = quota_value(model, row);
    ret->style = style_of(isfinite(percent) ? ROLE_LIMIT : ROLE_DIM);
    if (isinf(percent))
        snprintf(ret->text, sizeof ret->text, "max");
    else
        fmt_percent(ret->text, percent);
}

#define FIGURE(kind, of) .figure = kind, .member = offsetof(struct figures, of), .right = true, .gap = 1

const struct column column_table[COLUMN_COUNT] = {
    [COLUMN_STATE] = {"state", NULL, "", .min = 2, .want = 2, .rank = 99, .text = state_text,
                      .value = state_value, .smallest_first = true, .file = "cgroup.events", .unit = "",
                      .help =
                          N_("runs, is paused, empty, ended; then: killed, or throttled or nearly full (!)")},
    [COLUMN_NAME] = {"name", NULL, "CGROUP", COLUMN_TREE, .min = 14, .want = 40, .rank = 100, .gap = 1,
                     .smallest_first = true, .file = "", .unit = "",
                     .help = N_("the cgroup, or the container whose it is")},
    [COLUMN_CPU] = {"cpu", "cpu%", "CPU%", .right = true, .min = 5, .want = 5, .rank = 95, .gap = 1,
                    .text = cpu_text, .value = cpu_value, .file = "cpu.stat",
                    .unit = N_("percent of one CPU"), .help = N_("usage_usec now - before, per wall time")},
    [COLUMN_CPU_BAR] = {"cpu-bar", NULL, "", COLUMN_BAR, .sorts = COLUMN_CPU, .min = 5, .want = 12,
                        .rank = 75, .gap = 1, .bar = cpu_bar, .value = cpu_value, .file = "cpu.max",
                        .unit = "",
                        .help = N_("the same against the smallest quota above it (the mark), else the host")},
    [COLUMN_THROTTLED] = {"throttled", "thr", "THR%", .right = true, .min = 5, .want = 5, .rank = 90,
                          .gap = 1, .text = throttled_text, .value = throttled_value, .file = "cpu.stat",
                          .unit = N_("percent of periods"),
                          .help = N_(
                              "nr_throttled / nr_periods, both since the last sample; an arrow: above it")},
    [COLUMN_MEMORY] = {"memory", "mem", "MEM", .right = true, .min = 5, .want = 5, .rank = 94, .gap = 1,
                       .text = memory_text, .value = memory_value, .share = memory_share_percent,
                       .file = "memory.current", .unit = N_("bytes"),
                       .help = N_("all that is charged to the group and those below, page cache too")},
    [COLUMN_MEMORY_BAR] = {"memory-bar", NULL, "", COLUMN_BAR, .sorts = COLUMN_MEMORY, .min = 5, .want = 12,
                           .rank = 74, .gap = 1, .bar = memory_bar, .value = memory_value,
                           .file = "memory.max, memory.high", .unit = "",
                           .help = N_("the same against the smallest limit above it, else the host")},
    [COLUMN_MEMORY_MAX] = {"memory.max", "max", "MAX", .right = true, .min = 4, .want = 4, .rank = 85,
                           .gap = 1, .text = memory_max_text, .value = memory_max_value, .file = "memory.max",
                           .unit = N_("bytes"), .help = N_("beyond it the kernel reclaims, then kills")},
    [COLUMN_OOM] = {"oom", "kills", "OOM", .right = true, .min = 3, .want = 3, .rank = 84, .gap = 1,
                    .text = oom_text, .value = oom_value, .file = "memory.events",
                    .unit = N_("processes killed"),
                    .help = N_("oom_kill, the group's and those below; marked until acknowledged")},
    [COLUMN_PIDS] = {"pids", "tasks", "PIDS", .right = true, .min = 4, .want = 4, .rank = 80, .gap = 1,
                     .text = pids_text, .value = pids_value, .share = pids_share, .file = "pids.current",
                     .unit = N_("tasks"),
                     .help = N_("tasks; where there is no pids controller, processes of this very group")},
    [COLUMN_PIDS_MAX] = {"pids.max", NULL, "", .sorts = COLUMN_PIDS, .min = 4, .want = 4, .rank = 70,
                         .text = pids_max_text, .value = pids_value, .file = "pids.max", .unit = N_("tasks"),
                         .help = N_("beyond it fork fails")},
    [COLUMN_PRESSURE_CPU] = {"cpu.pressure", "pcpu", "Pcpu", .right = true, .min = 4, .want = 4, .rank = 40,
                             .gap = 1, .text = pressure_cpu_text, .value = pressure_cpu_value,
                             .file = "cpu.pressure", .unit = N_("percent of time"),
                             .help = N_("some avg10: somebody waited for a CPU")},
    [COLUMN_PRESSURE_MEMORY] = {"memory.pressure", "pmem", "Pmem", .right = true, .min = 4, .want = 4,
                                .rank = 39, .gap = 1, .text = pressure_memory_text,
                                .value = pressure_memory_value, .file = "memory.pressure",
                                .unit = N_("percent of time"),
                                .help = N_("some avg10: somebody waited for memory")},
    [COLUMN_PRESSURE_IO] = {"io.pressure", "pio", "Pio", .right = true, .min = 4, .want = 4, .rank = 38,
                            .gap = 1, .text = pressure_io_text, .value = pressure_io_value,
                            .file = "io.pressure", .unit = N_("percent of time"),
                            .help = N_("some avg10: somebody waited for a device")},
    [COLUMN_IO] = {"io", NULL, "IO/s", .right = true, .min = 5, .want = 5, .gap = 1, .rank = 36,
                   .parts = DETAIL_IO, .text = io_both_text, .value = io_both_value, .file = "io.stat",
                   .unit = N_("bytes per second"),
                   .help = N_("rbytes + wbytes, growth per wall time; of rows on the screen")},
    [COLUMN_NET] = {"net", "network", "NET/s", .right = true, .min = 5, .want = 5, .gap = 1, .rank = 35,
                    .parts = DETAIL_NET, .text = net_both_text, .value = net_both_value,
                    .file = "/proc/PID/net/dev", .unit = N_("bytes per second"),
                    .help = N_("received and sent in its own network namespace; of rows on the screen")},
    [COLUMN_SPARK] = {"history", NULL, "", COLUMN_GRAPH, .sorts = COLUMN_CPU, .min = 8, .want = 24,
                      .rank = 30, .gap = 2, .value = cpu_value, .file = "cpu.stat", .unit = "",
                      .help = N_("CPU of the last samples")},
    [COLUMN_MANAGER] = {"manager", NULL, "MANAGER", .min = 7, .want = 10, .gap = 1, .rank = 20,
                        .text = manager_text, .value = manager_value, .smallest_first = true, .file = "",
                        .unit = "",
                        .help = N_("who made the group: boxtop, systemd, docker, podman, kubernetes, ...")},
    [COLUMN_QUOTA] = {"cpu.max", "quota", "QUOTA", .right = true, .min = 5, .want = 5, .gap = 1, .rank = 60,
                      .text = quota_text, .value = quota_value, .file = "cpu.max",
                      .unit = N_("percent of one CPU"),
                      .help = N_("quota / period: beyond it the group is throttled")},
    [COLUMN_CPU_WEIGHT] = {"cpu.weight", "weight", "WGHT", FIGURE(FIGURE_COUNT, now.cpu_weight), .min = 4,
                           .want = 4, .rank = 20, .file = "cpu.weight", .unit = "",
                           .help = N_("its share against its siblings when CPU is short; 100 unless set")},
    [COLUMN_USER] = {"user", NULL, "USR%", FIGURE(FIGURE_PERCENT, rate.user_percent), .min = 4, .want = 4,
                     .rank = 20, .file = "cpu.stat", .unit = N_("percent of one CPU"),
                     .help = N_("user_usec now - before, per wall time")},
    [COLUMN_SYSTEM] = {"system", NULL, "SYS%", FIGURE(FIGURE_PERCENT, rate.system_percent), .min = 4,
                       .want = 4, .rank = 20, .file = "cpu.stat", .unit = N_("percent of one CPU"),
                       .help = N_("system_usec now - before, per wall time")},
    [COLUMN_LOST] = {"throttled-cpus", "lost", "LOST", FIGURE(FIGURE_CPUS, rate.throttled_cpus), .min = 4,
                     .want = 4, .rank = 20, .file = "cpu.stat", .unit = N_("CPUs"),
                     .help = N_("throttled_usec now - before, per wall time: CPUs lost, summed over all")},
    [COLUMN_STALLED] = {"stalled", NULL, "STAL%", FIGURE(FIGURE_PERCENT, rate.stalled_percent), .min = 5,
                        .want = 5, .rank = 20, .file = "cpu.pressure", .unit = N_("percent of time"),
                        .help = N_("full total now - before, per wall time: all of it waited")},
    [COLUMN_MEMORY_PEAK] = {"memory.peak", "peak", "PEAK", FIGURE(FIGURE_BYTES, now.memory_peak), .min = 5,
                            .want = 5, .rank = 20, .file = "memory.peak", .unit = N_("bytes"),
                            .help = N_("the most that memory.current has been")},
    [COLUMN_MEMORY_HIGH] = {"memory.high", "high", "HIGH", FIGURE(FIGURE_BYTES, now.memory_high), .min = 4,
                            .want = 4, .rank = 20, .file = "memory.high", .unit = N_("bytes"),
                            .help = N_("beyond it the group is slowed down and reclaimed, but not killed")},
    [COLUMN_MEMORY_LOW] = {"memory.low", "low", "LOW", FIGURE(FIGURE_BYTES, now.memory_low), .min = 4,
                           .want = 4, .rank = 20, .file = "memory.low", .unit = N_("bytes"),
                           .help = N_("below it nothing is reclaimed, as long as others have some")},
    [COLUMN_MEMORY_GROWTH] = {"memory-growth", "growth", "MEM/s",
                              FIGURE(FIGURE_GROWTH, rate.memory_bytes_per_s), .min = 6, .want = 6, .rank = 20,
                              .file = "memory.current", .unit = N_("bytes per second"),
                              .help = N_("memory.current now - before, per wall time")},
    [COLUMN_HIGH_EVENTS] = {"high-events", NULL, "#HIGH", FIGURE(FIGURE_COUNT, now.events_high), .min = 5,
                            .want = 5, .rank = 20, .file = "memory.events", .unit = N_("times"),
                            .help = N_("high: it was slowed down because of memory.high")},
    [COLUMN_MAX_EVENTS] = {"max-events", NULL, "#MAX", FIGURE(FIGURE_COUNT, now.events_max), .min = 4,
                           .want = 4, .rank = 20, .file = "memory.events", .unit = N_("times"),
                           .help = N_("max: memory.max was about to be exceeded, and the kernel reclaimed")},
    [COLUMN_SWAP] = {"memory.swap.current", "swap", "SWAP", FIGURE(FIGURE_BYTES, now.swap_current), .min = 4,
                     .want = 4, .rank = 20, .file = "memory.swap.current", .unit = N_("bytes"),
                     .help = N_("what is swapped out of it")},
    [COLUMN_SWAP_MAX] = {"memory.swap.max", "swapmax", "SWMAX", FIGURE(FIGURE_BYTES, now.swap_max), .min = 5,
                         .want = 5, .rank = 20, .file = "memory.swap.max", .unit = N_("bytes"),
                         .help = N_("no more than that is swapped")},
    [COLUMN_FORKS] = {"pids.events", "forks", "#FORK", FIGURE(FIGURE_COUNT, now.pids_events_max), .min = 5,
                      .want = 5, .rank = 20, .file = "pids.events", .unit = N_("times"),
                      .help = N_("max: a fork failed at pids.max")},
    [COLUMN_FULL_CPU] = {"cpu.pressure.full", "fcpu", "Fcpu", FIGURE(FIGURE_CENTI, now.cpu_full_avg10),
                         .min = 4, .want = 4, .rank = 20, .file = "cpu.pressure",
                         .unit = N_("percent of time"), .help = N_("full avg10: all of it waited for a CPU")},
    [COLUMN_FULL_MEMORY] = {"memory.pressure.full", "fmem", "Fmem",
                            FIGURE(FIGURE_CENTI, now.memory_full_avg10), .min = 4, .want = 4, .rank = 20,
                            .file = "memory.pressure", .unit = N_("percent of time"),
                            .help = N_("full avg10: all of it waited for memory")},
    [COLUMN_FULL_IO] = {"io.pressure.full", "fio", "Fio", FIGURE(FIGURE_CENTI, now.io_full_avg10), .min = 4,
                        .want = 4, .rank = 20, .file = "io.pressure", .unit = N_("percent of time"),
                        .help = N_("full avg10: all of it waited for a device")},
    [COLUMN_IO_READ] = {"io-read", "read", "READ", .right = true, .min = 5, .want = 5, .gap = 1, .rank = 20,
                        .parts = DETAIL_IO, .text = io_read_text, .value = io_read_value, .file = "io.stat",
                        .unit = N_("bytes per second"),
                        .help = N_("rbytes, growth per wall time; of rows on the screen")},
    [COLUMN_IO_WRITE] = {"io-write", "write", "WRITE", .right = true, .min = 5, .want = 5, .gap = 1,
                         .rank = 20, .parts = DETAIL_IO, .text = io_write_text, .value = io_write_value,
                         .file = "io.stat", .unit = N_("bytes per second"),
                         .help = N_("wbytes, growth per wall time; of rows on the screen")},
    [COLUMN_NET_IN] = {"net-in", "rx", "RX/s", .right = true, .min = 5, .want = 5, .gap = 1, .rank = 20,
                       .parts = DETAIL_NET, .text = net_in_text, .value = net_in_value,
                       .file = "/proc/PID/net/dev", .unit = N_("bytes per second"),
                       .help = N_("received in its own network namespace; of rows on the screen")},
    [COLUMN_NET_OUT] = {"net-out", "tx", "TX/s", .right = true, .min = 5, .want = 5, .gap = 1, .rank = 20,
                        .parts = DETAIL_NET, .text = net_out_text, .value = net_out_value,
                        .file = "/proc/PID/net/dev", .unit = N_("bytes per second"),
                        .help = N_("sent in its own network namespace; of rows on the screen")},
    [COLUMN_PATH] = {"path", NULL, "PATH", .min = 12, .want = 60, .gap = 1, .rank = 20, .text = path_text,
                     .smallest_first = true, .file = "", .unit = "",
                     .help = N_("where it is below the mount of cgroup v2")},
};
static_assert(COUNT_OF(column_table) == COLUMN_COUNT, "a row for each column");

/* ---- any column ---- */

int column_find(const char *name)
{
    for (int id = 0; id < COLUMN_COUNT; id++)
        if (strcasecmp(column_table[id].key, name) == 0 ||
            (column_table[id].alias && strcasecmp(column_table[id].alias, name) == 0))
            return id;
    return -1;
}

void column_text(enum column_id id, const struct model *model, const struct row *row, enum glyph_set glyphs,
                 struct column_cell *ret)
{
    if (column_table[id].figure)
        figure_text(&column_table[id], model_sample(model, row), ret);
    else
        column_table[id].text(model, row, glyphs, ret);
}

double column_value(enum column_id id, const struct model *model, const struct row *row)
{
    const struct column *column = &column_table[id];
    return column->figure  ? figure_value(column, model_sample(model, row))
           : column->value ? column->value(model, row)
                           : (double)NAN;
}

bool column_has_value(enum column_id id)
{
    return column_table[id].figure || column_table[id].value;
}
