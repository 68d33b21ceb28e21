/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/call.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/act.h"
#include "ui/app.h"
#include "ui/language.h"

#define FOLLOW_MOST (1u << 20) /* bytes that are kept of a text that goes on */

/* Why no command can be started; NULL: it can. Whatever the way here, --readonly is held up at this place. */
static const char *refusal(const struct app *app, enum call_kind kind)
{
    if (app->readonly && kind != CALL_TEXT && kind != CALL_FOLLOW)
        return N_("read-only: nothing is changed from here");
    return app->program[0] ? NULL : N_("the program boxtop was not found");
}

const char *call_refusal(const struct app *app)
{
    return refusal(app, CALL_PLAIN);
}

static struct call *free_job(struct app *app)
{
    for (size_t i = 0; i < CALLS; i++)
        if (!app->calls[i].job.pid)
            return &app->calls[i];
    return NULL;
}

struct call *call_start(struct app *app, enum call_kind kind, char *const *arguments)
{
    struct err err;
    struct str line = {0};
    struct call *slot = free_job(app);
    const char *why = slot ? refusal(app, kind) : N_("too many commands at once; wait a moment");
    if (why) {
        app_notice(app, NOTICE_ERROR, "%s", tr(why));
        return NULL;
    }
    str_add(&line, "boxtop ");
    str_add_shell_list(&line, arguments + 1);
    cleanup_close int told = -1;
    *slot = (struct call){.kind = kind, .steps.fd = -1};
    if (kind == CALL_RUN)
        steps_open(&slot->steps, &told);
    if (job_start(&slot->job, arguments, line.text, app->monitor, told, &err) < 0) {
        steps_close(&slot->steps);
        app_notice(app, NOTICE_ERROR, "%s", err.text);
        return NULL;
    }
    if (kind != CALL_TEXT && kind != CALL_FOLLOW && kind != CALL_SWEEP)
        app_notice(app, NOTICE_INFO, "%s", slot->job.line);
    return slot;
}

static void show_text(struct app *app, struct call *ended)
{
    struct str text = ended->front;
    ended->front = (struct str){0};
    str_add(&text, str_text(&ended->job.output));
    overlay_text(app, ended->done, SCROLL_NOTE, &text);
}

/* A text that goes on while it is read: it goes on as long as it is shown. */
struct call *call_follow(struct app *app, char *const *arguments, const char *title)
{
    struct str none = {0};
    struct call *call = call_start(app, CALL_FOLLOW, arguments);
    if (!call)
        return NULL;
    overlay_text(app, title, N_("at its end it follows; / searches, Esc closes"), &none);
    app->overlay.live = call;
    app->overlay.at_end = true;
    return call;
}

/* The oldest lines go where there are too many. */
static void add_news(struct str *text, struct str *news)
{
    str_add_bytes(text, str_text(news), news->len);
    str_clear(news);
    if (text->len < FOLLOW_MOST)
        return;
    const char *keep = strchr(text->text + text->len / 2, '\n');
    size_t cut = keep ? (size_t)(keep + 1 - text->text) : text->len;
    memmove(text->text, text->text + cut, text->len - cut + 1);
    text->len -= cut;
}

void call_read(struct app *app, struct call *call)
{
    struct overlay *overlay = &app->overlay;
    job_read(&call->job);
    if (call->kind == CALL_RUN)
        app->stale = STALE_ALL; /* the form shows how far it is */
    if (call->kind != CALL_FOLLOW)
        return;
    if (overlay->live != call) {
        str_clear(&call->job.output);
        return;
    }
    overlay->at_end = overlay->at_end || overlay->scroll >= overlay->lines - overlay->shown;
    add_news(&overlay->text, &call->job.output);
    app->stale = STALE_ALL;
}

void call_stop(struct call *call)
{
    if (call->job.pid)
        kill(-call->job.pid, SIGTERM);
}

/* The slot is free before anything else happens: what comes of it may start the next command. */
void call_ended(struct app *app, struct call *slot)
{
    if (slot->kind == CALL_FOLLOW)
        call_read(app, slot);
    struct call ended = *slot;
    char error[600] = "";
    bool left = ended.kind == CALL_FOLLOW && app->overlay.live != slot;
    if (app->overlay.live == slot)
        app->overlay.live = NULL;
    slot->job = (struct job){.pid_fd = -1, .out_fd = -1};
    slot->steps.fd = -1;
    int status = job_reap(&ended.job);
    steps_read(&ended.steps);
    if (status != 0)
        job_error(&ended.job, error, sizeof error);
    if (left)
        status = 0; /* nobody reads it any more, and it was told to end */
    else if (ended.kind == CALL_TURN)
        turn_ended(app, ended.turn, str_text(&ended.job.output), status ? error : NULL);
    else if (ended.kind == CALL_RUN)
        form_launched(app, slot, &ended, status ? error : NULL);
    else if (status != 0)
        app_notice(app, NOTICE_ERROR, "%s", error);
    else if (ended.kind == CALL_FOLLOW)
        app_notice(app, NOTICE_INFO, "that is all of it");
    else if (ended.kind == CALL_SWEEP)
        app->orphans_ns = 0;
    else if (ended.kind == CALL_TEXT)
        show_text(app, &ended);
    else
        app_notice(app, NOTICE_DONE, "%s", ended.done);
    app->containers_ns = clock_mono_ns();
    job_fini(&ended.job);
    steps_close(&ended.steps);
    str_free(&ended.front);
    app->stale = STALE_ALL;
}

void call_foreground(struct app *app, char *const *arguments)
{
    struct err err;
    struct str line = {0};
    struct signalfd_siginfo signal;
    const char *why = call_refusal(app);
    if (why) {
        app_notice(app, NOTICE_ERROR, "%s", tr(why));
        return;
    }
    term_suspend(&app->term);
    str_add(&line, "boxtop ");
    str_add_shell_list(&line, arguments + 1);
    printf("%s\r\n", str_text(&line));
    fflush(stdout);
    int status = job_foreground(arguments, app->end_fd, app->monitor, &err);
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
