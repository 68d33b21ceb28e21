/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How far a long import is, as one line on a terminal that goes away again; and whether the person in front
 * of it has had enough. Nothing is shown where stderr is no terminal, nor in the first moments.
 */
#ifndef BOXTOP_IMAGE_PROGRESS_H
#define BOXTOP_IMAGE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool shown, terminal;
    uint64_t begun_ns, last_ns;
    char what[64];        /* "layer 2 of 5" */
    uint64_t done, total; /* bytes of it; total 0: not known */
};

/* Begins to listen to SIGINT, SIGTERM and SIGHUP, which from now on only interrupt. */
void progress_begin(struct progress *progress);
void progress_part(struct progress *progress, const char *what, uint64_t total_bytes);
void progress_add(struct progress *progress, uint64_t bytes);
void progress_end(struct progress *progress);
/* A signal asked to end. */
bool progress_interrupted(void);

#endif
