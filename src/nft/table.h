/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop's table of nftables, "inet boxtop": what leaves the containers' network is masqueraded, what comes
 * in for a published port is sent on to its container, and nothing else comes in. A comment says that the
 * table is boxtop's; one without it is left alone. Each change is one transaction.
 */
#ifndef BOXTOP_NFT_TABLE_H
#define BOXTOP_NFT_TABLE_H

#include "base/err.h"
#include "core/pool.h"

#define TABLE_NAME "boxtop"

/* Made anew, with nothing published. */
int table_up(const struct pool *pool, struct err *err);
int table_down(struct err *err);
/* `ports` as publish_format() writes them, NULL at the end. `address6` NULL: none. The table is made if it is
 * not there. -EADDRINUSE: another owner has published one of them; nothing is changed. */
int table_publish(const struct pool *pool, const char *owner, const char *address, const char *address6,
                  char *const *ports, struct err *err);
int table_unpublish(const char *owner, struct err *err);

#endif
