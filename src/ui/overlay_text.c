/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A text in front of the panes, that is read and scrolled.
 */
#include "ui/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/text.h"

#define HEADING '\001'
#define FAINT   '\002'

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

/* ---- search ---- */

/* Scrolls to the next line from `from` on that has what is searched for, going by `step`, around the ends. */
static void find_line(struct overlay *overlay, int from, int step)
{
    char line[1024], mark;
    int number = 0, first = -1, last = -1, next = -1, before = -1;
    for (const char *at = str_text(&overlay->text); next_line(&at, line, sizeof line, &mark); number++) {
        if (!overlay->search.len || !strcasestr(line, overlay->search.text))
            continue;
        first = first < 0 ? number : first;
        last = number;
        if (number >= from && next < 0)
            next = number;
        if (number <= from)
            before = number;
    }
    int found = step > 0 ? (next >= 0 ? next : first) : (before >= 0 ? before : last);
    overlay->found = found;
    overlay->scroll = found >= 0 ? found : overlay->scroll;
}

/* True if the key was the search's. */
static bool search_key(struct overlay *overlay, int key)
{
    if (overlay->searching) {
        if (key == K_ENTER || key == K_ESC)
            overlay->searching = false;
        if (key == K_ESC)
            edit_set(&overlay->search, "");
        else if (key != K_ENTER && edit_key(&overlay->search, key))
            find_line(overlay, overlay->scroll, 1);
        return true;
    }
    if (key == '/') {
        overlay->searching = true;
        edit_set(&overlay->search, "");
    } else if (overlay->search.len && (key == 'n' || key == 'N')) {
        find_line(overlay, overlay->found + (key == 'n' ? 1 : -1), key == 'n' ? 1 : -1);
    } else {
        return false;
    }
    return true;
}

/* What was searched for stands out. */
static void draw_found(const struct canvas *inside, int y, const char *line, const struct edit *search)
{
    const char *found = search->len ? strcasestr(line, search->text) : NULL;
    if (!found)
        return;
    cleanup_free char *before = mem_printf("%.*s", (int)(found - line), line),
                      *part = mem_printf("%.*s", (int)search->len, found);
    canvas_text(inside, y, text_columns(before), inside->area.w, STYLE(ROLE_KEY, .attrs = STYLE_REVERSE),
                part);
}

static void draw_search(const struct canvas *frame, const struct overlay *overlay)
{
    if (!overlay->searching && !overlay->search.len)
        return;
    cleanup_free char *text = mem_printf(" /%s ", overlay->search.text);
    canvas_text(frame, frame->area.h - 1, 2, frame->area.w / 2, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), text);
}

static void draw_scroll(const struct canvas *frame, const struct overlay *overlay)
{
    char text[48];
    if (overlay->lines <= overlay->shown)
        return;
    snprintf(text, sizeof text, tr(" %d-%d of %d "), overlay->scroll + 1, overlay->scroll + overlay->shown,
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
        draw_found(inside, number - overlay->scroll, line + text_fit(line, overlay->left), &overlay->search);
    }
    draw_scroll(frame, overlay);
    draw_search(frame, overlay);
}

static void write_script(struct app *app, const char *path)
{
    const struct str *script = &app->overlay.script;
    cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    if (fd < 0)
        app_notice(app, NOTICE_ERROR, "write %s: %s", path, strerror(errno));
    else if (fs_write_all(fd, str_text(script), script->len) < 0)
        app_notice(app, NOTICE_ERROR, "write %s: it could not be written whole", path);
    else
        app_notice(app, NOTICE_DONE, "written: %s", path);
}

/* True if the key was for what can be copied. */
static bool script_key(struct app *app, int key)
{
    const struct overlay *overlay = &app->overlay;
    if (!overlay->script.len || (key != 'c' && key != 'w'))
        return false;
    struct prompt prompt = {.label = N_("write the script to"), .done = write_script};
    if (key == 'c')
        app_copy(app, str_text(&overlay->script), tr("the script"));
    else if (app->readonly)
        app_notice(app, NOTICE_ERROR, "read-only: nothing is written from here");
    else
        status_ask(&app->status, &prompt, "how.sh");
    return true;
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
    if (!overlay->searching && script_key(app, key))
        return;
    if (search_key(overlay, key)) {
        clamp_scroll(overlay);
        return;
    }
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
    struct overlay *overlay = overlay_open(app, OVERLAY_TEXT, title);
    overlay->text = *text;
    *text = (struct str){0};
    str_printable(overlay->note, sizeof overlay->note, note);
}

const struct overlay_kind overlay_text_kind = {text_size, text_draw, text_key, text_mouse};
