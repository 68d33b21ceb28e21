/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
#include "base/self.h"

struct place {
    char path[64];
    int fd;
};

static int setup(void **state)
{
    struct place *place = mem_alloc(sizeof *place);
    strcpy(place->path, "/tmp/boxtop-test-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    place->fd = open(place->path, O_RDONLY | O_DIRECTORY);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    close(place->fd);
    fs_remove_tree_at(AT_FDCWD, place->path);
    assert_int_equal(access(place->path, F_OK), -1);
    free(place);
    return 0;
}

static void put(int dirfd, const char *name, const char *text)
{
    assert_int_equal(fs_replace_at(dirfd, name, text, strlen(text)), 0);
}

static void test_read(void **state)
{
    struct place *place = *state;
    char to[8];
    put(place->fd, "seven", "1234567");
    put(place->fd, "eight", "12345678");
    put(place->fd, "empty", "");
    assert_int_equal(fs_read_at(place->fd, "seven", to, sizeof to), 7);
    assert_string_equal(to, "1234567");
    assert_int_equal(fs_read_at(place->fd, "eight", to, sizeof to), -EFBIG);
    assert_int_equal(fs_read_at(place->fd, "empty", to, sizeof to), 0);
    assert_string_equal(to, "");
    assert_int_equal(fs_read_at(place->fd, "none", to, sizeof to), -ENOENT);
    assert_int_equal(fs_read_at(place->fd, ".", to, sizeof to), -EISDIR);
    assert_int_equal(fs_read_at(-1, "seven", to, sizeof to), -EBADF);
    int fd = openat(place->fd, "seven", O_RDONLY);
    for (int again = 0; again < 2; again++)
        assert_int_equal(fs_pread(fd, to, sizeof to), 7);
    close(fd);
}

static void test_read_whole(void **state)
{
    struct place *place = *state;
    char *big = mem_alloc(100001), *text = (char *)"untouched";
    memset(big, 'x', 100000);
    put(place->fd, "big", big);
    put(place->fd, "empty", "");
    assert_int_equal(fs_read_whole_at(place->fd, "big", 99999, &text), -EFBIG);
    assert_int_equal(fs_read_whole_at(place->fd, "none", 99999, &text), -ENOENT);
    assert_string_equal(text, "untouched");
    assert_int_equal(fs_read_whole_at(place->fd, "big", 100000, &text), 100000);
    assert_string_equal(text, big);
    free(text);
    assert_int_equal(fs_read_whole_at(place->fd, "empty", 10, &text), 0);
    assert_string_equal(text, "");
    free(text);
    free(big);
}

static void test_replace(void **state)
{
    struct place *place = *state;
    struct stat st;
    char to[16];
    put(place->fd, "file", "old text");
    put(place->fd, "file", "new");
    assert_int_equal(fs_read_at(place->fd, "file", to, sizeof to), 3);
    assert_int_equal(fstatat(place->fd, "file", &st, 0), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* a link is replaced, what it points to is not written to */
    put(place->fd, "target", "precious");
    assert_int_equal(symlinkat("target", place->fd, "link"), 0);
    put(place->fd, "link", "text");
    assert_int_equal(fs_read_at(place->fd, "target", to, sizeof to), 8);
    /* nothing temporary stays */
    assert_int_equal(mkdirat(place->fd, "dir", 0700), 0);
    assert_true(fs_replace_at(place->fd, "dir", "x", 1) < 0);
    char temporary[64];
    snprintf(temporary, sizeof temporary, ".dir.%d", (int)getpid());
    assert_int_equal(faccessat(place->fd, temporary, F_OK, 0), -1);
    char name[NAME_MAX + 1];
    memset(name, 'n', NAME_MAX);
    name[NAME_MAX] = '\0';
    assert_int_equal(fs_replace_at(place->fd, name, "x", 1), -ENAMETOOLONG);
}

static void test_write(void **state)
{
    struct place *place = *state;
    char to[16];
    assert_int_equal(fs_write_at(place->fd, "none", "1"), -ENOENT); /* it never makes a file */
    put(place->fd, "file", "12345");
    assert_int_equal(fs_write_at(place->fd, "file", "abc"), 0);
    assert_int_equal(fs_read_at(place->fd, "file", to, sizeof to), 5);
    assert_string_equal(to, "abc45");
    int full = open("/dev/full", O_WRONLY);
    assert_int_equal(fs_write_all(full, "x", 1), -ENOSPC);
    close(full);
}

static void test_mkdirs(void **state)
{
    struct place *place = *state;
    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s/a/b/c", place->path);
    assert_int_equal(fs_mkdirs(path, 0700), 0);
    assert_int_equal(fs_mkdirs(path, 0700), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    put(place->fd, "file", "");
    snprintf(path, sizeof path, "%s/file/x", place->path);
    assert_int_equal(fs_mkdirs(path, 0700), -ENOTDIR);
}

static void test_remove_tree(void **state)
{
    struct place *place = *state;
    char path[128];
    assert_int_equal(fs_remove_tree_at(place->fd, "none"), 0);
    snprintf(path, sizeof path, "%s/keep", place->path);
    assert_int_equal(fs_mkdirs(path, 0700), 0);
    int keep = open(path, O_RDONLY | O_DIRECTORY);
    put(keep, "precious", "x");
    snprintf(path, sizeof path, "%s/gone/a/b", place->path);
    assert_int_equal(fs_mkdirs(path, 0700), 0);
    int gone = openat(place->fd, "gone", O_RDONLY | O_DIRECTORY);
    put(gone, "file", "x");
    assert_int_equal(symlinkat("../keep", gone, "link"), 0);
    assert_int_equal(symlinkat("nowhere", gone, "dangling"), 0);
    assert_int_equal(mkfifoat(gone, "fifo", 0600), 0);
    close(gone);
    assert_int_equal(fs_remove_tree_at(place->fd, "gone"), 0);
    assert_int_equal(faccessat(place->fd, "gone", F_OK, AT_SYMLINK_NOFOLLOW), -1);
    assert_int_equal(faccessat(keep, "precious", F_OK, 0), 0);
    close(keep);
}

static void test_self(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct err err;
    assert_int_equal(self_find("test_fs", path, &err), 0);
    assert_int_equal(access(path, X_OK), 0);
    assert_int_equal(self_find("boxtop-nothing", path, &err), -ENOENT);
    assert_non_null(strstr(err.text, "find the program boxtop-nothing: "));
    assert_true(err.hint[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replace, setup, teardown),
        cmocka_unit_test_setup_teardown(test_write, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mkdirs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_remove_tree, setup, teardown),
        cmocka_unit_test(test_self),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
