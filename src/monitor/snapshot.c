/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/snapshot.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void sample_set(struct sample *row, struct figures *figures)
{
    struct figures *before = row->now ? figures_of(row->now) : NULL;
    figures_ref(figures);
    row->now = &figures->now;
    row->rate = &figures->rate;
    figures_unref(before);
}

struct figures *sample_own(struct sample *row)
{
    struct figures *own = row->now ? figures_of(row->now) : figures_new();
    figures_own(&own);
    row->now = &own->now;
    row->rate = &own->rate;
    return own;
}

int snapshot_find_path(const struct snapshot *snapshot, const char *path)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (strcmp(snapshot->rows[i].path, path) == 0)
            return (int)i;
    return -1;
}

int snapshot_find_id(const struct snapshot *snapshot, uint64_t id)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (snapshot->rows[i].id == id)
            return (int)i;
    return -1;
}

struct snapshot *snapshot_copy(const struct snapshot *snapshot)
{
    size_t head = sizeof *snapshot + snapshot->count * sizeof snapshot->rows[0], size = head;
    for (size_t i = 0; i < snapshot->count; i++)
        size += strlen(snapshot->rows[i].path) + 1;
    struct snapshot *copy = mem_resize(NULL, size, 1);
    memcpy(copy, snapshot, head);
    copy->pool = NULL;
    atomic_init(&copy->others, 0);
    char *text = (char *)copy + head;
    for (size_t i = 0; i < copy->count; i++) {
        const struct sample *from = &snapshot->rows[i];
        struct sample *row = &copy->rows[i];
        size_t len = strlen(from->path) + 1;
        row->path = memcpy(text, from->path, len);
        row->name = row->path + (from->name - from->path);
        figures_ref(figures_of(row->now));
        row->identity = identity_ref(from->identity);
        row->detail = detail_ref(from->detail);
        text += len;
    }
    return copy;
}

static void destroy(struct snapshot *snapshot)
{
    for (size_t i = 0; snapshot && i < snapshot->count; i++) {
        if (snapshot->rows[i].now)
            figures_unref(figures_of(snapshot->rows[i].now));
        identity_unref(snapshot->rows[i].identity);
        detail_unref(snapshot->rows[i].detail);
    }
    free(snapshot);
}

/* Its holders are its maker and each snapshot that is out. */
struct snapshot_pool {
    atomic_int holders;
    _Atomic(struct snapshot *) waiting;
};

struct snapshot_pool *snapshot_pool_new(void)
{
    struct snapshot_pool *pool = mem_alloc(sizeof *pool);
    atomic_init(&pool->holders, 1);
    atomic_init(&pool->waiting, NULL);
    return pool;
}

void snapshot_pool_unref(struct snapshot_pool *pool)
{
    if (!pool || atomic_fetch_sub(&pool->holders, 1) > 1)
        return;
    destroy(atomic_exchange(&pool->waiting, NULL));
    free(pool);
}

struct snapshot *snapshot_pool_take(struct snapshot_pool *pool)
{
    return atomic_exchange(&pool->waiting, NULL);
}

void snapshot_pool_join(struct snapshot_pool *pool, struct snapshot *snapshot)
{
    atomic_fetch_add(&pool->holders, 1);
    snapshot->pool = pool;
}

const struct snapshot *snapshot_ref(const struct snapshot *snapshot)
{
    atomic_fetch_add_explicit(&((struct snapshot *)snapshot)->others, 1, memory_order_relaxed);
    return snapshot;
}

void snapshot_free(const struct snapshot *held)
{
    struct snapshot *snapshot = (struct snapshot *)held;
    if (!snapshot || atomic_fetch_sub_explicit(&snapshot->others, 1, memory_order_acq_rel) > 0)
        return;
    struct snapshot_pool *pool = snapshot->pool;
    if (!pool) {
        destroy(snapshot);
        return;
    }
    atomic_init(&snapshot->others, 0);
    snapshot->pool = NULL;
    destroy(atomic_exchange(&pool->waiting, snapshot));
    snapshot_pool_unref(pool);
}
