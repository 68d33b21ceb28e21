/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/player.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/pack.h"
#include "record/evidence.h"
#include "record/format.h"

#define LAYOUTS 64 /* versions of boxtop that wrote into one recording */

struct player {
    char *path;
    sqlite3 *db;
    int version;
    sqlite3_stmt *get, *run; /* one sample; those from a key sample up to one */
    struct {
        long long id;
        struct pack_layout layout;
    } layouts[LAYOUTS];
    size_t layout_count;
    long long id; /* of the current sample; 0: none */
    struct snapshot *now;
};

static int read_layouts(struct player *player, struct err *err)
{
    sqlite3_stmt *statement;
    int rc = format_prepare(player->db, "SELECT id, fields FROM layout", &statement, err, player->path);
    while (rc == 0 && sqlite3_step(statement) == SQLITE_ROW && player->layout_count < LAYOUTS) {
        const char *fields = (const char *)sqlite3_column_text(statement, 1);
        player->layouts[player->layout_count].id = sqlite3_column_int64(statement, 0);
        rc = pack_layout_parse(fields ? fields : "", &player->layouts[player->layout_count++].layout, err);
    }
    sqlite3_finalize(statement);
    return rc < 0 ? err_prefix(err, "read %s", player->path) : 0;
}

static const struct pack_layout *layout_of(const struct player *player, long long id)
{
    for (size_t i = 0; i < player->layout_count; i++)
        if (player->layouts[i].id == id)
            return &player->layouts[i].layout;
    return NULL;
}

/* A recording on a file system that can't be written to, or of somebody else, is read as it stands. */
static int open_database(struct player *player, struct err *err)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
    sqlite3_stmt *try = NULL;
    if (sqlite3_open_v2(player->path, &player->db, flags, NULL) != SQLITE_OK)
        return format_fail(player->db, err, "read", player->path);
    int answer = sqlite3_prepare_v2(player->db, "SELECT 1 FROM sqlite_master", -1, &try, NULL);
    sqlite3_finalize(try);
    if (answer == SQLITE_CANTOPEN) {
        char *uri = sqlite3_mprintf("file:%s?immutable=1", player->path);
        sqlite3_close(player->db);
        answer = sqlite3_open_v2(uri, &player->db, flags, NULL);
        sqlite3_free(uri);
    }
    if (answer == SQLITE_CANTOPEN)
        return format_fail(player->db, err, "read", player->path);
    sqlite3_db_config(player->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(player->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_limit(player->db, SQLITE_LIMIT_LENGTH, FORMAT_SAMPLE_MAX);
    sqlite3_busy_timeout(player->db, 2000);
    return format_check(player->db, &player->version, err, player->path);
}

int player_open(const char *path, struct player **ret, struct err *err)
{
    struct player *player = mem_alloc(sizeof *player);
    uint64_t first, last;
    player->path = mem_dup(path);
    int rc = open_database(player, err);
    if (rc == 0)
        rc = read_layouts(player, err);
    if (rc == 0)
        rc = format_prepare(player->db, "SELECT id, key, layout, data FROM sample WHERE id = ?1",
                            &player->get, err, path);
    if (rc == 0)
        rc = format_prepare(
            player->db, "SELECT id, key, layout, data FROM sample WHERE id >= ?1 AND id <= ?2 ORDER BY id",
            &player->run, err, path);
    if (rc == 0)
        rc = player_span(player, &first, &last, err);
    if (rc < 0)
        player_close(player);
    else
        *ret = player;
    return rc;
}

void player_close(struct player *player)
{
    if (!player)
        return;
    sqlite3_finalize(player->get);
    sqlite3_finalize(player->run);
    sqlite3_close(player->db);
    snapshot_free(player->now);
    free(player->path);
    free(player);
}

/* ---- samples ---- */

/* The first column of the only row, with up to two numbers bound; `none`: there is no row, or it is NULL. */
static int ask(struct player *player, const char *sql, uint64_t number, long long none, long long *ret,
               struct err *err)
{
    sqlite3_stmt *statement;
    int rc = format_prepare(player->db, sql, &statement, err, player->path);
    if (rc < 0)
        return rc;
    sqlite3_bind_int64(statement, 1, number > INT64_MAX ? INT64_MAX : (sqlite3_int64)number);
    int answer = sqlite3_step(statement);
    *ret = answer == SQLITE_ROW && sqlite3_column_type(statement, 0) == SQLITE_INTEGER
               ? sqlite3_column_int64(statement, 0)
               : none;
    if (answer != SQLITE_ROW && answer != SQLITE_DONE)
        rc = format_fail(player->db, err, "read", player->path);
    sqlite3_finalize(statement);
    return rc;
}

int player_span(struct player *player, uint64_t *ret_first_ns, uint64_t *ret_last_ns, struct err *err)
{
    long long first, last;
    int rc = ask(player, "SELECT wall_ns FROM sample ORDER BY id LIMIT 1", 0, -1, &first, err);
    if (rc == 0)
        rc = ask(player, "SELECT wall_ns FROM sample ORDER BY id DESC LIMIT 1", 0, -1, &last, err);
    if (rc < 0)
        return rc;
    if (first < 0 || last < 0)
        return err_set(err, EINVAL, "read %s: there is no sample in it", player->path);
    *ret_first_ns = (uint64_t)first;
    *ret_last_ns = (uint64_t)last;
    return 0;
}

static int bad(const struct player *player, long long id, struct err *err)
{
    if (!err->code)
        err_set(err, EBADMSG, "it is damaged");
    return err_prefix(err, "read %s: sample %lld", player->path, id);
}

/* The statement's row becomes the current sample. */
static int take_row(struct player *player, sqlite3_stmt *row, struct err *err)
{
    long long id = sqlite3_column_int64(row, 0), key = sqlite3_column_int64(row, 1);
    const struct pack_layout *layout = layout_of(player, sqlite3_column_int64(row, 2));
    const void *data = sqlite3_column_blob(row, 3);
    size_t size = (size_t)sqlite3_column_bytes(row, 3);
    unsigned long long plain_size = data ? ZSTD_getFrameContentSize(data, size) : 0;
    struct snapshot *next = NULL;
    err->code = 0;
    if (!layout || plain_size == 0 || plain_size > FORMAT_SAMPLE_MAX)
        return bad(player, id, err);
    cleanup_free char *plain = mem_resize(NULL, (size_t)plain_size, 1);
    size_t got = ZSTD_decompress(plain, (size_t)plain_size, data, size);
    if (ZSTD_isError(got) || unpack(plain, got, layout, key ? player->now : NULL, &next, err) < 0)
        return bad(player, id, err);
    snapshot_free(player->now);
    player->now = next;
    player->id = id;
    return 0;
}

/* From the key sample that `id` hangs on, or on from the current one. */
static int go_to(struct player *player, long long id, struct err *err)
{
    long long key;
    if (id == player->id)
        return 0;
    int rc = ask(player, "SELECT key FROM sample WHERE id = ?1", (uint64_t)id, 0, &key, err);
    if (rc < 0)
        return rc;
    long long from = key ? key : id;
    if (player->id >= from && player->id < id)
        from = player->id + 1;
    sqlite3_bind_int64(player->run, 1, from);
    sqlite3_bind_int64(player->run, 2, id);
    while (rc == 0 && sqlite3_step(player->run) == SQLITE_ROW)
        rc = take_row(player, player->run, err);
    sqlite3_reset(player->run);
    if (rc == 0 && player->id != id)
        rc = err_set(err, EBADMSG, "read %s: sample %lld is not there any more", player->path, id);
    return rc;
}

int player_at(struct player *player, uint64_t wall_ns, const struct snapshot **ret, struct err *err)
{
    long long id;
    int rc = ask(player, "SELECT id FROM sample WHERE wall_ns <= ?1 ORDER BY wall_ns DESC, id DESC LIMIT 1",
                 wall_ns, 0, &id, err);
    if (rc == 0 && id == 0)
        rc = ask(player, "SELECT min(id) FROM sample", 0, 0, &id, err);
    if (rc == 0)
        rc = go_to(player, id, err);
    *ret = rc == 0 ? player->now : NULL;
    return rc;
}

int player_step(struct player *player, long steps, const struct snapshot **ret, struct err *err)
{
    long long id = player->id;
    int rc = 0;
    *ret = NULL;
    for (long left = steps < 0 ? -steps : steps; left > 0 && rc == 0; left--) {
        long long before = id;
        rc = ask(player,
                 steps < 0 ? "SELECT max(id) FROM sample WHERE id < ?1"
                           : "SELECT min(id) FROM sample WHERE id > ?1",
                 (uint64_t)before, before, &id, err);
        if (id == before)
            break;
    }
    if (rc == 0)
        rc = go_to(player, id, err);
    if (rc == 0)
        *ret = player->now;
    return rc;
}

/* ---- events ---- */

int player_find_kill(struct player *player, uint64_t from_ns, bool backwards, uint64_t *ret_ns,
                     struct err *err)
{
    long long ns;
    int rc = ask(player,
                 backwards ? "SELECT max(wall_ns) FROM event WHERE event = 'oom_kill' AND wall_ns < ?1"
                           : "SELECT min(wall_ns) FROM event WHERE event = 'oom_kill' AND wall_ns > ?1",
                 from_ns, 0, &ns, err);
    if (rc == 0)
        *ret_ns = (uint64_t)ns;
    return rc;
}

static uint64_t value_at(sqlite3_stmt *row, int column)
{
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        return (uint64_t)sqlite3_column_int64(row, column);
    case SQLITE_TEXT:
        return strcmp((const char *)sqlite3_column_text(row, column), "max") == 0 ? VALUE_MAX : VALUE_ABSENT;
    default:
        return VALUE_ABSENT;
    }
}

static void text_at(sqlite3_stmt *row, int column, char *to, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    str_copy(to, size, text ? text : "");
}

/* NULL: of a kind that this version does not know. */
static struct event *event_of(sqlite3_stmt *row)
{
    const char *name = (const char *)sqlite3_column_text(row, 2);
    int kind = 0;
    while (kind < EVENT_KIND_COUNT && (!name || strcmp(event_name((enum event_kind)kind), name) != 0))
        kind++;
    if (kind == EVENT_KIND_COUNT)
        return NULL;
    struct event *event = mem_alloc(sizeof *event);
    event->serial = (uint64_t)sqlite3_column_int64(row, 0);
    event->wall_ns = (uint64_t)sqlite3_column_int64(row, 1);
    event->kind = (enum event_kind)kind;
    text_at(row, 3, event->cgroup, sizeof event->cgroup);
    event->cgroup_id = (uint64_t)sqlite3_column_int64(row, 4);
    event->value = value_at(row, 5);
    event->total = value_at(row, 6);
    event->memory_current = value_at(row, 7);
    event->memory_max = value_at(row, 8);
    text_at(row, 9, event->file, sizeof event->file);
    text_at(row, 10, event->text, sizeof event->text);
    const char *evidence = (const char *)sqlite3_column_text(row, 11);
    if (evidence && event->kind == EVENT_OOM_KILL)
        evidence_parse(evidence, event);
    return event;
}

#define EVENT_COLUMNS                                                                                        \
    "SELECT id, wall_ns, event, cgroup, cgroup_id, value, total, memory_current, memory_max, file, text, "

/* Version 1 had no evidence. */
static char *events_query(const struct player *player, int kind)
{
    return mem_printf(EVENT_COLUMNS "%s FROM event WHERE wall_ns > ?1 AND wall_ns <= ?2 %s "
                                    "ORDER BY wall_ns DESC, id DESC LIMIT ?3",
                      player->version >= 2 ? "evidence" : "NULL",
                      kind == PAST_ALL_KINDS ? "" : "AND event = ?4");
}

int player_events(struct player *player, uint64_t after_ns, uint64_t until_ns, int kind, unsigned most,
                  struct event **ret, struct err *err)
{
    sqlite3_stmt *row;
    cleanup_free char *query = events_query(player, kind);
    *ret = NULL;
    int rc = format_prepare(player->db, query, &row, err, player->path);
    if (rc < 0)
        return rc;
    sqlite3_bind_int64(row, 1, after_ns > INT64_MAX ? INT64_MAX : (sqlite3_int64)after_ns);
    sqlite3_bind_int64(row, 2, until_ns > INT64_MAX ? INT64_MAX : (sqlite3_int64)until_ns);
    sqlite3_bind_int64(row, 3, most);
    if (kind != PAST_ALL_KINDS)
        sqlite3_bind_text(row, 4, event_name((enum event_kind)kind), -1, SQLITE_STATIC);
    while (sqlite3_step(row) == SQLITE_ROW) { /* the newest first: each goes in front */
        struct event *event = event_of(row);
        if (!event)
            continue;
        event->next = *ret;
        *ret = event;
    }
    sqlite3_finalize(row);
    return 0;
}
