/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Limits: turned, typed, put back.
 */
#include "ui/act.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/app.h"
#include "ui/limits.h"

void act_cpu_down(struct app *app)
{
    turn_step(app, "cpu.max", -1);
}

void act_cpu_up(struct app *app)
{
    turn_step(app, "cpu.max", 1);
}

void act_memory_down(struct app *app)
{
    turn_step(app, "memory.max", -1);
}

void act_memory_up(struct app *app)
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

void act_set(struct app *app)
{
    char text[80];
    const char *knob = pane_limits_selected(app);
    snprintf(text, sizeof text, "%s=", knob ? knob : "memory.max");
    status_ask(
        &app->status,
        &(struct prompt){.label = "set (Tab: another limit):", .complete = complete_knob, .done = turn_set},
        text);
}

void act_undo(struct app *app)
{
    turn_undo(app);
}
