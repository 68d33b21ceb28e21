/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The evidence of an OOM kill in a record: what is written is read, absent, zero and max are three values,
 * and rubbish is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "core/jsontext.h"
#include "core/oomnote.h"

static void test_there_and_back(void **state)
{
    (void)state;
    struct oom oom;
    oom_unknown(&oom);
    oom.source = OOM_SOURCE_REPORT;
    oom.limit = OOM_LIMIT_GROUP;
    strcpy(oom.limit_cgroup, "/boxtop/we\xffird");
    oom.usage_bytes = oom.limit_bytes = 60 << 20;
    oom.swap_bytes = 0;
    oom.before_max = VALUE_MAX;
    oom.victim_count = 3;
    oom.victims[0] = (struct oom_victim){.pid = 161, .comm = "hog\x1b[31m", .anon_bytes = 59 << 20};
    json_t *json = oomnote_to_json(&oom, jsontext);
    struct oom *read = oomnote_from_json(json);
    json_decref(json);
    assert_non_null(read);
    assert_int_equal(read->source, OOM_SOURCE_REPORT);
    assert_int_equal(read->limit, OOM_LIMIT_GROUP);
    assert_string_equal(read->limit_cgroup, oom.limit_cgroup);
    assert_int_equal(read->limit_bytes, 60 << 20);
    assert_int_equal(read->swap_bytes, 0);
    assert_true(read->before_max == VALUE_MAX);
    assert_true(read->before_current == VALUE_ABSENT);
    assert_int_equal(read->victim_count, 3);
    assert_int_equal(read->victims[0].pid, 161);
    assert_string_equal(read->victims[0].comm, oom.victims[0].comm);
    assert_int_equal(read->victims[0].anon_bytes, 59 << 20);
    free(read);
}

static void test_shown(void **state)
{
    (void)state;
    struct oom oom;
    oom_unknown(&oom);
    strcpy(oom.limit_cgroup, "/a\xff");
    json_t *json = oomnote_to_json(&oom, jsontext_shown);
    assert_string_equal(json_string_value(json_object_get(json, "limit_cgroup")), "/a\\xff");
    assert_true(json_is_null(json_object_get(json, "usage")));
    assert_true(json_is_null(jsontext_at(json, "before/memory.max")));
    assert_null(json_object_get(json, "victim"));
    json_decref(json);
    json = oomnote_to_json(NULL, jsontext_shown);
    assert_true(json_is_null(json));
    json_decref(json);
}

static void test_rubbish(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{\"source\": 7, \"limit\": \"everything\", \"usage\": -1, \"killed\": \"max\", \"victim\": []}",
        "{\"killed\": 1, \"victim\": {\"pid\": \"x\", \"comm\": {\"bytes\": \"0\"}}, \"before\": 3}",
        "{\"killed\": 9, \"limit_cgroup\": [], \"victim\": null}",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char text[300];
        json_t *json = json_loads(texts[i], 0, NULL);
        struct oom *oom = oomnote_from_json(json);
        assert_non_null(oom);
        assert_true(oom->usage_bytes == VALUE_ABSENT);
        oom_kill_text(oom, "/x", 1, NULL, text, sizeof text);
        free(oom);
        json_decref(json);
    }
    assert_null(oomnote_from_json(NULL));
    json_t *array = json_array();
    assert_null(oomnote_from_json(array));
    json_decref(array);
    /* A name that is longer than there is room for. */
    char longest[2 * OOM_PATH_SIZE] = "";
    memset(longest, 'x', sizeof longest - 1);
    json_t *json = json_pack("{s:s}", "limit_cgroup", longest);
    struct oom *oom = oomnote_from_json(json);
    assert_true(strlen(oom->limit_cgroup) < OOM_PATH_SIZE);
    free(oom);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_shown),
                                       cmocka_unit_test(test_rubbish)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
