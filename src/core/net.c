/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define LO_INDEX 1 /* the first link of every network namespace */

/* ---- whose a link is ---- */

void net_owner(struct net_owner *ret, const char *name, const char *id)
{
    uint64_t number = strtoull(id, NULL, 16);
    *ret = (struct net_owner){.hardware = {0x02}}; /* locally administered, unicast */
    snprintf(ret->alias, sizeof ret->alias, "boxtop:%s:%s", name, id);
    for (int i = 1; i < 6; i++)
        ret->hardware[i] = (unsigned char)(number >> 8 * (i - 1));
}

struct seen {
    bool veth, alias_given, alias_ours, hardware_ours;
    const struct net_owner *owner;
};

static bool see_link(const struct nlmsghdr *h, void *user)
{
    struct seen *seen = user;
    struct nlattr *attrs[IFLA_MAX + 1] = {0}, *kind = NULL;
    nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof(struct ifinfomsg), attrs, IFLA_MAX, NULL);
    if (attrs[IFLA_LINKINFO])
        kind = nla_find(nla_data(attrs[IFLA_LINKINFO]), nla_len(attrs[IFLA_LINKINFO]), IFLA_INFO_KIND);
    seen->veth = kind && nla_strcmp(kind, "veth") == 0;
    seen->alias_given = attrs[IFLA_IFALIAS];
    seen->alias_ours = seen->alias_given && nla_strcmp(attrs[IFLA_IFALIAS], seen->owner->alias) == 0;
    seen->hardware_ours =
        attrs[IFLA_ADDRESS] && nla_len(attrs[IFLA_ADDRESS]) == (int)sizeof seen->owner->hardware &&
        memcmp(nla_data(attrs[IFLA_ADDRESS]), seen->owner->hardware, sizeof seen->owner->hardware) == 0;
    return true;
}

/* ---- the pair ---- */

static struct nl_msg *set_link(int index, const char *name, unsigned flags)
{
    struct ifinfomsg body = {.ifi_index = index, .ifi_flags = flags, .ifi_change = flags};
    struct nl_msg *msg = netlink_message(RTM_NEWLINK, 0, &body, sizeof body);
    if (name)
        nla_put_string(msg, IFLA_IFNAME, name);
    return msg;
}

static struct nl_msg *pair_message(const char *host_link, unsigned bridge, int netns_fd,
                                   const struct net_owner *owner)
{
    struct ifinfomsg body = {0};
    struct nl_msg *msg = netlink_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    nla_put_string(msg, IFLA_IFNAME, host_link);
    nla_put_u32(msg, IFLA_MASTER, bridge);
    nla_put(msg, IFLA_ADDRESS, sizeof owner->hardware, owner->hardware);
    struct nlattr *info = nla_nest_start(msg, IFLA_LINKINFO);
    nla_put_string(msg, IFLA_INFO_KIND, "veth");
    struct nlattr *data = nla_nest_start(msg, IFLA_INFO_DATA), *peer = nla_nest_start(msg, VETH_INFO_PEER);
    nlmsg_append(msg, &body, sizeof body, NLMSG_ALIGNTO);
    nla_put_string(msg, IFLA_IFNAME, NET_INSIDE);
    /* Born inside: the name can't meet one of the host's. IFF_UP on the peer would be refused here (ENOTCONN:
     * it is not paired yet). */
    nla_put_u32(msg, IFLA_NET_NS_FD, (uint32_t)netns_fd);
    nla_nest_end(msg, peer);
    nla_nest_end(msg, data);
    nla_nest_end(msg, info);
    return msg;
}

/* No address of the host's on a port: the bridge has them. It has to be said before the link is up. */
static struct nl_msg *no_address_message(const char *host_link)
{
    struct nl_msg *msg = set_link(0, host_link, 0);
    struct nlattr *families = nla_nest_start(msg, IFLA_AF_SPEC), *inet6 = nla_nest_start(msg, AF_INET6);
    nla_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    nla_nest_end(msg, inet6);
    nla_nest_end(msg, families);
    return msg;
}

int net_link_create(struct netlink *nl, const char *host_link, unsigned bridge, int netns_fd,
                    const struct net_owner *owner, struct err *err)
{
    netlink_add(nl, pair_message(host_link, bridge, netns_fd, owner), false);
    int rc = netlink_send(nl, NULL);
    if (rc < 0)
        return netlink_failed(rc, err, "make the veth pair %s", host_link);
    /* A second message, as the kernel ignores an alias in the first; and not in one send with it, or it would
     * reach whoever has the name already. */
    struct nl_msg *up = set_link(0, host_link, IFF_UP);
    nla_put_string(up, IFLA_IFALIAS, owner->alias);
    netlink_add(nl, no_address_message(host_link), true);
    netlink_add(nl, up, false);
    rc = netlink_send(nl, NULL);
    return rc < 0 ? netlink_failed(rc, err, "bring up the link %s", host_link) : 0;
}

static struct nl_msg *by_name(int type, const char *name)
{
    struct ifinfomsg body = {0};
    struct nl_msg *msg = netlink_message(type, 0, &body, sizeof body);
    nla_put_string(msg, IFLA_IFNAME, name);
    return msg;
}

int net_link_delete(struct netlink *nl, const char *host_link, const struct net_owner *owner, struct err *err)
{
    struct seen seen = {.owner = owner};
    struct nl_msg *ask = by_name(RTM_GETLINK, host_link);
    nla_put_u32(ask, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    int rc = netlink_ask(nl, ask, see_link, &seen);
    if (rc == -ENODEV)
        return 0;
    if (rc < 0)
        return netlink_failed(rc, err, "look up the link %s", host_link);
    if (!seen.veth || !(seen.alias_given ? seen.alias_ours : seen.hardware_ours))
        return 0; /* the name has been given to another one */
    netlink_add(nl, by_name(RTM_DELLINK, host_link), false);
    rc = netlink_send(nl, NULL);
    /* The pair also goes with its namespace, a moment after the container's last process. */
    return rc < 0 && rc != -ENODEV ? netlink_failed(rc, err, "delete the link %s", host_link) : 0;
}

/* ---- inside ---- */

/* By ioctl: one link's flag is no more to say, and no message has to be made for it. */
int net_lo_up(struct err *err)
{
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
        return err_errno(err, "bring up the link lo");
    return 0;
}

/* "10.213.0.5/16": its bytes (4 or 16); the prefix, 0 if none is said. Returns how many bytes. */
static size_t read_address(const char *text, int family, void *ret, unsigned char *ret_prefix)
{
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    snprintf(address, sizeof address, "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
    if (inet_pton(family, address, ret) != 1)
        return 0;
    *ret_prefix = (unsigned char)(slash ? strtoul(slash + 1, NULL, 10) : 0);
    return family == AF_INET ? 4 : 16;
}

/* An address that is there at once: nobody else can have it, so nobody is asked (IFA_F_NODAD). */
static void add_address(struct netlink *nl, unsigned index, int family, const char *text)
{
    unsigned char bytes[16];
    struct ifaddrmsg body = {.ifa_family = (unsigned char)family, .ifa_index = index};
    size_t size = read_address(text, family, bytes, &body.ifa_prefixlen);
    body.ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0;
    struct nl_msg *msg = netlink_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    nla_put(msg, IFA_LOCAL, (int)size, bytes);
    nla_put(msg, IFA_ADDRESS, (int)size, bytes);
    netlink_add(nl, msg, family == AF_INET6);
}

static void add_default_route(struct netlink *nl, unsigned index, int family, const char *gateway)
{
    unsigned char bytes[16], ignored;
    struct rtmsg body = {.rtm_family = (unsigned char)family,
                         .rtm_table = RT_TABLE_MAIN,
                         .rtm_protocol = RTPROT_STATIC,
                         .rtm_type = RTN_UNICAST};
    size_t size = read_address(gateway, family, bytes, &ignored);
    struct nl_msg *msg = netlink_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    nla_put(msg, RTA_GATEWAY, (int)size, bytes);
    nla_put_u32(msg, RTA_OIF, index);
    netlink_add(nl, msg, family == AF_INET6);
}

/* What a neighbour on the bridge calls a router's advertisement is not believed. */
static void refuse_advertisements(void)
{
    fs_write_at(AT_FDCWD, "/proc/sys/net/ipv6/conf/" NET_INSIDE "/accept_ra", "0");
}

int net_configure_inside(const struct net_inside *inside, struct err *err)
{
    static const char *const steps[] = {"bring up lo", "bring up " NET_INSIDE,
                                        "give " NET_INSIDE " the address", "add the default route through"};
    unsigned failed = 0;
    cleanup_netlink struct netlink nl = {.fd = -1};
    int rc = netlink_open(&nl, err);
    if (rc < 0)
        return rc;
    unsigned index = netlink_index(&nl, NET_INSIDE);
    if (!index)
        return err_set(err, ENODEV, "find " NET_INSIDE " inside: %s", strerror(ENODEV));
    refuse_advertisements();
    netlink_add(&nl, set_link(LO_INDEX, NULL, IFF_UP), false);
    netlink_add(&nl, set_link((int)index, NULL, IFF_UP), false);
    add_address(&nl, index, AF_INET, inside->address);
    add_default_route(&nl, index, AF_INET, inside->gateway);
    if (inside->address6 && inside->address6[0]) {
        add_address(&nl, index, AF_INET6, inside->address6);
        add_default_route(&nl, index, AF_INET6, inside->gateway6);
    }
    rc = netlink_send(&nl, &failed);
    if (rc == 0)
        return 0;
    return netlink_failed(rc, err, "%s %s", steps[failed < COUNT_OF(steps) ? failed : 0],
                          failed == 3   ? inside->gateway
                          : failed == 2 ? inside->address
                                        : "");
}
