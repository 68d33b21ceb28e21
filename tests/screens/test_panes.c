/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every pane of the table of panes, with all the room that there is, at each size: one that comes new has no
 * golden screen, and fails.
 */
#include "screens.h"

static void take_tour(const char *path)
{
    struct tour tour;
    struct err err;
    assert_int_equal(tour_load(&tour, path, &err), 0);
    tour_begin(&app, &tour);
}

/* What a pane needs for something to be in it. */
static void fill_pane(enum pane_id pane)
{
    if (pane == PANE_TERMINAL)
        open_terminal();
    else if (pane == PANE_TOUR)
        take_tour(SOURCE_DIR "/tours/talk.tour");
}

/* A group is gone to by its keys, for a container is followed by its name. */
static void start_on_worker(void)
{
    start_on(24, 80, "web");
    press("j");
}

static void check_zoomed(const struct size *size, enum pane_id pane)
{
    start_on(size->rows, size->cols, pane == PANE_MEMORY ? "leak" : "web");
    fill_pane(pane);
    app.wish.zoomed = (int)(app.focus = pane);
    app_layout(&app);
    assert_true(app.layout.pane[pane].h > 0);
    cleanup_free char *name = mem_printf("%s-zoom-%s", size->name, panes[pane]->title);
    check(name);
    app_fini(&app);
}

/* The largest size has all of them at once: see below. */
static void test_zoomed(void **state)
{
    (void)state;
    for (size_t i = 0; i + 1 < COUNT_OF(sizes); i++)
        for (int pane = 0; pane < PANE_COUNT; pane++)
            if (panes[pane]->title)
                check_zoomed(&sizes[i], (enum pane_id)pane);
    app_init(&app);
}

static void test_largest(void **state)
{
    (void)state;
    start_on(100, 300, "web");
    for (int pane = 0; pane < PANE_COUNT; pane++)
        if (pane != PANE_TERMINAL && pane != PANE_TOUR)
            assert_true(app.layout.pane[pane].h > 0);
    check("300x100-full");
    fill_pane(PANE_TERMINAL);
    check("300x100-terminal");
    app_fini(&app);
    start_on(100, 300, "web");
    fill_pane(PANE_TOUR);
    check("300x100-tour");
}

/* Goes on for a minute; `refused` forks each 20 s. */
static void go_on(int row, uint64_t refused)
{
    for (int t = 241; t <= 300; t++) {
        struct snapshot *now = scene_snapshot(t);
        sample_own(&now->rows[row])->now.pids_events_max = refused * (uint64_t)(t / 20);
        model_take(&app.model, now);
    }
}

/* Refused forks are marks, the group's own limit a line, and that of a group above a faint one. */
static void test_tasks(void **state)
{
    static const struct {
        const char *golden;
        int row;
        uint64_t refused;
    } cases[] = {{"80x24-tasks-refused", ROW_WEB, 3}, {"80x24-tasks-limited-above", ROW_WORKER, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str screen = {0};
        if (cases[i].row == ROW_WORKER)
            start_on_worker();
        else
            start_on(24, 80, "web");
        go_on(cases[i].row, cases[i].refused);
        app.wish.zoomed = (int)(app.focus = PANE_PROCESSES);
        app_layout(&app);
        screen_draw(&app);
        read_screen(&screen);
        read_looks(&screen);
        compare(cases[i].golden, &screen);
        app_fini(&app);
    }
    app_init(&app);
}

/* The same of the graphs: whose limit it is, is seen. */
static void test_limit_above(void **state)
{
    struct str screen = {0};
    (void)state;
    start_on_worker();
    app.wish.zoomed = (int)(app.focus = PANE_CPU);
    app_layout(&app);
    screen_draw(&app);
    read_screen(&screen);
    read_looks(&screen);
    compare("80x24-cpu-limited-above", &screen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_zoomed, end), cmocka_unit_test_teardown(test_largest, end),
        cmocka_unit_test_teardown(test_tasks, end), cmocka_unit_test_teardown(test_limit_above, end)};
    settle_screens();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
