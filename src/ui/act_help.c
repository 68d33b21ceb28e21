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
