/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/model.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

/* Keys of rows without a cgroup can't be mistaken for inodes. */
#define KEY_MADE_UP (1ull << 63)

void model_init(struct model *model)
{
    *model = (struct model){.sort = COLUMN_NAME, .interval_ns = 1000000000u};
}

void model_fini(struct model *model)
{
    snapshot_free(model->now);
    snapshot_free(model->newer);
    container_free_list(model->containers, model->container_count);
    tracks_fini(&model->tracks);
    free(model->rows);
    *model = (struct model){0};
}

const struct sample *model_sample(const struct model *model, const struct row *row)
{
    return row && row->sample >= 0 ? &model->now->rows[row->sample] : NULL;
}

const struct container *model_container(const struct model *model, const struct row *row)
{
    return row && row->container >= 0 ? &model->containers[row->container] : NULL;
}

struct track *model_track(const struct model *model, const struct row *row)
{
    return row && row->sample >= 0 ? tracks_find(&model->tracks, row->key) : NULL;
}

size_t model_shown(const struct model *model, const struct track *track)
{
    return track->count > model->held ? track->count - model->held : 0;
}

const struct row *model_selected(const struct model *model)
{
    return model->selected < model->row_count ? &model->rows[model->selected] : NULL;
}

/* ---- names ---- */

/* What engines put around the id of a container, and what a short name of it is called. */
static const struct {
    const char *front, *back, *label;
} engines[] = {
    {"docker-", ".scope", "docker:"},      {"libpod-", ".scope", "podman:"},
    {"cri-containerd-", ".scope", "cri:"}, {"crio-", ".scope", "crio:"},
    {"nerdctl-", ".scope", "nerdctl:"},    {"libpod-conmon-", ".scope", "conmon:"},
};

static bool is_hex_id(const char *text, size_t len)
{
    return len >= 32 && strspn(text, "0123456789abcdef") >= len;
}

/* "docker-0123...cdef.scope" -> "docker:0123456789ab". */
static bool engine_name(const char *raw, char *to)
{
    size_t len = strlen(raw);
    for (size_t i = 0; i < COUNT_OF(engines); i++) {
        size_t front = strlen(engines[i].front), back = strlen(engines[i].back);
        if (len > front + back && str_starts(raw, engines[i].front) &&
            strcmp(raw + len - back, engines[i].back) == 0 && is_hex_id(raw + front, len - front - back)) {
            snprintf(to, MODEL_NAME, "%s%.12s", engines[i].label, raw + front);
            return true;
        }
    }
    return false;
}

/* systemd writes what a unit's name may not have as \xNN: "dev-disk\x2d1.mount". */
static void unescape_unit(const char *raw, char *to, size_t size)
{
    size_t out = 0;
    while (*raw && out + 1 < size) {
        if (raw[0] == '\\' && raw[1] == 'x' && isxdigit((unsigned char)raw[2]) &&
            isxdigit((unsigned char)raw[3])) {
            char hex[3] = {raw[2], raw[3], 0};
            to[out++] = (char)strtol(hex, NULL, 16);
            raw += 4;
        } else {
            to[out++] = *raw++;
        }
    }
    to[out] = '\0';
}

static void sample_name(const struct sample *sample, const char *raw, char *to)
{
    char plain[256];
    if (engine_name(raw, to))
        return;
    if (is_hex_id(raw, strlen(raw))) {
        snprintf(to, MODEL_NAME, "%.12s", raw);
        return;
    }
    unescape_unit(raw, plain, sizeof plain);
    str_printable(to, MODEL_NAME, sample->depth == 0 && raw == sample->name ? sample->path : plain);
}

void model_name(const struct model *model, const struct row *row, char *to)
{
    const struct container *container = model_container(model, row);
    const struct sample *sample = model_sample(model, row);
    if (container)
        str_printable(to, MODEL_NAME, container->name);
    else if (model->flat && sample->depth > 0)
        sample_name(sample, sample->path + (sample->path[0] == '/'), to);
    else
        sample_name(sample, sample->name, to);
}

/* ---- rows ---- */

struct order {
    const struct model *model;
    const struct column *column;
    bool reverse;
};

static int by_name(const struct model *model, const struct row *a, const struct row *b)
{
    char left[MODEL_NAME], right[MODEL_NAME];
    model_name(model, a, left);
    model_name(model, b, right);
    int order = strcmp(left, right);
    return order ? order : a->key < b->key ? -1 : a->key > b->key;
}

/* Unknown figures stand last, whichever way the order goes. */
static int compare_rows(const void *left, const void *right, void *data)
{
    const struct order *order = data;
    const struct row *a = left, *b = right;
    if (!order->column->value) {
        int names = by_name(order->model, a, b);
        return order->reverse ? -names : names;
    }
    double x = order->column->value(order->model, a), y = order->column->value(order->model, b);
    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y) ? by_name(order->model, a, b) : isnan(x) ? 1 : -1;
    if (x == y)
        return by_name(order->model, a, b);
    bool less = order->column->smallest_first != order->reverse;
    return (x < y) == less ? -1 : 1;
}

static void sort_rows(const struct model *model, struct row *rows, size_t count)
{
    struct order order = {model, &column_table[model->sort], model->reverse};
    qsort_r(rows, count, sizeof *rows, compare_rows, &order);
}

static int container_of_path(const struct model *model, const char *path)
{
    for (size_t i = 0; i < model->container_count; i++)
        if (model->containers[i].state != CONTAINER_EXITED && strcmp(model->containers[i].cgroup, path) == 0)
            return (int)i;
    return -1;
}

static uint64_t key_of_name(const char *name)
{
    uint64_t hash = 14695981039346656037u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return hash | KEY_MADE_UP;
}

static bool matches(const struct model *model, const struct row *row)
{
    char name[MODEL_NAME];
    const struct sample *sample = model_sample(model, row);
    model_name(model, row, name);
    return strcasestr(name, model->filter) || (sample && strcasestr(sample->path, model->filter));
}

/* What is needed while rows are made. */
struct builder {
    struct model *model;
    struct row *all;   /* one for each sample, in the snapshot's order */
    int *first, *next; /* children of a sample, as a list */
    bool *shown;
};

static void append(struct model *model, const struct row *row)
{
    if (model->row_count == model->row_capacity) {
        model->row_capacity = model->row_capacity ? model->row_capacity * 2 : 64;
        model->rows = mem_resize(model->rows, model->row_capacity, sizeof *model->rows);
    }
    model->rows[model->row_count++] = *row;
}

/* Gives the row of each sample its container and fold state, and says which pass the filter: in a tree with
 * all that they hang from. */
static void prepare(struct builder *b)
{
    struct model *model = b->model;
    for (size_t i = model->now->count; i-- > 0;) {
        const struct sample *sample = &model->now->rows[i];
        const struct track *track = tracks_find(&model->tracks, sample->id);
        struct row *row = &b->all[i];
        *row = (struct row){
            .sample = (int)i, .container = container_of_path(model, sample->path), .key = sample->id};
        row->has_children = b->first[i] >= 0;
        row->folded = track && track->folded && !model->filter[0];
        if (!b->shown[i])
            b->shown[i] = !model->filter[0] || matches(model, row);
        if (sample->parent < 0)
            continue;
        b->next[i] = b->first[sample->parent];
        b->first[sample->parent] = (int)i;
        if (b->shown[i] && !model->flat)
            b->shown[sample->parent] = true;
        else if (!b->shown[i])
            model->hidden_by_filter++;
    }
}

/* Emits the rows below a parent, siblings sorted. Recursion is as deep as the tree of cgroups. */
static void emit_children(struct builder *b, int parent, int depth, uint64_t guides)
{
    size_t count = 0;
    for (int i = b->first[parent]; i >= 0; i = b->next[i])
        count += b->shown[i];
    if (!count)
        return;
    cleanup_free struct row *siblings = mem_array(count, sizeof *siblings);
    count = 0;
    for (int i = b->first[parent]; i >= 0; i = b->next[i])
        if (b->shown[i])
            siblings[count++] = b->all[i];
    sort_rows(b->model, siblings, count);
    for (size_t i = 0; i < count; i++) {
        struct row *row = &siblings[i];
        row->depth = depth;
        row->guides = guides;
        row->last = i + 1 == count;
        append(b->model, row);
        if (!row->folded)
            emit_children(b, row->sample, depth + 1, guides | (row->last || depth >= 64 ? 0 : 1ull << depth));
    }
}

static void emit_tree(struct builder *b)
{
    struct row *root = &b->all[0];
    root->last = true;
    append(b->model, root);
    if (!root->folded)
        emit_children(b, 0, 1, 0);
}

static void emit_flat(struct builder *b)
{
    for (size_t i = 0; i < b->model->now->count; i++)
        if (b->shown[i])
            append(b->model, &b->all[i]);
    sort_rows(b->model, b->model->rows, b->model->row_count);
}

/* Containers that have no cgroup (any more) stand below the tree until they are removed. */
static void emit_ended(struct model *model)
{
    for (size_t i = 0; i < model->container_count; i++) {
        const struct container *container = &model->containers[i];
        struct row row = {
            .sample = -1, .container = (int)i, .key = key_of_name(container->name), .last = true};
        bool alive =
            container->state != CONTAINER_EXITED && snapshot_find_path(model->now, container->cgroup) >= 0;
        if (!alive && (!model->filter[0] || matches(model, &row)))
            append(model, &row);
    }
}

/* Where the selected group or its container is now; if both are gone, what took its place. */
static void reselect(struct model *model)
{
    long by_key = -1, by_container = -1;
    for (size_t i = 0; i < model->row_count; i++) {
        const struct container *container = model_container(model, &model->rows[i]);
        if (model->rows[i].key == model->selected_key)
            by_key = (long)i;
        if (container && model->selected_name[0] && strcmp(container->name, model->selected_name) == 0)
            by_container = (long)i;
    }
    if (by_container >= 0)
        model->selected = (size_t)by_container;
    else if (by_key >= 0)
        model->selected = (size_t)by_key;
    bool waiting = model->selected_name[0] && by_container < 0 && by_key >= 0;
    if (!waiting)
        model_select(model, (long)model->selected);
}

void model_rebuild(struct model *model)
{
    model->row_count = 0;
    model->hidden_by_filter = 0;
    if (model->now && model->now->count) {
        size_t count = model->now->count;
        cleanup_free struct row *all = mem_array(count, sizeof *all);
        cleanup_free int *links = mem_array(2 * count, sizeof *links);
        cleanup_free bool *shown = mem_array(count, sizeof *shown);
        memset(links, 0xff, 2 * count * sizeof *links);
        struct builder b = {model, all, links, links + count, shown};
        prepare(&b);
        if (model->flat)
            emit_flat(&b);
        else if (shown[0])
            emit_tree(&b);
    }
    if (model->now)
        emit_ended(model);
    reselect(model);
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
    str_copy(model->selected_name, sizeof model->selected_name, container ? container->name : "");
}

void model_follow(struct model *model, const char *container)
{
    str_copy(model->selected_name, sizeof model->selected_name, container);
    reselect(model);
}

void model_sort(struct model *model, enum column_id column)
{
    if (column_table[column].joined)
        column--;
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

/* ---- what comes in ---- */

static float bytes_or_nan(uint64_t value)
{
    return value == VALUE_ABSENT ? NAN : value == VALUE_MAX ? INFINITY : (float)value;
}

static float quota_percent(const struct sample *sample)
{
    const struct counters *c = &sample->now;
    if (c->cpu_quota_usec == VALUE_MAX)
        return INFINITY;
    if (!value_is_number(c->cpu_quota_usec) || !value_is_number(c->cpu_period_usec) || !c->cpu_period_usec)
        return NAN;
    return (float)(100.0 * (double)c->cpu_quota_usec / (double)c->cpu_period_usec);
}

/* True if the history of that group is one sample longer then. */
static bool remember(struct model *model, const struct snapshot *snapshot, const struct sample *sample)
{
    bool fresh;
    struct track *track = tracks_touch(&model->tracks, sample->id, &fresh);
    uint64_t kills = value_is_number(sample->now.events_oom_kill) ? sample->now.events_oom_kill : 0;
    if (fresh)
        track->kills_seen = track->kills_before = snapshot->serial > 1 ? 0 : kills;
    struct track_sample point = {
        .cpu_percent = (float)sample->rate.cpu_percent,
        .lost_percent = (float)(sample->rate.throttled_cpus * 100),
        .quota_percent = quota_percent(sample),
        .throttled_periods_percent = (float)sample->rate.throttled_periods_percent,
        .memory_bytes = bytes_or_nan(sample->now.memory_current),
        .memory_max_bytes = bytes_or_nan(sample->now.memory_max),
        .memory_high_bytes = bytes_or_nan(sample->now.memory_high),
        .kills = kills > track->kills_before ? (uint32_t)(kills - track->kills_before) : 0,
    };
    if (point.kills)
        track->last_kill_wall_ns = snapshot->wall_ns;
    track->kills_before = kills;
    if (model->selected_key == sample->id)
        track->limit = TRACK_SAMPLES;
    /* The first sample of a group has no rates: it would be a gap. */
    return !isnan(point.cpu_percent) &&
           track_push(track, &point, snapshot->time_ns, model->interval_ns / 10 * 6);
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
    count_kills(model, snapshot);
    bool tick = false;
    for (size_t i = 0; i < snapshot->count; i++)
        tick = remember(model, snapshot, &snapshot->rows[i]) || tick;
    tracks_sweep(&model->tracks);
    model->held += model->frozen && tick;
    if (model->frozen && model->now) {
        snapshot_free(model->newer);
        model->newer = snapshot;
        return;
    }
    snapshot_free(model->now);
    model->now = snapshot;
    model_rebuild(model);
}

void model_freeze(struct model *model, bool frozen)
{
    model->frozen = frozen;
    model->held = 0;
    if (frozen || !model->newer)
        return;
    snapshot_free(model->now);
    model->now = take_ptr(&model->newer);
    model_rebuild(model);
}

void model_take_events(struct model *model, const struct event *list)
{
    for (; list; list = list->next) {
        size_t slot = (model->event_first + model->event_count) % MODEL_EVENTS;
        model->events[slot] = *list;
        model->events[slot].next = NULL;
        if (model->event_count < MODEL_EVENTS)
            model->event_count++;
        else
            model->event_first = (model->event_first + 1) % MODEL_EVENTS;
    }
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

uint64_t model_kills_new(const struct model *model, const struct row *row)
{
    const struct track *track = model_track(model, row);
    return track && track->kills_before > track->kills_seen ? track->kills_before - track->kills_seen : 0;
}

void model_acknowledge(struct model *model)
{
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
        if (at < 0 || model->now->rows[at].now.populated == 0)
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
    model->changes[model->change_count++] = *change;
}
