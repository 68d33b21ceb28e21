/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A container's network over rtnetlink (libnl-route lives here and only here): a veth pair whose one end is
 * eth0 inside, addresses from a pool of /30s, a default route, lo. No `ip` command is run.
 */
#ifndef BOXTOP_CORE_NET_H
#define BOXTOP_CORE_NET_H

#include "base/err.h"

#define NET_POOL   "10.213.0.0/16"
#define NET_LEASES ".net" /* below the store; no container's name begins with a dot */

/* Takes a free /30 of the pool: makes the file .net/ADDRESS below the store with `owner` in it (O_EXCL: two
 * launches never get the same), passing over networks that the host has a route of its own into. ret_lease 24
 * bytes ("10.213.0.4"), ret_address 48 ("10.213.0.6/30", inside), ret_gateway 48 ("10.213.0.5", the host's
 * end). */
int net_lease(int store_fd, const char *owner, char *ret_lease, char *ret_address, char *ret_gateway,
              struct err *err);
/* Gives it back if `owner` still holds it; nothing if it is gone. */
void net_release(int store_fd, const char *lease, const char *owner);

/* Makes the pair in one message: `host_link` here (up, with gateway/30, with `alias` as its IFLA_IFALIAS),
 * eth0 in the network namespace netns_fd. */
int net_link_create(const char *host_link, int netns_fd, const char *gateway, const char *alias,
                    struct err *err);
/* Deletes the host's end, and so the pair, if its alias is ours; 0 if there is no such link. Takes 15-40 ms:
 * the kernel waits until nobody looks at the link any more. */
int net_link_delete(const char *host_link, const char *alias, struct err *err);

/* In the namespace the caller is in: lo up. */
int net_lo_up(struct err *err);
/* In the namespace the caller is in: eth0 with the address, up, default route through gateway. */
int net_configure_inside(const char *address, const char *gateway, struct err *err);

#endif
