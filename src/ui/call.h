/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every change is a boxtop command: started here, its line shown, and what comes of it told in the footer.
 * With --readonly nothing that could change anything is started, whatever the way here.
 */
#ifndef BOXTOP_UI_CALL_H
#define BOXTOP_UI_CALL_H

#include "core/store.h"
#include "ui/job.h"
#include "ui/steps.h"

#define CALLS 16 /* at a time */

struct app;
struct turn;

enum call_kind {
    CALL_PLAIN,
    CALL_TURN,   /* sets a limit */
    CALL_RUN,    /* launches a container, which is selected then, and a shell opened in it */
    CALL_TEXT,   /* what it writes is shown; changes nothing */
    CALL_FOLLOW, /* the same while it goes on; see call_follow() */
    CALL_SWEEP,  /* cleans up, without a word */
    CALL_RECORD, /* goes on until it is ended, or the screen is */
};

struct call {
    struct job job; /* job.pid 0: the slot is free */
    enum call_kind kind;
    struct turn *turn;         /* CALL_TURN */
    char done[200];            /* the notice when it did its work; CALL_TEXT: the title */
    char name[SPEC_NAME_SIZE]; /* CALL_RUN: the container */
    struct steps steps;        /* CALL_RUN: what is told of it */
    struct str front;          /* CALL_TEXT: what stands in front of it; owned */
};

/* Starts `boxtop ARGS...`; `arguments` has the program's path first and ends with NULL. NULL if it couldn't
 * (a notice says why). */
struct call *call_start(struct app *app, enum call_kind kind, char *const *arguments);
/* Why nothing that may change something can be started; NULL: it can. */
const char *call_refusal(const struct app *app);
/* As CALL_TEXT, shown at once, and ended when it is no longer shown. */
struct call *call_follow(struct app *app, char *const *arguments, const char *title);
/* There is something to read from it. */
void call_read(struct app *app, struct call *call);
/* Asks it to end. */
void call_stop(struct call *call);
/* Its process has ended: takes its status, frees the slot, says what came of it. */
void call_ended(struct app *app, struct call *call);
/* As a program in the foreground, with the terminal; waits for its end. */
void call_foreground(struct app *app, char *const *arguments);

#endif
