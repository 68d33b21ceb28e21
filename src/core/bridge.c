/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/bridge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/netconf.h"
#include "core/firewall.h"

#define LOCK_PATH "/run/boxtop.lock"
/* A route this wide is a default route in another form (VPNs say 0.0.0.0/1 and 128.0.0.0/1). */
#define WIDEST_NETWORK 8
#define FORWARD4       "/proc/sys/net/ipv4/ip_forward"
#define FORWARD6       "/proc/sys/net/ipv6/conf/all/forwarding"
#define RETRY_NS       2000000

/* ---- the alias ---- */

void bridge_to_alias(const struct bridge *bridge, char to[BRIDGE_ALIAS_SIZE])
{
    char pool4[48], pool6[48];
    pool_format_network(pool4, pool6, &bridge->pool);
    snprintf(to, BRIDGE_ALIAS_SIZE, "boxtop %s %s%s%s%s", pool4, pool6, bridge->forwards ? " forwards" : "",
             bridge->forwards & BRIDGE_FORWARDS4 ? " 4" : "",
             bridge->forwards & BRIDGE_FORWARDS6 ? " 6" : "");
}

bool bridge_from_alias(const char *alias, struct bridge *ret)
{
    struct err ignored;
    char copy[BRIDGE_ALIAS_SIZE], *rest = copy;
    struct bridge read = {.index = ret->index};
    if (!str_copy(copy, sizeof copy, alias) || strcmp(strsep(&rest, " "), "boxtop") != 0 || !rest)
        return false;
    const char *pool4 = strsep(&rest, " "), *pool6 = rest ? strsep(&rest, " ") : "";
    if (pool_parse4(pool4, &read.pool, &ignored) < 0 || pool_parse6(pool6, &read.pool, &ignored) < 0)
        return false;
    if (rest && strcmp(strsep(&rest, " "), "forwards") != 0)
        return false;
    for (const char *word; rest && (word = strsep(&rest, " "));)
        if (strcmp(word, "4") == 0)
            read.forwards |= BRIDGE_FORWARDS4;
        else if (strcmp(word, "6") == 0)
            read.forwards |= BRIDGE_FORWARDS6;
        else
            return false;
    *ret = read;
    return true;
}

/* ---- what there is ---- */

struct sight {
    struct bridge bridge;
    bool ours;
};

static bool see_bridge(const struct nlmsghdr *h, void *user)
{
    struct sight *sight = user;
    struct nlattr *attrs[IFLA_MAX + 1] = {0};
    nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof(struct ifinfomsg), attrs, IFLA_MAX, NULL);
    sight->bridge.index = (unsigned)((const struct ifinfomsg *)NLMSG_DATA(h))->ifi_index;
    sight->ours =
        attrs[IFLA_IFALIAS] && bridge_from_alias(nla_get_string(attrs[IFLA_IFALIAS]), &sight->bridge);
    return true;
}

/* 0: *ret is it, or has index 0. */
static int find(struct netlink *nl, struct bridge *ret, struct err *err)
{
    struct sight sight = {.ours = false};
    struct ifinfomsg body = {0};
    ret->index = 0;
    struct nl_msg *msg = netlink_message(RTM_GETLINK, 0, &body, sizeof body);
    nla_put_string(msg, IFLA_IFNAME, BRIDGE_NAME);
    nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    int rc = netlink_ask(nl, msg, see_bridge, &sight);
    if (rc == -ENODEV)
        return 0;
    if (rc < 0)
        return netlink_failed(rc, err, "look up the bridge %s", BRIDGE_NAME);
    if (!sight.ours) {
        err_set(err, EEXIST, "use the bridge %s: a link of that name is there, and it is not boxtop's",
                BRIDGE_NAME);
        return err_hint(err, "ip link delete %s, if nobody needs it", BRIDGE_NAME);
    }
    *ret = sight.bridge;
    return 0;
}

/* What the host does with packets, as far as the pool and forwarding are concerned. */
struct routes {
    const struct pool *pool;
    bool taken4, taken6;
    char taken[64];     /* the network that it is taken by */
    bool out6, router6; /* a default route of IPv6; one that a router has advertised */
};

static bool see_route(const struct nlmsghdr *h, void *user)
{
    struct routes *routes = user;
    const struct rtmsg *route = NLMSG_DATA(h);
    struct nlattr *attrs[RTA_MAX + 1] = {0};
    char text[INET6_ADDRSTRLEN] = "";
    nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof *route, attrs, RTA_MAX, NULL);
    if (route->rtm_family == AF_INET6 && route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST) {
        routes->out6 = true;
        routes->router6 |= route->rtm_protocol == RTPROT_RA;
    }
    if (route->rtm_dst_len < WIDEST_NETWORK || !attrs[RTA_DST])
        return true;
    const void *to = nla_data(attrs[RTA_DST]);
    bool four = route->rtm_family == AF_INET && nla_len(attrs[RTA_DST]) == 4 &&
                pool_overlaps4(routes->pool, ntohl(*(const uint32_t *)to), route->rtm_dst_len);
    bool six = route->rtm_family == AF_INET6 && nla_len(attrs[RTA_DST]) == 16 &&
               pool_overlaps6(routes->pool, to, route->rtm_dst_len);
    routes->taken4 |= four;
    routes->taken6 |= six;
    if (four && !routes->taken[0]) {
        inet_ntop(AF_INET, to, text, sizeof text);
        snprintf(routes->taken, sizeof routes->taken, "%s/%u", text, route->rtm_dst_len);
    }
    return true;
}

static int read_routes(struct netlink *nl, const struct pool *pool, struct routes *ret, struct err *err)
{
    static const unsigned char families[] = {AF_INET, AF_INET6};
    *ret = (struct routes){.pool = pool};
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        struct rtmsg body = {.rtm_family = families[i]};
        int rc =
            netlink_ask(nl, netlink_message(RTM_GETROUTE, NLM_F_DUMP, &body, sizeof body), see_route, ret);
        if (rc < 0 && families[i] == AF_INET)
            return netlink_failed(rc, err, "read the routes of the host");
    }
    return 0;
}

static bool has_ipv6(void)
{
    char text[8];
    return fs_read_at(AT_FDCWD, "/proc/sys/net/ipv6/conf/default/disable_ipv6", text, sizeof text) > 0 &&
           text[0] == '0';
}

/* ---- the pool of a bridge that is to be made ---- */

/* Tried in this order. */
static const char *const own_pools[] = {"10.213.0.0/16", "10.214.0.0/16", "172.29.0.0/16",
                                        "192.168.213.0/24"};

static int choose_own(struct netlink *nl, struct pool *ret, struct err *err)
{
    struct routes routes;
    for (size_t i = 0; i < COUNT_OF(own_pools); i++) {
        pool_parse4(own_pools[i], ret, err);
        int rc = read_routes(nl, ret, &routes, err);
        if (rc < 0 || !routes.taken4)
            return rc;
    }
    err_set(err, EADDRNOTAVAIL,
            "find a free network for containers: the host has routes into %s and %zu others", own_pools[0],
            COUNT_OF(own_pools) - 1);
    return err_hint(err, "say one in %s ([network] pool = ...), or use --network none or host",
                    netconf_path());
}

static int check_free(struct netlink *nl, const struct pool *pool, const char *text, struct err *err)
{
    struct routes routes;
    int rc = read_routes(nl, pool, &routes, err);
    if (rc < 0 || !routes.taken4)
        return rc;
    err_set(err, EADDRINUSE, "use the network %s for containers: the host has a route to %s", text,
            routes.taken);
    return err_hint(err, "say another one in %s ([network] pool = ...)", netconf_path());
}

static int choose_pool(struct netlink *nl, struct pool *ret, struct err *err)
{
    struct netconf config;
    struct routes routes;
    char machine[64] = "";
    int rc = netconf_read(&config, err);
    if (rc < 0)
        return rc;
    if (config.pool[0])
        rc = pool_parse4(config.pool, ret, err) < 0 ? err_prefix(err, "%s: pool", netconf_path())
                                                    : check_free(nl, ret, config.pool, err);
    else
        rc = choose_own(nl, ret, err);
    if (rc < 0)
        return rc;
    fs_read_at(AT_FDCWD, "/etc/machine-id", machine, sizeof machine);
    pool_default6(ret, machine);
    if (config.pool6[0] && pool_parse6(config.pool6, ret, err) < 0)
        return err_prefix(err, "%s: pool6", netconf_path());
    rc = read_routes(nl, ret, &routes, err);
    if (!has_ipv6() || routes.taken6)
        ret->has6 = false;
    return rc;
}

/* ---- the lock ---- */

static int open_lock(struct err *err)
{
    int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return fd < 0 ? err_errno(err, "open %s", LOCK_PATH) : fd;
}

int bridge_lock(bool exclusive, struct err *err)
{
    int fd = open_lock(err), rc;
    if (fd < 0)
        return fd;
    while ((rc = flock(fd, exclusive ? LOCK_EX : LOCK_SH)) < 0 && errno == EINTR)
        ;
    if (rc < 0) {
        err_errno(err, "lock %s", LOCK_PATH);
        fd_close(&fd);
        return -err->code;
    }
    return fd;
}

/* ---- looking ---- */

int bridge_look(struct netlink *nl, struct bridge *ret, struct err *err)
{
    *ret = (struct bridge){0};
    if (find(nl, ret, err) == 0 && ret->index)
        return 0;
    /* It may be half made by another: without its alias, or with routes that we would take for the host's. A
     * user, who may not lock, looks all the same. */
    struct err ignored;
    cleanup_close int lock = bridge_lock(false, &ignored);
    (void)lock;
    *ret = (struct bridge){0};
    *err = (struct err){0};
    int rc = find(nl, ret, err);
    return rc < 0 || ret->index ? rc : choose_pool(nl, &ret->pool, err);
}

/* ---- making ---- */

static bool is_off(const char *path)
{
    char text[8];
    return fs_read_at(AT_FDCWD, path, text, sizeof text) > 0 && text[0] == '0';
}

/* IPv6 is forwarded only if there is a way out for it, and not where the host itself listens to routers: a
 * host that forwards ceases to, and would lose its own way out. */
static int plan_forwarding(struct netlink *nl, struct bridge *bridge, struct str *notes, struct err *err)
{
    struct routes routes;
    int rc = read_routes(nl, &bridge->pool, &routes, err);
    if (rc < 0)
        return rc;
    bridge->forwards = is_off(FORWARD4) ? BRIDGE_FORWARDS4 : 0;
    if (!bridge->pool.has6 || !routes.out6 || !is_off(FORWARD6))
        return 0;
    if (routes.router6)
        str_add(notes, "containers reach no further than this machine by IPv6: forwarding it would make the "
                       "machine deaf to the router it listens to (sysctl net.ipv6.conf.all.forwarding)\n");
    else
        bridge->forwards |= BRIDGE_FORWARDS6;
    return 0;
}

static void forward(const struct bridge *bridge, struct str *notes)
{
    bool four = bridge->forwards & BRIDGE_FORWARDS4, six = bridge->forwards & BRIDGE_FORWARDS6;
    if (four)
        fs_write_at(AT_FDCWD, FORWARD4, "1");
    if (six)
        fs_write_at(AT_FDCWD, FORWARD6, "1");
    if (four || six)
        str_addf(notes, "turned on: %s%s%s, for the containers' network; off again with the last of them\n",
                 four ? "net.ipv4.ip_forward" : "", four && six ? " and " : "",
                 six ? "net.ipv6.conf.all.forwarding" : "");
}

/* Its hardware address is set, as else it would change with its ports. */
static struct nl_msg *bridge_message(void)
{
    static const unsigned char hardware[] = {0x02, 'b', 'o', 'x', 't', 'p'};
    struct ifinfomsg body = {0};
    struct nl_msg *msg = netlink_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    nla_put_string(msg, IFLA_IFNAME, BRIDGE_NAME);
    nla_put(msg, IFLA_ADDRESS, sizeof hardware, hardware);
    struct nlattr *info = nla_nest_start(msg, IFLA_LINKINFO);
    nla_put_string(msg, IFLA_INFO_KIND, "bridge");
    nla_nest_end(msg, info);
    return msg;
}

static struct nl_msg *alias_message(const struct bridge *bridge)
{
    char alias[BRIDGE_ALIAS_SIZE];
    struct ifinfomsg body = {0};
    struct nl_msg *msg = netlink_message(RTM_NEWLINK, 0, &body, sizeof body);
    bridge_to_alias(bridge, alias);
    nla_put_string(msg, IFLA_IFNAME, BRIDGE_NAME);
    nla_put_string(msg, IFLA_IFALIAS, alias);
    return msg;
}

static struct nl_msg *address_message(const struct bridge *bridge, int family)
{
    uint32_t gateway = pool_gateway(&bridge->pool), four = htonl(gateway);
    struct in6_addr six = pool_address6(&bridge->pool, gateway);
    const void *bytes = family == AF_INET ? (const void *)&four : (const void *)&six;
    int size = family == AF_INET ? (int)sizeof four : (int)sizeof six;
    struct ifaddrmsg body = {.ifa_family = (unsigned char)family,
                             .ifa_prefixlen = (unsigned char)(family == AF_INET ? bridge->pool.prefix : 64),
                             .ifa_flags = family == AF_INET ? 0 : IFA_F_NODAD,
                             .ifa_index = bridge->index};
    struct nl_msg *msg = netlink_message(RTM_NEWADDR, NLM_F_CREATE, &body, sizeof body);
    nla_put(msg, IFA_LOCAL, size, bytes);
    nla_put(msg, IFA_ADDRESS, size, bytes);
    return msg;
}

static int make_link(struct netlink *nl, struct bridge *bridge, struct err *err)
{
    struct ifinfomsg up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    netlink_add(nl, bridge_message(), false);
    netlink_add(nl, alias_message(bridge), false); /* in one send: it is never there without */
    int rc = netlink_send(nl, NULL);
    if (rc == -EOPNOTSUPP) {
        err_set(err, -rc, "make the bridge %s: this kernel has no bridges", BRIDGE_NAME);
        return err_hint(err, "modprobe bridge; or use --network none or host");
    }
    if (rc < 0)
        return netlink_failed(rc, err, "make the bridge %s", BRIDGE_NAME);
    bridge->index = netlink_index(nl, BRIDGE_NAME);
    /* A container is no router of the host's. */
    fs_write_at(AT_FDCWD, "/proc/sys/net/ipv6/conf/" BRIDGE_NAME "/accept_ra", "0");
    up.ifi_index = (int)bridge->index;
    netlink_add(nl, netlink_message(RTM_NEWLINK, 0, &up, sizeof up), false);
    netlink_add(nl, address_message(bridge, AF_INET), false);
    if (bridge->pool.has6)
        netlink_add(nl, address_message(bridge, AF_INET6), false);
    rc = netlink_send(nl, NULL);
    return rc < 0 ? netlink_failed(rc, err, "give the bridge %s its addresses", BRIDGE_NAME) : 0;
}

/* ---- removing ---- */

static bool see_port(const struct nlmsghdr *h, void *user)
{
    (void)h;
    *(bool *)user = true;
    return false;
}

static int has_port(unsigned index, bool *ret, struct err *err)
{
    cleanup_netlink struct netlink nl = {.fd = -1};
    struct ifinfomsg body = {0};
    int rc = netlink_open(&nl, err);
    if (rc < 0)
        return rc;
    struct nl_msg *msg = netlink_message(RTM_GETLINK, NLM_F_DUMP, &body, sizeof body);
    nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    nla_put_u32(msg, IFLA_MASTER, index);
    *ret = false;
    rc = netlink_ask(&nl, msg, see_port, ret);
    return rc < 0 ? netlink_failed(rc, err, "look for ports of %s", BRIDGE_NAME) : 0;
}

/* The alias goes last: it says what is still to be done. */
static int remove_all(struct netlink *nl, const struct bridge *bridge, struct err *err)
{
    struct ifinfomsg body = {.ifi_index = (int)bridge->index};
    if (bridge->forwards & BRIDGE_FORWARDS4)
        fs_write_at(AT_FDCWD, FORWARD4, "0");
    if (bridge->forwards & BRIDGE_FORWARDS6)
        fs_write_at(AT_FDCWD, FORWARD6, "0");
    int rc = firewall_down(err);
    if (rc < 0)
        return rc;
    netlink_add(nl, netlink_message(RTM_DELLINK, 0, &body, sizeof body), false);
    rc = netlink_send(nl, NULL);
    return rc < 0 && rc != -ENODEV ? netlink_failed(rc, err, "delete the bridge %s", BRIDGE_NAME) : 0;
}

/* 1: it is to be removed, and *ret is it. */
static int is_idle(struct netlink *nl, struct bridge *ret, struct err *err)
{
    bool port = false;
    int rc = find(nl, ret, err);
    if (rc == -EEXIST || (rc == 0 && !ret->index))
        return 0;
    if (rc == 0)
        rc = has_port(ret->index, &port, err);
    return rc < 0 ? rc : !port;
}

int bridge_leave(struct netlink *nl, struct err *err)
{
    struct bridge bridge;
    cleanup_close int lock = open_lock(err);
    if (lock < 0)
        return lock;
    /* Whoever holds the lock adds a port, or looks as we do: not waited for in the lock, as it is given to
     * those who add ports for as long as there are any. */
    for (;;) {
        int rc = is_idle(nl, &bridge, err);
        if (rc <= 0)
            return rc;
        if (flock(lock, LOCK_EX | LOCK_NB) == 0)
            break;
        nanosleep(&(struct timespec){.tv_nsec = RETRY_NS}, NULL);
    }
    int rc = is_idle(nl, &bridge, err);
    return rc <= 0 ? rc : remove_all(nl, &bridge, err);
}

/* Without NAT there is nothing to forward: what was to be turned on stays off. */
static int add_nat(struct netlink *nl, struct bridge *bridge, struct str *notes, struct err *err)
{
    struct err why = {0};
    if (firewall_up(&bridge->pool, &why) == 0) {
        forward(bridge, notes);
        return 0;
    }
    str_addf(notes, "containers reach each other and this machine, and nothing beyond: no NAT: %s\n",
             why.text);
    bridge->forwards = 0;
    netlink_add(nl, alias_message(bridge), false);
    int rc = netlink_send(nl, NULL);
    return rc < 0 ? netlink_failed(rc, err, "name the bridge %s", BRIDGE_NAME) : 0;
}

int bridge_make(struct netlink *nl, struct bridge *bridge, struct str *notes, struct err *err)
{
    struct bridge there = {0};
    int rc = find(nl, &there, err);
    if (rc < 0)
        return rc;
    if (there.index) {
        bool same = pool_same(&there.pool, &bridge->pool);
        *bridge = there;
        return same ? 0 : -EAGAIN;
    }
    rc = plan_forwarding(nl, bridge, notes, err);
    if (rc == 0)
        rc = make_link(nl, bridge, err);
    if (rc == 0)
        return add_nat(nl, bridge, notes, err);
    struct err ignored;
    if (bridge->index)
        remove_all(nl, bridge, &ignored);
    return rc;
}
