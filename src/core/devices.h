/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which devices the processes of all containers may open: a BPF_CGROUP_DEVICE program on the cgroup that all
 * containers' cgroups stand in, loaded once for all of them (what hangs above applies below), so that a
 * launch pays one query. Docker's rule: any node may be made (CAP_MKNOD), only null, zero, full, random,
 * urandom, tty, console, ptmx and pseudo terminals may be opened.
 */
#ifndef BOXTOP_CORE_DEVICES_H
#define BOXTOP_CORE_DEVICES_H

#include "base/err.h"

/* Attaches the filter to the cgroup directory unless one is there. Without the right to (not root) nothing is
 * done: who can't load it can't make device nodes either. */
int devices_filter(int cgroup_fd, struct err *err);

#endif
