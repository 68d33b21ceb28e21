/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/snapshot.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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
    char *text = (char *)copy + head;
    for (size_t i = 0; i < copy->count; i++) {
        const struct sample *from = &snapshot->rows[i];
        struct sample *row = &copy->rows[i];
        size_t len = strlen(from->path) + 1;
        row->path = memcpy(text, from->path, len);
        row->name = row->path + (from->name - from->path);
        row->identity = identity_ref(from->identity);
        row->detail = NULL;
        text += len;
    }
    return copy;
}

static void destroy(struct snapshot *snapshot)
{
    for (size_t i = 0; snapshot && i < snapshot->count; i++) {
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

void snapshot_free(struct snapshot *snapshot)
{
    struct snapshot_pool *pool = snapshot ? snapshot->pool : NULL;
    if (!pool) {
        destroy(snapshot);
        return;
    }
    snapshot->pool = NULL;
    destroy(atomic_exchange(&pool->waiting, snapshot));
    snapshot_pool_unref(pool);
}
