/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which rows are wanted. Words between blanks, all of which must be true; `|` between words begins what may
 * be true instead; `!` in front of a word turns it around: web            the name or the path has it "two
 * words"    the same thr>20 mem>80% a column's figure (> >= < <= = !=); a size (100M), `max`, `-` (absent);
 * with % of its limit, where it has one manager=docker state=frozen name~web path~slice    texts: = != whole,
 * ~ !~ a part, in any case Knows no curses. Pure.
 */
#ifndef BOXTOP_UI_FILTER_H
#define BOXTOP_UI_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "ui/column.h"

#define FILTER_SIZE  160 /* bytes of text, the end included */
#define FILTER_TERMS 24

enum filter_operator {
    FILTER_MORE_EQUAL,
    FILTER_LESS_EQUAL,
    FILTER_NOT_EQUAL,
    FILTER_NOT_LIKE,
    FILTER_MORE,
    FILTER_LESS,
    FILTER_EQUAL,
    FILTER_LIKE,
    FILTER_OPERATORS
};

struct filter {
    size_t count; /* 0: everything is wanted */
    struct filter_term {
        bool negated, instead; /* instead: a new alternative begins */
        int field;             /* FILTER_x or a column */
        enum filter_operator op;
        double number; /* NAN: absent */
        bool share;    /* the number is percent of the limit */
        char text[64];
    } terms[FILTER_TERMS];
};

/* 0; or -EINVAL with what is wrong, and *ret_at: at which byte of the text. */
int filter_parse(struct filter *ret, const char *text, struct err *err, size_t *ret_at);
bool filter_match(const struct filter *filter, const struct model *model, const struct row *row);

#endif
