/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/ip.h>
#include <netinet/ip6.h>
/* those first: linux's own headers know what they define */
#include "nft/rule.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/expr.h>
#include <libnftnl/udata.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/bridge.h"
#include "nft/table.h"

#define OWNER_SIZE 128
#define DATA_SIZE  256
/* In a rule's user data: nft shows the first as its comment, the second is ours. */
#define DATA_OWNER       NFTNL_UDATA_RULE_COMMENT
#define DATA_PUBLISH     0x42
#define STATE_BIT(state) (1u << ((state) + 1)) /* the kernel's NF_CT_STATE_BIT */

static struct nftnl_rule *begin(const char *chain)
{
    struct nftnl_rule *rule = nftnl_rule_alloc();
    if (!rule)
        mem_alloc(SIZE_MAX);
    nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, TABLE_NAME);
    nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
    nftnl_rule_set_u32(rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
    return rule;
}

static struct nftnl_expr *expression(struct nftnl_rule *rule, const char *name)
{
    struct nftnl_expr *e = nftnl_expr_alloc(name);
    if (!e)
        mem_alloc(SIZE_MAX);
    nftnl_rule_add_expr(rule, e);
    return e;
}

/* ---- what a packet is asked for: loaded into register 1, then compared ---- */

static void compare(struct nftnl_rule *rule, uint32_t how, const void *data, uint32_t size)
{
    struct nftnl_expr *e = expression(rule, "cmp");
    nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
    nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, how);
    nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, size);
}

static void mask(struct nftnl_rule *rule, const void *bits, uint32_t size)
{
    static const unsigned char zeros[16];
    struct nftnl_expr *e = expression(rule, "bitwise");
    nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
    nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
    nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, size);
    nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, bits, size);
    nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, zeros, size);
}

static void load_meta(struct nftnl_rule *rule, uint32_t key)
{
    struct nftnl_expr *e = expression(rule, "meta");
    nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
    nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

static void load_payload(struct nftnl_rule *rule, uint32_t base, uint32_t offset, uint32_t size)
{
    struct nftnl_expr *e = expression(rule, "payload");
    nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
    nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
    nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, size);
    nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
}

static void load_ct(struct nftnl_rule *rule, uint32_t key)
{
    struct nftnl_expr *e = expression(rule, "ct");
    nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
    nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
}

/* iifname, oifname: the bridge (NFT_CMP_EQ), or any other (NFT_CMP_NEQ) */
static void on_bridge(struct nftnl_rule *rule, uint32_t key, uint32_t how)
{
    static const char name[IFNAMSIZ] = BRIDGE_NAME;
    load_meta(rule, key);
    compare(rule, how, name, sizeof name);
}

static void is_family(struct nftnl_rule *rule, int family)
{
    unsigned char protocol = family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
    load_meta(rule, NFT_META_NFPROTO);
    compare(rule, NFT_CMP_EQ, &protocol, sizeof protocol);
}

/* Of the family that was asked for before. `bits` NULL: the address, no network. */
static void is_address(struct nftnl_rule *rule, int family, bool source, const void *address,
                       const void *bits)
{
    bool four = family == AF_INET;
    uint32_t size = four ? 4 : 16;
    size_t from = four ? offsetof(struct iphdr, saddr) : offsetof(struct ip6_hdr, ip6_src);
    size_t to = four ? offsetof(struct iphdr, daddr) : offsetof(struct ip6_hdr, ip6_dst);
    load_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, (uint32_t)(source ? from : to), size);
    if (bits)
        mask(rule, bits, size);
    compare(rule, NFT_CMP_EQ, address, size);
}

static void is_from_pool(struct nftnl_rule *rule, int family, const struct pool *pool)
{
    static const unsigned char bits6[16] = {255, 255, 255, 255, 255, 255, 255, 255};
    uint32_t base = htonl(pool->base), bits = htonl(~0u << (32 - pool->prefix));
    is_family(rule, family);
    if (family == AF_INET)
        is_address(rule, family, true, &base, &bits);
    else
        is_address(rule, family, true, &pool->base6, bits6);
}

static void is_loopback4(struct nftnl_rule *rule, bool source)
{
    uint32_t base = htonl(INADDR_LOOPBACK & 0xff000000), bits = htonl(0xff000000);
    is_family(rule, AF_INET);
    is_address(rule, AF_INET, source, &base, &bits);
}

static void is_for_this_machine(struct nftnl_rule *rule)
{
    uint32_t local = RTN_LOCAL;
    struct nftnl_expr *e = expression(rule, "fib");
    nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
    nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
    nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
    compare(rule, NFT_CMP_EQ, &local, sizeof local);
}

static void has_ct_bits(struct nftnl_rule *rule, uint32_t key, uint32_t bits)
{
    uint32_t none = 0;
    load_ct(rule, key);
    mask(rule, &bits, sizeof bits);
    compare(rule, NFT_CMP_NEQ, &none, sizeof none);
}

/* ---- what is done with it ---- */

static struct nftnl_rule *verdict(struct nftnl_rule *rule, int code, const char *chain)
{
    struct nftnl_expr *e = expression(rule, "immediate");
    nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
    nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)code);
    if (chain)
        nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain);
    return rule;
}

static struct nftnl_rule *masquerade(struct nftnl_rule *rule)
{
    expression(rule, "masq");
    return rule;
}

static void immediate(struct nftnl_rule *rule, uint32_t to, const void *data, uint32_t size)
{
    struct nftnl_expr *e = expression(rule, "immediate");
    nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, to);
    nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, data, size);
}

static void send_on(struct nftnl_rule *rule, int family, const void *address, uint16_t port)
{
    uint16_t wire = htons(port);
    immediate(rule, NFT_REG_1, address, family == AF_INET ? 4 : 16);
    immediate(rule, NFT_REG_2, &wire, sizeof wire);
    struct nftnl_expr *e = expression(rule, "nat");
    nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
    nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FAMILY, family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6);
    nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG_1);
    nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_PROTO_MIN, NFT_REG_2);
    nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FLAGS, NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED);
}

/* ---- the rules ---- */

/* The bridge may pass on what came for 127.0.0.1 (route_localnet): not from a container to the host's own
 * services. */
static struct nftnl_rule *guard_loopback(void)
{
    struct nftnl_rule *rule = begin(CHAIN_GUARD);
    on_bridge(rule, NFT_META_IIFNAME, NFT_CMP_EQ);
    is_loopback4(rule, false);
    return verdict(rule, NF_DROP, NULL);
}

/* Into the network comes what was asked for from inside, and what is published; else only what stays in it.
 */
static struct nftnl_rule *forward_in(int code, uint32_t key, uint32_t bits)
{
    struct nftnl_rule *rule = begin(CHAIN_FORWARD);
    on_bridge(rule, NFT_META_IIFNAME, NFT_CMP_NEQ);
    on_bridge(rule, NFT_META_OIFNAME, NFT_CMP_EQ);
    if (bits)
        has_ct_bits(rule, key, bits);
    return verdict(rule, code, NULL);
}

static struct nftnl_rule *jump_to_published(const char *chain)
{
    struct nftnl_rule *rule = begin(chain);
    is_for_this_machine(rule);
    return verdict(rule, NFT_JUMP, CHAIN_PUBLISHED);
}

/* A packet from ::1 can't leave the machine's own link; it is refused there rather than lost. */
static struct nftnl_rule *spare_loopback6(void)
{
    static const struct in6_addr loopback = IN6ADDR_LOOPBACK_INIT;
    struct nftnl_rule *rule = begin(CHAIN_OUTPUT);
    is_family(rule, AF_INET6);
    is_address(rule, AF_INET6, false, &loopback, NULL);
    return verdict(rule, NF_ACCEPT, NULL);
}

static struct nftnl_rule *masquerade_out(int family, const struct pool *pool)
{
    struct nftnl_rule *rule = begin(CHAIN_POSTROUTING);
    is_from_pool(rule, family, pool);
    on_bridge(rule, NFT_META_OIFNAME, NFT_CMP_NEQ);
    return masquerade(rule);
}

/* A container that reaches another one, or itself, by a published port, gets its answers by the same way
 * back. */
static struct nftnl_rule *masquerade_back(int family, const struct pool *pool)
{
    struct nftnl_rule *rule = begin(CHAIN_POSTROUTING);
    on_bridge(rule, NFT_META_OIFNAME, NFT_CMP_EQ);
    has_ct_bits(rule, NFT_CT_STATUS, IPS_DST_NAT);
    is_from_pool(rule, family, pool);
    return masquerade(rule);
}

static struct nftnl_rule *masquerade_loopback(void)
{
    struct nftnl_rule *rule = begin(CHAIN_POSTROUTING);
    on_bridge(rule, NFT_META_OIFNAME, NFT_CMP_EQ);
    is_loopback4(rule, true);
    return masquerade(rule);
}

void rule_all(const struct pool *pool, void (*add)(struct nftnl_rule *, void *), void *user)
{
    add(guard_loopback(), user);
    add(forward_in(NF_ACCEPT, NFT_CT_STATE, STATE_BIT(IP_CT_ESTABLISHED) | STATE_BIT(IP_CT_RELATED)), user);
    add(forward_in(NF_ACCEPT, NFT_CT_STATUS, IPS_DST_NAT), user);
    add(forward_in(NF_DROP, 0, 0), user);
    add(jump_to_published(CHAIN_PREROUTING), user);
    add(spare_loopback6(), user);
    add(jump_to_published(CHAIN_OUTPUT), user);
    add(masquerade_out(AF_INET, pool), user);
    add(masquerade_back(AF_INET, pool), user);
    add(masquerade_loopback(), user);
    if (!pool->has6)
        return;
    add(masquerade_out(AF_INET6, pool), user);
    add(masquerade_back(AF_INET6, pool), user);
}

/* ---- published ports ---- */

static void label(struct nftnl_rule *rule, const char *owner, const struct publish *publish)
{
    char text[PUBLISH_TEXT_SIZE];
    struct nftnl_udata_buf *data = nftnl_udata_buf_alloc(DATA_SIZE);
    if (!data)
        mem_alloc(SIZE_MAX);
    publish_format(publish, text);
    nftnl_udata_put_strz(data, DATA_OWNER, owner);
    nftnl_udata_put_strz(data, DATA_PUBLISH, text);
    nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(data), nftnl_udata_buf_len(data));
    nftnl_udata_buf_free(data);
}

struct nftnl_rule *rule_published(const char *owner, const struct publish *publish, int family,
                                  const void *address)
{
    unsigned char protocol = (unsigned char)publish->protocol;
    uint16_t port = htons(publish->host_port);
    struct nftnl_rule *rule = begin(CHAIN_PUBLISHED);
    is_family(rule, family);
    if (!publish_is_any(publish))
        is_address(rule, family, false, &publish->address, NULL);
    load_meta(rule, NFT_META_L4PROTO);
    compare(rule, NFT_CMP_EQ, &protocol, sizeof protocol);
    load_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, 2, sizeof port); /* tcp's and udp's destination alike */
    compare(rule, NFT_CMP_EQ, &port, sizeof port);
    send_on(rule, family, address, publish->container_port);
    label(rule, owner, publish);
    return rule;
}

struct carried {
    char *owner;
    struct publish publish;
    bool has_owner, has_publish;
};

/* A text that ends where its length says. */
static bool text_of(const struct nftnl_udata *data, char *to, size_t size)
{
    size_t len = nftnl_udata_len(data);
    const char *text = nftnl_udata_get(data);
    if (len == 0 || len > size || text[len - 1])
        return false;
    memcpy(to, text, len);
    return true;
}

static int read_label(const struct nftnl_udata *data, void *user)
{
    struct carried *carried = user;
    char text[PUBLISH_TEXT_SIZE];
    struct err ignored;
    if (nftnl_udata_type(data) == DATA_OWNER)
        carried->has_owner = text_of(data, carried->owner, OWNER_SIZE);
    if (nftnl_udata_type(data) == DATA_PUBLISH)
        carried->has_publish =
            text_of(data, text, sizeof text) && publish_parse(text, &carried->publish, &ignored) == 0;
    return 0;
}

bool rule_read_published(const struct nftnl_rule *rule, char *owner, struct publish *ret)
{
    uint32_t size = 0;
    struct carried carried = {.owner = owner};
    const void *data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &size);
    if (!data || nftnl_udata_parse(data, size, read_label, &carried) < 0)
        return false;
    *ret = carried.publish;
    return carried.has_owner && carried.has_publish;
}
