/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the screen shows: the last snapshot joined with boxtop's containers by cgroup path, as rows in the
 * order that the user asked for. The selection follows its cgroup, and its container when that is started
 * again. UI thread; knows no curses, no files.
 */
#ifndef BOXTOP_UI_MODEL_H
#define BOXTOP_UI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/store.h"
#include "monitor/event.h"
#include "monitor/ledger.h"
#include "monitor/snapshot.h"
#include "ui/alarm.h"
#include "ui/column.h"
#include "ui/match.h"
#include "ui/track.h"

#define MODEL_EVENTS  500
#define MODEL_CHANGES 128
#define MODEL_NAME    160

struct row {
    int sample;    /* index in the snapshot; -1: a container without a cgroup (it has ended) */
    int container; /* index; -1: not one of boxtop's */
    uint64_t key;  /* cgroup id, or a made up one */
    int depth;
    uint64_t guides; /* bit n: at depth n another sibling follows (tree lines) */
    bool last, has_children, folded;
    bool matched; /* by the filter itself, and not only there because something below it is */
    bool tagged;
    bool open;   /* its processes are shown below it */
    int process; /* which of its group's (`sample`) detail, from 1: this row is that process; 0: a group */
};

/* A limit that was turned from here: what `u` puts back. */
struct change {
    char cgroup[256];
    char knob[32];
    char before[KNOB_TEXT_SIZE], after[KNOB_TEXT_SIZE]; /* the kernel's texts */
    uint64_t wall_ns;
    bool others; /* the group is not boxtop's */
};

struct model {
    /* What was: the snapshot of a moment, the samples and events before it. While the live one is looked back
     * from, it goes on behind. */
    bool past;
    struct model *behind;   /* NULL: this is the live one, or there is none (a recording) */
    struct snapshot *now;   /* what is shown; NULL before the first */
    struct snapshot *newer; /* the latest one, while the view is frozen */
    struct alarms alarms;   /* of `now` */
    uint64_t interval_ns;   /* of the monitor's ticks; snapshots come in between too */
    bool frozen;
    size_t held; /* samples that have come since then, and are not shown */
    struct container *containers;
    size_t container_count;
    struct tracks tracks;
    struct trail trail;

    struct row *rows;
    size_t row_count, row_capacity, hidden_by_filter;
    bool any_open; /* of the rows */
    bool flat;
    enum column_id sort;
    bool reverse;
    bool stay;                    /* the selection stays at its line, and does not follow its group */
    char filter_text[MATCH_SIZE]; /* "": none */
    struct match filter;
    uint64_t *tags; /* keys of tagged rows, sorted */
    size_t tag_count;

    size_t selected; /* index of the selected row */
    uint64_t selected_key;
    uint64_t selected_group; /* the id of the cgroup that the selected row is or belongs to; 0: none */
    char selected_name[SPEC_NAME_SIZE]; /* of its container */
    size_t top;                         /* first row on the screen */
    bool reveal; /* the selected row was unfolded: what is below it is to be seen once it is there */

    struct event *events; /* a ring of MODEL_EVENTS, from the first one on; `next` is not used */
    size_t event_first, event_count;
    struct ledger *ledger; /* kills, until they are acknowledged and beyond; shared with the one behind */
    struct change *changes;
    size_t change_count;
    uint64_t kills_at_start, kills_total, kills_seen; /* the host's counter, or our own count */
};

void model_init(struct model *model);
void model_fini(struct model *model);
/* Takes the snapshot over. */
void model_take(struct model *model, struct snapshot *snapshot);
/* What people call the event's group now. Fit for a terminal; `name` has MODEL_NAME bytes. */
void model_event_name(const struct model *model, const struct event *event, char *name);
/* Copies what it keeps. */
void model_take_events(struct model *model, const struct event *list);
/* Takes the list over (container_free_list). */
void model_take_containers(struct model *model, struct container *list, size_t count);
void model_freeze(struct model *model, bool frozen);
/* Makes the rows again; after a change of sort, filter, flat. */
void model_rebuild(struct model *model);
/* Sorts by that column; the same again turns the order around. */
void model_sort(struct model *model, enum column_id column);

const struct sample *model_sample(const struct model *model, const struct row *row);       /* may be NULL */
const struct container *model_container(const struct model *model, const struct row *row); /* may be NULL */
/* The process that the row is; NULL: it is a group. */
const struct detail_process *model_process(const struct model *model, const struct row *row);
struct track *model_track(const struct model *model, const struct row *row); /* may be NULL */
/* How many of a track's samples are shown, oldest first. */
size_t model_shown(const struct model *model, const struct track *track);
/* The selected row; NULL if there is none. */
const struct row *model_selected(const struct model *model);
void model_select(struct model *model, long index); /* clamped */
/* Selects the row of that container now, or as soon as there is one. */
void model_follow(struct model *model, const char *container);
void model_fold(struct model *model, const struct row *row, bool folded);
/* Shows or hides the processes of the row's group. */
void model_open(struct model *model, const struct row *row, bool open);
/* All but the root. */
void model_fold_all(struct model *model, bool folded);
/* Filters by that text ("": not at all). -EINVAL: it can't be understood, see match_parse(), and nothing
 * changed. */
int model_filter(struct model *model, const char *text, struct err *err, size_t *ret_at);
/* Selects the next row (step 1) or the one before (-1) that the filter is about; false: there is none. */
bool model_jump(struct model *model, int step);
void model_tag(struct model *model, size_t index, bool on);
bool model_has_tag(const struct model *model, uint64_t key);
void model_untag(struct model *model);
/* "running", "paused", ... of a container; "live", "empty", "frozen" of any other group. */
const char *model_state(const struct model *model, const struct row *row);
/* What a row is called: a container's name, or the group's with what systemd and the engines put around ids
 * taken off. Fit for a terminal. `to` has MODEL_NAME bytes. */
void model_name(const struct model *model, const struct row *row, char *to);
/* Kills in the group or below it, or in an earlier one of the same path, that were not acknowledged. */
uint64_t model_kills_new(const struct model *model, const struct row *row);
void model_acknowledge(struct model *model); /* all */
/* That record of the ledger, 0 is the newest: no mark is left of it in its row and those above. */
void model_acknowledge_kill(struct model *model, size_t index);
/* True if a record says that a container runs while there is nobody in its group: its keeper has died, and
 * any boxtop command that lists containers will clean up after it. */
bool model_has_orphans(const struct model *model);
/* The index-th event, 0 is the newest. */
const struct event *model_event(const struct model *model, size_t index);
void model_changed(struct model *model, const struct change *change);
void model_forget_change(struct model *model, size_t index);

/* ---- the past: model_past.c ---- */

/* The live one; itself, if it is no past. */
struct model *model_live(struct model *model);
/* The live model goes behind, with the ledger still its own; the past is empty as yet, and is looked at the
 * same way: order, filter, folds, tags, selection. */
void model_look_back(struct model *model);
/* The way back. */
void model_look_live(struct model *model);
/* Shows a snapshot of then (taken over), with the marks of kills that are in the ledger up to then. `held`:
 * how many samples after it are remembered already. */
void model_show(struct model *model, struct snapshot *snapshot, size_t held);
/* Copies the events of then, oldest first, in place of those that are shown. */
void model_show_events(struct model *model, const struct event *list);
/* Puts the samples of a snapshot to the tracks, and that of the selected group to the trail; true if there is
 * one more. The track of the selected group grows to its full length. `before`: the one that was put there
 * last, if it is known: of what is the same in both nothing is written. `first`: the kills that a new group
 * has are no news; time_ns: see track_push().
 */
bool model_remember(struct model *model, struct tracks *tracks, struct trail *trail,
                    const struct snapshot *snapshot, const struct snapshot *before, bool first,
                    uint64_t time_ns);
/* Puts the marks of kills anew: those in the ledger up to then that nobody has acknowledged. */
void model_mark_kills(struct model *model);
/* True if the group of that path is the other one or below it. */
bool model_is_in(const char *path, const char *top);
/* Takes these for the samples before the snapshot that is shown. */
void model_show_tracks(struct model *model, struct tracks *tracks, const struct trail *trail);

#endif
