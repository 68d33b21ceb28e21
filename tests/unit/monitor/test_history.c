/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "monitor/history.h"

#define SECOND 1000000000u

static void tell(struct history *history, enum event_kind kind, uint64_t wall_ns, const char *cgroup)
{
    struct event event = {.serial = wall_ns, .kind = kind, .wall_ns = wall_ns, .value = 7, .cgroup_id = 5};
    str_copy(event.cgroup, sizeof event.cgroup, cgroup);
    str_copy(event.file, sizeof event.file, "memory.max");
    str_copy(event.text, sizeof event.text, "max");
    history_events(history, &event);
}

static size_t count_of(struct history *history, uint64_t after, uint64_t until, int kind, unsigned most,
                       uint64_t *ret_first)
{
    struct event *list;
    struct err err;
    size_t count = 0;
    assert_int_equal(history_past.events(history, after, until, kind, most, &list, &err), 0);
    *ret_first = list ? list->wall_ns : 0;
    for (const struct event *event = list; event; event = event->next) {
        assert_true(!event->next || event->next->wall_ns > event->wall_ns);
        assert_string_equal(event->file, "memory.max");
        assert_string_equal(event->text, "max");
        assert_int_equal(event->value, 7);
        count++;
    }
    event_free_list(list);
    return count;
}

static void test_events(void **state)
{
    struct history *history = history_new(16 << 20);
    uint64_t first, ns;
    struct err err;
    (void)state;
    assert_int_equal(count_of(history, 0, UINT64_MAX, PAST_ALL_KINDS, 10, &first), 0);
    for (uint64_t i = 1; i <= 100; i++)
        tell(history, i % 10 ? EVENT_SET : EVENT_OOM_KILL, i, "/a");
    assert_int_equal(count_of(history, 20, 30, PAST_ALL_KINDS, 100, &first), 10);
    assert_int_equal(first, 21);
    assert_int_equal(count_of(history, 0, 100, PAST_ALL_KINDS, 7, &first), 7);
    assert_int_equal(first, 94);
    assert_int_equal(count_of(history, 0, 55, EVENT_OOM_KILL, 100, &first), 5);
    assert_int_equal(history_past.find_kill(history, 30, false, &ns, &err), 0);
    assert_int_equal(ns, 40);
    assert_int_equal(history_past.find_kill(history, 30, true, &ns, &err), 0);
    assert_int_equal(ns, 20);
    assert_int_equal(history_past.find_kill(history, 10, true, &ns, &err), 0);
    assert_int_equal(ns, 0);
    history_free(history);
}

/* A storm of them does not take the place of samples: the oldest go. */
static void test_budget(void **state)
{
    struct history *history = history_new(1 << 20);
    uint64_t first;
    (void)state;
    for (uint64_t i = 1; i <= 20000; i++)
        tell(history, EVENT_MAX, i, "/a/rather/long/path/of/a/cgroup");
    assert_in_range(history_bytes(history), 1, (1 << 20) / 16);
    assert_in_range(count_of(history, 0, UINT64_MAX, PAST_ALL_KINDS, 20000, &first), 200, 1000);
    assert_int_equal(count_of(history, 19990, UINT64_MAX, PAST_ALL_KINDS, 20000, &first), 10);
    history_free(history);
    history_free(NULL);
}

static void test_samples(void **state)
{
    struct history *history = history_new(1 << 20);
    const struct snapshot *got;
    uint64_t first, last;
    struct err err;
    (void)state;
    assert_int_equal(history_past.at(history, 5, &got, &err), -ENOENT);
    assert_int_equal(history_past.span(history, &first, &last, &err), -ENOENT);
    for (uint64_t n = 1; n <= 200; n++) { /* the clock is put back once */
        struct snapshot *snapshot = mem_alloc(sizeof *snapshot);
        snapshot->sample_serial = n;
        snapshot->wall_ns = (n > 100 ? n + 900 : n + 1000) * SECOND;
        history_sample(history, snapshot);
        snapshot_free(snapshot);
    }
    assert_int_equal(history_past.at(history, 1050 * (uint64_t)SECOND, &got, &err), 0);
    assert_int_equal(got->sample_serial, 150);
    for (uint64_t n = 149; n > 50; n--) {
        assert_int_equal(history_past.step(history, -1, &got, &err), 0);
        assert_int_equal(got->sample_serial, n);
    }
    assert_int_equal(history_past.step(history, 60, &got, &err), 0);
    assert_int_equal(got->sample_serial, 111);
    assert_int_equal(history_past.step(history, 600, &got, &err), 0);
    assert_int_equal(got->sample_serial, 200);
    history_rest(history);
    assert_int_equal(history_past.step(history, -600, &got, &err), 0);
    assert_int_equal(got->sample_serial, 1);
    history_free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
