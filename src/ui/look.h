/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What of which groups the monitor is to read besides: what the panes on the screen show of the selected one,
 * and what the table's columns and unfolded processes need of the rows that can be seen. UI thread.
 */
#ifndef BOXTOP_UI_LOOK_H
#define BOXTOP_UI_LOOK_H

#include <stddef.h>

#include "monitor/detail.h"

#define LOOKS 320

struct app;

struct look_list {
    struct detail_look items[LOOKS];
    size_t count;
};

/* What the screen shows now. */
void look_wanted(const struct app *app, struct look_list *ret);
/* Tells the monitor, if it is another than it was told last, and once the selection rests: a list that is
 * scrolled through is not read row by row. */
void look_update(struct app *app);

#endif
