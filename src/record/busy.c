/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/busy.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define LEAST 1.0 /* percent: who does less is not busy */

struct candidate {
    uint64_t id;
    double weight;
};

static double known(double figure)
{
    return isnan(figure) ? 0 : figure;
}

/* Percent of a CPU that it used and was kept from, and of the time in which somebody in it waited. */
static double weight_of(const struct sample *row)
{
    const struct rates *rate = row->rate;
    return known(rate->cpu_percent) + 100 * known(rate->throttled_cpus) + known(rate->memory_some_percent) +
           known(rate->io_some_percent);
}

/* What is inside a container is counted by it. */
static bool is_whole(const struct snapshot *snapshot, size_t i)
{
    const struct identity *identity = snapshot->rows[i].identity;
    bool has_children = i + 1 < snapshot->count && snapshot->rows[i + 1].parent == (int)i;
    if (identity && identity->kind == KIND_CONTAINER)
        return true;
    return !has_children && !(identity && (identity->kind == KIND_INSIDE || identity->kind == KIND_HELPER));
}

static bool was_chosen(const struct busy *busy, uint64_t id)
{
    for (size_t i = 0; i < busy->count; i++)
        if (busy->ids[i] == id)
            return true;
    return false;
}

static int by_weight(const void *a, const void *b)
{
    const struct candidate *one = a, *other = b;
    if (one->weight != other->weight)
        return one->weight < other->weight ? 1 : -1;
    return one->id < other->id ? -1 : one->id > other->id;
}

static int by_id(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return one < other ? -1 : one > other;
}

void busy_choose(struct busy *busy, const struct snapshot *snapshot, size_t most)
{
    cleanup_free struct candidate *list = mem_array(snapshot->count + 1, sizeof *list);
    size_t count = 0;
    most = most < BUSY_MAX ? most : BUSY_MAX;
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct sample *row = &snapshot->rows[i];
        double weight = weight_of(row) * (was_chosen(busy, row->id) ? 2 : 1);
        if (weight >= LEAST && is_whole(snapshot, i))
            list[count++] = (struct candidate){row->id, weight};
    }
    qsort(list, count, sizeof *list, by_weight);
    busy->count = count < most ? count : most;
    for (size_t i = 0; i < busy->count; i++)
        busy->ids[i] = list[i].id;
    qsort(busy->ids, busy->count, sizeof busy->ids[0], by_id);
}
