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

#include "base/cgroupfs.h"
#include "base/fs.h"
#include "base/mem.h"

#define CPU    (1u << CONTROLLER_CPU)
#define CPUSET (1u << CONTROLLER_CPUSET)
#define MEMORY (1u << CONTROLLER_MEMORY)
#define IO     (1u << CONTROLLER_IO)
#define PIDS   (1u << CONTROLLER_PIDS)

static void test_controllers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned mask;
    } rows[] = {
        {"cpuset cpu io memory pids\n", CPUSET | CPU | IO | MEMORY | PIDS},
        {"", 0},
        {"\n", 0},
        {"rdma misc\n", 0},
        {"cpu", CPU},
        {"cpux xcpu cp", 0},
        {"  memory  \n\n pids", MEMORY | PIDS},
        {"CPU", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(cgroupfs_parse_controllers(rows[i].text), rows[i].mask);
}

struct place {
    char path[64], mountinfo[96];
};

static int setup(void **state)
{
    struct place *place = mem_alloc(sizeof *place);
    strcpy(place->path, "/tmp/boxtop-test-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    snprintf(place->mountinfo, sizeof place->mountinfo, "%s/mountinfo", place->path);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    fs_remove_tree_at(AT_FDCWD, place->path);
    free(place);
    return 0;
}

static void put(struct place *place, const char *dir, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s%s", place->path, dir);
    assert_int_equal(fs_mkdirs(path, 0700), 0);
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(fs_replace_at(fd, name, text, strlen(text)), 0);
    close(fd);
}

#define V1        "30 24 0:26 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
#define V2        "29 24 0:25 / /sys/fs/cgroup rw,nosuid,nodev shared:8 - cgroup2 cgroup2 rw,nsdelegate\n"
#define HYBRID_V2 "31 24 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw\n"
#define OTHER     "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"

static void test_find(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *mountinfo;
        enum cgroup_layout layout;
        const char *mount;
    } rows[] = {
        {"", CGROUP_LAYOUT_NONE, ""},
        {OTHER, CGROUP_LAYOUT_NONE, ""},
        {OTHER V1, CGROUP_LAYOUT_NONE, ""},
        {OTHER V2, CGROUP_LAYOUT_UNIFIED, "/sys/fs/cgroup"},
        {OTHER V1 HYBRID_V2, CGROUP_LAYOUT_HYBRID, "/sys/fs/cgroup/unified"},
        {HYBRID_V2 V1, CGROUP_LAYOUT_HYBRID, "/sys/fs/cgroup/unified"},
        {V2 HYBRID_V2, CGROUP_LAYOUT_UNIFIED, "/sys/fs/cgroup"}, /* the first */
        {"29 24 0:25 / /mnt/a\\040b\\134c rw - cgroup2 none rw\n", CGROUP_LAYOUT_UNIFIED, "/mnt/a b\\c"},
        {"29 24 0:25 / /cgroup2 rw - ext4 cgroup2 rw\n", CGROUP_LAYOUT_NONE, ""},
        /* no such lines */
        {"29 24 0:25 / /sys/fs/cgroup rw cgroup2\n", CGROUP_LAYOUT_NONE, ""},
        {" - cgroup2 x\n", CGROUP_LAYOUT_NONE, ""},
        {"1 2 - cgroup2 cgroup2 rw\n", CGROUP_LAYOUT_NONE, ""},
        {"\xff\xfe - \n\n\n -", CGROUP_LAYOUT_NONE, ""},
        {"29 24 0:25 / /sys/fs/cgroup rw - cgroup2 ", CGROUP_LAYOUT_UNIFIED, "/sys/fs/cgroup"}, /* cut */
        {"29 24 0:25 / /sys/fs/cgroup rw - cgr", CGROUP_LAYOUT_NONE, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cgroupfs fs;
        put(place, "", "mountinfo", rows[i].mountinfo);
        cgroupfs_find(&fs, place->mountinfo, place->path);
        if (fs.layout != rows[i].layout || strcmp(fs.mount, rows[i].mount) != 0)
            fail_msg("%s: layout %d, mount '%s'", rows[i].mountinfo, fs.layout, fs.mount);
        assert_int_equal(fs.controllers, 0);
    }
}

static void test_find_controllers(void **state)
{
    struct place *place = *state;
    struct cgroupfs fs;
    put(place, "", "mountinfo", OTHER V2);
    put(place, "/sys/fs/cgroup", "cgroup.controllers", "cpuset cpu io memory pids\n");
    cgroupfs_find(&fs, place->mountinfo, place->path);
    assert_int_equal(fs.controllers, CPUSET | CPU | IO | MEMORY | PIDS);
    cgroupfs_find(&fs, "/no/such/mountinfo", "");
    assert_int_equal(fs.layout, CGROUP_LAYOUT_NONE);
    cgroupfs_find(&fs, NULL, NULL); /* this machine's, whatever it is */
    assert_true(fs.layout == CGROUP_LAYOUT_NONE || fs.mount[0] == '/');
}

/* A mount point that does not fit is none, not another one. */
static void test_find_long(void **state)
{
    struct place *place = *state;
    struct cgroupfs fs;
    char line[1024], path[400];
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    snprintf(line, sizeof line, "29 24 0:25 / %s rw - cgroup2 cgroup2 rw\n", path);
    put(place, "", "mountinfo", line);
    cgroupfs_find(&fs, place->mountinfo, place->path);
    assert_int_equal(fs.layout, CGROUP_LAYOUT_NONE);
}

static void test_describe(void **state)
{
    (void)state;
    static const struct {
        struct cgroupfs fs;
        const char *text;
    } rows[] = {
        {{.layout = CGROUP_LAYOUT_NONE, .mount = "", .controllers = 0}, "no cgroup v2"},
        {{.layout = CGROUP_LAYOUT_UNIFIED, .mount = "/sys/fs/cgroup", .controllers = CPU | MEMORY | PIDS},
         "cgroup v2"},
        {{.layout = CGROUP_LAYOUT_UNIFIED, .mount = "/sys/fs/cgroup", .controllers = CPU | PIDS},
         "cgroup v2 without memory"},
        {{.layout = CGROUP_LAYOUT_HYBRID, .mount = "/sys/fs/cgroup/unified", .controllers = 0},
         "cgroup v2 without cpu, memory, pids (on v1)"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char to[128];
        cgroupfs_describe(&rows[i].fs, NULL, to, sizeof to);
        assert_string_equal(to, rows[i].text);
    }
    char small[5];
    cgroupfs_describe(&rows[0].fs, NULL, small, sizeof small);
    assert_string_equal(small, "no c");
}

static void test_missing(void **state)
{
    (void)state;
    struct err err;
    struct cgroupfs none = {0},
                    hybrid = {.layout = CGROUP_LAYOUT_HYBRID,
                              .mount = "/sys/fs/cgroup/unified",
                              .controllers = 0},
                    unified = {.layout = CGROUP_LAYOUT_UNIFIED, .mount = "/sys/fs/cgroup", .controllers = 0};
    assert_int_equal(cgroupfs_missing(&none, CONTROLLER_MEMORY, &err), -ENOTSUP);
    assert_string_equal(err.text, "no cgroup v2 is mounted, so there is no memory controller");
    assert_int_equal(cgroupfs_missing(&hybrid, CONTROLLER_CPU, &err), -ENOTSUP);
    assert_string_equal(err.text, "the cpu controller is not on cgroup v2 (/sys/fs/cgroup/unified)");
    assert_non_null(strstr(err.hint, "cgroup_no_v1=all"));
    assert_int_equal(cgroupfs_missing(&unified, CONTROLLER_PIDS, &err), -ENOTSUP);
    assert_non_null(strstr(err.hint, "/sys/fs/cgroup/cgroup.controllers does not list it"));
}

static void test_of_pid(void **state)
{
    (void)state;
    char path[512], small[1];
    struct cgroupfs fs;
    assert_int_equal(cgroupfs_of_pid(1 << 30, path, sizeof path), -ENOENT);
    cgroupfs_find(&fs, NULL, NULL);
    if (fs.layout == CGROUP_LAYOUT_NONE)
        return; /* then a process is in none */
    assert_int_equal(cgroupfs_of_pid(0, path, sizeof path), 0);
    assert_int_equal(path[0], '/');
    assert_int_equal(cgroupfs_of_pid(0, small, sizeof small), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_controllers),
        cmocka_unit_test_setup_teardown(test_find, setup, teardown),
        cmocka_unit_test_setup_teardown(test_find_controllers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_find_long, setup, teardown),
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_of_pid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
