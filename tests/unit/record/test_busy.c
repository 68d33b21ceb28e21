/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <math.h>

#include "base/mem.h"
#include "record/busy.h"

/* A slice with a service and a container of two groups, and plain groups beside it; ids are 1, 2, ... */
static const struct made {
    const char *path;
    int parent;
    enum identity_kind kind;
} made[] = {
    {"/", -1, KIND_NONE},          {"/a", 0, KIND_SLICE},         {"/a/box", 1, KIND_CONTAINER},
    {"/a/box/in", 2, KIND_INSIDE}, {"/a/conmon", 1, KIND_HELPER}, {"/a/ssh.service", 1, KIND_SERVICE},
    {"/plain", 0, KIND_NONE},
};

static struct snapshot *make(const double *cpu, double io_of_plain)
{
    struct snapshot *s = mem_alloc(sizeof *s + COUNT_OF(made) * sizeof s->rows[0]);
    s->count = COUNT_OF(made);
    for (size_t i = 0; i < s->count; i++) {
        struct sample *row = &s->rows[i];
        row->id = i + 1;
        row->path = made[i].path;
        row->parent = made[i].parent;
        if (made[i].kind != KIND_NONE)
            row->identity = identity_new(&(struct identity){.kind = made[i].kind, .label = "x"});
        sample_own(row)->rate = (struct rates){
            .cpu_percent = cpu[i], .io_some_percent = i == 6 ? io_of_plain : 0, .memory_some_percent = NAN};
    }
    return s;
}

static void assert_chosen(struct busy *busy, const double *cpu, double io, size_t most, const uint64_t *ids)
{
    struct snapshot *s = make(cpu, io);
    size_t count = 0;
    busy_choose(busy, s, most);
    for (; ids[count]; count++)
        if (count >= busy->count || busy->ids[count] != ids[count])
            fail_msg("%zu: %llu of %zu", count, (unsigned long long)(busy->count ? busy->ids[0] : 0),
                     busy->count);
    assert_int_equal(busy->count, count);
    snapshot_free(s);
}

static void test_who(void **state)
{
    static const double cpu[] = {99, 99, 20, 20, 50, 30, 5};
    struct busy busy = {0};
    (void)state;
    assert_chosen(&busy, cpu, 0, 8, (uint64_t[]){3, 6, 7, 0});
    busy.count = 0;
    assert_chosen(&busy, cpu, 0, 2, (uint64_t[]){3, 6, 0});
    busy.count = 0;
    assert_chosen(&busy, cpu, 90, 1, (uint64_t[]){7, 0}); /* it waits */
    assert_chosen(&busy, cpu, 0, 0, (uint64_t[]){0});
}

static void test_stays(void **state)
{
    static const double first[] = {0, 0, 10, 0, 0, 8, 0}, other[] = {0, 0, 10, 0, 0, 19, 0},
                        more[] = {0, 0, 10, 0, 0, 21, 0}, none[] = {NAN, 0, 0.4, 0, 0, 0.2, NAN};
    struct busy busy = {0};
    (void)state;
    assert_chosen(&busy, first, 0, 1, (uint64_t[]){3, 0});
    assert_chosen(&busy, other, 0, 1, (uint64_t[]){3, 0});
    assert_chosen(&busy, more, 0, 1, (uint64_t[]){6, 0});
    assert_chosen(&busy, none, 0, 1, (uint64_t[]){0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_who), cmocka_unit_test(test_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
