/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h>
/* first: linux's own headers know what it defines */
#include "nft/table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

#include "base/mem.h"
#include "base/str.h"
#include "nft/rule.h"

#define COMMENT    "boxtop: the network of its containers"
#define BATCH_SIZE (1u << 20)
#define PART_SIZE  65536

struct session {
    struct mnl_socket *sock;
    uint32_t seq;
    struct mnl_nlmsg_batch *batch; /* NULL: none is begun */
    char *buffer;
    struct err *err;
};

/* ---- talking ---- */

static int refused(int code, const char *what, struct err *err)
{
    if (code == EOPNOTSUPP || code == EPROTONOSUPPORT || code == EAFNOSUPPORT || code == EINVAL)
        err_set(err, code, "%s: this kernel can't (no nf_tables, or not all of it): %s", what,
                strerror(code));
    else
        err_set(err, code, "%s: %s", what, strerror(code));
    return -code;
}

static int session_open(struct session *s, struct err *err)
{
    *s = (struct session){.err = err, .seq = 1};
    s->sock = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
    if (!s->sock || mnl_socket_bind(s->sock, 0, MNL_SOCKET_AUTOPID) < 0)
        return refused(errno, "speak with nftables", err);
    return 0;
}

static void session_close(struct session *s)
{
    if (s->batch)
        mnl_nlmsg_batch_stop(s->batch);
    free(s->buffer);
    if (s->sock)
        mnl_socket_close(s->sock);
}
#define cleanup_session __attribute__((cleanup(session_close)))

static struct nlmsghdr *message(struct session *s, uint16_t type, uint16_t flags)
{
    return nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(s->batch), type, NFPROTO_INET, flags | NLM_F_ACK,
                                 s->seq++);
}

static void next(struct session *s)
{
    mnl_nlmsg_batch_next(s->batch);
}

static void batch_begin(struct session *s)
{
    s->buffer = mem_alloc(BATCH_SIZE + PART_SIZE);
    s->batch = mnl_nlmsg_batch_start(s->buffer, BATCH_SIZE);
    if (!s->batch)
        mem_alloc(SIZE_MAX);
    nftnl_batch_begin(mnl_nlmsg_batch_current(s->batch), s->seq++);
    next(s);
}

/* All answers are there when the kernel has taken the batch. The first that is an error is why. */
static int first_error(struct session *s)
{
    cleanup_free char *part = mem_alloc(PART_SIZE);
    int code = 0;
    ssize_t got;
    while ((got = recv(mnl_socket_get_fd(s->sock), part, PART_SIZE, MSG_DONTWAIT)) > 0) {
        int left = (int)got;
        for (struct nlmsghdr *h = (struct nlmsghdr *)(void *)part; mnl_nlmsg_ok(h, left);
             h = mnl_nlmsg_next(h, &left)) {
            const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
            if (h->nlmsg_type == NLMSG_ERROR && e->error && !code)
                code = -e->error;
        }
    }
    return code;
}

static int batch_send(struct session *s, const char *what)
{
    int size = 1 << 20;
    nftnl_batch_end(mnl_nlmsg_batch_current(s->batch), s->seq++);
    next(s);
    setsockopt(mnl_socket_get_fd(s->sock), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(mnl_socket_get_fd(s->sock), SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    int code = mnl_socket_sendto(s->sock, mnl_nlmsg_batch_head(s->batch), mnl_nlmsg_batch_size(s->batch)) < 0
                   ? errno
                   : first_error(s);
    mnl_nlmsg_batch_stop(s->batch);
    s->batch = NULL;
    free(take_ptr(&s->buffer));
    return code ? refused(code, what, s->err) : 0;
}

/* A question with as many answers as there are, given to `take`. 0 or -errno. */
static int ask(struct session *s, const struct nlmsghdr *question, mnl_cb_t take, void *user)
{
    cleanup_free char *part = mem_alloc(PART_SIZE);
    unsigned port = mnl_socket_get_portid(s->sock);
    int rc = mnl_socket_sendto(s->sock, question, question->nlmsg_len) < 0 ? -1 : MNL_CB_OK;
    while (rc == MNL_CB_OK) {
        ssize_t got = mnl_socket_recvfrom(s->sock, part, PART_SIZE);
        rc = got < 0 ? -1 : mnl_cb_run(part, (size_t)got, question->nlmsg_seq, port, take, user);
    }
    return rc < 0 ? -errno : 0;
}

/* ---- the table ---- */

static struct nftnl_table *table_new(bool comment)
{
    struct nftnl_table *table = nftnl_table_alloc();
    if (!table)
        mem_alloc(SIZE_MAX);
    nftnl_table_set_str(table, NFTNL_TABLE_NAME, TABLE_NAME);
    nftnl_table_set_u32(table, NFTNL_TABLE_FAMILY, NFPROTO_INET);
    if (comment) {
        struct nftnl_udata_buf *data = nftnl_udata_buf_alloc(sizeof COMMENT + 8);
        nftnl_udata_put_strz(data, NFTNL_UDATA_TABLE_COMMENT, COMMENT);
        nftnl_table_set_data(table, NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(data),
                             nftnl_udata_buf_len(data));
        nftnl_udata_buf_free(data);
    }
    return table;
}

static void add_table(struct session *s, uint16_t type, bool comment)
{
    struct nftnl_table *table = table_new(comment);
    nftnl_table_nlmsg_build_payload(message(s, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0), table);
    next(s);
    nftnl_table_free(table);
}

static int see_comment(const struct nftnl_udata *data, void *user)
{
    if (nftnl_udata_type(data) == NFTNL_UDATA_TABLE_COMMENT && nftnl_udata_len(data) == sizeof COMMENT &&
        memcmp(nftnl_udata_get(data), COMMENT, sizeof COMMENT) == 0)
        *(bool *)user = true;
    return 0;
}

static int see_table(const struct nlmsghdr *h, void *user)
{
    uint32_t size = 0;
    struct nftnl_table *table = nftnl_table_alloc();
    const void *data = table && nftnl_table_nlmsg_parse(h, table) == 0
                           ? nftnl_table_get_data(table, NFTNL_TABLE_USERDATA, &size)
                           : NULL;
    if (data)
        nftnl_udata_parse(data, size, see_comment, user);
    nftnl_table_free(table);
    return MNL_CB_OK;
}

/* 1: there is one, and it is ours; 0: there is none; -EEXIST: it is somebody else's. */
static int find_table(struct session *s)
{
    char question[512];
    bool ours = false;
    struct nftnl_table *table = table_new(false);
    struct nlmsghdr *h = nftnl_nlmsg_build_hdr(question, NFT_MSG_GETTABLE, NFPROTO_INET, NLM_F_ACK, s->seq++);
    nftnl_table_nlmsg_build_payload(h, table);
    nftnl_table_free(table);
    int rc = ask(s, h, see_table, &ours);
    if (rc == -ENOENT)
        return 0;
    if (rc < 0)
        return refused(-rc, "look for the table inet " TABLE_NAME, s->err);
    if (ours)
        return 1;
    err_set(s->err, EEXIST, "the nftables table inet " TABLE_NAME " is there, and it is not boxtop's");
    return err_hint(s->err, "nft delete table inet " TABLE_NAME ", if nobody needs it");
}

static void add_chain(struct session *s, const char *name, const char *type, uint32_t hook, int32_t priority)
{
    struct nftnl_chain *chain = nftnl_chain_alloc();
    if (!chain)
        mem_alloc(SIZE_MAX);
    nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, TABLE_NAME);
    nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
    nftnl_chain_set_u32(chain, NFTNL_CHAIN_FAMILY, NFPROTO_INET);
    if (type) {
        nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, type);
        nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook);
        nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, priority);
        nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_ACCEPT);
    }
    nftnl_chain_nlmsg_build_payload(message(s, NFT_MSG_NEWCHAIN, NLM_F_CREATE), chain);
    next(s);
    nftnl_chain_free(chain);
}

static void add_rule(struct nftnl_rule *rule, void *user)
{
    struct session *s = user;
    nftnl_rule_nlmsg_build_payload(message(s, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND), rule);
    next(s);
    nftnl_rule_free(rule);
}

/* Whatever was there, in one transaction: a table can only be deleted if it is there, so it is made before.
 */
static void add_all(struct session *s, const struct pool *pool)
{
    add_table(s, NFT_MSG_NEWTABLE, true);
    add_table(s, NFT_MSG_DELTABLE, false);
    add_table(s, NFT_MSG_NEWTABLE, true);
    add_chain(s, CHAIN_GUARD, "filter", NF_INET_PRE_ROUTING, -300);
    add_chain(s, CHAIN_FORWARD, "filter", NF_INET_FORWARD, 0);
    add_chain(s, CHAIN_PREROUTING, "nat", NF_INET_PRE_ROUTING, -100);
    add_chain(s, CHAIN_OUTPUT, "nat", NF_INET_LOCAL_OUT, -100);
    add_chain(s, CHAIN_POSTROUTING, "nat", NF_INET_POST_ROUTING, 100);
    add_chain(s, CHAIN_PUBLISHED, NULL, 0, 0);
    rule_all(pool, add_rule, s);
}

int table_up(const struct pool *pool, struct err *err)
{
    cleanup_session struct session s = {0};
    int rc = session_open(&s, err);
    if (rc == 0)
        rc = find_table(&s);
    if (rc < 0)
        return rc;
    batch_begin(&s);
    add_all(&s, pool);
    return batch_send(&s, "make the nftables table inet " TABLE_NAME);
}

/* Somebody else's table, or a kernel that has none: there is nothing to take away. */
static bool is_nothing_of_ours(int rc)
{
    return rc == -EEXIST || rc == -EOPNOTSUPP || rc == -EPROTONOSUPPORT || rc == -EAFNOSUPPORT ||
           rc == -EINVAL;
}

int table_down(struct err *err)
{
    cleanup_session struct session s = {0};
    int rc = session_open(&s, err);
    if (rc == 0)
        rc = find_table(&s);
    if (rc != 1)
        return is_nothing_of_ours(rc) ? 0 : rc;
    batch_begin(&s);
    add_table(&s, NFT_MSG_DELTABLE, false);
    return batch_send(&s, "delete the nftables table inet " TABLE_NAME);
}

/* ---- published ports ---- */

/* What is there, and what is to come of it. */
struct published {
    struct session *s;
    const char *owner; /* whose rules are to go; NULL: none */
    char *const *ports;
    uint64_t *handles;
    size_t count;
    char holder[128]; /* who has one of the ports */
    struct publish held;
    bool collides;
};

static void check_port(struct published *p, const char *owner, const struct publish *there)
{
    struct publish wanted;
    struct err ignored;
    for (char *const *port = p->ports; port && *port && !p->collides; port++)
        if (publish_parse(*port, &wanted, &ignored) == 0 && publish_collides(&wanted, there)) {
            p->collides = true;
            p->held = wanted;
            str_copy(p->holder, sizeof p->holder, owner);
        }
}

static int see_rule(const struct nlmsghdr *h, void *user)
{
    struct published *p = user;
    char owner[128];
    struct publish there;
    struct nftnl_rule *rule = nftnl_rule_alloc();
    if (rule && nftnl_rule_nlmsg_parse(h, rule) == 0 && rule_read_published(rule, owner, &there)) {
        check_port(p, owner, &there);
        if (p->owner && strcmp(owner, p->owner) == 0) {
            p->handles = mem_resize(p->handles, p->count + 1, sizeof *p->handles);
            p->handles[p->count++] = nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE);
        }
    }
    nftnl_rule_free(rule);
    return MNL_CB_OK;
}

static struct nftnl_rule *in_published(void)
{
    struct nftnl_rule *rule = nftnl_rule_alloc();
    if (!rule)
        mem_alloc(SIZE_MAX);
    nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, TABLE_NAME);
    nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, CHAIN_PUBLISHED);
    nftnl_rule_set_u32(rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
    return rule;
}

static int read_published(struct published *p)
{
    char question[512];
    struct nftnl_rule *rule = in_published();
    struct nlmsghdr *h =
        nftnl_nlmsg_build_hdr(question, NFT_MSG_GETRULE, NFPROTO_INET, NLM_F_DUMP, p->s->seq++);
    nftnl_rule_nlmsg_build_payload(h, rule);
    nftnl_rule_free(rule);
    int rc = ask(p->s, h, see_rule, p);
    return rc < 0 && rc != -ENOENT ? refused(-rc, "read the published ports", p->s->err) : 0;
}

static int port_is_taken(const struct published *p)
{
    /* "boxtop:NAME:ID" */
    const char *name = str_starts(p->holder, "boxtop:") ? p->holder + strlen("boxtop:") : p->holder;
    err_set(p->s->err, EADDRINUSE, "publish port %u/%s: container %.*s has published it", p->held.host_port,
            publish_protocol(&p->held), (int)strcspn(name, ":"), name);
    return err_hint(p->s->err, "choose another HOST port, or boxtop stop %.*s", (int)strcspn(name, ":"),
                    name);
}

static int add_port(struct session *s, const char *owner, const char *address, const char *address6,
                    const char *port)
{
    struct in_addr four;
    struct in6_addr six;
    struct publish publish;
    int rc = publish_parse(port, &publish, s->err);
    if (rc < 0)
        return rc;
    if (inet_pton(AF_INET, address, &four) != 1 || (address6 && inet_pton(AF_INET6, address6, &six) != 1))
        return err_set(s->err, EINVAL, "publish ports: '%s' or '%s' is not an address", address,
                       address6 ? address6 : "");
    if (publish_has(&publish, AF_INET))
        add_rule(rule_published(owner, &publish, AF_INET, &four), s);
    if (publish_has(&publish, AF_INET6) && address6)
        add_rule(rule_published(owner, &publish, AF_INET6, &six), s);
    return 0;
}

int table_publish(const struct pool *pool, const char *owner, const char *address, const char *address6,
                  char *const *ports, struct err *err)
{
    cleanup_session struct session s = {0};
    struct published there = {.s = &s, .ports = ports};
    int found = session_open(&s, err);
    if (found == 0)
        found = find_table(&s);
    int rc = found < 0 ? found : found ? read_published(&there) : 0;
    if (rc < 0)
        return rc;
    if (there.collides)
        return port_is_taken(&there);
    batch_begin(&s);
    if (!found)
        add_all(&s, pool);
    for (char *const *port = ports; *port && rc == 0; port++)
        rc = add_port(&s, owner, address, address6, *port);
    return rc < 0 ? rc : batch_send(&s, "publish ports");
}

int table_unpublish(const char *owner, struct err *err)
{
    cleanup_session struct session s = {0};
    struct published there = {.s = &s, .owner = owner};
    int rc = session_open(&s, err);
    if (rc == 0)
        rc = find_table(&s);
    if (rc == 1)
        rc = read_published(&there);
    if (rc == 0 && there.count > 0) {
        batch_begin(&s);
        for (size_t i = 0; i < there.count; i++) {
            struct nftnl_rule *rule = in_published();
            nftnl_rule_set_u64(rule, NFTNL_RULE_HANDLE, there.handles[i]);
            nftnl_rule_nlmsg_build_payload(message(&s, NFT_MSG_DELRULE, 0), rule);
            next(&s);
            nftnl_rule_free(rule);
        }
        rc = batch_send(&s, "take back published ports");
    }
    free(there.handles);
    return is_nothing_of_ours(rc) ? 0 : rc;
}
