/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What no record speaks of any more, though it has our marks: empty cgroups of boxtop's, a bridge
 * without ports. A crash leaves none of them (store_sweep); a state directory that was deleted by hand does.
 */
#ifndef BOXTOP_CORE_LEFTOVERS_H
#define BOXTOP_CORE_LEFTOVERS_H

#include "base/err.h"
#include "core/store.h"

/* Takes them away and tells of each ("cgroup /boxtop/web"). A cgroup with processes in it is left alone: it
 * may be of a container that another state directory has. Returns how many. */
int leftovers_remove(struct store *store, void (*tell)(const char *what, void *user), void *user,
                     struct err *err);

#endif
