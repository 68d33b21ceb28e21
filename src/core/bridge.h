/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The network that all containers of this machine are in: the bridge boxtop0, and with it (core/firewall.h)
 * NAT. The kernel's state is the only record: the bridge's alias says whose it is, which pool it has and what
 * was turned on for it; a container is a port. So two state directories share it, and the last port to go
 * takes it away. Whoever adds a port, makes or removes the bridge holds a lock (/run/boxtop.lock).
 */
#ifndef BOXTOP_CORE_BRIDGE_H
#define BOXTOP_CORE_BRIDGE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "core/netlink.h"
#include "core/pool.h"

#define BRIDGE_NAME       "boxtop0"
#define BRIDGE_ALIAS_SIZE 160

#define BRIDGE_FORWARDS4 1u /* net.ipv4.ip_forward is on because of us */
#define BRIDGE_FORWARDS6 2u /* net.ipv6.conf.all.forwarding */

struct bridge {
    unsigned index; /* 0: there is none */
    struct pool pool;
    unsigned forwards; /* BRIDGE_FORWARDS* */
};

/* "boxtop 10.213.0.0/16 fd..::/64 forwards 4 6": pure. */
void bridge_to_alias(const struct bridge *bridge, char to[BRIDGE_ALIAS_SIZE]);
bool bridge_from_alias(const char *alias, struct bridge *ret);

/* What there is; if there is none (index 0), with the pool that it would get: the config's ([network] pool,
 * pool6), else one of our own that the host has no route into. -EEXIST: a link of that name is not ours. */
int bridge_look(struct netlink *nl, struct bridge *ret, struct err *err);
/* With the lock held exclusively. Makes it, with NAT, unless it is there by now; *bridge is from
 * bridge_look() and is brought up to date. -EAGAIN: it is there by now, with another pool. What people should
 * know is added to `notes`, a line each. */
int bridge_make(struct netlink *nl, struct bridge *bridge, struct str *notes, struct err *err);
/* Removes it, and all that came with it, if it has no port. What can't be removed is said. */
int bridge_leave(struct netlink *nl, struct err *err);

/* Held until the descriptor is closed. Shared: for who adds a port; exclusive: for who makes and removes, and
 * for who publishes ports. */
int bridge_lock(bool exclusive, struct err *err);

#endif
