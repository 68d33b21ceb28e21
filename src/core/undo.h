/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Takes down what a container's record names: processes, cgroup, host link, published ports,
 * and the network that was the last one's. Used by the keeper
 * at a container's end and by whoever finds a dead keeper's record. Idempotent: what is gone already is fine,
 * what is not provably ours (other alias, other id) is not touched.
 */
#ifndef BOXTOP_CORE_UNDO_H
#define BOXTOP_CORE_UNDO_H

#include "base/err.h"
#include "core/store.h"

/* The keeper's own copy knows how the container ended; a dead keeper's does not. */
int undo_resources(struct store *store, const struct container *container, struct err *err);

#endif
