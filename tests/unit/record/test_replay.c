/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A recording on the screen: what is shown is what was, to the last figure; the evidence of a kill too.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "../ui/scene.h"
#include "base/fs.h"
#include "record/player_past.h"
#include "record/recorder.h"

static struct app app;
static struct model live; /* what the live screen has had */
static char directory[64], path[80];

static void make_kill(struct event *event, struct oom *oom)
{
    oom_unknown(oom);
    *event = (struct event){.kind = EVENT_OOM_KILL,
                            .mono_ns = 60 * SECOND,
                            .wall_ns = SCENE_AT + 60 * SECOND - 1000,
                            .cgroup_id = 12,
                            .value = 2,
                            .total = 2,
                            .memory_current = 59 * MIB,
                            .memory_max = VALUE_MAX,
                            .oom = oom};
    str_copy(event->cgroup, sizeof event->cgroup, "/boxtop/leak");
    oom->source = OOM_SOURCE_LINE;
    oom->limit = OOM_LIMIT_GROUP;
    str_copy(oom->limit_cgroup, sizeof oom->limit_cgroup, "/boxtop");
    str_copy(oom->invoker, sizeof oom->invoker, "sh");
    str_copy(oom->verdict, sizeof oom->verdict, "near its own memory.max: 58M of 60M (97%)");
    oom->limit_bytes = 60 * MIB;
    oom->filling = (struct oom_filling){57 * MIB, MIB, VALUE_ABSENT, 0};
    oom->filling_of_victim = oom->group = true;
    oom->before_current = 58 * MIB;
    oom->before_max = VALUE_MAX;
    oom->before_ns = 59 * SECOND;
    oom->incident = 7;
    oom->victim_count = 9;
    for (uint64_t i = 0; i < OOM_VICTIMS; i++)
        oom->victims[i] =
            (struct oom_victim){100 + i, 1000, "hog", 70 * MIB, 55 * MIB, MIB, 0, i == 3 ? INT32_MIN : -17};
}

static int setup(void **state)
{
    struct recorder *recorder;
    struct event kill, other = {.kind = EVENT_SET, .wall_ns = SCENE_AT + 20 * SECOND, .cgroup_id = 14};
    struct oom oom;
    struct err err;
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/boxtop-test.XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    make_kill(&kill, &oom);
    str_copy(other.cgroup, sizeof other.cgroup, "/boxtop/web");
    str_copy(other.file, sizeof other.file, "memory.max");
    str_copy(other.text, sizeof other.text, "104857600");
    assert_int_equal(recorder_open(path, &(struct recorder_limits){0}, &recorder, &err), 0);
    model_init(&live);
    for (int t = 1; t <= 120; t++) {
        struct snapshot *snapshot = scene_snapshot(t);
        const struct event *event = t == 60 ? &kill : t == 20 ? &other : NULL;
        assert_int_equal(recorder_write(recorder, snapshot, event, &err), 0);
        model_take(&live, snapshot);
        model_take_events(&live, event);
    }
    recorder_close(recorder);
    app_init(&app);
    assert_int_equal(term_start_blind(&app.term, 36, 120, DEPTH_256, GLYPHS_BRAILLE, &err), 0);
    app.readonly = true;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    app_fini(&app);
    model_fini(&live);
    fs_remove_tree_at(AT_FDCWD, directory);
    return 0;
}

static void replay(const char *at)
{
    struct err err = {0};
    if (past_replay(&app, &player_past, path, at, &err) < 0)
        fail_msg("%s", err.text);
    app_layout(&app);
}

static void press(const char *keys)
{
    for (; *keys; keys++)
        app_key(&app, *keys);
}

static void rest(void)
{
    while (app.past.fill_ns)
        past_fill(&app);
}

static void assert_shows(int t)
{
    struct snapshot *expected = scene_snapshot(t);
    assert_int_equal(app.model.now->wall_ns, expected->wall_ns);
    assert_int_equal(app.model.now->count, expected->count);
    assert_int_equal(app.model.row_count, expected->count);
    assert_string_equal(app.model.now->host.hostname, expected->host.hostname);
    for (size_t i = 0; i < expected->count; i++) {
        const struct sample *got = &app.model.now->rows[i], *was = &expected->rows[i];
        assert_string_equal(got->path, was->path);
        assert_memory_equal(got->now, was->now, sizeof *was->now);
        assert_memory_equal(got->rate, was->rate, sizeof *was->rate);
        if (was->identity)
            assert_string_equal(got->identity->label, was->identity->label);
        assert_int_equal(got->detail ? got->detail->parts : 0, was->detail ? was->detail->parts : 0);
    }
    snapshot_free(expected);
}

static void test_steps(void **state)
{
    char text[64];
    (void)state;
    replay(NULL);
    assert_shows(1);
    assert_int_equal(app.interval_ms, 1000);
    press("ttt");
    assert_shows(4);
    press("T");
    assert_shows(3);
    press("B");
    assert_shows(63);
    press("J50s ago\r"); /* from its end */
    assert_shows(70);
    past_text(&app, text, sizeof text);
    assert_string_equal(text, "replay 11-23 12:01:10");
    app_key(&app, K_END);
    assert_shows(120);
    press("t");
    assert_shows(120);
    assert_string_equal(app.status.text, "the recording ends here");
    app_key(&app, K_ESC);
    assert_shows(120);
    press("]");
    assert_string_equal(app.status.text, "cpu-up: read-only: nothing is changed from here");
}

static void test_at(void **state)
{
    struct err err;
    void *data;
    (void)state;
    replay("2026-11-23 12:00:30");
    assert_shows(30);
    past_stop(&app);
    assert_int_equal(past_replay(&app, &player_past, path, "soon", &err), -EINVAL);
    assert_string_equal(err.text, "--at soon: not a time");
    past_stop(&app);
    assert_true(player_past.open("/nowhere/file", &data, &err) < 0);
}

/* The graphs are those that the live screen had then. */
static void test_graphs(void **state)
{
    (void)state;
    replay("2026-11-23 12:02:00");
    rest();
    for (size_t r = 0; r < SCENE_COUNT; r++) {
        const struct track *then = tracks_find(&app.model.tracks, scene_rows[r].id);
        const struct track *was = tracks_find(&live.tracks, scene_rows[r].id);
        assert_int_equal(then->count, was->count);
        for (size_t i = 0; i < was->count; i++)
            assert_memory_equal(track_at(then, i), track_at(was, i), sizeof(struct track_sample));
        assert_int_equal(then->kills_before, was->kills_before);
        assert_int_equal(then->kills_seen, was->kills_seen);
    }
}

static void assert_same_evidence(const struct oom *got, const struct oom *was)
{
    assert_int_equal(got->source, was->source);
    assert_int_equal(got->limit, was->limit);
    assert_int_equal(got->incident, was->incident);
    assert_string_equal(got->limit_cgroup, was->limit_cgroup);
    assert_string_equal(got->invoker, was->invoker);
    assert_string_equal(got->verdict, was->verdict);
    assert_int_equal(got->usage_bytes, was->usage_bytes);
    assert_int_equal(got->limit_bytes, was->limit_bytes);
    assert_memory_equal(&got->filling, &was->filling, sizeof was->filling);
    assert_int_equal(got->before_current, was->before_current);
    assert_int_equal(got->before_max, was->before_max);
    assert_int_equal(got->before_swap, was->before_swap);
    assert_true(got->filling_of_victim && got->group);
    assert_int_equal(got->victim_count, was->victim_count);
    for (size_t i = 0; i < OOM_VICTIMS; i++)
        assert_memory_equal(&got->victims[i], &was->victims[i], sizeof was->victims[i]);
}

static void test_ledger(void **state)
{
    (void)state;
    replay(NULL);
    assert_int_equal(ledger_count(app.model.ledger), 0);
    press("O");
    assert_shows(60);
    const struct ledger_record *got = ledger_at(app.model.ledger, 0), *was = ledger_at(live.ledger, 0);
    assert_int_equal(ledger_count(app.model.ledger), 1);
    assert_string_equal(got->event.cgroup, was->event.cgroup);
    assert_int_equal(got->event.value, was->event.value);
    assert_int_equal(got->event.memory_max, VALUE_MAX);
    assert_int_equal(got->event.mono_ns - got->event.oom->before_ns, SECOND);
    assert_same_evidence(got->event.oom, was->event.oom);
    assert_int_equal(app.model.event_count, 2);
    struct row leak = {.sample = ROW_LEAK, .key = 12, .container = -1};
    assert_int_equal(model_kills_new(&app.model, &leak), 2);
    press("A");
    assert_int_equal(model_kills_new(&app.model, &leak), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_at, setup, teardown),
        cmocka_unit_test_setup_teardown(test_graphs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ledger, setup, teardown),
    };
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
