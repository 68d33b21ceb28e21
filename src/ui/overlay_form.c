/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The form for a new container, as a dialog.
 */
#include "ui/overlay.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/text.h"

enum { FORM_COLS = 74, FORM_LABEL = 10 };

static void form_size(struct app *app, int *rows, int *cols)
{
    (void)app;
    *rows = 2 * FIELD_COUNT + 7;
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
        int used = canvas_text(c, y, FORM_LABEL + 3, width - 5, value, form->edit[field].text);
        canvas_glyph(c, y, FORM_LABEL + 4 + used, value, GLYPH_RIGHT);
    } else if (form->missing >> field & 1 && !form->edit[field].text[0]) {
        cleanup_free char *note =
            mem_printf("no %s controller on cgroup v2 here", controller_names[spec->controller]);
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
    const char *at = plain;
    for (; *at && y < c->area.h; y++) {
        size_t fits = text_fit(at, c->area.w - 2);
        cleanup_free char *text = mem_printf("%.*s", (int)fits, at);
        canvas_text(c, y, 2, c->area.w - 2, STYLE(ROLE_GOOD), text);
        at += fits;
    }
    str_free(&line);
}

static void form_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                      int *x)
{
    const struct form *form = &app->overlay.form;
    bool roomy = inside->area.h >= 2 * FIELD_COUNT + 4;
    int step = roomy ? 2 : 1, line = 0;
    (void)frame;
    for (int i = 0; i < FIELD_COUNT; i++, line += step) {
        bool focused = (int)form->focus == i;
        draw_field(form, inside, line, (enum form_field)i);
        if (form->problem[i][0] && roomy)
            canvas_text(inside, line + 1, FORM_LABEL + 1, inside->area.w - FORM_LABEL - 1, STYLE(ROLE_BAD),
                        form->problem[i]);
        else if (focused && roomy)
            canvas_text(inside, line + 1, FORM_LABEL + 1, inside->area.w - FORM_LABEL - 1,
                        STYLE(ROLE_GRAPH_TEXT), form_fields[i].help);
        if (!focused)
            continue;
        *y = inside->area.y + line;
        *x = inside->area.x + FORM_LABEL + (form_fields[i].choices ? 3 : 1 + edit_column(&form->edit[i]));
    }
    const char *problem = form->problem[form->focus];
    if (!roomy)
        canvas_text(inside, line++, 0, inside->area.w, STYLE(problem[0] ? ROLE_BAD : ROLE_GRAPH_TEXT),
                    problem[0] ? problem : form_fields[form->focus].help);
    canvas_text(inside, line++, 0, inside->area.w, STYLE(ROLE_GRAPH_TEXT),
                "Enter launches it; what is executed:");
    draw_line(form, inside, line);
}

static bool form_is_fine(struct app *app)
{
    return form_check(&app->overlay.form, &app->model.now->cgroupfs, app->model.containers,
                      app->model.container_count);
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
    if (job) {
        str_copy(job->name, sizeof job->name, form->edit[FIELD_NAME].text);
        snprintf(job->done, sizeof job->done, "launched %s", job->name);
    }
    overlay_close(app);
}

static void form_overlay_key(struct app *app, int key)
{
    if (key == K_ESC || key == 3) {
        overlay_close(app);
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

void overlay_form(struct app *app)
{
    struct overlay *overlay = overlay_open(app, OVERLAY_FORM, tr("new container"));
    str_copy(overlay->note, sizeof overlay->note, tr("Tab next   Enter launch   Esc away"));
    form_init(&overlay->form, &app->model.now->cgroupfs, app->model.containers, app->model.container_count);
}

const struct overlay_kind overlay_form_kind = {form_size, form_draw, form_overlay_key, form_mouse};
