/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Time. Monotonic for differences, wall for people. Any thread.
 */
#ifndef BOXTOP_BASE_CLOCK_H
#define BOXTOP_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

uint64_t clock_mono_ns(void); /* CLOCK_MONOTONIC */
uint64_t clock_wall_ns(void); /* CLOCK_REALTIME, since the epoch */

#define CLOCK_ISO_SIZE 32
/* "2026-11-23T12:00:00.123Z" (UTC, milliseconds). `to` has CLOCK_ISO_SIZE bytes. */
void clock_iso(char *to, uint64_t wall_ns);

#endif
