/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counters and lines of the log become events: each kill that is counted is told once, whatever was said of
 * it.
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
#include "monitor/oomjoin.h"

#define MS 1000000ull

struct world {
    struct eventq queue;
    struct oomjoin join;
    uint64_t now_ns;
};

static struct world world;

static void start(bool listens, bool adopts)
{
    oomjoin_fini(&world.join);
    eventq_fini(&world.queue);
    eventq_init(&world.queue, 1000);
    oomjoin_init(&world.join, &world.queue, listens, adopts);
    world.now_ns = 1000 * MS;
}

static int setup(void **state)
{
    (void)state;
    eventq_init(&world.queue, 1);
    oomjoin_init(&world.join, &world.queue, true, true);
    start(true, true);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    oomjoin_fini(&world.join);
    eventq_fini(&world.queue);
    return 0;
}

static void line(uint64_t incident, uint64_t pid, const char *cgroup, const char *scope)
{
    struct oom_line l = {0};
    oom_unknown(&l.oom);
    l.oom.incident = incident;
    l.oom.source = OOM_SOURCE_LINE;
    l.oom.victims[0].pid = pid;
    l.oom.victim_count = 1;
    l.oom.group = scope[0] != '\0';
    str_copy(l.cgroup, sizeof l.cgroup, cgroup);
    str_copy(l.scope, sizeof l.scope, scope);
    oomjoin_line(&world.join, &l, world.now_ns);
}

static void count(const char *cgroup, uint64_t value, uint64_t total, unsigned flags)
{
    struct event event = {
        .kind = EVENT_OOM_KILL, .value = value, .total = total, .oom = mem_alloc(sizeof *event.oom)};
    oom_unknown(event.oom);
    str_copy(event.cgroup, sizeof event.cgroup, cgroup);
    oomjoin_count(&world.join, &event, flags, world.now_ns);
}

static void pass(uint64_t ms)
{
    world.now_ns += ms * MS;
    oomjoin_settle(&world.join, world.now_ns);
}

static void other(void)
{
    eventq_put(&world.queue, &(struct event){.kind = EVENT_EXITED, .cgroup = "/o"});
}

/* "KIND CGROUP VALUE/TOTAL SOURCE PID,PID" of each event since. */
static void assert_told(const char *expected)
{
    struct str got = {0};
    struct event *list = eventq_take(&world.queue);
    for (const struct event *e = list; e; e = e->next) {
        str_addf(&got, "%s%s %s", got.len ? "; " : "", event_name(e->kind), e->cgroup);
        if (e->oom)
            str_addf(&got, " %u/%u %s", (unsigned)e->value, (unsigned)e->total,
                     oom_source_name(e->oom->source));
        for (size_t i = 0; e->oom && i < e->oom->victim_count && i < OOM_VICTIMS; i++)
            str_addf(&got, "%s%u", i ? "," : " ", (unsigned)e->oom->victims[i].pid);
        if (e->oom && e->oom->victim_cgroup[0])
            str_addf(&got, " in %s", e->oom->victim_cgroup);
    }
    event_free_list(list);
    assert_string_equal(str_text(&got), expected);
    str_free(&got);
}

static void test_line_first(void **state)
{
    (void)state;
    line(1, 7, "/a", "");
    assert_told("");
    count("/a", 1, 1, 0);
    assert_told("oom_kill /a 1/1 line 7");
    line(2, 8, "/a", "");
    line(3, 9, "/b", "");
    line(4, 10, "/a", "");
    count("/b", 1, 1, 0);
    count("/a", 2, 3, 0);
    assert_told("oom_kill /b 1/1 line 9; oom_kill /a 1/2 line 8; oom_kill /a 1/3 line 10");
}

/* What comes after it waits as well: a group's events stay in order. */
static void test_count_first(void **state)
{
    (void)state;
    count("/a", 2, 5, 0);
    other();
    assert_told("");
    line(1, 7, "/a", "");
    assert_told("");
    line(2, 8, "/a", "");
    assert_told("oom_kill /a 1/4 line 7; oom_kill /a 1/5 line 8; exited /o");
}

static void test_silence(void **state)
{
    (void)state;
    count("/a", 3, 3, 0);
    line(1, 7, "/a", "");
    pass(49);
    assert_told("");
    pass(2);
    assert_told("oom_kill /a 1/1 line 7; oom_kill /a 2/3 unheard");
    assert_int_equal(oomjoin_settle(&world.join, world.now_ns), -1);
    oomjoin_overrun(&world.join, world.now_ns);
    count("/a", 1, 4, 0);
    pass(60);
    assert_told("oom_kill /a 1/4 overrun");
    start(false, true);
    count("/a", 2, 2, OOMJOIN_GROUP);
    assert_told("oom_kill /a 2/2 no-right");
}

/* The first is counted twice, and told of twice: one victim. */
static void test_group(void **state)
{
    (void)state;
    line(1, 7, "/a/x", "");
    count("/a/x", 1, 1, OOMJOIN_GROUP);
    line(1, 8, "", "/a");
    line(1, 9, "", "/a");
    pass(20);
    count("/a/x", 3, 4, OOMJOIN_GROUP);
    other();
    assert_told("");
    line(1, 7, "", "/a");
    pass(29);
    assert_told("");
    pass(2);
    assert_told("oom_kill /a/x 4/4 line 7,8,9; exited /o");
    /* nobody waits for ever */
    for (int i = 0; i < 30; i++) {
        line(2, 100 + i, "/a/x", "");
        count("/a/x", 1, 5 + i, OOMJOIN_GROUP);
        pass(10);
    }
    struct event *list = eventq_take(&world.queue);
    assert_non_null(list);
    assert_true(list->value < 30);
    event_free_list(list);
}

/* The group is gone, or was never seen: the line knows better than the guess. */
static void test_guessed(void **state)
{
    (void)state;
    line(1, 7, "/a/gone", "");
    count("/a", 1, 1, 0); /* counted here for sure: it is another */
    pass(60);
    assert_told("oom_kill /a 1/1 unheard");
    count("/a", 1, 2, OOMJOIN_GUESSED);
    assert_told("oom_kill /a/gone 1/2 line 7");
    start(true, false);
    line(1, 7, "/docker/x", "");
    count("/", 1, 1, OOMJOIN_GUESSED);
    assert_told("oom_kill / 1/1 line 7 in /docker/x");
}

/* Lines that say nothing of their group: only if there is no doubt. */
static void test_by_count(void **state)
{
    (void)state;
    line(1, 7, "", "");
    count("/a", 1, 1, 0);
    assert_told("");
    pass(60);
    assert_told("oom_kill /a 1/1 line 7");
    line(2, 8, "", "");
    line(3, 9, "", "");
    count("/a", 1, 2, 0);
    count("/b", 1, 1, 0);
    pass(60);
    assert_told("oom_kill /a 1/2 unheard; oom_kill /b 1/1 unheard");
}

/* Whatever happens, the sum is that of the counters. */
static void test_sum(void **state)
{
    (void)state;
    uint64_t counted = 0, told = 0;
    char path[16];
    srand(1);
    for (int i = 0; i < 20000; i++) {
        snprintf(path, sizeof path, "/g%d", rand() % 5);
        int what = rand() % 8;
        if (what < 3) {
            line((uint64_t)(i / 3), (uint64_t)i, what ? path : "", what == 2 ? path : "");
        } else if (what < 6) {
            uint64_t value = (uint64_t)(1 + rand() % 3);
            counted += value;
            count(path, value, counted, (unsigned)(rand() % 4));
        } else if (what == 6) {
            pass((uint64_t)(rand() % 40));
        } else {
            other();
        }
        struct event *list = i % 64 ? NULL : eventq_take(&world.queue);
        for (const struct event *e = list; e; e = e->next)
            told += e->value;
        event_free_list(list);
    }
    pass(300);
    struct event *list = eventq_take(&world.queue);
    for (const struct event *e = list; e; e = e->next)
        told += e->value;
    event_free_list(list);
    assert_int_equal(told, counted);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_line_first), TEST(test_count_first), TEST(test_silence), TEST(test_group),
        TEST(test_guessed),    TEST(test_by_count),    TEST(test_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
