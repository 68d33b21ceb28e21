/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/eventq.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

void eventq_init(struct eventq *queue, size_t cap)
{
    atomic_init(&queue->newest, NULL);
    atomic_init(&queue->count, 0);
    queue->cap = cap;
    queue->serial = queue->lost = 0;
}

void eventq_fini(struct eventq *queue)
{
    event_free_list(atomic_exchange(&queue->newest, NULL));
}

static bool is_full(struct eventq *queue)
{
    return atomic_load_explicit(&queue->count, memory_order_relaxed) >= queue->cap;
}

/* There is one producer: the exchange can only meet the consumer taking all. */
static void push(struct eventq *queue, const struct event *event)
{
    struct event *copy = mem_alloc(sizeof *copy);
    *copy = *event;
    copy->serial = ++queue->serial;
    copy->mono_ns = clock_mono_ns();
    copy->wall_ns = clock_wall_ns();
    atomic_fetch_add_explicit(&queue->count, 1, memory_order_relaxed);
    copy->next = atomic_load_explicit(&queue->newest, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&queue->newest, &copy->next, copy, memory_order_release,
                                                  memory_order_relaxed))
        continue;
}

void eventq_tell_lost(struct eventq *queue)
{
    if (!queue->lost || is_full(queue))
        return;
    struct event event = {.kind = EVENT_LOST, .value = queue->lost};
    queue->lost = 0;
    push(queue, &event);
}

void eventq_put(struct eventq *queue, const struct event *event)
{
    eventq_tell_lost(queue);
    if (is_full(queue))
        queue->lost++;
    else
        push(queue, event);
}

struct event *eventq_take(struct eventq *queue)
{
    struct event *list = atomic_exchange_explicit(&queue->newest, NULL, memory_order_acquire);
    struct event *oldest = NULL;
    size_t count = 0;
    while (list) {
        struct event *next = list->next;
        list->next = oldest;
        oldest = list;
        list = next;
        count++;
    }
    atomic_fetch_sub_explicit(&queue->count, count, memory_order_relaxed);
    return oldest;
}
