/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "metrics/access.h"

static void test_addresses(void **state)
{
    static const struct {
        const char *text, *url; /* NULL: refused */
        bool loopback;
    } table[] = {
        {"9339", "http://127.0.0.1:9339/metrics", true},
        {":9339", "http://127.0.0.1:9339/metrics", true},
        {"localhost:1", "http://127.0.0.1:1/metrics", true},
        {"127.9.9.9:65535", "http://127.9.9.9:65535/metrics", true},
        {"0.0.0.0:80", "http://0.0.0.0:80/metrics", false},
        {"10.1.2.3:0", "http://10.1.2.3:0/metrics", false},
        {"[::1]:9339", "http://[::1]:9339/metrics", true},
        {"[::]:9339", "http://[::]:9339/metrics", false},
        {"", NULL, false},
        {"x", NULL, false},
        {"65536", NULL, false},
        {"-1", NULL, false},
        {"127.0.0.1", NULL, false},
        {"127.0.0.1:", NULL, false},
        {"example.org:80", NULL, false},
        {"127.0.0.1:80x", NULL, false},
        {"127.0.0.1: 80", NULL, false},
        {"[]:80", NULL, false},
        {"99999999999999999999", NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct access access = {0};
        struct err err;
        char url[80];
        int rc = access_parse(&access, table[i].text, &err);
        if (!table[i].url) {
            assert_int_equal(rc, -EINVAL);
            continue;
        }
        assert_int_equal(rc, 0);
        access_url(&access, url, sizeof url);
        assert_string_equal(url, table[i].url);
        assert_int_equal(access_is_loopback(&access), table[i].loopback);
        rc = access_check(&access, &err);
        assert_int_equal(rc, table[i].loopback ? 0 : -EACCES);
        if (!table[i].loopback) {
            access.token = (char[]){"0123456789abcdef"};
            assert_int_equal(access_check(&access, &err), 0);
        }
    }
}

static void test_allows(void **state)
{
    struct access access = {.token = (char[]){"0123456789abcdef"}}, open = {0};
    (void)state;
    assert_true(access_allows(&open, NULL));
    assert_true(access_allows(&access, "Bearer 0123456789abcdef"));
    assert_true(access_allows(&access, "bearer 0123456789abcdef"));
    static const char *const wrong[] = {
        NULL,
        "",
        "Bearer",
        "Bearer ",
        "Bearer 0123456789abcde",
        "Bearer 0123456789abcdef0",
        "Basic 0123456789abcdef",
        "0123456789abcdef",
        "Bearer 0123456789abcdeg",
        "Bearer 0123456789abcdef0123456789abcdef",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(access_allows(&access, wrong[i]));
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void test_token_file(void **state)
{
    char directory[] = "/tmp/boxtop-access.XXXXXX";
    struct access access = {0};
    struct err err;
    (void)state;
    assert_non_null(mkdtemp(directory));
    cleanup_free char *path = mem_printf("%s/token", directory);
    assert_int_equal(access_read_token(&access, path, &err), -ENOENT);
    write_file(path, "0123456789abcdef\nmore\n", 0644);
    assert_int_equal(access_read_token(&access, path, &err), -EACCES);
    assert_non_null(strstr(err.text, "everybody can read it"));
    write_file(path, "short\n", 0600);
    assert_int_equal(access_read_token(&access, path, &err), -EINVAL);
    access_free(&access);
    write_file(path, "0123456789abcdef\nmore\n", 0600);
    assert_int_equal(access_read_token(&access, path, &err), 0);
    assert_string_equal(access.token, "0123456789abcdef");
    access_free(&access);
    assert_int_equal(access_read_token(&access, directory, &err), -EINVAL);
    unlink(path);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_allows),
        cmocka_unit_test(test_token_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
