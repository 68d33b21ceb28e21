/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where what is large comes from. A sample of all groups comes and goes with each tick: from the kernel and
 * back to it, so that it leaves no holes among what stays. Who looks back unpacks sixty of them at a key:
 * they are kept for the next ones, for pages that are asked for anew cost nine times as much as what is
 * written into them.
 */
#ifndef BOXTOP_UI_HEAP_H
#define BOXTOP_UI_HEAP_H

/* At the program's start: once for all threads, for what is live. */
void heap_start(void);
void heap_live(void);
void heap_past(void);

#endif
