/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was, shown as what is: a second model takes the place of the live one, which goes on behind it.
 */
#include "ui/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

struct model *model_live(struct model *model)
{
    return model->behind ? model->behind : model;
}

bool model_is_in(const char *path, const char *top)
{
    size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
    return strncmp(path, top, len) == 0 && (path[len] == '/' || !path[len]);
}

/* ---- the same view of another ---- */

static void copy_folds(struct tracks *to, const struct tracks *from, bool add)
{
    for (size_t i = 0; i < from->capacity; i++) {
        const struct track *track = from->slots[i];
        bool fresh;
        struct track *other = !track                                  ? NULL
                              : add && (track->folded || track->open) ? tracks_touch(to, track->id, &fresh)
                                                                      : tracks_find(to, track->id);
        if (other) {
            other->folded = track->folded;
            other->open = track->open;
        }
    }
}

static void copy_view(struct model *to, const struct model *from)
{
    to->flat = from->flat;
    to->sort = from->sort;
    to->reverse = from->reverse;
    to->stay = from->stay;
    to->filter = from->filter;
    memcpy(to->filter_text, from->filter_text, sizeof to->filter_text);
    to->tags = mem_resize(to->tags, from->tag_count + 1, sizeof *to->tags);
    if (from->tag_count)
        memcpy(to->tags, from->tags, from->tag_count * sizeof *to->tags);
    to->tag_count = from->tag_count;
    to->selected = from->selected;
    to->selected_key = from->selected_key;
    to->selected_group = from->selected_group;
    to->changes = mem_resize(to->changes, from->change_count, sizeof *to->changes);
    if (from->change_count)
        memcpy(to->changes, from->changes, from->change_count * sizeof *to->changes);
    to->change_count = from->change_count;
    memcpy(to->selected_name, from->selected_name, sizeof to->selected_name);
    to->top = from->top;
    copy_folds(&to->tracks, &from->tracks, to->past);
}

void model_look_back(struct model *model)
{
    struct model *live = mem_alloc(sizeof *live);
    model_freeze(model, false);
    *live = *model;
    *model = (struct model){.past = true,
                            .behind = live,
                            .interval_ns = live->interval_ns,
                            .ledger = live->ledger,
                            .kills_at_start = live->kills_at_start};
    copy_view(model, live);
}

void model_look_live(struct model *model)
{
    struct model *live = model->behind;
    copy_view(live, model);
    live->ledger->until_ns = 0;
    model->ledger = NULL;
    model->behind = NULL;
    model_fini(model);
    *model = *live;
    free(live);
    model_rebuild(model);
}

/* ---- a moment ---- */

/* A kill is marked in its group, and in those above: by their paths, if that one is gone. */
static int row_of_kill(const struct model *model, const struct event *event)
{
    int above = -1, row = snapshot_find_id(model->now, event->cgroup_id);
    for (size_t i = 0; row < 0 && i < model->now->count; i++)
        if (strcmp(model->now->rows[i].path, event->cgroup) != 0 &&
            model_is_in(event->cgroup, model->now->rows[i].path))
            above = (int)i; /* the deepest comes last */
    return row >= 0 ? row : above;
}

static void mark_kill(struct model *model, const struct event *event)
{
    for (int row = row_of_kill(model, event); row >= 0; row = model->now->rows[row].parent) {
        struct track *track = tracks_find(&model->tracks, model->now->rows[row].id);
        if (track)
            track->kills_seen -= track->kills_seen < event->value ? track->kills_seen : event->value;
    }
}

void model_mark_kills(struct model *model)
{
    uint64_t fresh = 0;
    for (size_t i = 0; i < model->now->count; i++) {
        struct track *track = tracks_find(&model->tracks, model->now->rows[i].id);
        uint64_t kills = model->now->rows[i].now->events_oom_kill;
        if (track)
            track->kills_seen = track->kills_before = value_is_number(kills) ? kills : 0;
    }
    for (size_t i = ledger_count(model->ledger); i-- > 0;) {
        const struct ledger_record *record = ledger_at(model->ledger, i);
        if (record->seen)
            continue;
        mark_kill(model, &record->event);
        fresh += record->event.value;
    }
    model->kills_total = value_is_number(model->now->host.oom_kills) ? model->now->host.oom_kills : fresh;
    model->kills_seen = model->kills_total - (fresh < model->kills_total ? fresh : model->kills_total);
}

void model_show(struct model *model, struct snapshot *snapshot, size_t held)
{
    bool fresh;
    snapshot_free(model->now);
    model->now = snapshot;
    alarms_count(&model->alarms, snapshot, NULL);
    model->held = held;
    model->ledger->until_ns = snapshot->wall_ns;
    for (size_t i = 0; i < snapshot->count; i++)
        tracks_touch(&model->tracks, snapshot->rows[i].id, &fresh);
    model_mark_kills(model);
    model_rebuild(model);
}

void model_show_tracks(struct model *model, struct tracks *tracks, const struct trail *trail)
{
    copy_folds(tracks, &model->tracks, true);
    tracks_fini(&model->tracks);
    model->tracks = *tracks;
    *tracks = (struct tracks){0};
    model->trail = *trail;
    model->held = 0;
    model_mark_kills(model);
}
