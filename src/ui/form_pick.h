/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Menus that fill the form's fields; it comes back with what was chosen. UI thread.
 */
#ifndef BOXTOP_UI_FORM_PICK_H
#define BOXTOP_UI_FORM_PICK_H

struct app;

void form_pick_root(struct app *app);
/* The last launches, and those that were given a name. */
void form_pick_recent(struct app *app);
/* Every option that has no field of its own. */
void form_pick_option(struct app *app);
/* Asks for a name, and keeps the form under it. */
void form_keep(struct app *app);

#endif
