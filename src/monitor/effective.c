/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/effective.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"

static const struct {
    const char *file;
    size_t offset;
    bool protects;
} limits[] = {
    [EFFECTIVE_MEMORY_MAX] = {"memory.max", offsetof(struct counters, memory_max), false},
    [EFFECTIVE_MEMORY_HIGH] = {"memory.high", offsetof(struct counters, memory_high), false},
    [EFFECTIVE_SWAP_MAX] = {"memory.swap.max", offsetof(struct counters, swap_max), false},
    [EFFECTIVE_SWAP_HIGH] = {"memory.swap.high", offsetof(struct counters, swap_high), false},
    [EFFECTIVE_PIDS_MAX] = {"pids.max", offsetof(struct counters, pids_max), false},
    [EFFECTIVE_MEMORY_LOW] = {"memory.low", offsetof(struct counters, memory_low), true},
    [EFFECTIVE_MEMORY_MIN] = {"memory.min", offsetof(struct counters, memory_min), true},
};

int effective_find(const char *file)
{
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        if (strcmp(limits[i].file, file) == 0)
            return (int)i;
    return -1;
}

/* VALUE_MAX is above all numbers, VALUE_ABSENT above that. */
struct effective effective_of(const struct snapshot *snapshot, int row, enum effective_limit limit)
{
    struct effective found = {VALUE_ABSENT, -1};
    for (; row >= 0; row = snapshot->rows[row].parent) {
        const char *counters = (const char *)snapshot->rows[row].now;
        uint64_t value = *(const uint64_t *)(const void *)(counters + limits[limit].offset);
        if (value < found.value || (value == found.value && !limits[limit].protects))
            found = (struct effective){value, value_is_number(value) ? row : -1};
    }
    return found;
}
