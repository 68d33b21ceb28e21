/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
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
#include "core/knob.h"

static const struct {
    const char *knob, *text, *kernel; /* kernel: what is written; NULL: refused */
    const char *error;
} parses[] = {
    {"cpu.max", "50%", "50000 100000", NULL},
    {"cpu.max", "0.5", "50000 100000", NULL},
    {"cpu.max", "1.5", "150000 100000", NULL},
    {"cpu.max", "20000 40000", "20000 40000", NULL},
    {"cpu.max", "max", "max", NULL},
    {"cpu.max", "max 50000", "max 50000", NULL},
    {"cpu.max", "1%", "1000 100000", NULL},
    {"cpu.max", "0", NULL, "cpu.max: '0' is less than the kernel's smallest quota (1%, 1000 us)"},
    {"cpu.max", "0.5%", NULL, "cpu.max: '0.5%' is less than the kernel's smallest quota (1%, 1000 us)"},
    {"cpu.max", "50000 999", NULL, "cpu.max: a period of 999 us is not between 1000 and 1000000"},
    {"cpu.max", "50000 1000001", NULL, "cpu.max: a period of 1000001 us is not between 1000 and 1000000"},
    {"cpu.max", "-1", NULL,
     "cpu.max: '-1' is not a CPU limit (write 50%, 1.5 for CPUs, \"50000 100000\" for us in "
     "each period, or max)"},
    {"cpu.max", "17592186044416 100000", NULL, "cpu.max: '17592186044416 100000' is too large a number"},
    {"cpu.max", "99999999999999999999", NULL, "cpu.max: '99999999999999999999' is too large a number"},
    {"cpu.max.burst", "1000", "1000", NULL},
    {"cpu.max.burst", "0", "0", NULL},
    {"cpu.max.burst", "max", NULL, "cpu.max.burst: 'max' is not a whole number"},
    {"cpu.weight", "1", "1", NULL},
    {"cpu.weight", "10000", "10000", NULL},
    {"cpu.weight", "0", NULL, "cpu.weight: '0' is not between 1 and 10000"},
    {"cpu.weight", "10001", NULL, "cpu.weight: '10001' is not between 1 and 10000"},
    {"cpu.weight", "heavy", NULL, "cpu.weight: 'heavy' is not a whole number"},
    {"cpu.idle", "1", "1", NULL},
    {"cpu.idle", "2", NULL, "cpu.idle: '2' is not between 0 and 1"},
    {"cpuset.cpus", "0-1,3", "0-1,3", NULL},
    {"cpuset.cpus", "", "\n", NULL},
    {"cpuset.cpus", "3-1", NULL, "cpuset.cpus: '3-1' is not a list (write 0-3,7)"},
    {"cpuset.cpus", "0,", NULL, "cpuset.cpus: '0,' is not a list (write 0-3,7)"},
    {"cpuset.cpus", "0 1", NULL, "cpuset.cpus: '0 1' is not a list (write 0-3,7)"},
    {"cpuset.cpus", "-1", NULL, "cpuset.cpus: '-1' is not a list (write 0-3,7)"},
    {"cpuset.cpus", "99999999999999999999", NULL,
     "cpuset.cpus: '99999999999999999999' is not a list (write 0-3,7)"},
    {"cpuset.mems", "0", "0", NULL},
    {"cpuset.mems", "all", NULL, "cpuset.mems: 'all' is not a list (write 0-3,7)"},
    {"memory.min", "1G", "1073741824", NULL},
    {"memory.min", "x", NULL, "memory.min: 'x' is not a size (write 100M, 1.5G, bytes or max)"},
    {"memory.low", "max", "max", NULL},
    {"memory.low", "-5", NULL, "memory.low: '-5' is not a size (write 100M, 1.5G, bytes or max)"},
    {"memory.high", "1.5G", "1610612736", NULL},
    {"memory.high", "1.5", NULL, "memory.high: '1.5' is not a size (write 100M, 1.5G, bytes or max)"},
    {"memory.max", "100M", "104857600", NULL},
    {"memory.max", "0", "0", NULL},
    {"memory.max", "4096", "4096", NULL},
    {"memory.max", "max", "max", NULL},
    {"memory.max", "12x", NULL, "memory.max: '12x' is not a size (write 100M, 1.5G, bytes or max)"},
    {"memory.max", "", NULL, "memory.max: '' is not a size (write 100M, 1.5G, bytes or max)"},
    {"memory.max", "100", NULL, "memory.max: '100' is 100 bytes, less than a page, and would count as 0"},
    {"memory.max", "16E", NULL, "memory.max: '16E' is too large a number"},
    {"memory.max", "8E", NULL, "memory.max: '8E' is more than the kernel can count (write max)"},
    {"memory.max", "100M\n50M", NULL,
     "memory.max: '100M\n50M' is not a size (write 100M, 1.5G, bytes or max)"},
    {"memory.swap.max", "0", "0", NULL},
    {"memory.swap.max", "1k", NULL,
     "memory.swap.max: '1k' is 1024 bytes, less than a page, and would count as 0"},
    {"memory.oom.group", "1", "1", NULL},
    {"memory.oom.group", "yes", NULL, "memory.oom.group: 'yes' is not a whole number"},
    {"io.max", "8:0 rbps=1M wiops=100", "8:0 rbps=1048576 wiops=100", NULL},
    {"io.max", "259:3 riops=max", "259:3 riops=max", NULL},
    {"io.max", "8:0", NULL,
     "io.max: '8:0' is not a device's limits (write 8:0 rbps=10M wiops=100; keys: rbps wbps riops wiops)"},
    {"io.max", "sda rbps=1M", NULL,
     "io.max: 'sda rbps=1M' is not a device's limits (write 8:0 rbps=10M wiops=100; keys: rbps wbps riops "
     "wiops)"},
    {"io.max", "8:0 rbps=0", NULL, "io.max: 'rbps=0': 0 is not possible (write max for no limit)"},
    {"io.max", "8:0 speed=3", NULL,
     "io.max: 'speed=3' is not a device's limits (write 8:0 rbps=10M wiops=100; keys: rbps wbps riops "
     "wiops)"},
    {"io.max", "", NULL,
     "io.max: '' is not a device's limits (write 8:0 rbps=10M wiops=100; keys: rbps wbps riops wiops)"},
    {"io.weight", "200", "200", NULL},
    {"io.weight", "default 200", "200", NULL},
    {"io.weight", "0", NULL, "io.weight: '0' is not between 1 and 10000"},
    {"io.weight", "8:0 300", "8:0 300", NULL},
    {"io.weight", "8:0 default", "8:0 default", NULL},
    {"io.weight", "8:0 0", NULL,
     "io.weight: '8:0 0' is not a weight (write 200, or of one device \"8:0 200\" or \"8:0 default\")"},
    {"io.weight", "sda 100", NULL,
     "io.weight: 'sda 100' is not a weight (write 200, or of one device \"8:0 200\" or \"8:0 default\")"},
    {"io.bfq.weight", "1000", "1000", NULL},
    {"io.bfq.weight", "1001", NULL, "io.bfq.weight: '1001' is not between 1 and 1000"},
    {"io.latency", "8:0 target=5000", "8:0 target=5000", NULL},
    {"io.latency", "8:0 target=0", "8:0 target=0", NULL},
    {"io.latency", "8:0 rbps=1M", NULL,
     "io.latency: 'rbps=1M' is not a device's limits (write 8:0 target=5000; keys: target)"},
    {"io.prio.class", "idle", "idle", NULL},
    {"io.prio.class", "fast", NULL,
     "io.prio.class: 'fast' is not one of: no-change promote-to-rt restrict-to-be idle none-to-rt"},
    {"cpu.weight.nice", "-20", "-20", NULL},
    {"cpu.weight.nice", "-0", "0", NULL},
    {"cpu.weight.nice", "19", "19", NULL},
    {"cpu.weight.nice", "20", NULL, "cpu.weight.nice: '20' is not a nice value (write -20 to 19)"},
    {"cpu.weight.nice", "- 5", NULL, "cpu.weight.nice: '- 5' is not a nice value (write -20 to 19)"},
    {"cpu.uclamp.min", "50%", "50.00", NULL},
    {"cpu.uclamp.min", "12.5", "12.50", NULL},
    {"cpu.uclamp.min", "max", NULL, "cpu.uclamp.min: 'max' is not a percentage (write 50% or 12.5)"},
    {"cpu.uclamp.min", "5x%", NULL, "cpu.uclamp.min: '5x%' is not a percentage (write 50% or 12.5)"},
    {"cpu.uclamp.min", "5%x", NULL, "cpu.uclamp.min: '5%x' is not a percentage (write 50% or 12.5)"},
    {"cpu.uclamp.max", "max", "max", NULL},
    {"cpu.uclamp.max", "101", NULL, "cpu.uclamp.max: '101' is not between 0 and 100, or max"},
    {"cpuset.cpus.exclusive", "0-1", "0-1", NULL},
    {"cpuset.cpus.exclusive", "1-0", NULL, "cpuset.cpus.exclusive: '1-0' is not a list (write 0-3,7)"},
    {"cpuset.cpus.partition", "isolated", "isolated", NULL},
    {"cpuset.cpus.partition", "root invalid", NULL,
     "cpuset.cpus.partition: 'root invalid' is not one of: member root isolated"},
    {"cpuset.cpus.partition", "roo", NULL,
     "cpuset.cpus.partition: 'roo' is not one of: member root isolated"},
    {"cpuset.cpus.partition", "", NULL, "cpuset.cpus.partition: '' is not one of: member root isolated"},
    {"memory.swap.high", "1G", "1073741824", NULL},
    {"memory.swap.high", "x", NULL, "memory.swap.high: 'x' is not a size (write 100M, 1.5G, bytes or max)"},
    {"memory.zswap.max", "max", "max", NULL},
    {"memory.zswap.max", "-1", NULL, "memory.zswap.max: '-1' is not a size (write 100M, 1.5G, bytes or max)"},
    {"memory.zswap.writeback", "0", "0", NULL},
    {"memory.zswap.writeback", "2", NULL, "memory.zswap.writeback: '2' is not between 0 and 1"},
    {"memory.reclaim", "10M", "10485760", NULL},
    {"memory.reclaim", "some", NULL, "memory.reclaim: 'some' is not a size (write 100M, 1.5G or bytes)"},
    {"memory.reclaim", "max", NULL, "memory.reclaim: 'max' is not a size (write 100M, 1.5G or bytes)"},
    {"hugetlb.2MB.max", "1G", "1073741824", NULL},
    {"hugetlb.1GB.max", "max", "max", NULL},
    {"hugetlb.64KB.max", "few", NULL,
     "hugetlb.64KB.max: 'few' is not a size (write 100M, 1.5G, bytes or max)"},
    {"hugetlb.64KB.max", "1M", "1048576", NULL},
    {"hugetlb.64KB.rsvd.max", "1M", "1048576", NULL},
    {"hugetlb.64KB.rsvd.max", "", NULL,
     "hugetlb.64KB.rsvd.max: '' is not a size (write 100M, 1.5G, bytes or max)"},
    {"cgroup.max.depth", "5", "5", NULL},
    {"cgroup.max.depth", "2147483648", NULL,
     "cgroup.max.depth: '2147483648' is not between 0 and 2147483647, or max"},
    {"cgroup.max.descendants", "max", "max", NULL},
    {"cgroup.max.descendants", "many", NULL, "cgroup.max.descendants: 'many' is not a whole number"},
    {"cgroup.pressure", "0", "0", NULL},
    {"cgroup.pressure", "on", NULL, "cgroup.pressure: 'on' is not a whole number"},
    {"pids.max", "64", "64", NULL},
    {"pids.max", "max", "max", NULL},
    {"pids.max", "4194305", NULL, "pids.max: '4194305' is not between 0 and 4194304, or max"},
    {"pids.max", "1e3", NULL, "pids.max: '1e3' is not a whole number"},
    {"cgroup.freeze", "1", "1", NULL},
    {"cgroup.freeze", "2", NULL, "cgroup.freeze: '2' is not between 0 and 1"},
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(parses); i++) {
        char to[KNOB_TEXT_SIZE] = "untouched";
        struct err err = {0};
        const struct knob *knob = knob_find(parses[i].knob);
        assert_non_null(knob);
        int rc = knob_parse(knob, parses[i].text, to, &err);
        if (parses[i].kernel) {
            assert_int_equal(rc, 0);
            assert_string_equal(to, parses[i].kernel);
        } else {
            assert_true(rc < 0);
            assert_string_equal(err.text, parses[i].error);
            assert_string_equal(to, "untouched");
        }
    }
}

/* The table above has a good and a bad value for each row: nobody adds a knob without. */
static void test_parse_table_is_whole(void **state)
{
    (void)state;
    size_t count;
    const struct knob *knobs = knob_table(&count);
    for (size_t k = 0; k < count; k++) {
        int good = 0, bad = 0;
        for (size_t i = 0; i < COUNT_OF(parses); i++)
            if (strcmp(parses[i].knob, knobs[k].name) == 0)
                *(parses[i].kernel ? &good : &bad) += 1;
        if (knob_title(&knobs[k]) && (!good || !bad))
            fail_msg("%s has no good or no bad value here", knobs[k].name);
    }
}

static void test_table(void **state)
{
    (void)state;
    size_t count;
    const struct knob *knobs = knob_table(&count);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(knob_find(knobs[i].name), &knobs[i]);
        assert_non_null(knobs[i].unit);
        assert_non_null(knobs[i].help);
        assert_true(knobs[i].controller < CONTROLLER_COUNT);
        assert_true(knobs[i].since && knobs[i].since[0] >= '4' && knobs[i].since[0] <= '6');
        assert_true((knobs[i].words != NULL) == (knobs[i].type == KNOB_WORD || knobs[i].type == KNOB_DEVICE));
        if (knobs[i].option)
            assert_ptr_equal(knob_find(knobs[i].option + 2), &knobs[i]);
        if (knobs[i].fallback[0]) {
            char to[KNOB_TEXT_SIZE];
            struct err err;
            assert_int_equal(knob_parse(&knobs[i], knobs[i].fallback, to, &err), 0);
        }
    }
}

static void test_unknown(void **state)
{
    (void)state;
    struct err err;
    assert_null(knob_find("memroy.max"));
    assert_int_equal(knob_unknown("memroy.max", &err), -EINVAL);
    assert_string_equal(err.text, "no knob 'memroy.max'");
    assert_string_equal(err.hint, "did you mean memory.max? boxtop set --help lists them");
    knob_unknown("zzz", &err);
    assert_string_equal(err.hint, "boxtop set --help lists them");
}

static void test_format(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"cpu.max", "50000 100000", "50%"},     {"cpu.max", "max 100000", "max"},
        {"cpu.max", "33333 100000", "33.333%"}, {"cpu.max", "150000 100000", "150%"},
        {"cpu.max", "1000 1000000", "0.1%"},    {"cpu.max", "rubbish\x1b[2J", "rubbish\\x1b[2J"},
        {"memory.max", "104857600", "100M"},    {"hugetlb.2MB.max", "9223372036854771712", "max"},
        {"memory.max", "max", "max"},           {"memory.max", "0", "0"},
        {"memory.max", "4097", "4097"},         {"pids.max", "64", "64"},
        {"io.weight", "default 100", "100"},    {"cpuset.cpus", "\n", ""},
        {"cpuset.cpus", "0-3", "0-3"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char to[KNOB_TEXT_SIZE];
        knob_format(knob_find(rows[i][0]), rows[i][1], to);
        assert_string_equal(to, rows[i][2]);
    }
}

static void test_pick(void **state)
{
    (void)state;
    static const struct {
        const char *knob, *written, *kernel, *picked;
    } rows[] = {
        {"io.max", "8:16 rbps=1", "8:1 rbps=5\n8:16 rbps=1 wbps=max\n8:160 rbps=7", "rbps=1 wbps=max"},
        {"io.max", "8:16 rbps=1", "8:160 rbps=7", "max"},
        {"io.max", "8:16 rbps=1", "", "max"},
        {"io.weight", "8:0 200", "default 100\n8:0 200", "200"},
        {"io.weight", "8:0 200", "default 100", "default"},
        {"io.weight", "200", "default 200\n8:0 100", "default 200\n8:0 100"},
        {"cpu.max", "1000 2000", "max 100000", "max 100000"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char to[KNOB_TEXT_SIZE];
        knob_pick(knob_find(rows[i].knob), rows[i].written, rows[i].kernel, to);
        assert_string_equal(to, rows[i].picked);
    }
}

static void test_family(void **state)
{
    (void)state;
    assert_string_equal(knob_title(knob_find("memory.max")), "memory.max");
    assert_string_equal(knob_title(knob_find("hugetlb.64KB.max")), "hugetlb.SIZE.max");
    assert_null(knob_title(knob_find("hugetlb.2MB.max")));
    assert_string_equal(knob_title(knob_find("hugetlb.64KB.rsvd.max")), "hugetlb.SIZE.rsvd.max");
    assert_null(knob_find("hugetlb.SIZE.max"));
    assert_null(knob_find("hugetlb.3MB.max"));
}

static void test_step(void **state)
{
    (void)state;
    static const struct {
        const char *knob, *now;
        int steps;
        uint64_t ceiling;
        const char *next;
    } rows[] = {
        {"cpu.max", "50000 100000", -1, 200, "45000 100000"},
        {"cpu.max", "50000 100000", 1, 200, "60000 100000"},
        {"cpu.max", "45000 100000", 1, 200, "50000 100000"},
        {"cpu.max", "100000 100000", -1, 200, "90000 100000"},
        {"cpu.max", "100000 100000", 1, 200, "125000 100000"},
        {"cpu.max", "5000 100000", -1, 200, "4000 100000"},
        {"cpu.max", "1000 100000", -1, 200, "1000 100000"},
        {"cpu.max", "1000 100000", -9, 200, "1000 100000"},
        {"cpu.max", "33333 100000", -1, 200, "30000 100000"},
        {"cpu.max", "33333 100000", 1, 200, "35000 100000"},
        {"cpu.max", "25000 50000", 1, 200, "30000 50000"},
        {"cpu.max", "200000 100000", 1, 200, "max 100000"},
        {"cpu.max", "max 100000", 1, 200, "max 100000"},
        {"cpu.max", "max 100000", -1, 200, "200000 100000"},
        {"cpu.max", "max 100000", -2, 200, "175000 100000"},
        {"cpu.max", "max 100000", -1, 0, "100000 100000"},
        {"cpu.max", "rubbish", 1, 200, "rubbish"},
        {"io.max", "8:0 rbps=max", -1, 0, "8:0 rbps=1073741824"},
        {"io.max", "8:0 wbps=2097152", 1, 0, "8:0 wbps=2359296"},
        {"io.max", "8:0 wbps=1048576", -1, 0, "8:0 wbps=65536"},
        {"io.max", "8:0 wbps=65536", -5, 0, "8:0 wbps=65536"},
        {"io.max", "8:0 rbps=1073741824", 1, 0, "8:0 rbps=max"},
        {"io.max", "254:16 riops=max", -1, 0, "254:16 riops=100000"},
        {"io.max", "254:16 wiops=10", -1, 0, "254:16 wiops=10"},
        {"io.max", "8:0 rbps=max wbps=1", -1, 0, "8:0 rbps=max wbps=1"},
        {"io.max", "rubbish", 1, 0, "rubbish"},
        {"memory.max", "104857600", -1, 8ull << 30, "100663296"},
        {"memory.max", "104857600", 1, 8ull << 30, "109051904"},
        {"memory.max", "134217728", -1, 8ull << 30, "125829120"},
        {"memory.max", "134217728", 1, 8ull << 30, "150994944"},
        {"memory.max", "1048576", -1, 8ull << 30, "1048576"},
        {"memory.max", "4096", 1, 8ull << 30, "1048576"},
        {"memory.max", "8589934592", 1, 8ull << 30, "max"},
        {"memory.max", "max", -1, 8ull << 30, "8589934592"},
        {"memory.max", "max", 1, 8ull << 30, "max"},
        {"memory.low", "1048576", -1, 8ull << 30, "0"},
        {"memory.low", "0", -1, 8ull << 30, "0"},
        {"pids.max", "64", 1, 0, "80"},
        {"pids.max", "64", -1, 0, "56"},
        {"pids.max", "1", -1, 0, "1"},
        {"pids.max", "4096", 1, 0, "max"},
        {"pids.max", "max", -1, 0, "4096"},
        {"cpu.weight", "100", 1, 0, "112"},
        {"cpu.weight", "10000", 1, 0, "10000"},
        {"cpu.weight", "1", -1, 0, "1"},
        {"io.weight", "default 100", 1, 0, "112"},
        {"cgroup.freeze", "0", 1, 0, "1"},
        {"cgroup.freeze", "1", 1, 0, "1"},
        {"cgroup.freeze", "1", -1, 0, "0"},
        {"cgroup.freeze", "0", -1, 0, "0"},
        {"cpuset.cpus", "0-1", 1, 0, "0-1"},
        {"cpuset.cpus.partition", "member", 1, 0, "member"},
        {"cpu.uclamp.max", "max", -1, 0, "max"},
        {"cpu.weight.nice", "0", 1, 0, "0"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char to[KNOB_TEXT_SIZE];
        knob_step(knob_find(rows[i].knob), rows[i].now, rows[i].steps, rows[i].ceiling, to);
        if (strcmp(to, rows[i].next) != 0)
            fail_msg("%s %s by %d: %s, not %s", rows[i].knob, rows[i].now, rows[i].steps, to, rows[i].next);
    }
}

/* Up and down again, over the whole range: each step moves, and each result is a value. */
static void test_step_moves(void **state)
{
    (void)state;
    static const char *const names[] = {"cpu.max", "memory.max", "pids.max"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct knob *knob = knob_find(names[i]);
        char now[KNOB_TEXT_SIZE] = "max", next[KNOB_TEXT_SIZE], checked[KNOB_TEXT_SIZE];
        struct err err;
        int steps = 0;
        while (knob_step(knob, now, -1, 0, next), strcmp(now, next) != 0) {
            assert_int_equal(knob_parse(knob, next, checked, &err), 0);
            memcpy(now, next, sizeof now);
            assert_in_range(++steps, 1, 200);
        }
        while (knob_step(knob, now, 1, 0, next), strcmp(now, next) != 0) {
            memcpy(now, next, sizeof now);
            assert_in_range(++steps, 1, 400);
        }
        assert_memory_equal(now, "max", 3);
    }
}

/* ---- files: a directory that looks like a cgroup ---- */

struct fake {
    char path[64];
    int fd;
};

static void put(struct fake *fake, const char *name, const char *text)
{
    int fd = openat(fake->fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
    close(fd);
}

static int fake_setup(void **state)
{
    struct fake *fake = mem_alloc(sizeof *fake);
    strcpy(fake->path, "/tmp/boxtop-test-XXXXXX");
    assert_non_null(mkdtemp(fake->path));
    fake->fd = open(fake->path, O_RDONLY | O_DIRECTORY);
    *state = fake;
    return 0;
}

static int fake_teardown(void **state)
{
    struct fake *fake = *state;
    close(fake->fd);
    fs_remove_tree_at(AT_FDCWD, fake->path);
    free(fake);
    return 0;
}

static void test_write(void **state)
{
    struct fake *fake = *state;
    char before[KNOB_TEXT_SIZE], after[KNOB_TEXT_SIZE];
    struct err err;
    put(fake, "memory.max", "max\n");
    assert_int_equal(knob_write(fake->fd, knob_find("memory.max"), "104857600", before, after, &err), 0);
    assert_string_equal(before, "max");
    assert_string_equal(after, "104857600");
    assert_int_equal(knob_write(fake->fd, knob_find("memory.max"), "204857600", NULL, NULL, &err), 0);
}

static void test_write_fails(void **state)
{
    struct fake *fake = *state;
    struct err err;
    const struct knob *knob = knob_find("memory.max");
    assert_int_equal(knob_write(fake->fd, knob, "1", NULL, NULL, &err), -ENODEV);
    assert_string_equal(err.text, "set memory.max: the cgroup is gone");
    put(fake, "cgroup.procs", "");
    assert_int_equal(knob_write(fake->fd, knob, "1", NULL, NULL, &err), -ENOENT);
    assert_string_equal(err.text, "set memory.max: the root cgroup has no limits");
    put(fake, "cgroup.type", "domain\n");
    assert_int_equal(knob_write(fake->fd, knob, "1", NULL, NULL, &err), -ENOENT);
    assert_string_equal(err.text, "set memory.max: the memory controller is not enabled in this cgroup");
    assert_non_null(strstr(err.hint, "+memory"));
    assert_int_equal(knob_write(fake->fd, knob_find("cgroup.freeze"), "1", NULL, NULL, &err), -ENOENT);
    assert_string_equal(err.text, "set cgroup.freeze: this kernel does not have it");
    assert_int_equal(mkdirat(fake->fd, "memory.max", 0700), 0);
    assert_true(knob_write(fake->fd, knob, "1", NULL, NULL, &err) < 0);
    assert_int_equal(knob_write(fake->fd, knob_find("memory.zswap.max"), "1", NULL, NULL, &err), -ENOENT);
    assert_string_equal(err.text, "set memory.zswap.max: this kernel does not have it");
    assert_string_equal(err.hint, "it came with Linux 5.19, and may be an option of the kernel");
}

/* What can't be read shows what it did in another file. */
static void test_write_only(void **state)
{
    struct fake *fake = *state;
    const struct knob *knob = knob_find("memory.reclaim");
    char before[KNOB_TEXT_SIZE], after[KNOB_TEXT_SIZE];
    struct err err;
    put(fake, "memory.current", "7000\n");
    assert_int_equal(knob_read(fake->fd, knob, before), -ENOENT);
    put(fake, "memory.reclaim", "");
    assert_int_equal(knob_write(fake->fd, knob, "4096", before, after, &err), 0);
    assert_string_equal(before, "7000");
    assert_string_equal(after, "7000");
}

static void test_read_many_lines(void **state)
{
    struct fake *fake = *state;
    char text[2000] = "", to[KNOB_TEXT_SIZE];
    for (int i = 0; i < 20; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "8:%d rbps=1048576 wbps=max\n", i * 16);
    put(fake, "io.max", text);
    assert_int_equal(knob_read(fake->fd, knob_find("io.max"), to), 0);
    assert_true(strlen(to) < KNOB_TEXT_SIZE);
    assert_string_equal(to + strlen(to) - 3, "max"); /* whole lines */
    assert_int_equal(knob_read(fake->fd, knob_find("pids.max"), to), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_table_is_whole),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_pick),
        cmocka_unit_test(test_family),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_step_moves),
        cmocka_unit_test_setup_teardown(test_write, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_write_fails, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_write_only, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_read_many_lines, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
