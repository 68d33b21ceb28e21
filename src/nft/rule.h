/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rules of boxtop's table, one function each. They are given to `add`, which owns them from then on.
 */
#ifndef BOXTOP_NFT_RULE_H
#define BOXTOP_NFT_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include <libnftnl/rule.h>

#include "core/pool.h"
#include "core/publish.h"

#define CHAIN_GUARD       "guard"
#define CHAIN_FORWARD     "forward"
#define CHAIN_PREROUTING  "prerouting"
#define CHAIN_OUTPUT      "output"
#define CHAIN_POSTROUTING "postrouting"
#define CHAIN_PUBLISHED   "published"

/* All rules that a network without published ports has, in their order. */
void rule_all(const struct pool *pool, void (*add)(struct nftnl_rule *rule, void *user), void *user);
/* What comes for `publish` goes to `address` (4 or 16 bytes, of `family`). The rule carries who published it,
 * and what. */
struct nftnl_rule *rule_published(const char *owner, const struct publish *publish, int family,
                                  const void *address);
/* What a rule carries; false: it was not made by rule_published(). `owner` has 128 bytes. */
bool rule_read_published(const struct nftnl_rule *rule, char *owner, struct publish *ret);

#endif
