/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The process in boxtop's delegated unit: it sets the unit's cgroups up, starts there what users ask for from
 * outside (unit_wire.h), ends all containers in order when systemd stops the unit, and ends with the last of
 * them.
 */
#ifndef BOXTOP_CORE_UNIT_SERVER_H
#define BOXTOP_CORE_UNIT_SERVER_H

#include "base/err.h"

/* Returns when the unit is to end. */
int unit_serve(struct err *err);

#endif
