/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys that turn limits, and the commands that come of them.
 */
#include "keys.h"
#include "ui/limits.h"

static void show_limits(uint64_t quota_us, uint64_t memory_max)
{
    struct snapshot *now = scene_snapshot(121);
    now->time_ns = clock_mono_ns();
    sample_own(&now->rows[ROW_WEB])->now.cpu_quota_usec = quota_us;
    sample_own(&now->rows[ROW_WEB])->now.memory_max = memory_max;
    model_take(&app.model, now);
    turn_settle(&app);
}

/* Three presses: one command with the first value, one with the last; the limit's value is shown at once. */
static void test_turn(void **state)
{
    (void)state;
    press("]]]");
    assert_string_equal(turn_pending(&app, "/boxtop/web", "cpu.max"), "80000 100000");
    assert_string_equal(finish(),
                        "set /boxtop/web cpu.max=60000 100000|set /boxtop/web cpu.max=80000 100000");
    assert_int_equal(app.status.kind, NOTICE_DONE);
    /* The snapshot is still of before: the next press goes on from what was wanted. */
    press("]");
    assert_string_equal(finish(), "set /boxtop/web cpu.max=90000 100000");
    show_limits(90000, 100 * MIB);
    assert_null(turn_pending(&app, "/boxtop/web", "cpu.max"));
}

static void test_turn_and_undo(void **state)
{
    (void)state;
    press("{{");
    const char *first = finish();
    assert_non_null(strstr(first, "set /boxtop/web memory.max="));
    show_limits(50000, 80 * MIB);
    press("]");
    finish();
    show_limits(60000, 80 * MIB);
    press("u");
    assert_string_equal(finish(), "set /boxtop/web cpu.max=50000 100000");
    show_limits(50000, 80 * MIB);
    /* The two presses on memory.max are one step back. */
    press("u");
    assert_string_equal(finish(), "set /boxtop/web memory.max=104857600");
    show_limits(50000, 100 * MIB);
    press("u");
    assert_string_equal(finish(), "");
    assert_string_equal(app.status.text, "nothing was changed from here that could be undone");
}

/* io.max by device and key, with the arrows: each is a limit of its own, for what is under way and for undo.
 */
static void test_turn_device(void **state)
{
    struct limit limits[LIMITS_MAX];
    (void)state;
    const struct sample *web = model_sample(&app.model, model_selected(&app.model));
    size_t count = limit_list_all(web, limits), at = 0;
    while (at < count && strcmp(limits[at].name, "io.max 8:0 rbps") != 0)
        at++;
    assert_in_range(at, 0, count - 4);
    assert_string_equal(limits[at].label, "sda rbps");
    app.focus = PANE_LIMITS;
    app.limit_selected = at;
    app_key(&app, K_LEFT);
    assert_string_equal(turn_pending(&app, "/boxtop/web", "io.max 8:0 rbps"), "8:0 rbps=3932160");
    assert_null(turn_pending(&app, "/boxtop/web", "io.max 8:0 wbps"));
    finish(); /* two commands at once end in any order */
    app_key(&app, K_DOWN);
    app_key(&app, K_LEFT);
    assert_string_equal(turn_pending(&app, "/boxtop/web", "io.max 8:0 wbps"), "8:0 wbps=1073741824");
    finish();
    assert_int_equal(app.model.change_count, 2);
    assert_string_equal(app.model.changes[0].before, "8:0 rbps=4194304");
    assert_string_equal(app.model.changes[1].before, "8:0 wbps=max");
    press("u");
    assert_string_equal(finish(), "set /boxtop/web io.max=8:0 wbps=max");
    press("u");
    assert_string_equal(finish(), "set /boxtop/web io.max=8:0 rbps=4194304");
    /* What = begins with is that device and key. */
    press("=");
    assert_string_equal(app.status.prompt.edit.text, "io.max=8:0 wbps=");
    app_key(&app, K_ESC);
    app_key(&app, K_HOME);
    assert_int_equal(app.limit_selected, 0);
    app_key(&app, K_END);
    assert_int_equal(app.limit_selected, count - 1);
}

static void test_turn_refused(void **state)
{
    (void)state;
    write_program("echo 'boxtop: set memory.max of /boxtop/web: no space' >&2; exit 1");
    press("}");
    finish();
    assert_int_equal(app.status.kind, NOTICE_ERROR);
    assert_string_equal(app.status.text, "set memory.max of /boxtop/web: no space");
    assert_null(turn_pending(&app, "/boxtop/web", "memory.max"));
    assert_int_equal(app.model.change_count, 0);
    press("g]");
    assert_string_equal(app.status.text, "cpu.max can't be turned here: the root group has no limits");
}

#define KILLS "it uses 64.0M, more than 32M: processes will be OOM killed"

/* Where `set` does not dare, the user is asked with its words; only y does it. */
static void test_turn_asks(void **state)
{
    (void)state;
    write_program("case $2 in --yes) exit 0;; esac\n"
                  "echo 'boxtop: set /boxtop/web memory.max: " KILLS "' >&2\n"
                  "echo 'boxtop: set: " SET_REFUSED "' >&2; exit 1");
    press("=\025memory.max=32M");
    assert_string_equal(app.status.prompt.note, "below the 64M in use: reclaims, then kills");
    press("\r");
    assert_string_equal(finish(), "set /boxtop/web memory.max=33554432");
    assert_int_equal(app.overlay.kind, OVERLAY_ASK);
    assert_string_equal(app.overlay.ask.text, "/boxtop/web: " KILLS);
    turn_settle(&app);
    press("n");
    assert_string_equal(finish(), "");
    assert_null(turn_pending(&app, "/boxtop/web", "memory.max"));
    press("=\025memory.max=32M\r");
    finish();
    press("y");
    assert_string_equal(finish(), "set --yes /boxtop/web memory.max=33554432");
    assert_int_equal(app.model.change_count, 1);
}

/* What it says besides is in the notice. */
static void test_turn_remark(void **state)
{
    (void)state;
    write_program("echo 'boxtop: set /boxtop/web pids.max: it has 3 tasks, more than 2' >&2");
    press("=\025pids.max=2");
    assert_string_equal(app.status.prompt.note, "below the 3 in use: no fork until it has fewer");
    press("\r");
    finish();
    assert_string_equal(app.status.text, "boxtop set /boxtop/web pids.max=2: it has 3 tasks, more than 2");
}

static void test_values(void **state)
{
    (void)state;
    press("V");
    assert_int_equal(app.overlay.kind, OVERLAY_MENU);
    assert_string_equal(app.overlay.menu.items[app.overlay.menu.selected].note, "as it is");
    press("k\r");
    assert_non_null(strstr(finish(), "set /boxtop/web memory.max="));
}

static void until_restored(void)
{
    uint64_t until = clock_mono_ns() + 20 * SECOND;
    while (turn_busy(&app) && clock_mono_ns() < until)
        app_once(&app, 50);
    assert_false(turn_busy(&app));
}

/* Changes of others' groups are asked about on leaving, and put back in the other order. */
static void test_leaving(void **state)
{
    (void)state;
    press("]");
    finish();
    press("q");
    assert_true(app.quit);
    app.quit = false;
    press("gjjjjjjj[");
    finish();
    press("=\025pids.max=7\r");
    finish();
    assert_int_equal(app.model.change_count, 3);
    press("q");
    assert_false(app.quit);
    assert_int_equal(app.overlay.kind, OVERLAY_ASK);
    press("\x1b");
    assert_int_equal(app.overlay.kind, OVERLAY_NONE);
    press("qr");
    until_restored();
    assert_string_equal(finish(),
                        "set --yes /system.slice pids.max=max|set --yes /system.slice cpu.max=max 100000");
    app_once(&app, 0);
    assert_true(app.quit);
    assert_int_equal(app.model.change_count, 1);
}

/* The list of changes: one of them, all of them, and as a script. */
static void test_changes(void **state)
{
    char text[600];
    (void)state;
    for (int i = 0; i < 3; i++) {
        press((const char *[]){"=\025cpu.weight=50\r", "=\025pids.max=7\r", "=\025memory.max=99M\r"}[i]);
        finish();
    }
    press("Yju");
    assert_string_equal(finish(), "set /boxtop/web pids.max=64");
    assert_int_equal(app.model.change_count, 2);
    press("w\025");
    press(directory);
    press("/changes.sh\r");
    cleanup_free char *path = mem_printf("%s/changes.sh", directory);
    ssize_t len = fs_read_at(AT_FDCWD, path, text, sizeof text);
    assert_true(len > 0);
    assert_string_equal(text,
                        "#!/bin/sh\n# what was set\necho 50 > /sys/fs/cgroup/boxtop/web/cpu.weight\n"
                        "echo 103809024 > /sys/fs/cgroup/boxtop/web/memory.max\n\n# back to how it was\n"
                        "echo 104857600 > /sys/fs/cgroup/boxtop/web/memory.max\n"
                        "echo 100 > /sys/fs/cgroup/boxtop/web/cpu.weight\n");
    press("YU");
    until_restored();
    assert_non_null(strstr(finish(), "cpu.weight=100"));
    assert_int_equal(app.model.change_count, 0);
}

static void test_typed_value(void **state)
{
    static const struct {
        const char *typed, *call, *notice;
    } cases[] = {
        {"memory.max=120M\r", "set /boxtop/web memory.max=125829120", NULL},
        {"cpu.max=1.5\r", "set /boxtop/web cpu.max=150000 100000", NULL},
        {"memory.max=lots\r", "", "memory.max: 'lots' is not a size (write 100M, 1.5G, bytes or max)"},
        {"memory\r", "", "a limit is set as NAME=VALUE, memory.max=120M for one"},
        {"memory.maxx=1\r", "", "no knob 'memory.maxx'"},
        {"\x1b", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        press("=\025");
        press(cases[i].typed);
        assert_string_equal(finish(), cases[i].call);
        if (cases[i].notice && strncmp(app.status.text, cases[i].notice, strlen(cases[i].notice)) != 0)
            assert_string_equal(app.status.text, cases[i].notice);
        show_limits(50000, 100 * MIB);
    }
    press("=\025cp\t\t\x1b");
    assert_false(status_asks(&app.status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_and_undo, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_device, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_asks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_remark, setup, teardown),
        cmocka_unit_test_setup_teardown(test_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leaving, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typed_value, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
