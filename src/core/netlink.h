/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * rtnetlink with few system calls: many messages in one send, of which only the last asks for an
 * acknowledgement (the kernel reports what failed in any case). Messages are built by libnl (netlink.c, net.c
 * and bridge.c know it, nobody else); sent and read here. One socket, for one visit to one namespace.
 */
#ifndef BOXTOP_CORE_NETLINK_H
#define BOXTOP_CORE_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct nl_msg;
struct nlmsghdr;

struct netlink {
    int fd; /* -1: closed */
    uint32_t seq;
    struct str batch;
    unsigned count;    /* messages in the batch */
    uint64_t optional; /* bits 1 << n: the n-th may fail */
};

/* In the network namespace that the caller is in. */
int netlink_open(struct netlink *ret, struct err *err);
void netlink_close(struct netlink *nl);
#define cleanup_netlink __attribute__((cleanup(netlink_close)))

/* A message with its fixed part; attributes are added with nla_put*(). */
struct nl_msg *netlink_message(int type, int flags, const void *body, size_t size);
/* Puts it into the batch and frees it. `optional`: whether it works does not matter. */
void netlink_add(struct netlink *nl, struct nl_msg *msg, bool optional);
/* Sends the batch; 0, or -errno of the first that failed (*ret_which, may be NULL: its number, from 0). */
int netlink_send(struct netlink *nl, unsigned *ret_which);
/* Sends one question, frees it, and gives each answer to `take` until there are no more or it returns false.
 * After that the socket may still hold answers: close it. 0 or -errno. */
int netlink_ask(struct netlink *nl, struct nl_msg *msg,
                bool (*take)(const struct nlmsghdr *answer, void *user), void *user);
/* The index of the link NAME in the namespace that the socket was opened in; 0: there is none. */
unsigned netlink_index(struct netlink *nl, const char *name);
/* "what: why", with a hint if rights are missing. */
int netlink_failed(int rc, struct err *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
