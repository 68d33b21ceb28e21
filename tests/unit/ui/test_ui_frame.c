/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "ui/frame.h"
#include "ui/truecolor.h"

#define E    "\033["
#define INK  E "38;2;1;2;3m"
#define INK2 E "38;2;9;9;9m"
#define BED  E "48;2;7;7;7m"

static const struct {
    const char *in, *out; /* a frame after "\033[0m" */
} filters[] = {
    {"text", "text"},
    {INK BED "a" INK BED "b", BED INK "ab"},
    {INK BED "a" INK2 BED "b", BED INK "a" INK2 "b"},
    {INK BED "a" INK2 BED " " INK BED "b", BED INK "a b"}, /* a blank has no ink */
    {INK BED INK2 BED "a", BED INK2 "a"},                  /* only the last counts */
    {INK BED E "1;2H", E "1;2H"},                          /* nothing was shown */
    {INK BED E "K", BED E "K"},                            /* erasing fills with the ground */
    {BED "a" E "2X" E "5;6H", BED "a" E "2X" E "5;6H"},
    {INK "a" E "39;49m"
         "b",
     INK "a" E "39mb"},
    {E "1m" INK "a", E "1m" INK "a"},
    {E "7m" INK " ", E "7m" INK " "}, /* but turned around it has */
    {INK "a" E "0m" INK "b", INK "a" E "0m" INK "b"},
    {E "0;1m\017" INK "a", E "0m" E "1m\017" INK "a"},
    {E "m"
       "a",
     E "0ma"},
    {E "38;5;17m" E "48;5;16m"
       "\342\224\200",
     E "48;5;16m" E "38;5;17m"
       "\342\224\200"},
    {E "31m" E "44mx" E "91mx" E "101mx", E "44m" E "31mx" E "91mx" E "101mx"},
    {"\033(B"
     "a\033",
     "\033(Ba\033"},                        /* what is no colour goes through */
    {E "38;2;1mz", E "38m" E "2m" E "1mz"}, /* cut off: left as it is */
    {INK BED "\033(B"
             "a",
     "\033(B" BED INK "a"},
    {INK "\0337"
         "\033)0"
         "a",
     "\0337\033)0" INK "a"},
    {E "?25h" E "?2026l", E "?25h" E "?2026l"},
};

static void test_filter(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(filters); i++) {
        struct frame frame = {0};
        struct str out = {0};
        frame_filter(&frame, E "0m", 4, &out);
        str_clear(&out);
        frame_filter(&frame, filters[i].in, strlen(filters[i].in), &out);
        assert_string_equal(str_text(&out), filters[i].out);
        str_free(&out);
    }
}

/* ---- a terminal, small ---- */

enum { HIGH = 6, WIDE = 20 };

struct screen {
    struct cell {
        char c;
        char fg[FRAME_COLOR], bg[FRAME_COLOR];
    } cells[HIGH][WIDE];
    int y, x;
    char fg[FRAME_COLOR], bg[FRAME_COLOR];
};

static void show(struct screen *s, char c)
{
    struct cell *cell = &s->cells[s->y][s->x];
    *cell = (struct cell){.c = c};
    strcpy(cell->bg, s->bg);
    if (c != ' ')
        strcpy(cell->fg, s->fg);
    s->x = s->x + 1 < WIDE ? s->x + 1 : s->x;
}

static void obey(struct screen *s, const char *bytes)
{
    while (*bytes) {
        int a = 0, b = 0, used = 0;
        char color[FRAME_COLOR];
        if (strncmp(bytes, E "0m", 4) == 0) {
            strcpy(s->fg, "39");
            strcpy(s->bg, "49");
            used = 4;
        } else if (sscanf(bytes, E "%d;%dH%n", &a, &b, &used) == 2 && used) {
            s->y = a - 1;
            s->x = b - 1;
        } else if (strncmp(bytes, E "K", 3) == 0) {
            for (int x = s->x, at = x; x < WIDE; x++, s->x = at)
                s->x = x, show(s, ' ');
            used = 3;
        } else if (sscanf(bytes, E "%23[0-9;]m%n", color, &used) == 1 && used) {
            strcpy(color[0] == '4' ? s->bg : s->fg, color);
        } else {
            show(s, *bytes);
            used = 1;
        }
        bytes += used;
    }
}

/* Whatever curses says, the terminal shows the same for what the filter leaves of it, and it is less. */
static void test_same_picture(void **state)
{
    static const char *const colors[] = {"38;2;1;1;1", "38;2;2;2;2", "39", "48;2;3;3;3", "48;5;4", "49"};
    unsigned random = 7;
    size_t before = 0, after = 0;
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct screen plain, filtered;
        struct frame frame = {0};
        struct str in = {0}, out = {0};
        memset(&plain, 0, sizeof plain);
        str_add(&in, E "0m");
        for (int i = 0; i < 200; i++) {
            random = random * 1103515245u + 12345u;
            unsigned pick = random >> 16;
            if (pick % 8 < 3)
                str_addf(&in, E "%sm", colors[pick / 8 % 6]);
            else if (pick % 8 < 6)
                str_addf(&in, "%c", " a b"[pick / 8 % 4]);
            else if (pick % 8 == 6)
                str_addf(&in, E "%u;%uH", 1 + pick / 8 % HIGH, 1 + pick / 64 % WIDE);
            else
                str_add(&in, pick / 8 % 9 ? E "K" : E "0m");
        }
        filtered = plain;
        frame_filter(&frame, in.text, in.len, &out);
        obey(&plain, in.text);
        obey(&filtered, out.text);
        assert_memory_equal(plain.cells, filtered.cells, sizeof plain.cells);
        before += in.len;
        after += out.len;
        str_free(&in);
        str_free(&out);
    }
    assert_true(after < before * 3 / 4);
}

/* ---- terminfo with direct colours ---- */

/* Whatever the bytes are, the entry is refused or made; nothing is read beyond them. */
static void test_hostile_entries(void **state)
{
    unsigned random = 3;
    unsigned char out[8192];
    (void)state;
    for (int round = 0; round < 20000; round++) {
        random = random * 1103515245u + 12345u;
        size_t len = random >> 16 & 1023;
        unsigned char *entry = malloc(len + !len);
        for (size_t i = 0; i < len; i++) {
            random = random * 1103515245u + 12345u;
            entry[i] = (unsigned char)(i < 12 && i % 2 ? random >> 16 & 3 : random >> 16);
        }
        if (len >= 2) {
            entry[0] = round % 2 ? 0x1a : 0x1e;
            entry[1] = round % 2 ? 0x01 : 0x02;
        }
        int made = truecolor_entry(entry, len, out, sizeof out);
        assert_true(made < 0 || made <= (int)sizeof out);
        free(entry);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_same_picture),
        cmocka_unit_test(test_hostile_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
