/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop cp: between this machine and a running container (a paused one too). What is done in the container
 * is done by a process of ours that has joined its mount and user namespaces, as its root; nothing of the
 * container's is executed, and ids are what they are inside.
 */
#ifndef BOXTOP_IMAGE_CP_H
#define BOXTOP_IMAGE_CP_H

#include <stdbool.h>

#include "base/err.h"
#include "core/store.h"

struct cp_options {
    bool exact;  /* -a */
    bool follow; /* -L */
};

/* One of the two is NAME:PATH, the other a path here, or "-" for a tar archive. *ret_left_out: how many were
 * neither file, nor directory, nor link. */
int cp_run(struct store *store, const char *from, const char *to, const struct cp_options *options,
           unsigned *ret_left_out, struct err *err);

#endif
