/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long each step of a launch took. The keeper and the first process note their own; what that noted comes
 * with its word that it is ready, and the keeper puts all into the record once the command runs, for who asks
 * how the container was made. Who has started the launch with a socket is told each step as it is done. It
 * never fails a launch.
 */
#ifndef BOXTOP_CORE_STOPWATCH_H
#define BOXTOP_CORE_STOPWATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STOPWATCH_UNKNOWN UINT64_MAX

struct stopwatch {
    uint64_t *ns; /* by step of the plan */
    size_t count;
    int told; /* see STOPWATCH_TOLD; -1: nobody asks */
};

/* The variable that says that standard input is a socket, SOCK_SEQPACKET, for one message a step. */
#define STOPWATCH_TOLD "BOXTOP_STEPS"
struct stopwatch_step {
    uint64_t ns;
    uint32_t kind; /* enum step_kind */
    uint32_t failed;
};

/* `told` stays the caller's. */
void stopwatch_init(struct stopwatch *ret, size_t count, int told);
void stopwatch_fini(struct stopwatch *stopwatch);
/* Step `index` began at this moment (clock_mono_ns()) and has ended now. */
void stopwatch_take(const struct stopwatch *stopwatch, size_t index, uint64_t begin_ns);
/* Tells that step, if somebody asks: it was taken, or it is what failed. */
void stopwatch_tell(const struct stopwatch *stopwatch, size_t index, unsigned kind, bool failed);
/* Into the record's directory. */
void stopwatch_save(const struct stopwatch *stopwatch, int record);
/* Fills ret_ns for a plan of `count` steps; what is not known, all of it if the record is of another plan, is
 * STOPWATCH_UNKNOWN. */
void stopwatch_load(int record, uint64_t *ret_ns, size_t count);

#endif
