/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is on its way to the terminal. A slow or a stopped one takes it when it likes: nothing here waits for
 * it, but for outlet_flush(). UI thread.
 */
#ifndef BOXTOP_UI_OUTLET_H
#define BOXTOP_UI_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct outlet {
    int fd;     /* the terminal once more, not blocking: the flag is not shared with whoever else has it */
    int target; /* what it was opened for */
    struct str pending;
    size_t done; /* bytes of `pending` that have been taken */
};

/* Where it can't be opened once more (the terminal is somebody else's), writing waits. */
void outlet_open(struct outlet *ret, int target);
void outlet_close(struct outlet *outlet);
/* Writes what is taken at once, and keeps the rest. */
void outlet_write(struct outlet *outlet, const char *bytes, size_t len);
/* True while something is kept: outlet->fd is to be waited for (POLLOUT). */
bool outlet_busy(const struct outlet *outlet);
void outlet_drain(struct outlet *outlet);
/* Before somebody else writes to the terminal: waits, but not for one that takes nothing for a second: what
 * it has not taken yet is dropped then. */
void outlet_flush(struct outlet *outlet);

#endif
