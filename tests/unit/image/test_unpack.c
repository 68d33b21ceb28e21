/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What may come out of an archive: names, links, whiteouts, and a digest of all of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "image/digest.h"
#include "image/unpack.h"

static void test_paths(void **state)
{
    static const struct {
        const char *path;
        bool stays;
    } cases[] = {
        {".", true},        {"./", true},      {"a", true},       {"./a/b", true},  {"a//b", true},
        {"a/..b", true},    {"..a", true},     {"a/...", true},   {"", false},      {"/", false},
        {"/a", false},      {"..", false},     {"../a", false},   {"a/..", false},  {"a/../b", false},
        {"a//../b", false}, {"./../a", false}, {"a/./..", false}, {"a/../", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (unpack_path_stays(cases[i].path) != cases[i].stays)
            fail_msg("'%s'", cases[i].path);
}

static void test_links(void **state)
{
    static const struct {
        const char *path, *target;
        bool stays;
    } cases[] = {
        {"a", "b", true},          {"a", "/etc/passwd", true}, {"a", ".", true},
        {"d/a", "..", true},       {"d/a", "../b", true},      {"d/e/a", "../../b", true},
        {"./d/a", "../b", true},   {"d//a", "../b", true},     {"a", "b/../c", true},
        {"a", "..", false},        {"a", "../b", false},       {"d/a", "../../b", false},
        {"./a", "../b", false},    {"d//a", "../../b", false}, {"d/a", "b/../../../c", false},
        {"d/./a", "../..", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (unpack_link_stays(cases[i].path, cases[i].target) != cases[i].stays)
            fail_msg("'%s' -> '%s'", cases[i].path, cases[i].target);
}

/* ---- for true: a small tar, unpacked into a directory of its own ---- */

struct place {
    char path[64];
    int dir, tar;
    char digest[IMAGE_DIGEST_SIZE]; /* of the tar */
};

struct member {
    const char *path, *target; /* target: of a symbolic link */
    mode_t type;
};

static void make_tar(struct place *p, const struct member *members, int filter)
{
    struct archive *a = archive_write_new();
    size_t used = 0;
    static char bytes[64 << 10];
    archive_write_set_format_pax_restricted(a);
    archive_write_open_memory(a, bytes, sizeof bytes, &used);
    for (; members->path; members++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, members->path);
        archive_entry_set_filetype(entry, members->type);
        archive_entry_set_perm(entry, 0755);
        archive_entry_set_size(entry, members->type == AE_IFREG ? 3 : 0);
        if (members->target)
            archive_entry_set_symlink(entry, members->target);
        assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
        if (members->type == AE_IFREG)
            archive_write_data(a, "abc", 3);
        archive_entry_free(entry);
    }
    archive_write_close(a);
    archive_write_free(a);
    digest_of(bytes, used, p->digest);
    p->tar = memfd_create("tar", MFD_CLOEXEC);
    if (!filter) {
        assert_int_equal(fs_write_all(p->tar, bytes, used), 0);
    } else {
        struct archive *z = archive_write_new();
        struct archive_entry *entry = archive_entry_new();
        archive_write_set_format_raw(z);
        archive_write_add_filter(z, filter);
        archive_write_open_fd(z, p->tar);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_write_header(z, entry);
        archive_write_data(z, bytes, used);
        archive_entry_free(entry);
        archive_write_close(z);
        archive_write_free(z);
    }
    lseek(p->tar, 0, SEEK_SET);
}

static void open_place(struct place *p)
{
    strcpy(p->path, "/tmp/boxtop-unpack.XXXXXX");
    assert_non_null(mkdtemp(p->path));
    p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void close_place(struct place *p)
{
    close(p->dir);
    close(p->tar);
    fs_remove_tree_at(AT_FDCWD, p->path);
}

static int unpack_it(struct place *p, char *digest, struct err *err)
{
    struct progress progress = {0};
    return unpack(p->tar, p->dir, true, &progress, digest, err);
}

static void test_digest_whatever_the_compression(void **state)
{
    static const int filters[] = {0, ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ,
                                  ARCHIVE_FILTER_ZSTD};
    static const struct member members[] = {{"d/", NULL, AE_IFDIR}, {"d/f", NULL, AE_IFREG}, {0}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(filters); i++) {
        struct place p;
        struct err err = {0};
        struct stat st;
        char digest[IMAGE_DIGEST_SIZE];
        open_place(&p);
        make_tar(&p, members, filters[i]);
        assert_int_equal(unpack_it(&p, digest, &err), 0);
        assert_string_equal(digest, p.digest);
        assert_int_equal(fstatat(p.dir, "d/f", &st, 0), 0);
        assert_int_equal(st.st_size, 3);
        close_place(&p);
    }
}

static void test_whiteouts(void **state)
{
    static const struct member members[] = {{"d/", NULL, AE_IFDIR},
                                            {"d/.wh.gone", NULL, AE_IFREG},
                                            {"d/f", NULL, AE_IFREG},
                                            {"d/.wh.f", NULL, AE_IFREG},
                                            {"deep/er/.wh.x", NULL, AE_IFREG},
                                            {"d/.wh..wh.plnk", NULL, AE_IFREG},
                                            {0}};
    struct place p;
    struct err err = {0};
    struct stat st;
    char digest[IMAGE_DIGEST_SIZE];
    (void)state;
    open_place(&p);
    make_tar(&p, members, 0);
    if (unpack_it(&p, digest, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(fstatat(p.dir, "d/gone", &st, 0), 0);
    assert_true(S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0));
    assert_int_equal(fstatat(p.dir, "deep/er/x", &st, 0), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(fstatat(p.dir, "d/f", &st, 0), 0);
    assert_true(S_ISREG(st.st_mode)); /* hides by being there */
    assert_int_equal(fstatat(p.dir, "d/.wh.gone", &st, 0), -1);
    assert_int_equal(fstatat(p.dir, "d/.wh.plnk", &st, 0), -1);
    close_place(&p);
}

static void test_hostile(void **state)
{
    static const struct {
        struct member members[3];
        const char *text;
    } cases[] = {
        {{{"../x", NULL, AE_IFREG}}, "'../x' leads out of the archive"},
        {{{"/tmp/boxtop-x", NULL, AE_IFREG}}, "'/tmp/boxtop-x' leads out of the archive"},
        {{{"l", "../x", AE_IFLNK}}, "the link 'l' to '../x' leads out of the archive"},
        {{{"l", "/tmp", AE_IFLNK}, {"l/boxtop-x", NULL, AE_IFREG}},
         "l/boxtop-x: Cannot extract through symlink l/boxtop-x"},
        {{{"d/.wh...", NULL, AE_IFREG}}, "'d/.wh...' leads out of the archive"},
        {{{"d/.wh..", NULL, AE_IFREG}}, "'d/.wh..' leads out of the archive"},
        {{{"d/.wh.", NULL, AE_IFREG}}, "'d/.wh.' leads out of the archive"},
        {{{"l", "/tmp", AE_IFLNK}, {"l/.wh.boxtop-x", NULL, AE_IFREG}},
         "'l/.wh.boxtop-x': find /l/ in the root: Too many levels of symbolic links"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct place p;
        struct err err = {0};
        char digest[IMAGE_DIGEST_SIZE];
        open_place(&p);
        make_tar(&p, cases[i].members, 0);
        assert_true(unpack_it(&p, digest, &err) < 0);
        assert_string_equal(err.text, cases[i].text);
        assert_int_equal(access("/tmp/boxtop-x", F_OK), -1);
        close_place(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_digest_whatever_the_compression),
        cmocka_unit_test(test_whiteouts),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
