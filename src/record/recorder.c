/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/pack.h"
#include "record/evidence.h"
#include "record/format.h"

#define LEVEL        3  /* of compression */
#define TRIM_EVERY   30 /* samples */
#define WAL_BYTES    (4 << 20)
#define KEYS_AT_ONCE 5 /* so many key samples, with what hangs on them, go at a time */

struct recorder {
    char *path;
    struct recorder_limits limits;
    int lock_fd; /* of the file, locked: one writer */
    sqlite3 *db;
    sqlite3_stmt *add_sample, *add_event;
    struct snapshot *last; /* what the next sample is packed against */
    long long layout, key, since_key, written;
};

/* SQLite lets several write in turns, but samples of two monitors in one recording make no sense. */
static int lock(struct recorder *recorder, struct err *err)
{
    recorder->lock_fd = open(recorder->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (recorder->lock_fd < 0)
        return err_errno(err, "record to %s", recorder->path);
    struct stat st;
    if (fstat(recorder->lock_fd, &st) < 0 || !S_ISREG(st.st_mode))
        return err_set(err, EINVAL, "record to %s: not a plain file", recorder->path);
    if (flock(recorder->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return err_set(err, EBUSY, "record to %s: another boxtop is recording to it", recorder->path);
    return 0;
}

static int find_layout(struct recorder *recorder, struct err *err)
{
    sqlite3_stmt *statement;
    cleanup_free char *fields = pack_layout_text();
    int rc = format_prepare(recorder->db,
                            "INSERT INTO layout (fields) VALUES (?1) ON CONFLICT DO UPDATE SET fields = ?1 "
                            "RETURNING id",
                            &statement, err, recorder->path);
    if (rc < 0)
        return rc;
    sqlite3_bind_text(statement, 1, fields, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) == SQLITE_ROW)
        recorder->layout = sqlite3_column_int64(statement, 0);
    rc = sqlite3_step(statement) == SQLITE_DONE ? 0
                                                : format_fail(recorder->db, err, "write to", recorder->path);
    sqlite3_finalize(statement);
    return rc;
}

static bool is_new(const struct recorder *recorder)
{
    struct stat st;
    return fstat(recorder->lock_fd, &st) == 0 && st.st_size == 0;
}

static int open_database(struct recorder *recorder, struct err *err)
{
    static const char settings[] =
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 500; PRAGMA trusted_schema = OFF;"
        "PRAGMA journal_size_limit = 4194304; PRAGMA cache_size = -2000;";
    bool made = is_new(recorder);
    if (sqlite3_open_v2(recorder->path, &recorder->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return format_fail(recorder->db, err, "record to", recorder->path);
    sqlite3_db_config(recorder->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_busy_timeout(recorder->db, 2000); /* a reader that checkpoints */
    int version = FORMAT_VERSION;
    int rc = made ? format_create(recorder->db, err, recorder->path)
                  : format_check(recorder->db, &version, err, recorder->path);
    if (rc == 0)
        rc = format_upgrade(recorder->db, version, err, recorder->path);
    if (rc == 0)
        rc = format_run(recorder->db, settings, err, "record to", recorder->path);
    return rc == 0 ? find_layout(recorder, err) : rc;
}

static int prepare(struct recorder *recorder, struct err *err)
{
    int rc = format_prepare(recorder->db,
                            "INSERT INTO sample (wall_ns, key, layout, cgroups, data) VALUES (?1, "
                            "?2, ?3, ?4, ?5)",
                            &recorder->add_sample, err, recorder->path);
    if (rc == 0)
        rc = format_prepare(recorder->db,
                            "INSERT INTO event (wall_ns, event, cgroup, cgroup_id, value, total, "
                            "memory_current, memory_max, file, text, evidence) VALUES (?1, ?2, ?3, ?4, ?5, "
                            "?6, ?7, ?8, ?9, ?10, ?11)",
                            &recorder->add_event, err, recorder->path);
    return rc;
}

int recorder_open(const char *path, const struct recorder_limits *limits, struct recorder **ret,
                  struct err *err)
{
    struct recorder *recorder = mem_alloc(sizeof *recorder);
    recorder->path = realpath(path, NULL);
    if (!recorder->path)
        recorder->path = mem_dup(path);
    recorder->limits = *limits;
    recorder->lock_fd = -1;
    int rc = lock(recorder, err);
    if (rc == 0)
        rc = open_database(recorder, err);
    if (rc == 0)
        rc = prepare(recorder, err);
    if (rc < 0)
        recorder_close(recorder);
    else
        *ret = recorder;
    return rc;
}

void recorder_close(struct recorder *recorder)
{
    if (!recorder)
        return;
    sqlite3_finalize(recorder->add_sample);
    sqlite3_finalize(recorder->add_event);
    sqlite3_close(recorder->db);
    fd_close(&recorder->lock_fd);
    snapshot_free(recorder->last);
    free(recorder->path);
    free(recorder);
}

/* ---- writing ---- */

static int step(struct recorder *recorder, sqlite3_stmt *statement, struct err *err)
{
    int rc = sqlite3_step(statement);
    int failed = rc == SQLITE_DONE ? 0 : format_fail(recorder->db, err, "write to", recorder->path);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return failed;
}

static int write_sample(struct recorder *recorder, const struct snapshot *snapshot, struct err *err)
{
    bool is_key = !recorder->last || recorder->since_key == FORMAT_KEY_EVERY - 1;
    struct str plain = {0};
    pack(snapshot, is_key ? NULL : recorder->last, PACK_CLOCKS, &plain);
    size_t room = ZSTD_compressBound(plain.len);
    cleanup_free char *packed = mem_alloc(room);
    size_t size = ZSTD_compress(packed, room, plain.text, plain.len, LEVEL);
    str_free(&plain);
    if (ZSTD_isError(size))
        return err_set(err, EIO, "write to %s: compress a sample: %s", recorder->path,
                       ZSTD_getErrorName(size));
    sqlite3_bind_int64(recorder->add_sample, 1, (sqlite3_int64)snapshot->wall_ns);
    sqlite3_bind_int64(recorder->add_sample, 2, is_key ? 0 : recorder->key);
    sqlite3_bind_int64(recorder->add_sample, 3, recorder->layout);
    sqlite3_bind_int64(recorder->add_sample, 4, (sqlite3_int64)snapshot->count);
    sqlite3_bind_blob64(recorder->add_sample, 5, packed, size, SQLITE_STATIC);
    int rc = step(recorder, recorder->add_sample, err);
    if (rc < 0)
        return rc;
    if (is_key)
        recorder->key = sqlite3_last_insert_rowid(recorder->db);
    recorder->since_key = is_key ? 0 : recorder->since_key + 1;
    snapshot_free(recorder->last);
    recorder->last = snapshot_copy(snapshot);
    return 0;
}

/* Absent: NULL; max: the text, which a column of integers takes as well. */
static void bind_value(sqlite3_stmt *statement, int column, uint64_t value)
{
    if (value == VALUE_MAX)
        sqlite3_bind_text(statement, column, "max", -1, SQLITE_STATIC);
    else if (value_is_number(value))
        sqlite3_bind_int64(statement, column, (sqlite3_int64)value);
}

/* Kernel bytes that are no text are escaped: a text column is a text. */
static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    char shown[1200];
    if (!text[0])
        return;
    str_printable(shown, sizeof shown, text);
    sqlite3_bind_text(statement, column, shown, -1, SQLITE_TRANSIENT);
}

static int write_event(struct recorder *recorder, const struct event *event, struct err *err)
{
    sqlite3_stmt *statement = recorder->add_event;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)event->wall_ns);
    sqlite3_bind_text(statement, 2, event_name(event->kind), -1, SQLITE_STATIC);
    bind_text(statement, 3, event->cgroup);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)event->cgroup_id);
    bind_value(statement, 5, event->value);
    bind_value(statement, 6, event->total);
    bind_value(statement, 7, event->memory_current);
    bind_value(statement, 8, event->memory_max);
    bind_text(statement, 9, event->file);
    bind_text(statement, 10, event->text);
    cleanup_free char *evidence = evidence_text(event);
    if (evidence)
        sqlite3_bind_text(statement, 11, evidence, -1, SQLITE_TRANSIENT);
    return step(recorder, statement, err);
}

/* ---- what goes ---- */

static long long ask(struct recorder *recorder, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    long long value = 0;
    if (sqlite3_prepare_v2(recorder->db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* Whole runs from one key sample to the next go, with the events of that time: what hangs on a sample stays
 * with it. */
static int drop_before(struct recorder *recorder, long long id, struct err *err)
{
    cleanup_free char *sql = mem_printf(
        "BEGIN IMMEDIATE; DELETE FROM event WHERE wall_ns < (SELECT wall_ns FROM sample WHERE id = %lld);"
        "DELETE FROM sample WHERE id < %lld; COMMIT; PRAGMA incremental_vacuum;",
        id, id);
    int rc = format_run(recorder->db, sql, err, "write to", recorder->path);
    if (rc < 0)
        sqlite3_exec(recorder->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

static int drop_old(struct recorder *recorder, uint64_t wall_ns, struct err *err)
{
    uint64_t keep_ns = recorder->limits.keep_ms * 1000000;
    if (!keep_ns || wall_ns < keep_ns)
        return 0;
    cleanup_free char *sql = mem_printf("SELECT max(id) FROM sample WHERE key = 0 AND wall_ns <= %llu",
                                        (unsigned long long)(wall_ns - keep_ns));
    long long id = ask(recorder, sql);
    return id > 0 ? drop_before(recorder, id, err) : 0;
}

static uint64_t size_on_disk(struct recorder *recorder)
{
    return (uint64_t)ask(recorder, "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size "
                                   "FROM pragma_page_size)") +
           WAL_BYTES;
}

static int drop_more(struct recorder *recorder, struct err *err)
{
    cleanup_free char *sql =
        mem_printf("SELECT id FROM sample WHERE key = 0 AND id < %lld ORDER BY id LIMIT 1 OFFSET %d",
                   recorder->key, KEYS_AT_ONCE);
    while (recorder->limits.max_bytes && size_on_disk(recorder) > recorder->limits.max_bytes) {
        long long id = ask(recorder, sql);
        if (id <= 0)
            id = recorder->key;
        if (ask(recorder, "SELECT min(id) FROM sample") >= id)
            return 0; /* what is left is one run */
        int rc = drop_before(recorder, id, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int trim(struct recorder *recorder, uint64_t wall_ns, struct err *err)
{
    int rc = drop_old(recorder, wall_ns, err);
    return rc == 0 ? drop_more(recorder, err) : rc;
}

int recorder_write(struct recorder *recorder, const struct snapshot *snapshot, const struct event *events,
                   struct err *err)
{
    bool has_sample =
        snapshot && (!recorder->last || snapshot->sample_serial != recorder->last->sample_serial);
    if (!has_sample && !events)
        return 0;
    int rc = format_run(recorder->db, "BEGIN IMMEDIATE", err, "write to", recorder->path);
    for (const struct event *event = events; event && rc == 0; event = event->next)
        rc = write_event(recorder, event, err);
    if (has_sample && rc == 0)
        rc = write_sample(recorder, snapshot, err);
    if (rc == 0)
        rc = format_run(recorder->db, "COMMIT", err, "write to", recorder->path);
    if (rc < 0) {
        sqlite3_exec(recorder->db, "ROLLBACK", NULL, NULL, NULL);
        snapshot_free(take_ptr(&recorder->last)); /* it may not be there: the next one says all */
    }
    if (rc == 0 && has_sample && recorder->written++ % TRIM_EVERY == TRIM_EVERY - 1)
        rc = trim(recorder, snapshot->wall_ns, err);
    return rc;
}
