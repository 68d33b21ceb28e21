/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "base/str.h"

#define PREFIX_MIN 8
#define PREFIX_MAX 29
#define PREFIX6    64
#define TEXT_SIZE  48

static uint32_t mask_of(unsigned prefix)
{
    return prefix ? ~0u << (32 - prefix) : 0;
}

/* "ADDRESS/PREFIX": 0 or -EINVAL. */
static int split(const char *text, char address[TEXT_SIZE], uint64_t *ret_prefix)
{
    const char *slash = strchr(text, '/');
    if (!slash || (size_t)(slash - text) >= TEXT_SIZE)
        return -EINVAL;
    snprintf(address, TEXT_SIZE, "%.*s", (int)(slash - text), text);
    return parse_u64(slash + 1, ret_prefix);
}

int pool_parse4(const char *text, struct pool *ret, struct err *err)
{
    char address[TEXT_SIZE];
    struct in_addr base;
    uint64_t prefix;
    if (split(text, address, &prefix) < 0 || inet_pton(AF_INET, address, &base) != 1)
        err_set(err, EINVAL, "'%s' is not a network", text);
    else if (prefix < PREFIX_MIN || prefix > PREFIX_MAX)
        err_set(err, EINVAL, "'%s': the network has to be between /%d and /%d", text, PREFIX_MIN, PREFIX_MAX);
    else if (ntohl(base.s_addr) & ~mask_of((unsigned)prefix))
        err_set(err, EINVAL, "'%s' is an address in a network, not the network", text);
    else {
        ret->base = ntohl(base.s_addr);
        ret->prefix = (unsigned)prefix;
        return 0;
    }
    return err_hint(err, "write it as 10.213.0.0/16");
}

int pool_parse6(const char *text, struct pool *ret, struct err *err)
{
    static const unsigned char zeros[8];
    char address[TEXT_SIZE];
    struct in6_addr base;
    uint64_t prefix;
    if (strcmp(text, "none") == 0) {
        ret->has6 = false;
        return 0;
    }
    if (split(text, address, &prefix) < 0 || inet_pton(AF_INET6, address, &base) != 1)
        err_set(err, EINVAL, "'%s' is not a network of IPv6", text);
    else if (prefix != PREFIX6 || memcmp(base.s6_addr + 8, zeros, sizeof zeros) != 0)
        err_set(err, EINVAL, "'%s': the network of IPv6 has to be a /%d", text, PREFIX6);
    else {
        ret->base6 = base;
        ret->has6 = true;
        return 0;
    }
    return err_hint(err, "write it as fd12:3456:789a:d5::/64, or none");
}

/* FNV-1a */
uint32_t pool_hash(const char *text)
{
    uint32_t h = 2166136261u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

void pool_default6(struct pool *ret, const char *machine_id)
{
    uint32_t one = pool_hash(machine_id), other = pool_hash(machine_id[0] ? machine_id + 1 : "boxtop");
    ret->base6 = (struct in6_addr){.s6_addr = {0xfd, (unsigned char)(one >> 24), (unsigned char)(one >> 16),
                                               (unsigned char)(one >> 8), (unsigned char)one,
                                               (unsigned char)other, 0, 0xd5}};
    ret->has6 = true;
}

bool pool_same(const struct pool *one, const struct pool *other)
{
    return one->base == other->base && one->prefix == other->prefix && one->has6 == other->has6 &&
           (!one->has6 || memcmp(&one->base6, &other->base6, sizeof one->base6) == 0);
}

bool pool_overlaps4(const struct pool *pool, uint32_t base, unsigned prefix)
{
    uint32_t mask = mask_of(prefix < pool->prefix ? prefix : pool->prefix);
    return (base & mask) == (pool->base & mask);
}

bool pool_overlaps6(const struct pool *pool, const struct in6_addr *base, unsigned prefix)
{
    unsigned bits = prefix < PREFIX6 ? prefix : PREFIX6;
    unsigned char mask = (unsigned char)(0xff00 >> bits % 8);
    if (!pool->has6 || memcmp(pool->base6.s6_addr, base->s6_addr, bits / 8) != 0)
        return false;
    return bits % 8 == 0 || ((pool->base6.s6_addr[bits / 8] ^ base->s6_addr[bits / 8]) & mask) == 0;
}

/* Not the network's own address, the bridge's, and the one for all. */
uint32_t pool_size(const struct pool *pool)
{
    return ~mask_of(pool->prefix) - 2;
}

uint32_t pool_gateway(const struct pool *pool)
{
    return pool->base + 1;
}

uint32_t pool_address(const struct pool *pool, uint32_t number)
{
    return pool->base + 2 + number % pool_size(pool);
}

struct in6_addr pool_address6(const struct pool *pool, uint32_t address)
{
    struct in6_addr all = pool->base6;
    uint32_t low = htonl(address);
    memcpy(all.s6_addr + 12, &low, sizeof low);
    return all;
}

void pool_link_name(char to[POOL_LINK_SIZE], uint32_t address)
{
    snprintf(to, POOL_LINK_SIZE, "bx%08x", address);
}

void pool_format4(char *to, const struct pool *pool, uint32_t address, bool prefix)
{
    inet_ntop(AF_INET, &(struct in_addr){htonl(address)}, to, TEXT_SIZE);
    size_t len = strlen(to);
    if (prefix)
        snprintf(to + len, TEXT_SIZE - len, "/%u", pool->prefix);
}

void pool_format6(char *to, const struct pool *pool, uint32_t address, bool prefix)
{
    struct in6_addr all = pool_address6(pool, address);
    to[0] = '\0';
    if (!pool->has6)
        return;
    inet_ntop(AF_INET6, &all, to, TEXT_SIZE - sizeof "/64");
    if (prefix)
        strcat(to, "/64");
}

void pool_format_network(char *to4, char *to6, const struct pool *pool)
{
    pool_format4(to4, pool, pool->base, true);
    strcpy(to6, "none");
    if (pool->has6 && inet_ntop(AF_INET6, &pool->base6, to6, TEXT_SIZE - sizeof "/64"))
        strcat(to6, "/64");
}
