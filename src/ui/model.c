/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

void model_init(struct model *model)
{
    *model = (struct model){
        .sort = COLUMN_NAME, .interval_ns = 1000000000u, .ledger = mem_alloc(sizeof *model->ledger)};
    ledger_init(model->ledger, LEDGER_CAP);
}

void model_fini(struct model *model)
{
    if (model->behind)
        model_look_live(model);
    snapshot_free(model->now);
    snapshot_free(model->newer);
    container_free_list(model->containers, model->container_count);
    tracks_fini(&model->tracks);
    if (model->ledger)
        ledger_fini(model->ledger);
    free(model->ledger);
    free(model->rows);
    free(model->tags);
    free(model->events);
    free(model->changes);
    *model = (struct model){0};
}

const struct sample *model_sample(const struct model *model, const struct row *row)
{
    return row && row->sample >= 0 ? &model->now->rows[row->sample] : NULL;
}

const struct detail_process *model_process(const struct model *model, const struct row *row)
{
    const struct sample *sample = row && row->process ? model_sample(model, row) : NULL;
    return sample && sample->detail ? &sample->detail->processes[row->process - 1] : NULL;
}

const struct container *model_container(const struct model *model, const struct row *row)
{
    return row && row->container >= 0 ? &model->containers[row->container] : NULL;
}

struct track *model_track(const struct model *model, const struct row *row)
{
    return row && row->sample >= 0 ? tracks_find(&model->tracks, model->now->rows[row->sample].id) : NULL;
}

size_t model_shown(const struct model *model, const struct track *track)
{
    return track->count > model->held ? track->count - model->held : 0;
}

const struct row *model_selected(const struct model *model)
{
    return model->selected < model->row_count ? &model->rows[model->selected] : NULL;
}

void model_select(struct model *model, long index)
{
    if (index >= (long)model->row_count)
        index = (long)model->row_count - 1;
    model->selected = index < 0 ? 0 : (size_t)index;
    const struct row *row = model_selected(model);
    const struct container *container = model_container(model, row);
    if (row)
        model->selected_key = row->key;
    model->selected_group = row && row->sample >= 0 ? model->now->rows[row->sample].id : 0;
    str_copy(model->selected_name, sizeof model->selected_name, container ? container->name : "");
}

void model_sort(struct model *model, enum column_id column)
{
    if (column_table[column].sorts)
        column = column_table[column].sorts;
    model->reverse = model->sort == column && !model->reverse;
    model->sort = column;
    model_rebuild(model);
}

void model_fold(struct model *model, const struct row *row, bool folded)
{
    struct track *track = model_track(model, row);
    if (track && row->has_children) {
        track->folded = folded;
        model_rebuild(model);
    }
}

void model_open(struct model *model, const struct row *row, bool open)
{
    struct track *track = model_track(model, row);
    if (track && track->open != open) {
        track->open = open;
        model->reveal = open;
        model_rebuild(model);
    }
}

void model_fold_all(struct model *model, bool folded)
{
    for (size_t i = 1; model->now && i < model->now->count; i++) {
        struct track *track = tracks_find(&model->tracks, model->now->rows[i].id);
        if (track)
            track->folded = folded;
    }
    model_rebuild(model);
}

int model_filter(struct model *model, const char *text, struct err *err, size_t *ret_at)
{
    int rc = match_parse(&model->filter, text, err, ret_at);
    if (rc < 0)
        return rc;
    str_copy(model->filter_text, sizeof model->filter_text, model->filter.count ? text : "");
    model_rebuild(model);
    return 0;
}

bool model_jump(struct model *model, int step)
{
    long count = (long)model->row_count;
    for (long i = 1; i <= count && model->filter.count; i++) {
        long at = ((long)model->selected + step * i % count + count) % count;
        if (model->rows[at].matched) {
            model_select(model, at);
            return true;
        }
    }
    return false;
}

/* ---- tags ---- */

/* Where the key is or would be in the sorted list. */
static size_t tag_slot(const struct model *model, uint64_t key)
{
    size_t low = 0, high = model->tag_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (model->tags[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool model_has_tag(const struct model *model, uint64_t key)
{
    size_t slot = tag_slot(model, key);
    return slot < model->tag_count && model->tags[slot] == key;
}

void model_tag(struct model *model, size_t index, bool on)
{
    struct row *row = &model->rows[index];
    size_t slot = tag_slot(model, row->key);
    if (row->tagged == on)
        return;
    row->tagged = on;
    if (on) {
        model->tags = mem_resize(model->tags, model->tag_count + 1, sizeof *model->tags);
        memmove(model->tags + slot + 1, model->tags + slot,
                (model->tag_count++ - slot) * sizeof *model->tags);
        model->tags[slot] = row->key;
    } else {
        memmove(model->tags + slot, model->tags + slot + 1,
                (--model->tag_count - slot) * sizeof *model->tags);
    }
}

void model_untag(struct model *model)
{
    for (size_t i = 0; i < model->row_count; i++)
        model->rows[i].tagged = false;
    model->tag_count = 0;
}

/* ---- what comes in ---- */

static float bytes_or_nan(uint64_t value)
{
    return value == VALUE_ABSENT ? NAN : value == VALUE_MAX ? INFINITY : (float)value;
}

static float quota_percent(const struct sample *sample)
{
    const struct counters *c = sample->now;
    if (c->cpu_quota_usec == VALUE_MAX)
        return INFINITY;
    if (!value_is_number(c->cpu_quota_usec) || !value_is_number(c->cpu_period_usec) || !c->cpu_period_usec)
        return NAN;
    return (float)(100.0 * (double)c->cpu_quota_usec / (double)c->cpu_period_usec);
}

/* The root group counts no memory: what the machine uses stands for it. */
static void memory_of_host(const struct host *host, struct track_sample *to)
{
    if (!value_is_number(host->memory_total) || !value_is_number(host->memory_available))
        return;
    to->memory_bytes = (float)(host->memory_total - host->memory_available);
    to->memory_max_bytes = (float)host->memory_total;
}

/* By how much it grew; `*before` is the counter at the last sample, and moves on. */
static uint64_t growth(uint64_t *before, uint64_t now)
{
    uint64_t grown = now > *before ? now - *before : 0;
    *before = now;
    return grown;
}

static uint64_t zero_if_absent(uint64_t counter)
{
    return value_is_number(counter) ? counter : 0;
}

static uint16_t share(double percent)
{
    return percent >= 0 ? (uint16_t)(percent > 100 ? 10000 : percent * 100) : TRACK_NO_SHARE;
}

/* What a detail has of the selected group. */
static void follow(struct trail *trail, const struct sample *sample, bool fresh)
{
    struct trail_point point = {NAN, NAN, NAN, NAN};
    const struct detail *detail = sample->detail;
    if (detail && detail->parts & DETAIL_IO)
        point.read = point.written = 0;
    for (size_t i = 0; detail && i < detail->device_count; i++) {
        point.read += (float)detail->devices[i].rbytes_per_s;
        point.written += (float)detail->devices[i].wbytes_per_s;
    }
    if (detail && detail->parts & DETAIL_NET && detail->net_own) {
        point.received = (float)detail->net_rx.bytes_per_s;
        point.sent = (float)detail->net_tx.bytes_per_s;
    }
    trail_push(trail, sample->id, &point, fresh);
}

/* True if the history of that group is one sample longer then. */
static bool remember(struct model *model, struct tracks *tracks, struct trail *trail,
                     const struct snapshot *snapshot, const struct sample *sample, bool first,
                     uint64_t time_ns)
{
    bool fresh;
    struct track *track = tracks_touch(tracks, sample->id, &fresh);
    uint64_t kills = zero_if_absent(sample->now->events_oom_kill);
    uint64_t refused = zero_if_absent(sample->now->pids_events_max);
    if (fresh) {
        track->kills_seen = track->kills_before = first ? kills : 0;
        track->refused_before = first ? refused : 0;
    }
    struct track_sample point = {
        .cpu_percent = (float)sample->rate->cpu_percent,
        .lost_percent = (float)(sample->rate->throttled_cpus * 100),
        .quota_percent = quota_percent(sample),
        .memory_bytes = bytes_or_nan(sample->now->memory_current),
        .memory_max_bytes = bytes_or_nan(sample->now->memory_max),
        .memory_high_bytes = bytes_or_nan(sample->now->memory_high),
        .kills = (uint32_t)growth(&track->kills_before, kills),
        .tasks =
            value_is_number(sample->now->pids_current) ? (uint32_t)sample->now->pids_current : TRACK_UNKNOWN,
        .cpu_some = share(sample->rate->cpu_some_percent),
        .cpu_full = share(sample->rate->stalled_percent),
        .memory_some = share(sample->rate->memory_some_percent),
        .memory_full = share(sample->rate->memory_full_percent),
        .io_some = share(sample->rate->io_some_percent),
        .io_full = share(sample->rate->io_full_percent),
        .tasks_max = value_is_number(sample->now->pids_max) ? (uint32_t)sample->now->pids_max : TRACK_UNKNOWN,
        .system = share(sample->rate->system_percent / sample->rate->cpu_percent * 100),
        .refused = track_few(growth(&track->refused_before, refused)),
    };
    if (sample->depth == 0 && sample->now->memory_current == VALUE_ABSENT)
        memory_of_host(&snapshot->host, &point);
    if (point.kills)
        track->last_kill_wall_ns = snapshot->wall_ns;
    /* The first sample of a group has no rates: it would be a gap. */
    bool pushed =
        !isnan(point.cpu_percent) && track_push(track, &point, time_ns, model->interval_ns / 10 * 6);
    if (model->selected_group == sample->id) {
        track->limit = TRACK_SAMPLES;
        if (!isnan(point.cpu_percent))
            follow(trail, sample, pushed);
    }
    return pushed;
}

/* Rows of the same tree: in the same place are the same groups. */
static bool is_same_tree(const struct snapshot *a, const struct snapshot *b)
{
    return a && a->shape && a->shape == b->shape;
}

bool model_remember(struct model *model, struct tracks *tracks, struct trail *trail,
                    const struct snapshot *snapshot, const struct snapshot *before, bool first,
                    uint64_t time_ns)
{
    bool same = is_same_tree(before, snapshot);
    bool tick = tracks_begin(tracks, !same, time_ns, model->interval_ns / 10 * 6) && same;
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct sample *sample = &snapshot->rows[i];
        if (!same || sample->now != before->rows[i].now || sample->id == model->selected_group)
            tick |= remember(model, tracks, trail, snapshot, sample, first, time_ns);
    }
    tracks_end(tracks);
    return tick;
}

/* Which rows there are and in what order does not follow from figures, and nobody has another name. */
static bool is_same_list(const struct model *model, const struct snapshot *before)
{
    const struct snapshot *now = model->now;
    if (!is_same_tree(before, now) || column_has_value(model->sort) || model->filter.count || model->any_open)
        return false;
    for (size_t i = 0; i < now->count; i++)
        if (now->rows[i].identity != before->rows[i].identity)
            return false;
    return true;
}

static void count_kills(struct model *model, const struct snapshot *snapshot)
{
    uint64_t total = snapshot->host.oom_kills;
    if (!value_is_number(total))
        return;
    if (!model->now && !model->newer)
        model->kills_at_start = model->kills_seen = total;
    model->kills_total = total;
}

void model_take(struct model *model, struct snapshot *snapshot)
{
    struct snapshot *before = model->newer ? model->newer : model->now;
    count_kills(model, snapshot);
    bool tick = model_remember(model, &model->tracks, &model->trail, snapshot, before, snapshot->serial <= 1,
                               snapshot->time_ns);
    if (!is_same_tree(before, snapshot))
        tracks_sweep(&model->tracks);
    model->held += model->frozen && tick;
    if (model->frozen && model->now) {
        snapshot_free(model->newer);
        model->newer = snapshot;
        return;
    }
    model->now = snapshot;
    alarms_count(&model->alarms, snapshot, is_same_tree(before, snapshot) ? before : NULL);
    if (!is_same_list(model, before))
        model_rebuild(model);
    snapshot_free(before);
}

void model_freeze(struct model *model, bool frozen)
{
    model->frozen = frozen;
    model->held = 0;
    if (frozen || !model->newer)
        return;
    snapshot_free(model->now);
    model->now = take_ptr(&model->newer);
    alarms_count(&model->alarms, model->now, NULL);
    model_rebuild(model);
}

void model_event_name(const struct model *model, const struct event *event, char *name)
{
    const struct snapshot *snapshot = model->newer ? model->newer : model->now;
    int row = snapshot ? snapshot_find_path(snapshot, event->cgroup) : -1;
    const struct identity *identity = row >= 0 ? snapshot->rows[row].identity : NULL;
    const char *slash = strrchr(event->cgroup, '/');
    str_printable(name, MODEL_NAME, slash && slash[1] ? slash + 1 : event->cgroup);
    if (identity)
        str_copy(name, MODEL_NAME, identity->label);
    for (size_t i = 0; i < model->container_count; i++)
        if (strcmp(model->containers[i].cgroup, event->cgroup) == 0)
            str_printable(name, MODEL_NAME, model->containers[i].name);
}

static void add_event(struct model *model, const struct event *event)
{
    size_t slot = (model->event_first + model->event_count) % MODEL_EVENTS;
    if (!model->events)
        model->events = mem_array(MODEL_EVENTS, sizeof *model->events);
    model->events[slot] = event_plain(event);
    if (model->event_count < MODEL_EVENTS)
        model->event_count++;
    else
        model->event_first = (model->event_first + 1) % MODEL_EVENTS;
}

void model_take_events(struct model *model, const struct event *list)
{
    char name[MODEL_NAME];
    for (; list; list = list->next) {
        if (list->kind == EVENT_OOM_KILL) {
            model_event_name(model, list, name);
            ledger_add(model->ledger, list, name);
        }
        add_event(model, list);
    }
}

void model_show_events(struct model *model, const struct event *list)
{
    model->event_count = 0;
    for (; list; list = list->next)
        add_event(model, list);
}

const struct event *model_event(const struct model *model, size_t index)
{
    if (index >= model->event_count)
        return NULL;
    return &model->events[(model->event_first + model->event_count - 1 - index) % MODEL_EVENTS];
}

void model_take_containers(struct model *model, struct container *list, size_t count)
{
    container_free_list(model->containers, model->container_count);
    model->containers = list;
    model->container_count = count;
    model_rebuild(model);
}

/* Those that the ledger has of earlier groups of that path: a container that was killed and started again. */
static uint64_t kills_before_it(const struct model *model, const struct row *row)
{
    const struct sample *sample = model_sample(model, row);
    const struct container *container = model_container(model, row);
    const char *path = sample ? sample->path : container ? container->cgroup : "";
    uint64_t kills = 0;
    const struct ledger_record *record;
    for (size_t i = 0; (record = ledger_at(model->ledger, i)); i++)
        if (!record->seen && (!sample || record->event.cgroup_id != sample->id) &&
            strcmp(record->event.cgroup, path) == 0)
            kills += record->event.value;
    return kills;
}

uint64_t model_kills_new(const struct model *model, const struct row *row)
{
    const struct track *track = model_track(model, row);
    uint64_t kills = kills_before_it(model, row);
    return track && track->kills_before > track->kills_seen ? kills + track->kills_before - track->kills_seen
                                                            : kills;
}

static void see(uint64_t *seen, uint64_t kills, uint64_t most)
{
    *seen = most - *seen > kills ? *seen + kills : most;
}

/* What is live has the marks that count; those of the past are put anew. */
static void acknowledge_then(struct model *model, struct ledger_record *record, size_t index)
{
    if (model->behind)
        model_acknowledge_kill(model->behind, index);
    record->seen = true;
    model_mark_kills(model);
}

void model_acknowledge_kill(struct model *model, size_t index)
{
    struct ledger_record *record = ledger_at(model->ledger, index);
    if (!record || record->seen)
        return;
    if (model->past) {
        acknowledge_then(model, record, index);
        return;
    }
    record->seen = true;
    for (size_t i = 0; model->now && i < model->now->count; i++) {
        struct track *track = tracks_find(&model->tracks, model->now->rows[i].id);
        if (track && model_is_in(record->event.cgroup, model->now->rows[i].path) &&
            track->kills_seen < track->kills_before)
            see(&track->kills_seen, record->event.value, track->kills_before);
    }
    if (model->kills_seen < model->kills_total)
        see(&model->kills_seen, record->event.value, model->kills_total);
}

void model_acknowledge(struct model *model)
{
    for (size_t i = ledger_count(model->ledger); i-- > 0 && model->past;)
        model_acknowledge_kill(model, i);
    if (model->past)
        return;
    ledger_acknowledge_all(model->ledger);
    for (size_t i = 0; i < model->tracks.capacity; i++)
        if (model->tracks.slots[i])
            model->tracks.slots[i]->kills_seen = model->tracks.slots[i]->kills_before;
    model->kills_seen = model->kills_total;
}

bool model_has_orphans(const struct model *model)
{
    for (size_t i = 0; model->now && i < model->container_count; i++) {
        const struct container *container = &model->containers[i];
        if (container->state != CONTAINER_RUNNING && container->state != CONTAINER_PAUSED)
            continue;
        int at = snapshot_find_path(model->now, container->cgroup);
        if (at < 0 || model->now->rows[at].now->populated == 0)
            return true;
    }
    return false;
}

void model_changed(struct model *model, const struct change *change)
{
    if (model->change_count == MODEL_CHANGES) {
        memmove(model->changes, model->changes + 1, sizeof *change * (MODEL_CHANGES - 1));
        model->change_count--;
    }
    model->changes = mem_resize(model->changes, model->change_count + 1, sizeof *change);
    model->changes[model->change_count++] = *change;
}

void model_forget_change(struct model *model, size_t index)
{
    memmove(model->changes + index, model->changes + index + 1,
            (--model->change_count - index) * sizeof *model->changes);
}
