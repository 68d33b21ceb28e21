/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long each step of a launch took. The keeper and the first process note their own; what that noted comes
 * with its word that it is ready, and the keeper puts all into the record once the command runs, for who asks
 * how the container was made. It never fails a launch.
 */
#ifndef BOXTOP_CORE_STOPWATCH_H
#define BOXTOP_CORE_STOPWATCH_H

#include <stddef.h>
#include <stdint.h>

#define STOPWATCH_UNKNOWN UINT64_MAX

struct stopwatch {
    uint64_t *ns; /* by step of the plan */
    size_t count;
};

void stopwatch_init(struct stopwatch *ret, size_t count);
void stopwatch_fini(struct stopwatch *stopwatch);
/* Step `index` began at this moment (clock_mono_ns()) and has ended now. */
void stopwatch_take(const struct stopwatch *stopwatch, size_t index, uint64_t begin_ns);
/* Into the record's directory. */
void stopwatch_save(const struct stopwatch *stopwatch, int record);
/* Fills ret_ns for a plan of `count` steps; what is not known, all of it if the record is of another plan, is
 * STOPWATCH_UNKNOWN. */
void stopwatch_load(int record, uint64_t *ret_ns, size_t count);

/* All of them together; 0: not known. *ret_count: how many steps. */
uint64_t stopwatch_total(int record, size_t *ret_count);

#endif
