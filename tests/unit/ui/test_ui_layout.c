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

static void test_every_size(void **state)
{
    (void)state;
    for (int rows = 1; rows < 110; rows++)
        for (int cols = 1; cols < 320; cols += 7) {
            struct layout layout;
            layout_compute(&layout, rows, cols, 0, -1);
            assert_int_equal(layout.too_small, rows < 10 || cols < 40);
            if (layout.too_small)
                continue;
            check_cover(&layout, rows, cols);
            assert_true(layout.pane[PANE_TABLE].h >= 5);
        }
}

static void test_hidden_and_zoomed(void **state)
{
    (void)state;
    for (unsigned hidden = 0; hidden < 1u << PANE_COUNT; hidden++) {
        static const struct {
            int rows, cols;
        } sizes[] = {{24, 80}, {36, 120}, {50, 200}};
        unsigned panes = hidden & ~(1u << PANE_HEADER | 1u << PANE_FOOTER | 1u << PANE_TABLE);
        for (int i = 0; i < 3; i++) {
            struct layout layout;
            layout_compute(&layout, sizes[i].rows, sizes[i].cols, panes, -1);
            check_cover(&layout, sizes[i].rows, sizes[i].cols);
            for (int id = 0; id < PANE_COUNT; id++)
                if (panes >> id & 1)
                    assert_int_equal(layout.pane[id].h, 0);
        }
    }
    for (int id = PANE_TABLE; id < PANE_FOOTER; id++) {
        struct layout layout;
        layout_compute(&layout, 24, 80, 0, id);
        check_cover(&layout, 24, 80);
        assert_int_equal(layout.pane[id].h, 21);
    }
}

static void test_classes(void **state)
{
    struct layout layout;
    (void)state;
    layout_compute(&layout, 24, 80, 0, -1);
    assert_int_equal(layout.pane[PANE_LIMITS].h, 9);
    assert_int_equal(layout.pane[PANE_EVENTS].h, 0);
    layout_compute(&layout, 36, 120, 0, -1);
    assert_true(layout.pane[PANE_EVENTS].h > 0 && layout.pane[PANE_TABLE].w == 120);
    layout_compute(&layout, 50, 200, 0, -1);
    assert_int_equal(layout.pane[PANE_TABLE].h, 45);
    assert_true(layout.pane[PANE_CPU].x == layout.pane[PANE_TABLE].w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_hidden_and_zoomed),
        cmocka_unit_test(test_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
