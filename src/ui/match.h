/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which rows are wanted. Words between blanks, all of which must be true; `|` between words begins what may
 * be true instead; `!` in front of a word turns it around: web            the name or the path has it "two
 * words"    the same thr>20 mem>80% a column's figure (> >= < <= = !=); a size (100M), `max`, `-` (absent);
 * with % of its limit, where it has one manager=docker state=frozen name~web path~slice    texts: = != whole,
 * ~ !~ a part, in any case Knows no curses. Pure.
 */
#ifndef BOXTOP_UI_MATCH_H
#define BOXTOP_UI_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "ui/column.h"

#define MATCH_SIZE  160 /* bytes of text, the end included */
#define MATCH_TERMS 24

enum match_operator {
    MATCH_MORE_EQUAL,
    MATCH_LESS_EQUAL,
    MATCH_NOT_EQUAL,
    MATCH_NOT_LIKE,
    MATCH_MORE,
    MATCH_LESS,
    MATCH_EQUAL,
    MATCH_LIKE,
    MATCH_OPERATORS
};

struct match {
    size_t count; /* 0: everything is wanted */
    struct match_term {
        bool negated, instead; /* instead: a new alternative begins */
        int field;             /* MATCH_x or a column */
        enum match_operator op;
        double number; /* NAN: absent */
        bool share;    /* the number is percent of the limit */
        char text[64];
    } terms[MATCH_TERMS];
};

/* 0; or -EINVAL with what is wrong, and *ret_at: at which byte of the text. */
int match_parse(struct match *ret, const char *text, struct err *err, size_t *ret_at);
bool match_row(const struct match *filter, const struct model *model, const struct row *row);

#endif
