/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

const struct limit_row limit_rows[] = {
    {"cpu.max", "cpu.max"},         {"cpu.weight", "cpu.weight"}, {"memory.max", "memory.max"},
    {"memory.high", "memory.high"}, {"memory.low", "memory.low"}, {"memory.swap.max", "swap.max"},
    {"pids.max", "pids.max"},
};
const size_t limit_row_count = COUNT_OF(limit_rows);

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

int limit_text(const struct sample *sample, const char *knob, char *to)
{
    if (strcmp(knob, "cpu.max") == 0) {
        char quota[KNOB_TEXT_SIZE / 2];
        if (!value_is_number(sample->now.cpu_period_usec) || value_text(sample->now.cpu_quota_usec, to) < 0)
            return -ENOENT;
        str_copy(quota, sizeof quota, to);
        snprintf(to, KNOB_TEXT_SIZE, "%s %" PRIu64, quota, sample->now.cpu_period_usec);
        return 0;
    }
    for (size_t i = 0; i < COUNT_OF(members); i++)
        if (strcmp(members[i].knob, knob) == 0)
            return value_text(*(const uint64_t *)((const char *)&sample->now + members[i].offset), to);
    return -ENOENT;
}

uint64_t limit_ceiling(const struct host *host, const char *knob)
{
    if (str_starts(knob, "cpu.max"))
        return host->cpus * 100u;
    return str_starts(knob, "memory.") && value_is_number(host->memory_total) ? host->memory_total : 0;
}
