/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/keymap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"
#include "ui/action.h"
#include "ui/ini.h"
#include "ui/text.h"

static const struct {
    const char *name;
    int key;
} names[] = {
    {"Tab", K_TAB},       {"Enter", K_ENTER},         {"Esc", K_ESC},
    {"Space", K_SPACE},   {"BackSpace", K_BACKSPACE}, {"Up", K_UP},
    {"Down", K_DOWN},     {"Left", K_LEFT},           {"Right", K_RIGHT},
    {"PgUp", K_PAGE_UP},  {"PgDn", K_PAGE_DOWN},      {"Home", K_HOME},
    {"End", K_END},       {"Ins", K_INSERT},          {"Del", K_DELETE},
    {"S-Tab", K_BACKTAB},
};

/* One line for each action. */
/* clang-format off */
static const char default_bindings[] =
    "[keys]\n"
    "q = quit\nF10 = quit\nC-c = quit\n"
    "? = help\nF1 = help\nh = help\n"
    "n = new\nF2 = new\n"
    "/ = filter\nF3 = filter\nF4 = filter\n"
    "F5 = flat\n"
    "F6 = sort\n, = sort\n"
    "F9 = kill\n"
    ": = command\n"
    "j = down\nDown = down\nC-n = down\n"
    "k = up\nUp = up\nC-p = up\n"
    "PgDn = page-down\nC-f = page-down\nC-v = page-down\n"
    "PgUp = page-up\nC-b = page-up\n"
    "C-d = half-down\n"
    "C-u = half-up\n"
    "g = first\nHome = first\n"
    "G = last\nEnd = last\n"
    "Left = fold\n- = fold\n"
    "Right = unfold\n+ = unfold\n"
    "Enter = enter\n"
    "Esc = back\n"
    "Tab = next-pane\n"
    "S-Tab = previous-pane\n"
    "1 = pane-cpu\n"
    "2 = pane-memory\n"
    "3 = pane-limits\n"
    "4 = pane-about\n"
    "5 = pane-events\n"
    "6 = pane-processes\n"
    "7 = pane-pressure\n"
    "8 = pane-io\n"
    "9 = pane-network\n"
    "0 = pane-namespaces\n"
    "W = layout\n"
    "v = processes\n"
    "p = sort-name\nP = sort-name\n"
    "t = sort-tasks\n"
    "c = sort-cpu\nC = sort-cpu\n"
    "m = sort-memory\nM = sort-memory\n"
    "i = sort-io\nI = sort-io\n"
    "T = sort-throttled\n"
    "O = sort-oom\n"
    "z = freeze-view\n"
    "e = shell\n"
    "E = shell-full\n"
    "` = terminal\n"
    "a = attach\n"
    "l = log\n"
    "s = stop\n"
    "Del = remove\n"
    "f = freeze\n"
    "[ = cpu-down\nF7 = cpu-down\n"
    "] = cpu-up\nF8 = cpu-up\n"
    "{ = memory-down\n"
    "} = memory-up\n"
    "= = set\n"
    "V = values\n"
    "Y = changes\n"
    "u = undo\n"
    "x = explain\n"
    "X = figures\n"
    "o = ledger\n"
    "A = acknowledge\n"
    "Space = tag\n"
    "U = untag\n"
    "r = reverse\n"
    "< = sort-left\n"
    "> = sort-right\n"
    "w = columns\n"
    "H = columns-left\n"
    "L = columns-right\n"
    "F = follow\n"
    "_ = fold-all\n"
    "* = unfold-all\n"
    "N = previous-match\n"
    "C-l = redraw\n"
    "( = sample-back\n"
    ") = sample-on\n"
    "b = minute-back\n"
    "B = minute-on\n"
    "J = jump\n"
    "K = kill-back\n"
    "R = record\n"
    "[keys filter]\n"
    "n = next-match\n"
    "[keys terminal]\n"
    "C-] = terminal-leave\n"
    "F12 = terminal-zoom\n"
    "[keys past]\n"
    "t = sample-on\n"
    "T = sample-back\n"
    "O = kill-on\n"
    "Space = play\n"
    "+ = faster\n"
    "- = slower\n"
    "End = live\n"
    "[keys tour]\n"
    "Enter = tour-next\nSpace = tour-next\nRight = tour-next\nPgDn = tour-next\n"
    "Left = tour-back\nPgUp = tour-back\nBackSpace = tour-back\n"
    "t = tour-try\n"
    "q = tour-end\n";
/* clang-format on */

int key_parse(const char *name)
{
    const char *at = name;
    wchar_t c = text_next(&at);
    if (c && !*at)
        return (int)c;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcasecmp(names[i].name, name) == 0)
            return names[i].key;
    if ((name[0] == 'F' || name[0] == 'f') && strspn(name + 1, "0123456789") == strlen(name + 1)) {
        int number = atoi(name + 1);
        return number >= 1 && number <= 12 ? K_F1 + number - 1 : K_NONE;
    }
    if (str_starts(name, "U+") && name[2] && strspn(name + 2, "0123456789abcdefABCDEF") == strlen(name + 2)) {
        long code = strtol(name + 2, NULL, 16);
        return code > 0 && code < K_NAMED ? (int)code : K_NONE;
    }
    if (str_starts(name, "C-") && name[2] >= 'a' && name[2] <= 'z' && !name[3])
        return name[2] - 'a' + 1;
    if (strcmp(name, "C-]") == 0)
        return K_GROUP;
    return K_NONE;
}

const char *key_text(int key, char *to)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i].key == key)
            return strcpy(to, names[i].name);
    if (key >= K_F1 && key <= K_F12)
        snprintf(to, 16, "F%d", key - K_F1 + 1);
    else if (key == K_GROUP)
        snprintf(to, 16, "C-]");
    else if (key > 0 && key < 27)
        snprintf(to, 16, "C-%c", key + 'a' - 1);
    else if (key > 32 && key < 127 && key != '#')
        snprintf(to, 16, "%c", key);
    else
        snprintf(to, 16, "U+%04X", (unsigned)key);
    return to;
}

static const char *const sections[KEYS_CONTEXTS] = {[KEYS_ALWAYS] = "keys",
                                                    [KEYS_FILTER] = "keys filter",
                                                    [KEYS_TERMINAL] = "keys terminal",
                                                    [KEYS_PAST] = "keys past",
                                                    [KEYS_TOUR] = "keys tour"};

static void unbind(struct keymap *keymap, enum keymap_context context, int key)
{
    for (size_t i = 0; i < keymap->count; i++)
        if (keymap->bindings[i].key == key && keymap->bindings[i].context == context) {
            memmove(&keymap->bindings[i], &keymap->bindings[i + 1],
                    (--keymap->count - i) * sizeof keymap->bindings[0]);
            return;
        }
}

static int no_action(const char *name, struct err *err)
{
    struct nearest nearest = nearest_init(name);
    for (int id = 1; id < ACTION_COUNT; id++)
        nearest_try(&nearest, action_table[id].name);
    err_set(err, EINVAL, "no action is called %s", name);
    return nearest.best ? err_hint(err, "did you mean %s?", nearest.best) : -EINVAL;
}

int keymap_bind(struct keymap *keymap, const char *section, const char *key_text, const char *action_text,
                struct err *err)
{
    int context = 0, key = key_parse(key_text), action = action_find(action_text);
    while (context < KEYS_CONTEXTS && strcmp(sections[context], section) != 0)
        context++;
    if (context == KEYS_CONTEXTS)
        return err_set(err, EINVAL,
                       "no section is called [%s] (keys, keys filter, keys terminal, keys past, keys tour)",
                       section);
    if (key == K_NONE)
        return err_set(err, EINVAL, "no such key");
    if (action == ACTION_NONE && strcmp(action_text, "none") != 0)
        return no_action(action_text, err);
    unbind(keymap, (enum keymap_context)context, key);
    if (keymap->count == KEYMAP_MAX)
        return err_set(err, EINVAL, "more than %d bindings", KEYMAP_MAX);
    if (action != ACTION_NONE)
        keymap->bindings[keymap->count++] = (struct binding){key, action, (enum keymap_context)context};
    return 0;
}

void keymap_default(struct keymap *ret)
{
    struct ini ini = {.at = default_bindings};
    struct err err;
    ret->count = 0;
    while (ini_next(&ini, &err) > 0)
        keymap_bind(ret, ini.section, ini.key, ini.value, &err);
}

void keymap_print(const struct keymap *keymap, struct str *to)
{
    char name[16];
    for (int context = 0; context < KEYS_CONTEXTS; context++) {
        str_addf(to, "%s[%s]\n", context ? "\n" : "", sections[context]);
        for (int id = 1; id < ACTION_COUNT; id++)
            for (size_t i = 0; i < keymap->count; i++)
                if (keymap->bindings[i].action == id && (int)keymap->bindings[i].context == context)
                    str_addf(to, "%s = %s\n", key_text(keymap->bindings[i].key, name), action_table[id].name);
    }
}

int keymap_action_in(const struct keymap *keymap, enum keymap_context context, int key)
{
    int found = ACTION_NONE;
    for (size_t i = 0; i < keymap->count; i++) {
        const struct binding *binding = &keymap->bindings[i];
        if (binding->key == key && (binding->context == context ||
                                    (!found && context != KEYS_TERMINAL && binding->context == KEYS_ALWAYS)))
            found = binding->action;
    }
    return found;
}

int keymap_action(const struct keymap *keymap, int key)
{
    return keymap_action_in(keymap, KEYS_ALWAYS, key);
}

int keymap_key(const struct keymap *keymap, int action)
{
    for (size_t i = 0; i < keymap->count; i++)
        if (keymap->bindings[i].action == action)
            return keymap->bindings[i].key;
    return K_NONE;
}

void keymap_keys(const struct keymap *keymap, int action, char *to, size_t size)
{
    size_t used = 0;
    char name[16];
    to[0] = '\0';
    for (size_t i = 0; i < keymap->count; i++)
        if (keymap->bindings[i].action == action && used + 17 < size)
            used += (size_t)snprintf(to + used, size - used, "%s%s", used ? " " : "",
                                     key_text(keymap->bindings[i].key, name));
}
