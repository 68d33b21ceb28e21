/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A pane: one part of the screen, as a table of functions. Each draws what the model holds into its rectangle
 * and changes nothing else.
 */
#ifndef BOXTOP_UI_PANE_H
#define BOXTOP_UI_PANE_H

#include <stdbool.h>

#include "ui/canvas.h"

struct app;

struct pane {
    const char *title; /* NULL: draws its own frame, can't have the focus */
    enum role box;
    unsigned parts; /* enum detail_part: what is looked at as long as it is shown */
    int action;     /* that shows and hides it, ACTION_NONE: always there */
    void (*draw)(struct app *app, const struct canvas *frame, const struct canvas *inside);
    bool (*key)(struct app *app, int key);          /* while it has the focus; NULL: no keys of its own */
    void (*click)(struct app *app, int y, int x);   /* in cells of the frame; NULL */
    void (*wheel)(struct app *app, int direction);  /* NULL */
    void (*context)(struct app *app, int y, int x); /* the other button; NULL */
};

extern const struct pane pane_header, pane_table, pane_cpu, pane_memory, pane_pressure, pane_io, pane_limits,
    pane_about, pane_namespaces, pane_processes, pane_network, pane_events, pane_terminal, pane_tour,
    pane_footer;
/* By enum pane_id. */
extern const struct pane *const panes[PANE_COUNT];

/* The limit that the arrows turn; NULL: the pane has not the focus. */
const char *pane_limits_selected(struct app *app);

#endif
