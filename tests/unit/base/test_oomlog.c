/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's log to kills: recorded texts, and what whoever may name a command or a group can do to them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "base/oomlog.h"

#define MIB (1024 * 1024)

/* Feeds text, a record a line; what was killed is kept. */
struct killed {
    struct oomlog log;
    struct oom_line lines[32];
    size_t count;
};

static void feed(struct killed *k, const char *record)
{
    struct oom_line line;
    char exact[OOMLOG_TEXT];
    size_t len = strlen(record);
    memcpy(exact, record, len); /* not terminated, as read(2) gives it */
    memset(exact + len, '9', sizeof exact - len);
    if (oomlog_feed(&k->log, exact, len, &line) && k->count < COUNT_OF(k->lines))
        k->lines[k->count++] = line;
}

static struct killed *start(void)
{
    static struct killed k;
    k.count = 0;
    oomlog_init(&k.log);
    return &k;
}

static struct killed *feed_file(const char *name)
{
    char line[OOMLOG_TEXT];
    cleanup_free char *path = mem_printf("%s/kmsg/%s", FIXTURES, name);
    cleanup_file FILE *file = fopen(path, "re");
    struct killed *k = start();
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        feed(k, line);
    }
    assert_true(k->count > 0);
    return k;
}

static void test_own(void **state)
{
    (void)state;
    static const char *const files[] = {"own-6.1", "own-6.12"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        const struct killed *k = feed_file(files[i]);
        const struct oom_line *l = &k->lines[0];
        assert_int_equal(k->count, 1);
        assert_int_equal(l->oom.source, OOM_SOURCE_REPORT);
        assert_int_equal(l->oom.limit, OOM_LIMIT_GROUP);
        assert_string_equal(l->oom.limit_cgroup, "/own");
        assert_string_equal(l->cgroup, "/own");
        assert_string_equal(l->oom.invoker, "hog");
        assert_int_equal(l->oom.usage_bytes, 40 * MIB);
        assert_int_equal(l->oom.limit_bytes, 40 * MIB);
        assert_int_equal(l->oom.swap_bytes, 0);
        assert_int_equal(l->oom.filling.anon, 41787392);
        assert_int_equal(l->oom.filling.file, 8192);
        assert_int_equal(l->oom.filling.kernel, 147456);
        assert_int_equal(l->oom.filling.shmem, 0);
        assert_int_equal(l->oom.victims[0].pid, 143);
        assert_int_equal(l->oom.victims[0].uid, 0);
        assert_string_equal(l->oom.victims[0].comm, "hog");
        assert_int_equal(l->oom.victims[0].vm_bytes, 103388 * 1024);
        assert_int_equal(l->oom.victims[0].anon_bytes, 40788 * 1024);
        assert_int_equal(l->oom.victims[0].file_bytes, 4 * 1024);
        assert_int_equal(oom_rss(&l->oom.victims[0]), 40792 * 1024);
        assert_int_equal(l->oom.victims[0].score_adj, 0);
        assert_false(l->oom.group);
        assert_int_equal(k->log.lost, 0);
    }
}

static void test_ancestor(void **state)
{
    (void)state;
    const struct killed *k = feed_file("ancestor-6.1");
    assert_int_equal(k->count, 1);
    assert_string_equal(k->lines[0].oom.limit_cgroup, "/anc");
    assert_string_equal(k->lines[0].cgroup, "/anc/x");
}

/* The first one is told of twice, as it is counted twice. */
static void test_group(void **state)
{
    (void)state;
    static const unsigned pids[] = {150, 147, 148, 149, 150};
    const struct killed *k = feed_file("group-6.1");
    assert_int_equal(k->count, COUNT_OF(pids));
    for (size_t i = 0; i < COUNT_OF(pids); i++) {
        assert_int_equal(k->lines[i].oom.victims[0].pid, pids[i]);
        assert_int_equal(k->lines[i].oom.incident, k->lines[0].oom.incident);
        assert_int_equal(k->lines[i].oom.group, i > 0);
        assert_string_equal(k->lines[i].cgroup, i ? "" : "/grp");
        assert_string_equal(k->lines[i].scope, i ? "/grp" : "");
        assert_string_equal(k->lines[i].oom.limit_cgroup, "/grp");
        assert_string_equal(k->lines[i].oom.invoker, "sleep");
    }
}

static void test_hostile(void **state)
{
    (void)state;
    const struct killed *k = feed_file("hostile-6.1");
    assert_int_equal(k->count, 1);
    assert_string_equal(k->lines[0].oom.victims[0].comm, "h,x=1)y\\z \xc3\xa9");
    assert_string_equal(k->lines[0].cgroup, "/own");
    k = feed_file("hostile-path-6.1");
    assert_int_equal(k->count, 1);
    assert_string_equal(k->lines[0].oom.victims[0].comm, "a\nb task=,pid");
    assert_string_equal(k->lines[0].cgroup, "/own (x),task=q,pid=1,uid=2");
    assert_string_equal(k->lines[0].oom.limit_cgroup, "/own (x),task=q,pid=1,uid=2");
    assert_int_equal(k->lines[0].oom.victims[0].pid, 155);
}

/* Who lowers the limit invokes the killer. */
static void test_lowered(void **state)
{
    (void)state;
    const struct killed *k = feed_file("lowered-6.1");
    assert_int_equal(k->count, 1);
    assert_string_equal(k->lines[0].oom.invoker, "turner");
    assert_string_equal(k->lines[0].oom.victims[0].comm, "hog");
    assert_int_equal(k->lines[0].oom.limit_bytes, 20 * MIB);
    assert_true(k->lines[0].oom.usage_bytes > 60 * MIB);
}

static void test_global(void **state)
{
    (void)state;
    const struct killed *k = feed_file("global-6.1");
    assert_int_equal(k->count, 1);
    assert_int_equal(k->lines[0].oom.limit, OOM_LIMIT_MACHINE);
    assert_string_equal(k->lines[0].oom.limit_cgroup, "");
    assert_string_equal(k->lines[0].cgroup, "/glob");
    assert_int_equal(k->lines[0].oom.usage_bytes, VALUE_ABSENT);
    assert_int_equal(k->lines[0].oom.filling.anon, VALUE_ABSENT);
}

/* 25 kills, 22 reports: those without one are no part of the one before. */
static void test_limited(void **state)
{
    (void)state;
    const struct killed *k = feed_file("limited-6.1");
    size_t reports = 0;
    assert_int_equal(k->count, 25);
    for (size_t i = 0; i < k->count; i++) {
        bool report = k->lines[i].oom.source == OOM_SOURCE_REPORT;
        reports += report;
        assert_string_equal(k->lines[i].cgroup, report ? "/many" : "");
        assert_int_equal(k->lines[i].oom.limit, report ? OOM_LIMIT_GROUP : OOM_LIMIT_UNKNOWN);
        assert_true(i == 0 || k->lines[i].oom.incident != k->lines[i - 1].oom.incident);
    }
    assert_int_equal(reports, 22);
}

#define KILL(pid, comm)                                                                                      \
    "Memory cgroup out of memory: Killed process " pid " (" comm ") total-vm:8kB, anon-rss:4kB, "            \
    "file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:0kB oom_score_adj:-500"
#define VERDICT(paths, comm, pid)                                                                            \
    "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0," paths ",task=" comm      \
    ",pid=" pid ",uid=0"
#define INVOKED "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"

static void test_odd(void **state)
{
    (void)state;
    static const struct {
        const char *records[6];
        const char *cgroup, *comm; /* of the last kill; NULL: there is none */
        const char *limit;
    } cases[] = {
        /* not the kernel's: whoever writes to /dev/kmsg has a facility */
        {{"12,1,1,-;" KILL("7", "x")}, NULL, NULL, NULL},
        {{"3,1,1,-;" KILL("7", "x")}, "", "x", ""},
        /* records that are none, and lines that are not whole */
        {{
             "",
             "x",
             ";",
             ",;",
             "3,;",
             "3,1;" KILL("7", "x"),
         },
         NULL,
         NULL,
         NULL},
        {{"3,1,1,-;Memory cgroup out of memory: Killed process 7"}, NULL, NULL, NULL},
        {{"3,1,1,-;Memory cgroup out of memory: Killed process x (y) total-vm:1kB"}, NULL, NULL, NULL},
        {{"3,1,1,-;Memory cgroup out of memory: Killed process 99999999999999999999999 (y) total-vm:1kB"},
         NULL,
         NULL,
         NULL},
        {{"3,1,1,-;a" KILL("7", "x")}, NULL, NULL, NULL},
        {{
             "3,1,1,-;" KILL("7", "x) total-vm:9kB, (y"),
         },
         "",
         "x) total-vm:9kB",
         ""},
        {{"3,1,1,-;" KILL("7", "")}, "", "", ""},
        {{"3,1,1,-;" KILL("7", "x") "\n SUBSYSTEM=x"}, "", "x", ""},
        /* a name beyond what the kernel has is cut */
        {{"3,1,1,-;" KILL("7", "0123456789abcdefXYZ")}, "", "0123456789abcde", ""},
        /* an escape that is none */
        {{"3,1,1,-;" KILL("7", "a\\xZZ\\x4")}, "", "a\\xZZ\\x4", ""},
        {{"3,1,1,-;" KILL("7", "a\\x00b")}, "", "a?b", ""},
        /* a report of somebody else's */
        {{"4,1,1,-;" INVOKED, "6,2,1,-;" VERDICT("oom_memcg=/a,task_memcg=/a/b", "x", "8"),
          "3,3,1,-;" KILL("7", "x")},
         "",
         "x",
         ""},
        {{"4,1,1,-;" INVOKED, "6,2,1,-;" VERDICT("oom_memcg=/a,task_memcg=/a/b", "x", "7"),
          "3,3,1,-;" KILL("7", "x")},
         "/a/b",
         "x",
         "/a"},
        /* a victim that is not below the limit: some name lies */
        {{"4,1,1,-;" INVOKED, "6,2,1,-;" VERDICT("oom_memcg=/a,task_memcg=/b", "x", "7"),
          "3,3,1,-;" KILL("7", "x")},
         "",
         "x",
         ""},
        {{"4,1,1,-;" INVOKED, "6,2,1,-;Memory cgroup stats for /a,task_memcg=/a:",
          "6,3,1,-;" VERDICT("oom_memcg=/a,task_memcg=/a,task_memcg=/a,task_memcg=/a/c", "x", "7"),
          "3,4,1,-;" KILL("7", "x")},
         "/a,task_memcg=/a/c",
         "x",
         "/a,task_memcg=/a"},
        /* a command that ends as the line does */
        {{"4,1,1,-;" INVOKED, "6,2,1,-;" VERDICT("oom_memcg=/a,task_memcg=/a", "x,pid=1,uid=1", "7"),
          "3,3,1,-;" KILL("7", "x,pid=1,uid=1")},
         "/a",
         "x,pid=1,uid=1",
         "/a"},
        /* a command that changed its name in between */
        {{"4,1,1,-;" INVOKED, "6,2,1,-;" VERDICT("oom_memcg=/a,task_memcg=/a", "old", "7"),
          "3,3,1,-;" KILL("7", "new")},
         "/a",
         "new",
         "/a"},
        /* torn apart by other CPUs' lines */
        {{"4,1,1,-;" INVOKED, "6,2,1,c;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)",
          "6,3,1,-;eth0: link up",
          "6,4,1,c;,cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=x,pid=7,uid=0",
          "3,5,1,-;" KILL("7", "x")},
         "/a",
         "x",
         "/a"},
        /* records were lost in the middle of the report */
        {{"4,1,1,-;" INVOKED, "6,9,1,-;" VERDICT("oom_memcg=/a,task_memcg=/a", "x", "7"),
          "3,10,1,-;" KILL("7", "x")},
         "",
         "x",
         ""},
        {{"3,1,1,-;Out of memory (oom_kill_allocating_task): Killed process 7 (x) total-vm:8kB"},
         "",
         "x",
         ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct killed *k = start();
        for (size_t r = 0; r < COUNT_OF(cases[i].records) && cases[i].records[r]; r++)
            feed(k, cases[i].records[r]);
        assert_int_equal(k->count, cases[i].comm != NULL);
        if (!k->count)
            continue;
        assert_string_equal(k->lines[0].cgroup, cases[i].cgroup);
        assert_string_equal(k->lines[0].oom.victims[0].comm, cases[i].comm);
        assert_string_equal(k->lines[0].oom.limit_cgroup, cases[i].limit);
        assert_int_equal(k->lines[0].oom.victims[0].pid, 7);
    }
}

static void test_figures(void **state)
{
    (void)state;
    struct killed *k = start();
    feed(k, "3,1,1,-;" KILL("7", "x"));
    assert_int_equal(k->lines[0].oom.victims[0].score_adj, -500);
    assert_int_equal(k->lines[0].oom.victims[0].uid, 1000);
    k = start();
    feed(k, "3,1,1,-;Out of memory: Killed process 7 (x) total-vm:99999999999999999999kB, "
            "anon-rss:18014398509481984kB");
    assert_int_equal(k->count, 1);
    assert_int_equal(k->lines[0].oom.limit, OOM_LIMIT_MACHINE);
    assert_int_equal(k->lines[0].oom.victims[0].vm_bytes, VALUE_ABSENT);
    assert_int_equal(k->lines[0].oom.victims[0].anon_bytes, VALUE_ABSENT);
    assert_int_equal(oom_rss(&k->lines[0].oom.victims[0]), VALUE_ABSENT);
    assert_int_equal(k->lines[0].oom.victims[0].score_adj, INT32_MIN);
    assert_int_equal(k->lines[0].oom.victims[0].uid, VALUE_ABSENT);
}

static void test_lost(void **state)
{
    (void)state;
    struct killed *k = start();
    feed(k, "6,10,1,-;x");
    feed(k, "6,11,1,-;x");
    assert_int_equal(k->log.lost, 0);
    feed(k, "6,15,1,-;x");
    assert_int_equal(k->log.lost, 3);
    feed(k, "6,14,1,-;x"); /* back: nothing is lost */
    feed(k, "6,15,1,-;x");
    assert_int_equal(k->log.lost, 3);
}

/* With more tasks than are remembered, all that follow belong to it. */
static void test_many_tasks(void **state)
{
    (void)state;
    char record[200];
    struct killed *k = start();
    feed(k, "4,1,1,-;" INVOKED);
    for (int i = 0; i < OOMLOG_PIDS + 5; i++) {
        snprintf(record, sizeof record,
                 "6,%d,1,-;[%7d]     0   143    25847    10198   122880        0             0 hog", i + 2,
                 1000 + i);
        feed(k, record);
    }
    feed(k, "6,1031,1,-;" VERDICT("oom_memcg=/a,task_memcg=/a", "x", "7"));
    feed(k, "3,1032,1,-;" KILL("7", "x"));
    feed(k, "6,1033,1,-;Tasks in /a are going to be killed due to memory.oom.group set");
    feed(k, "3,1034,1,-;" KILL("2028", "x"));
    assert_int_equal(k->count, 2);
    assert_int_equal(k->lines[0].oom.incident, k->lines[1].oom.incident);
    /* and with those that were listed, one that was not does not */
    k = start();
    feed(k, "4,1,1,-;" INVOKED);
    feed(k, "6,2,1,-;[      7]     0   143    25847    10198   122880        0             0 hog");
    feed(k, "6,3,1,-;" VERDICT("oom_memcg=/a,task_memcg=/a", "x", "7"));
    feed(k, "3,4,1,-;" KILL("7", "x"));
    feed(k, "6,5,1,-;Tasks in /a are going to be killed due to memory.oom.group set");
    feed(k, "3,6,1,-;" KILL("2028", "x"));
    assert_int_equal(k->count, 2);
    assert_true(k->lines[0].oom.incident != k->lines[1].oom.incident);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own),     cmocka_unit_test(test_ancestor),   cmocka_unit_test(test_group),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_lowered),    cmocka_unit_test(test_global),
        cmocka_unit_test(test_limited), cmocka_unit_test(test_odd),        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_lost),    cmocka_unit_test(test_many_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
