/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the snapshot to rows: what passes the filter, in the order that was asked for. Each figure that
 * decides is asked for once a row, so that ten thousand groups are rows within a frame.
 */
#include "ui/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* Keys of rows without a cgroup can't be mistaken for inodes. */
#define KEY_MADE_UP (1ull << 63)

/* What is needed while rows are made. */
struct builder {
    struct model *model;
    struct row *all;   /* one for each sample, in the snapshot's order */
    int *first, *next; /* children of a sample, as a list */
    bool *shown;
    double *value; /* what is sorted by, of each sample; NULL: by name */
    size_t *name;  /* where each sample's name is in `names` */
    struct str names;
    int *boxes; /* containers that have a cgroup, by its path */
    size_t box_count;
};

/* ---- order ---- */

static int by_index(const struct row *a, const struct row *b)
{
    return a->sample < b->sample ? -1 : a->sample > b->sample;
}

static int compare_names(const void *left, const void *right, void *data)
{
    const struct builder *builder = data;
    const struct row *a = left, *b = right;
    int order = strcmp(builder->names.text + builder->name[a->sample],
                       builder->names.text + builder->name[b->sample]);
    order = order ? order : by_index(a, b);
    return builder->model->reverse ? -order : order;
}

/* Unknown figures stand last, whichever way the order goes; equal ones in the order of paths. */
static int compare_values(const void *left, const void *right, void *data)
{
    const struct builder *builder = data;
    const struct row *a = left, *b = right;
    double x = builder->value[a->sample], y = builder->value[b->sample];
    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y) ? by_index(a, b) : isnan(x) ? 1 : -1;
    if (!(x < y) && !(x > y))
        return by_index(a, b);
    bool less = column_table[builder->model->sort].smallest_first != builder->model->reverse;
    return (x < y) == less ? -1 : 1;
}

static void sort_rows(struct builder *b, struct row *rows, size_t count)
{
    qsort_r(rows, count, sizeof *rows, b->value ? compare_values : compare_names, b);
}

/* What the rows that are shown are sorted by. */
static void read_order(struct builder *b)
{
    char name[MODEL_NAME];
    for (size_t i = 0; i < b->model->now->count; i++) {
        if (!b->shown[i])
            continue;
        if (b->value) {
            b->value[i] = column_value(b->model->sort, b->model, &b->all[i]);
            continue;
        }
        model_name(b->model, &b->all[i], name);
        b->name[i] = b->names.len;
        str_add_bytes(&b->names, name, strlen(name) + 1);
    }
}

/* ---- which ---- */

static int compare_cgroups(const void *left, const void *right, void *data)
{
    const struct container *list = data;
    return strcmp(list[*(const int *)left].cgroup, list[*(const int *)right].cgroup);
}

static void index_boxes(struct builder *b)
{
    for (size_t i = 0; i < b->model->container_count; i++)
        if (b->model->containers[i].state != CONTAINER_EXITED)
            b->boxes[b->box_count++] = (int)i;
    qsort_r(b->boxes, b->box_count, sizeof *b->boxes, compare_cgroups, b->model->containers);
}

static int container_of_path(const struct builder *b, const char *path)
{
    size_t low = 0, high = b->box_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(path, b->model->containers[b->boxes[middle]].cgroup);
        if (order == 0)
            return b->boxes[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

static uint64_t key_of_name(const char *name)
{
    uint64_t hash = 14695981039346656037u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return hash | KEY_MADE_UP;
}

static void append(struct model *model, const struct row *row)
{
    if (model->row_count == model->row_capacity) {
        model->row_capacity = model->row_capacity ? model->row_capacity * 2 : 64;
        model->rows = mem_resize(model->rows, model->row_capacity, sizeof *model->rows);
    }
    model->any_open |= row->open;
    model->rows[model->row_count] = *row;
    model->rows[model->row_count++].tagged = model_has_tag(model, row->key);
}

/* Gives the row of each sample its container and fold state, and says which pass the filter: in a tree with
 * all that they hang from. */
static void prepare(struct builder *b)
{
    struct model *model = b->model;
    bool all = !model->filter.count;
    for (size_t i = model->now->count; i-- > 0;) {
        const struct sample *sample = &model->now->rows[i];
        const struct track *track = tracks_find(&model->tracks, sample->id);
        struct row *row = &b->all[i];
        *row = (struct row){
            .sample = (int)i, .container = container_of_path(b, sample->path), .key = sample->id};
        row->has_children = b->first[i] >= 0;
        row->folded = track && track->folded && all;
        row->open = track && track->open;
        row->matched = all || match_row(&model->filter, model, row);
        b->shown[i] = b->shown[i] || row->matched;
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

/* ---- emitted ---- */

/* Below zero: a before b. By what the table is sorted by, as far as a process has it. */
static int compare_processes(const void *left, const void *right, void *data)
{
    const struct builder *builder = data;
    const struct detail_process *a = *(const struct detail_process *const *)left,
                                *b = *(const struct detail_process *const *)right;
    double x = -a->pid, y = -b->pid;
    if (builder->model->sort == COLUMN_CPU)
        x = a->cpu_percent, y = b->cpu_percent;
    else if (builder->model->sort == COLUMN_MEMORY)
        x = (double)a->rss_bytes, y = (double)b->rss_bytes;
    if (isnan(x) || isnan(y) || (!(x < y) && !(x > y)))
        return a->pid - b->pid;
    return (x > y) != builder->model->reverse ? -1 : 1;
}

static uint64_t key_of_process(const struct detail_process *process)
{
    uint64_t hash = ((uint64_t)process->pid << 32 ^ process->start_ticks) * 1099511628211u;
    return hash | KEY_MADE_UP;
}

/* The processes of that very group, below its row. */
static void append_processes(struct builder *b, const struct row *group, int depth, uint64_t guides,
                             bool more)
{
    const struct detail *detail = b->model->now->rows[group->sample].detail;
    size_t count = 0;
    if (!group->open || !detail || !(detail->parts & DETAIL_PROCESSES) || !detail->process_count)
        return;
    cleanup_free const struct detail_process **list = mem_array(detail->process_count, sizeof *list);
    for (size_t i = 0; i < detail->process_count; i++)
        if (!detail->processes[i].below || !detail->processes[i].below[0])
            list[count++] = &detail->processes[i];
    qsort_r(list, count, sizeof *list, compare_processes, b);
    for (size_t i = 0; i < count; i++)
        append(b->model, &(struct row){.sample = group->sample,
                                       .container = -1,
                                       .key = key_of_process(list[i]),
                                       .depth = depth,
                                       .guides = guides,
                                       .last = i + 1 == count && !more,
                                       .process = (int)(list[i] - detail->processes) + 1});
}

static bool has_shown_child(const struct builder *b, const struct row *row)
{
    for (int i = row->folded ? -1 : b->first[row->sample]; i >= 0; i = b->next[i])
        if (b->shown[i])
            return true;
    return false;
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
    sort_rows(b, siblings, count);
    for (size_t i = 0; i < count; i++) {
        struct row *row = &siblings[i];
        row->depth = depth;
        row->guides = guides;
        row->last = i + 1 == count;
        append(b->model, row);
        uint64_t below = guides | (row->last || depth >= 64 ? 0 : 1ull << depth);
        append_processes(b, row, depth + 1, below, has_shown_child(b, row));
        if (!row->folded)
            emit_children(b, row->sample, depth + 1, below);
    }
}

static void emit_tree(struct builder *b)
{
    struct row *root = &b->all[0];
    root->last = true;
    append(b->model, root);
    append_processes(b, root, 1, 0, has_shown_child(b, root));
    if (!root->folded)
        emit_children(b, 0, 1, 0);
}

static void emit_flat(struct builder *b)
{
    size_t count = 0;
    cleanup_free struct row *list = mem_array(b->model->now->count, sizeof *list);
    for (size_t i = 0; i < b->model->now->count; i++)
        if (b->shown[i])
            list[count++] = b->all[i];
    sort_rows(b, list, count);
    for (size_t i = 0; i < count; i++) {
        append(b->model, &list[i]);
        append_processes(b, &list[i], 1, 0, false);
    }
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
        row.matched = !alive && match_row(&model->filter, model, &row);
        if (row.matched)
            append(model, &row);
    }
}

static void emit_groups(struct model *model)
{
    size_t count = model->now->count;
    cleanup_free struct row *all = mem_array(count, sizeof *all);
    cleanup_free int *links = mem_array(2 * count, sizeof *links);
    cleanup_free bool *shown = mem_array(count, sizeof *shown);
    cleanup_free int *boxes = mem_array(model->container_count + 1, sizeof *boxes);
    bool valued = column_has_value(model->sort);
    cleanup_free double *values = valued ? mem_array(count, sizeof *values) : NULL;
    cleanup_free size_t *names = valued ? NULL : mem_array(count, sizeof *names);
    memset(links, 0xff, 2 * count * sizeof *links);
    struct builder b = {.model = model,
                        .all = all,
                        .first = links,
                        .next = links + count,
                        .shown = shown,
                        .value = values,
                        .name = names,
                        .boxes = boxes};
    index_boxes(&b);
    prepare(&b);
    read_order(&b);
    if (model->flat)
        emit_flat(&b);
    else if (shown[0])
        emit_tree(&b);
    str_free(&b.names);
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

/* Tags of what is gone are forgotten, or they would be on whatever gets the same number. */
static void sweep_tags(struct model *model)
{
    size_t kept = 0;
    if (model->past)
        return; /* they may be there again a step further */
    for (size_t i = 0; i < model->tag_count; i++) {
        bool known = tracks_find(&model->tracks, model->tags[i]) != NULL;
        for (size_t c = 0; c < model->container_count && !known; c++)
            known = key_of_name(model->containers[c].name) == model->tags[i];
        if (known)
            model->tags[kept++] = model->tags[i];
    }
    model->tag_count = kept;
}

void model_rebuild(struct model *model)
{
    size_t selected = model->selected;
    sweep_tags(model);
    model->row_count = 0;
    model->any_open = false;
    model->hidden_by_filter = 0;
    if (model->now && model->now->count)
        emit_groups(model);
    if (model->now)
        emit_ended(model);
    if (model->stay)
        model_select(model, (long)selected);
    else
        reselect(model);
}

void model_follow(struct model *model, const char *container)
{
    str_copy(model->selected_name, sizeof model->selected_name, container);
    reselect(model);
}
