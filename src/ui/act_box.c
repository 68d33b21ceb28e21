/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Containers: made, entered, ended.
 */
#include "ui/act.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/app.h"
#include "ui/language.h"

/* The containers that are meant: all tagged, else the selected one; their names, for mem_free_list(). */
static char **meant(struct app *app)
{
    char **names = NULL;
    const struct container *box = act_container(app);
    for (size_t i = 0; i < app->model.row_count; i++)
        if (app->model.rows[i].tagged && app->model.rows[i].container >= 0)
            mem_list_add(&names, mem_dup(model_container(&app->model, &app->model.rows[i])->name));
    if (!names && box)
        mem_list_add(&names, mem_dup(box->name));
    return names;
}

/* "web", "web and api", "web, api and 3 more". */
static void say_names(char *const *names, char *to, size_t size)
{
    size_t count = 0;
    while (names && names[count])
        count++;
    if (count > 3)
        snprintf(to, size, trn("%s, %s and %zu more", "%s, %s and %zu more", count - 2), names[0], names[1],
                 count - 2);
    else if (count == 3)
        snprintf(to, size, tr("%s, %s and %s"), names[0], names[1], names[2]);
    else if (count == 2)
        snprintf(to, size, tr("%s and %s"), names[0], names[1]);
    else
        snprintf(to, size, "%s", count ? names[0] : "");
}

/* Starts `boxtop VERB [--signal SIGNAL] NAME...` for the containers that are meant. */
static void start_verb(struct app *app, const char *verb, const char *signal, const char *done)
{
    cleanup_list char **names = meant(app), **arguments = NULL;
    char said[3 * SPEC_NAME_SIZE + 32];
    if (!names)
        return;
    mem_list_add(&arguments, mem_dup(app->program));
    mem_list_add(&arguments, mem_dup(verb));
    if (signal) {
        mem_list_add(&arguments, mem_dup("--signal"));
        mem_list_add(&arguments, mem_dup(signal));
    }
    for (size_t i = 0; names[i]; i++)
        mem_list_add(&arguments, mem_dup(names[i]));
    struct call *job = call_start(app, CALL_PLAIN, arguments);
    say_names(names, said, sizeof said);
    if (job)
        snprintf(job->done, sizeof job->done, tr(done), said);
}

void act_new(struct app *app)
{
    if (app->model.now)
        overlay_form(app);
    else
        app_notice(app, NOTICE_INFO, "a moment: what this machine has is still being looked at");
}

void act_log(struct app *app)
{
    const struct container *box = act_container(app);
    bool runs = box->state == CONTAINER_RUNNING || box->state == CONTAINER_PAUSED;
    cleanup_list char **arguments =
        mem_dup_list((char *[]){app->program, (char[]){"logs"}, (char[]){"-n"}, (char[]){"5000"},
                                runs ? (char[]){"-f"} : (char *)(uintptr_t)box->name,
                                runs ? (char *)(uintptr_t)box->name : NULL, NULL});
    char title[SPEC_NAME_SIZE + 16];
    snprintf(title, sizeof title, tr("log of %s"), box->name);
    call_follow(app, arguments, title);
}

/* Asks, saying the line that will be executed, and does it to what is meant by then: the selection follows
 * its container, and so do tags. */
static void ask(struct app *app, void (*done)(struct app *, const char *), const char *question,
                const char *verb)
{
    struct prompt prompt = {.confirm = true, .done = done};
    struct str line = {0};
    cleanup_list char **names = meant(app);
    char said[3 * SPEC_NAME_SIZE + 32];
    say_names(names, said, sizeof said);
    if (names)
        str_add_shell_list(&line, names);
    snprintf(prompt.text, sizeof prompt.text, "%s %.80s? (boxtop %s %.60s%s)", tr(question), said, verb,
             str_text(&line), line.len > 60 ? "..." : "");
    str_free(&line);
    status_ask(&app->status, &prompt, "");
}

static void stop_now(struct app *app, const char *text)
{
    (void)text;
    start_verb(app, "stop", NULL, N_("%.120s stopped"));
}

void act_stop(struct app *app)
{
    ask(app, stop_now, N_("stop"), "stop");
}

static void remove_now(struct app *app, const char *text)
{
    (void)text;
    start_verb(app, "rm", NULL, N_("%.120s removed"));
}

void act_remove(struct app *app)
{
    ask(app, remove_now, N_("remove the record of"), "rm");
}

/* Of several, the first says which way. */
static bool is_frozen(struct app *app)
{
    const struct row *row = act_row(app);
    for (size_t i = 0; i < app->model.row_count && app->model.tag_count; i++)
        if (app->model.rows[i].tagged && app->model.rows[i].container >= 0) {
            row = &app->model.rows[i];
            break;
        }
    const struct sample *sample = model_sample(&app->model, row);
    return sample && sample->now->frozen == 1;
}

static void freeze_now(struct app *app, const char *text)
{
    (void)text;
    start_verb(app, "pause", NULL, N_("%.120s frozen"));
}

static void thaw_now(struct app *app, const char *text)
{
    (void)text;
    start_verb(app, "resume", NULL, N_("%.120s thawed"));
}

void act_freeze(struct app *app)
{
    bool frozen = is_frozen(app);
    ask(app, frozen ? thaw_now : freeze_now, frozen ? N_("thaw") : N_("freeze"), frozen ? "resume" : "pause");
}

static const struct {
    const char *key, *label, *note, *verb, *signal, *done;
} kills[] = {
    {"1", N_("stop"), N_("SIGTERM, after 10 s all of it is killed"), "stop", NULL, N_("%.120s stopped")},
    {"2", "SIGTERM", N_("asked to end"), "kill", "TERM", N_("%.120s was sent SIGTERM")},
    {"3", "SIGINT", N_("as Ctrl-C"), "kill", "INT", N_("%.120s was sent SIGINT")},
    {"4", "SIGHUP", N_("terminal gone, or read the configuration"), "kill", "HUP",
     N_("%.120s was sent SIGHUP")},
    {"5", "SIGUSR1", "", "kill", "USR1", N_("%.120s was sent SIGUSR1")},
    {"9", "SIGKILL", N_("ends at once, without a word"), "kill", "KILL", N_("%.120s killed")},
};

static void kill_chosen(struct app *app, int index)
{
    start_verb(app, kills[index].verb, kills[index].signal, kills[index].done);
}

void act_kill(struct app *app)
{
    struct menu menu = {.chosen = kill_chosen};
    cleanup_list char **names = meant(app);
    char said[3 * SPEC_NAME_SIZE + 32], title[128];
    for (size_t i = 0; i < COUNT_OF(kills); i++) {
        struct menu_item *item = &menu.items[menu.count++];
        str_copy(item->key, sizeof item->key, kills[i].key);
        str_copy(item->label, sizeof item->label, tr(kills[i].label));
        str_copy(item->note, sizeof item->note, kills[i].note);
        item->value = (int)i;
    }
    app->overlay.menu = menu;
    say_names(names, said, sizeof said);
    snprintf(title, sizeof title, tr("end %.110s"), said);
    overlay_menu(app, title);
}
