/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/action.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/container.h"
#include "ui/app.h"
#include "ui/limits.h"

static const struct row *selected(struct app *app)
{
    return model_selected(&app->model);
}

static const struct container *selected_box(struct app *app)
{
    return model_container(&app->model, selected(app));
}

/* Starts `boxtop VERB NAME` for the selected container. */
static void start_verb(struct app *app, const char *verb, const char *done)
{
    const struct container *box = selected_box(app);
    cleanup_list char **arguments =
        mem_dup_list((char *[]){app->program, (char *)(uintptr_t)verb, (char *)(uintptr_t)box->name, NULL});
    struct call *job = call_start(app, CALL_PLAIN, arguments);
    if (job)
        snprintf(job->done, sizeof job->done, "%s %s", box->name, done);
}

/* ---- moving ---- */

static void move_by(struct app *app, long rows)
{
    model_select(&app->model, (long)app->model.selected + rows);
    app->stale = STALE_ALL;
}

static long page(const struct app *app)
{
    int rows = app->layout.pane[PANE_TABLE].h - 4;
    return rows > 1 ? rows : 1;
}

static void down(struct app *app)
{
    move_by(app, 1);
}

static void up(struct app *app)
{
    move_by(app, -1);
}

static void page_down(struct app *app)
{
    move_by(app, page(app));
}

static void page_up(struct app *app)
{
    move_by(app, -page(app));
}

static void first(struct app *app)
{
    move_by(app, -(long)app->model.row_count);
}

static void last(struct app *app)
{
    move_by(app, (long)app->model.row_count);
}

/* Where there is nothing to fold, the way goes to the parent. */
static void fold(struct app *app)
{
    const struct row *row = selected(app);
    if (row && row->has_children && !row->folded) {
        model_fold(&app->model, row, true);
    } else if (row && row->sample >= 0) {
        size_t at = app->model.selected;
        while (at > 0 && app->model.rows[at].depth >= row->depth)
            at--;
        model_select(&app->model, (long)at);
    }
    app->stale = STALE_ALL;
}

static void unfold(struct app *app)
{
    const struct row *row = selected(app);
    if (row && row->folded)
        model_fold(&app->model, row, false);
    else if (row && row->has_children)
        down(app);
    app->stale = STALE_ALL;
}

static void enter(struct app *app)
{
    if (app->zoomed >= 0)
        app->zoomed = -1;
    else if (app->focus != PANE_TABLE)
        app->zoomed = (int)app->focus;
    else if (selected(app) && selected(app)->has_children)
        model_fold(&app->model, selected(app), !selected(app)->folded);
    app_layout(app);
}

/* One step back: the zoom, the focus, the filter. */
static void back(struct app *app)
{
    if (app->zoomed >= 0) {
        app->zoomed = -1;
    } else if (app->focus != PANE_TABLE) {
        app->focus = PANE_TABLE;
    } else if (app->model.filter[0]) {
        app->model.filter[0] = '\0';
        model_rebuild(&app->model);
    }
    app_layout(app);
}

static bool can_focus(const struct app *app, int id)
{
    return panes[id]->title && (app->layout.pane[id].h || app->zoomed >= 0);
}

static void move_focus(struct app *app, int step)
{
    for (int tries = 0, id = (int)app->focus; tries < PANE_COUNT; tries++) {
        id = (id + step + PANE_COUNT) % PANE_COUNT;
        if (!can_focus(app, id))
            continue;
        app->focus = (enum pane_id)id;
        if (app->zoomed >= 0)
            app->zoomed = id;
        break;
    }
    app_layout(app);
}

static void next_pane(struct app *app)
{
    move_focus(app, 1);
}

static void previous_pane(struct app *app)
{
    move_focus(app, -1);
}

static void toggle(struct app *app, enum pane_id id)
{
    app->hidden ^= STALE(id);
    app->zoomed = -1;
    app_layout(app);
}

static void toggle_cpu(struct app *app)
{
    toggle(app, PANE_CPU);
}

static void toggle_memory(struct app *app)
{
    toggle(app, PANE_MEMORY);
}

static void toggle_limits(struct app *app)
{
    toggle(app, PANE_LIMITS);
}

static void toggle_about(struct app *app)
{
    toggle(app, PANE_ABOUT);
}

static void toggle_events(struct app *app)
{
    toggle(app, PANE_EVENTS);
}

/* ---- the view ---- */

static void quit(struct app *app)
{
    app->quit = true;
}

static void set_filter(struct app *app, const char *text)
{
    str_copy(app->model.filter, sizeof app->model.filter, text);
    model_rebuild(&app->model);
    app->stale = STALE_ALL;
}

static void clear_filter(struct app *app)
{
    set_filter(app, "");
}

static void filter(struct app *app)
{
    status_ask(&app->status,
               &(struct prompt){
                   .label = "filter:", .changed = set_filter, .done = set_filter, .cancelled = clear_filter},
               app->model.filter);
}

static void flat(struct app *app)
{
    app->model.flat = !app->model.flat;
    model_rebuild(&app->model);
}

static void sort_by(struct app *app, int column)
{
    model_sort(&app->model, (enum column_id)column);
    app->stale = STALE_ALL;
}

static void sort(struct app *app)
{
    struct menu menu = {.chosen = sort_by};
    for (int id = 0; id < COLUMN_COUNT; id++) {
        if (column_table[id].joined)
            continue;
        struct menu_item *item = &menu.items[menu.count];
        snprintf(item->label, sizeof item->label, "%s", column_table[id].key);
        snprintf(item->note, sizeof item->note, "%s", column_table[id].file);
        item->value = id;
        if (app->model.sort == (enum column_id)id)
            menu.selected = menu.count;
        menu.count++;
    }
    app->overlay.menu = menu;
    overlay_menu(app, "sort by");
}

#define SORTS(name, column)                                                                                  \
    static void name(struct app *app)                                                                        \
    {                                                                                                        \
        model_sort(&app->model, column);                                                                     \
    }
SORTS(sort_name, COLUMN_NAME)
SORTS(sort_tasks, COLUMN_PIDS)
SORTS(sort_cpu, COLUMN_CPU)
SORTS(sort_memory, COLUMN_MEMORY)
SORTS(sort_io, COLUMN_PRESSURE_IO)
SORTS(sort_throttled, COLUMN_THROTTLED)
SORTS(sort_oom, COLUMN_OOM)

static void freeze_view(struct app *app)
{
    model_freeze(&app->model, !app->model.frozen);
}

static void redraw(struct app *app)
{
    term_clear(&app->term);
}

static void acknowledge(struct app *app)
{
    model_acknowledge(&app->model);
    app_notice(app, NOTICE_DONE, "kills acknowledged");
}

static void use_theme(struct app *app, const char *name)
{
    struct err err;
    struct theme theme;
    if (theme_load(&theme, name, &err) < 0)
        app_notice(app, NOTICE_ERROR, "%s", err.text);
    else
        app->term.theme = theme;
    app->stale = STALE_ALL;
}

static void theme(struct app *app)
{
    status_ask(&app->status, &(struct prompt){.label = "theme:", .done = use_theme}, app->term.theme.name);
}

static void complete_command(struct app *app, struct edit *edit)
{
    (void)app;
    for (int id = 1; id < ACTION_COUNT; id++)
        if (str_starts(action_table[id].name, edit->text)) {
            edit_set(edit, action_table[id].name);
            return;
        }
}

static void run_command(struct app *app, const char *text)
{
    enum action_id id = action_find(text);
    if (id != ACTION_NONE)
        action_run(app, id);
    else if (strchr(text, '='))
        turn_set(app, text);
    else if (*text)
        app_notice(app, NOTICE_ERROR, "no action is called %s (Tab completes, ? lists them)", text);
}

static void command(struct app *app)
{
    status_ask(&app->status,
               &(struct prompt){.label = ":", .complete = complete_command, .done = run_command}, "");
}

/* ---- help, and how it was made ---- */

static void help_columns(struct str *text)
{
    str_add(text, "\n\001columns\n");
    for (int id = 0; id < COLUMN_COUNT; id++)
        str_addf(text, "  %-15s %-17s %s%s%s\n", column_table[id].key, column_table[id].file,
                 column_table[id].unit, column_table[id].unit[0] ? ": " : "", column_table[id].help);
    str_add(text, "\n\001values\n  -  absent: no such file, or its controller is not enabled\n"
                  "  0  zero\n  max  no limit\n");
}

#define LOOK "looking"
#define MOVE "moving"
#define TURN "limits"
#define BOX  "containers"
#define SORT "sorting"

static void help_group(const struct app *app, const char *group, struct str *text)
{
    char keys[64];
    str_addf(text, "%s\001%s\n", text->len ? "\n" : "", group);
    for (int id = 1; id < ACTION_COUNT; id++) {
        const struct action *action = &action_table[id];
        if (strcmp(action->group, group) != 0)
            continue;
        keymap_keys(&app->keymap, id, keys, sizeof keys);
        str_addf(text, "  %-15s %-17s %s\n", keys, action->name, action->help);
    }
}

static void help(struct app *app)
{
    static const char *const groups[] = {BOX, TURN, LOOK, SORT, MOVE};
    struct str text = {0};
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        help_group(app, groups[i], &text);
    help_columns(&text);
    overlay_text(app, "help", SCROLL_NOTE, &text);
}

/* A group that boxtop didn't make: its limits, said as the lines that would set them. */
static void explain_group(struct app *app, const struct sample *sample, struct str *text)
{
    char value[KNOB_TEXT_SIZE];
    struct str path = {0}, word = {0};
    str_addf(&path, "%s%s", app->model.now->cgroupfs.mount, sample->path);
    str_add_shell(&word, str_text(&path));
    str_add(text, "\002# boxtop did not make this group; its limits as they are, as shell lines\n");
    str_addf(text, "mkdir -p %s\n", str_text(&word));
    for (size_t i = 0; i < limit_row_count; i++)
        if (limit_text(sample, limit_rows[i].knob, value) == 0)
            str_addf(text, "echo %s > %s/%s\n", value, str_text(&word), limit_rows[i].knob);
    str_addf(text, "echo $$ > %s/cgroup.procs\n", str_text(&word));
    str_free(&path);
    str_free(&word);
}

static int explain_box(struct app *app, const struct container *box, struct str *text, struct err *err)
{
    struct spec spec;
    int rc = store_load_spec(&app->store, box->name, &spec, err);
    if (rc < 0)
        return rc;
    str_addf(text, "\002# what boxtop did for %s, step by step, as shell lines\n", box->name);
    container_explain(&spec, box, text);
    spec_free(&spec);
    return rc;
}

/* Comments of the plan are set apart. */
static void mark_comments(struct str *text)
{
    struct str marked = {0};
    cleanup_free char *copy = mem_dup(str_text(text));
    for (char *line = copy, *next; line && *line; line = next) {
        if ((next = strchr(line, '\n')))
            *next++ = '\0';
        str_addf(&marked, "%s%s\n", line[0] == '#' ? "\002" : "", line);
    }
    str_free(text);
    *text = marked;
}

static void explain(struct app *app)
{
    const struct row *row = selected(app);
    const struct container *box = selected_box(app);
    struct str text = {0};
    struct err err = {0};
    char name[MODEL_NAME], title[MODEL_NAME + 24];
    if (!row || (!box && row->sample < 0))
        return;
    if (box && explain_box(app, box, &text, &err) < 0) {
        str_free(&text);
        app_notice(app, NOTICE_ERROR, "%s", err.text);
        return;
    }
    if (!box)
        explain_group(app, model_sample(&app->model, row), &text);
    mark_comments(&text);
    model_name(&app->model, row, name);
    snprintf(title, sizeof title, "how %s was made", name);
    overlay_text(app, title, SCROLL_NOTE, &text);
}

/* ---- containers ---- */

static void new (struct app *app)
{
    if (app->model.now)
        overlay_form(app);
}

static void shell(struct app *app)
{
    const struct container *box = selected_box(app);
    cleanup_list char **arguments =
        mem_dup_list((char *[]){app->program, (char[]){"exec"}, (char[]){"-it"}, (char *)(uintptr_t)box->name,
                                (char[]){"/bin/sh"}, NULL});
    call_foreground(app, arguments);
}

static void attach(struct app *app)
{
    const struct container *box = selected_box(app);
    cleanup_list char **arguments =
        mem_dup_list((char *[]){app->program, (char[]){"attach"}, (char *)(uintptr_t)box->name, NULL});
    call_foreground(app, arguments);
}

static void show_log(struct app *app)
{
    const struct container *box = selected_box(app);
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
    if (selected_box(app))
        start_verb(app, "stop", "stopped");
}

static void ask(struct app *app, void (*done)(struct app *, const char *), const char *question,
                const char *name)
{
    struct prompt prompt = {.confirm = true, .done = done};
    snprintf(prompt.text, sizeof prompt.text, "%s %s?", question, name);
    status_ask(&app->status, &prompt, "");
}

static void stop(struct app *app)
{
    ask(app, stop_now, "stop", selected_box(app)->name);
}

static void remove_now(struct app *app, const char *text)
{
    (void)text;
    if (selected_box(app))
        start_verb(app, "rm", "removed");
}

static void remove_(struct app *app)
{
    ask(app, remove_now, "remove the record of", selected_box(app)->name);
}

static bool is_frozen(struct app *app)
{
    const struct sample *sample = model_sample(&app->model, selected(app));
    return sample && sample->now.frozen == 1;
}

static void freeze_now(struct app *app, const char *text)
{
    (void)text;
    if (!selected_box(app))
        return;
    bool frozen = is_frozen(app);
    start_verb(app, frozen ? "resume" : "pause", frozen ? "thawed" : "frozen");
}

static void freeze(struct app *app)
{
    ask(app, freeze_now, is_frozen(app) ? "thaw" : "freeze", selected_box(app)->name);
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
    const struct container *box = selected_box(app);
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

static void kill_menu(struct app *app)
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
    snprintf(title, sizeof title, "end %s", selected_box(app)->name);
    overlay_menu(app, title);
}

/* ---- limits ---- */

static void cpu_down(struct app *app)
{
    turn_step(app, "cpu.max", -1);
}

static void cpu_up(struct app *app)
{
    turn_step(app, "cpu.max", 1);
}

static void memory_down(struct app *app)
{
    turn_step(app, "memory.max", -1);
}

static void memory_up(struct app *app)
{
    turn_step(app, "memory.max", 1);
}

static void complete_knob(struct app *app, struct edit *edit)
{
    size_t count, at = 0, length = strcspn(edit->text, "=");
    const struct knob *knobs = knob_table(&count);
    char text[80];
    (void)app;
    for (size_t i = 0; i < count; i++)
        if (strlen(knobs[i].name) == length && strncmp(knobs[i].name, edit->text, length) == 0)
            at = i + 1;
    for (size_t i = 0; i < count; i++) {
        const char *name = knobs[(at + i) % count].name;
        if (at == 0 && !str_starts(name, edit->text))
            continue;
        snprintf(text, sizeof text, "%s=", name);
        edit_set(edit, text);
        return;
    }
}

static void set(struct app *app)
{
    char text[80];
    const char *knob = app->focus == PANE_LIMITS ? limit_rows[app->limit_selected].knob : "memory.max";
    snprintf(text, sizeof text, "%s=", knob);
    status_ask(
        &app->status,
        &(struct prompt){.label = "set (Tab: another limit):", .complete = complete_knob, .done = turn_set},
        text);
}

static void undo(struct app *app)
{
    turn_undo(app);
}

/* ---- the table ---- */

const struct action action_table[ACTION_COUNT] = {
    [ACTION_NONE] = {"none", "", "", "", 0, NULL},
    [ACTION_HELP] = {"help", "Help", "this page", LOOK, 0, help},
    [ACTION_NEW] = {"new", "New", "launch a container: a form whose defaults work", BOX, NEEDS_WRITE, new},
    [ACTION_FILTER] = {"filter", "Filter", "show only what has this text in its name", LOOK, 0, filter},
    [ACTION_FLAT] = {"flat", "Tree", "tree, or flat list", LOOK, 0, flat},
    [ACTION_SORT] = {"sort", "Sort", "choose the column to sort by", LOOK, 0, sort},
    [ACTION_KILL] = {"kill", "Kill", "menu of the ways to end a container", BOX,
                     NEEDS_WRITE | NEEDS_BOX | NEEDS_RUNNING, kill_menu},
    [ACTION_QUIT] = {"quit", "Quit", "leave; containers go on", LOOK, 0, quit},
    [ACTION_CPU_DOWN] = {"cpu-down", "cpu", "less cpu.max", TURN, NEEDS_WRITE | NEEDS_GROUP, cpu_down},
    [ACTION_CPU_UP] = {"cpu-up", "CPU", "more cpu.max", TURN, NEEDS_WRITE | NEEDS_GROUP, cpu_up},
    [ACTION_MEMORY_DOWN] = {"memory-down", "mem", "less memory.max", TURN, NEEDS_WRITE | NEEDS_GROUP,
                            memory_down},
    [ACTION_MEMORY_UP] = {"memory-up", "Mem", "more memory.max", TURN, NEEDS_WRITE | NEEDS_GROUP, memory_up},
    [ACTION_SET] = {"set", "Set", "type a limit's value", TURN, NEEDS_WRITE | NEEDS_GROUP, set},
    [ACTION_UNDO] = {"undo", "Undo", "put the last limit back that was turned from here", TURN, NEEDS_WRITE,
                     undo},
    [ACTION_SHELL] = {"shell", "Shell", "a shell inside the container", BOX,
                      NEEDS_WRITE | NEEDS_BOX | NEEDS_RUNNING, shell},
    [ACTION_ATTACH] = {"attach", "Attach", "the container's own terminal; Ctrl-P Ctrl-Q comes back", BOX,
                       NEEDS_WRITE | NEEDS_BOX | NEEDS_RUNNING, attach},
    [ACTION_LOG] = {"log", "Log", "what the container wrote", BOX, NEEDS_BOX, show_log},
    [ACTION_EXPLAIN] = {"explain", "How", "how it was made, as shell lines", BOX, 0, explain},
    [ACTION_STOP] = {"stop", "Stop", "end the container (asks)", BOX, NEEDS_WRITE | NEEDS_BOX | NEEDS_RUNNING,
                     stop},
    [ACTION_FREEZE] = {"freeze", "Freeze", "freeze or thaw the container (asks)", BOX,
                       NEEDS_WRITE | NEEDS_BOX | NEEDS_RUNNING, freeze},
    [ACTION_REMOVE] = {"remove", "Remove", "remove the record of an ended container (asks)", BOX,
                       NEEDS_WRITE | NEEDS_BOX, remove_},
    [ACTION_ACKNOWLEDGE] = {"acknowledge", "Seen", "take the marks of OOM kills off", LOOK, 0, acknowledge},
    [ACTION_FREEZE_VIEW] = {"freeze-view", "Hold", "hold the figures as they are", LOOK, 0, freeze_view},
    [ACTION_DOWN] = {"down", "", "next row", MOVE, 0, down},
    [ACTION_UP] = {"up", "", "the row before", MOVE, 0, up},
    [ACTION_PAGE_DOWN] = {"page-down", "", "down by a page", MOVE, 0, page_down},
    [ACTION_PAGE_UP] = {"page-up", "", "up by a page", MOVE, 0, page_up},
    [ACTION_FIRST] = {"first", "", "first row", MOVE, 0, first},
    [ACTION_LAST] = {"last", "", "last row", MOVE, 0, last},
    [ACTION_FOLD] = {"fold", "", "fold the group, or go to its parent", MOVE, 0, fold},
    [ACTION_UNFOLD] = {"unfold", "", "unfold the group, or go into it", MOVE, 0, unfold},
    [ACTION_ENTER] = {"enter", "", "fold or unfold; in a pane: the whole room for it", MOVE, 0, enter},
    [ACTION_BACK] = {"back", "", "one step back: zoom, pane, filter", MOVE, 0, back},
    [ACTION_NEXT_PANE] = {"next-pane", "Pane", "next pane; in limits, arrows choose and turn", MOVE, 0,
                          next_pane},
    [ACTION_PREVIOUS_PANE] = {"previous-pane", "", "pane before", MOVE, 0, previous_pane},
    [ACTION_PANE_CPU] = {"pane-cpu", "", "show or hide the CPU graph", LOOK, 0, toggle_cpu},
    [ACTION_PANE_MEMORY] = {"pane-memory", "", "show or hide the memory graph", LOOK, 0, toggle_memory},
    [ACTION_PANE_LIMITS] = {"pane-limits", "", "show or hide the limits", LOOK, 0, toggle_limits},
    [ACTION_PANE_ABOUT] = {"pane-about", "", "show or hide who lives there", LOOK, 0, toggle_about},
    [ACTION_PANE_EVENTS] = {"pane-events", "", "show or hide the events", LOOK, 0, toggle_events},
    [ACTION_SORT_NAME] = {"sort-name", "", "by path; the same key again turns the order around", SORT, 0,
                          sort_name},
    [ACTION_SORT_TASKS] = {"sort-tasks", "", "by tasks", SORT, 0, sort_tasks},
    [ACTION_SORT_CPU] = {"sort-cpu", "", "by CPU", SORT, 0, sort_cpu},
    [ACTION_SORT_MEMORY] = {"sort-memory", "", "by memory", SORT, 0, sort_memory},
    [ACTION_SORT_IO] = {"sort-io", "", "by io pressure", SORT, 0, sort_io},
    [ACTION_SORT_THROTTLED] = {"sort-throttled", "", "by throttled periods", SORT, 0, sort_throttled},
    [ACTION_SORT_OOM] = {"sort-oom", "", "by OOM kills", SORT, 0, sort_oom},
    [ACTION_THEME] = {"theme", "Theme", "another theme, by name", LOOK, 0, theme},
    [ACTION_COMMAND] = {"command", "", "an action by its name, or NAME=VALUE", LOOK, 0, command},
    [ACTION_REDRAW] = {"redraw", "", "draw everything anew", LOOK, 0, redraw},
};
static_assert(COUNT_OF(action_table) == ACTION_COUNT, "a row for each action");

enum action_id action_find(const char *name)
{
    for (int id = 1; id < ACTION_COUNT; id++)
        if (strcmp(action_table[id].name, name) == 0)
            return (enum action_id)id;
    return ACTION_NONE;
}

/* Why an action can't be done now; NULL: it can. */
static const char *refusal(struct app *app, unsigned needs)
{
    const struct container *box = selected_box(app);
    if (needs & NEEDS_WRITE && app->readonly)
        return "read-only: nothing is changed from here";
    if (needs & NEEDS_GROUP && !model_sample(&app->model, selected(app)))
        return "no cgroup is selected";
    if (needs & NEEDS_BOX && !box)
        return "this is not one of boxtop's containers: only its limits can be turned";
    if (needs & NEEDS_RUNNING && box->state != CONTAINER_RUNNING && box->state != CONTAINER_PAUSED)
        return "this container does not run";
    return NULL;
}

void action_run(struct app *app, enum action_id id)
{
    const struct action *action = &action_table[id];
    const char *why = refusal(app, action->needs);
    if (why)
        app_notice(app, NOTICE_ERROR, "%s: %s", action->name, why);
    else if (action->run)
        action->run(app);
    app->stale = STALE_ALL;
}
