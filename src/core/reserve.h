/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The ports of the host that a container has published, held by its keeper: bound and nothing more, so that
 * no server of the host's takes one and then hears nothing, and that who asks the kernel for one that is
 * taken hears so.
 */
#ifndef BOXTOP_CORE_RESERVE_H
#define BOXTOP_CORE_RESERVE_H

#include <stddef.h>

#include "base/err.h"
#include "core/publish.h"

struct reserve {
    int *fds;
    size_t count;
};

/* Binds what is published; NULL-terminated, as publish_format() writes them. -EADDRINUSE with who has it:
 * "publish port 80/tcp: nginx (pid 812) listens on it". Nothing is held after a failure. */
int reserve_ports(struct reserve *ret, char *const *ports, struct err *err);
void reserve_free(struct reserve *reserve);

#endif
