/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/ui.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/self.h"
#include "ui/app.h"
#include "ui/heap.h"
#include "ui/language.h"

struct settings {
    uint64_t interval_ms; /* 0: as the config says */
    const char *theme, *on_event, *tour, *replay, *at;
    bool readonly, print_config, tours;
};

static int apply_interval(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct settings *settings = target;
    if (parse_duration(value, &settings->interval_ms) < 0 || settings->interval_ms < 100 ||
        settings->interval_ms > 3600000)
        return err_set(err, EINVAL, "%s %s: not a time from 100ms to 1h", row->name, value);
    return 0;
}

static const struct option_row options[] = {
    {"--readonly", 0, NULL, "change nothing, whatever is pressed", NULL, offsetof(struct settings, readonly)},
    {"--interval", 0, "DURATION", "time between samples: 1s, 500ms", apply_interval, 0},
    {"--theme", 0, "NAME|FILE", "boxtop, boxtop-light, high-contrast, one of btop's, or a file", NULL,
     offsetof(struct settings, theme)},
    {"--print-config", 0, NULL,
     "print the config as it is in force, all keys too; what is wrong in it to stderr", NULL,
     offsetof(struct settings, print_config)},
    {"--on-event", 0, "COMMAND", "run this for each event, with it in its environment (BOXTOP_EVENT, ...)",
     NULL, offsetof(struct settings, on_event)},
    {"--tour", 0, "NAME|FILE", "begin with this tour", NULL, offsetof(struct settings, tour)},
    {"--tours", 0, NULL, "list the tours", NULL, offsetof(struct settings, tours)},
    {"--replay", 0, "FILE", "a recording (boxtop record), in place of what is live; read-only", NULL,
     offsetof(struct settings, replay)},
    {"--at", 0, "TIME", "with --replay: begin then (10m ago, 14:05, 2026-11-23T14:05:30Z)", NULL,
     offsetof(struct settings, at)},
    {0},
};

/* Signals are blocked before the monitor's thread is made, so that it inherits that. Those that end us at
 * once have a descriptor of their own: a program in the foreground must be told of them, but not of the
 * others. */
static int take_signals(struct app *app, struct err *err)
{
    sigset_t end, other, all;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigaddset(&end, SIGHUP);
    sigemptyset(&other);
    sigaddset(&other, SIGWINCH);
    sigaddset(&other, SIGINT);
    sigaddset(&other, SIGQUIT);
    sigorset(&all, &end, &other);
    sigaddset(&all, SIGPIPE);
    sigaddset(&all, SIGTTOU);
    sigprocmask(SIG_BLOCK, &all, NULL);
    app->end_fd = signalfd(-1, &end, SFD_CLOEXEC | SFD_NONBLOCK);
    app->signal_fd = signalfd(-1, &other, SFD_CLOEXEC | SFD_NONBLOCK);
    return app->end_fd < 0 || app->signal_fd < 0 ? err_errno(err, "wait for signals") : 0;
}

/* What the screen of a recording has not. */
static int start_live(struct app *app, const struct settings *settings, struct err *err)
{
    struct err ignored;
    if (settings->on_event && hook_new(settings->on_event, -1, &app->hook, err) < 0)
        return -err->code;
    self_find("boxtop", app->program, &ignored);
    app->has_store = store_open(&app->store, &ignored) >= 0;
    app->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    app->containers_ns = 1;
    return 0;
}

static int start_monitor(struct app *app, const char *cgroup, struct err *err)
{
    struct monitor_options monitor = {
        .root = cgroup, .interval_ms = app->interval_ms, .rests = true, .pressed = true};
    if (app->config.history_bytes) {
        app->history = history_new(app->config.history_bytes);
        past_start(app, &history_past, app->history, false);
    }
    return monitor_start(&monitor, &app->monitor, err);
}

static int start(struct app *app, const struct settings *settings, const char *cgroup,
                 const struct past *recordings, struct err *err)
{
    struct tour tour = {0};
    app->interval_option_ms = settings->interval_ms;
    app->theme_option = settings->theme;
    app->readonly = settings->readonly || settings->replay;
    if (settings->theme && strcmp(settings->theme, "auto") != 0 &&
        theme_load(&app->term.theme, settings->theme, err) < 0)
        return -err->code;
    if (settings->tour && tour_load(&tour, settings->tour, err) < 0)
        return -err->code;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        tour_free(&tour);
        err_set(err, ENOTTY, "open the screen: stdin and stdout must be a terminal");
        return err_hint(err, "boxtop stats --once and boxtop ps work without one");
    }
    int rc = settings->replay ? 0 : start_live(app, settings, err);
    if (rc < 0) {
        tour_free(&tour);
        return rc;
    }
    app->input_fd = STDIN_FILENO;
    config_start(app);
    rc = take_signals(app, err);
    if (rc >= 0)
        rc = settings->replay ? past_replay(app, recordings, settings->replay, settings->at, err)
                              : start_monitor(app, cgroup, err);
    if (rc >= 0)
        rc = term_start(&app->term, app->config.mouse, app->config.glyphs, app->config.colors, err);
    if (rc >= 0)
        app_layout(app);
    if (rc >= 0 && tour.count) {
        intake_containers(app); /* their names are taken */
        tour_begin(app, &tour);
    }
    tour_free(&tour);
    return rc;
}

static void print_help(void)
{
    puts("usage: boxtop [OPTIONS] [CGROUP]\n\nThe screen; CGROUP: only that part of the tree.\n");
    for (const struct option_row *row = options; row->name; row++)
        printf("  %s %-*s %s\n", row->name, 20 - (int)strlen(row->name), row->arg ? row->arg : "", row->help);
    puts("\nThere, ? lists the keys. Commands: boxtop help");
}

/* 0, or what to exit with: read_arguments has said why. */
static int read_arguments(struct settings *settings, int argc, char **argv, const char **ret_cgroup)
{
    struct err err = {0};
    int count = options_parse_mixed(options, settings, argc - 1, argv + 1, &err);
    if (count == OPTIONS_HELP) {
        print_help();
        return -ECANCELED;
    }
    if (count > 1)
        err_set(&err, EINVAL, "%s: one cgroup at most", argv[2]);
    if (err.code)
        err_print(&err, stderr);
    *ret_cgroup = count == 1 ? argv[1] : NULL;
    return err.code ? -EINVAL : 0;
}

static void tell_stderr(void *data, const char *line)
{
    (void)data;
    fprintf(stderr, "boxtop: %s\n", line);
}

static int print_config(void)
{
    struct config config;
    struct str text = {0};
    int wrong = config_load(&config, tell_stderr, NULL);
    config_print(&config, &text);
    fputs(str_text(&text), stdout);
    str_free(&text);
    return wrong ? 1 : 0;
}

static void print_tour(void *data, const char *name, const char *title)
{
    char plain[300];
    (void)data;
    str_printable(plain, sizeof plain, *title ? tr(title) : "(it can't be read: --tour says why)");
    printf("%-16s %s\n", name, plain);
}

/* What does not go together. */
static int check(const struct settings *settings, const char *cgroup, const struct past *recordings,
                 struct err *err)
{
    if (settings->at && !settings->replay)
        return err_set(err, EINVAL, "--at: for a recording (--replay FILE)");
    if (settings->replay && (settings->on_event || settings->tour))
        return err_set(err, EINVAL, "--replay: --on-event and --tour are for what happens now");
    if (settings->replay && cgroup)
        return err_set(err, EINVAL, "%s: a recording is shown whole; a filter (/) shows a part", cgroup);
    if (settings->replay && !recordings) /* boxtop-view hands this on before it comes here */
        return err_set(err, ENOTSUP, "--replay: this program reads no recordings");
    return 0;
}

int ui_main(int argc, char **argv, const struct past *recordings)
{
    static struct app app; /* its ring of events is too large for a stack */
    struct settings settings = {0};
    const char *cgroup;
    struct err err = {0};
    heap_start();
    language_start();
    int rc = read_arguments(&settings, argc, argv, &cgroup);
    if (rc < 0)
        return rc == -ECANCELED ? 0 : 2;
    if (settings.print_config)
        return print_config();
    if (settings.tours) {
        tour_list(print_tour, NULL);
        return 0;
    }
    rc = check(&settings, cgroup, recordings, &err);
    app_init(&app);
    if (rc >= 0)
        rc = start(&app, &settings, cgroup, recordings, &err);
    while (rc >= 0 && !app.quit)
        app_once(&app, -1);
    app_fini(&app);
    if (rc >= 0)
        return 0;
    err_print(&err, stderr);
    return err.code == ENOENT || err.code == ENOTTY || err.code == EINVAL ? 2 : 1;
}
