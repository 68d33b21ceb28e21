/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "scene.h"

static struct model model;

static int setup(void **state)
{
    (void)state;
    model_init(&model);
    scene_play(&model, 120);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    model_fini(&model);
    return 0;
}

/* The names of all rows, a blank for each depth in front, "|" between. */
static const char *rows_text(void)
{
    static struct str text;
    char name[MODEL_NAME];
    str_clear(&text);
    for (size_t i = 0; i < model.row_count; i++) {
        model_name(&model, &model.rows[i], name);
        str_addf(&text, "%s%*s%s", i ? "|" : "", model.rows[i].depth, "", name);
    }
    return text.text;
}

static const struct row *row_named(const char *wanted)
{
    char name[MODEL_NAME];
    for (size_t i = 0; i < model.row_count; i++) {
        model_name(&model, &model.rows[i], name);
        if (strcmp(name, wanted) == 0)
            return &model.rows[i];
    }
    fail_msg("no row %s in %s", wanted, rows_text());
    return NULL;
}

static void filter(const char *text)
{
    struct err err;
    size_t at;
    assert_int_equal(model_filter(&model, text, &err, &at), 0);
}

#define TREE                                                                                                 \
    "/| boxtop|  api|  leak|  paused|  web|   worker| system.slice|  dev-disk-A.mount|  "                    \
    "docker:0123456789ab|"                                                                                   \
    "  ssh.service| user.slice|old"

static void test_tree(void **state)
{
    (void)state;
    assert_string_equal(rows_text(), TREE);
    assert_true(row_named("user.slice")->last);
    assert_false(row_named("system.slice")->last);
    assert_int_equal(row_named("old")->sample, -1);
    assert_string_equal(model_container(&model, row_named("web"))->name, "web");
    assert_null(model_container(&model, row_named("worker")));
}

/* Processes stand below their group, by what the table is sorted by; of each only those of that very group.
 */
static void test_processes(void **state)
{
    (void)state;
    model_open(&model, row_named("web"), true);
    assert_non_null(strstr(rows_text(), "|  web|   4711 sleep infinity|   4720 busy --forever|   worker|"));
    assert_false(row_named("4720 busy --forever")->last);
    model_sort(&model, COLUMN_CPU);
    assert_non_null(strstr(rows_text(), "|  web|   4720 busy --forever|   4711 sleep infinity|   worker|"));
    model_select(&model, row_named("4711 sleep infinity") - model.rows);
    assert_int_equal(model.selected_group, 14);
    model_take(&model, scene_snapshot(121));
    assert_string_equal(model_process(&model, model_selected(&model))->command, "sleep infinity");
    assert_null(model_container(&model, model_selected(&model)));
    model.flat = true;
    model_rebuild(&model);
    assert_non_null(strstr(rows_text(), " 4720 busy --forever"));
    model_open(&model, row_named("web"), false);
    assert_null(strstr(rows_text(), "busy"));
    /* What has been selected is gone: the selection is somewhere all the same. */
    assert_non_null(model_selected(&model));
}

static void test_flat_sorted(void **state)
{
    (void)state;
    model.flat = true;
    model_sort(&model, COLUMN_CPU);
    assert_true(strncmp(rows_text(), "/|boxtop|api|", 13) == 0 || strstr(rows_text(), "/|"));
    for (size_t i = 1; i + 1 < model.row_count; i++)
        assert_true(model_sample(&model, &model.rows[i - 1])->rate->cpu_percent >=
                    model_sample(&model, &model.rows[i])->rate->cpu_percent);
    model_sort(&model, COLUMN_CPU);
    assert_true(model.reverse);
    for (size_t i = 1; i + 1 < model.row_count; i++)
        assert_true(model_sample(&model, &model.rows[i - 1])->rate->cpu_percent <=
                    model_sample(&model, &model.rows[i])->rate->cpu_percent);
}

static void test_sorted_tree_keeps_parents(void **state)
{
    (void)state;
    model_sort(&model, COLUMN_OOM);
    assert_string_equal(rows_text(),
                        "/| boxtop|  leak|  api|  paused|  web|   worker| system.slice|  dev-disk-A.mount|"
                        "  docker:0123456789ab|  ssh.service| user.slice|old");
    /* Absent figures stay last when the order is turned around. */
    model.flat = true;
    model_sort(&model, COLUMN_MEMORY);
    model_sort(&model, COLUMN_MEMORY);
    const char *text = rows_text();
    assert_string_equal(text + strlen(text) - 6, "|/|old");
}

static void test_filter(void **state)
{
    static const struct {
        const char *filter, *rows;
        size_t hidden;
    } cases[] = {
        {"worker", "/| boxtop|  web|   worker", 8},
        {"WEB", "/| boxtop|  web|   worker", 8},
        {"docker", "/| system.slice|  docker:0123456789ab", 9},
        {"old", "old", 11},
        {"nothing like this", "", 11},
        {"", TREE, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        filter(cases[i].filter);
        assert_string_equal(model.row_count ? rows_text() : "", cases[i].rows);
        assert_int_equal(model.hidden_by_filter, cases[i].hidden);
    }
}

/* From what matches to what matches, around the end; parents that are only kept are passed over. */
static void test_jump(void **state)
{
    (void)state;
    assert_false(model_jump(&model, 1));
    filter("api | docker");
    assert_string_equal(rows_text(), "/| boxtop|  api| system.slice|  docker:0123456789ab");
    static const size_t stops[] = {2, 4, 2};
    for (size_t i = 0; i < COUNT_OF(stops); i++) {
        assert_true(model_jump(&model, 1));
        assert_int_equal(model.selected, stops[i]);
    }
    assert_true(model_jump(&model, -1));
    assert_int_equal(model.selected, 4);
    filter("nothing");
    assert_false(model_jump(&model, 1));
}

/* Tags are on groups, whatever the order, and go with them. */
static void test_tags(void **state)
{
    (void)state;
    size_t web = (size_t)(row_named("web") - model.rows), old = model.row_count - 1;
    model_tag(&model, web, true);
    model_tag(&model, web, true);
    model_tag(&model, old, true);
    assert_int_equal(model.tag_count, 2);
    model_sort(&model, COLUMN_CPU);
    assert_true(row_named("web")->tagged && row_named("old")->tagged && !row_named("api")->tagged);
    struct snapshot *now = scene_snapshot(121);
    now->rows[ROW_WEB].id = 99;
    model_take(&model, now);
    assert_int_equal(model.tag_count, 1);
    assert_false(row_named("web")->tagged);
    model_untag(&model);
    assert_false(row_named("old")->tagged);
    model_take(&model, scene_snapshot(122));
    assert_int_equal(model.tag_count, 0);
}

static void test_fold_all(void **state)
{
    (void)state;
    model_fold_all(&model, true);
    assert_string_equal(rows_text(), "/| boxtop| system.slice| user.slice|old");
    model_fold_all(&model, false);
    assert_string_equal(rows_text(), TREE);
}

static void test_stays(void **state)
{
    (void)state;
    model.stay = true;
    model_select(&model, 3);
    model_sort(&model, COLUMN_CPU);
    assert_int_equal(model.selected, 3);
    model_take(&model, scene_snapshot(121));
    assert_int_equal(model.selected, 3);
}

/* Rows of many groups are made without asking each for its name more than once: as many again is not much
 * more than twice the work. Processor time, in one run, with room for whatever else runs here. */
static struct snapshot *many_groups(size_t count)
{
    struct snapshot *now = mem_alloc(sizeof *now + count * sizeof now->rows[0]);
    static char paths[40000][24];
    now->serial = 2;
    now->count = count;
    for (size_t i = 0; i < count; i++) {
        snprintf(paths[i], sizeof paths[i], i ? "/g%zu" : "/", i);
        scene_fill(&now->rows[i], &(struct scene_row){i + 1, paths[i], i ? 0 : -1, i > 0});
        sample_own(&now->rows[i])->rate.cpu_percent = (double)(i * 7919 % 1000);
    }
    return now;
}

static double rebuild_seconds(size_t count, enum column_id sort)
{
    model_take(&model, many_groups(count));
    model.sort = sort;
    clock_t begin = clock();
    for (int i = 0; i < 5; i++)
        model_rebuild(&model);
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

static void test_many_groups(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        enum column_id sort = i ? COLUMN_CPU : COLUMN_NAME;
        double few = rebuild_seconds(2000, sort), many = rebuild_seconds(20000, sort);
        assert_int_equal(model.row_count, 20000 + 5); /* and containers that have no group in there */
        print_message("%s: 2,000 groups %.1f ms, 20,000 %.1f ms\n", column_table[sort].key, few * 200,
                      many * 200);
        assert_true(many < 60 * few + 0.5);
    }
}

static void test_fold(void **state)
{
    (void)state;
    model_fold(&model, row_named("boxtop"), true);
    assert_string_equal(
        rows_text(),
        "/| boxtop| system.slice|  dev-disk-A.mount|  docker:0123456789ab|  ssh.service| user.slice|old");
    /* A snapshot doesn't unfold it, a filter looks inside. */
    model_take(&model, scene_snapshot(121));
    assert_true(row_named("boxtop")->folded);
    filter("worker");
    assert_string_equal(rows_text(), "/| boxtop|  web|   worker");
}

static void select_named(const char *name)
{
    model_select(&model, row_named(name) - model.rows);
}

static const char *selected_name(void)
{
    static char name[MODEL_NAME];
    model_name(&model, model_selected(&model), name);
    return name;
}

static void test_selection_follows(void **state)
{
    (void)state;
    select_named("leak");
    model_sort(&model, COLUMN_CPU);
    assert_string_equal(selected_name(), "leak");
    model.flat = true;
    model_rebuild(&model);
    assert_string_equal(selected_name(), "leak");
    model_select(&model, -5);
    assert_int_equal(model.selected, 0);
    model_select(&model, 1000);
    assert_int_equal(model.selected, model.row_count - 1);
}

/* The container ends and is started again: another cgroup, the same name. */
static void test_selection_follows_container(void **state)
{
    size_t count;
    (void)state;
    select_named("web");
    struct container *list = scene_containers(&count);
    list[4].state = CONTAINER_EXITED;
    list[4].cgroup[0] = '\0';
    model_take_containers(&model, list, count);
    struct snapshot *gone = scene_snapshot(121);
    gone->rows[ROW_WEB].path = "/boxtop/xxx";
    gone->rows[ROW_WEB].id = 999;
    model_take(&model, gone);
    assert_string_equal(selected_name(), "web");
    assert_int_equal(model_selected(&model)->sample, -1);
    struct snapshot *again = scene_snapshot(122);
    again->rows[ROW_WEB].id = 1000;
    list = scene_containers(&count);
    model_take_containers(&model, list, count);
    model_take(&model, again);
    assert_string_equal(selected_name(), "web");
    assert_int_equal(model_selected(&model)->key, 1000);
}

/* What was just launched is selected when it appears, not before. */
static void test_follow(void **state)
{
    size_t count;
    (void)state;
    select_named("ssh.service");
    model_follow(&model, "fresh");
    assert_string_equal(selected_name(), "ssh.service");
    model_take(&model, scene_snapshot(121));
    assert_string_equal(selected_name(), "ssh.service");
    struct container *list = scene_containers(&count);
    str_copy(list[2].name, sizeof list[2].name, "fresh");
    model_take_containers(&model, list, count);
    assert_string_equal(selected_name(), "fresh");
}

static void test_kills(void **state)
{
    (void)state;
    assert_int_equal(model_kills_new(&model, row_named("leak")), 2);
    assert_int_equal(model_kills_new(&model, row_named("boxtop")), 2);
    assert_int_equal(model_kills_new(&model, row_named("web")), 0);
    assert_int_equal(model.kills_total - model.kills_seen, 2);
    model_acknowledge(&model);
    assert_int_equal(model_kills_new(&model, row_named("leak")), 0);
    assert_int_equal(model.kills_total - model.kills_seen, 0);
    /* Kills from before boxtop looked are no news. */
    struct model late;
    model_init(&late);
    struct snapshot *first = scene_snapshot(100);
    first->serial = 1;
    model_take(&late, first);
    assert_int_equal(model_kills_new(&late, &late.rows[3]), 0);
    assert_int_equal(late.kills_total - late.kills_at_start, 0);
    model_fini(&late);
}

/* A container that was killed and started again is a new group, and stays marked. */
static void test_kills_of_the_group_before(void **state)
{
    (void)state;
    model_acknowledge(&model);
    const struct sample *web = model_sample(&model, row_named("web"));
    struct event kill = {.kind = EVENT_OOM_KILL, .cgroup_id = web->id, .value = 3};
    str_copy(kill.cgroup, sizeof kill.cgroup, web->path);
    model_take_events(&model, &kill);
    assert_int_equal(model_kills_new(&model, row_named("web")), 0); /* its own counter says so, or doesn't */
    struct snapshot *again = scene_snapshot(121);
    again->rows[ROW_WEB].id = 1000;
    model_take(&model, again);
    assert_int_equal(model_kills_new(&model, row_named("web")), 3);
    assert_int_equal(model_kills_new(&model, row_named("leak")), 0);
    model_acknowledge(&model);
    assert_int_equal(model_kills_new(&model, row_named("web")), 0);
}

/* A record says it runs, the kernel says that nobody is there. */
static void test_orphans(void **state)
{
    size_t count;
    (void)state;
    assert_false(model_has_orphans(&model));
    struct snapshot *now = scene_snapshot(121);
    sample_own(&now->rows[ROW_WEB])->now.populated = 0;
    model_take(&model, now);
    assert_true(model_has_orphans(&model));
    struct snapshot *gone = scene_snapshot(122);
    scene_cut(gone, ROW_WEB);
    model_take(&model, gone);
    assert_true(model_has_orphans(&model));
    struct container *list = scene_containers(&count);
    list[4].state = CONTAINER_EXITED;
    model_take_containers(&model, list, count);
    assert_false(model_has_orphans(&model));
}

static void test_freeze(void **state)
{
    (void)state;
    uint64_t shown = model.now->serial;
    model_freeze(&model, true);
    model_take(&model, scene_snapshot(130));
    model_take(&model, scene_snapshot(131));
    assert_int_equal(model.now->serial, shown);
    assert_int_equal(model_shown(&model, model_track(&model, row_named("web"))), 119);
    model_freeze(&model, false);
    assert_int_equal(model_shown(&model, model_track(&model, row_named("web"))), 121);
    assert_int_equal(model.now->serial, 131);
}

static void test_history(void **state)
{
    (void)state;
    const struct track *track = model_track(&model, row_named("leak"));
    /* The first sample has no rates, and would be a gap. */
    assert_int_equal(track->count, 119);
    uint32_t kills = 0;
    for (size_t i = 0; i < track->count; i++)
        kills += track_at(track, i)->kills;
    assert_int_equal(kills, 2);
    assert_true(isinf(track_at(track, 0)->quota_percent));
    assert_true(track_at(track, 0)->memory_max_bytes == 60.0f * MIB);
    /* The root group counts none: what the machine uses stands for it. */
    assert_true(track_at(model_track(&model, row_named("/")), 0)->memory_bytes == 2048.0f * MIB);
    assert_true(track_at(model_track(&model, row_named("/")), 0)->memory_max_bytes == 8192.0f * MIB);
    /* A poke is not a tick: it replaces the newest sample. */
    struct snapshot *poke = scene_snapshot(120);
    poke->time_ns += SECOND / 5;
    sample_own(&poke->rows[ROW_LEAK])->now.events_oom_kill = 5;
    model_take(&model, poke);
    assert_int_equal(track->count, 119);
    poke = scene_snapshot(120);
    poke->time_ns += SECOND / 3;
    sample_own(&poke->rows[ROW_LEAK])->now.events_oom_kill = 6;
    model_take(&model, poke);
    assert_int_equal(track->count, 119);
    assert_int_equal(track_at(track, 118)->kills, 4);
}

static void test_history_is_bounded(void **state)
{
    (void)state;
    for (int t = 121; t < 121 + 2 * TRACK_SAMPLES; t++)
        model_take(&model, scene_snapshot(t));
    const struct track *track = model_track(&model, row_named("web"));
    assert_int_equal(track->count, TRACK_SAMPLES);
    struct snapshot *small = scene_snapshot(2000);
    scene_cut(small, 2);
    model_take(&model, small);
    assert_int_equal(model.tracks.count, 2);
}

/* With very many groups each has less history, but all have some. */
static void test_tracks_of_many(void **state)
{
    struct tracks tracks = {0};
    struct track_sample sample = {0};
    bool fresh;
    (void)state;
    for (int t = 0; t < 100; t++) {
        sample.cpu_percent = (float)t;
        for (uint64_t id = 1; id <= 20000; id++)
            track_push(tracks_touch(&tracks, id, &fresh), &sample, (uint64_t)t * SECOND, 1);
        tracks_sweep(&tracks);
    }
    size_t samples = 0;
    for (uint64_t id = 1; id <= 20000; id++) {
        assert_true(tracks_find(&tracks, id)->count >= TRACK_SAMPLES_MIN);
        samples += tracks_find(&tracks, id)->capacity;
    }
    assert_true(samples * sizeof sample < 20000 * TRACK_SAMPLES_MIN * sizeof sample + 4 * TRACK_BUDGET);
    assert_null(tracks_find(&tracks, 20001));
    tracks_fini(&tracks);
}

/* Samples in a row that are the same are kept as one; what is read is what a plain list has. */
static void test_track_runs(void **state)
{
    static struct track_sample plain[20000];
    struct tracks tracks = {0};
    uint32_t random = 1, most = 0;
    size_t count = 0;
    bool fresh;
    (void)state;
    struct track *track = tracks_touch(&tracks, 1, &fresh);
    for (uint64_t t = 1; t < 20000; t++) {
        random = random * 1664525 + 1013904223;
        struct track_sample sample = {.cpu_percent = (float)(random >> 28 > 13 ? random >> 30 : 5),
                                      .kills = random >> 20 & 127 ? 0 : 1};
        uint64_t now_ns = t * 2 * SECOND - ((random >> 16 & 7) == 0 ? SECOND : 0);
        bool soon = count && now_ns < track->pushed_ns + SECOND * 3 / 2;
        track->limit = t < 8000 ? 40 : t < 12000 ? TRACK_SAMPLES : 100;
        assert_int_equal(track_push(track, &sample, now_ns, SECOND * 3 / 2), !soon);
        if (soon)
            sample.kills += plain[--count].kills;
        plain[count++] = sample;
        most = track->run_count > most ? track->run_count : most;
        assert_int_equal(track->pushed, count);
        assert_true(track->count <= TRACK_SAMPLES && track->run_count <= track->count);
        assert_int_equal(track->count < 40 ? track->count : 40, count < 40 ? count : 40);
        for (size_t i = 0; i < track->count; i += t % 64 ? track->count - 1 + !i : 1)
            assert_memory_equal(track_at(track, i), &plain[count - track->count + i], sizeof *plain);
    }
    assert_int_equal(track->count, TRACK_SAMPLES);
    assert_true(most > 1 && most < TRACK_SAMPLES / 2);
    for (int i = 0; i < 1000; i++)
        track_push(track, &plain[0], 0, 0);
    assert_int_equal(track->run_count, 1);
    assert_memory_equal(track_at(track, TRACK_SAMPLES - 1), &plain[0], sizeof *plain);
    tracks_fini(&tracks);
}

static void assert_same_tracks(const struct tracks *a, const struct tracks *b)
{
    for (int row = 0; row < SCENE_COUNT; row++) {
        const struct track *x = tracks_find(a, scene_rows[row].id), *y = tracks_find(b, scene_rows[row].id);
        assert_int_equal(x->count, y->count);
        assert_int_equal(x->pushed, y->pushed);
        for (size_t i = 0; i < x->count; i++)
            assert_memory_equal(track_at(x, i), track_at(y, i), sizeof(struct track_sample));
    }
}

/* Of what stays the same nothing is written: what is read later is what each sample would have put there. */
static void test_tracks_at_rest(void **state)
{
    static struct trail trail;
    struct tracks lazy = {0}, eager = {0};
    struct snapshot *before = NULL;
    uint64_t time_ns = SCENE_AT;
    uint32_t random = 1;
    (void)state;
    for (int t = 0; t < 4000; t++) {
        struct snapshot *now = before ? snapshot_copy(before) : scene_snapshot(100);
        bool busy = t < 200 || t > 3000;
        now->shape = t < 50 ? 1 : 2;
        random = random * 1664525 + 1013904223;
        time_ns += random >> 29 ? SECOND : SECOND / 5;
        if (busy || t % 500 == 0) {
            struct figures *figures = sample_own(&now->rows[1 + random % (SCENE_COUNT - 1)]);
            figures->rate.cpu_percent = random >> 20 & 7;
            figures->now.events_oom_kill += random >> 24 & 1;
        }
        bool tick = model_remember(&model, &lazy, &trail, now, before, t == 0, time_ns);
        assert_int_equal(tick, model_remember(&model, &eager, &trail, now, NULL, t == 0, time_ns));
        if (t == 49 || t == 120 || t == 121 || t == 2999 || t == 3100 || t == 3999)
            assert_same_tracks(&lazy, &eager);
        snapshot_free(before);
        before = now;
    }
    snapshot_free(before);
    tracks_fini(&lazy);
    tracks_fini(&eager);
}

/* True if the rows were made anew. */
static bool take_again(void (*change)(struct snapshot *))
{
    struct snapshot *now = snapshot_copy(model.now);
    now->time_ns += SECOND;
    if (change)
        change(now);
    model.rows[0].depth = 99;
    model_take(&model, now);
    return model.rows[0].depth != 99;
}

static void change_figures(struct snapshot *now)
{
    sample_own(&now->rows[ROW_API])->rate.cpu_percent = 99;
}

static void change_name(struct snapshot *now)
{
    identity_unref(now->rows[ROW_SSH].identity);
    now->rows[ROW_SSH].identity = identity_of_path("/system.slice/other.service");
}

static void change_shape(struct snapshot *now)
{
    now->shape++;
}

/* Which rows there are does not follow from figures, as long as nobody asks for more than names. */
static void test_rows_at_rest(void **state)
{
    struct snapshot *now = scene_snapshot(121);
    (void)state;
    now->shape = 1;
    model_take(&model, now);
    assert_false(take_again(NULL));
    assert_false(take_again(change_figures));
    assert_float_equal(model_sample(&model, row_named("api"))->rate->cpu_percent, 99, 0);
    assert_true(take_again(change_name));
    assert_true(take_again(change_shape));
    model_open(&model, row_named("web"), true);
    assert_true(take_again(change_figures));
    model_open(&model, row_named("web"), false);
    assert_false(take_again(change_figures));
    model_filter(&model, "api", &(struct err){0}, &(size_t){0});
    assert_true(take_again(change_figures));
    model_filter(&model, "", &(struct err){0}, &(size_t){0});
    model_sort(&model, COLUMN_CPU);
    assert_true(take_again(change_figures));
}

static void test_events(void **state)
{
    (void)state;
    assert_int_equal(model_event(&model, 0)->kind, EVENT_OOM_KILL);
    for (int i = 0; i < MODEL_EVENTS + 10; i++)
        scene_event(&model, EVENT_HIGH, i, "/boxtop/web", (uint64_t)i, "", "");
    assert_int_equal(model.event_count, MODEL_EVENTS);
    assert_int_equal(model_event(&model, 0)->value, MODEL_EVENTS + 9);
    assert_int_equal(model_event(&model, MODEL_EVENTS - 1)->value, 10);
    assert_null(model_event(&model, MODEL_EVENTS));
}

static void test_changes(void **state)
{
    struct change change = {0};
    (void)state;
    for (int i = 0; i < MODEL_CHANGES + 3; i++) {
        snprintf(change.after, sizeof change.after, "%d", i);
        model_changed(&model, &change);
    }
    assert_int_equal(model.change_count, MODEL_CHANGES);
    assert_string_equal(model.changes[0].after, "3");
    assert_string_equal(model.changes[MODEL_CHANGES - 1].after, "130");
}

/* Names come from the kernel raw: whatever is in them, nothing raw is shown. */
static void test_hostile_names(void **state)
{
    static const struct {
        const char *name, *shown;
    } cases[] = {
        {"plain", "plain"},
        {"esc\033[31m", "esc\\x1b[31m"},
        {"new\nline", "new\\x0aline"},
        {"bad\xff\xc3", "bad\\xff\\xc3"},
        {"unit\\x1b[0m", "unit\\x1b[0m"},
        {"unit\\x2d1.service", "unit-1.service"},
        {"unit\\x2.service", "unit\\x2.service"},
        {"docker-xyz.scope", "docker-xyz.scope"},
        {"libpod-00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff.scope",
         "podman:001122334455"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[300], name[MODEL_NAME];
        struct snapshot *now = scene_snapshot(121);
        snprintf(path, sizeof path, "/user.slice/%s", cases[i].name);
        now->rows[ROW_USER].name = strrchr(path, '/') + 1;
        now->rows[ROW_USER].path = path;
        identity_unref(now->rows[ROW_USER].identity);
        now->rows[ROW_USER].identity = identity_of_path(path);
        model_take(&model, now);
        struct row row = {.sample = ROW_USER, .container = -1};
        model_name(&model, &row, name);
        assert_string_equal(name, cases[i].shown);
        model_take(&model, scene_snapshot(122));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tree, setup, teardown),
        cmocka_unit_test_setup_teardown(test_processes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flat_sorted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sorted_tree_keeps_parents, setup, teardown),
        cmocka_unit_test_setup_teardown(test_filter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_jump, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fold_all, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_groups, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fold, setup, teardown),
        cmocka_unit_test_setup_teardown(test_selection_follows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_selection_follows_container, setup, teardown),
        cmocka_unit_test_setup_teardown(test_follow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kills_of_the_group_before, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kills, setup, teardown),
        cmocka_unit_test_setup_teardown(test_orphans, setup, teardown),
        cmocka_unit_test_setup_teardown(test_freeze, setup, teardown),
        cmocka_unit_test_setup_teardown(test_history, setup, teardown),
        cmocka_unit_test_setup_teardown(test_history_is_bounded, setup, teardown),
        cmocka_unit_test(test_tracks_of_many),
        cmocka_unit_test(test_track_runs),
        cmocka_unit_test_setup_teardown(test_tracks_at_rest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rows_at_rest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_events, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile_names, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
