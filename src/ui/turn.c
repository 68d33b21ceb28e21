/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/turn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/limits.h"
#include "ui/overlay.h"

/* Presses within this time are one change for `u`. */
#define SAME_CHANGE_NS 2000000000u

/* What of io.max that value is about, as a limit's name; of others the knob's. */
static const char *name_of(const struct knob *knob, const char *value, char *to, size_t size)
{
    bool device = strcmp(knob->name, "io.max") == 0;
    snprintf(to, size, "%s%s%.*s", knob->name, device ? " " : "", device ? (int)strcspn(value, "=") : 0,
             value);
    return to;
}

static struct turn *find(struct app *app, const char *cgroup, const char *knob, const char *value)
{
    char name[64];
    for (size_t i = 0; i < TURNS; i++)
        if (app->turns[i].knob && strcmp(app->turns[i].knob->name, knob) == 0 &&
            strcmp(app->turns[i].cgroup, cgroup) == 0 &&
            limit_is_of(name_of(app->turns[i].knob, value, name, sizeof name), app->turns[i].wanted))
            return &app->turns[i];
    return NULL;
}

/* That limit's turn, new if it has none; NULL if too many are under way. */
static struct turn *take(struct app *app, const char *cgroup, const struct knob *knob, const char *now,
                         const char *value)
{
    struct turn *turn = find(app, cgroup, knob->name, value);
    for (size_t i = 0; i < TURNS && !turn; i++)
        if (!app->turns[i].knob)
            turn = &app->turns[i];
    if (turn && !turn->knob) {
        *turn = (struct turn){.knob = knob};
        str_copy(turn->cgroup, sizeof turn->cgroup, cgroup);
        str_copy(turn->before, sizeof turn->before, now);
    }
    if (!turn)
        app_notice(app, NOTICE_ERROR, "too many limits are being set; wait a moment");
    return turn;
}

static void send(struct app *app, struct turn *turn)
{
    cleanup_free char *assignment = mem_printf("%s=%s", turn->knob->name, turn->wanted);
    char *const words[] = {app->program, (char[]){"set"}, turn->cgroup, assignment, NULL},
                *const sure[] = {app->program, (char[]){"set"}, (char[]){"--yes"},
                                 turn->cgroup, assignment,      NULL};
    memcpy(turn->sent, turn->wanted, sizeof turn->sent);
    struct call *job = call_start(app, CALL_TURN, turn->sure || app->restoring ? sure : words);
    turn->running = job != NULL;
    if (job)
        job->turn = turn;
    else
        turn->knob = NULL;
    turn->sure = false;
}

static void want(struct app *app, const char *cgroup, const struct knob *knob, const char *now,
                 const char *value, bool undo)
{
    struct turn *turn = take(app, cgroup, knob, now, value);
    if (!turn)
        return;
    str_copy(turn->wanted, sizeof turn->wanted, value);
    turn->undo = undo;
    if (!turn->running)
        send(app, turn);
    app->stale |= STALE(PANE_LIMITS) | STALE(PANE_FOOTER);
}

const char *turn_pending(const struct app *app, const char *cgroup, const char *knob)
{
    for (size_t i = 0; i < TURNS; i++) {
        const struct turn *turn = &app->turns[i];
        if (turn->knob && turn->knob == limit_knob(knob) && strcmp(turn->cgroup, cgroup) == 0 &&
            limit_is_of(knob, turn->wanted))
            return turn->wanted;
    }
    return NULL;
}

void turn_step(struct app *app, const char *name, int steps)
{
    const struct sample *sample = model_sample(&app->model, model_selected(&app->model));
    const struct knob *knob = limit_knob(name);
    char now[KNOB_TEXT_SIZE], next[KNOB_TEXT_SIZE], plain[KNOB_TEXT_SIZE];
    if (!sample || !knob)
        return;
    const char *pending = turn_pending(app, sample->path, name);
    if (limit_text(sample, name, now) < 0) {
        struct err err = {0};
        if (sample->depth > 0 && knob->controller >= 0 &&
            !(app->model.now->cgroupfs.controllers >> knob->controller & 1))
            cgroupfs_missing(&app->model.now->cgroupfs, (enum controller)knob->controller, &err);
        app_notice(app, NOTICE_ERROR, "%s can't be turned here: %s", name,
                   err.code             ? err.text
                   : sample->depth == 0 ? tr("the root group has no limits")
                                        : tr("its controller is not enabled for this group"));
        return;
    }
    const char *from = pending ? pending : now;
    knob_step(knob, from, steps, limit_ceiling(&app->model.now->host, name), next);
    knob_format(knob, next, plain);
    if (strcmp(next, from) == 0)
        app_notice(app, NOTICE_INFO, "%s is at its end: %s", name, plain);
    else
        want(app, sample->path, knob, now, next, false);
}

void turn_set(struct app *app, const char *assignment)
{
    const struct sample *sample = model_sample(&app->model, model_selected(&app->model));
    char name[64], now[KNOB_TEXT_SIZE] = "", value[KNOB_TEXT_SIZE];
    const char *equals = strchr(assignment, '=');
    struct err err = {0};
    if (!sample || !*assignment)
        return;
    if (!equals) {
        app_notice(app, NOTICE_ERROR, "a limit is set as NAME=VALUE, memory.max=120M for one");
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)(equals - assignment), assignment);
    const struct knob *knob = knob_find(name);
    if (!knob)
        knob_unknown(name, &err);
    else if (knob_parse(knob, equals + 1, value, &err) >= 0) {
        char limit[64];
        /* Several keys of a device at once can't be put back as one. */
        if (knob->type != KNOB_DEVICE || strchr(value, '=') == strrchr(value, '='))
            limit_text(sample, name_of(knob, value, limit, sizeof limit), now);
        want(app, sample->path, knob, now, value, false);
        return;
    }
    app_notice(app, NOTICE_ERROR, "%s%s%s%s", err.text, err.hint[0] ? " (" : "", err.hint,
               err.hint[0] ? ")" : "");
}

void turn_back(struct app *app, size_t index)
{
    struct change change = app->model.changes[index];
    model_forget_change(&app->model, index);
    want(app, change.cgroup, knob_find(change.knob), change.after, change.before, true);
}

void turn_undo(struct app *app)
{
    if (!app->model.change_count) {
        app_notice(app, NOTICE_INFO, "nothing was changed from here that could be undone");
        return;
    }
    turn_back(app, app->model.change_count - 1);
}

/* Not one of boxtop's containers: somebody else's group, whose limits were somebody else's decision. */
static bool is_others(const struct app *app, const char *cgroup)
{
    for (size_t i = 0; i < app->model.container_count; i++) {
        const char *own = app->model.containers[i].cgroup;
        size_t len = strlen(own);
        if (len && strncmp(own, cgroup, len) == 0 && (!cgroup[len] || cgroup[len] == '/'))
            return false;
    }
    return true;
}

/* Keeps what was done for `u`; quick presses of the same limit are one. */
static void remember(struct app *app, struct turn *turn)
{
    size_t count = app->model.change_count;
    struct change change = {0}, *last = count ? &app->model.changes[count - 1] : NULL;
    if (turn->undo || !turn->before[0] || strcmp(turn->before, turn->sent) == 0)
        return;
    str_copy(change.cgroup, sizeof change.cgroup, turn->cgroup);
    str_copy(change.knob, sizeof change.knob, turn->knob->name);
    str_copy(change.before, sizeof change.before, turn->before);
    str_copy(change.after, sizeof change.after, turn->sent);
    change.wall_ns = clock_wall_ns();
    change.others = is_others(app, turn->cgroup);
    if (last && turn->ended_ns && clock_mono_ns() - turn->ended_ns < SAME_CHANGE_NS &&
        strcmp(last->cgroup, change.cgroup) == 0 && strcmp(last->knob, change.knob) == 0 &&
        strcmp(last->after, turn->before) == 0)
        str_copy(last->after, sizeof last->after, change.after);
    else
        model_changed(&app->model, &change);
}

/* What `set` said of it, without what the screen says anyway; "": nothing. The line ends with `to`'s room. */
static void remark(const struct turn *turn, const char *output, char *to, size_t size)
{
    cleanup_free char *begin = mem_printf("boxtop: set %s %s: ", turn->cgroup, turn->knob->name);
    const char *at = output ? strstr(output, begin) : NULL;
    to[0] = '\0';
    if (at)
        snprintf(to, size, "%.*s", (int)strcspn(at + strlen(begin), "\n"), at + strlen(begin));
}

static void do_it(struct app *app, int choice)
{
    struct turn *turn = &app->turns[choice / 2];
    if (choice % 2 == 0 || !turn->knob) {
        turn->knob = NULL;
        app_notice(app, NOTICE_INFO, "nothing was changed");
        return;
    }
    turn->sure = true;
    send(app, turn);
}

static void leave_it(struct app *app)
{
    for (size_t i = 0; i < TURNS; i++)
        if (app->turns[i].knob && !app->turns[i].running && app->turns[i].asked)
            app->turns[i].knob = NULL;
}

static void ask(struct app *app, struct turn *turn, const char *output)
{
    char text[400], title[160], plain[KNOB_TEXT_SIZE];
    int index = (int)(turn - app->turns);
    struct ask ask = {
        .chosen = do_it,
        .cancelled = leave_it,
        .count = 2,
        .items = {{'y', N_("set it all the same"), 2 * index + 1}, {'n', N_("leave it"), 2 * index}}};
    turn->asked = true;
    remark(turn, output, text, sizeof text);
    knob_format(turn->knob, turn->sent, plain);
    snprintf(title, sizeof title, "%s = %.40s", turn->knob->name, plain);
    snprintf(ask.text, sizeof ask.text, "%s: %s", turn->cgroup, text);
    overlay_ask(app, title, &ask);
}

void turn_ended(struct app *app, struct turn *turn, const char *output, const char *error)
{
    char plain[KNOB_TEXT_SIZE], said[400];
    turn->running = turn->asked = false;
    if (error && strstr(error, SET_REFUSED)) {
        ask(app, turn, output);
        return;
    }
    if (error) {
        turn->knob = NULL;
        app_notice(app, NOTICE_ERROR, "%s", error);
        return;
    }
    remember(app, turn);
    str_copy(turn->before, sizeof turn->before, turn->sent);
    turn->ended_ns = clock_mono_ns();
    knob_format(turn->knob, turn->sent, plain);
    remark(turn, output, said, sizeof said);
    app_notice(app, NOTICE_DONE, "boxtop set %s %s=%s%s%s", turn->cgroup, turn->knob->name, plain,
               said[0] ? ": " : "", said);
    if (strcmp(turn->wanted, turn->sent) != 0)
        send(app, turn);
    if (app->monitor)
        monitor_poke(app->monitor);
}

/* ---- all of it ---- */

bool turn_busy(const struct app *app)
{
    for (size_t i = 0; i < TURNS; i++)
        if (app->turns[i].knob && app->turns[i].running)
            return true;
    return app->restoring;
}

void turn_restore(struct app *app, bool others)
{
    app->restoring = true;
    app->restoring_others = others;
    turn_restore_more(app);
}

/* One at a time, for the order may matter: the last is put back first.
 * What the snapshot shows of those that are done does not matter any more. */
static bool none_runs(struct app *app)
{
    for (size_t i = 0; i < TURNS; i++)
        if (app->turns[i].knob && app->turns[i].running)
            return false;
    for (size_t i = 0; i < TURNS; i++)
        app->turns[i].knob = NULL;
    return true;
}

void turn_restore_more(struct app *app)
{
    struct model *model = &app->model;
    while (app->restoring && none_runs(app)) {
        size_t at = model->change_count;
        while (at && app->restoring_others && !model->changes[at - 1].others)
            at--;
        if (!at) {
            app->restoring = false;
            return;
        }
        struct change change = model->changes[at - 1];
        model_forget_change(model, at - 1);
        want(app, change.cgroup, knob_find(change.knob), change.after, change.before, true);
    }
}

void turn_settle(struct app *app)
{
    for (size_t i = 0; i < TURNS; i++) {
        struct turn *turn = &app->turns[i];
        const struct model *live = model_live(&app->model);
        /* A question that something else has taken the place of is answered: no. */
        if (turn->asked && app->overlay.kind != OVERLAY_ASK)
            turn->asked = false, turn->knob = NULL;
        if (turn->knob && !turn->running && !turn->asked && live->now && live->now->time_ns > turn->ended_ns)
            turn->knob = NULL;
    }
}
