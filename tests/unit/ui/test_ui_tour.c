/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tours: the format, those that ship, and one that is taken, step by step.
 */
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "scene.h"
#include "ui/act.h"

static void check_error(const char *text, const char *expected)
{
    struct tour tour;
    struct err err = {0};
    assert_int_equal(tour_parse(&tour, "t", text, &err), -EINVAL);
    assert_string_equal(err.text, expected);
    tour_free(&tour);
}

#define STEP "title = T\n[s]\ntitle = S\nwords = W\n"

static void test_errors(void **state)
{
    (void)state;
    check_error("", "t: a tour has a title and at least one step ([NAME])");
    check_error("title = T\n", "t: a tour has a title and at least one step ([NAME])");
    check_error("title = T\n[s]\ntitle = S\n", "t: step 1 has no title, or no words");
    check_error("words = W\n", "t:1: words: before the first step only a title is said");
    check_error(STEP "\nwrods = W\n", "t:6: wrods: no such key");
    check_error(STEP "words =\n", "t:5: words: nothing is said");
    check_error(STEP "title = again\n", "t:5: title: said twice");
    check_error(STEP "just words\n", "t:5: neither [SECTION] nor KEY = VALUE");
    check_error(STEP "turn = memory.max=1M\n", "t:5: turn: a container, then KNOB=VALUE");
    check_error(STEP "show = cpu memroy\n", "t:5: show: no pane is called memroy");
    check_error(STEP "needs = cpu disk\n", "t:5: needs: no controller is called disk");
    check_error(STEP "expect = says\n", "t:5: expect: says TEXT, or a container and an expression");
    check_error(STEP "expect = box cpu>a\n", "t:5: expect: a: not a number (20, 80%, 100M, max, -)");
}

static void test_step(void **state)
{
    struct tour tour;
    struct err err;
    (void)state;
    assert_int_equal(
        tour_parse(&tour, "t",
                   "# a comment\ntitle = The tour\n[one]\ntitle = First\nwords = a\nwords = b\nbox = $box\n"
                   "show = cpu events\nneeds = memory pids\nrun = true\nturn = $box memory.max=1M\n"
                   "expect = says x y\nexpect = $box cpu>1 oom=0\nundo = false\n[two]\ntitle = Second\n"
                   "words = c\n",
                   &err),
        0);
    assert_string_equal(tour.title, "The tour");
    assert_int_equal(tour.count, 2);
    const struct tour_step *step = &tour.steps[0];
    assert_string_equal(step->words[1], "b");
    assert_string_equal(step->run[1], "boxtop set $box memory.max=1M");
    assert_int_equal(step->panes, 1u << PANE_CPU | 1u << PANE_EVENTS);
    assert_int_equal(step->needs, 1u << CONTROLLER_MEMORY | 1u << CONTROLLER_PIDS);
    assert_int_equal(step->expect_count, 2);
    assert_null(step->expects[0].row);
    assert_string_equal(step->expects[0].text, "x y");
    assert_string_equal(step->expects[1].row, "$box");
    assert_string_equal(step->undo[0], "false");
    assert_null(tour.steps[1].run);
    tour_free(&tour);
}

static void count(void *data, const char *name, const char *title)
{
    (void)name;
    assert_true(*title); /* it can be read */
    ++*(int *)data;
}

static void test_shipped(void **state)
{
    int found = 0;
    struct tour tour;
    struct err err;
    (void)state;
    setenv("XDG_CONFIG_HOME", "/nowhere", 1);
    tour_list(count, &found);
    assert_true(found >= 5);
    assert_int_equal(tour_load(&tour, "tlak", &err), -ENOENT);
    assert_string_equal(err.hint, "did you mean talk?");
    assert_int_equal(tour_load(&tour, "/nowhere/a", &err), -ENOENT);
}

/* ---- taking one ---- */

static struct app app;
static char directory[64];

static int setup(void **state)
{
    struct err err;
    struct tour tour;
    (void)state;
    setlocale(LC_ALL, "C.UTF-8");
    snprintf(directory, sizeof directory, "/tmp/boxtop-test.XXXXXX");
    assert_non_null(mkdtemp(directory));
    app_init(&app);
    snprintf(app.program, sizeof app.program, "%s/boxtop", directory);
    assert_int_equal(term_start_blind(&app.term, 36, 120, DEPTH_256, GLYPHS_BRAILLE, &err), 0);
    scene_play(&app.model, 120);
    app_layout(&app);
    cleanup_free char *text = mem_printf(
        "title = T\n[one]\ntitle = First\nwords = w\nbox = web\nrun = echo of $box; touch %s/one; exit 3\n"
        "run = sleep 0.1; echo more\nexpect = says of demo\nexpect = says status 3\nexpect = web cpu>10\n"
        "undo = rm %s/one\n[two]\ntitle = Second\nwords = w\nrun = touch %s/two\nundo = rm %s/two\n"
        "[three]\ntitle = Third\nwords = w\nneeds = io\nrun = touch %s/three\n",
        directory, directory, directory, directory, directory);
    assert_int_equal(tour_parse(&tour, "t", text, &err), 0);
    tour_begin(&app, &tour);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    app_fini(&app);
    fs_remove_tree_at(AT_FDCWD, directory);
    return 0;
}

static void wait_for(enum tour_phase phase)
{
    uint64_t until = clock_mono_ns() + 60 * SECOND;
    while (app.tour.on && app.tour.phase != phase && clock_mono_ns() < until)
        app_once(&app, 20);
    assert_true(app.tour.on);
    assert_int_equal(app.tour.phase, phase);
}

static bool there(const char *name)
{
    cleanup_free char *path = mem_printf("%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

static void test_walk(void **state)
{
    (void)state;
    assert_int_equal(app.focus, PANE_TOUR);
    assert_true(app.layout.pane[PANE_TOUR].w >= 40);
    app_key(&app, K_ENTER);
    wait_for(TOUR_DONE);
    assert_true(there("one"));
    assert_true(app.tour.seen[0] && app.tour.seen[1] && app.tour.seen[2]);
    app_key(&app, K_LEFT); /* back: it is undone */
    wait_for(TOUR_SHOWN);
    assert_int_equal(app.tour.step, 0);
    assert_false(there("one"));
    app_key(&app, K_ENTER);
    wait_for(TOUR_DONE);
    app_key(&app, K_ENTER);
    assert_int_equal(app.tour.step, 1);
    assert_int_equal(app.tour.phase, TOUR_SHOWN);
    app_key(&app, K_SPACE);
    wait_for(TOUR_DONE);
    assert_true(there("one") && there("two"));
    app_key(&app, K_RIGHT);
    assert_string_equal(tour_lacks(&app), "io");
    app_key(&app, K_ENTER); /* it can't be done: that is the end */
    uint64_t until = clock_mono_ns() + 60 * SECOND;
    while (app.tour.on && clock_mono_ns() < until)
        app_once(&app, 20);
    assert_false(app.tour.on);
    assert_false(there("one") || there("two") || there("three"));
    assert_int_equal(app.layout.pane[PANE_TOUR].h, 0);
    assert_int_equal(app.focus, PANE_TABLE);
}

/* Who quits amid a tour leaves when all is undone; who is gone leaves it to a child. */
static void test_quit(void **state)
{
    (void)state;
    app_key(&app, K_ENTER);
    wait_for(TOUR_DONE);
    act_quit(&app);
    assert_false(app.quit);
    uint64_t until = clock_mono_ns() + 60 * SECOND;
    while (!app.quit && clock_mono_ns() < until)
        app_once(&app, 20);
    assert_true(app.quit);
    assert_false(there("one"));
}

static void test_ends_with_the_screen(void **state)
{
    struct err err;
    (void)state;
    app_key(&app, K_ENTER);
    wait_for(TOUR_DONE);
    app_fini(&app);
    assert_false(there("one"));
    app_init(&app);
    assert_int_equal(term_start_blind(&app.term, 36, 120, DEPTH_256, GLYPHS_BRAILLE, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_shipped),
        cmocka_unit_test_setup_teardown(test_walk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_quit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ends_with_the_screen, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
