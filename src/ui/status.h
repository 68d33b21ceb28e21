/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The last line of the screen when it doesn't show the keys: a notice, or a question with what is typed.
 * Knows no curses.
 */
#ifndef BOXTOP_UI_STATUS_H
#define BOXTOP_UI_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/edit.h"

struct app;

enum notice_kind { NOTICE_NONE, NOTICE_INFO, NOTICE_DONE, NOTICE_ERROR };

struct prompt {
    const char *label; /* NULL: no question is asked */
    char text[200];    /* of a yes/no question, instead of a label */
    bool confirm;      /* one key answers */
    struct edit edit;
    char note[120];                                       /* what is wrong with it; "": nothing */
    void (*changed)(struct app *app, const char *text);   /* may be NULL */
    void (*complete)(struct app *app, struct edit *edit); /* Tab; may be NULL */
    void (*done)(struct app *app, const char *text);      /* Enter or y; text is "" for a confirmation */
    void (*cancelled)(struct app *app);                   /* may be NULL */
};

struct status {
    enum notice_kind kind;
    char text[700];    /* fit for a terminal */
    uint64_t until_ns; /* 0: until a key */
    struct prompt prompt;
};

/* The format is said in the user's language. */
void status_notice(struct status *status, enum notice_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void status_clear(struct status *status);
void status_ask(struct status *status, const struct prompt *prompt, const char *text);
/* True while a question is asked. */
bool status_asks(const struct status *status);
/* A key goes to the question. */
void status_key(struct app *app, struct status *status, int key);

#endif
