/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What actions do, by noun: one function for each row of actions.inc, in act_*.c. action_run() has asked
 * whether it may be done.
 */
#ifndef BOXTOP_UI_ACT_H
#define BOXTOP_UI_ACT_H

#include "core/store.h"
#include "ui/model.h"

struct app;

#define ACTION(id, function, name, label, group, needs, help) void act_##function(struct app *app);
#include "ui/actions.inc"
#undef ACTION

void act_filter_set(struct app *app, const char *text);
/* What was chosen in the dialog goes into the config. */
void act_columns_keep(struct app *app);
void act_help_column(struct app *app, enum column_id column);

/* A shell in the container of that name, in the terminal pane. */
void act_shell_in(struct app *app, const char *name);
void act_attach_to(struct app *app, const char *name);

/* The selected row and its container; NULL if there is none. */
const struct row *act_row(struct app *app);
const struct container *act_container(struct app *app);

#endif
