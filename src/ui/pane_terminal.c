/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminal pane: what the program in it shows, and the key that leaves it.
 */
#include <stdio.h>

#include "base/clock.h"
#include "ui/ansi.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/pane.h"
#include "ui/text.h"

static void look_of(const struct term *term, const struct vt_cell *cell, struct look *ret)
{
    bool bold = false, none = false;
    theme_look(&term->theme, term->depth, STYLE(ROLE_FG), ret);
    if (cell->fg != COLOR_DEFAULT)
        ret->fg = ansi_color(term->depth, cell->fg, &bold);
    if (cell->bg != COLOR_DEFAULT)
        ret->bg = ansi_color(term->depth, cell->bg, &none);
    ret->attrs = (cell->attrs ^ (cell->selected ? STYLE_REVERSE : 0u)) | (bold ? STYLE_BOLD : 0u);
}

static void draw_cells(struct app *app, const struct vt *vt, const struct canvas *c)
{
    for (int y = 0; y < c->area.h; y++)
        for (int x = 0; x < c->area.w;) {
            struct vt_cell cell;
            struct look look;
            vt_cell(vt, y, x, &cell);
            look_of(&app->term, &cell, &look);
            canvas_char(c, y, x, &look, (wchar_t)cell.c, cell.width);
            x += cell.width > 0 ? cell.width : 1;
        }
}

static void draw_notes(struct app *app, const struct canvas *frame, const struct guest *guest)
{
    char key[16], text[96];
    int back = vt_scroll(guest->vt, 0), right = frame->area.w - 2;
    bool focused = app->focus == PANE_TERMINAL;
    if (!guest->pid)
        snprintf(text, sizeof text, tr("ended with status %d; any key closes it"), guest->status);
    else if (back)
        snprintf(text, sizeof text, tr("%d of %d lines back"), back, vt_lines_before(guest->vt));
    else
        snprintf(text, sizeof text, "%s %s",
                 key_text(keymap_key(&app->keymap, focused ? ACTION_TERMINAL_LEAVE : ACTION_TERMINAL), key),
                 focused ? tr("leaves it") : tr("goes in"));
    enum role border = focused ? ROLE_KEY : ROLE_BOX_OTHER;
    right -= canvas_notch_width(text);
    if (right > 24)
        canvas_notch(frame, right, border, STYLE(guest->pid && !back ? ROLE_GRAPH_TEXT : ROLE_WARN), text);
}

static void draw_terminal(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    static const char *const kinds[] = {[GUEST_SHELL] = N_("shell in"), [GUEST_ATTACH] = N_("attached to")};
    struct guest *guest = guests_shown(&app->guests);
    struct canvas cells = {frame->term,
                           {frame->area.y + 1, frame->area.x + 1, frame->area.h - 2, frame->area.w - 2}};
    char title[SPEC_NAME_SIZE + 32];
    if (!guest) {
        canvas_text(inside, 0, 0, inside->area.w, STYLE(ROLE_GRAPH_TEXT), tr("no shell is open"));
        return;
    }
    bool focused = app->focus == PANE_TERMINAL;
    snprintf(title, sizeof title, "%s %s", tr(kinds[guest->kind]), guest->name);
    canvas_notch(frame, 2, focused ? ROLE_KEY : ROLE_BOX_OTHER,
                 STYLE(focused ? ROLE_KEY : ROLE_TITLE, .attrs = STYLE_BOLD), title);
    draw_cells(app, guest->vt, &cells);
    draw_notes(app, frame, guest);
    app->guests.drawn_ns = clock_mono_ns();
    app->guests.due_ns = 0;
}

/* A key as curses gives it. */
static bool key_terminal(struct app *app, int key)
{
    return guests_event(
        app, &(struct keyseq_event){.kind = key >= K_NAMED ? KEYSEQ_KEY : KEYSEQ_CHAR, .key = key});
}

static void wheel_terminal(struct app *app, int direction)
{
    struct guest *guest = guests_shown(&app->guests);
    if (guest)
        vt_scroll(guest->vt, -3 * direction);
}

const struct pane pane_terminal = {.title = N_("terminal"),
                                   .box = ROLE_BOX_OTHER,
                                   .action = ACTION_TERMINAL,
                                   .draw = draw_terminal,
                                   .key = key_terminal,
                                   .wheel = wheel_terminal};
