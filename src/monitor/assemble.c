/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/assemble.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"

/* The quota as percent of one CPU; NAN: none. */
static double quota_percent(const struct counters *counters)
{
    if (!value_is_number(counters->cpu_quota_usec) || !value_is_number(counters->cpu_period_usec) ||
        counters->cpu_period_usec == 0)
        return NAN;
    return (double)counters->cpu_quota_usec / (double)counters->cpu_period_usec * 100;
}

/* The smallest so far comes from the parent; one's own counts if it is smaller still. VALUE_MAX is above all
 * numbers, VALUE_ABSENT above that. */
static struct effective smaller(uint64_t own, int index, const struct effective *above)
{
    struct effective effective = above ? *above : (struct effective){VALUE_ABSENT, -1};
    if (own < effective.value)
        effective = (struct effective){own, own == VALUE_MAX ? -1 : index};
    return effective;
}

static void inherit(struct sample *row, int index, const struct sample *parent)
{
    struct effective above = {VALUE_ABSENT, -1};
    if (parent)
        above = (struct effective){parent->effective_memory_max, parent->effective_memory_row};
    struct effective memory_max = smaller(row->now->memory_max, index, &above);
    row->effective_memory_max = memory_max.value;
    row->effective_memory_row = memory_max.row;
    double own_percent = quota_percent(row->now);
    row->effective_cpu_percent = parent ? parent->effective_cpu_percent : NAN;
    row->effective_cpu_row = parent ? parent->effective_cpu_row : -1;
    if (own_percent < row->effective_cpu_percent ||
        (isnan(row->effective_cpu_percent) && !isnan(own_percent))) {
        row->effective_cpu_percent = own_percent;
        row->effective_cpu_row = index;
    }
    bool throttled = row->rate->throttled_periods_percent > 0 || row->rate->throttled_cpus > 0;
    row->throttling_row = throttled ? index : parent ? parent->throttling_row : -1;
}

void assemble_inherit(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        struct sample *row = &snapshot->rows[i];
        const struct sample *parent = row->parent < 0 ? NULL : &snapshot->rows[row->parent];
        inherit(row, (int)i, parent);
    }
}

static size_t text_size(const struct tree *tree)
{
    size_t size = 0;
    for (const struct group *group = tree->root; group; group = tree_next(group))
        size += strlen(group->path) + 1;
    return size;
}

/* Numbers the rows anew, when the tree has another shape. */
static void number_rows(struct tree *tree)
{
    size_t count = 0;
    if (tree->numbered == tree->shape)
        return;
    tree->touched = mem_resize(tree->touched, tree->count + 1, sizeof *tree->touched);
    tree->by_row = mem_resize(tree->by_row, tree->count + 1, sizeof *tree->by_row);
    for (struct group *group = tree->root; group; group = tree_next(group)) {
        group->row = (int)count;
        tree->by_row[count] = group;
        tree->touched[count++] = tree->serial;
    }
    tree->numbered = tree->shape;
}

static void fill_row(struct sample *row, const struct group *group)
{
    row->procs = group->procs;
    sample_set(row, group->figures);
    row->identity = identity_ref(group->identity);
    row->detail = detail_ref(group->detail);
}

static struct snapshot *make(struct tree *tree)
{
    struct snapshot *snapshot =
        mem_alloc(sizeof *snapshot + tree->count * sizeof snapshot->rows[0] + text_size(tree));
    char *text = (char *)&snapshot->rows[tree->count];
    for (struct group *group = tree->root; group; group = tree_next(group)) {
        struct sample *row = &snapshot->rows[snapshot->count++];
        size_t size = strlen(group->path) + 1;
        row->path = memcpy(text, group->path, size);
        row->name = row->path + (group->name - group->path);
        text += size;
        row->id = group->id;
        row->parent = group->parent ? group->parent->row : -1;
        row->depth = group->depth;
        fill_row(row, group);
    }
    assemble_inherit(snapshot);
    return snapshot;
}

/* What follows from the ancestors, as one piece, to be compared. */
struct inherited {
    struct effective memory_max;
    double cpu_percent;
    int cpu_row, throttling_row;
};

static struct inherited inherited_of(const struct sample *row)
{
    struct inherited inherited;
    memset(&inherited, 0, sizeof inherited); /* with what is between the members */
    inherited.memory_max.value = row->effective_memory_max;
    inherited.memory_max.row = row->effective_memory_row;
    inherited.cpu_percent = row->effective_cpu_percent;
    inherited.cpu_row = row->effective_cpu_row;
    inherited.throttling_row = row->throttling_row;
    return inherited;
}

/* True if those below have to know. */
static bool update_inherited(struct snapshot *snapshot, int index)
{
    struct sample *row = &snapshot->rows[index];
    const struct sample *parent = row->parent < 0 ? NULL : &snapshot->rows[row->parent];
    struct inherited before = inherited_of(row);
    inherit(row, index, parent);
    struct inherited now = inherited_of(row);
    return memcmp(&before, &now, sizeof now) != 0;
}

static void update(const struct tree *tree, struct snapshot *snapshot)
{
    cleanup_free bool *differs = mem_array(snapshot->count + 1, sizeof *differs);
    bool any = false; /* most often none: then the other rows are not even looked at */
    for (size_t i = 0; i < snapshot->count; i++) {
        struct sample *row = &snapshot->rows[i];
        bool touched = tree->touched[i] > snapshot->serial;
        if (touched) {
            const struct identity *identity = row->identity;
            const struct detail *detail = row->detail;
            fill_row(row, tree->by_row[i]);
            identity_unref(identity);
            detail_unref(detail);
        }
        if (touched || (any && row->parent >= 0 && differs[row->parent]))
            any |= differs[i] = update_inherited(snapshot, (int)i);
    }
}

struct snapshot *assemble(struct tree *tree, struct snapshot *used)
{
    struct snapshot *snapshot = used;
    number_rows(tree);
    if (used && used->shape == tree->shape) {
        update(tree, snapshot);
    } else {
        snapshot_free(used);
        snapshot = make(tree);
        snapshot->shape = tree->shape;
    }
    snapshot->serial = tree->serial++;
    return snapshot;
}
