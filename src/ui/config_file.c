/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "ui/app.h"
#include "ui/ini.h"

#define CONFIG_MOST (1u << 20) /* bytes */

static void config_directory(char *to, size_t size)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/')
        snprintf(to, size, "%s/boxtop", config);
    else if (home && home[0] == '/')
        snprintf(to, size, "%s/.config/boxtop", home);
    else
        to[0] = '\0';
}

void config_path(char *to, size_t size)
{
    char directory[PATH_MAX - 16];
    config_directory(directory, sizeof directory);
    snprintf(to, size, "%s%s", directory, directory[0] ? "/boxtop.conf" : "");
}

int config_load(struct config *ret, void (*tell)(void *data, const char *line), void *data)
{
    char path[PATH_MAX];
    cleanup_free char *text = NULL;
    config_default(ret);
    config_path(path, sizeof path);
    ssize_t len = path[0] ? fs_read_whole_at(AT_FDCWD, path, CONFIG_MOST, &text) : -ENOENT;
    if (len == -ENOENT || len == -ENOTDIR)
        return 0;
    if (len >= 0)
        return config_parse(ret, path, text, tell, data);
    cleanup_free char *line = mem_printf("read %s: %s", path, strerror((int)-len));
    tell(data, line);
    return 1;
}

/* ---- what it says is done ---- */

static void apply_theme(struct app *app)
{
    struct theme theme;
    struct err err;
    const char *name = app->theme_option ? app->theme_option : app->config.theme;
    if (strcmp(name, "auto") == 0)
        name = app->term.light ? "boxtop-light" : "boxtop";
    if (theme_load(&theme, name, &err) < 0)
        app_notice(app, NOTICE_ERROR, "%s", err.text);
    else
        app->term.theme = theme;
}

void config_theme(struct app *app)
{
    apply_theme(app);
    app->stale = STALE_ALL;
}

static void apply_interval(struct app *app)
{
    app->interval_ms = app->interval_option_ms ? app->interval_option_ms : app->config.interval_ms;
    app->model.interval_ns = app->interval_ms * 1000000;
    if (app->monitor)
        monitor_set_interval(app->monitor, app->interval_ms);
}

/* What the file says now and didn't before: what was chosen by a key meanwhile stays. */
static void apply_changes(struct app *app, const struct config *before)
{
    const struct config *now = &app->config;
    app->keymap = now->keys;
    if (!before || strcmp(before->theme, now->theme) != 0)
        apply_theme(app);
    if (!before || before->interval_ms != now->interval_ms)
        apply_interval(app);
    if (app->history && before->history_bytes != now->history_bytes && now->history_bytes)
        history_set_budget(app->history, now->history_bytes);
    if (!before || memcmp(&before->columns, &now->columns, sizeof now->columns) != 0)
        app->column_set = now->columns;
    if (!before || before->sort != now->sort || before->reverse != now->reverse) {
        app->model.sort = (enum column_id)now->sort;
        app->model.reverse = now->reverse;
    }
    if (!before || before->flat != now->flat)
        app->model.flat = now->flat;
    if (!before || before->layout != now->layout)
        app->wish = (struct layout_wish){.preset = (enum layout_preset)now->layout, .zoomed = -1};
    if (before)
        term_settings(&app->term, now->mouse, now->glyphs, now->colors);
    model_rebuild(&app->model);
    app_layout(app);
}

/* The first thing that is wrong is shown, with how many more there are. */
struct wrong {
    char first[600];
    int count;
};

static void note_wrong(void *data, const char *line)
{
    struct wrong *wrong = data;
    if (wrong->count++ == 0)
        str_copy(wrong->first, sizeof wrong->first, line);
}

static void load(struct app *app, bool again)
{
    struct wrong wrong = {0};
    struct config before = app->config;
    config_load(&app->config, note_wrong, &wrong);
    apply_changes(app, again ? &before : NULL);
    if (wrong.count > 1)
        app_notice(app, NOTICE_ERROR, "%s; and %d more: boxtop --print-config", wrong.first, wrong.count - 1);
    else if (wrong.count)
        app_notice(app, NOTICE_ERROR, "%s", wrong.first);
}

/* Watches the directory: editors put a new file in the place of the old one. */
static void watch(struct app *app)
{
    char directory[PATH_MAX - 16];
    config_directory(directory, sizeof directory);
    if (directory[0] && app->config_fd >= 0)
        inotify_add_watch(app->config_fd, directory, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR);
}

void config_start(struct app *app)
{
    app->config_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    watch(app);
    load(app, false);
}

void config_notified(struct app *app)
{
    char bytes[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool ours = false;
    ssize_t got;
    while ((got = read(app->config_fd, bytes, sizeof bytes)) > 0)
        for (ssize_t at = 0; at < got;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)(bytes + at);
            ours = ours || (event->len && strcmp(event->name, "boxtop.conf") == 0);
            at += (ssize_t)(sizeof *event + event->len);
        }
    if (ours)
        load(app, true);
}

/* ---- what was chosen is kept ---- */

static int put(const char *key, const char *value)
{
    char directory[PATH_MAX - 16];
    cleanup_free char *text = NULL;
    cleanup_close int dir = -1;
    struct str changed = {0};
    config_directory(directory, sizeof directory);
    if (!directory[0])
        return -ENOENT;
    int rc = fs_mkdirs(directory, 0700);
    if (rc < 0 || (dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        return rc < 0 ? rc : -errno;
    ssize_t len = fs_read_whole_at(dir, "boxtop.conf", CONFIG_MOST, &text);
    if (len < 0 && len != -ENOENT)
        return (int)len;
    ini_put(text ? text : "", "", key, value, &changed);
    rc = fs_replace_at(dir, "boxtop.conf", changed.text, changed.len);
    str_free(&changed);
    return rc;
}

void config_keep(struct app *app, const char *key, const char *value)
{
    char path[PATH_MAX];
    config_path(path, sizeof path);
    if (app->readonly) {
        app_notice(app, NOTICE_INFO, "%s = %s, for now: read-only, nothing is written", key, value);
        return;
    }
    int rc = put(key, value);
    if (rc < 0)
        app_notice(app, NOTICE_ERROR, "keep %s = %s in %s: %s", key, value, path[0] ? path : "boxtop.conf",
                   strerror(-rc));
    else
        app_notice(app, NOTICE_DONE, "%s = %s, kept in %s", key, value, path);
    watch(app);
}
