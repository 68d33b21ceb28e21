/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The form for a new container, as a dialog.
 */
#include "ui/overlay.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/unit.h"
#include "ui/act.h"
#include "ui/app.h"
#include "ui/form_pick.h"
#include "ui/language.h"
#include "ui/launches.h"
#include "ui/part.h"

enum { FORM_COLS = 78, FORM_LABEL = 10 };

static void form_size(struct app *app, int *rows, int *cols)
{
    (void)app;
    *rows = 2 * FIELD_COUNT + 8;
    *cols = FORM_COLS;
}

static void draw_field(const struct form *form, const struct canvas *c, int y, enum form_field field)
{
    const struct form_spec *spec = &form_fields[field];
    bool focused = form->focus == field;
    int width = c->area.w - FORM_LABEL;
    struct style value = focused ? STYLE(ROLE_SELECTED_FG, .ground = GROUND_SELECTED)
                                 : STYLE(ROLE_TITLE, .ground = GROUND_KEYS);
    canvas_text(c, y, 0, FORM_LABEL, STYLE(focused ? ROLE_KEY : ROLE_FG, .attrs = focused ? STYLE_BOLD : 0),
                tr(spec->label));
    canvas_repeat(c, y, FORM_LABEL, width, value, " ");
    if (spec->choices) {
        canvas_glyph(c, y, FORM_LABEL + 1, value, GLYPH_LEFT);
        int used = canvas_text(c, y, FORM_LABEL + 3, width - 5, value, tr(form->edit[field].text));
        canvas_glyph(c, y, FORM_LABEL + 4 + used, value, GLYPH_RIGHT);
    } else if (form->missing >> field & 1 && !form->edit[field].text[0]) {
        cleanup_free char *note =
            mem_printf(tr("no %s controller on cgroup v2 here"), controller_names[spec->controller]);
        canvas_text(c, y, FORM_LABEL + 1, width - 2, STYLE(ROLE_GRAPH_TEXT, .ground = value.ground), note);
    } else {
        canvas_text(c, y, FORM_LABEL + 1, width - 2, value, form->edit[field].text);
    }
}

/* The line that will be executed, over as many lines as it needs. */
static void draw_line(const struct form *form, const struct canvas *c, int y)
{
    struct str line = {0};
    char plain[1024];
    form_line(form, &line);
    str_printable(plain, sizeof plain, str_text(&line));
    part_wrap(c, y, 2, c->area.w - 2, c->area.h - y, STYLE(ROLE_GOOD), plain);
    str_free(&line);
}

/* The last line of what the launch has written: an import tells how far it is. */
static void draw_said(const struct call *call, const struct canvas *c, int y)
{
    char line[256];
    const char *text = str_text(&call->job.output), *last = text + strlen(text);
    while (last > text && last[-1] == '\n')
        last--;
    const char *begin = last;
    while (begin > text && begin[-1] != '\n')
        begin--;
    cleanup_free char *copy = mem_printf("%.*s", (int)(last - begin), begin);
    str_printable(line, sizeof line, copy[0] ? copy : tr("launching..."));
    canvas_text(c, y, 0, c->area.w, STYLE(ROLE_WARN), line);
}

/* The steps so far, in the place of the fields; the last ones, if not all find room. */
static void draw_steps(const struct steps *steps, const struct canvas *c, int rows)
{
    char text[200];
    size_t from = steps->count > (size_t)rows ? steps->count - (size_t)rows : 0;
    for (size_t i = from; i < steps->count; i++) {
        steps_line(&steps->lines[i], text, sizeof text);
        canvas_text(c, (int)(i - from), 0, c->area.w, STYLE(steps->lines[i].failed ? ROLE_BAD : ROLE_FG),
                    text);
    }
}

static void draw_focused(const struct form *form, const struct canvas *inside, int line, bool roomy, int *y,
                         int *x)
{
    const struct form_spec *spec = &form_fields[form->focus];
    if (roomy && !form->problem[form->focus][0])
        canvas_text(inside, line + 1, FORM_LABEL + 1, inside->area.w - FORM_LABEL - 1, STYLE(ROLE_GRAPH_TEXT),
                    tr(spec->help));
    *y = inside->area.y + line;
    *x = inside->area.x + FORM_LABEL + (spec->choices ? 3 : 1 + edit_column(&form->edit[form->focus]));
}

static void form_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                      int *x)
{
    const struct form *form = &app->overlay.form;
    bool roomy = inside->area.h >= 2 * FIELD_COUNT + 4;
    int step = roomy ? 2 : 1, line = 0;
    (void)frame;
    if (app->overlay.launching) {
        line = step * FIELD_COUNT + !roomy;
        draw_steps(&app->overlay.launching->steps, inside, line);
        draw_said(app->overlay.launching, inside, line++);
        draw_line(form, inside, line);
        return;
    }
    for (int i = 0; i < FIELD_COUNT; i++, line += step) {
        draw_field(form, inside, line, (enum form_field)i);
        if (form->problem[i][0] && roomy)
            canvas_text(inside, line + 1, FORM_LABEL + 1, inside->area.w - FORM_LABEL - 1, STYLE(ROLE_BAD),
                        form->problem[i]);
        if ((int)form->focus == i)
            draw_focused(form, inside, line, roomy, y, x);
    }
    const char *problem = form->problem[form->focus];
    if (!roomy)
        canvas_text(inside, line++, 0, inside->area.w, STYLE(problem[0] ? ROLE_BAD : ROLE_GRAPH_TEXT),
                    problem[0] ? problem : tr(form_fields[form->focus].help));
    if (form->failure[0])
        canvas_text(inside, line++, 0, inside->area.w, STYLE(ROLE_BAD), form->failure);
    else
        canvas_text(inside, line++, 0, inside->area.w, STYLE(ROLE_GRAPH_TEXT),
                    tr("Ctrl-O roots  Ctrl-R last ones  Ctrl-X options  Ctrl-S keep; executed:"));
    draw_line(form, inside, line);
}

/* Where there are no records there are no containers to be told apart. */
void form_ground_of(const struct app *app, struct form_ground *ret)
{
    struct cgroupfs fs = app->model.now->cgroupfs;
    *ret = (struct form_ground){&app->model.now->cgroupfs, app->model.containers, app->model.container_count,
                                ""};
    if (app->has_store && fs.layout != CGROUP_LAYOUT_NONE) {
        unit_locate(&fs);
        snprintf(ret->groups, sizeof ret->groups, "%s%s", fs.mount, fs.base);
    }
}

static bool form_is_fine(struct app *app)
{
    struct form_ground ground;
    form_ground_of(app, &ground);
    return form_check(&app->overlay.form, &ground);
}

static void launch(struct app *app)
{
    struct form *form = &app->overlay.form;
    if (!form_is_fine(app)) {
        for (int i = 0; i < FIELD_COUNT; i++)
            if (form->problem[i][0]) {
                form->focus = (enum form_field)i;
                return;
            }
    }
    cleanup_list char **arguments = form_arguments(form, app->program);
    struct call *job = call_start(app, CALL_RUN, arguments);
    if (job)
        str_copy(job->name, sizeof job->name, form->edit[FIELD_NAME].text);
    form->failure[0] = '\0';
    app->overlay.launching = job;
    app->steps_ns = job ? clock_mono_ns() + STEPS_NS : 0;
}

void form_steps(struct app *app)
{
    struct call *call = app->overlay.launching;
    app->steps_ns = call ? clock_mono_ns() + STEPS_NS : 0;
    if (call && steps_read(&call->steps))
        app->stale = STALE_ALL;
}

/* How long it took, step for step: x has each of them. */
static void tell_launched(struct app *app, const char *name, const struct steps *steps)
{
    if (steps->done)
        app_notice(app, NOTICE_DONE,
                   trn("launched %s: %u step in %.1f ms", "launched %s: %u steps in %.1f ms", steps->done),
                   name, steps->done, (double)steps->all_ns / 1e6);
    else
        app_notice(app, NOTICE_DONE, "launched %s", name);
}

/* Who looks at the terminal sees how it came to be, above what its program says. */
static void tell_terminal(struct app *app, const struct steps *steps)
{
    struct str text = {0};
    steps_print(steps, app->layout.pane[PANE_TERMINAL].w - 2, &text);
    guest_say(app, str_text(&text));
    str_free(&text);
}

/* Which step it was, if it was one. */
static void tell_failed(struct app *app, const struct steps *steps, const char *error)
{
    for (size_t i = 0; i < steps->count; i++)
        if (steps->lines[i].failed) {
            app_notice(app, NOTICE_ERROR, "step %s: %s", step_name(steps->lines[i].kind), error);
            return;
        }
    app_notice(app, NOTICE_ERROR, "%s", error);
}

void form_launched(struct app *app, const struct call *call, const struct call *ended, const char *error)
{
    struct form form = app->overlay.form;
    const char *name = ended->name;
    struct err err;
    bool shown = app->overlay.kind == OVERLAY_FORM && app->overlay.launching == call;
    app->overlay.launching = shown ? NULL : app->overlay.launching;
    if (error) {
        tell_failed(app, &ended->steps, error);
        if (shown)
            form_blame(&app->overlay.form, error);
        return;
    }
    tell_launched(app, name, &ended->steps);
    model_follow(&app->model, name);
    if (!shown)
        return;
    overlay_close(app);
    if (launches_keep("", &form, &err) < 0)
        app_notice(app, NOTICE_ERROR, "%s", err.text);
    if (form_then(&form) == THEN_SHELL)
        act_shell_in(app, name);
    else if (form_then(&form) == THEN_ATTACH)
        act_attach_to(app, name);
    if (form_then(&form) != THEN_STAY)
        tell_terminal(app, &ended->steps);
}

static void form_overlay_key(struct app *app, int key)
{
    static const struct {
        int key;
        void (*pick)(struct app *app);
    } picks[] = {{'o' & 31, form_pick_root},
                 {'r' & 31, form_pick_recent},
                 {'x' & 31, form_pick_option},
                 {'s' & 31, form_keep}};
    for (size_t i = 0; i < COUNT_OF(picks); i++)
        if (picks[i].key == key) {
            picks[i].pick(app);
            return;
        }
    if (key == K_ESC || key == 3) {
        overlay_close(app);
    } else if (app->overlay.launching) {
        return; /* it is on its way */
    } else if (key == K_ENTER) {
        launch(app);
    } else {
        form_key(&app->overlay.form, key);
        form_is_fine(app);
    }
}

static void form_mouse(struct app *app, int y, int x, int wheel)
{
    (void)x;
    int field = (y - 1) / 2;
    if (wheel)
        form_key(&app->overlay.form, wheel > 0 ? K_DOWN : K_UP);
    else if (y >= 1 && field < FIELD_COUNT)
        app->overlay.form.focus = (enum form_field)field;
}

static struct overlay *open_form(struct app *app)
{
    struct overlay *overlay = overlay_open(app, OVERLAY_FORM, tr("new container"));
    str_copy(overlay->note, sizeof overlay->note, tr("Tab next   Enter launch   Esc away"));
    return overlay;
}

void overlay_form_again(struct app *app)
{
    open_form(app);
    form_is_fine(app);
}

void overlay_form(struct app *app)
{
    struct form_ground ground;
    form_ground_of(app, &ground);
    form_init(&open_form(app)->form, &ground);
}

const struct overlay_kind overlay_form_kind = {form_size, form_draw, form_overlay_key, form_mouse};
