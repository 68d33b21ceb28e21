/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "ui/theme.h"

static const struct {
    const char *text;
    int bad;
    int fg; /* what main_fg is then */
} lines[] = {
    {"theme[main_fg]=\"#010203\"", 0, 0x010203},
    {"theme[main_fg]=\"#AbCdEf\"\n", 0, 0xabcdef},
    {"theme[main_fg]=\"#1a\"", 0, 0x1a1a1a},
    {"theme[main_fg]=\"1 20 255\"", 0, 0x0114ff},
    {"theme[main_fg]=\"\"", 0, COLOR_DEFAULT},
    {"theme[main_fg]='#010203'", 0, 0x010203},
    {"theme[main_fg]=#010203 # not quoted", 0, 0x010203},
    {"  theme[main_fg] = \"#010203\"   # said so\r\n", 0, 0x010203},
    {"# a comment\n\n\ntheme[main_fg]=\"#010203\"\n", 0, 0x010203},
    {"theme[main_fg]=\"#010203\" #ffffff\"", 0, 0x010203},
    {"theme[no_such_role]=\"#ffffff\"\ntheme[main_fg]=\"#010203\"", 0, 0x010203},
    {"theme[main_fg]=\"#12345\"\ntheme[main_fg]=\"#010203\"", 1, 0x010203},
    {"theme[main_fg]=\"#gg0000\"\ntheme[main_fg]=\"#010203\"", 1, 0x010203},
    {"theme[main_fg]=\"1 2\"\ntheme[main_fg]=\"#010203\"", 1, 0x010203},
    {"theme[main_fg]=\"1 2 256\"\ntheme[main_fg]=\"#010203\"", 1, 0x010203},
    {"theme[main_fg]=\"1 2 3 4\"\ntheme[main_fg]=\"#010203\"", 1, 0x010203},
    {"theme[main_fg\nrubbish\ntheme[main_fg]\ntheme[main_fg]=\"#010203\n=\"\"\ntheme[main_fg]=\"#010203\"", 5,
     0x010203},
};

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct theme theme;
        struct err err = {0};
        assert_int_equal(theme_parse(&theme, "t", lines[i].text, &err), lines[i].bad);
        assert_int_equal(theme.color[ROLE_FG][0], lines[i].fg);
        if (lines[i].bad)
            assert_non_null(strstr(err.text, "t:"));
    }
}

/* No role is ever left without a colour. */
static void check_whole(const struct theme *theme)
{
    for (int role = 0; role < ROLE_COUNT; role++)
        for (unsigned level = 0; level <= 100; level += 25) {
            struct look look;
            assert_true(theme_color(theme, role, level) >= COLOR_DEFAULT);
            assert_true(theme_color(theme, role, level) <= 0xffffff);
            theme_look(theme, DEPTH_256, (struct style){.role = role, .level = (uint8_t)level}, &look);
            assert_in_range(look.fg + 1, 0, 256);
            theme_look(theme, DEPTH_16, (struct style){.role = role, .level = (uint8_t)level}, &look);
            assert_in_range(look.fg + 1, 0, 8);
            theme_look(theme, DEPTH_NONE, (struct style){.role = role}, &look);
            assert_int_equal(look.fg, COLOR_DEFAULT);
        }
}

static void test_gradient(void **state)
{
    struct theme theme;
    struct err err;
    (void)state;
    theme_parse(&theme, "t", "theme[cpu_start]=\"#000000\"\ntheme[cpu_mid]=\"\"\ntheme[cpu_end]=\"#640064\"",
                &err);
    assert_int_equal(theme_color(&theme, ROLE_CPU, 0), 0);
    assert_int_equal(theme_color(&theme, ROLE_CPU, 50), 0x320032);
    assert_int_equal(theme_color(&theme, ROLE_CPU, 100), 0x640064);
    assert_int_equal(theme_color(&theme, ROLE_CPU, 250), 0x640064);
    theme_parse(&theme, "t", "theme[cpu_start]=\"#112233\"\ntheme[cpu_mid]=\"\"\ntheme[cpu_end]=\"\"", &err);
    assert_int_equal(theme_color(&theme, ROLE_CPU, 73), 0x112233);
    check_whole(&theme);
}

/* A theme of btop's knows nothing of boxtop's roles: they are taken from it, not from boxtop's default. */
static void test_relatives(void **state)
{
    struct theme theme;
    struct err err;
    (void)state;
    theme_parse(&theme, "t",
                "theme[temp_end]=\"#ff0102\"\ntheme[temp_start]=\"#000001\"\ntheme[inactive_fg]=\"#808080\"",
                &err);
    assert_int_equal(theme.color[ROLE_BAD][0], 0xff0102);
    assert_int_equal(theme.color[ROLE_GRAPH_TEXT][0], 0x808080);
    check_whole(&theme);
}

/* Inactive text that is the ground's colour would hide what boxtop says in it. */
static void test_legible(void **state)
{
    struct theme theme;
    struct err err;
    (void)state;
    theme_parse(&theme, "t",
                "theme[main_bg]=\"#282828\"\ntheme[main_fg]=\"#d4be98\"\ntheme[inactive_fg]=\"#282828\"",
                &err);
    assert_int_not_equal(theme.color[ROLE_DIM][0], 0x282828);
    assert_int_not_equal(theme.color[ROLE_METER][0], 0x282828);
}

static void check_directory(const char *path, int least)
{
    int count = 0;
    DIR *dir = opendir(path);
    if (!dir && least == 0)
        return; /* btop is not installed here */
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!strstr(entry->d_name, ".theme"))
            continue;
        cleanup_free char *file = mem_printf("%s/%s", path, entry->d_name);
        cleanup_free char *text = NULL;
        struct theme theme;
        struct err err = {0};
        assert_int_equal(theme_load(&theme, file, &err), 0);
        assert_true(fs_read_whole_at(AT_FDCWD, file, 1 << 20, &text) > 0);
        if (theme_parse(&theme, entry->d_name, text, &err) != 0)
            fail_msg("%s", err.text);
        check_whole(&theme);
        count++;
    }
    closedir(dir);
    assert_true(count >= least);
}

static void test_files(void **state)
{
    (void)state;
    check_directory(SOURCE_DIR "/themes", 3);
    check_directory(FIXTURES "/themes", 3); /* files as btop's are written, with all their ways */
    check_directory("/usr/share/btop/themes", 0);
}

static void test_load(void **state)
{
    struct theme theme;
    struct err err = {0};
    (void)state;
    assert_int_equal(theme_load(&theme, "high-contrast", &err), 0);
    assert_int_equal(theme.color[ROLE_BG][0], 0);
    assert_int_equal(theme_load(&theme, "boxtop", &err), 0);
    assert_int_equal(theme_load(&theme, "no-such-theme", &err), -ENOENT);
    assert_string_equal(
        err.text, "find the theme no-such-theme: no no-such-theme.theme in boxtop's or btop's directories");
    assert_true(err.hint[0]);
    assert_int_equal(theme_load(&theme, "/no/such/file", &err), -ENOENT);
    assert_string_equal(err.text, "read the theme /no/such/file: No such file or directory");
    assert_int_equal(theme_load(&theme, SOURCE_DIR "/COPYING", &err), -EINVAL);
    assert_non_null(strstr(err.text, "not a line of a theme"));
}

/* The embedded default is the file that ships. */
static void test_default(void **state)
{
    struct theme embedded, file;
    struct err err;
    (void)state;
    theme_default(&embedded);
    assert_int_equal(theme_load(&file, SOURCE_DIR "/themes/boxtop.theme", &err), 0);
    assert_memory_equal(embedded.color, file.color, sizeof file.color);
    check_whole(&embedded);
}

static void test_nearest(void **state)
{
    static const struct {
        int rgb, index;
    } cases[] = {{0x000000, 16},  {0xffffff, 231}, {0xff0000, 196}, {0x5f87af, 67},
                 {0x808080, 244}, {0x5b6675, 241}, {0x5b93cc, 68},  {0x121212, 233}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(theme_nearest_256(cases[i].rgb), cases[i].index);
}

static void test_base16(void **state)
{
    static const char scheme[] =
        "scheme: \"Test\"\nauthor: \"me\"\nbase00: \"101112\"\nbase01: \"#202122\"\n"
        "base02: '303132'\nbase03: 404142\nbase04: \"505152\"\nbase05: \"d0d1d2\"\n"
        "base06: \"e0e1e2\"\nbase07: \"f0f1f2\"\nbase08: \"ff0000\"\nbase09: \"ff8000\"\n"
        "base0A: \"ffff00\"\nbase0B: \"00ff00\"\nbase0C: \"00ffff\"\nbase0D: \"0000ff\"\n"
        "base0E: \"ff00ff\"\nbase0F: \"804000\"\n";
    struct theme theme;
    struct err err;
    (void)state;
    assert_int_equal(theme_parse_base16(&theme, "test", scheme, &err), 0);
    assert_int_equal(theme_color(&theme, ROLE_BG, 0), 0x101112);
    assert_int_equal(theme_color(&theme, ROLE_SELECTED_BG, 0), 0x303132);
    assert_int_equal(theme_color(&theme, ROLE_BAD, 0), 0xff0000);
    assert_int_equal(theme_color(&theme, ROLE_CPU, 0), 0x00ff00);
    assert_int_equal(theme_color(&theme, ROLE_CPU, 100), 0xff0000);
    cleanup_free char *cut = mem_dup(scheme);
    *strstr(cut, "base0F") = '\0';
    assert_int_equal(theme_parse_base16(&theme, "cut", cut, &err), -EINVAL);
    assert_string_equal(err.text, "cut: not a base16 scheme: it has no base0F");
}

/* Every theme that is found can be loaded by the name that it is listed with. */
static void test_list(void **state)
{
    static char names[160][THEME_NAME], where[160][THEME_NAME];
    struct theme theme;
    struct err err;
    (void)state;
    int count = theme_list(names, where, 160);
    assert_in_range(count, 3, 160);
    for (int i = 0; i < count; i++) {
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
        assert_int_equal(theme_load(&theme, names[i], &err), 0);
    }
    assert_int_equal(theme_list(names, where, 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base16),  cmocka_unit_test(test_list),

        cmocka_unit_test(test_lines),   cmocka_unit_test(test_gradient), cmocka_unit_test(test_relatives),
        cmocka_unit_test(test_legible), cmocka_unit_test(test_files),    cmocka_unit_test(test_load),
        cmocka_unit_test(test_default), cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
