/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What stands in front of the panes, one at a time: a text, a menu, the form. It has the keys while it is
 * there.
 */
#ifndef BOXTOP_UI_OVERLAY_H
#define BOXTOP_UI_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/column_set.h"
#include "ui/form.h"
#include "ui/layout.h"

struct app;
struct call;

enum overlay_kind_id {
    OVERLAY_NONE,
    OVERLAY_TEXT,
    OVERLAY_MENU,
    OVERLAY_FORM,
    OVERLAY_COLUMNS,
    OVERLAY_PALETTE,
    OVERLAY_LEDGER,
    OVERLAY_ASK,
    OVERLAY_CHANGES,
    OVERLAY_KINDS
};

#define MENU_ITEMS    160
#define PALETTE_ITEMS 256
#define SCROLL_NOTE   N_("arrows scroll, / searches, Esc closes")

struct menu {
    struct menu_item {
        char key[16], label[64], note[200];
        int value;
    } items[MENU_ITEMS];
    int count, selected;
    void (*chosen)(struct app *app, int value);
    void (*moved)(struct app *app, int value); /* may be NULL */
    void (*cancelled)(struct app *app);        /* may be NULL */
    void (*up)(struct app *app);               /* to what this is in; NULL: there is no such thing */
    bool again;                                /* what is cancelled to takes its place itself */
};

struct palette {
    struct edit edit;
    int hits[PALETTE_ITEMS], count, selected, top; /* actions, then knobs */
};

/* A question with its reasons. A key chooses; Esc is none of the answers. */
struct ask {
    char text[700];
    struct {
        int key;
        const char *label;
        int value;
    } items[4];
    int count;
    void (*chosen)(struct app *app, int value);
    void (*cancelled)(struct app *app); /* Esc; may be NULL */
};

struct overlay {
    enum overlay_kind_id kind;
    char title[128], note[128]; /* fit for a terminal */
    struct str text;            /* OVERLAY_TEXT: lines; \x01 in front of one: a heading, \x02: dim */
    int scroll, left, lines, columns, shown; /* left: first column that is shown */
    struct str script;      /* what can be copied or written to a file from it; "": nothing */
    struct call *launching; /* OVERLAY_FORM: what it has started; NULL: nothing */
    struct call *live;      /* what goes on writing the text; NULL: it is whole */
    bool at_end;            /* the text opens at its end (a log) */
    struct menu menu;
    struct ask ask;
    bool searching;     /* what is typed goes to the search */
    struct edit search; /* in the text; "": none */
    int found;          /* the line it is at */
    struct form form;
    struct palette palette;
    struct column_set columns_before; /* OVERLAY_COLUMNS: what Esc puts back */
    uint64_t record;                  /* OVERLAY_LEDGER: the number of the one that is selected */
    bool whole;                       /* ... which is shown whole */
    size_t change;                    /* OVERLAY_CHANGES: the one that is selected, 0 the newest */
};

/* Each kind as functions, in a file of its own: how large it wants to be (cells), drawing into its frame,
 * keys, mouse (in cells of the frame; wheel -1 up, 1 down, 0: a click). */
struct overlay_kind {
    void (*size)(struct app *app, int *rows, int *cols);
    void (*draw)(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y, int *x);
    void (*key)(struct app *app, int key);
    void (*mouse)(struct app *app, int y, int x, int wheel);
};
extern const struct overlay_kind overlay_text_kind, overlay_menu_kind, overlay_form_kind,
    overlay_columns_kind, overlay_palette_kind, overlay_ledger_kind, overlay_ask_kind, overlay_changes_kind;

/* For the kinds: takes the place of what was there; the rest of it is the caller's to fill. */
struct overlay *overlay_open(struct app *app, enum overlay_kind_id kind, const char *title);
void overlay_close(struct app *app);
/* Takes the text over. */
void overlay_text(struct app *app, const char *title, const char *note, struct str *text);
/* The caller fills the menu and then calls this. */
void overlay_menu(struct app *app, const char *title);
void overlay_form(struct app *app);
/* What it launched by `call` runs, or `error` says why not; `ended` is what that was. */
void form_launched(struct app *app, const struct call *call, const struct call *ended, const char *error);
/* Looks which steps of its launch have been done. */
void form_steps(struct app *app);
/* What the form is checked against now. */
void form_ground_of(const struct app *app, struct form_ground *ret);
/* The form as it was left, in place of a menu. */
void overlay_form_again(struct app *app);
void overlay_columns(struct app *app);
void overlay_palette(struct app *app);
void overlay_ledger(struct app *app);
void overlay_ask(struct app *app, const char *title, const struct ask *ask);
void overlay_changes(struct app *app);
/* How well letters fit a name, the more the better; 0: not at all. Pure. */
int palette_score(const char *name, const char *letters);
/* Where on the screen it stands. */
struct rect overlay_place(struct app *app);
void overlay_key(struct app *app, int key);
void overlay_mouse(struct app *app, int y, int x, int wheel);
/* Draws into the whole screen; the cursor's place, y -1: none. */
void overlay_draw(struct app *app, const struct canvas *screen, int *ret_y, int *ret_x);

#endif
