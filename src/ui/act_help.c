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
    str_addf(text, "\n\001%s\n", tr("columns"));
    for (int id = 0; id < COLUMN_COUNT; id++)
        str_addf(text, "  %-15s %-17s %s%s%s\n", column_table[id].key, column_table[id].file,
                 tr(column_table[id].unit), column_table[id].unit[0] ? ": " : "", tr(column_table[id].help));
    str_addf(text, "\n\001%s\n  -  %s\n  0  %s\n  max  %s\n", tr("values"),
             tr("absent: no such file, or its controller is not enabled"), tr("zero"), tr("no limit"));
}

void act_help_column(struct app *app, enum column_id id)
{
    const struct column *column = &column_table[id];
    struct str text = {0};
    str_addf(&text, "\001%s\n  %s\n\n", column->title[0] ? column->title : column->key, tr(column->help));
    if (column->file[0])
        str_addf(&text, tr("  file      %s\n"), column->file);
    if (column->unit[0])
        str_addf(&text, tr("  unit      %s\n"), tr(column->unit));
    str_addf(&text, tr("  called    %s%s%s\n"), column->key, column->alias ? ", " : "",
             column->alias ? column->alias : "");
    if (column_has_value(id))
        str_addf(&text, tr("  in a filter: %s>20%s\n"), column->alias ? column->alias : column->key,
                 /* xgettext:no-c-format */
                 column->share ? tr(", or with % of its limit") : "");
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
        bool wide = strlen(keys) > 15; /* has a line of its own */
        str_addf(text, "  %-15s%s%*s %-17s %s\n", keys, wide ? "\n" : "", wide ? 17 : 0, "", action->name,
                 tr(action->help));
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
