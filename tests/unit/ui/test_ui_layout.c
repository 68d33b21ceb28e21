/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ui/layout.h"

/* Paints the rectangles and counts: each cell of the screen has exactly one pane. */
static void check_cover(const struct layout *layout, int rows, int cols)
{
    unsigned char *cells = calloc((size_t)(rows * cols), 1);
    for (int id = 0; id < PANE_COUNT; id++) {
        const struct rect *r = &layout->pane[id];
        if (!r->h || !r->w)
            continue;
        assert_true(r->y >= 0 && r->x >= 0 && r->y + r->h <= rows && r->x + r->w <= cols);
        for (int y = r->y; y < r->y + r->h; y++)
            for (int x = r->x; x < r->x + r->w; x++)
                assert_int_equal(cells[y * cols + x]++, 0);
    }
    for (int i = 0; i < rows * cols; i++)
        assert_int_equal(cells[i], 1);
    free(cells);
}

static const struct layout_wish usual = {.zoomed = -1};

static void test_every_size(void **state)
{
    (void)state;
    for (int rows = 1; rows < 110; rows++)
        for (int cols = 1; cols < 320; cols += 7) {
            struct layout layout;
            for (int preset = 0; preset < LAYOUT_PRESETS; preset++) {
                struct layout_wish wish = {.preset = (enum layout_preset)preset, .zoomed = -1};
                layout_compute(&layout, rows, cols, &wish);
                assert_int_equal(layout.too_small, rows < 10 || cols < 40);
                if (layout.too_small)
                    continue;
                check_cover(&layout, rows, cols);
                assert_true(layout.pane[PANE_TABLE].h >= 5 && layout.pane[PANE_TABLE].w >= 40);
            }
        }
}

/* With a terminal among them: all sizes are covered, and it has most of the room. */
static void test_terminal(void **state)
{
    (void)state;
    for (int rows = 10; rows < 110; rows++)
        for (int cols = 40; cols < 320; cols += 7) {
            struct layout layout;
            struct layout_wish wish = {.zoomed = -1};
            layout_guest(&layout, rows, cols, &wish);
            check_cover(&layout, rows, cols);
            assert_true(layout.pane[PANE_TERMINAL].h >= 7 && layout.pane[PANE_TERMINAL].w >= 40);
            layout_toggle(&wish, &layout, PANE_EVENTS);
            layout_guest(&layout, rows, cols, &wish);
            check_cover(&layout, rows, cols);
            assert_true(rows < 20 || cols < 80 || layout.pane[PANE_EVENTS].h > 0);
            wish.zoomed = PANE_TERMINAL;
            layout_guest(&layout, rows, cols, &wish);
            check_cover(&layout, rows, cols);
            assert_int_equal(layout.pane[PANE_TERMINAL].w, cols);
        }
}

static void test_hidden_and_zoomed(void **state)
{
    (void)state;
    for (unsigned hidden = 0; hidden < 1u << PANE_COUNT; hidden += 61) {
        static const struct {
            int rows, cols;
        } sizes[] = {{24, 80}, {36, 120}, {50, 200}};
        unsigned panes = hidden & ~(1u << PANE_HEADER | 1u << PANE_FOOTER | 1u << PANE_TABLE);
        for (int i = 0; i < 3; i++) {
            struct layout layout;
            layout_compute(&layout, sizes[i].rows, sizes[i].cols,
                           &(struct layout_wish){.hidden = panes, .zoomed = -1});
            check_cover(&layout, sizes[i].rows, sizes[i].cols);
            for (int id = 0; id < PANE_COUNT; id++)
                if (panes >> id & 1)
                    assert_int_equal(layout.pane[id].h, 0);
        }
    }
    for (int id = PANE_TABLE; id < PANE_FOOTER; id++) {
        struct layout layout;
        layout_compute(&layout, 24, 80, &(struct layout_wish){.zoomed = id});
        check_cover(&layout, 24, 80);
        assert_int_equal(layout.pane[id].h, 21);
    }
}

static void test_classes(void **state)
{
    struct layout layout;
    (void)state;
    layout_compute(&layout, 24, 80, &usual);
    assert_int_equal(layout.pane[PANE_LIMITS].h, 9);
    assert_int_equal(layout.pane[PANE_EVENTS].h, 0);
    layout_compute(&layout, 36, 120, &usual);
    assert_true(layout.pane[PANE_EVENTS].h > 0 && layout.pane[PANE_TABLE].w == 120);
    layout_compute(&layout, 50, 200, &usual);
    assert_int_equal(layout.pane[PANE_TABLE].h, 45);
    assert_true(layout.pane[PANE_CPU].x == layout.pane[PANE_TABLE].w);
}

/* A few groups: the table is as high as they need, and all that it had too much is the panes'. */
static void test_few_rows(void **state)
{
    struct layout layout, many;
    struct layout_wish few = {.zoomed = -1};
    (void)state;
    assert_true(layout_table_rows(&few, 13));
    layout_compute(&layout, 50, 200, &few);
    assert_int_equal(layout.pane[PANE_TABLE].h, 17);
    assert_int_equal(layout.pane[PANE_TABLE].w, 200);
    for (int id = PANE_CPU; id <= PANE_EVENTS; id++)
        assert_int_equal(layout.pane[id].h > 0, id != PANE_NAMESPACES);
    layout_compute(&layout, 100, 300, &few);
    assert_int_equal(layout.pane[PANE_TABLE].h, 17);
    for (int id = PANE_CPU; id <= PANE_EVENTS; id++)
        assert_true(layout.pane[id].h >= 11);
    assert_true(layout.pane[PANE_CPU].w >= 140 && layout.pane[PANE_CPU].h >= 20);
    assert_true(layout_table_rows(&few, 3));
    layout_compute(&layout, 36, 120, &few);
    layout_compute(&many, 36, 120, &usual);
    assert_int_equal(layout.pane[PANE_TABLE].h, 8);
    assert_int_equal(layout.pane[PANE_CPU].h - many.pane[PANE_CPU].h, many.pane[PANE_TABLE].h - 8);
    assert_int_equal(layout.pane[PANE_LIMITS].h, many.pane[PANE_LIMITS].h);
}

/* Every number of rows at every size: nothing overlaps, the table can be read. */
static void test_every_count(void **state)
{
    (void)state;
    for (int rows = 10; rows < 110; rows += 3)
        for (int cols = 40; cols < 320; cols += 13)
            for (size_t count = 0; count < 90; count += 7) {
                struct layout layout;
                struct layout_wish wish = {.preset = count % LAYOUT_PRESETS, .zoomed = -1};
                layout_table_rows(&wish, count);
                layout_compute(&layout, rows, cols, &wish);
                check_cover(&layout, rows, cols);
                assert_true(layout.pane[PANE_TABLE].h >= 5 && layout.pane[PANE_TABLE].w >= 40);
            }
}

/* Groups that come and go don't move the panes; many that go do. */
static void test_table_rows(void **state)
{
    struct layout_wish wish = {.zoomed = -1};
    (void)state;
    assert_true(layout_table_rows(&wish, 10));
    assert_false(layout_table_rows(&wish, 11));
    assert_false(layout_table_rows(&wish, 6));
    assert_true(layout_table_rows(&wish, 12));
    assert_true(layout_table_rows(&wish, 3));
    assert_true(layout_table_rows(&wish, 1000));
    assert_false(layout_table_rows(&wish, 10000));
    assert_false(layout_table_rows(&wish, 900));
}

/* Each pane can be had at each size; another gives way where there is no room for both. */
static void test_opened(void **state)
{
    static const struct {
        int rows, cols;
    } sizes[] = {{24, 80}, {36, 120}, {50, 200}, {100, 300}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int preset = 0; preset < LAYOUT_PRESETS; preset++) {
            struct layout_wish wish = {.preset = (enum layout_preset)preset, .zoomed = -1};
            struct layout layout;
            for (int id = PANE_CPU; id < PANE_FOOTER; id++) {
                layout_compute(&layout, sizes[i].rows, sizes[i].cols, &wish);
                bool shown = layout.pane[id].h > 0;
                layout_toggle(&wish, &layout, (enum pane_id)id);
                layout_compute(&layout, sizes[i].rows, sizes[i].cols, &wish);
                check_cover(&layout, sizes[i].rows, sizes[i].cols);
                assert_int_equal(layout.pane[id].h > 0, !shown);
                if (shown) {
                    layout_toggle(&wish, &layout, (enum pane_id)id);
                    layout_compute(&layout, sizes[i].rows, sizes[i].cols, &wish);
                    assert_true(layout.pane[id].h > 0);
                }
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),        cmocka_unit_test(test_terminal),
        cmocka_unit_test(test_hidden_and_zoomed), cmocka_unit_test(test_classes),
        cmocka_unit_test(test_few_rows),          cmocka_unit_test(test_every_count),
        cmocka_unit_test(test_table_rows),        cmocka_unit_test(test_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
