/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "ui/graph.h"
#include "ui/text.h"

#define P(v)                                                                                                 \
    {                                                                                                        \
        .value = v, .limit = NAN, .limit_soft = NAN                                                          \
    }
#define S(v, s)                                                                                              \
    {                                                                                                        \
        .value = v, .stacked = s, .limit = NAN, .limit_soft = NAN                                            \
    }
#define PARTS(v, second_part, s)                                                                             \
    {                                                                                                        \
        .value = v, .second = second_part, .stacked = s, .limit = NAN, .limit_soft = NAN                     \
    }
#define L(v, l)                                                                                              \
    {                                                                                                        \
        .value = v, .limit = l, .limit_soft = NAN                                                            \
    }
#define MARK(v)                                                                                              \
    {                                                                                                        \
        .value = v, .limit = NAN, .limit_soft = NAN, .mark = true                                            \
    }

static const struct {
    enum glyph_set glyphs;
    int rows, cols;
    struct graph_point points[8];
    size_t count;
    const char *picture; /* rows, "|" between; a blank is a blank */
    int lag;
} pictures[] = {
    {GLYPHS_BRAILLE, 1, 2, {P(0), P(0)}, 2, " ⣀", 0},
    {GLYPHS_BRAILLE, 1, 2, {P(NAN), P(0)}, 2, " ⢀", 0},
    {GLYPHS_BRAILLE, 1, 2, {P(100), P(100)}, 2, " ⣿", 0},
    {GLYPHS_BRAILLE, 1, 2, {P(25), P(50), P(75), P(100)}, 4, "⣠⣾", 0},
    {GLYPHS_BRAILLE, 2, 1, {P(50), P(100)}, 2, "⢸|⣿", 0},
    {GLYPHS_BRAILLE, 2, 1, {P(NAN), P(100)}, 2, "⢸|⢸", 0},
    {GLYPHS_BRAILLE, 1, 1, {P(0.001), P(NAN)}, 2, "⡀", 0},     /* a little is not nothing */
    {GLYPHS_BRAILLE, 1, 1, {P(1000), P(-5)}, 2, "⣇", 0},       /* beyond both ends */
    {GLYPHS_BRAILLE, 1, 2, {P(25), P(50), P(75)}, 3, "⣠⡆", 1}, /* the last cell is half full */
    {GLYPHS_BRAILLE, 1, 2, {P(25), P(50), P(75), P(100)}, 4, "⣴⡇", 1},
    {GLYPHS_BLOCK, 1, 4, {P(12.5), P(50), P(100)}, 3, " ▁▄█", 0},
    {GLYPHS_BLOCK, 2, 1, {P(75)}, 1, "▄|█", 0},
    {GLYPHS_BLOCK, 2, 1, {S(50, 50)}, 1, "░|█", 0},
    /* Each part is as dense everywhere, and the topmost dot is always there. */
    {GLYPHS_BRAILLE, 3, 1, {PARTS(33, 33, 34), PARTS(33, 33, 34)}, 2, "⡙|⡪|⣿", 0},
    {GLYPHS_BRAILLE, 1, 1, {PARTS(25, 50, 0), PARTS(25, 0, 75)}, 2, "⣚", 0},
    {GLYPHS_BLOCK, 3, 1, {PARTS(33, 33, 34)}, 1, "░|▒|█", 0},
    {GLYPHS_BLOCK, 1, 2, {PARTS(0, 25, 0), PARTS(0, 50, 0)}, 2, "▂▒", 0},
    {GLYPHS_ASCII, 3, 1, {PARTS(33, 33, 34)}, 1, "%|+|:", 0},
    {GLYPHS_ASCII, 1, 3, {P(50), P(100)}, 2, " .:", 0},
    {GLYPHS_ASCII, 2, 1, {S(50, 50)}, 1, "%|:", 0},
    {GLYPHS_ASCII, 4, 1, {L(25, 75)}, 1, " |-| |:", 0},
    {GLYPHS_ASCII, 2, 2, {P(0), MARK(50)}, 2, " X|.:", 0},
    {GLYPHS_BRAILLE, 2, 1, {L(10, 100), L(10, 100)}, 2, "╌|⣀", 0},
};

static void test_pictures(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pictures); i++) {
        struct graph graph = {.glyphs = pictures[i].glyphs,
                              .rows = pictures[i].rows,
                              .cols = pictures[i].cols,
                              .top = 100,
                              .role = ROLE_CPU,
                              .role_stacked = ROLE_THROTTLED,
                              .lag = pictures[i].lag};
        struct graph_cell cells[16];
        char text[128] = "";
        graph_draw(&graph, pictures[i].points, pictures[i].count, cells);
        for (int row = 0; row < graph.rows; row++) {
            strcat(text, row ? "|" : "");
            for (int col = 0; col < graph.cols; col++) {
                const char *cell = cells[row * graph.cols + col].text;
                strcat(text, cell ? cell : " ");
            }
        }
        assert_string_equal(text, pictures[i].picture);
    }
}

static void test_roles(void **state)
{
    struct graph graph = {.glyphs = GLYPHS_BRAILLE,
                          .rows = 4,
                          .cols = 1,
                          .top = 100,
                          .role = ROLE_CPU,
                          .role_stacked = ROLE_THROTTLED,
                          .role_limit = ROLE_LIMIT,
                          .role_soft = ROLE_WARN};
    struct graph_point points[2] = {{.value = 25, .stacked = 50, .limit = 75, .limit_soft = 50},
                                    {.value = 25, .stacked = 50, .limit = 75, .limit_soft = 50}};
    struct graph_cell cells[4];
    (void)state;
    graph_draw(&graph, points, 2, cells);
    assert_null(cells[0].text);
    assert_int_equal(cells[1].role, ROLE_LIMIT);
    assert_int_equal(cells[2].role, ROLE_WARN);
    assert_int_equal(cells[3].role, ROLE_CPU);
    points[0].limit_soft = points[1].limit_soft = NAN;
    graph_draw(&graph, points, 2, cells);
    assert_int_equal(cells[2].role, ROLE_THROTTLED);
    graph.limit_faint = true;
    graph_draw(&graph, points, 2, cells);
    assert_int_equal(cells[1].role, ROLE_GRAPH_TEXT);
}

/* The signs of a legend are what a graph is full of, and no two are the same. */
static void test_signs(void **state)
{
    static const char *const signs[][3] = {[GLYPHS_BRAILLE] = {"⣿", "⡪", "⡐"},
                                           [GLYPHS_BLOCK] = {"█", "▒", "░"},
                                           [GLYPHS_ASCII] = {":", "+", "%"}};
    (void)state;
    for (int set = GLYPHS_BRAILLE; set <= GLYPHS_ASCII; set++)
        for (int part = GRAPH_VALUE; part <= GRAPH_STACKED; part++)
            assert_string_equal(graph_sign((enum glyph_set)set, (enum graph_part)part), signs[set][part]);
}

static void test_glyphs_are_whole(void **state)
{
    (void)state;
    for (int glyph = 0; glyph < GLYPH_COUNT; glyph++) {
        assert_int_equal(text_columns(glyph_text(GLYPHS_BRAILLE, (enum glyph)glyph)), 1);
        assert_int_equal(strlen(glyph_text(GLYPHS_ASCII, (enum glyph)glyph)), 1);
    }
}

static void test_lag(void **state)
{
    (void)state;
    assert_int_equal(graph_lag(GLYPHS_BRAILLE, 1), 1);
    assert_int_equal(graph_lag(GLYPHS_BRAILLE, 2), 0);
    assert_int_equal(graph_lag(GLYPHS_BRAILLE, 3), 1);
    assert_int_equal(graph_lag(GLYPHS_BLOCK, 3), 0);
}

static void test_nice(void **state)
{
    static const struct {
        double value, nice;
    } cases[] = {{1, 1},     {1.1, 2},   {2.4, 2.5}, {3, 5},  {6, 10},  {65, 100},
                 {130, 200}, {201, 250}, {0, 1},     {-3, 1}, {NAN, 1}, {INFINITY, 1}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_true(fabs(graph_nice(cases[i].value) - cases[i].nice) < 1e-9);
    assert_true(graph_nice_bytes(1500) == 2048);
    assert_true(graph_nice_bytes(3.0 * 1048576) == 5.0 * 1048576);
}

static void test_rows(void **state)
{
    struct graph graph = {.rows = 10, .top = 100};
    (void)state;
    assert_int_equal(graph_row(&graph, 100), 0);
    assert_int_equal(graph_row(&graph, 95), 0);
    assert_int_equal(graph_row(&graph, 50), 5);
    assert_int_equal(graph_row(&graph, 0), 9);
    assert_int_equal(graph_row(&graph, 101), -1);
    assert_int_equal(graph_row(&graph, NAN), -1);
    assert_int_equal(graph_row(&graph, INFINITY), -1);
}

static void test_spark(void **state)
{
    const double values[] = {0, NAN, 1, 50, 100, 1e9};
    struct graph_cell cells[8];
    (void)state;
    graph_spark(GLYPHS_BLOCK, ROLE_CPU, 100, values, COUNT_OF(values), 0, cells, 8);
    assert_null(cells[0].text);
    assert_null(cells[1].text);
    assert_string_equal(cells[2].text, "▁");
    assert_int_equal(cells[2].role, ROLE_METER);
    assert_null(cells[3].text);
    assert_int_equal(cells[4].role, ROLE_CPU);
    assert_string_equal(cells[5].text, "▄");
    assert_string_equal(cells[7].text, "█");
    graph_spark(GLYPHS_BRAILLE, ROLE_CPU, 100, values, COUNT_OF(values), 0, cells, 4);
    assert_null(cells[0].text);
    assert_string_equal(cells[1].text, "⡀");
    assert_string_equal(cells[2].text, "⣠");
    assert_string_equal(cells[3].text, "⣿");
    graph_spark(GLYPHS_ASCII, ROLE_CPU, 0, values, COUNT_OF(values), 0, cells, 2);
    assert_string_equal(cells[1].text, "_");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures), cmocka_unit_test(test_roles),
        cmocka_unit_test(test_signs),    cmocka_unit_test(test_glyphs_are_whole),
        cmocka_unit_test(test_lag),      cmocka_unit_test(test_nice),
        cmocka_unit_test(test_rows),     cmocka_unit_test(test_spark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
