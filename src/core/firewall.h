/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * NAT and published ports: a table of nftables that is boxtop's own. What speaks with nftables links
 * libraries that a launch does without, so it is a program of its own, boxtop-net, which runs when the
 * network is made, when it goes, and where a port is published.
 */
#ifndef BOXTOP_CORE_FIREWALL_H
#define BOXTOP_CORE_FIREWALL_H

#include "base/err.h"
#include "core/pool.h"

/* All of it is as wanted afterwards, whatever was there; nobody else's tables are touched. */
int firewall_up(const struct pool *pool, struct err *err);
int firewall_down(struct err *err);
/* `owner`: "boxtop:NAME:ID". Addresses as in the record, "10.213.0.5/16"; `ports` as publish_format() writes
 * them. -EADDRINUSE, naming who has the port. */
int firewall_publish(const struct pool *pool, const char *owner, const char *address, const char *address6,
                     char *const *ports, struct err *err);
/* Takes away what was published for this owner; fine if that is nothing. */
int firewall_unpublish(const char *owner, struct err *err);

#endif
