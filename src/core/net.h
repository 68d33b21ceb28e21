/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A container's own links over rtnetlink: a veth pair whose one end is a port of the bridge and whose other
 * end is eth0 inside, lo, addresses, default routes. No `ip` command is run.
 */
#ifndef BOXTOP_CORE_NET_H
#define BOXTOP_CORE_NET_H

#include "base/err.h"
#include "core/netlink.h"

#define NET_INSIDE "eth0"

/* Who has a link: the alias ("boxtop:NAME:ID"), and from its first moment on the hardware address, made of
 * the id: an alias can only be given to a link that is there. */
struct net_owner {
    char alias[100];
    unsigned char hardware[6];
};
void net_owner(struct net_owner *ret, const char *name, const char *id);

/* What the container's end gets; texts as in the record, empty: none. */
struct net_inside {
    const char *address, *gateway;   /* "10.213.0.5/16", "10.213.0.1" */
    const char *address6, *gateway6; /* "fd..::ad5:5/64", "fd..::ad5:1" */
};

/* Makes the pair, up, its end here `host_link` a port of the bridge with that index. -EEXIST: there is such a
 * link, and nothing was done; -ENODEV: there is no such bridge any more. */
int net_link_create(struct netlink *nl, const char *host_link, unsigned bridge, int netns_fd,
                    const struct net_owner *owner, struct err *err);
/* Deletes the host's end, and so the pair, if it is the owner's; 0 if there is no such link, or another one
 * has got its name. Takes 15-40 ms: the kernel waits until nobody looks at the link any more. */
int net_link_delete(struct netlink *nl, const char *host_link, const struct net_owner *owner,
                    struct err *err);

/* In the namespace the caller is in: lo up. */
int net_lo_up(struct err *err);
/* In the namespace the caller is in: lo and eth0 up, addresses, default routes. */
int net_configure_inside(const struct net_inside *inside, struct err *err);

#endif
