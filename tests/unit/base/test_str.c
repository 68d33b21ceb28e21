/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

static void test_number(void **state)
{
    struct str s = {0};
    (void)state;
    str_add_number(&s, 0, ',');
    str_add_number(&s, 1205, '\0');
    str_add_number(&s, UINT64_MAX, '\n');
    assert_string_equal(str_text(&s), "0,120518446744073709551615\n");
    str_free(&s);
}

static void test_grows(void **state)
{
    (void)state;
    struct str s = {0};
    assert_string_equal(str_text(&s), "");
    for (int i = 0; i < 1000; i++)
        str_addf(&s, "%d,", i);
    assert_int_equal(s.len, 3890);
    assert_int_equal(strlen(s.text), s.len);
    str_clear(&s);
    assert_string_equal(str_text(&s), "");
    str_add_bytes(&s, "a\0b", 3);
    assert_int_equal(s.len, 3);
    str_free(&s);
    str_free(&s);
}

static void test_shell(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"plain", "plain"},         {"", "''"},           {"a b", "'a b'"},
        {"it's", "'it'\\''s'"},     {"$HOME", "'$HOME'"}, {"a;b", "'a;b'"},
        {"-x=/a:b,c", "-x=/a:b,c"}, {"~", "'~'"},         {"*", "'*'"},
        {"a\nb", "'a\nb'"},         {"\\", "'\\'"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str s = {0};
        str_add_shell(&s, rows[i][0]);
        assert_string_equal(s.text, rows[i][1]);
        str_free(&s);
    }
    struct str s = {0};
    str_add_shell_list(&s, (char *[]){(char *)"sh", (char *)"-c", (char *)"echo hi", NULL});
    assert_string_equal(s.text, "sh -c 'echo hi'");
    str_free(&s);
    str_add_shell_list(&s, NULL);
    assert_string_equal(str_text(&s), "");
}

/* What sh makes of it is what went in, whatever it was. */
static void test_shell_by_sh(void **state)
{
    (void)state;
    char all[256], back[600];
    for (int i = 1; i < 256; i++)
        all[i - 1] = (char)i;
    all[255] = '\0';
    struct str line = {0};
    str_add(&line, "printf %s ");
    str_add_shell(&line, all);
    FILE *sh = popen(line.text, "r");
    assert_non_null(sh);
    size_t len = fread(back, 1, sizeof back - 1, sh);
    assert_int_equal(pclose(sh), 0);
    assert_int_equal(len, 255);
    assert_memory_equal(back, all, 255);
    str_free(&line);
}

static void test_printable(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"plain", "plain"},
        {"", ""},
        {"\x1b[2J", "\\x1b[2J"},
        {"a\nb\tc\r", "a\\x0ab\\x09c\\x0d"},
        {"\x7f", "\\x7f"},
        {"\xc3\xa4", "\xc3\xa4"},
        {"\xe2\x82\xac", "\xe2\x82\xac"},
        {"\xf0\x9f\x90\xa6", "\xf0\x9f\x90\xa6"},
        {"\xc2\x9b"
         "31m",
         "\\xc2\\x9b31m"}, /* CSI as a C1 control */
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc3", "\\xc3"}, /* cut */
        {"\xe2\x82", "\\xe2\\x82"},
        {"\xc0\xaf", "\\xc0\\xaf"}, /* overlong / */
        {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
        {"\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* a surrogate */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond the last */
        {"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
        {"\x80", "\\x80"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char to[64];
        assert_int_equal(str_printable(to, sizeof to, rows[i][0]), strlen(rows[i][1]));
        assert_string_equal(to, rows[i][1]);
    }
}

/* It is cut at a whole character or escape, and always ends. */
static void test_printable_cut(void **state)
{
    (void)state;
    static const char *const texts[] = {"\xe2\x82\xac\xe2\x82\xac", "a\x1b\x1b", "\xf0\x9f\x90\xa6z"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char whole[64];
        str_printable(whole, sizeof whole, texts[i]);
        for (size_t size = 1; size <= sizeof whole; size++) {
            char *to = malloc(size), again[64];
            size_t len = str_printable(to, size, texts[i]);
            assert_int_equal(strlen(to), len);
            assert_true(len < size);
            assert_memory_equal(to, whole, len);
            assert_int_equal(str_printable(again, sizeof again, to), len); /* nothing half */
            free(to);
        }
    }
    char one = 'x';
    assert_int_equal(str_printable(&one, 0, "abc"), 0);
    assert_int_equal(one, 'x');
}

static void test_copy(void **state)
{
    (void)state;
    char to[4];
    assert_true(str_copy(to, sizeof to, "abc"));
    assert_string_equal(to, "abc");
    assert_false(str_copy(to, sizeof to, "abcd"));
    assert_string_equal(to, "abc");
    assert_true(str_copy(to, sizeof to, ""));
    assert_string_equal(to, "");
    assert_true(str_starts("--memory", "--"));
    assert_false(str_starts("-", "--"));
}

/* ---- err ---- */

static void test_err(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(err_set(&err, ENOENT, "no container %s", "web"), -ENOENT);
    assert_string_equal(err.text, "no container web");
    assert_string_equal(err.hint, "");
    assert_int_equal(err_hint(&err, "boxtop %s", "ps"), -ENOENT);
    assert_int_equal(err_prefix(&err, "stop"), -ENOENT);
    assert_string_equal(err.text, "stop: no container web");
    assert_string_equal(err.hint, "boxtop ps");
    errno = EACCES;
    assert_int_equal(err_errno(&err, "open %s", "/x"), -EACCES);
    assert_string_equal(err.text, "open /x: Permission denied");
    assert_string_equal(err.hint, "");
    errno = 0;
    assert_true(err_errno(&err, "what has no reason") < 0); /* an error is never 0 */
}

/* Long texts are cut, and neither overrun nor fail. */
static void test_err_long(void **state)
{
    (void)state;
    struct err err;
    char *longer = mem_alloc(5000);
    memset(longer, 'x', 4999);
    err_set(&err, EINVAL, "%s", longer);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    for (int i = 0; i < 5; i++)
        err_prefix(&err, "%.*s", 200 * i, longer);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    errno = EACCES;
    err_errno(&err, "%s", longer);
    err_hint(&err, "%s", longer);
    assert_int_equal(strlen(err.hint), sizeof err.hint - 1);
    free(longer);
}

static void test_err_print(void **state)
{
    (void)state;
    struct err err;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    err_set(&err, EINVAL, "name 'a\x1b[2J\nb' is bad");
    err_print(&err, out);
    err_hint(&err, "use\x07 another");
    err_print(&err, out);
    fclose(out);
    assert_string_equal(text, "boxtop: name 'a\\x1b[2J\\x0ab' is bad\n"
                              "boxtop: name 'a\\x1b[2J\\x0ab' is bad (use\\x07 another)\n");
    free(text);
}

/* ---- mem ---- */

static void test_lists(void **state)
{
    (void)state;
    cleanup_list char **list = NULL;
    assert_null(mem_dup_list(NULL));
    assert_null(mem_dup(NULL));
    for (int i = 0; i < 10; i++)
        mem_list_add(&list, mem_printf("%d", i));
    cleanup_list char **copy = mem_dup_list(list);
    assert_string_equal(copy[9], "9");
    assert_null(copy[10]);
    assert_ptr_not_equal(copy[9], list[9]);
    char **taken = take_ptr(&copy);
    assert_null(copy);
    mem_free_list(taken);
    mem_free_list(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number),    cmocka_unit_test(test_grows),
        cmocka_unit_test(test_shell),     cmocka_unit_test(test_shell_by_sh),
        cmocka_unit_test(test_printable), cmocka_unit_test(test_printable_cut),
        cmocka_unit_test(test_copy),      cmocka_unit_test(test_err),
        cmocka_unit_test(test_err_long),  cmocka_unit_test(test_err_print),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
