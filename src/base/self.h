/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where boxtop's own programs are: boxtop (engine and commands; small, static, what launches), boxtop-view
 * (the screen, stats, events: what links curses and threads), boxtop-image (what reads archives),
 * boxtop-metrics (what answers over HTTP) and boxtop-probe (what the demo runs inside a container).
 */
#ifndef BOXTOP_BASE_SELF_H
#define BOXTOP_BASE_SELF_H

#include "base/err.h"

/* Path of the program `name`: beside the running one (a build tree), else where it was installed. `to` has
 * PATH_MAX bytes. -ENOENT with a hint. */
int self_find(const char *name, char *to, struct err *err);

#endif
