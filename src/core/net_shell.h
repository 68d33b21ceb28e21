/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The private network as shell lines, for plan_shell.c: what bridge.c, net.c and boxtop-net do, by ip and
 * nft. Pure.
 */
#ifndef BOXTOP_CORE_NET_SHELL_H
#define BOXTOP_CORE_NET_SHELL_H

#include "base/str.h"
#include "core/store.h"

/* The bridge and NAT, unless they are there; the container's published ports. */
void net_shell_bridge(struct str *to, const struct container *container);
void net_shell_link(struct str *to, const struct container *container);
void net_shell_pasta(struct str *to, const struct container *container);
void net_shell_address(struct str *to, const struct container *container);
/* One file for all containers; by hand with this one's name only. */
void net_shell_hosts(struct str *to, const struct container *container);
void net_shell_undo(struct str *to, const struct container *container);

#endif
