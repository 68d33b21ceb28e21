/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A tour: steps of words, commands, and what is to be seen then. A text file in the form of a config file;
 * docs/tours.md has the format. tour_parse() is pure.
 */
#ifndef BOXTOP_UI_TOUR_H
#define BOXTOP_UI_TOUR_H

#include <stddef.h>

#include "base/err.h"
#include "ui/match.h"

struct tour_expect {
    char *row;  /* a container's name, which an expression is about; NULL: what the commands say has `text` */
    char *text; /* as in the file */
    struct match match; /* of a row */
};

struct tour_step {
    char *title;
    char **words; /* paragraphs; lists end with NULL, and may be NULL */
    char **run;   /* shell lines; a turn is one, too */
    char **undo;
    struct tour_expect *expects;
    size_t expect_count;
    char *box;      /* the container that is selected; NULL: as it was */
    unsigned panes; /* bits of those that are shown; 0: as they were */
    unsigned needs; /* bits of controllers */
};

struct tour {
    char *name, *title;
    struct tour_step *steps;
    size_t count;
};

/* -EINVAL: "NAME:LINE: KEY: why". What it holds is for tour_free(), which also takes a zeroed one. */
int tour_parse(struct tour *ret, const char *name, const char *text, struct err *err);
void tour_free(struct tour *tour);

/* By name, in the user's directory, then in boxtop's; or by path (has a slash). 0, -ENOENT with a hint, or as
 * above. */
int tour_load(struct tour *ret, const char *name, struct err *err);
/* Calls `each` with the name and the title of every tour there is, by name; title "": it can't be read. */
void tour_list(void (*each)(void *data, const char *name, const char *title), void *data);

#endif
