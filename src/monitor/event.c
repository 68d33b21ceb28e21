/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/event.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

const char *event_name(enum event_kind kind)
{
    static const char *const names[] = {
        [EVENT_OOM_KILL] = "oom_kill",   [EVENT_MAX] = "max",           [EVENT_HIGH] = "high",
        [EVENT_PIDS_MAX] = "pids_max",   [EVENT_SWAP_MAX] = "swap_max", [EVENT_SWAP_FAIL] = "swap_fail",
        [EVENT_THROTTLED] = "throttled", [EVENT_STARTED] = "started",   [EVENT_EXITED] = "exited",
        [EVENT_PAUSED] = "paused",       [EVENT_RESUMED] = "resumed",   [EVENT_SET] = "set",
        [EVENT_APPEARED] = "appeared",   [EVENT_VANISHED] = "vanished", [EVENT_LOST] = "lost",
    };
    static_assert(COUNT_OF(names) == EVENT_KIND_COUNT, "a name for each kind");
    return names[kind];
}

struct event event_plain(const struct event *event)
{
    struct event copy = *event;
    copy.oom = NULL;
    copy.next = NULL;
    return copy;
}

void event_free_list(struct event *list)
{
    while (list) {
        struct event *next = list->next;
        free(list->oom);
        free(list);
        list = next;
    }
}
