/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What watching costs: `stats --self`. One table of figures for text, JSON and CSV.
 */
#ifndef BOXTOP_CLI_WATCH_SELF_H
#define BOXTOP_CLI_WATCH_SELF_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "monitor/snapshot.h"

#define SELF_FIGURES 9
extern const char *const self_keys[SELF_FIGURES];

/* One figure; absent: null. */
json_t *self_value(const struct snapshot *snapshot, size_t figure);
/* All of them. */
json_t *self_object(const struct snapshot *snapshot);

#endif
