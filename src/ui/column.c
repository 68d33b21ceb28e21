/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/column.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "ui/model.h"
#include "ui/text.h"

/* ---- what a row has ---- */

static double number_or_nan(uint64_t value)
{
    return value == VALUE_ABSENT ? NAN : value == VALUE_MAX ? INFINITY : (double)value;
}

/* A member of the row's counters or rates; absent where the row has no cgroup. */
#define COUNTER(model, row, member)                                                                          \
    (model_sample(model, row) ? model_sample(model, row)->now.member : VALUE_ABSENT)
#define RATE(model, row, member)                                                                             \
    (model_sample(model, row) ? model_sample(model, row)->rate.member : (double)NAN)

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
    return sample->now.pids_current != VALUE_ABSENT ? sample->now.pids_current : sample->procs;
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
    if (sample && sample->now.frozen == 1)
        return container_signs[CONTAINER_PAUSED];
    if (container && container->state == CONTAINER_RUNNING && sample && sample->now.populated == 0)
        return (struct sign){GLYPH_ENDED, ROLE_BAD};
    if (container && container->state == CONTAINER_EXITED &&
        (container->oom_killed || container->exit_status))
        return (struct sign){GLYPH_ENDED, ROLE_BAD};
    if (container)
        return container_signs[container->state];
    return sample && sample->now.populated == 0 ? (struct sign){GLYPH_EMPTY, ROLE_DIM}
                                                : (struct sign){GLYPH_GROUP, ROLE_GRAPH_TEXT};
}

/* A sign that needs no colour: killed, throttled or nearly full. */
static const char *alarm_of(const struct model *model, const struct row *row, enum glyph_set glyphs,
                            enum role *role)
{
    const struct sample *sample = model_sample(model, row);
    if (model_kills_new(model, row)) {
        *role = ROLE_BAD;
        return glyph_text(glyphs, GLYPH_KILL);
    }
    if (sample && (sample->rate.throttled_periods_percent >= 50 ||
                   (value_is_number(sample->now.memory_max) && value_is_number(sample->now.memory_current) &&
                    (double)sample->now.memory_current >= 0.95 * (double)sample->now.memory_max))) {
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
    const char *alarm = alarm_of(model, row, glyphs, &role);
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
    *ret = (struct column_bar){.fill = NAN, .mark = NAN};
    if (!sample)
        return;
    ret->fill = sample->rate.cpu_percent / cpu_ceiling(model, sample);
    ret->limited = !isnan(sample->effective_cpu_percent);
    ret->own = value_is_number(sample->now.cpu_quota_usec);
    bool throttled = sample->rate.throttled_periods_percent > 0;
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
    return sample ? number_or_nan(sample->now.memory_current) / memory_ceiling(model, sample) : NAN;
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
    *ret = (struct column_bar){.fill = memory_share(model, row), .mark = NAN};
    if (!sample)
        return;
    ret->limited = value_is_number(sample->effective_memory_max);
    ret->own = value_is_number(sample->now.memory_max);
    if (value_is_number(sample->now.memory_high))
        ret->mark = (double)sample->now.memory_high / memory_ceiling(model, sample);
    ret->style = (struct style){.role = ROLE_MEMORY, .level = level_of(ret->fill)};
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
    uint64_t kills = kills_of(model, row);
    char number[FMT_SIZE];
    bool fresh = model_kills_new(model, row) > 0;
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

const struct column column_table[COLUMN_COUNT] = {
    [COLUMN_STATE] = {"state", "", .min = 2, .want = 2, .rank = 99, .text = state_text, .value = state_value,
                      .smallest_first = true, .file = "cgroup.events", .unit = "",
                      .help = "runs, is paused, empty, ended; then: killed, or throttled or nearly full (!)"},
    [COLUMN_NAME] = {"name", "CGROUP", COLUMN_TREE, .min = 14, .want = 40, .rank = 100, .gap = 1,
                     .smallest_first = true, .file = "", .unit = "",
                     .help = "the cgroup, or the container whose it is"},
    [COLUMN_CPU] = {"cpu", "CPU%", .right = true, .min = 5, .want = 5, .rank = 95, .gap = 1, .text = cpu_text,
                    .value = cpu_value, .file = "cpu.stat", .unit = "percent of one CPU",
                    .help = "usage_usec now - before, per wall time"},
    [COLUMN_CPU_BAR] = {"cpu-bar", "", COLUMN_BAR, .joined = true, .min = 5, .want = 12, .rank = 75, .gap = 1,
                        .bar = cpu_bar, .value = cpu_value, .file = "cpu.max", .unit = "",
                        .help = "the same against the smallest quota above it (the mark), else the host"},
    [COLUMN_THROTTLED] = {"throttled", "THR%", .right = true, .min = 5, .want = 5, .rank = 90, .gap = 1,
                          .text = throttled_text, .value = throttled_value, .file = "cpu.stat",
                          .unit = "percent of periods",
                          .help =
                              "nr_throttled / nr_periods, both since the last sample; an arrow: above it"},
    [COLUMN_MEMORY] = {"memory", "MEM", .right = true, .min = 5, .want = 5, .rank = 94, .gap = 1,
                       .text = memory_text, .value = memory_value, .file = "memory.current", .unit = "bytes",
                       .help = "all that is charged to the group and those below, page cache too"},
    [COLUMN_MEMORY_BAR] = {"memory-bar", "", COLUMN_BAR, .joined = true, .min = 5, .want = 12, .rank = 74,
                           .gap = 1, .bar = memory_bar, .value = memory_value,
                           .file = "memory.max, memory.high", .unit = "",
                           .help = "the same against the smallest limit above it, else the host"},
    [COLUMN_MEMORY_MAX] = {"memory.max", "MAX", .right = true, .min = 4, .want = 4, .rank = 85, .gap = 1,
                           .text = memory_max_text, .value = memory_max_value, .file = "memory.max",
                           .unit = "bytes", .help = "beyond it the kernel reclaims, then kills"},
    [COLUMN_OOM] = {"oom", "OOM", .right = true, .min = 3, .want = 3, .rank = 84, .gap = 1, .text = oom_text,
                    .value = oom_value, .file = "memory.events", .unit = "processes killed",
                    .help = "oom_kill, the group's and those below; marked until acknowledged"},
    [COLUMN_PIDS] = {"pids", "PIDS", .right = true, .min = 4, .want = 4, .rank = 80, .gap = 1,
                     .text = pids_text, .value = pids_value, .file = "pids.current", .unit = "tasks",
                     .help = "tasks; where there is no pids controller, processes of this very group"},
    [COLUMN_PIDS_MAX] = {"pids.max", "", .joined = true, .min = 4, .want = 4, .rank = 70,
                         .text = pids_max_text, .value = pids_value, .file = "pids.max", .unit = "tasks",
                         .help = "beyond it fork fails"},
    [COLUMN_PRESSURE_CPU] = {"cpu.pressure", "Pcpu", .right = true, .min = 4, .want = 4, .rank = 40, .gap = 1,
                             .text = pressure_cpu_text, .value = pressure_cpu_value, .file = "cpu.pressure",
                             .unit = "percent of time", .help = "some avg10: somebody waited for a CPU"},
    [COLUMN_PRESSURE_MEMORY] = {"memory.pressure", "Pmem", .right = true, .min = 4, .want = 4, .rank = 39,
                                .gap = 1, .text = pressure_memory_text, .value = pressure_memory_value,
                                .file = "memory.pressure", .unit = "percent of time",
                                .help = "some avg10: somebody waited for memory"},
    [COLUMN_PRESSURE_IO] = {"io.pressure", "Pio", .right = true, .min = 4, .want = 4, .rank = 38, .gap = 1,
                            .text = pressure_io_text, .value = pressure_io_value, .file = "io.pressure",
                            .unit = "percent of time", .help = "some avg10: somebody waited for a device"},
    [COLUMN_SPARK] = {"history", "", COLUMN_GRAPH, .joined = true, .min = 8, .want = 24, .rank = 30, .gap = 2,
                      .value = pressure_io_value, .file = "cpu.stat", .unit = "",
                      .help = "CPU of the last samples"},
};
static_assert(COUNT_OF(column_table) == COLUMN_COUNT, "a row for each column");

/* ---- widths ---- */

static int text_width(const struct model *model, const struct row *row, enum column_id id,
                      enum glyph_set glyphs)
{
    char name[MODEL_NAME];
    struct column_cell cell;
    if (column_table[id].kind == COLUMN_TREE) {
        model_name(model, row, name);
        return text_columns(name) + 2 * row->depth;
    }
    column_table[id].text(model, row, glyphs, &cell);
    return text_columns(cell.text);
}

static int total_width(const int *width)
{
    int sum = 0;
    for (int id = 0; id < COLUMN_COUNT; id++)
        sum += width[id] ? width[id] + column_table[id].gap : 0;
    return sum;
}

/* Takes columns off, the least first, as long as there is no room and their rank is below that. */
static void drop_below(int *width, int room, int rank)
{
    while (total_width(width) > room) {
        int least = COLUMN_NAME;
        for (int id = 0; id < COLUMN_COUNT; id++)
            if (width[id] && column_table[id].rank < column_table[least].rank)
                least = id;
        if (least == COLUMN_NAME || column_table[least].rank >= rank)
            return;
        width[least] = 0;
    }
}

/* Gives of *spare to the column until it has `want`. */
static void grow(int *width, int want, int *spare)
{
    int more = want - *width;
    if (!*width || more <= 0 || *spare <= 0)
        return;
    more = more > *spare ? *spare : more;
    *width += more;
    *spare -= more;
}

void column_plan(const struct model *model, size_t first, size_t count, int width, enum glyph_set glyphs,
                 struct column_plan *ret)
{
    int data[COLUMN_COUNT] = {0}, *got = ret->width, x = 0;
    for (int id = 0; id < COLUMN_COUNT; id++) {
        const struct column *column = &column_table[id];
        for (size_t i = first; i < first + count && i < model->row_count &&
                               (column->text || !column->kind || column->kind == COLUMN_TREE);
             i++) {
            int w = text_width(model, &model->rows[i], id, glyphs);
            data[id] = w > data[id] ? w : data[id];
        }
        got[id] = column->kind != COLUMN_TREE && data[id] > column->min ? data[id] : column->min;
    }
    /* Pressure gives way to names that can be read; names give way to what is limited. */
    got[COLUMN_NAME] = data[COLUMN_NAME] > 24 ? 24 : data[COLUMN_NAME];
    got[COLUMN_NAME] =
        got[COLUMN_NAME] < column_table[COLUMN_NAME].min ? column_table[COLUMN_NAME].min : got[COLUMN_NAME];
    drop_below(got, width, 60);
    int over = total_width(got) - width, least_name = column_table[COLUMN_NAME].min;
    if (over > 0)
        got[COLUMN_NAME] = got[COLUMN_NAME] - over > least_name ? got[COLUMN_NAME] - over : least_name;
    drop_below(got, width, 100);
    int spare = width - total_width(got);
    grow(&got[COLUMN_NAME], data[COLUMN_NAME] < 28 ? data[COLUMN_NAME] : 28, &spare);
    grow(&got[COLUMN_CPU_BAR], 10, &spare);
    grow(&got[COLUMN_MEMORY_BAR], 10, &spare);
    grow(&got[COLUMN_NAME], data[COLUMN_NAME] < 56 ? data[COLUMN_NAME] : 56, &spare);
    for (int id = 0; id < COLUMN_COUNT; id++)
        if (column_table[id].kind)
            grow(&got[id], column_table[id].want, &spare);
    got[COLUMN_NAME] += spare > 0 ? spare : 0;
    for (int id = 0; id < COLUMN_COUNT; id++) {
        x += got[id] ? column_table[id].gap : 0;
        ret->x[id] = x;
        x += got[id];
    }
}
