/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/ring.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/mem.h"
#include "base/str.h"
#include "monitor/pack.h"

#define LEVEL 1          /* of compression: the third takes twice the memory for a hundredth less */
#define TAIL  (64 << 10) /* bytes: a longer tail is compressed */
#define MARK  8          /* samples: so far apart are those of a chunk that stay unpacked while it is read */

/* Some samples in a row: frame by frame, the first a key frame. */
struct chunk {
    struct str bytes; /* compressed, in one piece or, as long as frames are added, in several */
    size_t plain;     /* how many bytes they were */
    struct str tail;  /* what follows, as it is */
    size_t count;
    uint64_t wall_ns[RING_CHUNK], serial; /* of the first sample */
    uint32_t ends[RING_CHUNK];            /* where each frame ends in the plain bytes */
    uint32_t behind[RING_CHUNK];          /* its serial, from the first one on */
    bool coarse;
    struct chunk *next;
};

struct ring {
    size_t budget, bytes, count;
    struct chunk *first, *last;
    const struct snapshot *newest; /* what the next frame is packed against */
    uint64_t sample;               /* its serial */
    struct pack_layout layout;
    /* Where the last reading stopped: the next one probably goes on from there. */
    struct {
        const struct chunk *chunk;
        struct str plain;
        size_t index; /* of `snapshot` in the chunk */
        const struct snapshot *snapshot;
        struct snapshot *other;                    /* it, unless it is a mark */
        struct snapshot *marks[RING_CHUNK / MARK]; /* those whose index is a multiple of MARK */
    } cursor;
};

struct ring *ring_new(size_t budget_bytes)
{
    struct ring *ring = mem_alloc(sizeof *ring);
    ring->budget = budget_bytes;
    pack_layout_own(&ring->layout);
    return ring;
}

static void forget_cursor(struct ring *ring)
{
    snapshot_free(take_ptr(&ring->cursor.other));
    for (size_t i = 0; i < COUNT_OF(ring->cursor.marks); i++)
        snapshot_free(take_ptr(&ring->cursor.marks[i]));
    ring->cursor.snapshot = NULL;
    str_free(&ring->cursor.plain);
    ring->cursor.plain = (struct str){0};
    ring->cursor.chunk = NULL;
}

void ring_rest(struct ring *ring)
{
    forget_cursor(ring);
}

void ring_set_budget(struct ring *ring, size_t budget_bytes)
{
    ring->budget = budget_bytes;
}

static size_t size_of(const struct chunk *chunk)
{
    return sizeof *chunk + chunk->bytes.cap + chunk->tail.cap;
}

static void drop_first(struct ring *ring)
{
    struct chunk *chunk = ring->first;
    forget_cursor(ring);
    ring->first = chunk->next;
    if (!ring->first)
        ring->last = NULL;
    ring->count -= chunk->count;
    ring->bytes -= size_of(chunk);
    str_free(&chunk->bytes);
    str_free(&chunk->tail);
    free(chunk);
}

void ring_free(struct ring *ring)
{
    if (!ring)
        return;
    while (ring->first)
        drop_first(ring);
    forget_cursor(ring);
    snapshot_free(ring->newest);
    free(ring);
}

/* ---- a chunk's bytes ---- */

/* Compressed, and without the room that a growing text has to spare. */
static void compress(struct str *to, const struct str *plain)
{
    size_t room = ZSTD_compressBound(plain->len);
    cleanup_free char *packed = mem_resize(NULL, room, 1);
    size_t size = ZSTD_compress(packed, room, str_text(plain), plain->len, LEVEL);
    if (ZSTD_isError(size)) /* it has the room: there is no memory */
        size = 0;
    to->text = mem_resize(to->text, to->len + size + 1, 1);
    memcpy(to->text + to->len, packed, size);
    to->len += size;
    to->cap = to->len + 1;
    to->text[to->len] = '\0';
}

static void add_plain(const struct chunk *chunk, struct str *to)
{
    cleanup_free char *plain = mem_resize(NULL, chunk->plain + 1, 1);
    size_t got = chunk->plain ? ZSTD_decompress(plain, chunk->plain, chunk->bytes.text, chunk->bytes.len) : 0;
    if (ZSTD_isError(got))
        return;
    str_add_bytes(to, plain, got);
    str_add_bytes(to, str_text(&chunk->tail), chunk->tail.len);
}

static void compress_tail(struct chunk *chunk)
{
    compress(&chunk->bytes, &chunk->tail);
    chunk->plain += chunk->tail.len;
    str_free(&chunk->tail);
}

/* In one piece, which is smaller than the pieces are. */
static void settle(struct chunk *chunk)
{
    struct str plain = {0};
    add_plain(chunk, &plain);
    str_free(&chunk->bytes);
    str_free(&chunk->tail);
    compress(&chunk->bytes, &plain);
    chunk->plain = plain.len;
    str_free(&plain);
}

/* True: it was compressed. */
static bool append(struct chunk *chunk, const struct snapshot *snapshot, const struct snapshot *before)
{
    pack(snapshot, chunk->count ? before : NULL, PACK_NO_CLOCKS, &chunk->tail);
    chunk->wall_ns[chunk->count] = snapshot->wall_ns;
    if (!chunk->count)
        chunk->serial = snapshot->sample_serial;
    chunk->behind[chunk->count] = (uint32_t)(snapshot->sample_serial - chunk->serial);
    chunk->ends[chunk->count++] = (uint32_t)(chunk->plain + chunk->tail.len);
    if (chunk->tail.len < TAIL)
        return false;
    compress_tail(chunk);
    return true;
}

/* The index-th sample of a chunk, whose plain bytes these are, from an earlier one (NULL: none). */
static struct snapshot *unpack_one(const struct ring *ring, const struct chunk *chunk,
                                   const struct str *plain, size_t index, const struct snapshot *before)
{
    size_t start = index ? chunk->ends[index - 1] : 0;
    struct snapshot *snapshot = NULL;
    struct err ours; /* what was packed here can be unpacked */
    if (chunk->ends[index] <= plain->len)
        (void)unpack(plain->text + start, chunk->ends[index] - start, &ring->layout, before, &snapshot,
                     &ours);
    return snapshot;
}

/* ---- the budget ---- */

/* One in RING_COARSE samples of a chunk stays. */
static void make_coarse(struct ring *ring, struct chunk *chunk)
{
    struct chunk coarse = {.coarse = true, .next = chunk->next};
    struct snapshot *before = NULL, *kept = NULL;
    struct str plain = {0};
    forget_cursor(ring);
    add_plain(chunk, &plain);
    for (size_t i = 0; i < chunk->count; i++) {
        struct snapshot *now = unpack_one(ring, chunk, &plain, i, before);
        if (!now)
            break;
        if (before != kept)
            snapshot_free(before);
        before = now;
        if (i % RING_COARSE == 0) {
            append(&coarse, now, kept);
            snapshot_free(kept);
            kept = now;
        }
    }
    if (before != kept)
        snapshot_free(before);
    snapshot_free(kept);
    str_free(&plain);
    settle(&coarse);
    ring->count -= chunk->count - coarse.count;
    ring->bytes -= size_of(chunk);
    str_free(&chunk->bytes);
    str_free(&chunk->tail);
    *chunk = coarse;
    ring->bytes += size_of(chunk);
}

static void keep_budget(struct ring *ring)
{
    while (ring->bytes > ring->budget && ring->first != ring->last) {
        struct chunk *fine = ring->first;
        while (fine != ring->last && fine->coarse)
            fine = fine->next;
        if (fine != ring->last)
            make_coarse(ring, fine);
        else
            drop_first(ring);
    }
}

static void begin_chunk(struct ring *ring)
{
    struct chunk *chunk = mem_alloc(sizeof *chunk);
    if (ring->last) {
        ring->bytes -= size_of(ring->last);
        settle(ring->last);
        ring->bytes += size_of(ring->last);
        ring->last->next = chunk;
    } else {
        ring->first = chunk;
    }
    ring->last = chunk;
    ring->bytes += size_of(chunk);
}

bool ring_add(struct ring *ring, const struct snapshot *snapshot)
{
    if (ring->newest && snapshot->sample_serial == ring->sample)
        return false;
    bool full = ring->last && ring->last->count == RING_CHUNK;
    if (!ring->last || full)
        begin_chunk(ring);
    struct chunk *chunk = ring->last;
    ring->bytes -= size_of(chunk);
    bool compressed = append(chunk, snapshot, ring->newest) || full;
    ring->bytes += size_of(chunk);
    ring->count++;
    snapshot_free(ring->newest);
    ring->newest = snapshot_ref(snapshot);
    ring->sample = snapshot->sample_serial;
    keep_budget(ring);
    return compressed;
}

/* ---- reading ---- */

size_t ring_count(const struct ring *ring)
{
    return ring->count;
}

size_t ring_bytes(const struct ring *ring)
{
    return ring->bytes;
}

bool ring_span(const struct ring *ring, uint64_t *ret_first_ns, uint64_t *ret_last_ns)
{
    if (!ring->count)
        return false;
    *ret_first_ns = ring->first->wall_ns[0];
    *ret_last_ns = ring->last->wall_ns[ring->last->count - 1];
    return true;
}

size_t ring_find(const struct ring *ring, uint64_t wall_ns)
{
    size_t index = 0, found = 0;
    for (const struct chunk *chunk = ring->first; chunk; chunk = chunk->next)
        for (size_t i = 0; i < chunk->count; i++, index++)
            if (chunk->wall_ns[i] <= wall_ns)
                found = index;
    return found;
}

size_t ring_find_sample(const struct ring *ring, uint64_t sample_serial)
{
    size_t index = 0, found = 0;
    for (const struct chunk *chunk = ring->first; chunk; chunk = chunk->next)
        for (size_t i = 0; i < chunk->count; i++, index++)
            if (chunk->serial + chunk->behind[i] <= sample_serial)
                found = index;
    return found;
}

/* The last sample of the cursor's chunk that is unpacked and not behind `index`: its place, or -1. */
static long nearest(struct ring *ring, size_t index)
{
    if (ring->cursor.snapshot && ring->cursor.index <= index)
        return (long)ring->cursor.index;
    for (size_t mark = index / MARK + 1; mark-- > 0;)
        if (ring->cursor.marks[mark]) {
            ring->cursor.snapshot = ring->cursor.marks[mark];
            ring->cursor.index = mark * MARK;
            return (long)ring->cursor.index;
        }
    return -1;
}

/* The cursor's next sample. */
static void take(struct ring *ring, size_t index, struct snapshot *snapshot)
{
    struct snapshot **mark = &ring->cursor.marks[index / MARK];
    snapshot_free(take_ptr(&ring->cursor.other));
    if (index % MARK == 0 && !*mark)
        *mark = snapshot;
    else
        ring->cursor.other = snapshot;
    ring->cursor.snapshot = snapshot;
    ring->cursor.index = index;
}

/* Moves the cursor to a sample of a chunk. */
static void seek(struct ring *ring, const struct chunk *chunk, size_t index)
{
    if (ring->cursor.chunk != chunk) {
        forget_cursor(ring);
        ring->cursor.chunk = chunk;
    }
    if (chunk->ends[index] > ring->cursor.plain.len) { /* it has grown meanwhile */
        str_clear(&ring->cursor.plain);
        add_plain(chunk, &ring->cursor.plain);
    }
    long from = nearest(ring, index);
    for (size_t next = (size_t)(from + 1); next <= index; next++) {
        const struct snapshot *before = next ? ring->cursor.snapshot : NULL;
        struct snapshot *now = unpack_one(ring, chunk, &ring->cursor.plain, next, before);
        take(ring, next, now);
        if (!now)
            return;
    }
}

const struct snapshot *ring_peek(struct ring *ring, size_t index)
{
    const struct chunk *chunk = ring->first;
    for (; chunk && index >= chunk->count; chunk = chunk->next)
        index -= chunk->count;
    if (!chunk)
        return NULL;
    seek(ring, chunk, index);
    return ring->cursor.snapshot;
}

struct snapshot *ring_get(struct ring *ring, size_t index)
{
    const struct snapshot *snapshot = ring_peek(ring, index);
    return snapshot ? snapshot_copy(snapshot) : NULL;
}
