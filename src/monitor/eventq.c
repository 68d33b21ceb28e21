/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/eventq.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

void eventq_init(struct eventq *queue, size_t cap)
{
    *queue = (struct eventq){.cap = cap};
    atomic_init(&queue->newest, NULL);
    atomic_init(&queue->count, 0);
}

void eventq_fini(struct eventq *queue)
{
    event_free_list(atomic_exchange(&queue->newest, NULL));
    event_free_list(take_ptr(&queue->held));
}

static bool is_full(struct eventq *queue)
{
    return atomic_load_explicit(&queue->count, memory_order_relaxed) >= queue->cap;
}

/* There is one producer: the exchange can only meet the consumer taking all. */
static void push(struct eventq *queue, struct event *event)
{
    event->serial = ++queue->serial;
    event->next = atomic_load_explicit(&queue->newest, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&queue->newest, &event->next, event, memory_order_release,
                                                  memory_order_relaxed))
        continue;
}

static struct event *copy_of(struct eventq *queue, const struct event *event)
{
    struct event *copy = mem_alloc(sizeof *copy);
    *copy = *event;
    copy->next = NULL;
    atomic_fetch_add_explicit(&queue->count, 1, memory_order_relaxed);
    return copy;
}

static void append(struct eventq *queue, struct event *event)
{
    if (queue->held)
        queue->held_last->next = event;
    else
        queue->held = event;
    queue->held_last = event;
}

static struct event *add(struct eventq *queue, const struct event *event, bool held)
{
    struct event *copy = copy_of(queue, event);
    copy->mono_ns = clock_mono_ns();
    copy->wall_ns = clock_wall_ns();
    copy->held = held;
    if (held || queue->held)
        append(queue, copy);
    else
        push(queue, copy);
    return copy;
}

void eventq_tell_lost(struct eventq *queue)
{
    if (!queue->lost || is_full(queue))
        return;
    struct event event = {.kind = EVENT_LOST, .value = queue->lost, .file = "events"};
    queue->lost = 0;
    add(queue, &event, false);
}

static struct event *add_if_room(struct eventq *queue, const struct event *event, bool held)
{
    eventq_tell_lost(queue);
    if (!is_full(queue))
        return add(queue, event, held);
    queue->lost++;
    free(event->oom);
    return NULL;
}

void eventq_put(struct eventq *queue, const struct event *event)
{
    add_if_room(queue, event, false);
}

struct event *eventq_hold(struct eventq *queue, const struct event *event)
{
    return add_if_room(queue, event, true);
}

struct event *eventq_hold_behind(struct eventq *queue, struct event *held, const struct event *event)
{
    if (is_full(queue)) {
        queue->lost++;
        free(event->oom);
        return NULL;
    }
    struct event *copy = copy_of(queue, event);
    copy->held = true;
    copy->next = held->next;
    held->next = copy;
    if (queue->held_last == held)
        queue->held_last = copy;
    return copy;
}

void eventq_release(struct eventq *queue, struct event *held)
{
    held->held = false;
    while (queue->held && !queue->held->held) {
        struct event *event = queue->held;
        queue->held = event->next;
        push(queue, event);
    }
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
