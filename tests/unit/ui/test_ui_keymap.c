/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "ui/action.h"
#include "ui/edit.h"
#include "ui/keymap.h"
#include "ui/text.h"

static const struct {
    const char *name;
    int key;
} keys[] = {
    {"q", 'q'},           {"?", '?'},       {"Tab", K_TAB}, {"esc", K_ESC},  {"ENTER", K_ENTER},
    {"F1", K_F1},         {"F12", K_F12},   {"C-c", 3},     {"Space", ' '},  {"PgUp", K_PAGE_UP},
    {"S-Tab", K_BACKTAB}, {"{", '{'},       {"-", '-'},     {"=", '='},      {"é", 0xe9},
    {"F13", K_NONE},      {"F0", K_NONE},   {"Fx", K_NONE}, {"C-1", K_NONE}, {"C-", K_NONE},
    {"", K_NONE},         {"nope", K_NONE},
};

static void test_keys(void **state)
{
    char name[16];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        assert_int_equal(key_parse(keys[i].name), keys[i].key);
        if (keys[i].key > 0 && keys[i].key != 0xe9)
            assert_int_equal(key_parse(key_text(keys[i].key, name)), keys[i].key);
    }
}

static const struct {
    const char *section, *key, *action, *error; /* NULL: it is fine */
} bindings[] = {
    {"keys", "a", "quit", NULL},
    {"keys filter", "a", "quit", NULL},
    {"keys", "=", "quit", NULL},
    {"keys", "U+0023", "quit", NULL},
    {"keys", "a", "none", NULL},
    {"keys", "Hyper", "quit", "no such key"},
    {"keys", "U+", "quit", "no such key"},
    {"keys", "U+110000", "quit", "no such key"},
    {"keys", "a", "explode", "no action is called explode"},
    {"keys", "a", "", "no action is called "},
    {"kyes", "a", "quit",
     "no section is called [kyes] (keys, keys filter, keys terminal, keys past, keys tour)"},
};

static void test_bindings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bindings); i++) {
        struct keymap keymap = {0};
        struct err err = {0};
        int rc = keymap_bind(&keymap, bindings[i].section, bindings[i].key, bindings[i].action, &err);
        assert_int_equal(rc, bindings[i].error ? -EINVAL : 0);
        if (bindings[i].error)
            assert_string_equal(err.text, bindings[i].error);
    }
}

static void test_rebind(void **state)
{
    struct keymap keymap;
    struct err err;
    (void)state;
    keymap_default(&keymap);
    assert_int_equal(keymap_action(&keymap, 'q'), ACTION_QUIT);
    assert_int_equal(keymap_bind(&keymap, "keys", "q", "help", &err), 0);
    assert_int_equal(keymap_bind(&keymap, "keys", "F10", "none", &err), 0);
    assert_int_equal(keymap_action(&keymap, 'q'), ACTION_HELP);
    assert_int_equal(keymap_action(&keymap, K_F1 + 9), ACTION_NONE);
    assert_int_equal(keymap_action(&keymap, 'n'), ACTION_NEW);
    assert_int_equal(keymap_action_in(&keymap, KEYS_FILTER, 'n'), ACTION_NEXT_MATCH);
    assert_int_equal(keymap_action_in(&keymap, KEYS_FILTER, 'j'), ACTION_DOWN);
}

/* The default text is all understood, and each key of the contract is bound. */
static void test_default(void **state)
{
    static const char wanted[] = "q?/:jkgGptcmiPCMITOznelsf[]{}=ux";
    struct keymap keymap;
    char text[64];
    (void)state;
    keymap_default(&keymap);
    for (const char *c = wanted; *c; c++)
        if (keymap_action(&keymap, *c) == ACTION_NONE)
            fail_msg("%c is not bound", *c);
    for (int key = K_F1; key < K_F1 + 10; key++)
        assert_int_not_equal(keymap_action(&keymap, key), ACTION_NONE);
    assert_int_equal(keymap_action(&keymap, 'T'), ACTION_SORT_THROTTLED);
    assert_int_equal(keymap_key(&keymap, ACTION_FILTER), '/');
    keymap_keys(&keymap, ACTION_FILTER, text, sizeof text);
    assert_string_equal(text, "/ F3 F4");
    assert_int_equal(keymap_action(&keymap, K_NONE), ACTION_NONE);
}

static void test_actions_are_whole(void **state)
{
    (void)state;
    for (int id = 1; id < ACTION_COUNT; id++) {
        assert_non_null(action_table[id].run);
        assert_true(action_table[id].help[0] && action_table[id].group[0]);
        assert_int_equal(action_find(action_table[id].name), id);
    }
    assert_int_equal(action_find("none"), ACTION_NONE);
    assert_int_equal(action_find(""), ACTION_NONE);
}

static const struct {
    const char *start;
    int keys[8];
    const char *text;
    size_t cursor;
} edits[] = {
    {"", {'a', 'b'}, "ab", 2},
    {"ab", {K_LEFT, 'x'}, "axb", 2},
    {"ab", {K_HOME, K_DELETE}, "b", 0},
    {"ab", {K_BACKSPACE, K_BACKSPACE, K_BACKSPACE}, "", 0},
    {"ab", {K_HOME, K_BACKSPACE}, "ab", 0},
    {"ab", {K_END, K_DELETE}, "ab", 2},
    {"one two ", {23}, "one ", 4},
    {"one two", {K_HOME, 11}, "", 0},
    {"one two", {21, 'x'}, "x", 1},
    {"", {0xe9, 0x20ac, 0x1f600, K_LEFT, K_BACKSPACE}, "\xc3\xa9\xf0\x9f\x98\x80", 2},
    {"a", {K_F1, 7, K_UP}, "a", 1},
};

static void test_edit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct edit edit;
        edit_set(&edit, edits[i].start);
        for (int k = 0; k < 8 && edits[i].keys[k]; k++)
            edit_key(&edit, edits[i].keys[k]);
        assert_string_equal(edit.text, edits[i].text);
        assert_int_equal(edit.cursor, edits[i].cursor);
        assert_int_equal(edit.len, strlen(edits[i].text));
    }
    struct edit full;
    edit_set(&full, "");
    for (int i = 0; i < 2 * EDIT_SIZE; i++)
        edit_key(&full, 0x20ac);
    assert_true(full.len < EDIT_SIZE && full.len % 3 == 0);
    assert_int_equal(edit_column(&full), full.len / 3);
}

static void test_text(void **state)
{
    (void)state;
    assert_int_equal(text_columns("a─⣿é"), 4);
    assert_int_equal(text_fit("a─b", 2), 4);
    assert_int_equal(text_fit("abc", 0), 0);
    assert_int_equal(text_columns("bad\xff\xc3"), 5);
    assert_int_equal(text_columns("cut\xe2\x94"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_bindings),
        cmocka_unit_test(test_rebind),
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_actions_are_whole),
        cmocka_unit_test(test_edit),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
