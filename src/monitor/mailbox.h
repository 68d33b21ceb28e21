/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hand-over of snapshots between two threads: the latest wins, nobody waits. One producer, one consumer.
 */
#ifndef BOXTOP_MONITOR_MAILBOX_H
#define BOXTOP_MONITOR_MAILBOX_H

#include <stdatomic.h>

#include "monitor/snapshot.h"

struct mailbox {
    _Atomic(struct snapshot *) slot;
    int fd; /* an eventfd: readable when something was put or rung since the last take */
};

/* 0 or -errno. */
int mailbox_init(struct mailbox *box);
/* Frees what nobody took. */
void mailbox_fini(struct mailbox *box);
/* Producer: hands the snapshot over, and frees the one before it if that was never seen. */
void mailbox_put(struct mailbox *box, struct snapshot *snapshot);
/* Producer: makes the descriptor readable. */
void mailbox_ring(struct mailbox *box);
/* Consumer: the latest one, its own from now on, or NULL. Makes the descriptor unreadable first, so that what
 * comes meanwhile rings again. */
struct snapshot *mailbox_take(struct mailbox *box);

#endif
