/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of figures of a cgroup: each serves `stats` as a JSON value, a column, or both, and the order of
 * the rows.
 */
#ifndef BOXTOP_CLI_WATCH_FIGURE_H
#define BOXTOP_CLI_WATCH_FIGURE_H

#include <jansson.h>

#include "cli/watch_names.h"
#include "monitor/snapshot.h"

#define FIGURE_TEXT 48

/* What a figure is taken from. */
struct figure_of {
    const struct snapshot *snapshot;
    const struct sample *row;
    const struct names *names;
};

struct figure {
    const char *key; /* in JSON; "cpu.stat/usage_usec" is a key in an object */
    json_t *(*value)(const struct figure_of *of, size_t offset); /* absent: null, largest: "max" */
    size_t offset;
    const char *title; /* of its column; NULL: it has none */
    const char *sort;  /* the word for --sort; NULL: rows are not sorted by it */
    int width;
    const char *(*format)(char *to, uint64_t value); /* of whole numbers in a column */
};

/* The table; ends with a row without a key. */
extern const struct figure figures[];

/* All figures as one object. */
json_t *figure_object(const struct figure_of *of);
/* One as the text of its column; `to` has FIGURE_TEXT bytes. Nothing in it needs escaping. */
void figure_text(const struct figure *figure, const struct figure_of *of, char *to);
/* For sorting: absent is -1, "max" above all. */
double figure_order(const struct figure *figure, const struct figure_of *of);

/* Values that events have as well: null, a number, "max". */
json_t *figure_json(uint64_t value);

#endif
