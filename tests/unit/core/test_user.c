/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Users and groups of a container: its own files, which anybody may have written, decide.
 */
#include <errno.h>
#include <fcntl.h>
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

#include "base/fs.h"
#include "base/mem.h"
#include "core/user.h"

static char path[] = "/tmp/boxtop-test-XXXXXX";
static int root = -1;

static void write_file(const char *name, const char *text)
{
    int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(path + strlen(path) - 6, "XXXXXX");
    assert_non_null(mkdtemp(path));
    root = open(path, O_PATH | O_DIRECTORY);
    assert_int_equal(mkdirat(root, "etc", 0755), 0);
    write_file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                             "\n# comment\nbroken\n:x:1:1::/:\nodd:x:1x:1::/:\nhuge:x:4294967295:1::/:\n"
                             "web:x:33:34:a, b:/srv/web:/bin/false\n"
                             "nogroup:x:40\nrelative:x:41:41::home:\nlast:x:42:43");
    write_file("etc/group", "root:x:0:\nwww:x:34:web\nmedia:x:50:other,web,last\nmore:x:51:web\n"
                            "again:x:50:web\nprefix:x:60:webmaster\nbad:x:6o:web\n");
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    close(root);
    return fs_remove_tree_at(AT_FDCWD, path);
}

static void test_texts(void **state)
{
    (void)state;
    static const char *const good[] = {"0",      "1000", "web",     "web:media", "1000:50",
                                       "web:50", "_apt", "a.b-c_d", "4294967294"};
    static const char *const bad[] = {"",        ":",      "web:",       ":50", "1000abc",
                                      "-1",      "+1",     " 1",         "1 ",  "a b",
                                      "a:b:c",   "web:-1", "0x10",       "1.5", "-web",
                                      "../x",    "a/b",    "4294967295", "a\n", "99999999999999999999",
                                      "web\x1b", "web:1a"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (!user_text_is_valid(good[i]))
            fail_msg("'%s' was refused", good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (user_text_is_valid(bad[i]))
            fail_msg("'%s' was not refused", bad[i]);
}

static void test_find(void **state)
{
    (void)state;
    static const struct {
        const char *text, *home, *error;
        unsigned uid, gid;
        size_t count;
        gid_t groups[4];
    } rows[] = {
        {"root", "/root", NULL, 0, 0, 1, {0}},
        {"web", "/srv/web", NULL, 33, 34, 3, {34, 50, 51}},
        {"33", "/srv/web", NULL, 33, 34, 3, {34, 50, 51}}, /* the same one by its number */
        {"web:media", "/srv/web", NULL, 33, 50, 1, {50}},
        {"web:7", "/srv/web", NULL, 33, 7, 1, {7}},
        {"1000", "/", NULL, 1000, 0, 1, {0}},
        {"1000:more", "/", NULL, 1000, 51, 1, {51}},
        {"relative", "/", NULL, 41, 41, 1, {41}},
        {"last", "/", NULL, 42, 43, 2, {43, 50}},
        {"nobody", NULL, "user nobody: not in the container's /etc/passwd", 0, 0, 0, {0}},
        {"odd", NULL, "user odd: not in the container's /etc/passwd", 0, 0, 0, {0}},
        {"huge", NULL, "user huge: not in the container's /etc/passwd", 0, 0, 0, {0}},
        {"web:nogroup", NULL, "group nogroup: not in the container's /etc/group", 0, 0, 0, {0}},
        {"web:bad", NULL, "group bad: not in the container's /etc/group", 0, 0, 0, {0}},
        {"nogroup", NULL, "user nogroup: its line in the container's /etc/passwd has no group", 0, 0, 0, {0}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct user user = {0};
        struct err err = {0};
        int rc = user_find(&user, root, rows[i].text, &err);
        if ((rc < 0) != (rows[i].error != NULL))
            fail_msg("%s: %d %s", rows[i].text, rc, err.text);
        if (rows[i].error) {
            assert_string_equal(err.text, rows[i].error);
            continue;
        }
        assert_int_equal(user.uid, rows[i].uid);
        assert_int_equal(user.gid, rows[i].gid);
        assert_string_equal(user.home, rows[i].home);
        assert_int_equal(user.group_count, rows[i].count);
        assert_memory_equal(user.groups, rows[i].groups, rows[i].count * sizeof(gid_t));
        user_free(&user);
    }
}

/* Nothing outside of the root is read, nothing that blocks is opened, and numbers need no files. */
static void test_hostile(void **state)
{
    (void)state;
    struct user user = {0};
    struct err err = {0};
    unlinkat(root, "etc/passwd", 0);
    assert_int_equal(user_find(&user, root, "7:8", &err), 0);
    user_free(&user);
    assert_int_equal(user_find(&user, root, "root", &err), -ENOENT);
    assert_int_equal(symlinkat("../../../../../../../../etc/passwd", root, "etc/passwd"), 0);
    assert_int_equal(user_find(&user, root, "root", &err), -ELOOP);
    unlinkat(root, "etc/passwd", 0);
    assert_int_equal(mkfifoat(root, "etc/passwd", 0600), 0);
    assert_int_equal(user_find(&user, root, "7", &err), -EINVAL);
    assert_string_equal(err.text, "read the container's /etc/passwd: it is no file of a usual size");
    unlinkat(root, "etc/passwd", 0);
    write_file("real", "inner:x:5:6::/in:\n");
    assert_int_equal(symlinkat("/real", root, "etc/passwd"), 0);
    assert_int_equal(user_find(&user, root, "inner", &err), 0);
    assert_int_equal(user.uid, 5);
    user_free(&user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test_setup_teardown(test_find, set_up, take_down),
        cmocka_unit_test_setup_teardown(test_hostile, set_up, take_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
