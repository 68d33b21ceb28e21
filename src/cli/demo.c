/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/demo.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/self.h"
#include "base/str.h"
#include "cli/command.h"

volatile sig_atomic_t demo_interrupted;

static void on_signal(int signal)
{
    demo_interrupted = signal;
}

/* ---- what is said ---- */

void demo_say(const struct demo *d, const char *format, ...)
{
    va_list args;
    if (d->json)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

static void prove_json(const char *step, bool ok, const char *expected, const char *measured)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:b}", "step", step, "expected", expected, "measured", measured, "ok", ok);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(object);
}

void demo_prove(struct demo *d, const char *step, bool ok, const char *expected, const char *format, ...)
{
    char measured[512], shown[1024], shown_expected[512];
    const char *mark = d->utf8 ? (ok ? "\u2713" : "\u2717") : (ok ? "ok" : "FAILED");
    va_list args;
    va_start(args, format);
    vsnprintf(measured, sizeof measured, format, args);
    va_end(args);
    d->proofs++;
    d->failed += !ok;
    str_printable(shown, sizeof shown, measured);
    str_printable(shown_expected, sizeof shown_expected, expected);
    if (d->json) {
        prove_json(step, ok, shown_expected, shown);
        return;
    }
    demo_say(d, "  %s%s%s %s: expected %s, measured %s", d->color ? (ok ? "\033[32m" : "\033[31m") : "", mark,
             d->color ? "\033[0m" : "", step, shown_expected, shown);
}

void demo_line(const char *line, void *user)
{
    char shown[2048];
    str_printable(shown, sizeof shown, line);
    demo_say(user, "    %s", shown);
}

static void say_nothing(const char *line, void *user)
{
    (void)line, (void)user;
}

/* ---- what is run ---- */

bool demo_start(struct demo *d, struct child *child, const char *const *words)
{
    char *argv[48] = {d->program};
    struct str line = {0};
    struct err err;
    for (size_t i = 0; words[i] && i + 2 < COUNT_OF(argv); i++)
        argv[i + 1] = (char *)words[i]; /* posix_spawn leaves them as they are */
    str_add_shell_list(&line, argv + 1);
    demo_say(d, "  $ boxtop %s", str_text(&line));
    str_free(&line);
    if (child_start(child, argv, &err) == 0)
        return true;
    demo_prove(d, "boxtop can be run", false, "a child process", "%s", err.text);
    return false;
}

int demo_run(struct demo *d, const char *const *words, bool loud, const volatile sig_atomic_t *stop,
             char **ret_text)
{
    struct child child;
    if (!demo_start(d, &child, words))
        return STATUS_ENGINE_FAILED;
    int status = child_finish(&child, loud ? demo_line : say_nothing, d, stop);
    if (ret_text)
        *ret_text = mem_dup(str_text(&child.text));
    child_free(&child);
    return status;
}

/* ---- the walk ---- */

/* Whether the step can be done here; says what is missing. */
static bool has_controllers(struct demo *d, const struct demo_step *step)
{
    struct err err;
    for (unsigned i = 0; i < CONTROLLER_COUNT; i++) {
        if (!(step->needs & 1u << i) || d->fs.controllers & 1u << i)
            continue;
        cgroupfs_missing(&d->fs, (enum controller)i, &err);
        d->missing |= 1u << i;
        demo_prove(d, step->title, false, "a limit", "%s", err.text);
        return false;
    }
    return true;
}

static void walk(struct demo *d)
{
    for (size_t i = 0; demo_steps[i].title; i++) {
        const struct demo_step *step = &demo_steps[i];
        if (step->when == STEP_MADE && (!d->made || demo_interrupted))
            continue;
        demo_say(d, "%s%zu. %s", i ? "\n" : "", i + 1, step->title);
        if (has_controllers(d, step))
            step->run(d);
    }
}

static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

static int begin(struct demo *d, struct err *err)
{
    unsigned random = 0;
    const char *no_color = getenv("NO_COLOR");
    d->color = isatty(STDOUT_FILENO) && !(no_color && *no_color);
    d->utf8 = is_utf8();
    d->cgroup = d->first = d->keeper = -1;
    if (getrandom(&random, 3, 0) < 0)
        random = (unsigned)getpid();
    snprintf(d->name, sizeof d->name, "demo-%06x", random & 0xffffff);
    gethostname(d->host, sizeof d->host - 1);
    cgroupfs_find(&d->fs, NULL, NULL);
    d->mounts = demo_count_mounts();
    int rc = self_find("boxtop", d->program, err);
    return rc < 0 ? rc : self_find("boxtop-probe", d->probe, err);
}

static int end(const struct demo *d)
{
    fd_close(&(int){d->cgroup});
    fd_close(&(int){d->first});
    fd_close(&(int){d->keeper});
    demo_say(d, "\n%u of %u held", d->proofs - d->failed, d->proofs);
    if (d->missing) {
        struct err err;
        err_set(&err, ENOTSUP,
                "demo: this machine's cgroup v2 lacks controllers, so not all of it could be shown");
        err_hint(&err, "see all of it in a VM: scripts/run --vm demo");
        command_failed(&err);
    }
    if (demo_interrupted)
        return 128 + demo_interrupted;
    return d->failed ? STATUS_FAILED : STATUS_DONE;
}

struct demo_options {
    bool json, list;
    const char *tour;
};

static const struct option_row options[] = {
    {"--json", 0, NULL, "one object a line: step, expected, measured, ok",
     .offset = offsetof(struct demo_options, json)},
    {"--tour", 0, "NAME|FILE", "in a terminal: this tour, if it is not to be the talk",
     .offset = offsetof(struct demo_options, tour)},
    {"--list", 0, NULL, "list the tours", .offset = offsetof(struct demo_options, list)},
    {0},
};

/* In the screen: the same proofs, step by step, with words. */
static int take_tour(const struct demo_options *o)
{
    cleanup_free char *name = mem_dup(o->tour ? o->tour : "talk");
    char *list[] = {(char[]){"boxtop"}, (char[]){"--tours"}, NULL},
         *tour[] = {(char[]){"boxtop"}, (char[]){"--tour"}, name, NULL};
    return command_elsewhere(NULL, o->list ? list : tour);
}

static int demo_command_run(const struct command *command, int argc, char **argv)
{
    struct demo_options o = {0};
    struct demo d = {0};
    struct err err;
    int status = command_begin(command, &o, &argc, argv);
    if (status >= 0)
        return status;
    if (o.list || o.tour || (!o.json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
        return take_tour(&o);
    d.json = o.json;
    if (begin(&d, &err) < 0)
        return command_failed(&err);
    struct sigaction action = {.sa_handler = on_signal};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaction(signals[i], &action, NULL);
    walk(&d);
    return end(&d);
}

const struct command demo_command = {
    .name = "demo",
    .usage = "[--json | --tour NAME|FILE | --list]",
    .summary =
        "the proof: limits that bite, a network, namespaces, and nothing left behind; in a terminal, a tour",
    .options = options,
    .run = demo_command_run,
};
