/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who the users of a container are outside, from subuid(5) files that may say anything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/idmap.h"

static void test_user(void **state)
{
    (void)state;
    static const struct {
        const char *text, *map;
    } rows[] = {
        {"", "0 1500 1"},
        {"alice:100000:65536\n", "0 1500 1\n1 100000 65536"},
        {"alice:100000:65536", "0 1500 1\n1 100000 65536"},
        {"bob:100000:65536\n1500:165536:1000\n", "0 1500 1\n1 165536 1000"},
        {"alice:100000:10\nbob:1:1\nalice:200000:20\n", "0 1500 1\n1 100000 10\n11 200000 20"},
        {"alice:1:1\nalice:2:1\nalice:3:1\nalice:4:1\nalice:5:1\n", "0 1500 1\n1 1 1\n2 2 1\n3 3 1\n4 4 1"},
        /* what is no range */
        {"alice\nalice:\nalice:100000\nalice::\nalice:x:1\nalice:1:y\nalice:1:0\n\n:::\n", "0 1500 1"},
        {"alice:-1:5\nalice:4294967295:2\nalice:4294967296:1\nalice:1:99999999999\n", "0 1500 1"},
        {"ALICE:1:1\nalic:1:1\nalice2:1:1\n15:1:1\n 1500:1:1\n", "0 1500 1"},
        /* one's own id is there already */
        {"alice:1000:1000\nalice:5000:10\n", "0 1500 1\n1 5000 10"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char map[IDMAP_SIZE];
        idmap_of_user(rows[i].text, "alice", 1500, map);
        assert_string_equal(map, rows[i].map);
    }
}

static void test_user_without_a_name(void **state)
{
    (void)state;
    char map[IDMAP_SIZE];
    idmap_of_user("alice:100000:65536\n", NULL, 1500, map);
    assert_string_equal(map, "0 1500 1");
}

static void read_map(const char *map, unsigned *first, unsigned *count)
{
    unsigned inside;
    assert_int_equal(sscanf(map, "%u %u %u", &inside, first, count), 3);
    assert_int_equal(inside, 0);
    assert_null(strchr(map, '\n'));
}

static void test_root(void **state)
{
    (void)state;
    char web[IDMAP_SIZE], again[IDMAP_SIZE], db[IDMAP_SIZE];
    unsigned first, count;
    idmap_of_root("web", "", "", web);
    idmap_of_root("web", "", "", again);
    idmap_of_root("db", "", "", db);
    assert_string_equal(web, again);
    assert_string_not_equal(web, db);
    read_map(web, &first, &count);
    assert_int_equal(count, 65536);
    assert_true(first >= 524288 && first <= 1879048191 - 65535);
}

/* Ids that a user was given, users or groups, are not a container's of root's. */
static void test_root_keeps_off(void **state)
{
    (void)state;
    char map[IDMAP_SIZE], file[64];
    unsigned first, other, count;
    idmap_of_root("web", "", "", map);
    read_map(map, &first, &count);
    snprintf(file, sizeof file, "alice:%u:1\n", first + 65535);
    idmap_of_root("web", file, "", map);
    read_map(map, &other, &count);
    assert_int_equal(other, first + 65536);
    idmap_of_root("web", "", file, map);
    read_map(map, &other, &count);
    assert_int_equal(other, first + 65536);
}

static void test_root_of_its_own(void **state)
{
    (void)state;
    char map[IDMAP_SIZE];
    unsigned first, count;
    idmap_of_root("web", "root:200000:65536\n", "root:200000:65536\n", map);
    assert_string_equal(map, "0 200000 65536");
    idmap_of_root("web", "root:200000:655360\n", "root:200000:655360\n", map);
    read_map(map, &first, &count);
    assert_true(first >= 200000 && first + 65536 <= 855360 && (first - 200000) % 65536 == 0);
    /* too small, not the same for groups, the host's root: not used */
    static const char *const bad[][2] = {{"root:200000:65535\n", "root:200000:65535\n"},
                                         {"root:200000:65536\n", "root:300000:65536\n"},
                                         {"root:200000:65536\n", ""},
                                         {"root:0:65536\n", "root:0:65536\n"}};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        idmap_of_root("web", bad[i][0], bad[i][1], map);
        read_map(map, &first, &count);
        assert_true(first >= 524288);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_user),
        cmocka_unit_test(test_user_without_a_name),
        cmocka_unit_test(test_root),
        cmocka_unit_test(test_root_keeps_off),
        cmocka_unit_test(test_root_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
