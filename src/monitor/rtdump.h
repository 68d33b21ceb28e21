/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Questions to the kernel's routing sockets (rtnetlink(7)), one at a time: what is asked, and a function that
 * is given each message of the answer. The kernel answers at once. Any thread; a socket belongs to one.
 */
#ifndef BOXTOP_MONITOR_RTDUMP_H
#define BOXTOP_MONITOR_RTDUMP_H

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>

typedef void rt_message(struct nlmsghdr *message, void *context);

/* Asks for all of a kind (RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE). False: it failed, or things changed
 * meanwhile: what was given may not be all, or not fit together. */
bool rt_dump(int fd, uint16_t type, rt_message *each, void *context);
/* Asks for one link by its index. */
bool rt_link(int fd, int index, rt_message *each, void *context);
/* What the namespace of that socket calls the namespace `ns_fd`, as IFLA_LINK_NETNSID has it; -1: nothing. */
int rt_namespace_id(int fd, int ns_fd);

#endif
