/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/options.h"

struct target {
    bool all, json;
    const char *name;
    int number;
};

static int apply_number(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct target *t = target;
    if (value[0] < '0' || value[0] > '9')
        return err_set(err, ERANGE, "%s: '%s' is not a number", row->name, value);
    t->number = atoi(value);
    return 0;
}

static const struct option_row table[] = {
    {"--all", 'a', NULL, "all", .offset = offsetof(struct target, all)},
    {"--json", 'j', NULL, "JSON", .offset = offsetof(struct target, json)},
    {"--name", 'n', "NAME", "a name", .offset = offsetof(struct target, name)},
    {"--number", 'N', "N", "a number", .apply = apply_number},
    {0},
};

/* Words of a line, split at blanks; a lone _ is an empty word. */
static int split(char *line, char **words)
{
    int count = 0;
    for (char *save = NULL, *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
        words[count++] = strcmp(word, "_") == 0 ? word + 1 : word;
    words[count] = NULL;
    return count;
}

static const struct {
    const char *line;
    int used; /* options_parse() */
    bool all, json;
    const char *name;
    int number;
} rows[] = {
    {"", 0, false, false, NULL, 0},
    {"web", 0, false, false, NULL, 0},
    {"-a web", 1, true, false, NULL, 0},
    {"--all --json web -a", 2, true, true, NULL, 0},
    {"-aj", 1, true, true, NULL, 0},
    {"-ajn x", 2, true, true, "x", 0},
    {"-nx -N7", 2, false, false, "x", 7},
    {"-n=x -N=7", 2, false, false, "x", 7},
    {"--name x --number 7", 4, false, false, "x", 7},
    {"--name=x --number=7", 2, false, false, "x", 7},
    {"--name= web", 1, false, false, "", 0},
    {"--name _ web", 2, false, false, "", 0},
    {"--name --all web", 2, false, false, "--all", 0}, /* a value may look like anything */
    {"-n -- web", 2, false, false, "--", 0},
    {"--name=a=b", 1, false, false, "a=b", 0},
    {"-a -- -j", 2, true, false, NULL, 0},
    {"- -a", 0, false, false, NULL, 0},
    {"-a --help", OPTIONS_HELP, true, false, NULL, 0},
    {"-ah", OPTIONS_HELP, true, false, NULL, 0},
    {"web --help", 0, false, false, NULL, 0},
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cleanup_free char *line = mem_dup(rows[i].line);
        char *words[16];
        struct target t = {0};
        struct err err;
        int used = options_parse(table, &t, split(line, words), words, &err);
        if (used != rows[i].used || t.all != rows[i].all || t.json != rows[i].json ||
            t.number != rows[i].number)
            fail_msg("'%s': %d", rows[i].line, used);
        if (rows[i].name)
            assert_string_equal(t.name, rows[i].name);
        else
            assert_null(t.name);
    }
}

static void test_bad(void **state)
{
    (void)state;
    static const char *const bad[][3] = {
        {"--al", "unknown option '--al'", "did you mean --all?"},
        {"--nmae x", "unknown option '--nmae'", "did you mean --name?"},
        {"--frobnicate=3", "unknown option '--frobnicate'", "--help lists the options"},
        {"-x", "unknown option '-x'", "--help lists the options"},
        {"-axj", "unknown option '-x'", "--help lists the options"},
        {"--name", "--name needs NAME after it", "a name"},
        {"-an", "--name needs NAME after it", "a name"},
        {"--all=yes", "--all takes no value, but has 'yes'", ""},
        {"--number seven", "--number: 'seven' is not a number", ""},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        cleanup_free char *line = mem_dup(bad[i][0]);
        char *words[16];
        struct target t = {0};
        struct err err;
        assert_true(options_parse(table, &t, split(line, words), words, &err) < 0);
        assert_string_equal(err.text, bad[i][1]);
        assert_string_equal(err.hint, bad[i][2]);
    }
}

static void test_mixed(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int count;
        const char *words[4];
        bool all;
        const char *name;
    } mixed[] = {
        {"web -a db --name x api", 3, {"web", "db", "api"}, true, "x"},
        {"web -- -a --", 3, {"web", "-a", "--"}, false, NULL},
        {"-a", 0, {NULL}, true, NULL},
        {"- web", 2, {"-", "web"}, false, NULL},
        {"_ web", 2, {"", "web"}, false, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(mixed); i++) {
        cleanup_free char *line = mem_dup(mixed[i].line);
        char *words[16];
        struct target t = {0};
        struct err err;
        int count = options_parse_mixed(table, &t, split(line, words), words, &err);
        assert_int_equal(count, mixed[i].count);
        for (int w = 0; w < count; w++)
            assert_string_equal(words[w], mixed[i].words[w]);
        assert_int_equal(t.all, mixed[i].all);
        assert_true(mixed[i].name ? t.name && strcmp(t.name, mixed[i].name) == 0 : !t.name);
    }
    char *words[] = {(char *)"web", (char *)"--frob", NULL};
    struct target t = {0};
    struct err err;
    assert_int_equal(options_parse_mixed(table, &t, 2, words, &err), -EINVAL);
    words[1] = (char *)"--help";
    assert_int_equal(options_parse_mixed(table, &t, 2, words, &err), OPTIONS_HELP);
}

/* A value that is not good keeps the code it was refused with. */
static void test_apply_code(void **state)
{
    (void)state;
    char *words[] = {(char *)"-Nx", NULL};
    struct target t = {0};
    struct err err;
    assert_int_equal(options_parse(table, &t, 1, words, &err), -ERANGE);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"memory.max", "memory.high", "memory.swap.max",
                                        "cpu.max",    "pids.max",    "ps"};
    static const char *const asked[][2] = {
        {"memroy.max", "memory.max"},
        {"memory.mx", "memory.max"},
        {"memory.hgih", "memory.high"},
        {"pid.max", "pids.max"},
        {"cpumax", "cpu.max"},
        {"swap", NULL},
        {"memory.s", "memory.swap.max"},
        {"zzzzzz", NULL},
        {"", NULL},
        {"x", NULL},
        {"sp", "ps"},
        {"a-word-that-is-longer-than-any-typing-error-can-explain", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        struct nearest near = nearest_init(asked[i][0]);
        for (size_t w = 0; w < COUNT_OF(words); w++)
            nearest_try(&near, words[w]);
        if (asked[i][1] ? !near.best || strcmp(near.best, asked[i][1]) != 0 : near.best != NULL)
            fail_msg("'%s': %s", asked[i][0], near.best ? near.best : "nothing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),      cmocka_unit_test(test_bad),     cmocka_unit_test(test_mixed),
        cmocka_unit_test(test_apply_code), cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
