/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one loop, and what comes out of it: keys, snapshots, signals, commands that have ended.
 */
#include "ui/app.h"

#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/parse.h"
#include "base/self.h"
#include "base/str.h"
#include "ui/ui.h"

#define SETTLE_NS     120000000u /* the selection rests when it hasn't moved for so long */
#define CONTAINERS_NS 30000000u  /* records that change together are read once */

void app_init(struct app *app)
{
    *app = (struct app){.zoomed = -1,
                        .focus = PANE_TABLE,
                        .stale = STALE_ALL,
                        .interval_ms = 1000,
                        .input_fd = -1,
                        .signal_fd = -1,
                        .end_fd = -1,
                        .notify_fd = -1,
                        .store.fd = -1};
    app->term.own_stderr = app->term.captured = app->term.out_fd = app->term.frame_fd = -1;
    for (size_t i = 0; i < APP_JOBS; i++)
        app->jobs[i].job.pid_fd = app->jobs[i].job.out_fd = -1;
    theme_default(&app->term.theme);
    keymap_default(&app->keymap);
    model_init(&app->model);
}

void app_fini(struct app *app)
{
    overlay_close(app);
    term_stop(&app->term);
    monitor_stop(app->monitor);
    for (size_t i = 0; i < APP_JOBS; i++)
        job_fini(&app->jobs[i].job);
    model_fini(&app->model);
    if (app->has_store)
        store_close(&app->store);
    fd_close(&app->signal_fd);
    fd_close(&app->end_fd);
    fd_close(&app->notify_fd);
}

/* ---- commands ---- */

/* Why no command can be started; NULL: it can. Whatever the way here, --readonly is held up at this place. */
static const char *refusal(const struct app *app, enum job_kind kind)
{
    if (app->readonly && kind != JOB_TEXT)
        return "read-only: nothing is changed from here";
    return app->program[0] ? NULL : "the program boxtop was not found";
}

static struct app_job *free_job(struct app *app)
{
    for (size_t i = 0; i < APP_JOBS; i++)
        if (!app->jobs[i].job.pid)
            return &app->jobs[i];
    return NULL;
}

struct app_job *app_start(struct app *app, enum job_kind kind, char *const *arguments)
{
    struct err err;
    struct str line = {0};
    struct app_job *slot = free_job(app);
    const char *why = slot ? refusal(app, kind) : "too many commands at once; wait a moment";
    if (why) {
        app_notice(app, NOTICE_ERROR, "%s", why);
        return NULL;
    }
    str_add(&line, "boxtop ");
    str_add_shell_list(&line, arguments + 1);
    *slot = (struct app_job){.kind = kind};
    if (job_start(&slot->job, arguments, line.text, &err) < 0) {
        app_notice(app, NOTICE_ERROR, "%s", err.text);
        return NULL;
    }
    if (kind != JOB_TEXT)
        app_notice(app, NOTICE_INFO, "%s", slot->job.line);
    return slot;
}

/* The slot is free before anything else happens: what comes of it may start the next command. */
static void job_ended(struct app *app, struct app_job *slot)
{
    struct app_job ended = *slot;
    char error[600] = "";
    slot->job = (struct job){.pid_fd = -1, .out_fd = -1};
    int status = job_reap(&ended.job);
    if (status != 0)
        job_error(&ended.job, error, sizeof error);
    if (ended.kind == JOB_TURN)
        turn_ended(app, ended.turn, status ? error : NULL);
    else if (status != 0)
        app_notice(app, NOTICE_ERROR, "%s", error);
    else if (ended.kind == JOB_TEXT)
        overlay_text(app, ended.done, SCROLL_NOTE, &ended.job.output);
    else
        app_notice(app, NOTICE_DONE, "%s", ended.done);
    if (ended.kind == JOB_TEXT && status == 0)
        app->overlay.at_end = true;
    if (ended.kind == JOB_RUN && status == 0)
        model_follow(&app->model, ended.name);
    app->containers_ns = clock_mono_ns();
    job_fini(&ended.job);
    app->stale = STALE_ALL;
}

void app_foreground(struct app *app, char *const *arguments)
{
    struct err err;
    struct str line = {0};
    struct signalfd_siginfo signal;
    const char *why = refusal(app, JOB_PLAIN);
    if (why) {
        app_notice(app, NOTICE_ERROR, "%s", why);
        return;
    }
    term_suspend(&app->term);
    str_add(&line, "boxtop ");
    str_add_shell_list(&line, arguments + 1);
    printf("%s\r\n", str_text(&line));
    fflush(stdout);
    int status = job_foreground(arguments, app->end_fd, &err);
    /* Ctrl-C in there was not meant for us. */
    while (read(app->signal_fd, &signal, sizeof signal) > 0)
        continue;
    term_resume(&app->term);
    app_layout(app);
    if (status < 0)
        app_notice(app, NOTICE_ERROR, "%s", err.text);
    else if (status)
        app_notice(app, NOTICE_INFO, "%s ended with status %d", str_text(&line), status);
    str_free(&line);
}

/* ---- what comes in ---- */

static void selection_moved(struct app *app)
{
    const struct row *row = model_selected(&app->model);
    if (!row || (app->who.key == row->key && (app->who.known || app->selected_ns)))
        return;
    app->who = (struct who){.key = row->key};
    app->selected_ns = clock_mono_ns();
    app->events_scroll = 0;
}

void app_key(struct app *app, int key)
{
    if (app->status.kind == NOTICE_ERROR)
        status_clear(&app->status);
    if (key == K_RESIZE)
        return;
    if (status_asks(&app->status))
        status_key(app, &app->status, key);
    else if (app->overlay.kind != OVERLAY_NONE)
        overlay_key(app, key);
    else if (!panes[app->focus]->key || !panes[app->focus]->key(app, key))
        action_run(app, (enum action_id)keymap_action(&app->keymap, key));
    app->stale = STALE_ALL;
    selection_moved(app);
}

void app_mouse(struct app *app, const struct term_mouse *mouse)
{
    if (app->overlay.kind != OVERLAY_NONE) {
        overlay_mouse(app, mouse->y, mouse->x, mouse->wheel);
        return;
    }
    for (int id = 0; id < PANE_COUNT; id++) {
        const struct rect *area = &app->layout.pane[id];
        const struct pane *pane = panes[id];
        if (!rect_has(area, mouse->y, mouse->x) || !pane->title)
            continue;
        if (!mouse->wheel)
            app->focus = (enum pane_id)id;
        if (mouse->wheel && pane->wheel)
            pane->wheel(app, mouse->wheel);
        else if (!mouse->wheel && pane->click)
            pane->click(app, mouse->y - area->y, mouse->x - area->x);
    }
    app->stale = STALE_ALL;
    selection_moved(app);
}

static void read_input(struct app *app)
{
    struct term_mouse mouse;
    int key;
    while (!app->quit && (key = term_key(&app->term)) != K_NONE) {
        if (key != K_MOUSE)
            app_key(app, key);
        else if (term_mouse(&app->term, &mouse))
            app_mouse(app, &mouse);
    }
}

static void read_monitor(struct app *app)
{
    struct event *events = monitor_events(app->monitor);
    struct snapshot *snapshot = monitor_take(app->monitor);
    if (snapshot) {
        model_take(&app->model, snapshot);
        turn_settle(app);
    }
    for (const struct event *event = events; event; event = event->next)
        if (event->kind == EVENT_APPEARED || event->kind == EVENT_VANISHED || event->kind == EVENT_EXITED)
            app->containers_ns = clock_mono_ns();
    model_take_events(&app->model, events);
    event_free_list(events);
    selection_moved(app);
    app->stale = STALE_ALL;
}

static void read_signals(struct app *app)
{
    struct signalfd_siginfo signal;
    while (read(app->signal_fd, &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo != SIGWINCH) {
            app->quit = true;
            continue;
        }
        term_resize(&app->term);
        app_layout(app);
    }
}

/* Watches the directory of records and each record: state.json is replaced there. */
static void watch_records(struct app *app)
{
    char path[sizeof app->store.path + NAME_MAX + 2];
    cleanup_dir DIR *dir = opendir(app->store.path);
    if (!dir || app->notify_fd < 0)
        return;
    inotify_add_watch(app->notify_fd, app->store.path, IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_ONLYDIR);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", app->store.path, entry->d_name);
        inotify_add_watch(app->notify_fd, path, IN_MOVED_TO | IN_ONLYDIR);
    }
}

static void read_notifications(struct app *app)
{
    char bytes[4096];
    while (read(app->notify_fd, bytes, sizeof bytes) > 0)
        continue;
    if (!app->containers_ns)
        app->containers_ns = clock_mono_ns() + CONTAINERS_NS;
}

static void read_containers(struct app *app)
{
    struct container *list = NULL;
    size_t count = 0;
    struct err err;
    app->containers_ns = 0;
    if (!app->has_store)
        return;
    watch_records(app);
    if (store_list(&app->store, true, &list, &count, &err) < 0) {
        app_notice(app, NOTICE_ERROR, "%s", err.text);
        return;
    }
    model_take_containers(&app->model, list, count);
    selection_moved(app);
    app->stale = STALE_ALL;
}

static void read_who(struct app *app)
{
    const struct row *row = model_selected(&app->model);
    const struct sample *sample = model_sample(&app->model, row);
    const struct container *container = model_container(&app->model, row);
    app->selected_ns = 0;
    if (!sample)
        return;
    cleanup_free char *directory = mem_printf("%s%s", app->model.now->cgroupfs.mount, sample->path);
    who_read(&app->who, row->key, directory, container ? container->pid : 0);
    app->stale |= STALE(PANE_WHO);
}

/* What has to be done at a time rather than because of a descriptor: each row a moment and what it calls. */
static void end_notice(struct app *app)
{
    status_clear(&app->status);
    app->stale |= STALE(PANE_FOOTER);
}

/* Does what is due, and returns the milliseconds until the next is; -1: nothing is. */
static int run_due(struct app *app)
{
    struct {
        uint64_t at_ns;
        void (*run)(struct app *);
    } due[] = {
        {app->selected_ns ? app->selected_ns + SETTLE_NS : 0, read_who},
        {app->containers_ns, read_containers},
        {app->status.kind != NOTICE_NONE ? app->status.until_ns : 0, end_notice},
    };
    uint64_t now = clock_mono_ns(), next = UINT64_MAX;
    for (size_t i = 0; i < COUNT_OF(due); i++) {
        if (due[i].at_ns && due[i].at_ns <= now)
            due[i].run(app);
        else if (due[i].at_ns && due[i].at_ns < next)
            next = due[i].at_ns;
    }
    return next == UINT64_MAX ? -1 : (int)((next - now) / 1000000 + 1);
}

/* ---- the loop ---- */

enum {
    WAIT_INPUT,
    WAIT_SIGNAL,
    WAIT_END,
    WAIT_MONITOR,
    WAIT_NOTIFY,
    WAIT_JOBS,
    WAIT_COUNT = WAIT_JOBS + 2 * APP_JOBS
};

static void fill(struct app *app, struct pollfd *waits)
{
    waits[WAIT_INPUT] = (struct pollfd){app->input_fd, POLLIN, 0};
    waits[WAIT_SIGNAL] = (struct pollfd){app->signal_fd, POLLIN, 0};
    waits[WAIT_END] = (struct pollfd){app->end_fd, POLLIN, 0};
    waits[WAIT_MONITOR] = (struct pollfd){app->monitor ? monitor_fd(app->monitor) : -1, POLLIN, 0};
    waits[WAIT_NOTIFY] = (struct pollfd){app->notify_fd, POLLIN, 0};
    for (int i = 0; i < APP_JOBS; i++) {
        waits[WAIT_JOBS + 2 * i] =
            (struct pollfd){app->jobs[i].job.pid ? app->jobs[i].job.out_fd : -1, POLLIN, 0};
        waits[WAIT_JOBS + 2 * i + 1] =
            (struct pollfd){app->jobs[i].job.pid ? app->jobs[i].job.pid_fd : -1, POLLIN, 0};
    }
}

static void dispatch(struct app *app, const struct pollfd *waits)
{
    /* The terminal is gone: nobody looks any more. */
    if (waits[WAIT_END].revents || waits[WAIT_INPUT].revents & (POLLHUP | POLLERR | POLLNVAL)) {
        app->quit = true;
        return;
    }
    if (waits[WAIT_SIGNAL].revents)
        read_signals(app);
    if (waits[WAIT_INPUT].revents)
        read_input(app);
    if (waits[WAIT_MONITOR].revents)
        read_monitor(app);
    if (waits[WAIT_NOTIFY].revents)
        read_notifications(app);
    for (int i = 0; i < APP_JOBS; i++) {
        if (waits[WAIT_JOBS + 2 * i].revents)
            job_read(&app->jobs[i].job);
        if (waits[WAIT_JOBS + 2 * i + 1].revents)
            job_ended(app, &app->jobs[i]);
    }
}

void app_once(struct app *app, int most_ms)
{
    struct pollfd waits[WAIT_COUNT];
    int timeout_ms = run_due(app);
    if (most_ms >= 0 && (timeout_ms < 0 || timeout_ms > most_ms))
        timeout_ms = most_ms;
    screen_draw(app);
    fill(app, waits);
    if (poll(waits, WAIT_COUNT, timeout_ms) > 0)
        dispatch(app, waits);
}

/* ---- start and end ---- */

struct settings {
    uint64_t interval_ms;
    const char *theme, *cgroup;
    bool readonly;
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

static int start(struct app *app, const struct settings *settings, struct err *err)
{
    struct monitor_options options = {.interval_ms = settings->interval_ms, .root = settings->cgroup};
    struct err ignored;
    app->interval_ms = settings->interval_ms;
    app->model.interval_ns = settings->interval_ms * 1000000;
    app->readonly = settings->readonly;
    if (settings->theme && theme_load(&app->term.theme, settings->theme, err) < 0)
        return -err->code;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        err_set(err, ENOTTY, "open the screen: stdin and stdout must be a terminal");
        return err_hint(err, "boxtop stats --once and boxtop ps work without one");
    }
    self_find("boxtop", app->program, &ignored);
    app->has_store = store_open(&app->store, &ignored) >= 0;
    app->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    app->input_fd = STDIN_FILENO;
    app->containers_ns = 1;
    int rc = take_signals(app, err);
    if (rc >= 0)
        rc = monitor_start(&options, &app->monitor, err);
    if (rc >= 0)
        rc = term_start(&app->term, err);
    if (rc >= 0)
        app_layout(app);
    return rc;
}

static int usage(FILE *out)
{
    fputs("usage: boxtop [--readonly] [--interval DURATION] [--theme NAME|FILE] [CGROUP]\n"
          "  --readonly           change nothing, whatever is pressed\n"
          "  --interval DURATION  time between samples: 1s, 500ms\n"
          "  --theme NAME|FILE    boxtop, boxtop-light, high-contrast, one of btop's, or a file\n"
          "  CGROUP               show only that part of the tree\n"
          "Keys: press ? there. Commands: boxtop --help\n",
          out);
    return out == stdout ? 0 : 2;
}

/* The value of an option: "--name=VALUE" or the next argument. NULL: it is not that option. */
static const char *value_of(const char *name, int argc, char **argv, int *at)
{
    size_t len = strlen(name);
    if (strncmp(argv[*at], name, len) != 0)
        return NULL;
    if (argv[*at][len] == '=')
        return argv[*at] + len + 1;
    return !argv[*at][len] && *at + 1 < argc ? argv[++*at] : NULL;
}

/* 1: help was asked for. */
static int read_arguments(struct settings *settings, int argc, char **argv, struct err *err)
{
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return 1;
        if (strcmp(argv[i], "--readonly") == 0) {
            settings->readonly = true;
        } else if ((value = value_of("--interval", argc, argv, &i))) {
            if (parse_duration(value, &settings->interval_ms) < 0 || settings->interval_ms < 100 ||
                settings->interval_ms > 3600000)
                return err_set(err, EINVAL, "--interval %s: a time from 100ms to 1h, as 500ms or 2s", value);
        } else if ((value = value_of("--theme", argc, argv, &i))) {
            settings->theme = value;
        } else if (argv[i][0] == '-' || settings->cgroup) {
            err_set(err, EINVAL, "%s: no such option of the screen", argv[i]);
            return err_hint(err, "boxtop --help lists what there is");
        } else {
            settings->cgroup = argv[i];
        }
    }
    return 0;
}

int ui_main(int argc, char **argv)
{
    static struct app app; /* the ring of events alone is 300 kB */
    struct settings settings = {.interval_ms = 1000};
    struct err err = {0};
    setlocale(LC_ALL, "");
    int rc = read_arguments(&settings, argc, argv, &err);
    if (rc == 1)
        return usage(stdout);
    if (rc < 0) {
        err_print(&err, stderr);
        return 2;
    }
    app_init(&app);
    rc = start(&app, &settings, &err);
    while (rc >= 0 && !app.quit)
        app_once(&app, -1);
    app_fini(&app);
    if (rc < 0)
        err_print(&err, stderr);
    return rc < 0 ? (err.code == ENOENT || err.code == ENOTTY ? 2 : 1) : 0;
}
