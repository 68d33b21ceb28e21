/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/detail_draft.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

struct detail_text {
    struct detail_text *next;
    char text[];
};

static void nothing_known(struct detail *detail)
{
    static const struct detail_pressure_line line = {VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT,
                                                     NAN};
    static const struct detail_link_counters link = {VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT,
                                                     NAN,          NAN,          NAN,          NAN};
    for (int i = 0; i < RESOURCE_COUNT; i++)
        detail->pressure[i] = (struct detail_pressure){line, line};
    detail->net_rx = detail->net_tx = link;
}

struct detail_draft *detail_draft_new(void)
{
    struct detail_draft *draft = mem_alloc(sizeof *draft);
    atomic_init(&draft->holders, 1);
    nothing_known(&draft->detail);
    return draft;
}

void detail_draft_free(struct detail_draft *draft)
{
    if (!draft)
        return;
    struct detail_list *lists[] = {&draft->figures,   &draft->devices,   &draft->bounds,
                                   &draft->links,     &draft->addresses, &draft->routes,
                                   &draft->processes, &draft->uid_map,   &draft->gid_map};
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        free(lists[i]->items);
    while (draft->texts) {
        struct detail_text *next = draft->texts->next;
        free(draft->texts);
        draft->texts = next;
    }
    detail_unref(draft->whole);
    free(draft);
}

void *detail_draft_add(struct detail_list *list, size_t size)
{
    if (list->count == list->cap)
        list->items = mem_resize(list->items, list->cap = list->cap ? list->cap * 2 : 16, size);
    return memset((char *)list->items + list->count++ * size, 0, size);
}

const char *detail_draft_text(struct detail_draft *draft, const char *text)
{
    size_t size = strlen(text) * 4 + 1; /* each byte as \xNN at the worst */
    struct detail_text *item = mem_alloc(sizeof *item + size);
    str_printable(item->text, size, text);
    item->next = draft->texts;
    draft->texts = item;
    return item->text;
}

const struct detail *detail_draft_finish(struct detail_draft *draft)
{
    struct detail *d = &draft->detail;
#define HAND_OVER(list, array, number) (d->array = draft->list.items, d->number = draft->list.count)
    HAND_OVER(figures, figures, figure_count);
    HAND_OVER(devices, devices, device_count);
    HAND_OVER(bounds, bounds, bound_count);
    HAND_OVER(links, links, link_count);
    HAND_OVER(addresses, addresses, address_count);
    HAND_OVER(routes, routes, route_count);
    HAND_OVER(processes, processes, process_count);
    HAND_OVER(uid_map, uid_map, uid_map_count);
    HAND_OVER(gid_map, gid_map, gid_map_count);
#undef HAND_OVER
    return d;
}

struct detail_draft *detail_draft_of(const struct detail *detail)
{
    return (struct detail_draft *)(void *)((char *)(uintptr_t)detail - offsetof(struct detail_draft, detail));
}
