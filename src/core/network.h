/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A container's part in the private network, from its address to its end: on the bridge (core/bridge.h), or,
 * for a user, through pasta (core/pasta.h). What launch.c and undo.c do about networks is here.
 */
#ifndef BOXTOP_CORE_NETWORK_H
#define BOXTOP_CORE_NETWORK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "core/bridge.h"
#include "core/reserve.h"
#include "core/spec.h"
#include "core/store.h"

/* One launch's. */
struct network {
    struct netlink nl;
    struct bridge bridge;
    struct reserve ports; /* held until network_end() */
    int hosts;            /* what is to be /etc/hosts, a detached mount; -1: none */
    bool collided;    /* somebody was faster with the address, or the network is another now: choose anew */
    struct str notes; /* what people should know, a line each */
};

void network_init(struct network *network);
/* Gives the container an address that is free now, and the names that go with it: all that its record has to
 * know before anything is made. */
int network_choose(struct network *network, struct container *container, struct err *err);
/* Addresses as they would be, for --explain; never fails. */
void network_example(struct container *container);
/* The bridge, if it is not there; the published ports; the line in /etc/hosts. */
int network_prepare(struct network *network, struct store *store, const struct spec *spec,
                    const struct container *container, struct err *err);
int network_hosts(struct network *network, struct store *store, const struct spec *spec,
                  const struct container *container, struct err *err);
/* The pair, its other end in the network namespace of `pid`. */
int network_link(struct network *network, const struct spec *spec, const struct container *container,
                 pid_t pid, struct err *err);
/* What only the launch needs. */
void network_launched(struct network *network);
void network_end(struct network *network);

/* Takes down what the record names, and the network with the last container. Idempotent. */
int network_undo(struct store *store, const struct container *container, struct err *err);
/* The bridge, if it has no port: of containers that no record speaks of any more. Returns 1 if it was
 * removed. */
int network_sweep(struct err *err);

#endif
