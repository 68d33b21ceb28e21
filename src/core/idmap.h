/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who the users of a container's user namespace are outside (user_namespaces(7)).
 */
#ifndef BOXTOP_CORE_IDMAP_H
#define BOXTOP_CORE_IDMAP_H

#include <sys/types.h>

#include "base/err.h"

#define IDMAP_SIZE 64

/* The map for a container, as a line of uid_map: as root 65536 ids of their own, chosen by the container's
 * name in the range that systemd sets aside for containers (524288..1879048191); else the caller's one id as
 * root. Never the host's root. `to` has IDMAP_SIZE bytes. */
void idmap_choose(const char *name, char *to);
/* Writes uid_map and gid_map of a process that was just cloned into its user namespace. */
int idmap_write(pid_t pid, const char *map, struct err *err);

#endif
