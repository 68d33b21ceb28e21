/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Containers: made, entered, ended.
 */
#include "ui/act.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/app.h"

/* Starts `boxtop VERB NAME` for the selected container. */
static void start_verb(struct app *app, const char *verb, const char *done)
{
    const struct container *box = act_container(app);
    cleanup_list char **arguments =
        mem_dup_list((char *[]){app->program, (char *)(uintptr_t)verb, (char *)(uintptr_t)box->name, NULL});
    struct call *job = call_start(app, CALL_PLAIN, arguments);
    if (job)
        snprintf(job->done, sizeof job->done, "%s %s", box->name, done);
}

void act_new(struct app *app)
{
    if (app->model.now)
        overlay_form(app);
}

void act_shell(struct app *app)
{
    const struct container *box = act_container(app);
    cleanup_list char **arguments =
        mem_dup_list((char *[]){app->program, (char[]){"exec"}, (char[]){"-it"}, (char *)(uintptr_t)box->name,
                                (char[]){"/bin/sh"}, NULL});
    call_foreground(app, arguments);
}

void act_attach(struct app *app)
{
    const struct container *box = act_container(app);
    cleanup_list char **arguments =
        mem_dup_list((char *[]){app->program, (char[]){"attach"}, (char *)(uintptr_t)box->name, NULL});
    call_foreground(app, arguments);
}

void act_log(struct app *app)
{
    const struct container *box = act_container(app);
    cleanup_list char **arguments =
        mem_dup_list((char *[]){app->program, (char[]){"logs"}, (char *)(uintptr_t)box->name, NULL});
    struct call *job = call_start(app, CALL_TEXT, arguments);
    if (job)
        snprintf(job->done, sizeof job->done, "log of %s", box->name);
}

/* Asks, and does it to whatever container is selected by then only if that is the same. */
static void stop_now(struct app *app, const char *text)
{
    (void)text;
    if (act_container(app))
        start_verb(app, "stop", "stopped");
}

static void ask(struct app *app, void (*done)(struct app *, const char *), const char *question,
                const char *name)
{
    struct prompt prompt = {.confirm = true, .done = done};
    snprintf(prompt.text, sizeof prompt.text, "%s %s?", question, name);
    status_ask(&app->status, &prompt, "");
}

void act_stop(struct app *app)
{
    ask(app, stop_now, "stop", act_container(app)->name);
}

static void remove_now(struct app *app, const char *text)
{
    (void)text;
    if (act_container(app))
        start_verb(app, "rm", "removed");
}

void act_remove(struct app *app)
{
    ask(app, remove_now, "remove the record of", act_container(app)->name);
}

static bool is_frozen(struct app *app)
{
    const struct sample *sample = model_sample(&app->model, act_row(app));
    return sample && sample->now.frozen == 1;
}

static void freeze_now(struct app *app, const char *text)
{
    (void)text;
    if (!act_container(app))
        return;
    bool frozen = is_frozen(app);
    start_verb(app, frozen ? "resume" : "pause", frozen ? "thawed" : "frozen");
}

void act_freeze(struct app *app)
{
    ask(app, freeze_now, is_frozen(app) ? "thaw" : "freeze", act_container(app)->name);
}

static const struct {
    const char *key, *label, *note, *verb, *signal, *done;
} kills[] = {
    {"1", "stop", "SIGTERM, after 10 s all of it is killed", "stop", NULL, "stopped"},
    {"2", "SIGTERM", "asked to end", "kill", "TERM", "was sent SIGTERM"},
    {"3", "SIGINT", "as Ctrl-C", "kill", "INT", "was sent SIGINT"},
    {"4", "SIGHUP", "terminal gone, or read the configuration", "kill", "HUP", "was sent SIGHUP"},
    {"5", "SIGUSR1", "", "kill", "USR1", "was sent SIGUSR1"},
    {"9", "SIGKILL", "ends at once, without a word", "kill", "KILL", "killed"},
};

static void kill_chosen(struct app *app, int index)
{
    const struct container *box = act_container(app);
    char *name = box ? (char *)(uintptr_t)box->name : NULL, *verb = (char *)(uintptr_t)kills[index].verb;
    if (!box)
        return;
    char *const plain[] = {app->program, verb, name, NULL};
    char *const signalled[] = {
        app->program, verb, (char[]){"--signal"}, (char *)(uintptr_t)kills[index].signal, name, NULL};
    struct call *job = call_start(app, CALL_PLAIN, kills[index].signal ? signalled : plain);
    if (job)
        snprintf(job->done, sizeof job->done, "%s %s", box->name, kills[index].done);
}

void act_kill(struct app *app)
{
    struct menu menu = {.chosen = kill_chosen};
    char title[SPEC_NAME_SIZE + 16];
    for (size_t i = 0; i < COUNT_OF(kills); i++) {
        struct menu_item *item = &menu.items[menu.count++];
        str_copy(item->key, sizeof item->key, kills[i].key);
        str_copy(item->label, sizeof item->label, kills[i].label);
        str_copy(item->note, sizeof item->note, kills[i].note);
        item->value = (int)i;
    }
    app->overlay.menu = menu;
    snprintf(title, sizeof title, "end %s", act_container(app)->name);
    overlay_menu(app, title);
}
