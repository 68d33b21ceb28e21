/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A recording as the past (monitor/past.h): what its data is, is a player.
 */
#ifndef BOXTOP_RECORD_PLAYER_PAST_H
#define BOXTOP_RECORD_PLAYER_PAST_H

#include "monitor/past.h"

extern const struct past player_past;

#endif
