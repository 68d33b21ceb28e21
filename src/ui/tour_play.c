/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/tour_play.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/self.h"
#include "ui/app.h"
#include "ui/language.h"

#define LOOK_NS     30000000000u /* so long is waited for what is expected */
#define OUTPUT_MOST 24           /* lines of one command that are shown */
#define UNDO_S      10

static struct tour_step *step_of(struct app *app)
{
    return &app->tour.tour.steps[app->tour.step];
}

/* ---- texts ---- */

char *tour_text(const struct app *app, const char *text)
{
    char probe[PATH_MAX];
    struct err err;
    struct str to = {0};
    for (const char *at = text; *at;) {
        if (str_starts(at, "$box")) {
            str_add(&to, app->tour.box);
            at += 4;
        } else if (str_starts(at, "$probe")) {
            str_add(&to, self_find("boxtop-probe", probe, &err) == 0 ? probe : "boxtop-probe");
            at += 6;
        } else {
            str_add_bytes(&to, at++, 1);
        }
    }
    return to.text ? to.text : mem_dup("");
}

static void say(struct app *app, char mark, const char *text)
{
    char plain[1024];
    str_printable(plain, sizeof plain, text);
    str_add_bytes(&app->tour.said, &mark, 1);
    str_add(&app->tour.said, plain);
    str_add(&app->tour.said, "\n");
}

static void say_output(struct app *app, const char *output)
{
    cleanup_free char *copy = mem_dup(output);
    int lines = 0;
    for (char *save = NULL, *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (++lines <= OUTPUT_MOST)
            say(app, TOUR_LINE_OUTPUT, line);
    }
    if (lines > OUTPUT_MOST)
        say(app, TOUR_LINE_OUTPUT, "...");
}

/* ---- commands ---- */

/* A shell line, in which boxtop is this one. */
static int start_line(struct app *app, const char *line, struct err *err)
{
    cleanup_free char *where = mem_dup(app->program);
    char *slash = strrchr(where, '/');
    if (slash)
        *slash = '\0';
    cleanup_list char **arguments = mem_dup_list(
        (char *[]){(char[]){"/bin/sh"}, (char[]){"-c"}, (char[]){"PATH=$1:$PATH; export PATH; eval \"$2\""},
                   (char[]){"sh"}, where, (char *)(uintptr_t)line, NULL});
    return job_start(&app->tour.job, arguments, mem_dup(line), app->monitor, -1, err);
}

static void stop_job(struct app *app)
{
    struct job *job = &app->tour.job;
    if (!job->pid)
        return;
    kill(-job->pid, SIGTERM);
    kill(-job->pid, SIGKILL);
    job_reap(job);
    job_fini(job);
}

static void begin_looking(struct app *app)
{
    struct tour_play *play = &app->tour;
    play->phase = step_of(app)->expect_count ? TOUR_LOOKING : TOUR_DONE;
    play->until_ns = step_of(app)->expect_count ? clock_mono_ns() + LOOK_NS : 0;
    tour_look(app);
}

static void run_next(struct app *app)
{
    struct tour_play *play = &app->tour;
    char **run = step_of(app)->run;
    struct err err;
    if (!run || !run[play->action]) {
        begin_looking(app);
        return;
    }
    cleanup_free char *line = tour_text(app, run[play->action++]);
    say(app, TOUR_LINE_COMMAND, line);
    play->phase = TOUR_RUNNING;
    if (start_line(app, line, &err) >= 0)
        return;
    say(app, TOUR_LINE_BAD, err.text);
    begin_looking(app);
}

static void forget_step(struct tour_play *play)
{
    str_clear(&play->output);
    str_clear(&play->said);
    memset(play->seen, 0, sizeof play->seen);
    play->until_ns = 0;
    play->action = 0;
    play->scroll = 0;
}

/* The lines that undo the steps from `first` on, the last first; NULL: there are none. The caller's. */
static char *undo_lines(struct app *app, size_t first)
{
    struct tour_play *play = &app->tour;
    struct str lines = {0};
    for (size_t i = play->tour.count; i-- > first;) {
        char **undo = play->done[i] ? play->tour.steps[i].undo : NULL;
        for (size_t j = 0; undo && undo[j]; j++) {
            cleanup_free char *line = tour_text(app, undo[j]);
            str_addf(&lines, "%s\n", line);
        }
        play->done[i] = false;
    }
    return lines.text;
}

/* False: there was nothing to undo. */
static bool undo_from(struct app *app, size_t first)
{
    struct err err;
    stop_job(app);
    cleanup_free char *lines = undo_lines(app, first);
    if (!lines)
        return false;
    app->tour.phase = TOUR_UNDOING;
    if (start_line(app, lines, &err) >= 0)
        return true;
    app_notice(app, NOTICE_ERROR, "%s", err.text);
    return false;
}

/* ---- going ---- */

/* The panes that the step is about, and its container. */
static void show_step(struct app *app)
{
    const struct tour_step *step = step_of(app);
    if (step->panes) {
        app->wish.opened_count = 0;
        app->wish.hidden = ~step->panes;
        for (int id = PANE_COUNT - 1; id > PANE_TABLE; id--)
            if (step->panes >> id & 1)
                app->wish.opened[app->wish.opened_count++] = (enum pane_id)id;
    }
    if (step->box) {
        cleanup_free char *name = tour_text(app, step->box);
        model_follow(&app->model, name);
    }
    app->wish.zoomed = -1;
    app_layout(app);
}

static bool is_taken(const struct app *app, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < app->model.container_count; i++) {
        const char *other = app->model.containers[i].name;
        if (strncmp(other, name, len) == 0 && (!other[len] || other[len] == '-'))
            return true;
    }
    return false;
}

void tour_begin(struct app *app, struct tour *tour)
{
    struct tour_play *play = &app->tour;
    tour_fini(app, true);
    *play = (struct tour_play){.on = true, .tour = *tour, .job = {.pid_fd = -1, .out_fd = -1}};
    *tour = (struct tour){0};
    play->done = mem_array(play->tour.count, sizeof *play->done);
    snprintf(play->box, sizeof play->box, "demo");
    for (unsigned number = 2; is_taken(app, play->box); number++)
        snprintf(play->box, sizeof play->box, "demo%u", number);
    play->before = app->wish;
    app->wish = (struct layout_wish){.preset = LAYOUT_PRESENTER, .zoomed = -1};
    app->focus = PANE_TOUR;
    show_step(app);
}

void tour_next(struct app *app)
{
    struct tour_play *play = &app->tour;
    if (play->phase == TOUR_SHOWN && !tour_lacks(app) && (step_of(app)->run || step_of(app)->expect_count)) {
        play->done[play->step] = true;
        show_step(app);
        run_next(app);
    } else if (play->phase == TOUR_RUNNING || play->phase == TOUR_UNDOING) {
        app_notice(app, NOTICE_INFO, "%s", tr("a moment: what was begun is still being done"));
    } else if (play->step + 1 < play->tour.count) {
        play->step++;
        forget_step(play);
        play->phase = TOUR_SHOWN;
        show_step(app);
    } else {
        tour_end(app, false);
    }
}

void tour_back(struct app *app)
{
    struct tour_play *play = &app->tour;
    if (play->phase == TOUR_UNDOING)
        return;
    if (play->phase != TOUR_SHOWN) {
        bool undoing = undo_from(app, play->step);
        forget_step(play);
        if (!undoing)
            play->phase = TOUR_SHOWN;
    } else if (play->step > 0) {
        play->step--;
        forget_step(play);
        play->phase = play->done[play->step] ? TOUR_DONE : TOUR_SHOWN;
    }
    show_step(app);
}

static void leave(struct app *app)
{
    struct tour_play *play = &app->tour;
    bool quit = play->quit_after;
    app->wish = play->before;
    tour_fini(app, true);
    if (app->focus == PANE_TOUR)
        app->focus = PANE_TABLE;
    app->quit = app->quit || quit;
    app_layout(app);
    app_notice(app, NOTICE_DONE, "%s", tr("the tour is over, and everything is undone"));
}

bool tour_end(struct app *app, bool quit_after)
{
    struct tour_play *play = &app->tour;
    if (!play->on)
        return false;
    play->ending = true;
    play->quit_after = play->quit_after || quit_after;
    if (play->phase == TOUR_UNDOING || undo_from(app, 0))
        return true;
    leave(app);
    return false;
}

void tour_fini(struct app *app, bool wait)
{
    struct tour_play *play = &app->tour;
    struct err err;
    if (!play->on)
        return;
    if (play->phase == TOUR_UNDOING)
        wait = true;
    else
        stop_job(app);
    cleanup_free char *lines = undo_lines(app, 0);
    if (lines)
        start_line(app, lines, &err);
    for (int i = 0; wait && play->job.pid && i < UNDO_S * 10; i++)
        if (poll(&(struct pollfd){play->job.pid_fd, POLLIN, 0}, 1, 100) > 0)
            job_reap(&play->job);
    job_fini(&play->job);
    str_free(&play->output);
    str_free(&play->said);
    free(play->done);
    tour_free(&play->tour);
    *play = (struct tour_play){.job = {.pid_fd = -1, .out_fd = -1}};
}

/* ---- what is expected ---- */

const char *tour_lacks(const struct app *app)
{
    const struct tour_step *step = &app->tour.tour.steps[app->tour.step];
    const struct snapshot *now = app->model.now;
    for (int i = 0; now && i < CONTROLLER_COUNT; i++)
        if (step->needs >> i & 1 && !(now->cgroupfs.controllers >> i & 1))
            return controller_names[i];
    return NULL;
}

static bool is_seen(struct app *app, const struct tour_expect *expect)
{
    if (!expect->row) {
        cleanup_free char *text = tour_text(app, expect->text);
        return strstr(str_text(&app->tour.output), text) != NULL;
    }
    cleanup_free char *name = tour_text(app, expect->row);
    for (size_t i = 0; i < app->model.row_count; i++) {
        const struct container *box = model_container(&app->model, &app->model.rows[i]);
        if (box && strcmp(box->name, name) == 0)
            return match_row(&expect->match, &app->model, &app->model.rows[i]);
    }
    return false;
}

/* What was seen once stays: a kill is over in a moment. */
void tour_look(struct app *app)
{
    struct tour_play *play = &app->tour;
    if (!play->on || (play->phase != TOUR_LOOKING && play->phase != TOUR_RUNNING))
        return;
    const struct tour_step *step = step_of(app);
    bool all = true;
    for (size_t i = 0; i < step->expect_count && i < TOUR_EXPECTS; i++) {
        play->seen[i] = play->seen[i] || is_seen(app, &step->expects[i]);
        all = all && play->seen[i];
    }
    app->stale |= STALE(PANE_TOUR);
    if (play->phase == TOUR_LOOKING && (all || clock_mono_ns() >= play->until_ns)) {
        play->phase = TOUR_DONE;
        play->until_ns = 0;
    }
}

/* ---- the loop ---- */

void tour_fill(const struct app *app, struct pollfd *waits)
{
    const struct job *job = &app->tour.job;
    bool runs = app->tour.on && job->pid;
    waits[0] = (struct pollfd){runs ? job->out_fd : -1, POLLIN, 0};
    waits[1] = (struct pollfd){runs ? job->pid_fd : -1, POLLIN, 0};
}

static void job_ended(struct app *app)
{
    struct tour_play *play = &app->tour;
    char text[64];
    int status = job_reap(&play->job);
    app->containers_ns = clock_mono_ns();
    app->stale = STALE_ALL;
    if (play->phase == TOUR_UNDOING) {
        job_fini(&play->job);
        play->phase = TOUR_SHOWN;
        if (play->ending)
            leave(app);
        return;
    }
    str_add(&play->output, str_text(&play->job.output));
    say_output(app, str_text(&play->job.output));
    job_fini(&play->job);
    if (status) {
        snprintf(text, sizeof text, tr("status %d"), status);
        say(app, TOUR_LINE_BAD, text);
        str_addf(&play->output, "%s\n", text);
    }
    run_next(app);
}

void tour_dispatch(struct app *app, const struct pollfd *waits)
{
    if (!app->tour.on || !app->tour.job.pid)
        return;
    if (waits[0].revents)
        job_read(&app->tour.job);
    if (waits[1].revents)
        job_ended(app);
}
