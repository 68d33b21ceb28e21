/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The limits that a snapshot knows, as the knobs that set them: what each is now, in the kernel's words, what
 * is in force because of the groups above, and what turning it could hurt. Pure.
 */
#ifndef BOXTOP_UI_LIMITS_H
#define BOXTOP_UI_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/knob.h"
#include "monitor/snapshot.h"

#define LIMITS_MAX   96
#define LIMITS_FIRST 7 /* those that every sample has; the others are known of groups that are looked at */

/* The knobs of a group: the usual ones first (the root group's only if it has them), then whatever else it
 * has, in the table's order. Returns how many, at most LIMITS_MAX. */
size_t limit_list(const struct sample *sample, const struct knob **ret);
/* One of them. io.max has four for each device; its name says which: "io.max 8:0 rbps". */
struct limit {
    const struct knob *knob;
    char name[48], label[48]; /* label: for people: "sda rbps" */
};
/* The same with io.max behind them; returns how many, at most LIMITS_MAX. */
size_t limit_list_all(const struct sample *sample, struct limit *ret);
/* The knob of a name in that list; NULL: there is none. */
const struct knob *limit_knob(const char *name);
/* True if a value of that limit (the kernel's text) is one of the limit `name`: of the same device and key.
 */
bool limit_is_of(const char *name, const char *value);
/* As it is said: "100M"; of a device's the figure alone. `to` has KNOB_TEXT_SIZE bytes. */
void limit_format(const char *name, const char *kernel_text, char *to);
/* The kernel's text of a limit ("max", "104857600", "50000 100000"); -ENOENT: it is absent, or not known.
 * `to` has KNOB_TEXT_SIZE bytes. */
int limit_text(const struct sample *sample, const char *knob, char *to);
/* What is in force where a group above has less (of memory.low and memory.min: less to give): for people, and
 * the row of that group; -1: its own value is. `to` has KNOB_TEXT_SIZE bytes. */
int limit_effective(const struct snapshot *snapshot, int row, const char *knob, char *to);
/* How much of a limit is used, as a share of it; NAN if that is not known or there is no limit. */
double limit_used(const struct sample *sample, const char *knob);
/* What setting it to `value` (the kernel's text) does at once; "": nothing to be said. */
void limit_warning(const struct sample *sample, const char *knob, const char *value, char *to, size_t size);
/* What knob_step() is to take for the top: bytes of memory, CPUs x 100. */
uint64_t limit_ceiling(const struct host *host, const char *knob);

#endif
