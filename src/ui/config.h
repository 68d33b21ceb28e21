/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a user has settled: a table of settings, and which key does what. What can't be understood is told
 * with its file, line and key, and nothing else is lost by it. Pure; config_file.h has the file.
 */
#ifndef BOXTOP_UI_CONFIG_H
#define BOXTOP_UI_CONFIG_H

#include "base/err.h"
#include "base/str.h"
#include "ui/column_set.h"
#include "ui/keymap.h"

enum config_alert { ALERT_NONE, ALERT_BELL, ALERT_OSC9, ALERT_OSC777 };
enum config_glyphs { SIGNS_AUTO, SIGNS_BRAILLE, SIGNS_BLOCK, SIGNS_ASCII };
enum config_colors { COLORS_AUTO, COLORS_NONE, COLORS_16, COLORS_256, COLORS_TRUE };

struct config {
    char theme[256]; /* "auto": ours, dark or light as the terminal is */
    uint64_t interval_ms;
    uint64_t history_bytes; /* what may be remembered; 0: nothing is */
    struct column_set columns;
    int sort; /* enum column_id */
    bool reverse, flat, mouse;
    int alert, glyphs, colors; /* enum config_x */
    int layout;                /* enum layout_preset */
    struct keymap keys;
};

struct setting {
    const char *key, *values, *help;
    int (*apply)(struct config *config, const struct setting *setting, const char *value, struct err *err);
    void (*print)(const struct config *config, const struct setting *setting, struct str *to);
    size_t member;            /* of struct config, for those that are a choice or yes/no */
    const char *const *words; /* of a choice, in the order of its enum; ends with NULL */
};
extern const struct setting config_settings[]; /* ends with a NULL key */

void config_default(struct config *ret);
/* Applies the text over what is there. Calls `tell` with "NAME:LINE: KEY: why" for each thing that is wrong;
 * returns how many. */
int config_parse(struct config *config, const char *name, const char *text,
                 void (*tell)(void *data, const char *line), void *data);
/* All of it as a config file, with a word on each. */
void config_print(const struct config *config, struct str *to);

#endif
