/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/detail.h"

#include <stdlib.h>
#include <string.h>

#include "base/value.h"
#include "monitor/detail_draft.h"

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
