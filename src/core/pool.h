/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which addresses containers have: a network of IPv4, and a /64 of IPv6 in which each has its IPv4 address as
 * the last four bytes. Who has the link named after an address has the address: the kernel gives each name
 * once. Pure.
 */
#ifndef BOXTOP_CORE_POOL_H
#define BOXTOP_CORE_POOL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define POOL_LINK_SIZE 16 /* "bx0ad50005" */

struct pool {
    uint32_t base; /* host's byte order */
    unsigned prefix;
    struct in6_addr base6;
    bool has6;
};

/* "10.213.0.0/16": /8 to /29, nothing beyond the prefix set. -EINVAL with a line that says what is wrong. */
int pool_parse4(const char *text, struct pool *ret, struct err *err);
/* "fd12:3456:789a:d5::/64", or "none". */
int pool_parse6(const char *text, struct pool *ret, struct err *err);
/* A unique local network (RFC 4193) that is this machine's and no other's. */
void pool_default6(struct pool *ret, const char *machine_id);
bool pool_same(const struct pool *one, const struct pool *other);
/* Another network into which the pool, or which into the pool, reaches. */
bool pool_overlaps4(const struct pool *pool, uint32_t base, unsigned prefix);
bool pool_overlaps6(const struct pool *pool, const struct in6_addr *base, unsigned prefix);

uint32_t pool_size(const struct pool *pool);                     /* addresses for containers */
uint32_t pool_address(const struct pool *pool, uint32_t number); /* the number-th, round and round */
uint32_t pool_gateway(const struct pool *pool);                  /* the bridge's own */
uint32_t pool_hash(const char *text);                            /* where to begin */
struct in6_addr pool_address6(const struct pool *pool, uint32_t address);
void pool_link_name(char to[POOL_LINK_SIZE], uint32_t address);

/* As text; `to` has 48 bytes. With `prefix`: "10.213.0.5/16". An IPv6 address of a pool without is "". */
void pool_format4(char *to, const struct pool *pool, uint32_t address, bool prefix);
void pool_format6(char *to, const struct pool *pool, uint32_t address, bool prefix);
/* The networks themselves: "10.213.0.0/16", "fd..::/64" or "none". */
void pool_format_network(char *to4, char *to6, const struct pool *pool);

#endif
