/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the panes of the selected group are made of: lines that scroll, labelled facts, graphs without an
 * axis, and a word where there is nothing to show. UI thread.
 */
#ifndef BOXTOP_UI_PART_H
#define BOXTOP_UI_PART_H

#include "monitor/detail.h"
#include "ui/canvas.h"
#include "ui/track.h"

struct app;
struct row;

/* The selected group's detail, if that part of it has been read; else NULL. */
const struct detail *part_detail(const struct app *app, enum detail_part part);
/* Why it is NULL. */
const char *part_unread(const struct app *app);
/* "label   value" in the next line; nothing without a value or room. */
void part_fact(const struct canvas *canvas, int *y, enum role role, const char *label, const char *value);
/* Instead of what the pane is about: why there is nothing. As many lines as it takes. */
void part_nothing(const struct canvas *canvas, const char *why);
/* Writes a text in lines of whole words; returns how many there were. */
int part_wrap(const struct canvas *canvas, int y, int x, int width, int most, struct style style,
              const char *text);

/* How many lines that takes. */
int part_wrap_count(int width, const char *text);

/* The first of `count` lines that is shown where there are `room` of them: as far as the pane was scrolled.
 */
size_t part_top(struct app *app, enum pane_id pane, size_t count, int room);
void part_scroll(struct app *app, enum pane_id pane, int lines);
/* Arrows and page keys scroll; false: another key. */
bool part_scroll_key(struct app *app, enum pane_id pane, int key);

/* A figure and how it came to be. One row high the graph stands behind the text, else below it. */
struct strip {
    const char *label;
    const char *text; /* the figure now */
    enum role role;
    double top;  /* at the upper edge; 0: what is largest */
    double most; /* at least as much for the upper edge, so that noise is no mountain */
    /* One of them: from the track, or from the trail; NAN: not known. */
    double (*of_track)(const struct track_sample *sample);
    double (*of_trail)(const struct trail_point *point);
    double (*stacked)(const struct track_sample *sample); /* part of it, drawn louder; NULL: none */
    /* A line across it, and marks at the upper edge; NULL: none. */
    double (*limit)(const struct track_sample *sample);
    bool (*mark)(const struct track_sample *sample);
    const char *(*scale)(char *to, double value); /* says what the upper edge is; NULL: the text does */
    double above; /* where it has no limit of its own: what a group above allows; 0: nothing */
};
void part_strip(struct app *app, const struct canvas *canvas, int y, int height, const struct strip *strip);

#endif
