/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The whole screen: what it shows (the model), how (layout, theme, keys), what it waits for (the loop in
 * app.c). Handlers change it and say what became stale; only screen_draw() draws.
 */
#ifndef BOXTOP_UI_APP_H
#define BOXTOP_UI_APP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/store.h"
#include "monitor/history.h"
#include "monitor/hook.h"
#include "monitor/monitor.h"
#include "ui/action.h"
#include "ui/column_set.h"
#include "ui/guest.h"
#include "ui/call.h"
#include "ui/config_file.h"
#include "ui/intake.h"
#include "ui/keymap.h"
#include "ui/layout.h"
#include "ui/look.h"
#include "ui/model.h"
#include "ui/overlay.h"
#include "ui/pane.h"
#include "ui/past_view.h"
#include "ui/status.h"
#include "ui/term.h"
#include "ui/tour_play.h"
#include "ui/turn.h"
#include "ui/who.h"

#define STALE(pane) (1u << (pane))
#define STALE_ALL   (~0u)

struct app {
    struct term term;
    struct model model;
    struct keymap keymap;
    struct layout layout;
    struct config config;        /* as the file says */
    const char *theme_option;    /* what the command line said; NULL: nothing */
    uint64_t interval_option_ms; /* the same; 0: nothing */
    struct column_set column_set;
    struct column_plan columns; /* as they were drawn last */
    int column_scroll;
    struct status status;
    struct overlay overlay;
    struct turn turns[TURNS];
    bool restoring, restoring_others; /* limits are put back, one after the other */
    bool leaving;                     /* ... and then the program ends */
    struct call calls[CALLS];
    struct guests guests;
    struct tour_play tour;
    struct who who;

    struct monitor *monitor; /* NULL in tests */
    struct hook *hook;       /* --on-event; NULL: none */
    struct history *history; /* NULL: nothing is remembered */
    struct past_view past;
    uint64_t suppressed; /* events without one that were told of */
    uint64_t interval_ms;
    struct store store;
    bool has_store;
    char program[PATH_MAX]; /* boxtop's own path; "": not found */
    int input_fd, signal_fd, end_fd, notify_fd, config_fd;

    bool readonly, quit;
    bool gone; /* the terminal, or whoever started us: nothing is waited for any more */
    enum pane_id focus;
    unsigned stale; /* bits of panes */
    struct layout_wish wish;
    struct look_list looked; /* what the monitor was told */
    size_t limit_selected;
    char limit_name[48]; /* pane_limits_selected() */
    int pointer_y;       /* where the wheel was turned, in lines of the pane's frame; -1: it was no wheel */
    struct {
        int keys[8], count;
        uint64_t until_ns;
    } pressed;                 /* the last keys, for those who watch (the presenter's layout) */
    char values_of[64];        /* whose values the menu has */
    size_t scroll[PANE_COUNT]; /* lines that panes have been scrolled down by */
    uint64_t selected_ns;      /* when the selection last moved */
    uint64_t orphans_ns;       /* since when a container has been without its keeper; 0: none is */
    uint64_t late_ns;       /* when a sample is missed, or has been for another second; 0: none is awaited */
    unsigned late_s;        /* for how long none has come; 0: they come */
    uint64_t steps_ns;      /* when it is to be looked how far a launch is; 0: none is on its way */
    uint64_t containers_ns; /* when the records have to be read again; 0: they needn't */
};

void app_init(struct app *app);
void app_fini(struct app *app);
/* Once around the loop: does what is due, draws, waits (at most that long; -1: until something comes). */
void app_once(struct app *app, int most_ms);
/* A key, as the loop gives it. */
void app_key(struct app *app, int key);
void app_mouse(struct app *app, const struct term_mouse *mouse);
/* Puts the panes into the terminal's size. */
void app_layout(struct app *app);
/* A line in the footer. */
#define app_notice(app, kind, ...)                                                                           \
    do {                                                                                                     \
        status_notice(&(app)->status, kind, __VA_ARGS__);                                                    \
        (app)->stale |= STALE(PANE_FOOTER);                                                                  \
    } while (0)
/* Puts a text into the user's clipboard, and says so; `what` it is. */
void app_copy(struct app *app, const char *text, const char *what);
/* Draws what is stale. */
void screen_draw(struct app *app);

#endif
