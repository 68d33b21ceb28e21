/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside a container: a shell, its own terminal; in the terminal pane or with the whole terminal.
 */
#include "ui/act.h"

#include "base/mem.h"
#include "ui/app.h"

/* The best of the shells that are there. */
static char best_shell[] = "command -v bash >/dev/null && exec bash; exec sh";

static char **shell_line(struct app *app, const char *name)
{
    return mem_dup_list((char *[]){app->program, (char[]){"exec"}, (char[]){"-it"}, (char *)(uintptr_t)name,
                                   (char[]){"/bin/sh"}, (char[]){"-c"}, best_shell, NULL});
}

static char **attach_line(struct app *app, const char *name)
{
    return mem_dup_list((char *[]){app->program, (char[]){"attach"}, (char *)(uintptr_t)name, NULL});
}

void act_shell_in(struct app *app, const char *name)
{
    cleanup_list char **arguments = shell_line(app, name);
    guest_open(app, GUEST_SHELL, name, arguments);
}

void act_shell(struct app *app)
{
    act_shell_in(app, act_container(app)->name);
}

void act_shell_full(struct app *app)
{
    cleanup_list char **arguments = shell_line(app, act_container(app)->name);
    call_foreground(app, arguments);
}

void act_attach_to(struct app *app, const char *name)
{
    cleanup_list char **arguments = attach_line(app, name);
    guest_open(app, GUEST_ATTACH, name, arguments);
}

void act_attach(struct app *app)
{
    act_attach_to(app, act_container(app)->name);
}

void act_attach_full(struct app *app)
{
    cleanup_list char **arguments = attach_line(app, act_container(app)->name);
    call_foreground(app, arguments);
}

void act_terminal(struct app *app)
{
    if (!guests_shown(&app->guests))
        app_notice(app, NOTICE_INFO, "no shell is open: select a container and open one");
    else
        guests_show(app, !app->guests.visible || app->focus != PANE_TERMINAL);
}

void act_terminal_leave(struct app *app)
{
    app->focus = app->tour.on ? PANE_TOUR : PANE_TABLE;
    if (app->wish.zoomed == PANE_TERMINAL)
        app->wish.zoomed = -1;
    app_layout(app);
}

void act_terminal_zoom(struct app *app)
{
    if (!app->guests.visible)
        return;
    app->wish.zoomed = app->wish.zoomed == PANE_TERMINAL ? -1 : PANE_TERMINAL;
    app->focus = PANE_TERMINAL;
    app_layout(app);
}

void act_terminal_next(struct app *app)
{
    guests_next(app);
}

void act_terminal_close(struct app *app)
{
    struct guest *guest = guests_shown(&app->guests);
    if (guest)
        guest_close(app, guest);
}
