/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps of a launch, as its processes tell them while they are done (core/stopwatch.h). Steps of one kind
 * are one line, with their time together. UI thread; knows no curses.
 */
#ifndef BOXTOP_UI_STEPS_H
#define BOXTOP_UI_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "core/plan.h"

#define STEPS_NS 16000000u /* so often it is looked what has been told */

struct steps {
    int fd; /* our end; -1: nothing is told */
    struct steps_line {
        enum step_kind kind;
        unsigned count;
        uint64_t ns;
        bool failed;
    } lines[STEP_COUNT];
    size_t count;    /* lines */
    unsigned done;   /* steps */
    uint64_t all_ns; /* of them together */
};

/* *ret_theirs: the end for the launch, -1 if there can be none; the caller's to close. */
void steps_open(struct steps *ret, int *ret_theirs);
void steps_close(struct steps *steps);
/* Takes what has been told; true: there was something. */
bool steps_read(struct steps *steps);
/* "clone  0.42 ms  one clone3: ..." */
void steps_line(const struct steps_line *line, char *to, size_t size);
/* All of them, each with \r\n, dim, cut to so many cells: for a terminal. */
void steps_print(const struct steps *steps, int cols, struct str *to);

#endif
