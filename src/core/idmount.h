/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Owners as a bundle says them: its own user namespace, and mounts that are shown with other owners
 * (mount_setattr(2), MOUNT_ATTR_IDMAP). Done by the keeper, which has the right to.
 */
#ifndef BOXTOP_CORE_IDMOUNT_H
#define BOXTOP_CORE_IDMOUNT_H

#include <sys/types.h>

#include "base/err.h"
#include "core/bundle.h"

/* uid_map and gid_map of a process that was just cloned into its user namespace. */
int idmount_write_maps(pid_t pid, const struct bundle *bundle, struct err *err);
/* A copy of the mount's source, detached, with the mount's maps, or those of the process's user namespace. */
int idmount_make(const struct bundle_mount *mount, pid_t pid, struct err *err);

#endif
