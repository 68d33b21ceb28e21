/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sets of capabilities as masks: bit N is capability N. Names are docker's and the kernel's, with or without
 * CAP_, in either case. Said to the kernel as they are: a library would ask it first which there are.
 */
#ifndef BOXTOP_CORE_CAPABILITY_H
#define BOXTOP_CORE_CAPABILITY_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define CAPABILITY_ALL     UINT64_MAX
#define CAPABILITY_DEFAULT 0x00000000a80425fbull /* docker's fourteen */

/* "NET_ADMIN", "cap_net_admin", "ALL". -EINVAL: no capability is called that. */
int capability_parse(const char *name, uint64_t *ret_mask);
/* Docker's rule for --cap-add and --cap-drop, in whatever order they stood. */
uint64_t capability_choose(uint64_t add, uint64_t drop);
/* "chown,dac_override,...", "ALL", or "" for none; what has no name is not said. */
void capability_names(uint64_t mask, const char *between, struct str *to);
/* NULL: it has none. */
const char *capability_name(int value);

/* This process's own. 0 or -errno. */
struct capability_sets {
    uint64_t effective, permitted, inheritable;
};
int capability_get(struct capability_sets *ret);
int capability_set(const struct capability_sets *sets);
/* Takes all but these out of the bounding set. */
int capability_keep_bounding(uint64_t kept, struct err *err);
/* These, of the permitted and inheritable ones, and no others. */
int capability_set_ambient(uint64_t mask, struct err *err);

#endif
