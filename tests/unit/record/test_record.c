/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <errno.h>
#include <sqlite3.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/cgparse.h"
#include "monitor/rate.h"
#include "base/oom.h"
#include "record/format.h"
#include "record/player.h"
#include "record/recorder.h"

#define SECOND UINT64_C(1000000000)
#define START  (1700000000 * SECOND)

static char directory[] = "/tmp/boxtop-record.XXXXXX";
static char path[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/file", directory);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        cleanup_free char *name = mem_printf("%s%s", path, suffixes[i]);
        unlink(name);
    }
    return 0;
}

/* The n-th sample: the root and some groups, whose figures change. */
static struct snapshot *make(uint64_t n, size_t groups)
{
    struct snapshot *s = mem_alloc(sizeof *s + groups * sizeof s->rows[0] + groups * 16);
    char *text = (char *)&s->rows[groups];
    *s = (struct snapshot){
        .sample_serial = n, .time_ns = n * SECOND, .wall_ns = START + n * SECOND, .count = groups};
    for (size_t i = 0; i < groups; i++) {
        struct sample *row = &s->rows[i];
        row->id = i + 1;
        row->parent = i ? 0 : -1;
        row->depth = i > 0;
        row->path = text;
        text += sprintf(text, i ? "/g%zu" : "/", i) + 1;
        row->name = i ? row->path + 1 : row->path;
        cgparse_absent_all(&sample_own(row)->now);
        rate_unknown(&sample_own(row)->rate);
        sample_own(row)->now.time_ns = s->time_ns;
        sample_own(row)->now.usage_usec = n * n * (i + 1);
        sample_own(row)->now.memory_max = VALUE_MAX;
    }
    return s;
}

static void write_one(struct recorder *recorder, uint64_t n, size_t groups, const struct event *events)
{
    struct snapshot *s = make(n, groups);
    struct err err = {0};
    if (recorder_write(recorder, s, events, &err) < 0)
        fail_msg("%s", err.text);
    snapshot_free(s);
}

static struct recorder *open_recorder(const struct recorder_limits *limits)
{
    struct recorder *recorder = NULL;
    struct err err = {0};
    if (recorder_open(path, limits, &recorder, &err) < 0)
        fail_msg("%s", err.text);
    return recorder;
}

static struct player *open_player(void)
{
    struct player *player = NULL;
    struct err err = {0};
    if (player_open(path, &player, &err) < 0)
        fail_msg("%s", err.text);
    return player;
}

static void assert_at(struct player *player, uint64_t wall_ns, uint64_t n)
{
    const struct snapshot *got;
    struct err err = {0};
    if (player_at(player, wall_ns, &got, &err) < 0)
        fail_msg("%s", err.text);
    struct snapshot *expected = make(n, got->count);
    assert_int_equal(got->wall_ns, START + n * SECOND);
    for (size_t i = 0; i < got->count; i++) {
        assert_memory_equal(got->rows[i].now, expected->rows[i].now, sizeof *got->rows[i].now);
        assert_string_equal(got->rows[i].path, expected->rows[i].path);
    }
    snapshot_free(expected);
}

static void test_what_was_written(void **state)
{
    struct recorder *recorder = open_recorder(&(struct recorder_limits){0});
    const struct snapshot *got;
    struct err err = {0};
    uint64_t first, last;
    (void)state;
    for (uint64_t n = 1; n <= 150; n++)
        write_one(recorder, n, 5, NULL);
    struct player *player = open_player(); /* while it is written to */
    assert_int_equal(player_span(player, &first, &last, &err), 0);
    assert_int_equal(first, START + 1 * SECOND);
    assert_int_equal(last, START + 150 * SECOND);
    assert_at(player, START + 77 * SECOND, 77);
    assert_at(player, START + 78 * SECOND - 1, 77);
    assert_at(player, 0, 1);
    assert_at(player, UINT64_MAX, 150);
    write_one(recorder, 151, 5, NULL);
    assert_int_equal(player_step(player, 1, &got, &err), 0);
    assert_int_equal(got->sample_serial, 151);
    assert_int_equal(player_step(player, 1, &got, &err), 0);
    assert_int_equal(got->sample_serial, 151);
    assert_int_equal(player_step(player, -100, &got, &err), 0);
    assert_int_equal(got->sample_serial, 51);
    assert_int_equal(player_step(player, -100, &got, &err), 0);
    assert_int_equal(got->sample_serial, 1);
    player_close(player);
    recorder_close(recorder);
    recorder = open_recorder(&(struct recorder_limits){0}); /* it goes on another day */
    write_one(recorder, 200, 5, NULL);
    recorder_close(recorder);
    player = open_player();
    assert_at(player, UINT64_MAX, 200);
    assert_int_equal(player_step(player, -1, &got, &err), 0);
    assert_int_equal(got->sample_serial, 151);
    player_close(player);
}

static void test_one_writer(void **state)
{
    struct recorder *recorder = open_recorder(&(struct recorder_limits){0}), *other;
    struct err err;
    (void)state;
    assert_int_equal(recorder_open(path, &(struct recorder_limits){0}, &other, &err), -EBUSY);
    assert_non_null(strstr(err.text, "another boxtop is recording to it"));
    recorder_close(recorder);
    assert_int_equal(recorder_open(directory, &(struct recorder_limits){0}, &other, &err), -EISDIR);
}

static void test_events(void **state)
{
    struct event second = {.wall_ns = START + 3 * SECOND,
                           .kind = EVENT_SET,
                           .cgroup = "/g2",
                           .file = "memory.max",
                           .text = "max",
                           .memory_current = VALUE_ABSENT,
                           .memory_max = VALUE_ABSENT};
    struct event first = {.wall_ns = START + 2 * SECOND,
                          .kind = EVENT_OOM_KILL,
                          .cgroup = "/g1",
                          .cgroup_id = 2,
                          .value = 1,
                          .total = 7,
                          .memory_current = 4096,
                          .memory_max = VALUE_MAX,
                          .next = &second};
    struct recorder *recorder = open_recorder(&(struct recorder_limits){0});
    struct event *list;
    struct err err = {0};
    uint64_t when;
    (void)state;
    write_one(recorder, 1, 3, &first);
    recorder_close(recorder);
    struct player *player = open_player();
    assert_int_equal(player_events(player, 0, UINT64_MAX, PAST_ALL_KINDS, 10, &list, &err), 0);
    assert_int_equal(list->kind, EVENT_OOM_KILL);
    assert_string_equal(list->cgroup, "/g1");
    assert_int_equal(list->total, 7);
    assert_int_equal(list->memory_current, 4096);
    assert_int_equal(list->memory_max, VALUE_MAX);
    assert_string_equal(list->next->file, "memory.max");
    assert_int_equal(list->next->memory_current, VALUE_ABSENT);
    assert_null(list->next->next);
    event_free_list(list);
    assert_int_equal(player_events(player, START + 2 * SECOND, UINT64_MAX, PAST_ALL_KINDS, 10, &list, &err),
                     0);
    assert_int_equal(list->kind, EVENT_SET);
    event_free_list(list);
    assert_int_equal(player_find_kill(player, START, false, &when, &err), 0);
    assert_int_equal(when, START + 2 * SECOND);
    assert_int_equal(player_find_kill(player, when, false, &when, &err), 0);
    assert_int_equal(when, 0);
    assert_int_equal(player_find_kill(player, UINT64_MAX, true, &when, &err), 0);
    assert_int_equal(when, START + 2 * SECOND);
    player_close(player);
}

static void test_keep(void **state)
{
    struct recorder *recorder = open_recorder(&(struct recorder_limits){.keep_ms = 100000});
    struct err err = {0};
    uint64_t first, last;
    (void)state;
    for (uint64_t n = 1; n <= 600; n++)
        write_one(recorder, n, 2, NULL);
    recorder_close(recorder);
    struct player *player = open_player();
    assert_int_equal(player_span(player, &first, &last, &err), 0);
    assert_int_equal(last, START + 600 * SECOND);
    assert_in_range(first, START + 400 * SECOND, START + 500 * SECOND); /* 100 s, and what hangs together */
    assert_at(player, 0, (first - START) / SECOND);
    player_close(player);
}

static void test_max_size(void **state)
{
    struct recorder *recorder = open_recorder(&(struct recorder_limits){.max_bytes = 5 << 20});
    struct err err = {0};
    struct stat st;
    uint64_t first, last;
    (void)state;
    for (uint64_t n = 1; n <= 900; n++)
        write_one(recorder, n, 400, NULL);
    recorder_close(recorder);
    assert_int_equal(stat(path, &st), 0);
    assert_in_range(st.st_size, 1, 5 << 20);
    struct player *player = open_player();
    assert_int_equal(player_span(player, &first, &last, &err), 0);
    assert_in_range(first, START + 2 * SECOND, last - 60 * SECOND);
    assert_at(player, last, 900);
    player_close(player);
}

static void sql(const char *text)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* ---- what older versions wrote ---- */

/* Three samples and a kill, as make() and boxtop made them then: byte for byte what those versions wrote. */
static const struct old {
    int version;
    const char *evidence, *fields; /* columns of event, and fields of a sample, that came after version 1 */
    const char *data[3];
} olds[] = {
    {1,
     "",
     "",
     {"28B52FFD60D001A5020064030300018094EBDC038094938EE79FE7CB170001010103000100022F01FF0F0002010301FFFF1F00"
      "F87F00"
      "0201036731040302036732060B004B4005D894099489CDF68815B2A00D20102062E009183C118401",
      "28B52FFD2049950100B40202000280A8D6B90780A8FEEAEA9FE7CB1700010101030200000300060002010003000C0002020003"
      "0012000100"
      "441006",
      "28B52FFD602800A50200040402000380BCC1960B80BCE9C7EE9FE7CB17000101010402000003000A0002010003001400020200"
      "03001E0000"
      "040303673301FF0F0048010301FFFF1F00F87F000700871502A00D20102062E049C0F088200C"}},
    {2,
     ", evidence TEXT",
     " local_oom swap_events_high swap_events_max swap_events_fail",
     {"28B52FFD60DF01A5020064030300018094EBDC038094938EE79FE7CB170001010103000100022F01FF010002010301FFFF1F00"
      "F87F00"
      "0201036731040302036732060B004F400530140A949D8DF18815B2A00D2010E060E009C83C118401",
      "28B52FFD2049950100B40202000280A8D6B90780A8FEEAEA9FE7CB1700010101030200000300060002010003000C0002020003"
      "0012000100"
      "441006",
      "28B52FFD602D00A50200040402000380BCC1960B80BCE9C7EE9FE7CB17000101010402000003000A0002010003001400020200"
      "03001E0000"
      "040303673301FF010048010301FFFF1F00F87F000700871502A00D2010E060E04940F688200C"}},
};

#define OLD_TABLES                                                                                           \
    "PRAGMA journal_mode = WAL; PRAGMA application_id = 1651472500; PRAGMA user_version = %d;"               \
    "CREATE TABLE layout (id INTEGER PRIMARY KEY, fields TEXT NOT NULL UNIQUE);"                             \
    "CREATE TABLE sample (id INTEGER PRIMARY KEY, wall_ns INTEGER NOT NULL, key INTEGER NOT NULL,"           \
    " layout INTEGER NOT NULL REFERENCES layout, cgroups INTEGER NOT NULL, data BLOB NOT NULL);"             \
    "CREATE INDEX sample_wall ON sample (wall_ns);"                                                          \
    "CREATE TABLE event (id INTEGER PRIMARY KEY, wall_ns INTEGER NOT NULL, event TEXT NOT NULL, cgroup "     \
    "TEXT,"                                                                                                  \
    " cgroup_id INTEGER, value INTEGER, total INTEGER, memory_current INTEGER, memory_max INTEGER, file "    \
    "TEXT,"                                                                                                  \
    " text TEXT%s);"                                                                                         \
    "CREATE INDEX event_wall ON event (wall_ns);"                                                            \
    "CREATE INDEX event_kind ON event (event, wall_ns);"
#define OLD_FIELDS                                                                                           \
    "time_ns usage_usec user_usec system_usec nr_periods nr_throttled throttled_usec nice_usec nr_bursts "   \
    "burst_usec "                                                                                            \
    "cpu_quota_usec cpu_period_usec cpu_burst_usec cpu_weight cpu_idle io_weight memory_current "            \
    "memory_peak "                                                                                           \
    "memory_min memory_low memory_high memory_max swap_current swap_high swap_max oom_group events_low "     \
    "events_high "                                                                                           \
    "events_max events_oom events_oom_kill events_oom_group_kill local_oom_kill local_high local_max%s "     \
    "pids_current "                                                                                          \
    "pids_max pids_events_max local_pids_max cpu_some_usec cpu_full_usec memory_some_usec memory_full_usec " \
    "io_some_usec io_full_usec cpu_some_avg10 memory_some_avg10 io_some_avg10 cpu_full_avg10 "               \
    "memory_full_avg10 "                                                                                     \
    "io_full_avg10 populated frozen;cpu_percent user_percent system_percent throttled_periods_percent "      \
    "throttled_cpus stalled_percent memory_bytes_per_s swap_bytes_per_s quota_percent bursts_per_s "         \
    "cpu_some_percent memory_some_percent memory_full_percent io_some_percent io_full_percent "              \
    "oom_kill_per_s "                                                                                        \
    "max_per_s high_per_s pids_max_per_s"

static void make_old(const struct old *old)
{
    cleanup_free char *tables = mem_printf(OLD_TABLES, old->version, old->evidence);
    cleanup_free char *layout =
        mem_printf("INSERT INTO layout (fields) VALUES ('" OLD_FIELDS "')", old->fields);
    sql(tables);
    sql(layout);
    for (int n = 1; n <= 3; n++) {
        cleanup_free char *sample = mem_printf("INSERT INTO sample VALUES (%d, %llu, %d, 1, %d, x'%s')", n,
                                               (unsigned long long)(START + (uint64_t)n * SECOND), n > 1,
                                               n == 3 ? 4 : 3, old->data[n - 1]);
        sql(sample);
    }
    sql("INSERT INTO event (wall_ns, event, cgroup, cgroup_id, value, total, memory_current, memory_max) "
        "VALUES (1700000002000000000, 'oom_kill', '/g1', 2, 1, 7, 4096, 'max')");
}

static int version_of_file(void)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int version = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return version;
}

/* What was in it from the start, and a kill with evidence if `later` was written, too. */
static void assert_old(bool later)
{
    struct player *player = open_player();
    struct event *list;
    struct err err = {0};
    for (uint64_t n = 1; n <= 3; n++)
        assert_at(player, START + n * SECOND, n);
    assert_at(player, START + 1 * SECOND, 1); /* and back */
    if (player_events(player, 0, UINT64_MAX, PAST_ALL_KINDS, 10, &list, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(list->total, 7);
    assert_int_equal(list->memory_max, VALUE_MAX);
    assert_null(list->oom);
    if (later) {
        assert_at(player, UINT64_MAX, 4);
        assert_non_null(list->next->oom);
        assert_int_equal(list->next->oom->victims[0].pid, 4711);
    } else {
        assert_null(list->next);
    }
    event_free_list(list);
    player_close(player);
}

/* It is read as it is; when it is written to it becomes ours, and has what ours have. */
static void test_old_versions(void **state)
{
    struct oom oom;
    (void)state;
    oom_unknown(&oom);
    oom.victim_count = 1;
    oom.victims[0] = (struct oom_victim){.pid = 4711, .comm = "victim"};
    struct event kill = {
        .wall_ns = START + 4 * SECOND, .kind = EVENT_OOM_KILL, .cgroup = "/g2", .value = 1, .oom = &oom};
    for (size_t i = 0; i < COUNT_OF(olds); i++) {
        make_old(&olds[i]);
        assert_old(false);
        assert_int_equal(version_of_file(), olds[i].version);
        struct recorder *recorder = open_recorder(&(struct recorder_limits){0});
        write_one(recorder, 4, 4, &kill);
        recorder_close(recorder);
        assert_int_equal(version_of_file(), FORMAT_VERSION);
        assert_old(true);
        tear_down(NULL);
    }
}

/* Nobody writes into what a newer boxtop made. */
static void test_newer_version(void **state)
{
    struct recorder *recorder = open_recorder(&(struct recorder_limits){0});
    struct player *player;
    struct err err = {0};
    (void)state;
    write_one(recorder, 1, 2, NULL);
    recorder_close(recorder);
    assert_int_equal(version_of_file(), FORMAT_VERSION);
    sql("PRAGMA user_version = 99");
    cleanup_free char *text =
        mem_printf("read %s: it is a recording of version 99, by a newer boxtop; this one knows 1 to %d",
                   path, FORMAT_VERSION);
    assert_int_equal(player_open(path, &player, &err), -EINVAL);
    assert_string_equal(err.text, text);
    assert_int_equal(recorder_open(path, &(struct recorder_limits){0}, &recorder, &err), -EINVAL);
    assert_string_equal(err.text, text);
    assert_int_equal(version_of_file(), 99);
}

/* Databases that are none, none of ours, or ours no longer: a line, and no more. */
static void test_hostile(void **state)
{
    static const struct {
        const char *sql, *text;
    } table[] = {
        {"PRAGMA user_version = 99", "it is a recording of version 99"},
        {"PRAGMA application_id = 1", "it is no recording of boxtop's"},
        {"PRAGMA user_version = 0", "it is no recording of boxtop's"},
        {"DELETE FROM sample", "there is no sample in it"},
        {"UPDATE sample SET data = x'00' WHERE id = 2", "sample 2: it is damaged"},
        {"UPDATE sample SET data = zeroblob(1000) WHERE id = 1", "sample 1: it is damaged"},
        {"UPDATE sample SET layout = 77 WHERE id = 3", "sample 3: it is damaged"},
        {"UPDATE sample SET key = 0 WHERE id = 3", "sample 3: "},
        {"UPDATE sample SET key = 3 WHERE id = 3", "sample 3: "},
        {"UPDATE layout SET fields = 'x'", "not a list of fields"},
        {"DROP TABLE sample", "no such table: sample"},
        {"DROP TABLE layout", "no such table: layout"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct recorder *recorder = open_recorder(&(struct recorder_limits){0});
        for (uint64_t n = 1; n <= 3; n++)
            write_one(recorder, n, 3, NULL);
        recorder_close(recorder);
        sql(table[i].sql);
        struct player *player = NULL;
        const struct snapshot *got;
        struct err err = {0};
        int rc = player_open(path, &player, &err);
        if (rc == 0)
            rc = player_at(player, UINT64_MAX, &got, &err);
        assert_in_range(-rc, 1, 200);
        if (!strstr(err.text, table[i].text))
            fail_msg("'%s' is not in '%s'", table[i].text, err.text);
        player_close(player);
        tear_down(NULL);
    }
    struct player *player;
    struct err err;
    FILE *file = fopen(path, "w");
    fputs("this is text, and long enough to be read as a header of a database: ............................",
          file);
    fclose(file);
    assert_int_equal(player_open(path, &player, &err), -EBADMSG);
    assert_int_equal(player_open("/nowhere/at/all", &player, &err), -EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_writer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_events, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_max_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_old_versions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_newer_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile, set_up, tear_down),
    };
    if (!mkdtemp(directory))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(directory);
    return failed;
}
