/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/detail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/detail_draft.h"

const char *detail_link_name(const struct detail *detail, int index)
{
    for (size_t i = 0; i < detail->link_count; i++)
        if (detail->links[i].index == index)
            return detail->links[i].name;
    return "";
}

const struct detail_figure *detail_figure(const struct detail *detail, const char *file, const char *key)
{
    for (size_t i = 0; detail && i < detail->figure_count; i++)
        if (strcmp(detail->figures[i].file, file) == 0 && strcmp(detail->figures[i].key, key) == 0)
            return &detail->figures[i];
    return NULL;
}

uint64_t detail_value(const struct detail *detail, const char *file, const char *key)
{
    const struct detail_figure *figure = detail_figure(detail, file, key);
    return figure ? figure->value : VALUE_ABSENT;
}

/* Who uses a CPU goes first, then who has more memory. */
static int by_use(const void *a, const void *b)
{
    const struct detail_process *one = *(const struct detail_process *const *)a,
                                *other = *(const struct detail_process *const *)b;
    double one_cpu = isnan(one->cpu_percent) ? 0 : one->cpu_percent;
    double other_cpu = isnan(other->cpu_percent) ? 0 : other->cpu_percent;
    if (one_cpu != other_cpu)
        return one_cpu < other_cpu ? 1 : -1;
    if (one->rss_bytes != other->rss_bytes)
        return one->rss_bytes < other->rss_bytes ? 1 : -1;
    return one < other ? -1 : one > other;
}

static int by_place(const void *a, const void *b)
{
    const struct detail_process *one = *(const struct detail_process *const *)a,
                                *other = *(const struct detail_process *const *)b;
    return one < other ? -1 : one > other;
}

/* They stay in their order, so that each is mostly where it was in the reading before. */
const struct detail *detail_kept(const struct detail *detail)
{
    if (!detail || detail->process_count <= DETAIL_PROCESSES_KEPT)
        return detail_ref(detail);
    cleanup_free const struct detail_process **order = mem_array(detail->process_count, sizeof *order);
    for (size_t i = 0; i < detail->process_count; i++)
        order[i] = &detail->processes[i];
    qsort(order, detail->process_count, sizeof *order, by_use);
    qsort(order, DETAIL_PROCESSES_KEPT, sizeof *order, by_place);
    struct detail_draft *draft = detail_draft_new();
    for (size_t i = 0; i < DETAIL_PROCESSES_KEPT; i++)
        memcpy(detail_draft_add(&draft->processes, sizeof **order), order[i], sizeof **order);
    draft->detail = *detail;
    draft->detail.processes = draft->processes.items;
    draft->detail.process_count = draft->processes.count;
    draft->whole = detail_ref(detail);
    return &draft->detail;
}

/* The draft is what was allocated: it begins with the count of holders. */
const struct detail *detail_ref(const struct detail *detail)
{
    if (detail)
        atomic_fetch_add_explicit(&detail_draft_of(detail)->holders, 1, memory_order_relaxed);
    return detail;
}

void detail_unref(const struct detail *detail)
{
    if (detail && atomic_fetch_sub_explicit(&detail_draft_of(detail)->holders, 1, memory_order_acq_rel) == 1)
        detail_draft_free(detail_draft_of(detail));
}
