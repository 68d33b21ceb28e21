/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a word of the command line finds among groups that others made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "base/mem.h"
#include "cli/watch_find.h"

#define HEX52 "0000000000000000000000000000000000000000000000000000"

/* What an engine's files say of a group, put to what its path says. */
static const struct made {
    const char *path, *label, *ns, *pod, *container;
} made[] = {
    {.path = "/"},
    {.path = "/boxtop/both"},
    {.path = "/docker/aaaaaaaaaaaa" HEX52, .label = "web"},
    {.path = "/docker/aaaaaaaaaaaa" HEX52 "/web"},
    {.path = "/docker/bbbbbbbbbbbb" HEX52, .label = "both"},
    {.path = "/docker/cccccccccccc" HEX52, .label = "ssh"},
    {.path = "/kubepods/pod01234567-89ab-cdef-0123-456789abcdef",
     .label = "shop/cart-1",
     .ns = "shop",
     .pod = "cart-1"},
    {.path = "/kubepods/pod01234567-89ab-cdef-0123-456789abcdef/dddddddddddd" HEX52,
     .label = "shop/cart-1/nginx",
     .ns = "shop",
     .pod = "cart-1",
     .container = "nginx"},
    {.path = "/machine.slice/libpod-conmon-eeeeeeeeeeee" HEX52 ".scope"},
    {.path = "/machine.slice/libpod-eeeeeeeeeeee" HEX52 ".scope", .label = "db"},
    {.path = "/plain"},
    {.path = "/system.slice/cron.service"},
    {.path = "/system.slice/ssh.service"},
};

static struct snapshot *make_snapshot(void)
{
    struct snapshot *s = mem_alloc(sizeof *s + COUNT_OF(made) * sizeof s->rows[0]);
    s->count = COUNT_OF(made);
    for (size_t i = 0; i < s->count; i++) {
        const struct made *m = &made[i];
        struct identity *by_path = identity_of_path(m->path);
        s->rows[i] =
            (struct sample){.path = m->path, .name = m->path[1] ? strrchr(m->path, '/') + 1 : m->path};
        if (!by_path)
            continue;
        struct identity now = *by_path;
        now.label = m->label ? m->label : now.label;
        now.ns = m->ns;
        now.pod = m->pod;
        now.container = m->container;
        s->rows[i].identity = identity_new(&now);
        identity_unref(by_path);
    }
    return s;
}

static void test_names(void **state)
{
    static const struct {
        const char *word;
        int found; /* row of made[], or a negative errno */
    } table[] = {
        {"web", 2},
        {"aaaaaaaaaaaa", 2},
        {"aaaaaaaaaaaa" HEX52, 2},
        {"aaaaaaaaaaa", -ENOENT}, /* too few digits to be an id */
        {"both", 1},              /* boxtop's own goes first */
        {"shop/cart-1", 6},
        {"cart-1", 6},
        {"nginx", 7},
        {"shop/cart-1/nginx", 7},
        {"db", 9}, /* not its conmon */
        {"eeeeeeeeeeee", 9},
        {"plain", 10},
        {"cron", 11},
        {"cron.service", 11},
        {"ssh.service", 12},
        {"ssh", -ENOTUNIQ},
        {"cron.", -ENOENT},
        {"cro", -ENOENT},
        {"", -ENOENT},
    };
    struct snapshot *snapshot = make_snapshot();
    struct err err;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        int row = find_called(snapshot, table[i].word, &err);
        if (row != table[i].found)
            fail_msg("%s: %d, not %d", table[i].word, row, table[i].found);
    }
    snapshot_free(snapshot);
}

static void test_errors_name_the_candidates(void **state)
{
    struct snapshot *snapshot = make_snapshot();
    struct err err;
    (void)state;
    assert_int_equal(find_called(snapshot, "ssh", &err), -ENOTUNIQ);
    assert_string_equal(err.text, "ssh: 2 groups are called so: /docker/cccccccccccc" HEX52
                                  " (docker), /system.slice/ssh.service (systemd)");
    assert_string_equal(err.hint, "give the path of one");
    assert_int_equal(find_called(snapshot, "nobody", &err), -ENOENT);
    assert_string_equal(err.text, "no container nobody, and no other group is called so");
    assert_string_equal(err.hint, "boxtop stats --once lists them");
    snapshot_free(snapshot);
}

static void test_paths_are_kept(void **state)
{
    struct snapshot *snapshot = make_snapshot();
    struct wanted wanted = {.name = "web"};
    struct err err;
    (void)state;
    assert_int_equal(find_path(snapshot, &wanted, false, &err), 2);
    assert_string_equal(wanted.cgroup, "");
    assert_int_equal(find_wanted(snapshot, &wanted), 2);
    assert_int_equal(find_path(snapshot, &wanted, true, &err), 2);
    assert_string_equal(wanted.cgroup, made[2].path);
    wanted = (struct wanted){.name = "ssh"};
    assert_int_equal(find_path(snapshot, &wanted, true, &err), -ENOTUNIQ);
    assert_int_equal(find_wanted(snapshot, &wanted), -1);
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_errors_name_the_candidates),
        cmocka_unit_test(test_paths_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
