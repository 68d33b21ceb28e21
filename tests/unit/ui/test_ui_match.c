/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scene.h"
#include "ui/match.h"

static struct model model;

/* The names of all groups that the filter is for, "|" between. */
static const char *matching(const struct match *filter)
{
    static struct str text;
    char name[MODEL_NAME];
    str_clear(&text);
    str_add(&text, "");
    for (size_t i = 0; i < model.row_count; i++) {
        if (!match_row(filter, &model, &model.rows[i]))
            continue;
        model_name(&model, &model.rows[i], name);
        str_addf(&text, "%s%s", text.len ? "|" : "", name);
    }
    return str_text(&text);
}

static void test_matches(void **state)
{
    static const struct {
        const char *filter, *names;
    } cases[] = {
        {"worker", "worker"},
        {"\"web\"", "web|worker"},
        {"/web", "web|worker"},
        {"web !worker", "web"},
        {"name=WEB", "web"},
        {"name!=web web", "worker"},
        {"name~er", "worker|docker:0123456789ab|ssh.service|user.slice"},
        {"path~slice name!~s", "docker:0123456789ab"},
        {"state=paused", "paused"},
        {"state=exited", "old"},
        {"state=empty", "user.slice"},
        {"manager=boxtop", "api|leak|paused|web|worker|old"},
        {"thr>20", "web"},
        {"THROTTLED>=98", "web"},
        {"thr>98", ""},
        {"cpu>25 cpu<50", "web|worker"},
        {"cpu>25% cpu<50%", "web|worker"},
        {"mem>60%", "web"},
        {"mem>60M", "boxtop|api|web"},
        {"mem>=64M mem<=64M", "web"},
        {"mem=64M", "web"},
        {"pids>90%", "leak"},
        {"max=max name=ssh.service", "ssh.service"},
        {"max<max", "api|leak|web"},
        {"max=-", "/|old"},
        {"max!=- max!=max", "api|leak|web"},
        {"oom>0", "boxtop|leak|old"},
        {"thr>20 | oom>1", "boxtop|leak|web"},
        {"thr>20|name=api", "api|web"},
        {"pmem>18.1 pmem<18.3", "leak"},
        {"name=web cpu>90 | name=api mem>1 | name=leak", "api|leak"},
        {"   ",
         "/|boxtop|api|leak|paused|web|worker|system.slice|dev-disk-A.mount|docker:0123456789ab|ssh.service|"
         "user.slice|old"},
        {"|",
         "/|boxtop|api|leak|paused|web|worker|system.slice|dev-disk-A.mount|docker:0123456789ab|ssh.service|"
         "user.slice|old"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct match filter;
        struct err err;
        size_t at;
        if (match_parse(&filter, cases[i].filter, &err, &at) < 0)
            fail_msg("%s: %s", cases[i].filter, err.text);
        const char *names = matching(&filter);
        if (strcmp(names, cases[i].names) != 0)
            fail_msg("%s: %s and not %s", cases[i].filter, names, cases[i].names);
    }
}

static void test_errors(void **state)
{
    static const struct {
        const char *filter;
        size_t at;
        const char *error;
    } cases[] = {
        {"thr>", 4, "a number is missing"},
        {"web thr>", 8, "a number is missing"},
        {"thr>x", 4, "x: not a number (20, 80%, 100M, max, -)"},
        {"thr>20 mem>80q", 11, "80q: not a number"},
        {"mem>0x10", 4, "0x10: not a number"},
        {"mem>inf", 4, "inf: not a number"},
        {"mem>1e9", 4, "1e9: not a number"},
        {"web thx>20", 4, "no field is called thx: thr?"},
        {"zzzzzz=1", 0, "no field is called zzzzzz"},
        {">20", 0, "a field is missing"},
        {"cpu~20", 4, "cpu is a figure: > >= < <= = !="},
        {"manager>docker", 8, "this is a text: = != ~ !~"},
        {"name=", 5, "a text is missing"},
        {"\"web", 1, "the quote is not closed"},
        {"a b c d e f g h i j k l m n o p q r s t u v w x y", 48, "more than 24 words"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct match filter = {.count = 7};
        struct err err;
        size_t at;
        assert_int_equal(match_parse(&filter, cases[i].filter, &err, &at), -EINVAL);
        assert_int_equal(filter.count, 7);
        if (!str_starts(err.text, cases[i].error) || at != cases[i].at)
            fail_msg("%s: at %zu: %s", cases[i].filter, at, err.text);
    }
}

/* Anything that can be typed is either understood or not, and that is all. */
static void test_hostile(void **state)
{
    static const char letters[] = "thr>cpu<=!~|\" %-maxMn.0129\t\xc3\xa9\xff";
    unsigned random = 7;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[MATCH_SIZE] = "";
        struct match filter = {0};
        struct err err;
        size_t at, length = i % (MATCH_SIZE - 1);
        for (size_t c = 0; c < length; c++) {
            random = random * 1103515245u + 12345u;
            text[c] = letters[(random >> 16) % (sizeof letters - 1)];
        }
        int rc = match_parse(&filter, text, &err, &at);
        assert_true(rc == 0 || rc == -EINVAL);
        assert_in_range(at, 0, length);
        match_row(&filter, &model, &model.rows[(size_t)i % model.row_count]);
    }
}

static int setup(void **state)
{
    (void)state;
    model_init(&model);
    scene_play(&model, 120);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    model_fini(&model);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
