/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is asked: RTM_GETLINK for links with all their counters, RTM_GETADDR for addresses, and of those that
 * are looked at closely RTM_GETROUTE, and in the monitor's own namespace RTM_GETLINK for the other ends.
 */
#include "monitor/netns.h"

#include <arpa/inet.h>
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
#include "monitor/rtdump.h"

#define NETNS_MAX     1000 /* beyond, /proc has to do */
#define LINKS_MAX     256
#define ADDRESSES_MAX 512
#define ROUTES_MAX    128

void netns_init(struct netns_list *list)
{
    *list = (struct netns_list){.home_fd = -1, .home_ns_fd = -1};
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
    fd_close(&list->home_fd);
    fd_close(&list->home_ns_fd);
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
    case IFLA_LINK:
        if (len == sizeof link->peer_index)
            memcpy(&link->peer_index, RTA_DATA(attribute), len);
        break;
    case IFLA_LINK_NETNSID:
        if (len == sizeof link->peer_namespace)
            memcpy(&link->peer_namespace, RTA_DATA(attribute), len);
        break;
    case IFLA_STATS64:
        take_counters(link, attribute);
        break;
    }
}

static void on_link(struct nlmsghdr *message, void *context)
{
    struct detail_draft *draft = context;
    const struct ifinfomsg *info = NLMSG_DATA(message);
    if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof *info) ||
        draft->links.count >= LINKS_MAX)
        return;
    struct detail_link *link = detail_draft_add(&draft->links, sizeof *link);
    link->index = info->ifi_index;
    link->peer_namespace = -1;
    link->up = info->ifi_flags & IFF_UP;
    link->loopback = info->ifi_flags & IFF_LOOPBACK;
    link->rx = link->tx = counters_of(VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT);
    int left = (int)IFLA_PAYLOAD(message);
    for (struct rtattr *attribute = IFLA_RTA(info); RTA_OK(attribute, left);
         attribute = RTA_NEXT(attribute, left))
        take_link(link, attribute);
}

/* IFA_LOCAL is one's own; IFA_ADDRESS is that too, but the other end's where there are two ends. */
static void on_address(struct nlmsghdr *message, void *context)
{
    struct detail_draft *draft = context;
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

bool netns_read(struct netns_list *list, uint64_t inode, int proc_fd, pid_t pid, struct detail_draft *draft)
{
    struct netns *netns = need(list, inode, proc_fd, pid);
    if (netns)
        netns->asked = true;
    if (!netns || netns->fd < 0)
        return false;
    return rt_dump(netns->fd, RTM_GETLINK, on_link, draft) &&
           rt_dump(netns->fd, RTM_GETADDR, on_address, draft);
}

/* ---- routes ---- */

static bool address_text(int family, const struct rtattr *attribute, char *to, size_t size)
{
    return RTA_PAYLOAD(attribute) == (family == AF_INET ? 4 : 16) &&
           inet_ntop(family, RTA_DATA(attribute), to, (socklen_t)size);
}

static void take_number(const struct rtattr *attribute, uint32_t *to)
{
    if (RTA_PAYLOAD(attribute) == sizeof *to)
        memcpy(to, RTA_DATA(attribute), sizeof *to);
}

/* Of several ways at once the first. */
static void take_ways(int family, const struct rtattr *attribute, struct detail_route *route)
{
    const struct rtnexthop *way = RTA_DATA(attribute);
    int left = (int)RTA_PAYLOAD(attribute);
    if (!RTNH_OK(way, left))
        return;
    route->link = way->rtnh_ifindex;
    left = way->rtnh_len - (int)RTNH_LENGTH(0);
    for (const struct rtattr *inner = RTNH_DATA(way); RTA_OK(inner, left); inner = RTA_NEXT(inner, left))
        if (inner->rta_type == RTA_GATEWAY)
            address_text(family, inner, route->via, sizeof route->via);
}

static void take_route(int family, const struct rtattr *attribute, struct detail_route *route,
                       uint32_t *table)
{
    char text[INET6_ADDRSTRLEN];
    uint32_t link = 0;
    switch (attribute->rta_type) {
    case RTA_DST:
        if (address_text(family, attribute, text, sizeof text))
            snprintf(route->to, sizeof route->to, "%s/%u", text, route->prefix);
        break;
    case RTA_GATEWAY:
        address_text(family, attribute, route->via, sizeof route->via);
        break;
    case RTA_OIF:
        take_number(attribute, &link);
        route->link = (int)link;
        break;
    case RTA_PRIORITY:
        take_number(attribute, &route->metric);
        break;
    case RTA_TABLE:
        take_number(attribute, table);
        break;
    case RTA_MULTIPATH:
        take_ways(family, attribute, route);
        break;
    }
}

/* What ways there are out of it: of the main table, without what the kernel keeps there only for a while. */
static void on_route(struct nlmsghdr *message, void *context)
{
    struct detail_draft *draft = context;
    const struct rtmsg *info = NLMSG_DATA(message);
    if (message->nlmsg_type != RTM_NEWROUTE || message->nlmsg_len < NLMSG_LENGTH(sizeof *info) ||
        (info->rtm_family != AF_INET && info->rtm_family != AF_INET6) || info->rtm_flags & RTM_F_CLONED ||
        draft->routes.count >= ROUTES_MAX)
        return;
    struct detail_route route = {.six = info->rtm_family == AF_INET6,
                                 .refused = info->rtm_type != RTN_UNICAST,
                                 .prefix = info->rtm_dst_len};
    uint32_t table = info->rtm_table;
    int left = (int)RTM_PAYLOAD(message);
    for (const struct rtattr *attribute = RTM_RTA(info); RTA_OK(attribute, left);
         attribute = RTA_NEXT(attribute, left))
        take_route(info->rtm_family, attribute, &route, &table);
    if (table == RT_TABLE_MAIN && (route.to[0] || !route.prefix))
        *(struct detail_route *)detail_draft_add(&draft->routes, sizeof route) = route;
}

/* The ways to everywhere first; IPv4 before IPv6; else as the kernel has them. */
static int by_use(const void *left, const void *right)
{
    const struct detail_route *a = left, *b = right;
    if (!a->prefix != !b->prefix)
        return !a->prefix ? -1 : 1;
    return a->six != b->six ? a->six - b->six : a->number - b->number;
}

static void order_routes(struct detail_draft *draft)
{
    struct detail_route *routes = draft->routes.items;
    for (size_t i = 0; i < draft->routes.count; i++)
        routes[i].number = (int)i;
    if (draft->routes.count)
        qsort(routes, draft->routes.count, sizeof *routes, by_use);
}

/* ---- the other ends ---- */

struct other_end {
    char name[32];
    uint32_t master;
};

static void on_other_end(struct nlmsghdr *message, void *context)
{
    struct other_end *end = context;
    const struct ifinfomsg *info = NLMSG_DATA(message);
    if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof *info))
        return;
    int left = (int)IFLA_PAYLOAD(message);
    for (struct rtattr *attribute = IFLA_RTA(info); RTA_OK(attribute, left);
         attribute = RTA_NEXT(attribute, left))
        if (attribute->rta_type == IFLA_IFNAME && memchr(RTA_DATA(attribute), '\0', RTA_PAYLOAD(attribute)))
            str_printable(end->name, sizeof end->name, RTA_DATA(attribute));
        else if (attribute->rta_type == IFLA_MASTER)
            take_number(attribute, &end->master);
}

/* Our own namespace, where the other ends mostly are. */
static bool open_home(struct netns_list *list)
{
    if (list->home_fd < 0)
        list->home_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (list->home_ns_fd < 0)
        list->home_ns_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    return list->home_fd >= 0 && list->home_ns_fd >= 0;
}

static void find_other_end(int home_fd, struct detail_link *link)
{
    struct other_end end = {0}, bridge = {0};
    if (!rt_link(home_fd, link->peer_index, on_other_end, &end))
        return;
    memcpy(link->peer, end.name, sizeof link->peer);
    if (end.master && rt_link(home_fd, (int)end.master, on_other_end, &bridge))
        memcpy(link->bridge, bridge.name, sizeof link->bridge);
}

static void find_other_ends(struct netns_list *list, int fd, struct detail_draft *draft)
{
    struct detail_link *links = draft->links.items;
    int home = open_home(list) ? rt_namespace_id(fd, list->home_ns_fd) : -1;
    for (size_t i = 0; i < draft->links.count && home >= 0; i++)
        if (links[i].peer_index > 0 && links[i].peer_namespace == home)
            find_other_end(list->home_fd, &links[i]);
}

bool netns_read_ways(struct netns_list *list, uint64_t inode, struct detail_draft *draft)
{
    for (size_t i = 0; i < list->count; i++) {
        int fd = list->items[i].inode == inode ? list->items[i].fd : -1;
        if (fd < 0)
            continue;
        find_other_ends(list, fd, draft);
        bool all = rt_dump(fd, RTM_GETROUTE, on_route, draft);
        order_routes(draft);
        return all;
    }
    return false;
}
