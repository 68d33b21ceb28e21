/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/app.h"
#include "ui/language.h"

#define TURN_BYTES (64u << 10) /* of one guest, in one turn of the loop */
#define FRAME_NS   15000000u   /* no pane is drawn more often */
#define AT_ONCE_NS 2000000000u /* who ends with an error sooner has something to say that should be read */

void guests_init(struct guests *guests)
{
    *guests = (struct guests){.shown = -1};
    for (int i = 0; i < GUESTS; i++)
        guests->list[i].fd = guests->list[i].pid_fd = -1;
}

static void let_go(struct guest *guest)
{
    if (guest->pid)
        kill(guest->pid, SIGHUP);
    fd_close(&guest->fd);
    fd_close(&guest->pid_fd);
    vt_free(guest->vt);
    *guest = (struct guest){.fd = -1, .pid_fd = -1};
}

void guests_fini(struct guests *guests)
{
    for (int i = 0; i < GUESTS; i++)
        let_go(&guests->list[i]);
    guests->shown = -1;
}

struct guest *guests_shown(struct guests *guests)
{
    return guests->shown >= 0 && guests->list[guests->shown].vt ? &guests->list[guests->shown] : NULL;
}

/* ---- coming and going ---- */

void guests_show(struct app *app, bool visible)
{
    struct guests *g = &app->guests;
    g->visible = visible && guests_shown(g);
    if (g->visible)
        app->focus = PANE_TERMINAL;
    else if (app->focus == PANE_TERMINAL)
        app->focus = app->tour.on ? PANE_TOUR : PANE_TABLE;
    if (app->wish.zoomed >= 0 && (g->visible || app->wish.zoomed == PANE_TERMINAL))
        app->wish.zoomed = g->visible ? PANE_TERMINAL : -1;
    app_layout(app);
}

void guests_next(struct app *app)
{
    struct guests *g = &app->guests;
    for (int i = 1; i <= GUESTS; i++) {
        int index = (g->shown + i + GUESTS) % GUESTS;
        if (g->list[index].vt) {
            g->shown = index;
            break;
        }
    }
    guests_show(app, true);
}

void guest_close(struct app *app, struct guest *guest)
{
    struct guests *g = &app->guests;
    bool was_shown = guest == guests_shown(g);
    let_go(guest);
    for (int i = 0; i < GUESTS && was_shown; i++)
        if (g->list[i].vt)
            g->shown = i;
    if (was_shown)
        guests_show(app, false);
}

static struct guest *find(struct guests *guests, enum guest_kind kind, const char *name)
{
    for (int i = 0; i < GUESTS; i++)
        if (guests->list[i].pid && guests->list[i].kind == kind && strcmp(guests->list[i].name, name) == 0)
            return &guests->list[i];
    return NULL;
}

static struct guest *free_slot(struct guests *guests)
{
    for (int i = 0; i < GUESTS; i++)
        if (!guests->list[i].pid) {
            let_go(&guests->list[i]);
            return &guests->list[i];
        }
    return NULL;
}

/* A pseudo terminal: our end, and the other one's path. */
static int open_pty(int rows, int cols, char *path, size_t size, struct err *err)
{
    struct winsize window = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    struct termios modes;
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, path, size) != 0) {
        int rc = err_errno(err, "open a pseudo terminal");
        fd_close(&fd);
        return rc;
    }
    ioctl(fd, TIOCSWINSZ, &window);
    /* What is typed before the program reads is for the program, Ctrl-D and Ctrl-C too. */
    if (tcgetattr(fd, &modes) == 0) {
        modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
        modes.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
        tcsetattr(fd, TCSANOW, &modes);
    }
    return fd;
}

static int start(struct app *app, struct guest *guest, char *const *arguments, struct err *err)
{
    char path[64];
    int rows, cols;
    vt_size(guest->vt, &rows, &cols);
    guest->fd = open_pty(rows, cols, path, sizeof path, err);
    if (guest->fd < 0)
        return guest->fd;
    guest->started_ns = clock_mono_ns();
    return job_on_terminal(arguments, path, app->monitor, &guest->pid, &guest->pid_fd, err);
}

void guest_open(struct app *app, enum guest_kind kind, const char *name, char *const *arguments)
{
    struct guests *g = &app->guests;
    struct guest *guest = find(g, kind, name);
    struct err err;
    const char *why = guest ? NULL : call_refusal(app);
    if (!guest && !why && !(guest = free_slot(g)))
        why = N_("too many terminals at once; end one");
    if (why) {
        app_notice(app, NOTICE_ERROR, "%s", tr(why));
        return;
    }
    g->shown = (int)(guest - g->list);
    if (!guest->pid) {
        guest->kind = kind;
        snprintf(guest->name, sizeof guest->name, "%s", name);
        guest->vt = vt_new(24, 80);
        guests_show(app, true);
        guests_follow(app); /* it starts with the size that it will have */
        if (start(app, guest, arguments, &err) < 0) {
            guest_close(app, guest);
            app_notice(app, NOTICE_ERROR, "%s", err.text);
            return;
        }
    }
    guests_show(app, true);
}

void guest_say(struct app *app, const char *lines)
{
    struct guest *guest = guests_shown(&app->guests);
    if (guest)
        vt_feed(guest->vt, lines, strlen(lines));
}

/* ---- what it says ---- */

static void take_output(struct app *app, struct guest *guest)
{
    char bytes[16384];
    size_t taken = 0;
    ssize_t got = 0;
    while (taken < TURN_BYTES && (got = read(guest->fd, bytes, sizeof bytes)) > 0) {
        vt_feed(guest->vt, bytes, (size_t)got);
        taken += (size_t)got;
    }
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        fd_close(&guest->fd);
    if (guest == guests_shown(&app->guests) && taken && !app->guests.due_ns)
        app->guests.due_ns = app->guests.drawn_ns + FRAME_NS;
}

static void send_input(struct guest *guest)
{
    struct str *out = vt_output(guest->vt);
    ssize_t put = guest->fd >= 0 && out->len ? write(guest->fd, out->text, out->len) : 0;
    if (put > 0)
        memmove(out->text, out->text + put, out->len -= (size_t)put);
    if (guest->fd < 0)
        str_clear(out);
}

/* What it wrote last is still to be read. */
static void has_ended(struct app *app, struct guest *guest)
{
    static const char *const what[] = {[GUEST_SHELL] = N_("shell in"), [GUEST_ATTACH] = N_("attached to")};
    take_output(app, guest);
    guest->status = job_status(guest->pid);
    guest->pid = 0;
    fd_close(&guest->pid_fd);
    app->containers_ns = clock_mono_ns();
    app->stale = STALE_ALL;
    if (guest->status && clock_mono_ns() - guest->started_ns < AT_ONCE_NS &&
        guest == guests_shown(&app->guests))
        return;
    if (guest->status)
        app_notice(app, NOTICE_INFO, "%s %s: ended with status %d", tr(what[guest->kind]), guest->name,
                   guest->status);
    guest_close(app, guest);
}

void guests_fill(struct app *app, struct pollfd *waits)
{
    for (int i = 0; i < GUESTS; i++) {
        struct guest *guest = &app->guests.list[i];
        bool pending = guest->vt && vt_output(guest->vt)->len > 0;
        waits[2 * i] = (struct pollfd){guest->fd, (short)(POLLIN | (pending ? POLLOUT : 0)), 0};
        waits[2 * i + 1] = (struct pollfd){guest->pid_fd, POLLIN, 0};
    }
}

void guests_dispatch(struct app *app, const struct pollfd *waits)
{
    for (int i = 0; i < GUESTS; i++) {
        struct guest *guest = &app->guests.list[i];
        if (waits[2 * i].revents && guest->fd == waits[2 * i].fd)
            take_output(app, guest);
        if (guest->vt)
            send_input(guest);
        if (waits[2 * i + 1].revents && guest->pid_fd == waits[2 * i + 1].fd && guest->pid)
            has_ended(app, guest);
    }
}

/* ---- what it is told ---- */

static void fit(struct app *app, struct guest *guest)
{
    const struct rect *pane = &app->layout.pane[PANE_TERMINAL];
    int rows, cols;
    struct winsize window = {.ws_row = (unsigned short)(pane->h - 2),
                             .ws_col = (unsigned short)(pane->w - 2)};
    vt_size(guest->vt, &rows, &cols);
    if (pane->h < 3 || pane->w < 3 || (rows == window.ws_row && cols == window.ws_col))
        return;
    vt_resize(guest->vt, window.ws_row, window.ws_col);
    if (guest->fd >= 0)
        ioctl(guest->fd, TIOCSWINSZ, &window);
}

void guests_follow(struct app *app)
{
    struct guests *g = &app->guests;
    struct guest *guest = guests_shown(g);
    bool take = g->visible && app->focus == PANE_TERMINAL && app->overlay.kind == OVERLAY_NONE &&
                !status_asks(&app->status);
    if (guest && g->visible)
        fit(app, guest);
    if (take != g->taking) {
        g->taking = take;
        g->keyseq = (struct keyseq){0};
        term_take(&app->term, take);
    }
}

/* What came behind the key that left the pane is for the screen. */
static void pass_on(struct app *app, const struct keyseq_event *event)
{
    if (event->kind == KEYSEQ_CHAR || event->kind == KEYSEQ_KEY) {
        app_key(app, event->key == '\n' ? K_ENTER : event->key == 8 ? K_BACKSPACE : event->key);
    } else if (event->kind == KEYSEQ_MOUSE && event->pressed && !event->moved && event->button) {
        struct term_mouse mouse = {event->y, event->x, event->button >= 4 ? 2 * event->button - 9 : 0,
                                   event->button == 3 ? 2 : 0};
        app_mouse(app, &mouse);
    }
}

void guests_input(struct app *app)
{
    char bytes[256];
    struct keyseq_event event;
    struct guests *g = &app->guests;
    ssize_t got = read(app->input_fd, bytes, keyseq_room(&g->keyseq));
    if (got > 0)
        keyseq_add(&g->keyseq, bytes, (size_t)got);
    while (!app->quit && keyseq_next(&g->keyseq, &event))
        if (!guests_event(app, &event))
            pass_on(app, &event);
}

static bool inside(const struct app *app, const struct keyseq_event *event, struct keyseq_event *ret)
{
    const struct rect *pane = &app->layout.pane[PANE_TERMINAL];
    *ret = *event;
    ret->y -= pane->y + 1;
    ret->x -= pane->x + 1;
    return ret->y >= 0 && ret->x >= 0 && ret->y < pane->h - 2 && ret->x < pane->w - 2;
}

static void copy(struct app *app, struct vt *vt)
{
    struct str text = {0};
    vt_selected(vt, &text);
    if (text.len)
        app_copy(app, str_text(&text), tr("what is selected"));
    str_free(&text);
}

/* A program that has the whole screen and doesn't know the mouse gets arrows for the wheel. */
static void wheel(struct vt *vt, int direction)
{
    if (!vt_is_full_screen(vt)) {
        vt_scroll(vt, -3 * direction);
        return;
    }
    for (int i = 0; i < 3; i++)
        vt_event(vt, &(struct keyseq_event){.kind = KEYSEQ_KEY, .key = direction < 0 ? K_UP : K_DOWN});
}

/* Where the program doesn't want the mouse, or with Shift: selecting copies, the wheel scrolls. */
static bool mouse_event(struct app *app, struct vt *vt, const struct keyseq_event *event)
{
    struct keyseq_event at;
    bool here = inside(app, event, &at);
    if (!here && !app->guests.selecting)
        return false;
    if (here && vt_wants_mouse(vt) && !(event->mods & MOD_SHIFT)) {
        vt_event(vt, &at);
        return true;
    }
    if (event->button >= 4) {
        wheel(vt, event->button == 4 ? -1 : 1);
    } else if (event->button == 1 && event->pressed && here) {
        app->guests.selecting = true;
        vt_select(vt, at.y, at.x, !event->moved);
    } else if (!event->pressed && app->guests.selecting) {
        app->guests.selecting = false;
        copy(app, vt);
    }
    return true;
}

/* False: the key means nothing to the pane itself. */
static bool pane_key(struct app *app, struct guest *guest, const struct keyseq_event *event)
{
    int rows, cols;
    vt_size(guest->vt, &rows, &cols);
    if (event->mods == MOD_SHIFT && (event->key == K_PAGE_UP || event->key == K_PAGE_DOWN)) {
        vt_scroll(guest->vt, event->key == K_PAGE_UP ? rows / 2 : -rows / 2);
        return true;
    }
    int action = event->mods || app->guests.keyseq.pasting
                     ? ACTION_NONE
                     : keymap_action_in(&app->keymap, KEYS_TERMINAL, event->key);
    if (action != ACTION_NONE)
        action_run(app, (enum action_id)action);
    else if (!guest->pid)
        guest_close(app, guest);
    return action != ACTION_NONE || !guest->vt;
}

bool guests_event(struct app *app, const struct keyseq_event *event)
{
    struct guest *guest = guests_shown(&app->guests);
    if (!guest || !app->guests.visible || app->focus != PANE_TERMINAL)
        return false;
    app->stale |= STALE(PANE_TERMINAL);
    if (event->kind == KEYSEQ_MOUSE)
        return mouse_event(app, guest->vt, event);
    if ((event->kind == KEYSEQ_CHAR || event->kind == KEYSEQ_KEY) && pane_key(app, guest, event))
        return true;
    vt_unselect(guest->vt);
    vt_event(guest->vt, event);
    send_input(guest);
    return true;
}
