/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is asked: RTM_GETLINK for links with all their counters, RTM_GETADDR for addresses (rtnetlink(7)).
 */
#include "monitor/netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

#define NETNS_MAX     1000 /* beyond, /proc has to do */
#define LINKS_MAX     256
#define ADDRESSES_MAX 512

void netns_init(struct netns_list *list)
{
    *list = (struct netns_list){0};
}

static void remove_at(struct netns_list *list, size_t index)
{
    fd_close(&list->items[index].fd);
    list->items[index] = list->items[--list->count];
}

void netns_fini(struct netns_list *list)
{
    while (list->count)
        remove_at(list, 0);
    free(take_ptr(&list->items));
}

void netns_sample(struct netns_list *list)
{
    for (size_t i = 0; i < list->count;)
        if (list->items[i].asked)
            list->items[i++].asked = false;
        else
            remove_at(list, i);
}

void netns_drop(struct netns_list *list, uint64_t inode)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].inode == inode) {
            remove_at(list, i);
            return;
        }
}

/* ---- getting there ---- */

struct visit {
    int ns_fd, socket_fd;
};

/* A thread of its own: should it not get back, nothing else of ours is in the wrong place. */
static void *visit(void *context)
{
    struct visit *visit = context;
    if (setns(visit->ns_fd, CLONE_NEWNET) == 0)
        visit->socket_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    return NULL;
}

/* The namespace is checked: the process may be another one by now. */
static int open_socket(uint64_t inode, int proc_fd, pid_t pid)
{
    char path[64];
    struct stat st;
    pthread_t thread;
    struct visit there = {.socket_fd = -1};
    snprintf(path, sizeof path, "%d/ns/net", (int)pid);
    cleanup_close int ns_fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (ns_fd < 0 || fstat(ns_fd, &st) < 0 || st.st_ino != inode)
        return -1;
    there.ns_fd = ns_fd;
    if (pthread_create(&thread, NULL, visit, &there) != 0)
        return -1;
    pthread_join(thread, NULL);
    static const struct timeval patience = {.tv_sec = 1};
    if (there.socket_fd >= 0)
        setsockopt(there.socket_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return there.socket_fd;
}

/* NULL: there are too many. */
static struct netns *need(struct netns_list *list, uint64_t inode, int proc_fd, pid_t pid)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].inode == inode)
            return &list->items[i];
    if (list->count == NETNS_MAX)
        return NULL;
    list->items = mem_resize(list->items, list->count + 1, sizeof *list->items);
    struct netns *netns = &list->items[list->count++];
    *netns = (struct netns){.inode = inode, .fd = open_socket(inode, proc_fd, pid)};
    return netns;
}

/* ---- what is said there ---- */

static struct detail_link_counters counters_of(uint64_t bytes, uint64_t packets, uint64_t errors,
                                               uint64_t dropped)
{
    return (struct detail_link_counters){bytes, packets, errors, dropped, NAN, NAN, NAN, NAN};
}

static void take_mac(struct detail_link *link, struct rtattr *attribute)
{
    const uint8_t *b = RTA_DATA(attribute);
    if (!link->loopback && RTA_PAYLOAD(attribute) == 6)
        snprintf(link->mac, sizeof link->mac, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
                 b[5]);
}

static void take_counters(struct detail_link *link, struct rtattr *attribute)
{
    struct rtnl_link_stats64 stats; /* not aligned in the message, and shorter from an older kernel */
    if (RTA_PAYLOAD(attribute) < offsetof(struct rtnl_link_stats64, multicast))
        return;
    memcpy(&stats, RTA_DATA(attribute), offsetof(struct rtnl_link_stats64, multicast));
    link->rx = counters_of(stats.rx_bytes, stats.rx_packets, stats.rx_errors, stats.rx_dropped);
    link->tx = counters_of(stats.tx_bytes, stats.tx_packets, stats.tx_errors, stats.tx_dropped);
}

static void take_link(struct detail_link *link, struct rtattr *attribute)
{
    size_t len = RTA_PAYLOAD(attribute);
    switch (attribute->rta_type) {
    case IFLA_IFNAME:
        if (memchr(RTA_DATA(attribute), '\0', len))
            str_printable(link->name, sizeof link->name, RTA_DATA(attribute));
        break;
    case IFLA_MTU:
        if (len == sizeof link->mtu)
            memcpy(&link->mtu, RTA_DATA(attribute), len);
        break;
    case IFLA_ADDRESS:
        take_mac(link, attribute);
        break;
    case IFLA_STATS64:
        take_counters(link, attribute);
        break;
    }
}

static void on_link(struct nlmsghdr *message, struct detail_draft *draft)
{
    const struct ifinfomsg *info = NLMSG_DATA(message);
    if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof *info) ||
        draft->links.count >= LINKS_MAX)
        return;
    struct detail_link *link = detail_draft_add(&draft->links, sizeof *link);
    link->index = info->ifi_index;
    link->up = info->ifi_flags & IFF_UP;
    link->loopback = info->ifi_flags & IFF_LOOPBACK;
    link->rx = link->tx = counters_of(VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT);
    int left = (int)IFLA_PAYLOAD(message);
    for (struct rtattr *attribute = IFLA_RTA(info); RTA_OK(attribute, left);
         attribute = RTA_NEXT(attribute, left))
        take_link(link, attribute);
}

/* IFA_LOCAL is one's own; IFA_ADDRESS is that too, but the other end's where there are two ends. */
static void on_address(struct nlmsghdr *message, struct detail_draft *draft)
{
    const struct ifaddrmsg *info = NLMSG_DATA(message);
    if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < NLMSG_LENGTH(sizeof *info) ||
        draft->addresses.count >= ADDRESSES_MAX)
        return;
    struct rtattr *address = NULL;
    size_t size = info->ifa_family == AF_INET ? 4 : 16;
    int left = (int)IFA_PAYLOAD(message);
    for (struct rtattr *attribute = IFA_RTA(info); RTA_OK(attribute, left);
         attribute = RTA_NEXT(attribute, left))
        if (RTA_PAYLOAD(attribute) == size &&
            (attribute->rta_type == IFA_LOCAL || (attribute->rta_type == IFA_ADDRESS && !address)))
            address = attribute;
    char text[INET6_ADDRSTRLEN];
    if (!address || !inet_ntop(info->ifa_family, RTA_DATA(address), text, sizeof text))
        return;
    struct detail_address *to = detail_draft_add(&draft->addresses, sizeof *to);
    to->link = (int)info->ifa_index;
    snprintf(to->text, sizeof to->text, "%s/%u", text, info->ifa_prefixlen);
}

typedef void on_message(struct nlmsghdr *message, struct detail_draft *draft);

/* 1: there is more to come, 0: that was all, -1: it failed, or things changed meanwhile. */
static int take(struct nlmsghdr *message, size_t left, unsigned serial, on_message *each,
                struct detail_draft *draft)
{
    for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
        if (message->nlmsg_seq != serial || message->nlmsg_type == NLMSG_ERROR ||
            message->nlmsg_flags & NLM_F_DUMP_INTR)
            return -1;
        if (message->nlmsg_type == NLMSG_DONE)
            return 0;
        each(message, draft);
    }
    return 1;
}

/* Asks for all of a kind. The kernel answers at once. */
static bool dump(int fd, uint16_t type, on_message *each, struct detail_draft *draft)
{
    static unsigned serial;
    struct {
        struct nlmsghdr head;
        struct ifinfomsg body;
    } question = {.head = {.nlmsg_len = sizeof question,
                           .nlmsg_type = type,
                           .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                           .nlmsg_seq = ++serial},
                  .body.ifi_family = AF_UNSPEC};
    _Alignas(struct nlmsghdr) char buffer[32768];
    int rc = 1;
    if (send(fd, &question, sizeof question, 0) < 0)
        return false;
    while (rc > 0) {
        ssize_t len = recv(fd, buffer, sizeof buffer, 0);
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0)
            return false;
        rc = take((struct nlmsghdr *)buffer, (size_t)len, serial, each, draft);
    }
    return rc == 0;
}

bool netns_read(struct netns_list *list, uint64_t inode, int proc_fd, pid_t pid, struct detail_draft *draft)
{
    struct netns *netns = need(list, inode, proc_fd, pid);
    if (netns)
        netns->asked = true;
    if (!netns || netns->fd < 0)
        return false;
    return dump(netns->fd, RTM_GETLINK, on_link, draft) && dump(netns->fd, RTM_GETADDR, on_address, draft);
}
