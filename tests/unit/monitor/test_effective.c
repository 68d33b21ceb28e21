/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is in force of a limit, and whose it is: what each of four groups, one in the other, says of it, and
 * what follows for the innermost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "monitor/cgparse.h"
#include "monitor/effective.h"

enum { ROOT, BOX, WEB, WORKER, ROWS };
#define NONE   VALUE_ABSENT
#define MAX    VALUE_MAX
#define NOBODY (-1)

static const struct {
    const char *file;
    size_t offset;
    bool protects;
} files[] = {{"memory.max", offsetof(struct counters, memory_max), false},
             {"memory.high", offsetof(struct counters, memory_high), false},
             {"memory.swap.max", offsetof(struct counters, swap_max), false},
             {"memory.swap.high", offsetof(struct counters, swap_high), false},
             {"pids.max", offsetof(struct counters, pids_max), false},
             {"memory.low", offsetof(struct counters, memory_low), true},
             {"memory.min", offsetof(struct counters, memory_min), true}};

static const struct {
    uint64_t said[ROWS];
    uint64_t value;
    int limit_of, protection_of; /* whose it is, of a limit and of what is protected */
} cases[] = {
    {{NONE, NONE, NONE, NONE}, NONE, NOBODY, NOBODY},
    {{NONE, MAX, MAX, MAX}, MAX, NOBODY, NOBODY},
    {{NONE, MAX, MAX, 5}, 5, WORKER, WORKER},
    {{NONE, 5, MAX, MAX}, 5, BOX, BOX},
    {{NONE, 9, 5, 7}, 5, WEB, WEB},
    {{NONE, 5, 9, 7}, 5, BOX, BOX},
    {{NONE, 9, 8, 7}, 7, WORKER, WORKER},
    {{NONE, 7, 7, 7}, 7, BOX, WORKER},
    {{NONE, 7, 9, 7}, 7, BOX, WORKER},
    {{NONE, 7, 7, 9}, 7, BOX, WEB},
    {{NONE, 0, 0, 0}, 0, BOX, WORKER},
    {{NONE, 0, 5, 5}, 0, BOX, BOX},
    {{NONE, 5, 0, NONE}, 0, WEB, WEB}, /* a controller that is off in the group */
    {{NONE, 5, NONE, NONE}, 5, BOX, BOX},
    {{NONE, NONE, 5, MAX}, 5, WEB, WEB},
    {{3, 5, 9, 9}, 3, ROOT, ROOT}, /* a subtree is looked at, below a limit */
};

static void fill(struct snapshot *s, size_t offset, const uint64_t *said)
{
    for (int i = 0; i < ROWS; i++) {
        struct counters *now = &sample_own(&s->rows[i])->now;
        s->rows[i].parent = i - 1;
        cgparse_absent_all(now);
        *(uint64_t *)(void *)((char *)now + offset) = said[i];
    }
}

static void test_cases(void **state)
{
    struct snapshot *s = mem_alloc(sizeof *s + ROWS * sizeof s->rows[0]);
    (void)state;
    s->count = ROWS;
    assert_int_equal(COUNT_OF(files), EFFECTIVE_COUNT);
    for (size_t f = 0; f < COUNT_OF(files); f++) {
        int limit = effective_find(files[f].file);
        assert_true(limit >= 0);
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            fill(s, files[f].offset, cases[i].said);
            struct effective found = effective_of(s, WORKER, (enum effective_limit)limit);
            int whose = files[f].protects ? cases[i].protection_of : cases[i].limit_of;
            if (found.value != cases[i].value || found.row != whose)
                fail_msg("%s, case %zu: %llu of row %d", files[f].file, i, (unsigned long long)found.value,
                         found.row);
        }
    }
    fill(s, files[0].offset, (const uint64_t[]){NONE, 9, 5, 3}); /* what is below does not count */
    assert_int_equal(effective_of(s, BOX, EFFECTIVE_MEMORY_MAX).value, 9);
    assert_int_equal(effective_of(s, ROOT, EFFECTIVE_MEMORY_MAX).row, NOBODY);
    assert_int_equal(effective_find("memory.current"), -1);
    snapshot_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
