/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who the users of a container's user namespace are outside (user_namespaces(7), subuid(5)).
 */
#ifndef BOXTOP_CORE_IDMAP_H
#define BOXTOP_CORE_IDMAP_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

#define IDMAP_SIZE 256 /* bytes of a map: some lines "INSIDE OUTSIDE COUNT" */

struct idmap {
    char uids[IDMAP_SIZE], gids[IDMAP_SIZE];
};

/* The map for a container. A user's: the caller is its root, then the caller's ranges of /etc/subuid and
 * /etc/subgid, if there are any and newuidmap(1) to write them. Root's: 65536 ids, chosen by the container's
 * name, of root's ranges; else of those that systemd sets aside for containers (524288..1879048191) and that
 * are nobody's in those files. Never the host's root. */
void idmap_choose(const char *name, struct idmap *ret);
/* Writes the maps of a process that was just cloned into its user namespace. Where newuidmap refuses, the
 * caller's one id is all there is inside. */
int idmap_write(pid_t pid, const char *uids, const char *gids, struct err *err);

/* Whether nobody has any of these ids in a subuid(5) file. Pure. */
bool idmap_is_free(const char *text, unsigned first, unsigned count);
/* The two ways, pure. `text`: a subuid(5) file; `user`: their name, may be NULL. */
void idmap_of_user(const char *text, const char *user, unsigned id, char to[IDMAP_SIZE]);
void idmap_of_root(const char *name, const char *subuid, const char *subgid, char to[IDMAP_SIZE]);

#endif
