/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is read only of groups that are looked at, as JSON: keys are the kernel's names.
 */
#ifndef BOXTOP_CLI_WATCH_DETAIL_H
#define BOXTOP_CLI_WATCH_DETAIL_H

#include <jansson.h>

#include "monitor/detail.h"

/* Puts a value where its key says: "pressure/cpu/some_avg10" is two objects deep. Takes the value over. */
void detail_put(json_t *object, const char *key, json_t *value);
/* Adds what is known. */
void detail_add(json_t *object, const struct detail *detail);
/* The "net" of a group: null if it has no network of its own, or that is not known. */
json_t *detail_net(const struct detail *detail);

#endif
