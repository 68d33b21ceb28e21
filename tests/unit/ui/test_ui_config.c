/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "ui/action.h"
#include "ui/app.h"
#include "ui/config.h"
#include "ui/ini.h"

static struct str told;

static void tell(void *data, const char *line)
{
    (void)data;
    str_addf(&told, "%s%s", told.len ? "|" : "", line);
}

static void test_lines(void **state)
{
    static const struct {
        const char *text, *lines; /* "section:key:value", "!" for what can't be understood */
    } cases[] = {
        {"", ""},
        {"a = b", ":a:b 1"},
        {"a=b\n  c\t=\td e \r\n", ":a:b 1|:c:d e 2"},
        {"# no\n\n[s x]\na=b", "s x:a:b 4"},
        {"[keys]\n= = set\n[ = cpu-down\n] = cpu-up\n; = help",
         "keys:=:set 2|keys:[:cpu-down 3|keys:]:cpu-up 4|keys:;:help 5"},
        {"a =", ":a: 1"},
        {"a", "! 1"},
        {"a b = c", "! 1"},
        {"[open\nx = y", "! 1|:x:y 2"},
        {"\xef\xbb\xbf"
         "a = b",
         ":a:b 1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ini ini = {.at = cases[i].text};
        struct str lines = {0};
        struct err err;
        str_add(&lines, "");
        for (int rc; (rc = ini_next(&ini, &err)) != 0;) {
            str_add(&lines, lines.len ? "|" : "");
            if (rc < 0)
                str_addf(&lines, "! %d", ini.line);
            else
                str_addf(&lines, "%s:%s:%s %d", ini.section, ini.key, ini.value, ini.line);
        }
        assert_string_equal(str_text(&lines), cases[i].lines);
        str_free(&lines);
    }
}

static void test_put(void **state)
{
    static const struct {
        const char *text, *section, *result;
    } cases[] = {
        {"", "", "k = v\n"},
        {"a = b", "", "a = b\nk = v\n"},
        {"# why\nk = old\n# and\nb = c\n", "", "# why\nk = v\n# and\nb = c\n"},
        {"  k=old", "", "k = v\n"},
        {"a = b\n[keys]\nk = w\n", "", "a = b\nk = v\n[keys]\nk = w\n"},
        {"a = b\n[keys]\nk = w\n[more]\nx = y\n", "keys", "a = b\n[keys]\nk = v\n[more]\nx = y\n"},
        {"a = b\n", "keys", "a = b\n\n[keys]\nk = v\n"},
        {"rubbish\nk = w\n", "", "rubbish\nk = v\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str result = {0};
        ini_put(cases[i].text, cases[i].section, "k", "v", &result);
        assert_string_equal(result.text, cases[i].result);
        str_free(&result);
    }
}

static void test_errors(void **state)
{
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"theme = nord\ninterval = 500ms\ncolumns = cpu mem:8\nsort = cpu\nreverse = yes\nalert = bell\n",
         ""},
        {"\nintervall = 1s", "f:2: intervall: no such setting (did you mean interval?)"},
        {"interval = x", "f:1: interval: x: not a time from 100ms to 1h"},
        {"interval = 1ms", "f:1: interval: 1ms: not a time from 100ms to 1h"},
        {"columns = cpu nme", "f:1: columns: no column is called nme (did you mean name?)"},
        {"sort = cpu-bar", "f:1: sort: cpu-bar: not a column that sorts"},
        {"reverse = maybe", "f:1: reverse: maybe: yes or no"},
        {"alert = horn", "f:1: alert: horn: one of none|bell|osc9|osc777"},
        {"theme =", "f:1: theme: a name or a path"},
        {"nonsense", "f:1: neither [SECTION] nor KEY = VALUE"},
        {"[keys]\nq = quitt\nHyper = quit\nx = explain",
         "f:2: q: no action is called quitt (did you mean quit?)|f:3: Hyper: no such key"},
        {"[kesy]\nq = quit",
         "f:2: q: no section is called [kesy] (keys, keys filter, keys terminal, keys past, keys tour)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config config;
        config_default(&config);
        str_clear(&told);
        str_add(&told, "");
        config_parse(&config, "f", cases[i].text, tell, NULL);
        assert_string_equal(str_text(&told), cases[i].told);
    }
}

/* What is printed is what is in force: read again, it gives the same. */
static void test_print(void **state)
{
    struct config config, again;
    struct str first = {0}, second = {0};
    (void)state;
    config_default(&config);
    str_clear(&told);
    assert_int_equal(
        config_parse(&config, "f",
                     "theme = x\ninterval = 250ms\ncolumns = cpu:9 path\nflat = on\nalert = osc9\n"
                     "glyphs = block\ncolors = 256\nmouse = no\n[keys]\nq = none\nU+0023 = help\n",
                     tell, NULL),
        0);
    config_print(&config, &first);
    config_default(&again);
    again.keys.count = 0;
    assert_int_equal(config_parse(&again, "f", first.text, tell, NULL), 0);
    config_print(&again, &second);
    assert_string_equal(first.text, second.text);
    assert_non_null(strstr(first.text, "\ncolumns = state name cpu:9 path\n"));
    assert_null(strstr(first.text, "\nq = quit"));
    assert_int_equal(again.keys.count, config.keys.count);
    str_free(&first);
    str_free(&second);
}

static struct app app;

/* The file is read, changes while boxtop runs, and is changed by it; one line of it is wrong. */
static void test_file(void **state)
{
    char directory[] = "/tmp/boxtop-config-XXXXXX", path[PATH_MAX];
    cleanup_free char *text = NULL;
    struct err err;
    (void)state;
    assert_non_null(mkdtemp(directory));
    setenv("XDG_CONFIG_HOME", directory, 1);
    config_path(path, sizeof path);
    assert_true(str_starts(path, directory));
    app_init(&app);
    assert_int_equal(term_start_blind(&app.term, 24, 80, DEPTH_256, GLYPHS_BRAILLE, &err), 0);
    config_start(&app);
    assert_int_equal(app.status.kind, NOTICE_NONE);
    app_layout(&app);
    config_keep(&app, "sort", "cpu");
    assert_int_equal(app.status.kind, NOTICE_DONE);
    config_keep(&app, "sort", "memory");
    assert_true(fs_read_whole_at(AT_FDCWD, path, 1000, &text) > 0);
    assert_string_equal(text, "sort = memory\n");
    app_once(&app, 0);
    app_once(&app, 0);
    assert_int_equal(app.model.sort, COLUMN_MEMORY);
    config_notified(&app);

    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0 && fs_write_all(fd, "sort = cpu\nfoo = 1\nbar = 2\n[keys]\nj = quit\n", 43) == 0);
    close(fd);
    config_notified(&app);
    assert_int_equal(app.model.sort, COLUMN_CPU);
    assert_int_equal(keymap_action(&app.keymap, 'j'), ACTION_QUIT);
    assert_non_null(strstr(app.status.text, "boxtop.conf:2: foo: no such setting; and 1 more"));

    app.readonly = true;
    config_keep(&app, "sort", "name");
    assert_non_null(strstr(app.status.text, "read-only"));
    app_fini(&app);
    unlink(path);
    assert_int_equal(fs_remove_tree_at(AT_FDCWD, directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines), cmocka_unit_test(test_put),  cmocka_unit_test(test_errors),
        cmocka_unit_test(test_print), cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
