/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looking back: the scene's two minutes are remembered, and gone through by keys.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "base/clock.h"
#include "scene.h"

static struct app app;

static void play(int from, int to)
{
    for (int t = from; t <= to; t++) {
        struct snapshot *snapshot = scene_snapshot(t);
        history_sample(app.history, snapshot);
        model_take(model_live(&app.model), snapshot);
    }
}

static void tell(enum event_kind kind, int t, const char *cgroup, uint64_t id, uint64_t value)
{
    struct oom oom;
    oom_unknown(&oom);
    struct event event = {.kind = kind,
                          .wall_ns = SCENE_AT + (uint64_t)t * SECOND - SECOND / 2,
                          .cgroup_id = id,
                          .value = value,
                          .oom = kind == EVENT_OOM_KILL ? &oom : NULL};
    str_copy(event.cgroup, sizeof event.cgroup, cgroup);
    history_events(app.history, &event);
    model_take_events(model_live(&app.model), &event);
}

static int setup(void **state)
{
    struct err err;
    (void)state;
    app_init(&app);
    assert_int_equal(term_start_blind(&app.term, 36, 120, DEPTH_256, GLYPHS_BRAILLE, &err), 0);
    app.history = history_new(16 << 20);
    past_start(&app, &history_past, app.history, false);
    play(1, 59);
    tell(EVENT_STARTED, 20, "/boxtop/web", 14, 0);
    tell(EVENT_OOM_KILL, 60, "/boxtop/leak", 12, 2);
    play(60, 120);
    tell(EVENT_THROTTLED, 100, "/boxtop/web", 14, 0);
    app_layout(&app);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    app_fini(&app);
    return 0;
}

static void press(const char *keys)
{
    for (; *keys; keys++)
        app_key(&app, *keys);
}

/* Goes around until the samples before the shown one have been read. */
static void rest(void)
{
    uint64_t until = clock_mono_ns() + 20 * SECOND;
    while (app.past.fill_ns && clock_mono_ns() < until)
        app_once(&app, 50);
    assert_int_equal(app.past.fill_ns, 0);
}

static void assert_shows(int t)
{
    assert_true(app.model.past);
    assert_int_equal(app.model.now->wall_ns, SCENE_AT + (uint64_t)t * SECOND);
}

static uint64_t kills_of(size_t row)
{
    struct row shown = {.sample = (int)row, .key = app.model.now->rows[row].id, .container = -1};
    return model_kills_new(&app.model, &shown);
}

static void test_steps(void **state)
{
    char text[64];
    (void)state;
    press("(");
    assert_shows(119);
    press("((");
    assert_shows(117);
    press("t");
    assert_shows(118);
    press("T)b");
    assert_shows(58);
    press("BBB"); /* behind the last one comes what is live */
    assert_false(app.model.past);
    assert_int_equal(app.model.now->sample_serial, 120);
    press(")");
    assert_false(app.model.past);
    assert_string_equal(app.status.text, "this is live: there is nothing later");
    press("b");
    past_text(&app, text, sizeof text);
    assert_string_equal(text, "-1m00s 12:01:00");
    press("b((");
    assert_shows(1);
    assert_string_equal(app.status.text, "nothing before this is remembered");
    app_key(&app, K_END);
    assert_false(app.model.past);
}

/* What is live goes on behind, and nothing of the past is in it. */
static void test_live_goes_on(void **state)
{
    (void)state;
    press("((");
    play(121, 125);
    tell(EVENT_OOM_KILL, 125, "/boxtop/web", 14, 1);
    assert_shows(118);
    assert_int_equal(app.model.behind->now->sample_serial, 125);
    assert_int_equal(ledger_count(app.model.ledger), 1);
    rest();
    app_key(&app, K_ESC);
    assert_false(app.model.past);
    assert_int_equal(app.model.now->sample_serial, 125);
    assert_int_equal(ledger_count(app.model.ledger), 2);
    const struct track *track = tracks_find(&app.model.tracks, 14);
    assert_int_equal(track->count, 124);
    assert_int_equal(app.model.held, 0);
}

/* The graphs: what was remembered is what live samples were. */
static void test_graphs(void **state)
{
    (void)state;
    const struct track *live = tracks_find(&app.model.tracks, 12);
    struct track_sample expected[TRACK_SAMPLES];
    size_t count = live->count;
    for (size_t i = 0; i < count; i++)
        expected[i] = *track_at(live, i);
    past_go(&app, SCENE_AT + 80 * SECOND);
    rest();
    const struct track *then = tracks_find(&app.model.tracks, 12);
    assert_int_equal(then->count, 79); /* the first sample has no rates */
    for (size_t i = 0; i < then->count; i++)
        assert_memory_equal(track_at(then, i), &expected[i], sizeof expected[i]);
    press("(((");
    assert_int_equal(app.model.held, 3);
    assert_int_equal(model_shown(&app.model, tracks_find(&app.model.tracks, 12)), 76);
    press("))))");
    then = tracks_find(&app.model.tracks, 12);
    assert_int_equal(model_shown(&app.model, then), 80);
    assert_memory_equal(track_at(then, 79), &expected[79], sizeof expected[0]);
    rest();
    then = tracks_find(&app.model.tracks, 12);
    assert_int_equal(model_shown(&app.model, then), 80);
    assert_memory_equal(track_at(then, 79), &expected[79], sizeof expected[0]);
}

/* Order, filter, folds, tags and the selection are those of before, there and back. */
static void test_same_view(void **state)
{
    (void)state;
    model_follow(&app.model, "");
    press("gj-c k(");
    assert_true(model_has_tag(&app.model, 10));
    assert_true(tracks_find(&app.model.tracks, 10)->folded);
    assert_int_equal(app.model.sort, COLUMN_CPU);
    assert_int_equal(app.model.row_count, SCENE_COUNT - 5);
    assert_int_equal(model_selected(&app.model)->key, 10);
    rest();
    assert_true(tracks_find(&app.model.tracks, 10)->folded);
    app_key(&app, K_RIGHT);
    press("m/web\r");
    size_t rows = app.model.row_count;
    app_key(&app, K_END);
    assert_false(tracks_find(&app.model.tracks, 10)->folded);
    assert_int_equal(app.model.sort, COLUMN_MEMORY);
    assert_int_equal(app.model.row_count, rows);
    assert_true(model_has_tag(&app.model, 10));
}

static void test_kills(void **state)
{
    (void)state;
    press("K");
    assert_shows(60);
    assert_int_equal(ledger_count(app.model.ledger), 1);
    assert_int_equal(kills_of(ROW_LEAK), 2);
    assert_int_equal(kills_of(ROW_BOXTOP), 2);
    assert_int_equal(kills_of(ROW_WEB), 0);
    assert_int_equal(app.model.event_count, 2);
    press("(");
    assert_int_equal(ledger_count(app.model.ledger), 0);
    assert_int_equal(kills_of(ROW_LEAK), 0);
    assert_int_equal(app.model.event_count, 1);
    press("O");
    assert_shows(60);
    press("O");
    assert_shows(60);
    assert_string_equal(app.status.text, "no OOM kill after this is known");
    press("K");
    assert_shows(60);
    assert_string_equal(app.status.text, "no OOM kill before this is known");
    press("A"); /* also for what is live */
    assert_int_equal(kills_of(ROW_LEAK), 0);
    assert_int_equal(kills_of(ROW_BOXTOP), 0);
    press(")");
    assert_int_equal(kills_of(ROW_LEAK), 0);
    app_key(&app, K_END);
    assert_int_equal(kills_of(ROW_LEAK), 0);
    assert_int_equal(kills_of(ROW_BOXTOP), 0);
    assert_int_equal(app.model.kills_seen, app.model.kills_total);
}

/* Before the next sample a kill is in what is live, and in no other sample. */
static void test_kill_just_now(void **state)
{
    (void)state;
    tell(EVENT_OOM_KILL, 121, "/boxtop/web", 14, 1);
    model_live(&app.model)->now->wall_ns += SECOND; /* published at once, as kills are */
    press("K");
    assert_false(app.model.past);
    assert_string_equal(app.status.text, "live");
    play(121, 121);
    press("K");
    assert_shows(121);
}

/* Whoever is gone since: the mark is where it was. */
static void test_gone(void **state)
{
    (void)state;
    struct snapshot *later = scene_snapshot(121);
    scene_cut(later, ROW_LEAK);
    history_sample(app.history, later);
    model_take(&app.model, later);
    press("K");
    assert_int_equal(kills_of(ROW_LEAK), 2);
    past_go(&app, SCENE_AT + 121 * SECOND);
    assert_int_equal(app.model.now->count, ROW_LEAK);
    assert_int_equal(kills_of(ROW_BOXTOP), 2);
}

static void test_jump(void **state)
{
    (void)state;
    press("J2026-11-23 12:01:10\r");
    assert_shows(70);
    press("Jyesterday\r");
    assert_shows(70);
    assert_non_null(strstr(app.status.text, "yesterday: not a time (write 10m ago"));
    press("J2026-11-23\r");
    assert_shows(1);
    press("Jnow\r");
    assert_false(app.model.past);
}

static void test_nothing_is_changed(void **state)
{
    (void)state;
    press("(]");
    assert_string_equal(app.status.text, "cpu-up: this is the past: first come back to what is live");
}

static void test_plays(void **state)
{
    (void)state;
    app.model.interval_ns = 1000000;
    past_go(&app, SCENE_AT + 100 * SECOND);
    press(" ");
    assert_int_equal(app.past.speed, 1);
    press("++");
    assert_int_equal(app.past.speed, 4);
    uint64_t until = clock_mono_ns() + 20 * SECOND;
    while (app.model.past && clock_mono_ns() < until)
        app_once(&app, 50);
    assert_false(app.model.past);
    assert_int_equal(app.past.play_ns, 0);
    press("( ");
    assert_int_equal(app.past.speed, 1);
    press(" ");
    assert_int_equal(app.past.speed, 0);
    assert_shows(119);
}

/* Coarser samples stand for those that are gone; where nobody looked there is a gap. */
static void test_coarse(void **state)
{
    (void)state;
    for (int t = 130; t <= 150; t += 10)
        play(t, t);
    play(200, 201);
    past_go(&app, SCENE_AT + 200 * SECOND);
    rest();
    const struct track *track = tracks_find(&app.model.tracks, 14);
    assert_int_equal(track->count, 199);
    assert_true(isnan(track_at(track, 197)->cpu_percent));
    assert_false(isnan(track_at(track, 198)->cpu_percent));
    assert_false(isnan(track_at(track, 120)->cpu_percent));
}

static void test_nothing_remembered(void **state)
{
    (void)state;
    past_stop(&app);
    press("(");
    assert_string_equal(app.status.text, "nothing is remembered: history = 0 in the config");
    past_start(&app, &history_past, app.history, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_live_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_graphs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_view, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kills, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kill_just_now, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_jump, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_plays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_coarse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_remembered, setup, teardown),
    };
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
