/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A tour that is being taken: its step, what its commands have said, what of the expected is seen, and what
 * has to be undone. Each step is done on one key and left on the next; going back undoes it. However it ends,
 * everything is undone. UI thread.
 */
#ifndef BOXTOP_UI_TOUR_PLAY_H
#define BOXTOP_UI_TOUR_PLAY_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "ui/job.h"
#include "ui/layout.h"
#include "ui/tour.h"

#define TOUR_WAITS   2
#define TOUR_EXPECTS 16 /* of a step; what there is beyond is not looked for */

struct app;

enum tour_phase {
    TOUR_SHOWN,   /* its words are; nothing was done */
    TOUR_RUNNING, /* its commands are */
    TOUR_LOOKING, /* for what is expected */
    TOUR_DONE,
    TOUR_UNDOING,
};

struct tour_play {
    bool on;
    struct tour tour;
    char box[24]; /* what $box is */
    size_t step, action;
    enum tour_phase phase;
    struct job job;    /* job.pid 0: none runs */
    struct str output; /* of the step's commands */
    struct str said;   /* the same with the commands, as lines for the pane: see pane_tour.c */
    bool seen[TOUR_EXPECTS];
    uint64_t until_ns;                     /* how long it is looked for; 0: it isn't */
    bool *done;                            /* by step: there is something to be undone */
    struct layout_wish before;             /* what was wished for, which comes back */
    int scroll, scroll_least, scroll_most; /* from where it would stand; how far it can be */
    bool ending;                           /* what is undone is all of it */
    bool quit_after;                       /* ... and then the screen ends */
};

enum { TOUR_LINE_COMMAND = 1, TOUR_LINE_OUTPUT, TOUR_LINE_BAD };

/* Takes the tour over. */
void tour_begin(struct app *app, struct tour *tour);
void tour_next(struct app *app);
void tour_back(struct app *app);
/* Undoes all and takes the pane away; true: that takes a moment, and the screen ends then if `quit_after`. */
bool tour_end(struct app *app, bool quit_after);
/* When the screen ends: what was not undone is; waits for it if `wait`. */
void tour_fini(struct app *app, bool wait);
/* A file's text with $box and $probe in it replaced; the caller's. */
char *tour_text(const struct app *app, const char *text);
/* What can't be done here for want of a controller; NULL: all can. */
const char *tour_lacks(const struct app *app);

/* For the loop. */
void tour_fill(const struct app *app, struct pollfd *waits);
void tour_dispatch(struct app *app, const struct pollfd *waits);
/* A new sample, an event, or the time for it is up. */
void tour_look(struct app *app);

#endif
