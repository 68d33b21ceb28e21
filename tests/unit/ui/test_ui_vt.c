/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminal in memory, and what a real terminal sends to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "base/mem.h"
#include "ui/ansi.h"
#include "ui/keymap.h"
#include "ui/vt.h"

/* ---- keyseq ---- */

static void test_sequences(void **state)
{
    static const struct {
        const char *bytes;
        struct keyseq_event event;
    } rows[] = {
        {"a", {KEYSEQ_CHAR, 'a', 0, 0, 0, 0, false, false}},
        {"\r", {KEYSEQ_CHAR, '\r', 0, 0, 0, 0, false, false}},
        {"\x1d", {KEYSEQ_CHAR, K_GROUP, 0, 0, 0, 0, false, false}},
        {"\xc3\xa8", {KEYSEQ_CHAR, 0xe8, 0, 0, 0, 0, false, false}},
        {"\xf0\x9f\x98\x80", {KEYSEQ_CHAR, 0x1f600, 0, 0, 0, 0, false, false}},
        {"\xff", {KEYSEQ_CHAR, '?', 0, 0, 0, 0, false, false}},
        {"\033", {KEYSEQ_CHAR, K_ESC, 0, 0, 0, 0, false, false}},
        {"\033x", {KEYSEQ_CHAR, 'x', MOD_ALT, 0, 0, 0, false, false}},
        {"\033[A", {KEYSEQ_KEY, K_UP, 0, 0, 0, 0, false, false}},
        {"\033OA", {KEYSEQ_KEY, K_UP, 0, 0, 0, 0, false, false}},
        {"\033[1;5C", {KEYSEQ_KEY, K_RIGHT, MOD_CTRL, 0, 0, 0, false, false}},
        {"\033[5;2~", {KEYSEQ_KEY, K_PAGE_UP, MOD_SHIFT, 0, 0, 0, false, false}},
        {"\033[24~", {KEYSEQ_KEY, K_F12, 0, 0, 0, 0, false, false}},
        {"\033[[A", {KEYSEQ_KEY, K_F1, 0, 0, 0, 0, false, false}},
        {"\033[Z", {KEYSEQ_KEY, K_BACKTAB, 0, 0, 0, 0, false, false}},
        {"\033[<0;10;5M", {KEYSEQ_MOUSE, 0, 0, 4, 9, 1, true, false}},
        {"\033[<0;10;5m", {KEYSEQ_MOUSE, 0, 0, 4, 9, 1, false, false}},
        {"\033[<36;10;5M", {KEYSEQ_MOUSE, 0, MOD_SHIFT, 4, 9, 1, true, true}},
        {"\033[<65;1;1M", {KEYSEQ_MOUSE, 0, 0, 0, 0, 5, true, false}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = rows[i].bytes[1] == 'O' ? 3 : 2; cut < strlen(rows[i].bytes) + 2; cut++) {
            struct keyseq keyseq = {0};
            struct keyseq_event event = {0};
            size_t len = strlen(rows[i].bytes), first = cut < len ? cut : len;
            keyseq_add(&keyseq, rows[i].bytes, first);
            if (first < len) {
                assert_false(keyseq_next(&keyseq, &event));
                keyseq_add(&keyseq, rows[i].bytes + first, len - first);
            }
            assert_true(keyseq_next(&keyseq, &event));
            assert_memory_equal(&event, &rows[i].event, sizeof event);
            assert_false(keyseq_next(&keyseq, &event));
        }
}

/* The keys of an input, as a text: characters as they are, others by their numbers. */
static void check_input(const char *bytes, size_t len, const char *expected)
{
    struct keyseq keyseq = {0};
    struct keyseq_event event;
    struct str got = {0};
    keyseq_add(&keyseq, bytes, len);
    while (keyseq_next(&keyseq, &event)) {
        if (event.kind == KEYSEQ_PASTE_BEGIN)
            str_add(&got, "<");
        else if (event.kind == KEYSEQ_PASTE_END)
            str_add(&got, ">");
        else
            str_add_bytes(&got, &(char){(char)event.key}, 1);
    }
    assert_string_equal(str_text(&got), expected);
    str_free(&got);
}

static void test_streams(void **state)
{
    (void)state;
#define INPUT(bytes, expected) check_input(bytes, sizeof bytes - 1, expected)
    INPUT("\033[200~ls\033[31m\x1d\033[201~x", "<ls[31m\x1d>x"); /* nothing in it is a key */
    INPUT("\033]11;rgb:0000/0000/0000\033\\y", "y");             /* an answer of the terminal's */
    INPUT("\033]11;rgb:0000/0000/0000\ay", "y");
    INPUT("\033[?1;2cz", "z");
    INPUT("\033[999~q", "q");
#undef INPUT
}

/* Whatever comes, it comes to an end and what follows it is understood. */
static void test_noise(void **state)
{
    unsigned random = 1;
    struct keyseq keyseq = {0};
    struct keyseq_event event;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        static const char likely[] = "\033[<;0123456789M~OA]\a\\";
        random = random * 1103515245u + 12345u;
        unsigned pick = random >> 16;
        char byte = pick & 1 ? likely[pick / 2 % (sizeof likely - 1)] : (char)(pick / 2);
        assert_true(keyseq_room(&keyseq) > 0);
        keyseq_add(&keyseq, &byte, 1);
        while (keyseq_next(&keyseq, &event))
            continue;
    }
}

/* ---- vt ---- */

static struct vt *vt;

static int setup(void **state)
{
    (void)state;
    vt = vt_new(4, 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    vt_free(vt);
    return 0;
}

static void feed(const char *bytes)
{
    vt_feed(vt, bytes, strlen(bytes));
}

/* A line as it is shown, without its trailing blanks. */
static void check_line(int y, const char *expected)
{
    int rows, cols;
    struct str line = {0};
    size_t end = 0;
    vt_size(vt, &rows, &cols);
    for (int x = 0; x < cols; x++) {
        struct vt_cell cell;
        vt_cell(vt, y, x, &cell);
        str_addf(&line, "%lc", (wint_t)(cell.c ? cell.c : ' '));
        end = cell.c && cell.c != ' ' ? line.len : end;
        x += cell.width - 1;
    }
    if (line.text)
        line.text[end] = '\0';
    assert_string_equal(str_text(&line), expected);
    str_free(&line);
}

static void check_sent(const char *expected)
{
    assert_string_equal(str_text(vt_output(vt)), expected);
    str_clear(vt_output(vt));
}

static void key(int key, unsigned mods)
{
    vt_event(vt, &(struct keyseq_event){
                     .kind = key >= K_NAMED ? KEYSEQ_KEY : KEYSEQ_CHAR, .key = key, .mods = mods});
}

static void test_cells(void **state)
{
    struct vt_cell cell;
    int y, x;
    (void)state;
    feed("hello\r\n\033[1;31mred\033[0m \033[38;5;200mi\033[48;2;1;2;3mt\033[0m\r\n");
    check_line(0, "hello");
    check_line(1, "red it");
    vt_cell(vt, 1, 0, &cell);
    assert_int_equal(cell.fg, ANSI_INDEX(1));
    assert_int_equal(cell.bg, COLOR_DEFAULT);
    assert_int_equal(cell.attrs, STYLE_BOLD);
    vt_cell(vt, 1, 4, &cell);
    assert_int_equal(cell.fg, ANSI_INDEX(200));
    vt_cell(vt, 1, 5, &cell);
    assert_int_equal(cell.bg, 0x010203);
    assert_true(vt_cursor(vt, &y, &x));
    assert_int_equal(y, 2);
    assert_int_equal(x, 0);
    feed("\033[?25l");
    assert_false(vt_cursor(vt, &y, &x));
    feed("\xe4\xb8\xad|");
    vt_cell(vt, 2, 0, &cell);
    assert_int_equal(cell.c, 0x4e2d);
    assert_int_equal(cell.width, 2);
}

/* Nothing of it becomes a cell, or is sent to anybody but the program. */
static void test_hostile(void **state)
{
    (void)state;
    feed("\033]0;title\a\033]52;c;aGFja2Vk\a\033P1$r0m\033\\\a\016\017ok");
    check_line(0, "ok");
    check_sent("");
    struct str long_one = {0};
    for (int i = 0; i < 100000; i++)
        str_add(&long_one, "\033]2;AAAAAAAAAAAAAAAA");
    vt_feed(vt, long_one.text, long_one.len);
    str_free(&long_one);
    feed("\a\r\n\033[c");
    check_sent("\033[?1;2c"); /* asked what it is, it says so: to the program */
}

static void test_scrolls_back(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %d\r\n", i);
        feed(line);
    }
    check_line(2, "line 2999");
    assert_int_equal(vt_lines_before(vt), VT_SCROLLBACK);
    assert_int_equal(vt_scroll(vt, 5), 5);
    check_line(0, "line 2992");
    feed("more\r\n");
    check_line(0, "line 2992"); /* what is looked at stays */
    assert_int_equal(vt_scroll(vt, 100000), VT_SCROLLBACK);
    key('x', 0);
    assert_int_equal(vt_scroll(vt, 0), 0);
    feed("\033[?1049h\033[Hfull");
    assert_int_equal(vt_lines_before(vt), 0);
    check_line(0, "full");
    assert_true(vt_is_full_screen(vt));
    feed("\033[?1049l");
    check_line(2, "more");
}

static void test_resize(void **state)
{
    int rows, cols;
    (void)state;
    feed("1\r\n2\r\n3\r\n4\r\n5\r\n6");
    vt_resize(vt, 6, 20);
    check_line(0, "1");
    check_line(5, "6");
    vt_resize(vt, 0, 5);
    vt_size(vt, &rows, &cols);
    assert_int_equal(rows, 6);
    for (int i = 1; i < 40; i++) {
        vt_resize(vt, 1 + i * 7 % 13, 1 + i * 5 % 31);
        feed("some words that wrap around\r\n\033[5;5Hx\033[2J\033[H");
    }
}

/* The shell's screen comes back as it would be had nothing stood in front of it when it became smaller: what
 * finds no room can be scrolled back to. */
static void test_resize_under_full_screen(void **state)
{
    int y, x;
    struct vt_cell cell;
    (void)state;
    feed("0\r\n1\r\n2\r\n\033[1;38;5;200mthree\033[0m\r\n4 \xe4\xb8\xad\r\n# vi");
    assert_int_equal(vt_lines_before(vt), 2);
    feed("\033[?1049h\033[2J\033[HALL OF IT");
    vt_resize(vt, 2, 20);
    vt_resize(vt, 3, 10);
    feed("\033[2J\033[Hall\r\nof\r\nit");
    check_line(2, "it");
    assert_int_equal(vt_lines_before(vt), 0);
    feed("\033[2J\033[?1049l\r\n# le"); /* the next words with it */
    feed("ss");
    check_line(0, "4 \xe4\xb8\xad");
    check_line(1, "# vi");
    check_line(2, "# less");
    assert_true(vt_cursor(vt, &y, &x));
    assert_int_equal(y, 2);
    assert_int_equal(x, 6);
    assert_int_equal(vt_lines_before(vt), 4);
    assert_int_equal(vt_scroll(vt, 4), 4);
    check_line(0, "0");
    check_line(1, "1");
    check_line(2, "2");
    vt_scroll(vt, -1);
    check_line(2, "three");
    vt_cell(vt, 2, 4, &cell);
    assert_int_equal(cell.fg, ANSI_INDEX(200));
    assert_int_equal(cell.attrs, STYLE_BOLD);
}

/* Smaller and as large again: nothing has happened. */
static void test_resize_and_back_under_full_screen(void **state)
{
    struct vt_cell cell;
    (void)state;
    feed("0\r\n1\r\n\033[4;48;2;1;2;3mtwo \033[m|\r\n\033[31m# ");
    feed("\033[?1049h");
    vt_resize(vt, 2, 5);
    feed("\033[32mx");
    vt_resize(vt, 4, 20);
    feed("\033[?1049ly");
    assert_int_equal(vt_lines_before(vt), 0);
    check_line(0, "0");
    check_line(1, "1");
    check_line(2, "two |");
    check_line(3, "# y");
    vt_cell(vt, 2, 3, &cell);
    assert_int_equal(cell.bg, 0x010203);
    assert_int_equal(cell.attrs, STYLE_UNDERLINE);
    vt_cell(vt, 3, 2, &cell);
    assert_int_equal(cell.fg, ANSI_INDEX(1)); /* the shell's pen */
    feed("\033[?1049h");
    vt_resize(vt, 3, 20);
    feed("\033cnew"); /* a reset is one, whatever was there */
    check_line(0, "new");
    check_line(1, "");
}

static void test_keys(void **state)
{
    (void)state;
    key('a', 0);
    key(0xe8, 0);
    key('\r', 0);
    key('b', MOD_ALT);
    key(K_ESC, 0);
    check_sent("a\xc3\xa8\r\033b\033");
    key(K_UP, 0);
    key(K_F1 + 4, 0);
    key(K_RIGHT, MOD_CTRL);
    key(K_DELETE, 0);
    check_sent("\033[A\033[15~\033[1;5C\033[3~");
    feed("\033[?1h");
    key(K_UP, 0);
    check_sent("\033OA");
    vt_event(vt, &(struct keyseq_event){.kind = KEYSEQ_PASTE_BEGIN});
    vt_event(vt, &(struct keyseq_event){.kind = KEYSEQ_PASTE_END});
    check_sent("");
    feed("\033[?2004h");
    vt_event(vt, &(struct keyseq_event){.kind = KEYSEQ_PASTE_BEGIN});
    key('\r', 0);
    vt_event(vt, &(struct keyseq_event){.kind = KEYSEQ_PASTE_END});
    check_sent("\033[200~\r\033[201~");
}

static void test_mouse(void **state)
{
    const struct keyseq_event press = {.kind = KEYSEQ_MOUSE, .y = 1, .x = 2, .button = 1, .pressed = true},
                              release = {.kind = KEYSEQ_MOUSE, .y = 1, .x = 2, .button = 1};
    (void)state;
    vt_event(vt, &press);
    check_sent("");
    assert_false(vt_wants_mouse(vt));
    feed("\033[?1000h\033[?1006h");
    assert_true(vt_wants_mouse(vt));
    vt_event(vt, &press);
    vt_event(vt, &release);
    check_sent("\033[<0;3;2M\033[<0;3;2m");
}

static void check_selected(const char *expected)
{
    struct str text = {0};
    vt_selected(vt, &text);
    assert_string_equal(str_text(&text), expected);
    str_free(&text);
}

static void test_selects(void **state)
{
    struct vt_cell cell;
    (void)state;
    feed("one two   \r\nthree\r\nfour \xe4\xb8\xad");
    vt_select(vt, 0, 4, true);
    check_selected("");
    vt_select(vt, 1, 2, false);
    check_selected("two\nthr");
    vt_cell(vt, 0, 4, &cell);
    assert_true(cell.selected);
    vt_cell(vt, 1, 3, &cell);
    assert_false(cell.selected);
    vt_select(vt, 2, 6, true);
    vt_select(vt, 0, 0, false); /* upwards */
    check_selected("one two\nthree\nfour \xe4\xb8\xad");
    feed("\r\n\r\n\r\n\r\n"); /* it goes up with its lines */
    check_selected("one two\nthree\nfour \xe4\xb8\xad");
    vt_unselect(vt);
    check_selected("");
}

/* ---- colours ---- */

static void test_colors(void **state)
{
    bool bold = false;
    (void)state;
    assert_int_equal(ansi_color(DEPTH_TRUE, COLOR_DEFAULT, &bold), COLOR_DEFAULT);
    assert_int_equal(ansi_color(DEPTH_NONE, 0xff0000, &bold), COLOR_DEFAULT);
    assert_int_equal(ansi_color(DEPTH_TRUE, ANSI_INDEX(196), &bold), 0xff0000);
    assert_int_equal(ansi_color(DEPTH_TRUE, ANSI_INDEX(255), &bold), 0xeeeeee);
    assert_int_equal(ansi_color(DEPTH_TRUE, 0x123456, &bold), 0x123456);
    assert_int_equal(ansi_color(DEPTH_256, ANSI_INDEX(9), &bold), 9);
    assert_int_equal(ansi_color(DEPTH_256, 0xff0000, &bold), 196);
    assert_int_equal(ansi_color(DEPTH_16, ANSI_INDEX(4), &bold), 4);
    assert_false(bold);
    assert_int_equal(ansi_color(DEPTH_16, ANSI_INDEX(12), &bold), 4);
    assert_true(bold);
    assert_int_equal(ansi_color(DEPTH_16, 0xc00000, &bold), 1);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_noise),
        cmocka_unit_test_setup_teardown(test_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scrolls_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resize, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resize_under_full_screen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resize_and_back_under_full_screen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mouse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_selects, setup, teardown),
        cmocka_unit_test(test_colors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
