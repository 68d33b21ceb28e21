/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/theme.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "default_theme.h" /* generated from themes/boxtop.theme */

/* Each key that is read, whose colour it is and which stop of it. */
static const struct {
    const char *key;
    enum role role;
    int stop;
} keys[] = {
    {"main_fg", ROLE_FG, 0},
    {"main_bg", ROLE_BG, 0},
    {"title", ROLE_TITLE, 0},
    {"hi_fg", ROLE_KEY, 0},
    {"selected_fg", ROLE_SELECTED_FG, 0},
    {"selected_bg", ROLE_SELECTED_BG, 0},
    {"inactive_fg", ROLE_DIM, 0},
    {"graph_text", ROLE_GRAPH_TEXT, 0},
    {"meter_bg", ROLE_METER, 0},
    {"div_line", ROLE_LINE, 0},
    {"proc_box", ROLE_BOX_TABLE, 0},
    {"cpu_box", ROLE_BOX_CPU, 0},
    {"mem_box", ROLE_BOX_MEMORY, 0},
    {"net_box", ROLE_BOX_OTHER, 0},
    {"container", ROLE_CONTAINER, 0},
    {"good", ROLE_GOOD, 0},
    {"warning", ROLE_WARN, 0},
    {"bad", ROLE_BAD, 0},
    {"throttled", ROLE_THROTTLED, 0},
    {"limit", ROLE_LIMIT, 0},
    {"paused", ROLE_PAUSED, 0},
    {"cpu_start", ROLE_CPU, 0},
    {"cpu_mid", ROLE_CPU, 1},
    {"cpu_end", ROLE_CPU, 2},
    {"used_start", ROLE_MEMORY, 0},
    {"used_mid", ROLE_MEMORY, 1},
    {"used_end", ROLE_MEMORY, 2},
    {"temp_start", ROLE_PRESSURE, 0},
    {"temp_mid", ROLE_PRESSURE, 1},
    {"temp_end", ROLE_PRESSURE, 2},
};

/* btop's files know nothing of boxtop's own roles: these are taken from theirs, so that they look of a piece.
 */
static const struct {
    enum role role, from;
    int stop;
} relatives[] = {
    {ROLE_GRAPH_TEXT, ROLE_DIM, 0}, {ROLE_METER, ROLE_DIM, 0},     {ROLE_CONTAINER, ROLE_TITLE, 0},
    {ROLE_GOOD, ROLE_CPU, 0},       {ROLE_WARN, ROLE_PRESSURE, 1}, {ROLE_BAD, ROLE_PRESSURE, 2},
    {ROLE_THROTTLED, ROLE_CPU, 2},  {ROLE_LIMIT, ROLE_TITLE, 0},   {ROLE_PAUSED, ROLE_KEY, 0},
    {ROLE_BOX_TABLE, ROLE_LINE, 0}, {ROLE_BOX_CPU, ROLE_LINE, 0},  {ROLE_BOX_MEMORY, ROLE_LINE, 0},
    {ROLE_BOX_OTHER, ROLE_LINE, 0},
};

/* With sixteen colours the terminal's own are used, on its own ground: the user has made them legible. */
static const struct {
    int color; /* 0..15, COLOR_DEFAULT */
    unsigned attrs;
} sixteen[ROLE_COUNT] = {
    [ROLE_FG] = {COLOR_DEFAULT, 0},
    [ROLE_BG] = {COLOR_DEFAULT, 0},
    [ROLE_TITLE] = {COLOR_DEFAULT, STYLE_BOLD},
    [ROLE_KEY] = {6, 0},
    [ROLE_SELECTED_FG] = {COLOR_DEFAULT, STYLE_REVERSE},
    [ROLE_SELECTED_BG] = {COLOR_DEFAULT, 0},
    [ROLE_DIM] = {COLOR_DEFAULT, STYLE_FAINT},
    [ROLE_GRAPH_TEXT] = {COLOR_DEFAULT, STYLE_FAINT},
    [ROLE_METER] = {COLOR_DEFAULT, STYLE_FAINT},
    [ROLE_LINE] = {COLOR_DEFAULT, STYLE_FAINT},
    [ROLE_BOX_TABLE] = {COLOR_DEFAULT, STYLE_FAINT},
    [ROLE_BOX_CPU] = {COLOR_DEFAULT, STYLE_FAINT},
    [ROLE_BOX_MEMORY] = {COLOR_DEFAULT, STYLE_FAINT},
    [ROLE_BOX_OTHER] = {COLOR_DEFAULT, STYLE_FAINT},
    [ROLE_CONTAINER] = {6, STYLE_BOLD},
    [ROLE_GOOD] = {2, 0},
    [ROLE_WARN] = {3, 0},
    [ROLE_BAD] = {1, STYLE_BOLD},
    [ROLE_THROTTLED] = {3, 0},
    [ROLE_LIMIT] = {5, 0},
    [ROLE_PAUSED] = {4, 0},
};
static const int sixteen_gradient[3] = {2, 3, 1};

/* Without colour: what has to be seen is bold or reverse, what is only decoration is plain. */
static const unsigned plain[ROLE_COUNT] = {
    [ROLE_TITLE] = STYLE_BOLD,     [ROLE_KEY] = STYLE_BOLD,   [ROLE_SELECTED_FG] = STYLE_REVERSE,
    [ROLE_CONTAINER] = STYLE_BOLD, [ROLE_WARN] = STYLE_BOLD,  [ROLE_BAD] = STYLE_BOLD | STYLE_REVERSE,
    [ROLE_THROTTLED] = STYLE_BOLD, [ROLE_LIMIT] = STYLE_BOLD,
};

#define GRADIENT_STEP 10u

static bool is_gradient(enum role role)
{
    return role >= ROLE_CPU;
}

static int mix(int a, int b, int percent)
{
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        int from = a >> shift & 255, to = b >> shift & 255;
        rgb |= (from + (to - from) * percent / 100) << shift;
    }
    return rgb;
}

/* Lightness 0..255 as the eye has it, roughly. */
static int luma(int rgb)
{
    return ((rgb >> 16 & 255) * 299 + (rgb >> 8 & 255) * 587 + (rgb & 255) * 114) / 1000;
}

/* "#1a1b26", "#1a", "26 27 38", "". */
static int parse_color(const char *text, int *ret)
{
    size_t len = strlen(text);
    unsigned red, green, blue;
    char end;
    if (!len) {
        *ret = COLOR_DEFAULT;
        return 0;
    }
    if (text[0] == '#') {
        if (strspn(text + 1, "0123456789abcdefABCDEF") != len - 1 || (len != 3 && len != 7))
            return -EINVAL;
        long value = strtol(text + 1, NULL, 16);
        *ret = (int)(len == 7 ? value : value * 0x010101);
        return 0;
    }
    if (sscanf(text, "%3u %3u %3u%c", &red, &green, &blue, &end) != 3 || red > 255 || green > 255 ||
        blue > 255)
        return -EINVAL;
    *ret = (int)(red << 16 | green << 8 | blue);
    return 0;
}

/* `theme[key]="value"`, blanks and what stands behind the value aside: both are pointed at in `line`. */
static int split_line(char *line, char **ret_key, char **ret_value)
{
    char *close = strchr(line, ']'), *open, *end;
    if (!str_starts(line, "theme[") || !close || !(open = strchr(close, '=')))
        return -EINVAL;
    *close = '\0';
    *ret_key = line + 6;
    open += 1 + strspn(open + 1, " \t");
    if (*open != '"' && *open != '\'') {
        *ret_value = open;
        open[strcspn(open, " \t")] = '\0';
        return 0;
    }
    if (!(end = strchr(open + 1, *open)))
        return -EINVAL;
    *end = '\0';
    *ret_value = open + 1;
    return 0;
}

static int read_line(struct theme *theme, char *line)
{
    char *key, *value;
    int color;
    line += strspn(line, " \t\r\xef\xbb\xbf");
    line[strcspn(line, "\r")] = '\0';
    if (!*line || *line == '#')
        return 0;
    if (split_line(line, &key, &value) < 0 || parse_color(value, &color) < 0)
        return -EINVAL;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (strcmp(keys[i].key, key) == 0)
            theme->color[keys[i].role][keys[i].stop] = color;
    return 0;
}

/* An end that is not said is the start; a middle that is not said lies between. */
static void complete_gradient(int *stops)
{
    if (stops[0] < 0)
        stops[0] = stops[2] >= 0 ? stops[2] : stops[1];
    if (stops[2] < 0)
        stops[2] = stops[1] >= 0 ? stops[1] : stops[0];
    if (stops[1] < 0)
        stops[1] = mix(stops[0], stops[2], 50);
}

static void complete(struct theme *theme, const struct theme *fallback)
{
    for (int role = 0; role < ROLE_COUNT; role++) {
        int *stops = theme->color[role];
        if (is_gradient(role) && (stops[0] >= 0 || stops[1] >= 0 || stops[2] >= 0))
            complete_gradient(stops);
        else if (is_gradient(role) && fallback)
            memcpy(stops, fallback->color[role], sizeof theme->color[role]);
    }
    for (size_t i = 0; i < COUNT_OF(relatives); i++)
        if (theme->color[relatives[i].role][0] == COLOR_UNSET)
            theme->color[relatives[i].role][0] = theme->color[relatives[i].from][relatives[i].stop];
    for (int role = 0; fallback && role < ROLE_COUNT; role++)
        if (theme->color[role][0] == COLOR_UNSET)
            theme->color[role][0] = fallback->color[role][0];
}

/* Some themes hide inactive text in the ground (inactive_fg is main_bg). boxtop shows zeros and absent
 * figures in it: they stay quiet, but can be read. */
static void keep_legible(struct theme *theme)
{
    static const struct {
        enum role role;
        int least, percent;
    } least[] = {{ROLE_DIM, 60, 52}, {ROLE_GRAPH_TEXT, 60, 52}, {ROLE_METER, 18, 22}, {ROLE_LINE, 18, 25}};
    int bg = theme->color[ROLE_BG][0], fg = theme->color[ROLE_FG][0];
    for (size_t i = 0; bg >= 0 && fg >= 0 && i < COUNT_OF(least); i++) {
        int *color = &theme->color[least[i].role][0];
        if (*color >= 0 && abs(luma(*color) - luma(bg)) < least[i].least)
            *color = mix(bg, fg, least[i].percent);
    }
}

static int parse_over(struct theme *ret, const char *name, const char *text, const struct theme *fallback,
                      struct err *err)
{
    cleanup_free char *copy = mem_dup(text);
    int bad = 0, number = 0;
    for (int role = 0; role < ROLE_COUNT; role++)
        for (int stop = 0; stop < 3; stop++)
            ret->color[role][stop] = COLOR_UNSET;
    for (char *line = copy, *next; line; line = next) {
        if ((next = strchr(line, '\n')))
            *next++ = '\0';
        number++;
        if (read_line(ret, line) < 0 && bad++ == 0)
            err_set(err, EINVAL, "%s:%d: not a line of a theme: theme[role]=\"#rrggbb\"", name, number);
    }
    str_copy(ret->name, sizeof ret->name, name);
    complete(ret, fallback);
    keep_legible(ret);
    return bad;
}

void theme_default(struct theme *ret)
{
    struct err err;
    parse_over(ret, "boxtop", default_theme_text, NULL, &err);
}

int theme_parse(struct theme *ret, const char *name, const char *text, struct err *err)
{
    struct theme fallback;
    theme_default(&fallback);
    return parse_over(ret, name, text, &fallback, err);
}

/* What each of the sixteen is for, by base16's own conventions. */
static const struct {
    enum role role;
    int stop, base;
} base16_uses[] = {
    {ROLE_FG, 0, 5},          {ROLE_BG, 0, 0},          {ROLE_TITLE, 0, 7},      {ROLE_KEY, 0, 13},
    {ROLE_SELECTED_FG, 0, 7}, {ROLE_SELECTED_BG, 0, 2}, {ROLE_DIM, 0, 3},        {ROLE_GRAPH_TEXT, 0, 4},
    {ROLE_METER, 0, 1},       {ROLE_LINE, 0, 2},        {ROLE_BOX_TABLE, 0, 3},  {ROLE_BOX_CPU, 0, 3},
    {ROLE_BOX_MEMORY, 0, 3},  {ROLE_BOX_OTHER, 0, 3},   {ROLE_CONTAINER, 0, 12}, {ROLE_GOOD, 0, 11},
    {ROLE_WARN, 0, 10},       {ROLE_BAD, 0, 8},         {ROLE_THROTTLED, 0, 9},  {ROLE_LIMIT, 0, 14},
    {ROLE_PAUSED, 0, 13},     {ROLE_CPU, 0, 11},        {ROLE_CPU, 1, 10},       {ROLE_CPU, 2, 8},
    {ROLE_MEMORY, 0, 13},     {ROLE_MEMORY, 1, 14},     {ROLE_MEMORY, 2, 8},     {ROLE_PRESSURE, 0, 12},
    {ROLE_PRESSURE, 1, 10},   {ROLE_PRESSURE, 2, 8}};

int theme_parse_base16(struct theme *ret, const char *name, const char *text, struct err *err)
{
    int base[16];
    for (int i = 0; i < 16; i++) {
        char key[12], digits[8];
        snprintf(key, sizeof key, "base0%X", (unsigned)i);
        const char *at = strcasestr(text, key), *value = at ? at + 6 + strspn(at + 6, " \t:\"'#") : "";
        if (strspn(value, "0123456789abcdefABCDEF") < 6)
            return err_set(err, EINVAL, "%s: not a base16 scheme: it has no %s", name, key);
        snprintf(digits, sizeof digits, "%.6s", value);
        base[i] = (int)strtol(digits, NULL, 16);
    }
    theme_default(ret);
    for (size_t i = 0; i < COUNT_OF(base16_uses); i++)
        ret->color[base16_uses[i].role][base16_uses[i].stop] = base[base16_uses[i].base];
    str_copy(ret->name, sizeof ret->name, name);
    keep_legible(ret);
    return 0;
}

int theme_color(const struct theme *theme, enum role role, unsigned level)
{
    const int *stops = theme->color[role];
    if (!is_gradient(role))
        return stops[0];
    if (stops[0] < 0 || stops[1] < 0 || stops[2] < 0)
        return COLOR_DEFAULT;
    /* In steps: a figure that moves a little keeps its colour, and costs nothing to draw again. */
    level = (level > 100 ? 100 : level) / GRADIENT_STEP * GRADIENT_STEP;
    return level < 50 ? mix(stops[0], stops[1], (int)level * 2)
                      : mix(stops[1], stops[2], (int)level * 2 - 100);
}

static int distance(int a, int b)
{
    int sum = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        int d = (a >> shift & 255) - (b >> shift & 255);
        sum += d * d;
    }
    return sum;
}

/* How far a colour is from being a grey. */
static int saturation(int rgb)
{
    int red = rgb >> 16 & 255, green = rgb >> 8 & 255, blue = rgb & 255;
    int most = red > green ? red : green, least = red < green ? red : green;
    return (most > blue ? most : blue) - (least < blue ? least : blue);
}

int theme_nearest_256(int rgb)
{
    static const int steps[6] = {0, 95, 135, 175, 215, 255};
    int index = 16, cube = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        int value = rgb >> shift & 255;
        int best = value < 48 ? 0 : value <= 115 ? 1 : (value - 36) / 40;
        index += best * (shift == 16 ? 36 : shift == 8 ? 6 : 1);
        cube |= steps[best] << shift;
    }
    int grey = (luma(rgb) - 8 + 5) / 10;
    grey = grey < 0 ? 0 : grey > 23 ? 23 : grey;
    int shade = (8 + grey * 10) * 0x010101;
    /* The cube is coarse where it is dark: what is nearly grey would get a tint that nobody chose. */
    bool greyish = saturation(rgb) < 36 && saturation(rgb) < saturation(cube);
    return greyish || distance(rgb, shade) < distance(rgb, cube) ? 232 + grey : index;
}

static void look_16(struct style style, struct look *ret)
{
    enum role role = style.role;
    if (is_gradient(role)) {
        ret->fg = sixteen_gradient[style.level < 60 ? 0 : style.level < 85 ? 1 : 2];
    } else {
        ret->fg = sixteen[role].color;
        ret->attrs |= sixteen[role].attrs;
    }
    /* Turned around, a colour would become the ground of its cell. */
    if (style.ground == GROUND_SELECTED)
        *ret = (struct look){COLOR_DEFAULT, COLOR_DEFAULT, style.attrs | STYLE_REVERSE};
}

void theme_look(const struct theme *theme, enum theme_depth depth, struct style style, struct look *ret)
{
    *ret = (struct look){COLOR_DEFAULT, COLOR_DEFAULT, style.attrs};
    if (depth == DEPTH_NONE) {
        ret->attrs |= plain[style.role] | (style.ground == GROUND_SELECTED ? STYLE_REVERSE : 0);
        return;
    }
    if (depth == DEPTH_16) {
        look_16(style, ret);
        return;
    }
    bool selected = style.ground == GROUND_SELECTED;
    ret->fg = theme_color(theme, style.role, style.level);
    ret->bg = theme_color(theme,
                          selected                      ? ROLE_SELECTED_BG
                          : style.ground == GROUND_KEYS ? ROLE_METER
                                                        : ROLE_BG,
                          0);
    /* A colour that says something on the ground may say nothing on the selection. */
    if (selected && ret->fg >= 0 && ret->bg >= 0 && abs(luma(ret->fg) - luma(ret->bg)) < 60)
        ret->fg = theme_color(theme, ROLE_SELECTED_FG, 0);
    if (depth == DEPTH_256) {
        ret->fg = ret->fg >= 0 ? theme_nearest_256(ret->fg) : ret->fg;
        ret->bg = ret->bg >= 0 ? theme_nearest_256(ret->bg) : ret->bg;
    }
}
