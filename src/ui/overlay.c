/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/overlay.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ui/app.h"
#include "ui/text.h"

#define HEADING '\001'
#define FAINT   '\002'

/* Each kind as functions: how large it wants to be, drawing into its frame, keys, mouse. */
struct kind {
    void (*size)(struct app *app, int *rows, int *cols);
    void (*draw)(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y, int *x);
    void (*key)(struct app *app, int key);
    void (*mouse)(struct app *app, int y, int x, int wheel);
};

void overlay_close(struct app *app)
{
    str_free(&app->overlay.text);
    app->overlay.kind = OVERLAY_NONE;
    app->stale = STALE_ALL;
}

static struct overlay *open_overlay(struct app *app, enum overlay_kind kind, const char *title)
{
    overlay_close(app);
    app->overlay.kind = kind;
    app->overlay.note[0] = '\0';
    app->overlay.scroll = app->overlay.left = 0;
    str_printable(app->overlay.title, sizeof app->overlay.title, title);
    return &app->overlay;
}

/* ---- text ---- */

/* The line at *at, without its end, made fit for a terminal; moves *at behind it. NULL at the end. */
static const char *next_line(const char **at, char *to, size_t size, char *mark)
{
    const char *line = *at;
    if (!*line)
        return NULL;
    size_t len = strcspn(line, "\n");
    *mark = line[0] == HEADING || line[0] == FAINT ? line[0] : 0;
    size_t skip = *mark != 0;
    cleanup_free char *copy = mem_printf("%.*s", (int)(len - skip), line + skip);
    for (char *c = copy; *c; c++)
        if (*c == '\t')
            *c = ' ';
    str_printable(to, size, copy);
    *at = line + len + (line[len] == '\n');
    return to;
}

static int longest_line(const struct str *text, int *ret_count)
{
    char line[1024], mark;
    int longest = 0;
    *ret_count = 0;
    for (const char *at = str_text(text); next_line(&at, line, sizeof line, &mark); (*ret_count)++) {
        int columns = text_columns(line);
        longest = columns > longest ? columns : longest;
    }
    return longest;
}

static void text_size(struct app *app, int *rows, int *cols)
{
    app->overlay.columns = longest_line(&app->overlay.text, &app->overlay.lines);
    *cols = app->overlay.columns + 4;
    *rows = app->overlay.lines + 2;
}

static void clamp_scroll(struct overlay *overlay)
{
    int most = overlay->lines - overlay->shown;
    if (overlay->scroll > most)
        overlay->scroll = most;
    if (overlay->scroll < 0)
        overlay->scroll = 0;
    if (overlay->left > overlay->columns - 8)
        overlay->left = overlay->columns - 8;
    if (overlay->left < 0)
        overlay->left = 0;
}

static void draw_scroll(const struct canvas *frame, const struct overlay *overlay)
{
    char text[48];
    if (overlay->lines <= overlay->shown)
        return;
    snprintf(text, sizeof text, " %d-%d of %d ", overlay->scroll + 1, overlay->scroll + overlay->shown,
             overlay->lines);
    canvas_text(frame, frame->area.h - 1, frame->area.w - text_columns(text) - 2, 40, STYLE(ROLE_GRAPH_TEXT),
                text);
}

static void text_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                      int *x)
{
    struct overlay *overlay = &app->overlay;
    char line[1024], mark;
    int number = 0;
    (void)y, (void)x;
    overlay->shown = inside->area.h;
    if (overlay->at_end)
        overlay->scroll = overlay->lines;
    overlay->at_end = false;
    clamp_scroll(overlay);
    for (const char *at = str_text(&overlay->text); next_line(&at, line, sizeof line, &mark); number++) {
        struct style style = mark == HEADING ? STYLE(ROLE_KEY, .attrs = STYLE_BOLD)
                             : mark == FAINT ? STYLE(ROLE_GRAPH_TEXT)
                                             : STYLE(ROLE_FG);
        canvas_text(inside, number - overlay->scroll, 0, inside->area.w, style,
                    line + text_fit(line, overlay->left));
    }
    draw_scroll(frame, overlay);
}

static void text_key(struct app *app, int key)
{
    struct overlay *overlay = &app->overlay;
    const struct {
        enum action_id action;
        int down, right;
    } moves[] = {{ACTION_DOWN, 1, 0},
                 {ACTION_UP, -1, 0},
                 {ACTION_PAGE_DOWN, overlay->shown, 0},
                 {ACTION_PAGE_UP, -overlay->shown, 0},
                 {ACTION_FIRST, -overlay->lines, -overlay->columns},
                 {ACTION_LAST, overlay->lines, 0},
                 {ACTION_UNFOLD, 0, 8},
                 {ACTION_FOLD, 0, -8}};
    int action = keymap_action(&app->keymap, key);
    for (size_t i = 0; i < COUNT_OF(moves); i++)
        if ((int)moves[i].action == action) {
            overlay->scroll += moves[i].down;
            overlay->left += moves[i].right;
            clamp_scroll(overlay);
            return;
        }
    overlay_close(app);
}

static void text_mouse(struct app *app, int y, int x, int wheel)
{
    (void)y, (void)x;
    if (!wheel)
        overlay_close(app);
    app->overlay.scroll += 3 * wheel;
    clamp_scroll(&app->overlay);
}

void overlay_text(struct app *app, const char *title, const char *note, struct str *text)
{
    struct overlay *overlay = open_overlay(app, OVERLAY_TEXT, title);
    overlay->text = *text;
    *text = (struct str){0};
    str_printable(overlay->note, sizeof overlay->note, note);
}

/* ---- menu ---- */

static int label_width(const struct menu *menu)
{
    int longest = 0;
    for (int i = 0; i < menu->count; i++) {
        int width = text_columns(menu->items[i].label);
        longest = width > longest ? width : longest;
    }
    return longest;
}

static void menu_size(struct app *app, int *rows, int *cols)
{
    const struct menu *menu = &app->overlay.menu;
    *rows = menu->count + 2;
    *cols = 0;
    for (int i = 0; i < menu->count; i++) {
        int width = label_width(menu) + text_columns(menu->items[i].note) + 12;
        *cols = width > *cols ? width : *cols;
    }
}

static void menu_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                      int *x)
{
    const struct menu *menu = &app->overlay.menu;
    int first = menu->selected >= inside->area.h ? menu->selected - inside->area.h + 1 : 0;
    int labels = label_width(menu);
    (void)frame, (void)y, (void)x;
    for (int i = first; i < menu->count; i++) {
        const struct menu_item *item = &menu->items[i];
        bool selected = i == menu->selected;
        enum ground ground = selected ? GROUND_SELECTED : GROUND_MAIN;
        enum role note = selected ? ROLE_SELECTED_FG : ROLE_GRAPH_TEXT;
        canvas_repeat(inside, i - first, 0, inside->area.w, STYLE(ROLE_FG, .ground = ground), " ");
        canvas_text(inside, i - first, 1, 3, STYLE(ROLE_KEY, .ground = ground, .attrs = STYLE_BOLD),
                    item->key);
        canvas_text(inside, i - first, 4, labels,
                    STYLE(selected ? ROLE_SELECTED_FG : ROLE_FG, .ground = ground), item->label);
        canvas_text(inside, i - first, 6 + labels, inside->area.w - labels - 7, STYLE(note, .ground = ground),
                    item->note);
    }
}

static void choose(struct app *app)
{
    struct menu *menu = &app->overlay.menu;
    void (*chosen)(struct app *, int) = menu->chosen;
    int value = menu->items[menu->selected].value;
    overlay_close(app);
    chosen(app, value);
}

static void menu_move(struct app *app, int step)
{
    struct menu *menu = &app->overlay.menu;
    menu->selected = (menu->selected + step + menu->count) % menu->count;
    if (menu->moved)
        menu->moved(app, menu->items[menu->selected].value);
}

static void menu_key(struct app *app, int key)
{
    struct menu *menu = &app->overlay.menu;
    char name[16];
    int action = keymap_action(&app->keymap, key);
    for (int i = 0; i < menu->count; i++)
        if (menu->items[i].key[0] && strcmp(menu->items[i].key, key_text(key, name)) == 0) {
            menu->selected = i;
            choose(app);
            return;
        }
    if (action == ACTION_DOWN || action == ACTION_UP || key == K_TAB) {
        menu_move(app, action == ACTION_UP ? -1 : 1);
    } else if (key == K_ENTER) {
        choose(app);
    } else {
        if (menu->cancelled)
            menu->cancelled(app);
        overlay_close(app);
    }
}

static void menu_mouse(struct app *app, int y, int x, int wheel)
{
    struct menu *menu = &app->overlay.menu;
    (void)x;
    if (wheel) {
        menu_move(app, wheel);
    } else if (y >= 1 && y <= menu->count) {
        menu->selected = y - 1;
        choose(app);
    } else {
        menu_key(app, K_ESC);
    }
}

void overlay_menu(struct app *app, const char *title)
{
    open_overlay(app, OVERLAY_MENU, title);
}

/* ---- the form ---- */

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
                spec->label);
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
    struct overlay *overlay = open_overlay(app, OVERLAY_FORM, "new container");
    str_copy(overlay->note, sizeof overlay->note, "Tab next   Enter launch   Esc away");
    form_init(&overlay->form, &app->model.now->cgroupfs, app->model.containers, app->model.container_count);
}

/* ---- all of them ---- */

static const struct kind kinds[OVERLAY_KINDS] = {
    [OVERLAY_TEXT] = {text_size, text_draw, text_key, text_mouse},
    [OVERLAY_MENU] = {menu_size, menu_draw, menu_key, menu_mouse},
    [OVERLAY_FORM] = {form_size, form_draw, form_overlay_key, form_mouse},
};

static struct rect place(struct app *app, const struct rect *screen)
{
    int rows, cols;
    kinds[app->overlay.kind].size(app, &rows, &cols);
    int least = text_columns(app->overlay.title) + text_columns(app->overlay.note) + 10;
    cols = cols < least ? least : cols;
    rows = rows > screen->h - 2 ? screen->h - 2 : rows;
    cols = cols > screen->w - 2 ? screen->w - 2 : cols;
    return (struct rect){(screen->h - rows) / 2, (screen->w - cols) / 2, rows, cols};
}

void overlay_key(struct app *app, int key)
{
    kinds[app->overlay.kind].key(app, key);
    app->stale = STALE_ALL;
}

void overlay_mouse(struct app *app, int y, int x, int wheel)
{
    struct rect screen = {0, 0, app->term.rows, app->term.cols}, at = place(app, &screen);
    kinds[app->overlay.kind].mouse(app, y - at.y, x - at.x, wheel);
    app->stale = STALE_ALL;
}

void overlay_draw(struct app *app, const struct canvas *screen, int *ret_y, int *ret_x)
{
    struct canvas frame = {screen->term, place(app, &screen->area)}, inside;
    canvas_box(&frame, ROLE_KEY, &inside);
    canvas_notch(&frame, 2, ROLE_KEY, STYLE(ROLE_TITLE, .attrs = STYLE_BOLD), app->overlay.title);
    int note = canvas_notch_width(app->overlay.note);
    if (app->overlay.note[0] && frame.area.w > note + canvas_notch_width(app->overlay.title) + 5)
        canvas_notch(&frame, frame.area.w - note - 2, ROLE_KEY, STYLE(ROLE_GRAPH_TEXT), app->overlay.note);
    kinds[app->overlay.kind].draw(app, &frame, &inside, ret_y, ret_x);
}
