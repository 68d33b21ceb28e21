/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A first process for programs that make a bad one: it passes signals on, so that those without a handler
 * work as they do elsewhere (the kernel keeps them from a pid namespace's first process), reaps what is
 * orphaned, and ends with the command's status. It stays boxtop's own process: no program has to be in the
 * root for it.
 */
#ifndef BOXTOP_CORE_INIT_H
#define BOXTOP_CORE_INIT_H

#include "base/err.h"

/* Forks, and returns 0 in the child, which is to execute the command. The parent never returns; it keeps no
 * descriptor, nor anything of its command line and environment that could be read inside. */
int init_fork(struct err *err);

#endif
