/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one loop, and what comes out of it: keys, snapshots, signals, commands that have ended.
 */
#include "ui/app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

void app_init(struct app *app)
{
    *app = (struct app){.wish.zoomed = -1,
                        .focus = PANE_TABLE,
                        .stale = STALE_ALL,
                        .interval_ms = 1000,
                        .input_fd = -1,
                        .signal_fd = -1,
                        .end_fd = -1,
                        .notify_fd = -1,
                        .config_fd = -1,
                        .store.fd = -1};
    app->term.own_stderr = app->term.captured = app->term.out_fd = app->term.frame_fd = app->term.outlet.fd =
        -1;
    for (size_t i = 0; i < CALLS; i++)
        app->calls[i].job.pid_fd = app->calls[i].job.out_fd = app->calls[i].steps.fd = -1;
    guests_init(&app->guests);
    theme_default(&app->term.theme);
    config_default(&app->config);
    app->keymap = app->config.keys;
    app->column_set = app->config.columns;
    model_init(&app->model);
}

void app_fini(struct app *app)
{
    overlay_close(app);
    guests_fini(&app->guests);
    term_stop(&app->term);
    tour_fini(app, !app->gone);
    monitor_stop(app->monitor);
    past_stop(app);
    history_free(app->history);
    hook_free(app->hook);
    for (size_t i = 0; i < CALLS; i++)
        job_fini(&app->calls[i].job), steps_close(&app->calls[i].steps);
    model_fini(&app->model);
    if (app->has_store)
        store_close(&app->store);
    fd_close(&app->signal_fd);
    fd_close(&app->end_fd);
    fd_close(&app->notify_fd);
    fd_close(&app->config_fd);
}

/* ---- what comes in ---- */

/* What a key does where we are: a tour comes first, looking back before a filter, that before the rest. */
static enum action_id action_of(const struct app *app, int key)
{
    int always = keymap_action(&app->keymap, key), action = always;
    if (app->tour.on && app->focus == PANE_TOUR)
        return (enum action_id)keymap_action_in(&app->keymap, KEYS_TOUR, key);
    if (app->model.past)
        action = keymap_action_in(&app->keymap, KEYS_PAST, key);
    if (action == always && app->model.filter.count)
        action = keymap_action_in(&app->keymap, KEYS_FILTER, key);
    return (enum action_id)action;
}

#define PRESSED_NS 4000000000u

/* Who presents is seen pressing. */
static void note_key(struct app *app, int key)
{
    int *count = &app->pressed.count, most = (int)COUNT_OF(app->pressed.keys);
    if (app->wish.preset != LAYOUT_PRESENTER || key == K_RESIZE || status_asks(&app->status) ||
        app->focus == PANE_TERMINAL)
        return;
    if (*count == most)
        memmove(app->pressed.keys, app->pressed.keys + 1, (size_t)-- * count * sizeof(int));
    app->pressed.keys[(*count)++] = key;
    app->pressed.until_ns = clock_mono_ns() + PRESSED_NS;
}

static void forget_keys(struct app *app)
{
    app->pressed.count = 0;
    app->pressed.until_ns = 0;
    app->stale |= STALE(PANE_FOOTER);
}

void app_key(struct app *app, int key)
{
    note_key(app, key);
    if (app->status.kind == NOTICE_ERROR)
        status_clear(&app->status);
    if (key == K_RESIZE)
        return;
    if (status_asks(&app->status))
        status_key(app, &app->status, key);
    else if (app->overlay.kind != OVERLAY_NONE)
        overlay_key(app, key);
    else if (!panes[app->focus]->key || !panes[app->focus]->key(app, key))
        action_run(app, action_of(app, key));
    app->stale = STALE_ALL;
    intake_selection(app);
}

void app_mouse(struct app *app, const struct term_mouse *mouse)
{
    if (status_asks(&app->status))
        return;
    if (app->overlay.kind != OVERLAY_NONE) {
        overlay_mouse(app, mouse->y, mouse->x, mouse->wheel);
        return;
    }
    for (int id = 0; id < PANE_COUNT; id++) {
        const struct rect *area = &app->layout.pane[id];
        const struct pane *pane = panes[id];
        if (!rect_has(area, mouse->y, mouse->x))
            continue;
        void (*click)(struct app *, int, int) = mouse->button ? pane->context : pane->click;
        if (!mouse->wheel && pane->title)
            app->focus = (enum pane_id)id;
        app->pointer_y = mouse->wheel ? mouse->y - area->y : -1;
        if (mouse->wheel && pane->wheel)
            pane->wheel(app, mouse->wheel);
        else if (!mouse->wheel && click)
            click(app, mouse->y - area->y, mouse->x - area->x);
        break;
    }
    app->stale = STALE_ALL;
    intake_selection(app);
}

static void read_input(struct app *app)
{
    struct term_mouse mouse;
    int key;
    if (app->guests.taking) {
        guests_input(app);
        return;
    }
    while (!app->quit && (key = term_key(&app->term)) != K_NONE) {
        if (key == K_GROUND)
            config_theme(app);
        else if (key != K_MOUSE)
            app_key(app, key);
        else if (term_mouse(&app->term, &mouse))
            app_mouse(app, &mouse);
    }
}

void app_copy(struct app *app, const char *text, const char *what)
{
    if (term_copy(&app->term, text))
        app_notice(app, NOTICE_DONE, "copied: %s", what);
    else
        app_notice(app, NOTICE_ERROR, "%s is too long for a terminal's clipboard", what);
}

static void read_signals(struct app *app)
{
    struct signalfd_siginfo signal;
    while (read(app->signal_fd, &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo != SIGWINCH) {
            app->quit = true;
            continue;
        }
        term_resize(&app->term);
        app_layout(app);
    }
}

/* What has to be done at a time rather than because of a descriptor: each row a moment and what it calls. */
static void end_notice(struct app *app)
{
    status_clear(&app->status);
    app->stale |= STALE(PANE_FOOTER);
}

static void draw_guest(struct app *app)
{
    app->guests.due_ns = 0;
    app->stale |= STALE(PANE_TERMINAL);
}

struct due {
    uint64_t at_ns; /* monotonic; 0: it need not be done */
    void (*run)(struct app *);
};
enum { DUE_COUNT = 11 };

static void list_due(const struct app *app, struct due *to)
{
    const struct due due[DUE_COUNT] = {
        {app->selected_ns ? app->selected_ns + SETTLE_NS : 0, intake_about},
        {app->containers_ns, intake_containers},
        {app->orphans_ns, intake_sweep},
        {app->late_ns, intake_late},
        {app->guests.due_ns, draw_guest},
        {app->pressed.until_ns, forget_keys},
        {app->tour.until_ns, tour_look},
        {app->status.kind != NOTICE_NONE ? app->status.until_ns : 0, end_notice},
        {app->past.play_ns, past_tick},
        {app->past.fill_ns, past_fill},
        {app->steps_ns, form_steps},
    };
    memcpy(to, due, sizeof due);
}

/* Does what is due, and returns the milliseconds until the next is; -1: nothing is. */
static int run_due(struct app *app)
{
    struct due due[DUE_COUNT];
    uint64_t now = clock_mono_ns(), next = UINT64_MAX;
    list_due(app, due);
    for (size_t i = 0; i < COUNT_OF(due); i++)
        if (due[i].at_ns && due[i].at_ns <= now)
            due[i].run(app);
    list_due(app, due); /* what was done may be due again */
    for (size_t i = 0; i < COUNT_OF(due); i++)
        if (due[i].at_ns && due[i].at_ns < next)
            next = due[i].at_ns;
    now = clock_mono_ns();
    return next == UINT64_MAX ? -1 : next <= now ? 0 : (int)((next - now) / 1000000 + 1);
}

/* ---- the loop ---- */

enum {
    WAIT_INPUT,
    WAIT_SIGNAL,
    WAIT_END,
    WAIT_MONITOR,
    WAIT_NOTIFY,
    WAIT_CONFIG,
    WAIT_HOOK,
    WAIT_OUTLET,
    WAIT_TOUR,
    WAIT_GUESTS = WAIT_TOUR + TOUR_WAITS,
    WAIT_JOBS = WAIT_GUESTS + GUEST_WAITS,
    WAIT_COUNT = WAIT_JOBS + 2 * CALLS
};

static void fill(struct app *app, struct pollfd *waits)
{
    waits[WAIT_INPUT] = (struct pollfd){app->input_fd, POLLIN, 0};
    waits[WAIT_SIGNAL] = (struct pollfd){app->signal_fd, POLLIN, 0};
    waits[WAIT_END] = (struct pollfd){app->end_fd, POLLIN, 0};
    waits[WAIT_MONITOR] = (struct pollfd){app->monitor ? monitor_fd(app->monitor) : -1, POLLIN, 0};
    waits[WAIT_NOTIFY] = (struct pollfd){app->notify_fd, POLLIN, 0};
    waits[WAIT_CONFIG] = (struct pollfd){app->config_fd, POLLIN, 0};
    waits[WAIT_OUTLET] =
        (struct pollfd){outlet_busy(&app->term.outlet) ? app->term.outlet.fd : -1, POLLOUT, 0};
    waits[WAIT_HOOK] = (struct pollfd){app->hook ? hook_fd(app->hook) : -1, POLLIN, 0};
    tour_fill(app, waits + WAIT_TOUR);
    guests_fill(app, waits + WAIT_GUESTS);
    for (int i = 0; i < CALLS; i++) {
        waits[WAIT_JOBS + 2 * i] =
            (struct pollfd){app->calls[i].job.pid ? app->calls[i].job.out_fd : -1, POLLIN, 0};
        waits[WAIT_JOBS + 2 * i + 1] =
            (struct pollfd){app->calls[i].job.pid ? app->calls[i].job.pid_fd : -1, POLLIN, 0};
    }
}

static void dispatch(struct app *app, const struct pollfd *waits)
{
    /* The terminal is gone: nobody looks any more. */
    if (waits[WAIT_END].revents || waits[WAIT_INPUT].revents & (POLLHUP | POLLERR | POLLNVAL)) {
        app->quit = app->gone = true;
        return;
    }
    if (waits[WAIT_SIGNAL].revents)
        read_signals(app);
    if (waits[WAIT_INPUT].revents)
        read_input(app);
    if (waits[WAIT_MONITOR].revents)
        intake_monitor(app);
    if (waits[WAIT_OUTLET].revents)
        outlet_drain(&app->term.outlet);
    if (waits[WAIT_HOOK].revents)
        hook_reap(app->hook);
    if (waits[WAIT_NOTIFY].revents)
        intake_notifications(app);
    if (waits[WAIT_CONFIG].revents)
        config_notified(app);
    tour_dispatch(app, waits + WAIT_TOUR);
    guests_dispatch(app, waits + WAIT_GUESTS);
    for (int i = 0; i < CALLS; i++) {
        if (waits[WAIT_JOBS + 2 * i].revents)
            call_read(app, &app->calls[i]);
        if (waits[WAIT_JOBS + 2 * i + 1].revents)
            call_ended(app, &app->calls[i]);
    }
}

void app_once(struct app *app, int most_ms)
{
    struct pollfd waits[WAIT_COUNT];
    int timeout_ms = run_due(app);
    if (most_ms >= 0 && (timeout_ms < 0 || timeout_ms > most_ms))
        timeout_ms = most_ms;
    if (app->restoring)
        turn_restore_more(app);
    if (app->leaving && !turn_busy(app))
        app->quit = true;
    look_update(app);
    guests_follow(app);
    screen_draw(app);
    fill(app, waits);
    if (poll(waits, WAIT_COUNT, timeout_ms) > 0)
        dispatch(app, waits);
}
