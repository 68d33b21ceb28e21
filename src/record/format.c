/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/format.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "monitor/pack.h"

#define TEXT_OF(x)  #x
#define TEXT_OF2(x) TEXT_OF(x)

static int code_of(sqlite3 *db)
{
    switch (sqlite3_errcode(db)) {
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_NOMEM:
        return ENOMEM;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return EACCES;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return EBUSY;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return EBADMSG;
    default:
        return EIO;
    }
}

int format_fail(sqlite3 *db, struct err *err, const char *what, const char *path)
{
    return err_set(err, code_of(db), "%s %s: %s", what, path, sqlite3_errmsg(db));
}

int format_run(sqlite3 *db, const char *sql, struct err *err, const char *what, const char *path)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : format_fail(db, err, what, path);
}

int format_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret, struct err *err, const char *path)
{
    return sqlite3_prepare_v2(db, sql, -1, ret, NULL) == SQLITE_OK ? 0 : format_fail(db, err, "read", path);
}

/* clang-format off */
int format_create(sqlite3 *db, struct err *err, const char *path)
{
    static const char tables[] =
        "PRAGMA auto_vacuum = INCREMENTAL;"
        "PRAGMA journal_mode = WAL;"
        "BEGIN IMMEDIATE;"
        "PRAGMA application_id = " TEXT_OF2(FORMAT_ID) ";"
        "PRAGMA user_version = " TEXT_OF2(FORMAT_VERSION) ";"
        "CREATE TABLE layout (id INTEGER PRIMARY KEY, fields TEXT NOT NULL UNIQUE);"
        "CREATE TABLE sample (id INTEGER PRIMARY KEY, wall_ns INTEGER NOT NULL, key INTEGER NOT NULL,"
        " layout INTEGER NOT NULL REFERENCES layout, cgroups INTEGER NOT NULL, data BLOB NOT NULL);"
        "CREATE INDEX sample_wall ON sample (wall_ns);"
        "CREATE TABLE event (id INTEGER PRIMARY KEY, wall_ns INTEGER NOT NULL, event TEXT NOT NULL,"
        " cgroup TEXT, cgroup_id INTEGER, value INTEGER, total INTEGER, memory_current INTEGER,"
        " memory_max INTEGER, file TEXT, text TEXT, evidence TEXT);"
        "CREATE INDEX event_wall ON event (wall_ns);"
        "CREATE INDEX event_kind ON event (event, wall_ns);"
        "COMMIT;";
    return format_run(db, tables, err, "make the recording", path);
}
/* clang-format on */

static long long pragma(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    long long value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

int format_check(sqlite3 *db, int *ret_version, struct err *err, const char *path)
{
    long long id = pragma(db, "PRAGMA application_id"), version = pragma(db, "PRAGMA user_version");
    if (id < 0)
        return format_fail(db, err, "read", path);
    if (id != FORMAT_ID || version < 1) {
        err_set(err, EINVAL, "read %s: it is no recording of boxtop's", path);
        return err_hint(err, "boxtop record FILE makes one");
    }
    if (version > FORMAT_VERSION)
        return err_set(
            err, EINVAL,
            "read %s: it is a recording of version %lld, by a newer boxtop; this one knows 1 to %d", path,
            version, FORMAT_VERSION);
    *ret_version = (int)version;
    return 0;
}

int format_upgrade(sqlite3 *db, int version, struct err *err, const char *path)
{
    static const char *const to[FORMAT_VERSION + 1] = {
        [2] = "BEGIN IMMEDIATE; ALTER TABLE event ADD COLUMN evidence TEXT; PRAGMA user_version = 2; COMMIT;",
        [3] = "PRAGMA user_version = 3;", /* a sample's data may have details */
    };
    int rc = 0;
    while (rc == 0 && version < FORMAT_VERSION)
        rc = format_run(db, to[++version], err, "write to", path);
    return rc;
}
