/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The limits that a snapshot knows, as the knobs that set them: what each is now, in the kernel's words.
 * Pure.
 */
#ifndef BOXTOP_UI_LIMITS_H
#define BOXTOP_UI_LIMITS_H

#include <stddef.h>

#include "core/knob.h"
#include "monitor/snapshot.h"

struct limit_row {
    const char *knob;  /* "memory.max" */
    const char *label; /* short */
};
extern const struct limit_row limit_rows[];
extern const size_t limit_row_count;

/* The kernel's text of a limit ("max", "104857600", "50000 100000"); -ENOENT: it is absent, or not one of the
 * above. `to` has KNOB_TEXT_SIZE bytes. */
int limit_text(const struct sample *sample, const char *knob, char *to);
/* What knob_step() is to take for the top: bytes of memory, CPUs x 100. */
uint64_t limit_ceiling(const struct host *host, const char *knob);

#endif
