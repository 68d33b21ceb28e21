/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a user can do, every fact once: name (for bindings and the : prompt), label (footer), help, what it
 * needs, and the function. Whether it may be done is asked in one place.
 */
#ifndef BOXTOP_UI_ACTION_H
#define BOXTOP_UI_ACTION_H

#include "base/words.h"

struct app;

enum action_id {
    ACTION_NONE,
#define ACTION(id, function, name, label, group, needs, help) ACTION_##id,
#include "ui/actions.inc"
#undef ACTION
    ACTION_COUNT
};

enum {
    NEEDS_WRITE = 1,   /* refused with --readonly */
    NEEDS_GROUP = 2,   /* a cgroup is selected */
    NEEDS_BOX = 4,     /* ... or a container of boxtop's */
    NEEDS_RUNNING = 8, /* which runs */
    ALL_TAGGED = 16,   /* if there are tagged rows, they are meant */
};

struct action {
    const char *name, *label, *help;
    const char *group; /* heading in the help */
    unsigned needs;
    void (*run)(struct app *app);
};

extern const struct action action_table[ACTION_COUNT];
/* The headings, in the order of the help; ends with NULL. */
extern const char *const action_groups[];

/* ACTION_NONE if there is none of that name. */
enum action_id action_find(const char *name);
/* Does it, or says why not. */
void action_run(struct app *app, enum action_id id);

#endif
