/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A detail while it is being made: lists that grow and texts that last as long as it. Once it is handed out
 * as a struct detail nobody changes it. The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_DETAIL_DRAFT_H
#define BOXTOP_MONITOR_DETAIL_DRAFT_H

#include <stdatomic.h>

#include "monitor/detail.h"

struct detail_list {
    void *items;
    size_t count, cap;
};

struct detail_draft {
    atomic_uint holders;
    struct detail detail;       /* its arrays point into the lists once it is finished */
    const struct detail *whole; /* or are those of this one; NULL: it has its own */
    struct detail_list figures, devices, bounds, links, addresses, routes, processes, uid_map, gid_map;
    struct detail_text *texts;
};

/* Nothing is known yet: no part, all figures absent. */
struct detail_draft *detail_draft_new(void);
void detail_draft_free(struct detail_draft *draft); /* NULL is fine */
/* Room for one more item of that size, zeroed. Good until the next. */
void *detail_draft_add(struct detail_list *list, size_t size);
/* An escaped copy that lives as long as the draft. */
const char *detail_draft_text(struct detail_draft *draft, const char *text);
/* No more changes: the detail, with one holder. */
const struct detail *detail_draft_finish(struct detail_draft *draft);
struct detail_draft *detail_draft_of(const struct detail *detail);

#endif
