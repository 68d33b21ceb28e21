/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where containers' cgroups stand. Without systemd: CGROUP_BASE. Under systemd (the system's for root, a
 * user's own for a user) cgroups belong to it, so boxtop asks it, once, to delegate it a unit, and makes all
 * of them below that:
 *
 *     boxtop.service/unit      boxtop-unit, the unit's own process (unit_server.h)
 *     boxtop.service/keepers   detached keepers; all that a user starts from outside
 *     boxtop.service/boxtop    a cgroup for each container
 *
 * The unit ends some time after the last container, and with it what is below it. A user may not put a
 * process into it from a cgroup that is root's, as a login session's is (KERNEL:
 * cgroup_attach_permissions()): then the process in the unit starts boxtop once more, in there, and this one
 * stays in front of it.
 */
#ifndef BOXTOP_CORE_UNIT_H
#define BOXTOP_CORE_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cgroupfs.h"
#include "base/err.h"

#define UNIT_NAME    "boxtop.service"
#define UNIT_SELF    "unit"
#define UNIT_KEEPERS "keepers"

/* Fills fs->base and fs->delegated: where it is or would be. Nothing is asked. */
void unit_locate(struct cgroupfs *fs);
/* The same, and makes sure that it is there: asks systemd if it is not. Narrows fs->controllers to those that
 * cgroups there have. On failure (there is nobody to ask, or it refuses) fs->base is empty, fs->controllers
 * 0. */
int unit_find(struct cgroupfs *fs, struct err *err);
/* It went away since it was found: asks again. */
int unit_ask(struct cgroupfs *fs, struct err *err);
/* Puts this process, a keeper that outlives who started it, into the unit; it stays where it is if it may
 * not. */
void unit_enter(const struct cgroupfs *fs);
/* What a user runs from outside of the unit is run inside. 1: it was, and ended with *ret_status; 0: no need.
 */
int unit_come_in(int *ret_status, struct err *err);

/* The cgroup that both are in or below: "/a/b" and "/a/c" give "/a". Pure. */
void unit_common_ancestor(const char *one, const char *other, char *to, size_t size);

#endif
