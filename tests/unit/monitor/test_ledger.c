/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is kept of kills, and what goes when there is no room; and what is said of one in words.
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
#include "monitor/eventfield.h"
#include "monitor/ledger.h"

static void add(struct ledger *ledger, uint64_t value)
{
    struct oom oom;
    oom_unknown(&oom);
    oom.incident = value;
    ledger_add(ledger, &(struct event){.kind = EVENT_OOM_KILL, .value = value, .oom = &oom}, "box");
}

/* The values from the newest to the oldest, those that nobody has seen with a star. */
static void assert_kept(const struct ledger *ledger, const char *expected)
{
    struct str got = {0};
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_record *record = ledger_at(ledger, i);
        assert_int_equal(record->event.oom->incident, record->event.value);
        str_addf(&got, "%s%u%s", i ? " " : "", (unsigned)record->event.value, record->seen ? "" : "*");
    }
    assert_string_equal(str_text(&got), expected);
    str_free(&got);
}

static void test_room(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_init(&ledger, 4);
    assert_null(ledger_at(&ledger, 0));
    for (uint64_t i = 1; i <= 4; i++)
        add(&ledger, i);
    assert_kept(&ledger, "4* 3* 2* 1*");
    assert_int_equal(ledger_unseen(&ledger), 4);
    ledger_at(&ledger, 1)->seen = true;
    add(&ledger, 5); /* the one that was seen */
    assert_kept(&ledger, "5* 4* 2* 1*");
    assert_int_equal(ledger.dropped, 1);
    assert_int_equal(ledger.dropped_unseen, 0);
    add(&ledger, 6); /* none was */
    assert_kept(&ledger, "6* 5* 4* 2*");
    assert_int_equal(ledger.dropped_unseen, 1);
    ledger_acknowledge_all(&ledger);
    add(&ledger, 7);
    assert_kept(&ledger, "7* 6 5 4");
    assert_int_equal(ledger_unseen(&ledger), 1);
    assert_int_equal(ledger_find(&ledger, 7), 0);
    assert_int_equal(ledger_find(&ledger, 4), 3);
    assert_int_equal(ledger_find(&ledger, 2), ledger.count);
    ledger_fini(&ledger);
    ledger_fini(&ledger);
}

/* As it was at a moment, with what happened in that very nanosecond. */
static void test_until(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_init(&ledger, 8);
    for (uint64_t i = 1; i <= 4; i++)
        ledger_add(&ledger, &(struct event){.kind = EVENT_OOM_KILL, .value = i, .wall_ns = 100 * i}, "box");
    static const struct {
        uint64_t until_ns;
        size_t count;
    } cases[] = {{0, 4}, {99, 0}, {100, 1}, {199, 1}, {200, 2}, {400, 4}, {401, 4}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ledger.until_ns = cases[i].until_ns;
        assert_int_equal(ledger_count(&ledger), cases[i].count);
        assert_null(ledger_at(&ledger, cases[i].count));
        if (cases[i].count)
            assert_int_equal(ledger_at(&ledger, 0)->event.value, cases[i].count);
    }
    ledger_fini(&ledger);
}

/* Every field has a key of its own, and what is not known is absent. */
static void test_fields(void **state)
{
    (void)state;
    struct event_field fields[EVENT_FIELDS];
    struct oom oom;
    struct event event = {
        .kind = EVENT_OOM_KILL, .value = 1, .cgroup = "/a", .oom = &oom, .mono_ns = 5000000};
    oom_unknown(&oom);
    size_t count = event_fields(&event, fields);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(fields[i].key, fields[j].key);
        if (strncmp(fields[i].key, "oom/victim/", 11) == 0)
            assert_true(fields[i].form == EVENT_FORM_TEXT ? !fields[i].text
                                                          : fields[i].number == VALUE_ABSENT);
    }
    assert_int_equal(event_fields(&(struct event){.kind = EVENT_VANISHED}, fields), 0);
    assert_int_equal(event_fields(&(struct event){.kind = EVENT_LOST, .file = "kmsg"}, fields), 2);
    assert_string_equal(fields[1].text, "kmsg");
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        enum oom_limit limit;
        const char *limit_cgroup;
        uint64_t limit_bytes;
        const char *comm;
        size_t victims;
        const char *text;
    } cases[] = {
        {OOM_LIMIT_GROUP, "/a", 60 << 20, "hog", 1, "hog (pid 7, 1.0M) at its own limit, 60M"},
        {OOM_LIMIT_GROUP, "/", VALUE_ABSENT, "hog", 1, "hog (pid 7, 1.0M) at the limit of /"},
        {OOM_LIMIT_GROUP, "/x\033[2J", VALUE_MAX, "a\n\033c", 3,
         "a\\x0a\\x1bc (pid 7, 1.0M) and 2 more at the limit of /x\\x1b[2J"},
        {OOM_LIMIT_MACHINE, "", VALUE_ABSENT, "", 0, "2 killed at the machine's memory"},
        {OOM_LIMIT_NODES, "", VALUE_ABSENT, "", 0, "2 killed at the memory of its nodes"},
        {OOM_LIMIT_UNKNOWN, "", VALUE_ABSENT, "", 0, "2 killed at an unknown limit"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[400];
        struct oom oom;
        struct event event = {.kind = EVENT_OOM_KILL, .value = 2, .cgroup = "/a", .oom = &oom};
        oom_unknown(&oom);
        oom.limit = cases[i].limit;
        oom.limit_bytes = cases[i].limit_bytes;
        str_copy(oom.limit_cgroup, sizeof oom.limit_cgroup, cases[i].limit_cgroup);
        oom.victim_count = cases[i].victims;
        oom.victims[0] = (struct oom_victim){.pid = 7, .anon_bytes = 1 << 20};
        str_copy(oom.victims[0].comm, sizeof oom.victims[0].comm, cases[i].comm);
        event_kill_text(&event, NULL, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_room), cmocka_unit_test(test_until),
                                       cmocka_unit_test(test_fields), cmocka_unit_test(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
