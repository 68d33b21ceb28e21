/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a user can do, every fact once: name (for bindings and the : prompt), label (footer), help, what it
 * needs, and the function. Whether it may be done is asked in one place.
 */
#ifndef BOXTOP_UI_ACTION_H
#define BOXTOP_UI_ACTION_H

struct app;

enum action_id {
    ACTION_NONE,
    ACTION_HELP,
    ACTION_NEW,
    ACTION_FILTER,
    ACTION_FLAT,
    ACTION_SORT,
    ACTION_KILL,
    ACTION_QUIT,
    ACTION_CPU_DOWN,
    ACTION_CPU_UP,
    ACTION_MEMORY_DOWN,
    ACTION_MEMORY_UP,
    ACTION_SET,
    ACTION_UNDO,
    ACTION_SHELL,
    ACTION_ATTACH,
    ACTION_LOG,
    ACTION_EXPLAIN,
    ACTION_STOP,
    ACTION_FREEZE,
    ACTION_REMOVE,
    ACTION_ACKNOWLEDGE,
    ACTION_FREEZE_VIEW,
    ACTION_DOWN,
    ACTION_UP,
    ACTION_PAGE_DOWN,
    ACTION_PAGE_UP,
    ACTION_FIRST,
    ACTION_LAST,
    ACTION_FOLD,
    ACTION_UNFOLD,
    ACTION_ENTER,
    ACTION_BACK,
    ACTION_NEXT_PANE,
    ACTION_PREVIOUS_PANE,
    ACTION_PANE_CPU, /* in the order of enum pane_id */
    ACTION_PANE_MEMORY,
    ACTION_PANE_LIMITS,
    ACTION_PANE_ABOUT,
    ACTION_PANE_EVENTS,
    ACTION_SORT_NAME,
    ACTION_SORT_TASKS,
    ACTION_SORT_CPU,
    ACTION_SORT_MEMORY,
    ACTION_SORT_IO,
    ACTION_SORT_THROTTLED,
    ACTION_SORT_OOM,
    ACTION_THEME,
    ACTION_COMMAND,
    ACTION_REDRAW,
    ACTION_COUNT
};

enum {
    NEEDS_WRITE = 1,   /* refused with --readonly */
    NEEDS_GROUP = 2,   /* a cgroup is selected */
    NEEDS_BOX = 4,     /* ... or a container of boxtop's */
    NEEDS_RUNNING = 8, /* which runs */
};

struct action {
    const char *name, *label, *help;
    const char *group; /* heading in the help */
    unsigned needs;
    void (*run)(struct app *app);
};

extern const struct action action_table[ACTION_COUNT];

/* ACTION_NONE if there is none of that name. */
enum action_id action_find(const char *name);
/* Does it, or says why not. */
void action_run(struct app *app, enum action_id id);

#endif
