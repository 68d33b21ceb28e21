/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a recording is: an SQLite database, which can be queried by hand. docs/recording.md describes the
 * tables; this is what makes them.
 */
#ifndef BOXTOP_RECORD_FORMAT_H
#define BOXTOP_RECORD_FORMAT_H

#include <sqlite3.h>

#include "base/err.h"

#define FORMAT_ID         0x626f7874   /* "boxt": PRAGMA application_id */
#define FORMAT_VERSION    3            /* PRAGMA user_version; docs/recording.md says what each has */
#define FORMAT_SAMPLE_MAX (256u << 20) /* bytes of a sample, unpacked */
#define FORMAT_KEY_EVERY  60           /* samples: then comes one that says all */

/* Fails with "WHAT FILE: why", of the database's last error. */
int format_fail(sqlite3 *db, struct err *err, const char *what, const char *path);
/* Statements without results, one after another. */
int format_run(sqlite3 *db, const char *sql, struct err *err, const char *what, const char *path);
int format_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret, struct err *err, const char *path);
/* Makes the tables of a new recording, in a database that has none. */
int format_create(sqlite3 *db, struct err *err, const char *path);
/* -EINVAL with a line unless it is a recording, of a version that we know. */
int format_check(sqlite3 *db, int *ret_version, struct err *err, const char *path);
/* Makes it one of our version. */
int format_upgrade(sqlite3 *db, int version, struct err *err, const char *path);

#endif
