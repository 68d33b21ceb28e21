/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/action.h"

#include <string.h>

#include "ui/act.h"
#include "ui/app.h"
#include "ui/language.h"

#define LOOK N_("looking")
#define MOVE N_("moving")
#define TURN N_("limits")
#define BOX  N_("containers")
#define SORT N_("sorting")
#define TIME N_("looking back")

const struct action action_table[ACTION_COUNT] = {
    [ACTION_NONE] = {"none", "", "", "", 0, NULL},
#define ACTION(id, function, name, label, group, needs, help)                                                \
    [ACTION_##id] = {name, label, help, group, needs, act_##function},
#include "ui/actions.inc"
#undef ACTION
};

const char *const action_groups[] = {BOX, TURN, LOOK, TIME, SORT, MOVE, NULL};

const struct row *act_row(struct app *app)
{
    return model_selected(&app->model);
}

const struct container *act_container(struct app *app)
{
    return model_container(&app->model, act_row(app));
}

enum action_id action_find(const char *name)
{
    for (int id = 1; id < ACTION_COUNT; id++)
        if (strcmp(action_table[id].name, name) == 0)
            return (enum action_id)id;
    return ACTION_NONE;
}

/* What is wrong with a container for that; NULL: nothing. */
static const char *refusal_of(const struct container *box, unsigned needs)
{
    if (needs & NEEDS_BOX && !box)
        return N_("this is not one of boxtop's containers: only its limits can be turned");
    if (needs & NEEDS_RUNNING && box->state != CONTAINER_RUNNING && box->state != CONTAINER_PAUSED)
        return N_("this container does not run");
    return NULL;
}

/* Why an action can't be done now; NULL: it can. */
static const char *refusal(struct app *app, unsigned needs)
{
    if (needs & NEEDS_WRITE && app->readonly)
        return N_("read-only: nothing is changed from here");
    if (needs & NEEDS_WRITE && app->model.past)
        return N_("this is the past: first come back to what is live");
    if (needs & NEEDS_GROUP && !model_sample(&app->model, act_row(app)))
        return N_("no cgroup is selected");
    bool tagged = false;
    for (size_t i = 0; i < app->model.row_count && needs & ALL_TAGGED && app->model.tag_count; i++) {
        const struct row *row = &app->model.rows[i];
        const char *why = row->tagged ? refusal_of(model_container(&app->model, row), needs) : NULL;
        if (why)
            return why;
        tagged = tagged || row->tagged;
    }
    return tagged ? NULL : refusal_of(act_container(app), needs);
}

void action_run(struct app *app, enum action_id id)
{
    const struct action *action = &action_table[id];
    const char *why = refusal(app, action->needs);
    if (why)
        app_notice(app, NOTICE_ERROR, "%s: %s", action->name, tr(why));
    else if (action->run)
        action->run(app);
    app->stale = STALE_ALL;
}
