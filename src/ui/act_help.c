/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pages that are read: the help, and how a group was made.
 */
#include "ui/act.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/container.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/limits.h"

static void help_columns(struct str *text)
{
    str_add(text, "\n\001columns\n");
    for (int id = 0; id < COLUMN_COUNT; id++)
        str_addf(text, "  %-15s %-17s %s%s%s\n", column_table[id].key, column_table[id].file,
                 column_table[id].unit, column_table[id].unit[0] ? ": " : "", column_table[id].help);
    str_add(text, "\n\001values\n  -  absent: no such file, or its controller is not enabled\n"
                  "  0  zero\n  max  no limit\n");
}

void act_help_column(struct app *app, enum column_id id)
{
    const struct column *column = &column_table[id];
    struct str text = {0};
    str_addf(&text, "\001%s\n  %s\n\n", column->title[0] ? column->title : column->key, column->help);
    if (column->file[0])
        str_addf(&text, "  file      %s\n", column->file);
    if (column->unit[0])
        str_addf(&text, "  unit      %s\n", column->unit);
    str_addf(&text, "  called    %s%s%s\n", column->key, column->alias ? ", " : "",
             column->alias ? column->alias : "");
    if (column_has_value(id))
        str_addf(&text, "  in a filter: %s>20%s\n", column->alias ? column->alias : column->key,
                 column->share ? ", or with % of its limit" : "");
    overlay_text(app, column->key, SCROLL_NOTE, &text);
}

static void help_group(const struct app *app, const char *group, struct str *text)
{
    char keys[64];
    str_addf(text, "%s\001%s\n", text->len ? "\n" : "", tr(group));
    for (int id = 1; id < ACTION_COUNT; id++) {
        const struct action *action = &action_table[id];
        if (strcmp(action->group, group) != 0)
            continue;
        keymap_keys(&app->keymap, id, keys, sizeof keys);
        str_addf(text, "  %-15s %-17s %s\n", keys, action->name, tr(action->help));
    }
}

void act_help(struct app *app)
{
    struct str text = {0};
    for (size_t i = 0; action_groups[i]; i++)
        help_group(app, action_groups[i], &text);
    help_columns(&text);
    overlay_text(app, tr("help"), SCROLL_NOTE, &text);
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
    const struct knob *knobs[LIMITS_MAX];
    size_t count = limit_list(sample, knobs);
    for (size_t i = 0; i < count && i < LIMITS_FIRST; i++)
        if (limit_text(sample, knobs[i]->name, value) == 0)
            str_addf(text, "echo %s > %s/%s\n", value, str_text(&word), knobs[i]->name);
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

void act_explain(struct app *app)
{
    const struct row *row = act_row(app);
    const struct container *box = act_container(app);
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
