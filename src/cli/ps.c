/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/output.h"

struct ps_options {
    bool all, quiet, json;
};

static const struct option_row options[] = {
    {"--all", 'a', NULL, "ended ones too", .offset = offsetof(struct ps_options, all)},
    {"--quiet", 'q', NULL, "names only, one a line", .offset = offsetof(struct ps_options, quiet)},
    {"--json", 0, NULL, "one array of objects", .offset = offsetof(struct ps_options, json)},
    {0},
};

static void put_name(const struct container *c, struct str *to)
{
    str_add(to, c->name);
}

/* "running", "exited 0", "exited 137 OOM": how it ended is what one looks for. */
static void put_state(const struct container *c, struct str *to)
{
    str_add(to, container_state_name(c->state));
    if (c->state != CONTAINER_EXITED)
        return;
    if (c->exit_status == EXIT_STATUS_UNKNOWN)
        str_add(to, " ?");
    else
        str_addf(to, " %d%s", c->exit_status, c->oom_killed ? " OOM" : "");
    if (c->restart_ns)
        str_add(to, " restarting");
}

static void put_pid(const struct container *c, struct str *to)
{
    if (c->pid && c->state != CONTAINER_EXITED)
        str_addf(to, "%d", (int)c->pid);
    else
        str_add(to, "-");
}

static void put_since(const struct container *c, struct str *to)
{
    char text[FMT_SIZE];
    bool ended = c->state == CONTAINER_EXITED;
    uint64_t then = ended ? c->finished_ns : c->started_ns, now = clock_wall_ns();
    if (!then)
        str_add(to, "-");
    else
        str_addf(to, "%s%s", fmt_duration(text, now > then ? (now - then) / 1000000000 : 0),
                 ended ? " ago" : "");
}

static void put_root(const struct container *c, struct str *to)
{
    str_add(to, c->root);
}

static void put_command(const struct container *c, struct str *to)
{
    str_add_shell_list(to, c->command);
}

static const struct {
    const char *title;
    void (*put)(const struct container *c, struct str *to);
} columns[] = {
    {"NAME", put_name},   {"STATE", put_state}, {"PID", put_pid},
    {"SINCE", put_since}, {"ROOT", put_root},   {"COMMAND", put_command},
};

static void add_row(struct table *table, const struct container *c)
{
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        struct str cell = {0};
        columns[i].put(c, &cell);
        table_add(table, str_text(&cell));
        str_free(&cell);
    }
}

static bool is_shown(const struct container *c)
{
    return c->state != CONTAINER_EXITED || !container_is_at_rest(c);
}

static void print_text(const struct container *list, size_t count, bool all)
{
    struct table table;
    table_init(&table, COUNT_OF(columns));
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        table_add(&table, columns[i].title);
    for (size_t i = 0; i < count; i++)
        if (all || is_shown(&list[i]))
            add_row(&table, &list[i]);
    table_print(&table, stdout);
    table_free(&table);
}

static void print_names(const struct container *list, size_t count, bool all)
{
    for (size_t i = 0; i < count; i++)
        if (all || is_shown(&list[i]))
            puts(list[i].name);
}

static void print_json(const struct container *list, size_t count, bool all)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        if (all || is_shown(&list[i]))
            json_array_append_new(array, container_to_json(&list[i]));
    output_json(array, stdout);
}

static int ps_run(const struct command *command, int argc, char **argv)
{
    struct ps_options o = {0};
    struct store store;
    struct container *list;
    size_t count;
    struct err err;
    int status = command_begin(command, &o, &argc, argv);
    if (status >= 0)
        return status;
    if (!command_store(&store))
        return STATUS_FAILED;
    status = store_list(&store, false, &list, &count, &err) < 0 ? command_failed(&err) : STATUS_DONE;
    if (status == STATUS_DONE) {
        (o.json ? print_json : o.quiet ? print_names : print_text)(list, count, o.all);
        container_free_list(list, count);
    }
    store_close(&store);
    return status;
}

const struct command ps_command = {
    .name = "ps",
    .usage = "[-a] [-q|--json]",
    .summary = "list the containers",
    .options = options,
    .run = ps_run,
};
