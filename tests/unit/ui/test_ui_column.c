/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/value.h"
#include "scene.h"
#include "ui/alarm.h"
#include "ui/text.h"

static struct model model;
static struct column_set usual;

static struct row row_of(int sample)
{
    struct row row = {.sample = sample, .container = -1, .key = scene_rows[sample].id};
    for (size_t i = 0; i < model.container_count; i++)
        if (strcmp(model.containers[i].cgroup, scene_rows[sample].path) == 0)
            row.container = (int)i;
    return row;
}

static const struct {
    int row;
    enum column_id column;
    const char *text;
    enum role role;
} texts[] = {
    {ROW_WEB, COLUMN_STATE, "●!", ROLE_WARN},
    {ROW_LEAK, COLUMN_STATE, "●✖", ROLE_BAD},
    {ROW_PAUSED, COLUMN_STATE, "◼ ", ROLE_PAUSED},
    {ROW_API, COLUMN_STATE, "● ", ROLE_GOOD},
    {ROW_USER, COLUMN_STATE, "○ ", ROLE_DIM},
    {ROW_SSH, COLUMN_STATE, "· ", ROLE_GRAPH_TEXT},
    {ROW_WEB, COLUMN_CPU, "49.9", ROLE_CPU},
    {ROW_SSH, COLUMN_CPU, "0.0", ROLE_DIM},
    {ROW_WEB, COLUMN_THROTTLED, "98.0", ROLE_BAD},
    {ROW_WORKER, COLUMN_THROTTLED, "↑", ROLE_THROTTLED},
    {ROW_API, COLUMN_THROTTLED, "0.0", ROLE_DIM},
    {ROW_ROOT, COLUMN_MEMORY, "-", ROLE_DIM},
    {ROW_USER, COLUMN_MEMORY, "0", ROLE_DIM},
    {ROW_WEB, COLUMN_MEMORY, "64M", ROLE_MEMORY},
    {ROW_ROOT, COLUMN_MEMORY_MAX, "-", ROLE_DIM},
    {ROW_SSH, COLUMN_MEMORY_MAX, "max", ROLE_DIM},
    {ROW_WEB, COLUMN_MEMORY_MAX, "100M", ROLE_LIMIT},
    {ROW_ROOT, COLUMN_OOM, "-", ROLE_DIM},
    {ROW_WEB, COLUMN_OOM, "0", ROLE_DIM},
    {ROW_LEAK, COLUMN_OOM, "✖2", ROLE_BAD},
    {ROW_ROOT, COLUMN_PIDS, "97", ROLE_FG}, /* processes: there is no pids.current */
    {ROW_ROOT, COLUMN_PIDS_MAX, "", ROLE_DIM},
    {ROW_SSH, COLUMN_PIDS_MAX, "/max", ROLE_DIM},
    {ROW_LEAK, COLUMN_PIDS, "19", ROLE_WARN},
    {ROW_LEAK, COLUMN_PIDS_MAX, "/20", ROLE_LIMIT},
    {ROW_WEB, COLUMN_PRESSURE_CPU, "42.1", ROLE_PRESSURE},
    {ROW_WEB, COLUMN_PRESSURE_IO, "0.0", ROLE_DIM},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct column_cell cell;
        struct row row = row_of(texts[i].row);
        column_text(texts[i].column, &model, &row, GLYPHS_BRAILLE, &cell);
        assert_string_equal(cell.text, texts[i].text);
        assert_int_equal(cell.style.role, texts[i].role);
    }
}

static void test_bars(void **state)
{
    struct column_bar bar;
    struct row web = row_of(ROW_WEB), worker = row_of(ROW_WORKER), ssh = row_of(ROW_SSH),
               api = row_of(ROW_API);
    (void)state;
    column_table[COLUMN_CPU_BAR].bar(&model, &web, &bar);
    assert_true(fabs(bar.fill - 0.998) < 1e-9 && bar.limited && bar.own);
    assert_int_equal(bar.style.role, ROLE_THROTTLED);
    column_table[COLUMN_CPU_BAR].bar(&model, &worker, &bar);
    assert_true(fabs(bar.fill - 0.6) < 1e-9 && bar.limited && !bar.own);
    column_table[COLUMN_CPU_BAR].bar(&model, &ssh, &bar);
    assert_false(bar.limited);
    column_table[COLUMN_MEMORY_BAR].bar(&model, &web, &bar);
    assert_true(fabs(bar.fill - 0.64) < 1e-9 && isnan(bar.mark));
    column_table[COLUMN_MEMORY_BAR].bar(&model, &api, &bar);
    assert_true(fabs(bar.mark - 0.75) < 1e-9);
}

/* Every column has what help, sorting and drawing need. */
static void test_table_is_whole(void **state)
{
    (void)state;
    for (int id = 0; id < COLUMN_COUNT; id++) {
        const struct column *column = &column_table[id];
        assert_non_null(column->key);
        assert_true(column->help && column->file && column->min > 0 && column->want >= column->min);
        assert_true((column->kind == COLUMN_TEXT) == (column->text != NULL || column->figure));
        assert_false(column->text && column->figure);
        assert_int_equal(column_find(column->key), id);
        assert_true(!column->alias || column_find(column->alias) == id);
        assert_true((column->kind == COLUMN_BAR) == (column->bar != NULL));
        assert_true(column_has_value((enum column_id)id) || id == COLUMN_NAME || id == COLUMN_PATH);
    }
}

/* Whatever the width: nothing overlaps, nothing goes beyond it, the name and the state are there. */
static void test_plan_at_any_width(void **state)
{
    (void)state;
    for (int width = 18; width < 400; width++) {
        struct column_plan plan;
        int end = 0;
        column_plan(&model, &usual, 0, model.row_count, width, 0, GLYPHS_BRAILLE, &plan);
        assert_true(plan.width[COLUMN_NAME] >= column_table[COLUMN_NAME].min && plan.width[COLUMN_STATE]);
        for (int i = 0; i < plan.count; i++) {
            enum column_id id = plan.order[i];
            assert_true(plan.width[id] && plan.x[id] >= end + column_table[id].gap);
            end = plan.x[id] + plan.width[id];
        }
        assert_in_range(end, 1, width);
        assert_true(width < 80 ||
                    (plan.width[COLUMN_THROTTLED] && plan.width[COLUMN_OOM] && plan.width[COLUMN_PIDS_MAX]));
        assert_true(width < 120 || plan.width[COLUMN_PRESSURE_IO]);
        /* More than the usual ones where these have what they want; figures stay near their names. */
        assert_true(width < 200 || (plan.width[COLUMN_QUOTA] && plan.width[COLUMN_MEMORY_PEAK]));
        assert_true(!plan.width[COLUMN_QUOTA] || plan.width[COLUMN_SPARK] >= column_table[COLUMN_SPARK].want);
        assert_true(plan.width[COLUMN_NAME] <= 40);
        assert_true(width < 300 || !plan.right);
    }
}

/* Very large figures widen their column; none is cut. */
static void test_plan_fits_large_figures(void **state)
{
    struct column_plan plan;
    struct column_cell cell;
    (void)state;
    struct snapshot *now = scene_snapshot(121);
    sample_own(&now->rows[ROW_WEB])->rate.cpu_percent = 25600 * 1000.0;
    sample_own(&now->rows[ROW_WEB])->now.pids_current = 1234567;
    sample_own(&now->rows[ROW_WEB])->now.pids_max = 4194304;
    sample_own(&now->rows[ROW_WEB])->now.memory_current = 7ull << 50;
    model_take(&model, now);
    /* All that there are, a screen at a time. */
    struct column_set all = usual;
    all.chosen = true;
    for (int id = 0; id < COLUMN_COUNT; id++)
        if (column_set_find(&all, (enum column_id)id) < 0)
            all.items[all.count++].id = (enum column_id)id;
    struct row web = row_of(ROW_WEB);
    for (int scroll = 0; scroll < all.count; scroll++) {
        column_plan(&model, &all, 0, model.row_count, 160, scroll, GLYPHS_BRAILLE, &plan);
        assert_in_range(plan.scroll, 0, scroll);
        for (int i = 0; i < plan.count; i++) {
            enum column_id id = plan.order[i];
            if (column_table[id].kind != COLUMN_TEXT)
                continue;
            column_text(id, &model, &web, GLYPHS_BRAILLE, &cell);
            assert_true(text_columns(cell.text) <= plan.width[id]);
        }
        assert_true(plan.width[COLUMN_NAME] && plan.width[COLUMN_STATE]);
        assert_int_equal(plan.left, plan.scroll > 0);
    }
    assert_false(plan.right);
}

/* What a row is marked for, and the header counts: the limits are those of the verdict. */
static void test_alarms(void **state)
{
    static const struct {
        double throttled;
        uint64_t memory, memory_max, pids, pids_max;
        unsigned alarms;
    } cases[] = {
        {0, 50, 100, 1, 10, 0},
        {24.9, 89, 100, 8, 10, 0},
        {25, 50, 100, 1, 10, ALARM_THROTTLED},
        {0, 90, 100, 1, 10, ALARM_NEAR},
        {0, 50, 100, 9, 10, ALARM_NEAR},
        {98, 100, 100, 10, 10, ALARM_THROTTLED | ALARM_NEAR},
        {NAN, 90, VALUE_MAX, 9, VALUE_MAX, 0},
        {NAN, VALUE_ABSENT, 100, VALUE_ABSENT, 10, 0},
        {NAN, 90, VALUE_ABSENT, 9, VALUE_ABSENT, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct snapshot *before = scene_snapshot(121), *now = snapshot_copy(before);
        struct figures *web = sample_own(&now->rows[ROW_WEB]);
        struct alarms was, all, step;
        web->rate.throttled_periods_percent = cases[i].throttled;
        web->now.memory_current = cases[i].memory;
        web->now.memory_max = cases[i].memory_max;
        web->now.pids_current = cases[i].pids;
        web->now.pids_max = cases[i].pids_max;
        assert_int_equal(alarm_of(&now->rows[ROW_WEB]), cases[i].alarms);
        alarms_count(&was, before, NULL);
        alarms_count(&all, now, NULL);
        assert_int_equal(all.throttled + 1, was.throttled + ((cases[i].alarms & ALARM_THROTTLED) != 0));
        assert_int_equal(all.near, was.near + ((cases[i].alarms & ALARM_NEAR) != 0));
        step = was;
        alarms_count(&step, now, before);
        assert_memory_equal(&step, &all, sizeof all);
        snapshot_free(before);
        snapshot_free(now);
    }
    assert_int_equal(alarm_of(NULL), 0);
}

static void test_sets(void **state)
{
    static const struct {
        const char *text, *printed, *error;
    } sets[] = {
        {"auto", "auto", NULL},
        {"cpu mem:9 NAME:30", "state name:30 cpu memory:9", NULL},
        {"peak, thr,  lost", "state name memory.peak throttled throttled-cpus", NULL},
        {"", "state name", NULL},
        {"cpu cpu", NULL, "cpu is there twice"},
        {"cpu thr cpu%", NULL, "cpu% is there twice"},
        {"memry", NULL, "no column is called memry"},
        {"cpu:", NULL, "cpu:: not a width from 1 to 200"},
        {"cpu:0", NULL, "cpu:0: not a width from 1 to 200"},
        {"cpu:9x", NULL, "cpu:9x: not a width from 1 to 200"},
        {"cpu:99999999999999999999", NULL, "cpu:99999999999999999999: not a width from 1 to 200"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        struct column_set set = usual;
        struct err err = {0};
        struct str text = {0};
        int rc = column_set_parse(&set, sets[i].text, &err);
        assert_int_equal(rc, sets[i].error ? -EINVAL : 0);
        if (sets[i].error && !str_starts(err.text, sets[i].error))
            fail_msg("%s: %s", sets[i].text, err.text);
        column_set_print(&set, &text);
        assert_string_equal(text.text, sets[i].error ? "auto" : sets[i].printed);
        str_free(&text);
    }
}

/* Chosen widths are kept, and what doesn't fit can be scrolled to. */
static void test_scroll(void **state)
{
    struct column_set set;
    struct column_plan plan;
    struct err err;
    (void)state;
    assert_int_equal(column_set_parse(&set, "name:20 cpu:8 memory:12 oom pids path:30", &err), 0);
    column_plan(&model, &set, 0, model.row_count, 50, 0, GLYPHS_BRAILLE, &plan);
    assert_int_equal(plan.width[COLUMN_NAME], 20);
    assert_int_equal(plan.width[COLUMN_CPU], 8);
    assert_int_equal(plan.width[COLUMN_PATH], 0);
    assert_true(plan.right && !plan.left);
    column_plan(&model, &set, 0, model.row_count, 50, 99, GLYPHS_BRAILLE, &plan);
    assert_int_equal(plan.width[COLUMN_CPU], 0);
    assert_false(plan.width[COLUMN_PATH] > 30);
    assert_true(plan.left && plan.scroll <= 4);
}

static void test_ended_has_no_figures(void **state)
{
    struct column_cell cell;
    struct row row = {.sample = -1, .container = 2};
    (void)state;
    for (int id = 0; id < COLUMN_COUNT; id++) {
        if (column_table[id].kind == COLUMN_TEXT)
            column_text((enum column_id)id, &model, &row, GLYPHS_ASCII, &cell);
        column_value((enum column_id)id, &model, &row);
    }
    column_table[COLUMN_STATE].text(&model, &row, GLYPHS_ASCII, &cell);
    assert_string_equal(cell.text, "x ");
    assert_int_equal(cell.style.role, ROLE_BAD);
    column_table[COLUMN_OOM].text(&model, &row, GLYPHS_ASCII, &cell);
    assert_string_equal(cell.text, "1");
}

static int setup(void **state)
{
    (void)state;
    column_set_default(&usual);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_bars),
        cmocka_unit_test(test_table_is_whole),
        cmocka_unit_test(test_plan_at_any_width),
        cmocka_unit_test(test_plan_fits_large_figures),
        cmocka_unit_test(test_alarms),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_scroll),
        cmocka_unit_test(test_ended_has_no_figures),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
