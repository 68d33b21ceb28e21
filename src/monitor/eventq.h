/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hand-over of events between two threads: all of them, in order, nobody waits. One producer, one
 * consumer. Beyond a cap they are counted instead, and an EVENT_LOST says so once there is room. One that is
 * not complete yet is held back, and with it all that come after it.
 */
#ifndef BOXTOP_MONITOR_EVENTQ_H
#define BOXTOP_MONITOR_EVENTQ_H

#include <stdatomic.h>
#include <stddef.h>

#include "monitor/event.h"

#define EVENTQ_CAP 65536 /* some 32 MiB at the most */

struct eventq {
    _Atomic(struct event *) newest; /* a list from the newest to the oldest */
    atomic_size_t count;
    size_t cap;
    uint64_t serial, lost;          /* the producer's */
    struct event *held, *held_last; /* the producer's: oldest first; the first one is held */
};

void eventq_init(struct eventq *queue, size_t cap);
void eventq_fini(struct eventq *queue);
/* Producer: a copy of the event goes in, its times filled in; its evidence is the queue's from now on. */
void eventq_put(struct eventq *queue, const struct event *event);
/* Producer: the same, but it can be changed until it is released; the queue's copy, NULL: there was no room.
 */
struct event *eventq_hold(struct eventq *queue, const struct event *event);
/* Producer: one more right behind one that is held, with its times. NULL: there was no room. */
struct event *eventq_hold_behind(struct eventq *queue, struct event *held, const struct event *event);
void eventq_release(struct eventq *queue, struct event *held);
/* Producer: says how many were lost, if any were and there is room now. */
void eventq_tell_lost(struct eventq *queue);
/* Consumer: all there are, oldest first; free with event_free_list(). */
struct event *eventq_take(struct eventq *queue);

#endif
