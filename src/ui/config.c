/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "ui/action.h"
#include "ui/ini.h"
#include "ui/layout.h"

#define HISTORY_LEAST (UINT64_C(1) << 20)
#define HISTORY_MOST  (UINT64_C(4) << 30)
#define HISTORY_USUAL (UINT64_C(16) << 20)

/* ---- each kind of value ---- */

static int apply_theme(struct config *config, const struct setting *setting, const char *value,
                       struct err *err)
{
    (void)setting;
    if (!*value || strlen(value) >= sizeof config->theme)
        return err_set(err, EINVAL, "a name or a path");
    str_copy(config->theme, sizeof config->theme, value);
    return 0;
}

static void print_theme(const struct config *config, const struct setting *setting, struct str *to)
{
    (void)setting;
    str_add(to, config->theme);
}

static int apply_interval(struct config *config, const struct setting *setting, const char *value,
                          struct err *err)
{
    uint64_t ms;
    (void)setting;
    if (parse_duration(value, &ms) < 0 || ms < 100 || ms > 3600000)
        return err_set(err, EINVAL, "%s: not a time from 100ms to 1h", value);
    config->interval_ms = ms;
    return 0;
}

static void print_interval(const struct config *config, const struct setting *setting, struct str *to)
{
    (void)setting;
    if (config->interval_ms % 1000)
        str_addf(to, "%ums", (unsigned)config->interval_ms);
    else
        str_addf(to, "%us", (unsigned)(config->interval_ms / 1000));
}

static int apply_history(struct config *config, const struct setting *setting, const char *value,
                         struct err *err)
{
    uint64_t bytes;
    (void)setting;
    if (parse_size(value, &bytes) < 0 || (bytes && bytes < HISTORY_LEAST) || bytes > HISTORY_MOST)
        return err_set(err, EINVAL, "%s: not a size from 1M to 4G, or 0", value);
    config->history_bytes = bytes;
    return 0;
}

static void print_history(const struct config *config, const struct setting *setting, struct str *to)
{
    char number[FMT_SIZE];
    (void)setting;
    str_add(to, fmt_size_exact(number, config->history_bytes));
}

static int apply_columns(struct config *config, const struct setting *setting, const char *value,
                         struct err *err)
{
    (void)setting;
    return column_set_parse(&config->columns, value, err);
}

static void print_columns(const struct config *config, const struct setting *setting, struct str *to)
{
    (void)setting;
    column_set_print(&config->columns, to);
}

static int apply_sort(struct config *config, const struct setting *setting, const char *value,
                      struct err *err)
{
    int id = column_find(value);
    (void)setting;
    if (id < 0 || column_table[id].sorts)
        return err_set(err, EINVAL, "%s: not a column that sorts", value);
    config->sort = id;
    return 0;
}

static void print_sort(const struct config *config, const struct setting *setting, struct str *to)
{
    (void)setting;
    str_add(to, column_table[config->sort].key);
}

static int apply_flag(struct config *config, const struct setting *setting, const char *value,
                      struct err *err)
{
    bool yes =
        strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0 || strcasecmp(value, "on") == 0;
    bool no =
        strcasecmp(value, "no") == 0 || strcasecmp(value, "false") == 0 || strcasecmp(value, "off") == 0;
    if (!yes && !no)
        return err_set(err, EINVAL, "%s: yes or no", value);
    *(bool *)((char *)config + setting->member) = yes;
    return 0;
}

static void print_flag(const struct config *config, const struct setting *setting, struct str *to)
{
    str_add(to, *(const bool *)((const char *)config + setting->member) ? "yes" : "no");
}

static int apply_choice(struct config *config, const struct setting *setting, const char *value,
                        struct err *err)
{
    for (int i = 0; setting->words[i]; i++)
        if (strcasecmp(setting->words[i], value) == 0) {
            *(int *)(void *)((char *)config + setting->member) = i;
            return 0;
        }
    return err_set(err, EINVAL, "%s: one of %s", value, setting->values);
}

static void print_choice(const struct config *config, const struct setting *setting, struct str *to)
{
    str_add(to, setting->words[*(const int *)(const void *)((const char *)config + setting->member)]);
}

static const char *const alerts[] = {"none", "bell", "osc9", "osc777", NULL},
                         *const glyphs[] = {"auto", "braille", "block", "ascii", NULL},
                         *const colors[] = {"auto", "none", "16", "256", "truecolor", NULL};

const struct setting config_settings[] = {
    {"theme", "auto|NAME|FILE", "auto: boxtop or boxtop-light, as the terminal is", apply_theme, print_theme,
     0, NULL},
    {"interval", "DURATION", "time between samples: 1s, 500ms", apply_interval, print_interval, 0, NULL},
    {"history", "SIZE", "what may be remembered, to look back: some hours of few groups; 0: nothing is",
     apply_history, print_history, 0, NULL},
    {"columns", "auto|NAME[:WIDTH]...", "auto: the usual ones, as far as there is room", apply_columns,
     print_columns, 0, NULL},
    {"sort", "COLUMN", "what the table is sorted by at first", apply_sort, print_sort, 0, NULL},
    {"reverse", "yes|no", "the other way round", apply_flag, print_flag, offsetof(struct config, reverse),
     NULL},
    {"flat", "yes|no", "a flat list at first, no tree", apply_flag, print_flag, offsetof(struct config, flat),
     NULL},
    {"mouse", "yes|no", "no: the terminal selects text, as without boxtop", apply_flag, print_flag,
     offsetof(struct config, mouse), NULL},
    {"alert", "none|bell|osc9|osc777", "at an OOM kill: the bell, or a notification of the desktop",
     apply_choice, print_choice, offsetof(struct config, alert), alerts},
    {"glyphs", "auto|braille|block|ascii", "signs of graphs and borders; auto: as the terminal is",
     apply_choice, print_choice, offsetof(struct config, glyphs), glyphs},
    {"layout", "operator|compact|presenter", "which panes there are at first, and how large", apply_choice,
     print_choice, offsetof(struct config, layout), layout_names},
    {"colors", "auto|none|16|256|truecolor", "auto: as the terminal and NO_COLOR are", apply_choice,
     print_choice, offsetof(struct config, colors), colors},
    {0},
};

/* ---- the whole ---- */

void config_default(struct config *ret)
{
    *ret = (struct config){.theme = "auto",
                           .interval_ms = 1000,
                           .history_bytes = HISTORY_USUAL,
                           .sort = COLUMN_NAME,
                           .mouse = true};
    column_set_default(&ret->columns);
    keymap_default(&ret->keys);
}

static int unknown(const char *key, struct err *err)
{
    struct nearest nearest = nearest_init(key);
    for (const struct setting *setting = config_settings; setting->key; setting++)
        nearest_try(&nearest, setting->key);
    err_set(err, EINVAL, "no such setting");
    return nearest.best ? err_hint(err, "did you mean %s?", nearest.best) : -EINVAL;
}

static int apply(struct config *config, const struct ini *ini, struct err *err)
{
    if (ini->section[0])
        return keymap_bind(&config->keys, ini->section, ini->key, ini->value, err);
    for (const struct setting *setting = config_settings; setting->key; setting++)
        if (strcmp(setting->key, ini->key) == 0)
            return setting->apply(config, setting, ini->value, err);
    return unknown(ini->key, err);
}

int config_parse(struct config *config, const char *name, const char *text,
                 void (*tell)(void *data, const char *line), void *data)
{
    struct ini ini = {.at = text};
    struct err err = {0};
    int wrong = 0;
    for (int rc; (rc = ini_next(&ini, &err)) != 0;) {
        const char *key = rc > 0 ? ini.key : "";
        if (rc > 0 && (rc = apply(config, &ini, &err)) >= 0)
            continue;
        cleanup_free char *line =
            mem_printf("%s:%d: %s%s%s%s%s%s", name, ini.line, key, *key ? ": " : "", err.text,
                       err.hint[0] ? " (" : "", err.hint, err.hint[0] ? ")" : "");
        tell(data, line);
        err.hint[0] = '\0';
        wrong++;
    }
    return wrong;
}

void config_print(const struct config *config, struct str *to)
{
    for (const struct setting *setting = config_settings; setting->key; setting++) {
        str_addf(to, "# %s (%s)\n%s = ", setting->help, setting->values, setting->key);
        setting->print(config, setting, to);
        str_add(to, "\n\n");
    }
    keymap_print(&config->keys, to);
}
