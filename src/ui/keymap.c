/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/keymap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/action.h"
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

static const char default_bindings[] =
    "bind q quit\nbind F10 quit\nbind C-c quit\n"
    "bind ? help\nbind F1 help\nbind h help\n"
    "bind n new\nbind F2 new\n"
    "bind / filter\nbind F3 filter\nbind F4 filter\n"
    "bind F5 flat\n"
    "bind F6 sort\nbind , sort\n"
    "bind F9 kill\n"
    "bind : command\n"
    "bind j down\nbind Down down\nbind C-n down\n"
    "bind k up\nbind Up up\nbind C-p up\n"
    "bind PgDn page-down\nbind C-f page-down\n"
    "bind PgUp page-up\nbind C-b page-up\n"
    "bind g first\nbind Home first\n"
    "bind G last\nbind End last\n"
    "bind Left fold\nbind - fold\nbind Right unfold\nbind + unfold\n"
    "bind Enter enter\nbind Esc back\n"
    "bind Tab next-pane\nbind S-Tab previous-pane\n"
    "bind 1 pane-cpu\nbind 2 pane-memory\nbind 3 pane-limits\nbind 4 pane-about\nbind 5 pane-events\n"
    "bind p sort-name\nbind P sort-name\n"
    "bind t sort-tasks\n"
    "bind c sort-cpu\nbind C sort-cpu\n"
    "bind m sort-memory\nbind M sort-memory\n"
    "bind i sort-io\nbind I sort-io\n"
    "bind T sort-throttled\nbind O sort-oom\n"
    "bind z freeze-view\n"
    "bind e shell\nbind a attach\nbind l log\nbind s stop\nbind Del remove\nbind f freeze\n"
    "bind [ cpu-down\nbind ] cpu-up\nbind { memory-down\nbind } memory-up\n"
    "bind F7 cpu-down\nbind F8 cpu-up\n"
    "bind = set\nbind u undo\n"
    "bind x explain\nbind A acknowledge\n"
    "bind Space tag\nbind U untag\nbind r reverse\nbind < sort-left\nbind > sort-right\n"
    "bind w columns\nbind H columns-left\nbind L columns-right\n"
    "bind F follow\nbind _ fold-all\nbind * unfold-all\nbind N previous-match\n"
    "bind C-l redraw\n";

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
    if (str_starts(name, "C-") && name[2] >= 'a' && name[2] <= 'z' && !name[3])
        return name[2] - 'a' + 1;
    return K_NONE;
}

const char *key_text(int key, char *to)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i].key == key)
            return strcpy(to, names[i].name);
    if (key >= K_F1 && key <= K_F12)
        snprintf(to, 16, "F%d", key - K_F1 + 1);
    else if (key > 0 && key < 27)
        snprintf(to, 16, "C-%c", key + 'a' - 1);
    else if (key > 32 && key < 127)
        snprintf(to, 16, "%c", key);
    else
        snprintf(to, 16, "U+%04X", (unsigned)key);
    return to;
}

static void unbind(struct keymap *keymap, int key)
{
    for (size_t i = 0; i < keymap->count; i++)
        if (keymap->bindings[i].key == key) {
            memmove(&keymap->bindings[i], &keymap->bindings[i + 1],
                    (--keymap->count - i) * sizeof keymap->bindings[0]);
            return;
        }
}

/* One line; what is wrong with it, or NULL. */
static const char *bind_line(struct keymap *keymap, char *line)
{
    char *save = NULL, *word = strtok_r(line, " \t\r", &save);
    if (!word || word[0] == '#')
        return NULL;
    char *key_text = strtok_r(NULL, " \t\r", &save), *action_text = strtok_r(NULL, " \t\r", &save);
    if (strcmp(word, "bind") != 0 || !action_text || strtok_r(NULL, " \t\r", &save))
        return "not a binding: bind KEY ACTION";
    int key = key_parse(key_text), action = action_find(action_text);
    if (key == K_NONE)
        return "no such key";
    if (action == ACTION_NONE && strcmp(action_text, "none") != 0)
        return "no such action";
    unbind(keymap, key);
    if (keymap->count == KEYMAP_MAX)
        return "too many bindings";
    if (action != ACTION_NONE)
        keymap->bindings[keymap->count++] = (struct binding){key, action};
    return NULL;
}

int keymap_parse(struct keymap *keymap, const char *name, const char *text, struct err *err)
{
    cleanup_free char *copy = mem_dup(text);
    int number = 1;
    for (char *line = copy, *next; line; line = next, number++) {
        if ((next = strchr(line, '\n')))
            *next++ = '\0';
        const char *wrong = bind_line(keymap, line);
        if (wrong)
            return err_set(err, EINVAL, "%s:%d: %s", name, number, wrong);
    }
    return 0;
}

void keymap_default(struct keymap *ret)
{
    struct err err;
    ret->count = 0;
    keymap_parse(ret, "built in", default_bindings, &err);
}

int keymap_action(const struct keymap *keymap, int key)
{
    for (size_t i = 0; i < keymap->count; i++)
        if (keymap->bindings[i].key == key)
            return keymap->bindings[i].action;
    return ACTION_NONE;
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
