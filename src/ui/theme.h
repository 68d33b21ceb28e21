/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Roles and their colours. Files are in btop's format (`theme[main_bg]="#1a1b26"`; also "#1a" as grey and
 * "26 27 38"; "" is the terminal's own), so its themes load unchanged; a role that a file doesn't say is
 * taken from a related one or from the default theme. Knows no curses. Pure, but for theme_load().
 */
#ifndef BOXTOP_UI_THEME_H
#define BOXTOP_UI_THEME_H

#include <stdint.h>

#include "base/err.h"

enum role {
    ROLE_FG,
    ROLE_BG,
    ROLE_TITLE,
    ROLE_KEY, /* a key that can be pressed */
    ROLE_SELECTED_FG,
    ROLE_SELECTED_BG,
    ROLE_DIM, /* zero, absent, decoration */
    ROLE_GRAPH_TEXT,
    ROLE_METER, /* the part of a bar that is not filled */
    ROLE_LINE,  /* tree and dividing lines */
    ROLE_BOX_TABLE,
    ROLE_BOX_CPU,
    ROLE_BOX_MEMORY,
    ROLE_BOX_OTHER,
    ROLE_CONTAINER, /* a name of ours */
    ROLE_GOOD,
    ROLE_WARN,
    ROLE_BAD, /* killed, failed, at the limit */
    ROLE_THROTTLED,
    ROLE_LIMIT, /* the limit on bars and graphs */
    ROLE_PAUSED,
    ROLE_CPU, /* from here on gradients: a level 0..100 says where */
    ROLE_MEMORY,
    ROLE_PRESSURE,
    ROLE_COUNT
};

enum theme_depth { DEPTH_NONE, DEPTH_16, DEPTH_256, DEPTH_TRUE };
enum ground { GROUND_MAIN, GROUND_SELECTED, GROUND_KEYS /* the footer's labels */ };
enum { STYLE_BOLD = 1, STYLE_REVERSE = 2, STYLE_UNDERLINE = 4, STYLE_FAINT = 8 };

struct style {
    enum role role;
    uint8_t level; /* of a gradient */
    enum ground ground;
    unsigned attrs; /* STYLE_x */
};

#define COLOR_UNSET   (-2)
#define COLOR_DEFAULT (-1) /* the terminal's own */

struct theme {
    char name[64];
    int color[ROLE_COUNT][3]; /* 0xRRGGBB or COLOR_DEFAULT; start, middle and end of a gradient */
};

/* What a style becomes: colours as the depth has them (0xRRGGBB, or an index, or COLOR_DEFAULT). */
struct look {
    int fg, bg;
    unsigned attrs;
};

void theme_default(struct theme *ret);
/* A base16 scheme (YAML: base00 to base0F). -EINVAL: it has not all sixteen colours. */
int theme_parse_base16(struct theme *ret, const char *name, const char *text, struct err *err);
/* Reads a file's text over the default. Lines that can't be understood are counted, not fatal: returns how
 * many, with the first one in `err` ("NAME:LINE: ..."). */
int theme_parse(struct theme *ret, const char *name, const char *text, struct err *err);
/* By name ("dracula"; looked for in boxtop's and btop's directories) or by path (has a slash). 0, or -ENOENT
 * with a hint. */
int theme_load(struct theme *ret, const char *name, struct err *err);
#define THEME_NAME 64
/* The names of all themes that are found, and where each comes from, sorted; returns how many, at most
 * `most`. */
int theme_list(char (*names)[THEME_NAME], char (*where)[THEME_NAME], int most);
int theme_color(const struct theme *theme, enum role role, unsigned level);
void theme_look(const struct theme *theme, enum theme_depth depth, struct style style, struct look *ret);
/* The nearest of xterm's 256 colours. */
int theme_nearest_256(int rgb);

#endif
