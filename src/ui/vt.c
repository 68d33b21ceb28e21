/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/vt.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>
#include <wchar.h>

#include "base/mem.h"
#include "ui/ansi.h"
#include "ui/keymap.h"

#define OUTPUT_MOST (1u << 20) /* a program that doesn't read gets no more */

/* A line that has left, up to its last cell that isn't blank. */
struct line {
    int count;
    struct vt_cell *cells;
};

struct vt {
    VTerm *vterm;
    VTermScreen *screen;
    int rows, cols;
    VTermPos cursor;
    bool cursor_shown, full_screen;
    int mouse;
    struct str out;
    struct line *before; /* a ring */
    int first, count;
    long pushed; /* lines that have ever left: the number of the first one on the screen */
    int scroll;  /* lines back */
    struct {
        bool on;
        long from_line, to_line; /* numbers of lines */
        int from_x, to_x;
    } selection;
};

/* ---- from libvterm's cells to ours ---- */

static int color_of(const VTermColor *color, bool ground)
{
    if (ground ? VTERM_COLOR_IS_DEFAULT_BG(color) : VTERM_COLOR_IS_DEFAULT_FG(color))
        return COLOR_DEFAULT;
    if (VTERM_COLOR_IS_INDEXED(color))
        return ANSI_INDEX(color->indexed.idx);
    return color->rgb.red << 16 | color->rgb.green << 8 | color->rgb.blue;
}

static void convert(const VTermScreenCell *from, struct vt_cell *to)
{
    *to = (struct vt_cell){.c = from->chars[0],
                           .width = from->width > 0 ? from->width : 1,
                           .fg = color_of(&from->fg, false),
                           .bg = color_of(&from->bg, true),
                           .attrs = (from->attrs.bold ? STYLE_BOLD : 0u) |
                                    (from->attrs.underline ? STYLE_UNDERLINE : 0u) |
                                    (from->attrs.reverse ? STYLE_REVERSE : 0u)};
    if (to->c == UINT32_MAX) /* the right half of a wide one */
        to->c = 0;
}

static bool is_blank(const struct vt_cell *cell)
{
    return (!cell->c || cell->c == ' ') && cell->bg == COLOR_DEFAULT && !cell->attrs;
}

/* ---- what libvterm tells ---- */

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
    struct vt *vt = user;
    (void)old, (void)visible;
    vt->cursor = pos;
    return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
    struct vt *vt = user;
    if (property == VTERM_PROP_CURSORVISIBLE)
        vt->cursor_shown = value->boolean;
    else if (property == VTERM_PROP_ALTSCREEN)
        vt->full_screen = value->boolean;
    else if (property == VTERM_PROP_MOUSE)
        vt->mouse = value->number;
    return 1;
}

static struct line *line_before(const struct vt *vt, int index) /* 0: the oldest */
{
    return &vt->before[(vt->first + index) % VT_SCROLLBACK];
}

static int on_push(int cols, const VTermScreenCell *cells, void *user)
{
    struct vt *vt = user;
    if (vt->count == VT_SCROLLBACK) {
        free(line_before(vt, 0)->cells);
        vt->first = (vt->first + 1) % VT_SCROLLBACK;
        vt->count--;
    }
    struct line *line = line_before(vt, vt->count++);
    struct vt_cell *all = mem_array((size_t)cols, sizeof *all);
    line->count = 0;
    for (int i = 0; i < cols; i++) {
        convert(&cells[i], &all[i]);
        line->count = is_blank(&all[i]) ? line->count : i + 1;
    }
    line->cells = line->count ? mem_resize(all, (size_t)line->count, sizeof *all) : NULL;
    if (!line->count)
        free(all);
    vt->pushed++;
    if (vt->scroll && vt->scroll < vt->count) /* what is looked at stays where it is */
        vt->scroll++;
    return 1;
}

static void unconvert(const struct vt_cell *from, const VTermScreen *screen, VTermScreenCell *to)
{
    memset(to, 0, sizeof *to);
    (void)screen;
    to->chars[0] = from->c;
    to->width = (char)from->width;
    to->attrs.bold = !!(from->attrs & STYLE_BOLD);
    to->attrs.underline = !!(from->attrs & STYLE_UNDERLINE);
    to->attrs.reverse = !!(from->attrs & STYLE_REVERSE);
    const int colors[] = {from->fg, from->bg};
    VTermColor *const into[] = {&to->fg, &to->bg};
    for (int i = 0; i < 2; i++) {
        if (ANSI_IS_INDEX(colors[i]))
            vterm_color_indexed(into[i], (uint8_t)(colors[i] & 255));
        else
            vterm_color_rgb(into[i], (uint8_t)(colors[i] >> 16), (uint8_t)(colors[i] >> 8),
                            (uint8_t)colors[i]);
        if (colors[i] == COLOR_DEFAULT)
            into[i]->type = i ? VTERM_COLOR_DEFAULT_BG : VTERM_COLOR_DEFAULT_FG;
    }
}

/* The screen grows: the last line that has left comes back. */
static int on_pop(int cols, VTermScreenCell *cells, void *user)
{
    struct vt *vt = user;
    struct vt_cell blank = {.c = ' ', .width = 1, .fg = COLOR_DEFAULT, .bg = COLOR_DEFAULT};
    if (!vt->count)
        return 0;
    struct line *line = line_before(vt, --vt->count);
    for (int i = 0; i < cols; i++)
        unconvert(i < line->count ? &line->cells[i] : &blank, vt->screen, &cells[i]);
    free(line->cells);
    *line = (struct line){0};
    vt->pushed--;
    return 1;
}

static void on_output(const char *bytes, size_t len, void *user)
{
    struct vt *vt = user;
    if (vt->out.len + len <= OUTPUT_MOST)
        str_add_bytes(&vt->out, bytes, len);
}

static const VTermScreenCallbacks callbacks = {
    .movecursor = on_cursor, .settermprop = on_property, .sb_pushline = on_push, .sb_popline = on_pop};

/* ---- life ---- */

struct vt *vt_new(int rows, int cols)
{
    struct vt *vt = mem_alloc(sizeof *vt);
    vt->rows = rows > 0 ? rows : 1;
    vt->cols = cols > 0 ? cols : 1;
    vt->before = mem_array(VT_SCROLLBACK, sizeof *vt->before);
    vt->vterm = vterm_new(vt->rows, vt->cols);
    vterm_set_utf8(vt->vterm, 1);
    vterm_output_set_callback(vt->vterm, on_output, vt);
    vt->screen = vterm_obtain_screen(vt->vterm);
    vt->cursor_shown = true;
    vterm_screen_set_callbacks(vt->screen, &callbacks, vt);
    vterm_screen_enable_altscreen(vt->screen, 1);
    vterm_screen_reset(vt->screen, 1);
    return vt;
}

void vt_free(struct vt *vt)
{
    if (!vt)
        return;
    vterm_free(vt->vterm);
    for (int i = 0; i < vt->count; i++)
        free(line_before(vt, i)->cells);
    free(vt->before);
    str_free(&vt->out);
    free(vt);
}

void vt_resize(struct vt *vt, int rows, int cols)
{
    if (rows < 1 || cols < 1 || (rows == vt->rows && cols == vt->cols))
        return;
    vt->rows = rows;
    vt->cols = cols;
    vt_unselect(vt);
    vterm_set_size(vt->vterm, rows, cols);
    vterm_screen_flush_damage(vt->screen);
    vt_scroll(vt, 0);
}

void vt_size(const struct vt *vt, int *ret_rows, int *ret_cols)
{
    *ret_rows = vt->rows;
    *ret_cols = vt->cols;
}

void vt_feed(struct vt *vt, const char *bytes, size_t len)
{
    vterm_input_write(vt->vterm, bytes, len);
    vterm_screen_flush_damage(vt->screen);
}

struct str *vt_output(struct vt *vt)
{
    return &vt->out;
}

/* ---- what is shown ---- */

/* The number of the line that is at y. */
static long line_at(const struct vt *vt, int y)
{
    return vt->pushed - vt->scroll + y;
}

/* A cell by its line's number, wherever that is. */
static void cell_of(const struct vt *vt, long number, int x, struct vt_cell *ret)
{
    VTermScreenCell cell;
    *ret = (struct vt_cell){.width = 1, .fg = COLOR_DEFAULT, .bg = COLOR_DEFAULT};
    if (number >= vt->pushed) {
        if (vterm_screen_get_cell(vt->screen, (VTermPos){(int)(number - vt->pushed), x}, &cell))
            convert(&cell, ret);
        return;
    }
    long index = vt->count - (vt->pushed - number);
    if (index < 0)
        return;
    const struct line *line = line_before(vt, (int)index);
    if (x < line->count)
        *ret = line->cells[x];
}

/* -1, 0, 1: before the other place, at it, behind it. */
static int compare(long line, int x, long other_line, int other_x)
{
    return line != other_line ? (line < other_line ? -1 : 1) : (x > other_x) - (x < other_x);
}

/* The selection, with its ends in order. */
static void ends_of(const struct vt *vt, long *line, int *x, long *end_line, int *end_x)
{
    bool forward = compare(vt->selection.from_line, vt->selection.from_x, vt->selection.to_line,
                           vt->selection.to_x) <= 0;
    *line = forward ? vt->selection.from_line : vt->selection.to_line;
    *x = forward ? vt->selection.from_x : vt->selection.to_x;
    *end_line = forward ? vt->selection.to_line : vt->selection.from_line;
    *end_x = forward ? vt->selection.to_x : vt->selection.from_x;
}

static bool is_selected(const struct vt *vt, long number, int x)
{
    long line, end_line;
    int from, to;
    if (!vt->selection.on)
        return false;
    ends_of(vt, &line, &from, &end_line, &to);
    return compare(number, x, line, from) >= 0 && compare(number, x, end_line, to) <= 0;
}

void vt_cell(const struct vt *vt, int y, int x, struct vt_cell *ret)
{
    cell_of(vt, line_at(vt, y), x, ret);
    ret->selected = is_selected(vt, line_at(vt, y), x);
}

bool vt_cursor(const struct vt *vt, int *ret_y, int *ret_x)
{
    *ret_y = vt->cursor.row + vt->scroll;
    *ret_x = vt->cursor.col;
    return vt->cursor_shown && *ret_y < vt->rows;
}

int vt_lines_before(const struct vt *vt)
{
    return vt->full_screen ? 0 : vt->count;
}

int vt_scroll(struct vt *vt, int lines)
{
    int most = vt_lines_before(vt), wanted = vt->scroll + lines;
    vt->scroll = wanted < 0 ? 0 : wanted > most ? most : wanted;
    return vt->scroll;
}

bool vt_wants_mouse(const struct vt *vt)
{
    return vt->mouse != VTERM_PROP_MOUSE_NONE;
}

bool vt_is_full_screen(const struct vt *vt)
{
    return vt->full_screen;
}

/* ---- selecting ---- */

void vt_select(struct vt *vt, int y, int x, bool begin)
{
    if (begin) {
        vt->selection.from_line = line_at(vt, y);
        vt->selection.from_x = x;
    }
    vt->selection.to_line = line_at(vt, y);
    vt->selection.to_x = x;
    vt->selection.on = !begin;
}

void vt_unselect(struct vt *vt)
{
    vt->selection.on = false;
}

static void add_char(struct str *to, uint32_t c)
{
    char bytes[5] = "";
    if (c < 0x80)
        bytes[0] = (char)(c >= ' ' && c != 127 ? c : ' ');
    else if (c < 0x800)
        bytes[0] = (char)(0xc0 | c >> 6), bytes[1] = (char)(0x80 | (c & 63));
    else if (c < 0x10000)
        bytes[0] = (char)(0xe0 | c >> 12), bytes[1] = (char)(0x80 | (c >> 6 & 63)),
        bytes[2] = (char)(0x80 | (c & 63));
    else
        bytes[0] = (char)(0xf0 | (c >> 18 & 7)), bytes[1] = (char)(0x80 | (c >> 12 & 63)),
        bytes[2] = (char)(0x80 | (c >> 6 & 63)), bytes[3] = (char)(0x80 | (c & 63));
    str_add(to, bytes);
}

void vt_selected(const struct vt *vt, struct str *to)
{
    long line, end_line;
    int from, last;
    if (!vt->selection.on)
        return;
    ends_of(vt, &line, &from, &end_line, &last);
    for (long number = line; number <= end_line; number++) {
        size_t keep = to->len;
        for (int x = number == line ? from : 0; x < vt->cols && (number < end_line || x <= last); x++) {
            struct vt_cell cell;
            cell_of(vt, number, x, &cell);
            add_char(to, cell.c ? cell.c : ' ');
            x += cell.width - 1;
            keep = cell.c && cell.c != ' ' ? to->len : keep;
        }
        to->len = keep;
        if (to->text)
            to->text[keep] = '\0';
        if (number < end_line)
            str_add(to, "\n");
    }
}

/* ---- keys and mouse ---- */

static const struct {
    int key;
    VTermKey vterm;
} keys[] = {
    {K_UP, VTERM_KEY_UP},          {K_DOWN, VTERM_KEY_DOWN},          {K_LEFT, VTERM_KEY_LEFT},
    {K_RIGHT, VTERM_KEY_RIGHT},    {K_HOME, VTERM_KEY_HOME},          {K_END, VTERM_KEY_END},
    {K_PAGE_UP, VTERM_KEY_PAGEUP}, {K_PAGE_DOWN, VTERM_KEY_PAGEDOWN}, {K_INSERT, VTERM_KEY_INS},
    {K_DELETE, VTERM_KEY_DEL},
};

static void send_key(struct vt *vt, int key, VTermModifier mods)
{
    if (key == K_BACKTAB)
        vterm_keyboard_key(vt->vterm, VTERM_KEY_TAB, VTERM_MOD_SHIFT);
    if (key >= K_F1 && key <= K_F12)
        vterm_keyboard_key(vt->vterm, (VTermKey)VTERM_KEY_FUNCTION(key - K_F1 + 1), mods);
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (keys[i].key == key)
            vterm_keyboard_key(vt->vterm, keys[i].vterm, mods);
}

static void send_char(struct vt *vt, int c, unsigned mods)
{
    struct str bytes = {0};
    if (mods & MOD_ALT)
        str_add(&bytes, "\033");
    if (c > 0 && (c < ' ' || c == 127))
        str_add_bytes(&bytes, &(char){(char)c}, 1);
    else if (c == 0)
        str_add_bytes(&bytes, "", 1);
    else
        add_char(&bytes, (uint32_t)c);
    on_output(str_text(&bytes), bytes.len, vt);
    str_free(&bytes);
}

static void send_mouse(struct vt *vt, const struct keyseq_event *event)
{
    VTermModifier mods = (VTermModifier)event->mods;
    if (!vt_wants_mouse(vt))
        return;
    vterm_mouse_move(vt->vterm, event->y, event->x, mods);
    if (event->button && !event->moved)
        vterm_mouse_button(vt->vterm, event->button, event->pressed, mods);
}

void vt_event(struct vt *vt, const struct keyseq_event *event)
{
    if (event->kind != KEYSEQ_MOUSE)
        vt->scroll = 0;
    switch (event->kind) {
    case KEYSEQ_CHAR:
        send_char(vt, event->key, event->mods);
        break;
    case KEYSEQ_KEY:
        send_key(vt, event->key, (VTermModifier)event->mods);
        break;
    case KEYSEQ_MOUSE:
        send_mouse(vt, event);
        break;
    case KEYSEQ_PASTE_BEGIN:
        vterm_keyboard_start_paste(vt->vterm);
        break;
    case KEYSEQ_PASTE_END:
        vterm_keyboard_end_paste(vt->vterm);
        break;
    }
}
