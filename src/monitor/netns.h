/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Network namespaces that are looked into: one netlink socket in each, opened by a thread that goes there and
 * ends, and kept as long as somebody looks. A socket keeps its namespace alive, and with it the container's
 * link: it is closed as soon as its last process has gone (netns_drop). The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_NETNS_H
#define BOXTOP_MONITOR_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "monitor/detail_draft.h"

struct netns {
    uint64_t inode;
    int fd;     /* -1: it may not be entered */
    bool asked; /* in this sample */
};

struct netns_list {
    struct netns *items;
    size_t count;
    int home_fd, home_ns_fd; /* a socket in the monitor's own namespace, and that namespace; -1: not yet */
};

void netns_init(struct netns_list *list);
void netns_fini(struct netns_list *list);
/* A new sample: those that nobody asked for in the last one are closed. */
void netns_sample(struct netns_list *list);
/* Closes the socket in that namespace, if there is one. */
void netns_drop(struct netns_list *list, uint64_t inode);
/* Fills links and addresses of the namespace `inode` that `pid` is in. False: it may not be entered. */
bool netns_read(struct netns_list *list, uint64_t inode, int proc_fd, pid_t pid, struct detail_draft *draft);
/* After netns_read(): its routes, and what the other ends of its links are called in the monitor's namespace.
 */
bool netns_read_ways(struct netns_list *list, uint64_t inode, struct detail_draft *draft);

#endif
