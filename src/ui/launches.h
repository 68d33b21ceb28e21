/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Launches that are remembered: the last ones, and those that were given a name. A file in the form of a
 * config, $XDG_STATE_HOME/boxtop/launches: [recent 1], [recent 2], ... and [NAME], each with the form's
 * fields. UI thread.
 */
#ifndef BOXTOP_UI_LAUNCHES_H
#define BOXTOP_UI_LAUNCHES_H

#include <stdbool.h>

#include "base/err.h"
#include "ui/form.h"

#define LAUNCHES_MOST   64
#define LAUNCHES_RECENT 16
#define LAUNCH_NAME     40

struct launches {
    struct launch_kept {
        char name[LAUNCH_NAME]; /* "": one of the last */
        struct form form;
    } list[LAUNCHES_MOST];
    int count;
};

/* Those with a name first, then the last ones, newest first. What can't be read is left out. The caller's;
 * free(). */
struct launches *launches_load(void);
/* Remembers it as the last one; name "" : the same again is moved to the front. Else under that name, in
 * place of another. */
int launches_keep(const char *name, const struct form *form, struct err *err);

#endif
