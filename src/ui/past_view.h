/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looking back: the whole screen shows a moment of the past, of what boxtop remembers or of a recording,
 * while what is live goes on behind (model_look_back). What is asked for is shown at once; the samples before
 * it, for the graphs, are read in the next turns of the loop. UI thread; no curses, no files.
 */
#ifndef BOXTOP_UI_PAST_VIEW_H
#define BOXTOP_UI_PAST_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/past.h"
#include "ui/track.h"

struct app;

struct past_view {
    const struct past *past; /* NULL: nothing is remembered */
    void *data;
    bool replay;               /* a recording: there is nothing live */
    uint64_t at_ns, sample;    /* what is shown: when it was taken (wall clock), its serial */
    bool strayed;              /* the past's own place is another */
    uint64_t pushed_ns;        /* the graphs' clock */
    unsigned speed;            /* times; 0: it stands */
    uint64_t play_ns, fill_ns; /* when the next sample is due, and the next turn of reading; 0: none is */
    struct past_fill {
        struct tracks tracks;
        struct trail trail;
        bool runs, first;         /* it has begun; nothing has been read yet */
        uint64_t wall_ns, sample; /* of the one that was read last */
    } fill;
};

/* Where it comes from; a recording is closed at the end. */
void past_start(struct app *app, const struct past *past, void *data, bool replay);
void past_stop(struct app *app);
/* Opens a recording, and shows its first sample, or that of a time as people write it (NULL: none). */
int past_replay(struct app *app, const struct past *past, const char *path, const char *at, struct err *err);
/* The last sample that was taken then or before. */
void past_go(struct app *app, uint64_t wall_ns);
/* So many samples on, or back. Behind the last one comes what is live. */
void past_move(struct app *app, long samples);
void past_move_ns(struct app *app, int64_t ns);
/* To the next kill, or the one before: the first sample that tells of it. */
void past_kill(struct app *app, bool backwards);
/* Back to what is live; in a recording to its end. */
void past_live(struct app *app);
/* Goes on by itself, or stands. */
void past_play(struct app *app);
/* Twice as fast, or half. */
void past_speed(struct app *app, bool faster);
/* Asks for a time. */
void past_jump(struct app *app);
/* True while a recording is written from here. */
bool past_records(const struct app *app);
/* "-5m12s 14:05:03": what is shown, and how long ago that was. */
void past_text(const struct app *app, char *to, size_t size);
/* The selection has moved: its samples are read as far back as the graph goes. */
void past_selected(struct app *app);
/* For the loop: what play_ns and fill_ns are about. */
void past_tick(struct app *app);
void past_fill(struct app *app);

#endif
