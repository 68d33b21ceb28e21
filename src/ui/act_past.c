/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looking back.
 */
#include "ui/act.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/app.h"
#include "ui/language.h"

#define MINUTE_NS INT64_C(60000000000)

void act_sample_back(struct app *app)
{
    past_move(app, -1);
}

void act_sample_on(struct app *app)
{
    past_move(app, 1);
}

void act_minute_back(struct app *app)
{
    past_move_ns(app, -MINUTE_NS);
}

void act_minute_on(struct app *app)
{
    past_move_ns(app, MINUTE_NS);
}

void act_jump(struct app *app)
{
    past_jump(app);
}

void act_kill_back(struct app *app)
{
    past_kill(app, true);
}

void act_kill_on(struct app *app)
{
    past_kill(app, false);
}

void act_play(struct app *app)
{
    past_play(app);
}

void act_faster(struct app *app)
{
    past_speed(app, true);
}

void act_slower(struct app *app)
{
    past_speed(app, false);
}

void act_live(struct app *app)
{
    past_live(app);
}

/* ---- recording ---- */

static struct call *recording(struct app *app)
{
    for (size_t i = 0; i < CALLS; i++)
        if (app->calls[i].job.pid && app->calls[i].kind == CALL_RECORD)
            return &app->calls[i];
    return NULL;
}

bool past_records(const struct app *app)
{
    for (size_t i = 0; i < CALLS; i++)
        if (app->calls[i].job.pid && app->calls[i].kind == CALL_RECORD)
            return true;
    return false;
}

/* It ends with this process, however that ends. It looks closely at what is selected, as the screen does. */
static void record(struct app *app, const char *path)
{
    cleanup_free char *interval = mem_printf("--interval=%ums", (unsigned)app->interval_ms);
    cleanup_free char *pid = mem_printf("--while=%d", (int)getpid()), *file = mem_dup(path);
    const struct sample *sample = model_sample(&app->model, model_selected(&app->model));
    cleanup_free char *detail = sample && !app->model.past ? mem_printf("--detail=%s", sample->path) : NULL;
    char *arguments[8] = {app->program, (char[]){"record"}, interval, pid};
    size_t count = 4;
    if (!*path || recording(app))
        return;
    if (detail)
        arguments[count++] = detail;
    arguments[count++] = (char[]){"--"};
    arguments[count++] = file;
    struct call *call = call_start(app, CALL_RECORD, arguments);
    if (call)
        snprintf(call->done, sizeof call->done, tr("recorded: boxtop replay %.150s"), path);
}

void act_record(struct app *app)
{
    struct call *call = recording(app);
    char name[64];
    time_t now = (time_t)(clock_wall_ns() / 1000000000u);
    struct tm tm = {0};
    if (call) {
        kill(call->job.pid, SIGTERM);
        return;
    }
    localtime_r(&now, &tm);
    strftime(name, sizeof name, "boxtop-%Y-%m-%d-%H%M.rec", &tm);
    status_ask(&app->status, &(struct prompt){.label = N_("record to:"), .done = record}, name);
}
