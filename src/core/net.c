/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <netlink/addr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define POOL_BASE     0x0ad50000u /* 10.213.0.0 */
#define POOL_NETWORKS (65536u / 4)
#define PREFIX        30
#define INSIDE_NAME   "eth0"
/* A route this wide is a default route in another form (VPNs say 0.0.0.0/1 and 128.0.0.0/1). */
#define WIDEST_NETWORK 8
#define LO_INDEX       1 /* the first link of every network namespace */

/* One netlink socket, for one visit to one namespace. */
struct session {
    struct nl_sock *sk;
    int code; /* the kernel's own errno: libnl's codes know few of them */
};

static void session_close(struct session *session)
{
    nl_socket_free(session->sk);
}
#define cleanup_session __attribute__((cleanup(session_close)))

#define DEFINE_CLEANUP(type, put)                                                                            \
    static void type##_cleanup(struct type **object)                                                         \
    {                                                                                                        \
        if (*object)                                                                                         \
            put(*object);                                                                                    \
    }
DEFINE_CLEANUP(nl_addr, nl_addr_put)
DEFINE_CLEANUP(nl_msg, nlmsg_free)
DEFINE_CLEANUP(rtnl_addr, rtnl_addr_put)
DEFINE_CLEANUP(rtnl_link, rtnl_link_put)
DEFINE_CLEANUP(rtnl_route, rtnl_route_put)
#define cleanup_nl(type) __attribute__((cleanup(type##_cleanup)))

static int on_refusal(struct sockaddr_nl *from, struct nlmsgerr *answer, void *arg)
{
    struct session *session = arg;
    (void)from;
    session->code = -answer->error;
    return -NLE_FAILURE;
}

/* What the kernel answered to "what NAME"; rc is libnl's. */
static int fail(const struct session *session, int rc, struct err *err, const char *what, const char *name)
{
    int code = session->code ? session->code : EIO;
    err_set(err, code, "%s %s: %s", what, name, session->code ? strerror(code) : nl_geterror(rc));
    if (code == EPERM)
        err_hint(err, "a private network needs root, or CAP_NET_ADMIN: --network none or host do without");
    return -code;
}

static int session_open(struct session *session, struct err *err)
{
    session->code = 0;
    session->sk = nl_socket_alloc();
    if (!session->sk)
        return err_set(err, ENOMEM, "open a netlink socket: out of memory");
    /* No answer to what is asked here comes near the default buffer: reading each twice is for nothing. */
    nl_socket_disable_msg_peek(session->sk);
    nl_socket_modify_err_cb(session->sk, NL_CB_CUSTOM, on_refusal, session);
    int rc = nl_connect(session->sk, NETLINK_ROUTE);
    return rc < 0 ? fail(session, rc, err, "open", "a netlink socket") : 0;
}

/* ---- leases ---- */

/* FNV-1a: where an owner's search begins, so that launches at the same moment seldom meet. */
static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

static void address_text(char *to, size_t size, uint32_t address, const char *suffix)
{
    snprintf(to, size, "%u.%u.%u.%u%s", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255,
             suffix);
}

static int on_route(struct nl_msg *msg, void *arg)
{
    const struct rtmsg *route = nlmsg_data(nlmsg_hdr(msg));
    *(unsigned *)arg = route->rtm_dst_len;
    return NL_OK;
}

/* Whether the host already sends packets for `address` somewhere on purpose. */
static bool has_own_route(struct session *session, uint32_t address)
{
    struct rtmsg ask = {.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_flags = RTM_F_FIB_MATCH};
    cleanup_nl(nl_msg) struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
    unsigned prefix = 0;
    session->code = 0;
    if (!msg || nlmsg_append(msg, &ask, sizeof ask, NLMSG_ALIGNTO) < 0 ||
        nla_put_u32(msg, RTA_DST, htonl(address)) < 0)
        return true;
    nl_socket_modify_cb(session->sk, NL_CB_VALID, NL_CB_CUSTOM, on_route, &prefix);
    if (nl_send_auto(session->sk, msg) < 0)
        return true;
    if (nl_wait_for_ack(session->sk) < 0)
        return session->code != ENETUNREACH && session->code != EHOSTUNREACH;
    return prefix >= WIDEST_NETWORK;
}

/* An unnamed file that is given its name when it is whole: a lease never lacks its owner. 0 or -errno. */
static int write_unnamed(int dir, const char *owner, char *ret_path, size_t size, int *ret_fd)
{
    cleanup_close int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int rc = fs_write_all(fd, owner, strlen(owner));
    if (rc < 0)
        return rc;
    snprintf(ret_path, size, "/proc/self/fd/%d", fd);
    *ret_fd = take_fd(&fd);
    return 0;
}

static int open_leases(int store_fd)
{
    int fd = openat(store_fd, NET_LEASES, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Names the file at `path` after the first network that is free; *ret_network is its address. */
static int claim(struct session *session, int dir, const char *path, uint32_t first, uint32_t *ret_network)
{
    for (uint32_t i = 0; i < POOL_NETWORKS; i++) {
        uint32_t network = POOL_BASE + (first + i) % POOL_NETWORKS * 4;
        char name[24];
        if (has_own_route(session, network + 2))
            continue;
        address_text(name, sizeof name, network, "");
        if (linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW) == 0) {
            *ret_network = network;
            return 0;
        }
        if (errno != EEXIST)
            return -errno;
    }
    return -EADDRNOTAVAIL;
}

int net_lease(int store_fd, const char *owner, char *ret_lease, char *ret_address, char *ret_gateway,
              struct err *err)
{
    cleanup_session struct session session = {0};
    char path[64];
    uint32_t network = 0;
    if (mkdirat(store_fd, NET_LEASES, 0700) < 0 && errno != EEXIST)
        return err_errno(err, "make the directory of address leases");
    cleanup_close int dir = open_leases(store_fd), file = -1;
    if (dir < 0) {
        errno = -dir;
        return err_errno(err, "open the directory of address leases");
    }
    int rc = session_open(&session, err);
    if (rc < 0)
        return rc;
    rc = write_unnamed(dir, owner, path, sizeof path, &file);
    if (rc == 0)
        rc = claim(&session, dir, path, hash(owner), &network);
    if (rc == -EADDRNOTAVAIL) {
        err_set(err, -rc, "find a free network in %s: all are leased, or the host has routes into them",
                NET_POOL);
        return err_hint(err, "boxtop prune; ip route; or use --network none or host");
    }
    if (rc < 0) {
        errno = -rc;
        return err_errno(err, "lease a network for %s", owner);
    }
    address_text(ret_lease, 24, network, "");
    address_text(ret_gateway, 48, network + 1, "");
    address_text(ret_address, 48, network + 2, "/30");
    return 0;
}

void net_release(int store_fd, const char *lease, const char *owner)
{
    char holder[256];
    cleanup_close int dir = open_leases(store_fd);
    if (dir < 0 || !*lease || strchr(lease, '/'))
        return;
    if (fs_read_at(dir, lease, holder, sizeof holder) >= 0 && strcmp(holder, owner) == 0)
        unlinkat(dir, lease, 0);
}

/* ---- links ---- */

static int set_up(struct session *session, unsigned index, const char *alias)
{
    cleanup_nl(rtnl_link) struct rtnl_link *link = rtnl_link_alloc();
    if (!link)
        return -NLE_NOMEM;
    rtnl_link_set_ifindex(link, (int)index);
    rtnl_link_set_flags(link, IFF_UP);
    if (alias)
        rtnl_link_set_ifalias(link, alias);
    return rtnl_link_change(session->sk, link, link, 0);
}

/* `prefix` 0: the one in the text. */
static int add_address(struct session *session, unsigned index, const char *text, int prefix)
{
    cleanup_nl(nl_addr) struct nl_addr *local = NULL;
    cleanup_nl(rtnl_addr) struct rtnl_addr *address = rtnl_addr_alloc();
    int rc = nl_addr_parse(text, AF_INET, &local);
    if (rc < 0 || !address)
        return rc < 0 ? rc : -NLE_NOMEM;
    if (prefix)
        nl_addr_set_prefixlen(local, prefix);
    rtnl_addr_set_ifindex(address, (int)index);
    rc = rtnl_addr_set_local(address, local);
    return rc < 0 ? rc : rtnl_addr_add(session->sk, address, 0);
}

static int add_default_route(struct session *session, unsigned index, const char *gateway)
{
    cleanup_nl(nl_addr) struct nl_addr *any = NULL, *via = NULL;
    cleanup_nl(rtnl_route) struct rtnl_route *route = rtnl_route_alloc();
    struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
    int rc = nl_addr_parse("default", AF_INET, &any);
    if (rc == 0)
        rc = nl_addr_parse(gateway, AF_INET, &via);
    if (rc < 0 || !route || !hop) {
        rtnl_route_nh_free(hop);
        return rc < 0 ? rc : -NLE_NOMEM;
    }
    rtnl_route_nh_set_ifindex(hop, (int)index);
    rtnl_route_nh_set_gateway(hop, via);
    rtnl_route_add_nexthop(route, hop);
    rtnl_route_set_scope(route, RT_SCOPE_UNIVERSE);
    rc = rtnl_route_set_dst(route, any);
    return rc < 0 ? rc : rtnl_route_add(session->sk, route, NLM_F_EXCL);
}

static int make_pair(struct session *session, const char *host_link, int netns_fd)
{
    cleanup_nl(rtnl_link) struct rtnl_link *link = rtnl_link_veth_alloc();
    if (!link)
        return -NLE_NOMEM;
    struct rtnl_link *peer = rtnl_link_veth_get_peer(link);
    rtnl_link_set_name(link, host_link);
    rtnl_link_set_name(peer, INSIDE_NAME);
    /* Born inside: the name can't meet one of the host's. IFF_UP on the peer would be refused here (ENOTCONN:
     * it is not paired yet). */
    rtnl_link_set_ns_fd(peer, netns_fd);
    int rc = rtnl_link_add(session->sk, link, NLM_F_CREATE | NLM_F_EXCL);
    rtnl_link_put(peer);
    return rc;
}

int net_link_create(const char *host_link, int netns_fd, const char *gateway, const char *alias,
                    struct err *err)
{
    cleanup_session struct session session = {0};
    int rc = session_open(&session, err);
    if (rc < 0)
        return rc;
    rc = make_pair(&session, host_link, netns_fd);
    if (rc < 0)
        return fail(&session, rc, err, "make the veth pair", host_link);
    unsigned index = if_nametoindex(host_link);
    if (!index)
        return err_errno(err, "find the link %s just made", host_link);
    /* The kernel ignores an alias in the message that makes a link, so it goes with what brings it up. */
    rc = set_up(&session, index, alias);
    if (rc < 0)
        return fail(&session, rc, err, "bring up the link", host_link);
    rc = add_address(&session, index, gateway, PREFIX);
    return rc < 0 ? fail(&session, rc, err, "give an address to the link", host_link) : 0;
}

/* No alias at all: whoever made it died between the pair and its alias. */
static bool is_ours(struct rtnl_link *link, const char *alias)
{
    const char *kind = rtnl_link_get_type(link), *found = rtnl_link_get_ifalias(link);
    return kind && strcmp(kind, "veth") == 0 && (!found || strcmp(found, alias) == 0);
}

int net_link_delete(const char *host_link, const char *alias, struct err *err)
{
    cleanup_session struct session session = {0};
    cleanup_nl(rtnl_link) struct rtnl_link *link = NULL;
    int rc = session_open(&session, err);
    if (rc < 0)
        return rc;
    rc = rtnl_link_get_kernel(session.sk, 0, host_link, &link);
    /* This call keeps the kernel's errno to itself. */
    if (rc == -NLE_NODEV || rc == -NLE_OBJ_NOTFOUND)
        return 0;
    if (rc < 0)
        return fail(&session, rc, err, "look up the link", host_link);
    if (!is_ours(link, alias))
        return err_set(err, EPERM, "delete the link %s: it is not boxtop's (its alias is not %s)", host_link,
                       alias);
    rc = rtnl_link_delete(session.sk, link);
    /* The pair also goes with its namespace, a moment after the container's last process. */
    return rc < 0 && session.code != ENODEV ? fail(&session, rc, err, "delete the link", host_link) : 0;
}

/* ---- inside ---- */

int net_lo_up(struct err *err)
{
    cleanup_session struct session session = {0};
    int rc = session_open(&session, err);
    if (rc < 0)
        return rc;
    rc = set_up(&session, LO_INDEX, NULL);
    return rc < 0 ? fail(&session, rc, err, "bring up the link", "lo") : 0;
}

int net_configure_inside(const char *address, const char *gateway, struct err *err)
{
    cleanup_session struct session session = {0};
    unsigned index = if_nametoindex(INSIDE_NAME);
    if (!index)
        return err_errno(err, "find " INSIDE_NAME " inside");
    int rc = session_open(&session, err);
    if (rc < 0)
        return rc;
    rc = set_up(&session, index, NULL);
    if (rc < 0)
        return fail(&session, rc, err, "bring up the link", INSIDE_NAME);
    rc = add_address(&session, index, address, 0);
    if (rc < 0)
        return fail(&session, rc, err, "give " INSIDE_NAME " the address", address);
    rc = add_default_route(&session, index, gateway);
    return rc < 0 ? fail(&session, rc, err, "add the default route through", gateway) : 0;
}
