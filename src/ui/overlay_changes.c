/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was turned from here: limits, newest first; put back one by one or all, or written out as shell lines.
 */
#include "ui/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/text.h"

enum { COLS = 96 };

static void changes_size(struct app *app, int *rows, int *cols)
{
    size_t count = app->model.change_count;
    *rows = count ? (int)count + 2 : 3;
    *cols = COLS;
}

/* The index-th, 0 is the newest. */
static const struct change *change_at(const struct app *app, size_t index)
{
    return &app->model.changes[app->model.change_count - 1 - index];
}

static void draw_change(const struct canvas *c, int y, const struct change *change, bool selected)
{
    char clock[16], before[KNOB_TEXT_SIZE], after[KNOB_TEXT_SIZE], text[2 * KNOB_TEXT_SIZE + 80];
    time_t seconds = (time_t)(change->wall_ns / 1000000000u);
    struct tm tm = {0};
    enum ground ground = selected ? GROUND_SELECTED : GROUND_MAIN;
    enum role role = selected ? ROLE_SELECTED_FG : ROLE_FG;
    int half = (c->area.w - 10) / 2;
    localtime_r(&seconds, &tm);
    strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    knob_format(knob_find(change->knob), change->before, before);
    knob_format(knob_find(change->knob), change->after, after);
    snprintf(text, sizeof text, "%s  %s -> %s", change->knob, before, after);
    canvas_repeat(c, y, 0, c->area.w, STYLE(role, .ground = ground), " ");
    canvas_text(c, y, 0, 8, STYLE(selected ? role : ROLE_GRAPH_TEXT, .ground = ground), clock);
    canvas_text(c, y, 9, half - 1,
                STYLE(selected         ? role
                      : change->others ? ROLE_WARN
                                       : ROLE_CONTAINER,
                      .ground = ground),
                change->cgroup);
    canvas_text(c, y, 9 + half, c->area.w - 9 - half, STYLE(role, .ground = ground), text);
}

static void changes_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                         int *x)
{
    size_t count = app->model.change_count, *selected = &app->overlay.change;
    (void)frame, (void)y, (void)x;
    if (!count) {
        canvas_text(inside, 0, 0, inside->area.w, STYLE(ROLE_GRAPH_TEXT),
                    tr("no limit was turned from here"));
        return;
    }
    *selected = *selected >= count ? count - 1 : *selected;
    int room = inside->area.h;
    size_t top = *selected >= (size_t)room ? *selected - (size_t)room + 1 : 0;
    app->overlay.scroll = (int)top;
    for (int i = 0; i < room && top + (size_t)i < count; i++)
        draw_change(inside, i, change_at(app, top + (size_t)i), top + (size_t)i == *selected);
}

/* The limits as they are now, and below how they were: both can be pasted into a shell. */
static void script_of(const struct app *app, struct str *to)
{
    const struct model *model = &app->model;
    const char *mount = model->now ? model->now->cgroupfs.mount : "/sys/fs/cgroup";
    for (int back = 0; back < 2; back++) {
        str_addf(to, "%s# %s\n", back ? "\n" : "", back ? tr("back to how it was") : tr("what was set"));
        for (size_t i = 0; i < model->change_count; i++) {
            const struct change *change = &model->changes[back ? model->change_count - 1 - i : i];
            cleanup_free char *file = mem_printf("%s%s/%s", mount, change->cgroup, change->knob);
            str_add(to, "echo ");
            str_add_shell(to, back ? change->before : change->after);
            str_add(to, " > ");
            str_add_shell(to, file);
            str_add(to, "\n");
        }
    }
}

static void write_script(struct app *app, const char *path)
{
    struct str text = {0};
    int fd = *path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    str_add(&text, "#!/bin/sh\n");
    script_of(app, &text);
    int rc = fd < 0 ? -errno : fs_write_all(fd, text.text, text.len);
    if (!*path)
        app_notice(app, NOTICE_INFO, "nothing was written");
    else if (rc < 0)
        app_notice(app, NOTICE_ERROR, "write %s: %s", path, strerror(-rc));
    else
        app_notice(app, NOTICE_DONE,
                   trn("%zu change written to %s", "%zu changes written to %s", app->model.change_count),
                   app->model.change_count, path);
    if (fd >= 0)
        close(fd);
    str_free(&text);
}

static void show_script(struct app *app)
{
    struct str text = {0};
    script_of(app, &text);
    overlay_text(app, N_("changes, as shell lines"), SCROLL_NOTE, &text);
}

static void changes_key(struct app *app, int key)
{
    size_t count = app->model.change_count, *selected = &app->overlay.change;
    int action = keymap_action(&app->keymap, key);
    if (action == ACTION_DOWN && *selected + 1 < count)
        ++*selected;
    else if (action == ACTION_UP && *selected)
        --*selected;
    else if (key == 'u' && count)
        turn_back(app, count - 1 - *selected);
    else if (key == 'U' && count)
        turn_restore(app, false);
    else if (key == 'x' && count)
        show_script(app);
    else if (key == 'w' && count) {
        overlay_close(app);
        status_ask(&app->status, &(struct prompt){.label = N_("write them to:"), .done = write_script},
                   "boxtop-changes.sh");
    } else if (action != ACTION_DOWN && action != ACTION_UP)
        overlay_close(app);
}

static void changes_mouse(struct app *app, int y, int x, int wheel)
{
    size_t index = (size_t)(app->overlay.scroll + y - 1);
    (void)x;
    if (wheel)
        changes_key(app, wheel > 0 ? K_DOWN : K_UP);
    else if (y >= 1 && index < app->model.change_count)
        app->overlay.change = index;
}

void overlay_changes(struct app *app)
{
    struct overlay *overlay = overlay_open(app, OVERLAY_CHANGES, N_("changes"));
    snprintf(overlay->note, sizeof overlay->note, N_("u: one back, U: all, x: as shell lines, w: to a file"));
    overlay->change = 0;
}

const struct overlay_kind overlay_changes_kind = {changes_size, changes_draw, changes_key, changes_mouse};
