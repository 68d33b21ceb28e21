/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Details as bytes, each against what the same group had in the frame before: what did not change takes a
 * byte or two, rates that follow from counters none. For pack.c. Pure.
 */
#ifndef BOXTOP_MONITOR_PACKDETAIL_H
#define BOXTOP_MONITOR_PACKDETAIL_H

#include "monitor/detail.h"
#include "monitor/packbytes.h"

#define PACK_DETAIL_VERSION 3 /* 2 did not say who limits a device, 1 had no routes */

/* `old`: what it was before; NULL: nothing. */
void pack_detail(const struct detail *now, const struct detail *old, struct str *to);
/* True if details of that version can be read. */
bool unpack_detail_knows(uint64_t version);
/* The caller's to unref, or NULL: these bytes are none, and the reader has failed. `room` is how many items
 * there may be in all lists, and is counted down: nobody's bytes take more memory than that. */
const struct detail *unpack_detail(struct reader *from, uint64_t version, const struct detail *old,
                                   size_t *room);

#endif
