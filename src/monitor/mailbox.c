/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/mailbox.h"

#include <errno.h>
#include <sys/eventfd.h>

#include "base/mem.h"

int mailbox_init(struct mailbox *box)
{
    atomic_init(&box->slot, NULL);
    box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return box->fd < 0 ? -errno : 0;
}

void mailbox_fini(struct mailbox *box)
{
    snapshot_free(atomic_exchange(&box->slot, NULL));
    fd_close(&box->fd);
}

void mailbox_put(struct mailbox *box, struct snapshot *snapshot)
{
    snapshot_free(atomic_exchange_explicit(&box->slot, snapshot, memory_order_acq_rel));
    mailbox_ring(box);
}

void mailbox_ring(struct mailbox *box)
{
    eventfd_write(box->fd, 1); /* fails only when it has rung 2^64 times already */
}

struct snapshot *mailbox_take(struct mailbox *box)
{
    eventfd_t rung;
    eventfd_read(box->fd, &rung);
    return atomic_exchange_explicit(&box->slot, NULL, memory_order_acq_rel);
}
