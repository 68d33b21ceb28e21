/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/etc.h"

static void test_reachable(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"nameserver 10.0.0.1\n", "nameserver 10.0.0.1\n"},
        {"nameserver 127.0.0.53\noptions edns0\nsearch lan\n", "options edns0\nsearch lan\n"},
        {"nameserver\t127.0.0.1\nnameserver 127.1.1.1 \n  nameserver ::1\n", ""},
        {"nameserver ::1\nnameserver ::12\nnameserver fe80::1%eth0\nnameserver FE80::1\n",
         "nameserver ::12\n"},
        {"# nameserver 127.0.0.1\nnameserver 9.9.9.9", "# nameserver 127.0.0.1\nnameserver 9.9.9.9\n"},
        {"nameservers 127.0.0.1\nnameserver\n", "nameservers 127.0.0.1\nnameserver\n"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct str to = {0};
        etc_reachable(&to, rows[i][0]);
        assert_string_equal(str_text(&to), rows[i][1]);
        str_free(&to);
    }
}

static void test_make(void **state)
{
    (void)state;
    struct etc etc;
    etc_make(&etc, NETWORK_NONE, "box", NULL);
    assert_string_equal(etc.text[ETC_HOSTNAME].text, "box\n");
    assert_string_equal(etc.text[ETC_HOSTS].text,
                        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\tbox\n");
    assert_string_equal(str_text(&etc.text[ETC_RESOLV_CONF]), "");
    etc_free(&etc);
    etc_make(&etc, NETWORK_PRIVATE, "box", "10.213.0.2/30");
    assert_non_null(strstr(etc.text[ETC_HOSTS].text, "\n10.213.0.2\tbox\n"));
    assert_null(strstr(str_text(&etc.text[ETC_RESOLV_CONF]), "127.0.0."));
    etc_free(&etc);
}

/* A link is replaced, not followed. */
static void test_write(void **state)
{
    (void)state;
    char path[] = "/tmp/boxtop-test-XXXXXX", text[256];
    struct etc etc;
    struct err err = {0};
    assert_non_null(mkdtemp(path));
    cleanup_close int root = open(path, O_PATH | O_DIRECTORY);
    assert_int_equal(mkdirat(root, "etc", 0755), 0);
    assert_int_equal(symlinkat("../precious", root, "etc/resolv.conf"), 0);
    etc_make(&etc, NETWORK_NONE, "box", NULL);
    assert_int_equal(etc_write(&etc, root, &err), 0);
    assert_true(fs_read_at(root, "etc/hostname", text, sizeof text) > 0);
    assert_string_equal(text, "box\n");
    assert_int_equal(fs_read_at(root, "etc/resolv.conf", text, sizeof text), 0);
    assert_true(faccessat(root, "precious", F_OK, 0) < 0);
    etc_free(&etc);
    fs_remove_tree_at(AT_FDCWD, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reachable),
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
