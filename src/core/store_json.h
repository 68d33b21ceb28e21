/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A container's record as state.json. For store*.c only.
 */
#ifndef BOXTOP_CORE_STORE_JSON_H
#define BOXTOP_CORE_STORE_JSON_H

#include <jansson.h>

#include "core/store.h"

void container_to_state(const struct container *container, struct str *to);
/* Nothing in it is trusted: paths stay below their roots, numbers in their ranges, or it is -EINVAL. On
 * success the caller frees *ret. */
int container_from_state(const json_t *json, struct container *ret, struct err *err);

#endif
