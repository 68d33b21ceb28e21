/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/vt.h"

#include <stdlib.h>
#include <string.h>
#include <vterm.h>
#include <wchar.h>

#include "base/mem.h"
#include "ui/keymap.h"
#include "ui/text.h"
#include "ui/vt_line.h"
#include "ui/vt_under.h"

#define OUTPUT_MOST (1u << 20) /* a program that doesn't read gets no more */

struct vt {
    VTerm *vterm;
    VTermScreen *screen;
    int rows, cols;
    VTermPos cursor;
    bool cursor_shown, full_screen;
    bool looking; /* what libvterm tells is of our own doing */
    struct vt_under under;
    int mouse;
    struct str out;
    struct vt_line *before; /* a ring */
    int first, count;
    long pushed; /* lines that have ever left: the number of the first one on the screen */
    int scroll;  /* lines back */
    struct {
        bool on;
        long from_line, to_line; /* numbers of lines */
        int from_x, to_x;
    } selection;
};

/* ---- what libvterm tells ---- */

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
    struct vt *vt = user;
    (void)old, (void)visible;
    vt->cursor = pos;
    return 1;
}

/* What the full-screen program is about to hide. It is hidden already, and shown for a moment: cells can be
 * had only of what is. */
static void keep_under(struct vt *vt)
{
    VTermState *state = vterm_obtain_state(vt->vterm);
    VTermPos cursor;
    vterm_state_get_cursorpos(state, &cursor);
    vt->looking = true;
    vterm_state_set_termprop(state, VTERM_PROP_ALTSCREEN, &(VTermValue){.boolean = 0});
    vt_under_keep(&vt->under, vt->screen, cursor, vt->rows, vt->cols);
    vterm_state_set_termprop(state, VTERM_PROP_ALTSCREEN, &(VTermValue){.boolean = 1});
    vt->looking = false;
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
    struct vt *vt = user;
    if (vt->looking)
        return 1;
    if (property == VTERM_PROP_ALTSCREEN && value->boolean && !vt->full_screen)
        keep_under(vt);
    if (property == VTERM_PROP_CURSORVISIBLE)
        vt->cursor_shown = value->boolean;
    else if (property == VTERM_PROP_ALTSCREEN)
        vt->full_screen = value->boolean;
    else if (property == VTERM_PROP_MOUSE)
        vt->mouse = value->number;
    return 1;
}

static struct vt_line *line_before(const struct vt *vt, int index) /* 0: the oldest */
{
    return &vt->before[(vt->first + index) % VT_SCROLLBACK];
}

/* Takes the line over. */
static void push(void *data, struct vt_line *line)
{
    struct vt *vt = data;
    if (vt->count == VT_SCROLLBACK) {
        vt_line_free(line_before(vt, 0));
        vt->first = (vt->first + 1) % VT_SCROLLBACK;
        vt->count--;
    }
    *line_before(vt, vt->count++) = *line;
    vt->pushed++;
    if (vt->scroll && vt->scroll < vt->count) /* what is looked at stays where it is */
        vt->scroll++;
}

static int on_push(int cols, const VTermScreenCell *cells, void *user)
{
    struct vt *vt = user;
    struct vt_line line;
    if (vt->full_screen) /* that is under it, and kept */
        return 1;
    vt_line_take(&line, cells, cols);
    push(vt, &line);
    return 1;
}

/* The screen grows: the last line that has left comes back. */
static int on_pop(int cols, VTermScreenCell *cells, void *user)
{
    struct vt *vt = user;
    if (!vt->count || vt->full_screen)
        return 0;
    struct vt_line *line = line_before(vt, --vt->count);
    vt_line_give(line, cells, cols);
    vt_line_free(line);
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
        vt_line_free(line_before(vt, i));
    free(vt->before);
    vt_under_drop(&vt->under);
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
    vt->under.resized = vt->full_screen;
    vterm_set_size(vt->vterm, rows, cols);
    vterm_screen_flush_damage(vt->screen);
    vt_scroll(vt, 0);
}

void vt_size(const struct vt *vt, int *ret_rows, int *ret_cols)
{
    *ret_rows = vt->rows;
    *ret_cols = vt->cols;
}

/* The full-screen program has gone. */
static void put_back(struct vt *vt)
{
    struct str text = {0};
    vt_under_print(&vt->under, vt->rows, vt->cols, push, vt, &text);
    vt_under_drop(&vt->under);
    vterm_input_write(vt->vterm, text.text, text.len);
    str_free(&text);
}

/* How much of it is read at once: to what may be the end of the sequence that the program goes with, if there
 * is something to do then, before what follows is drawn. */
static size_t bite(const struct vt *vt, const char *bytes, size_t len)
{
    const char *end = vt->under.resized ? memchr(bytes, 'l', len) : NULL;
    return end ? (size_t)(end + 1 - bytes) : len;
}

void vt_feed(struct vt *vt, const char *bytes, size_t len)
{
    for (size_t at = 0, some; at < len; at += some) {
        some = bite(vt, bytes + at, len - at);
        vterm_input_write(vt->vterm, bytes + at, some);
        if (!vt->full_screen && vt->under.resized && bytes[at + some - 1] == 'l')
            put_back(vt);
        if (!vt->full_screen)
            vt_under_drop(&vt->under);
    }
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
    vt_line_at(&(struct vt_line){0}, 0, ret);
    if (number >= vt->pushed) {
        if (vterm_screen_get_cell(vt->screen, (VTermPos){(int)(number - vt->pushed), x}, &cell))
            vt_line_cell(&cell, ret);
        return;
    }
    long index = vt->count - (vt->pushed - number);
    if (index < 0)
        return;
    vt_line_at(line_before(vt, (int)index), x, ret);
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
            text_add(to, cell.c ? cell.c : ' ');
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
        text_add(&bytes, (uint32_t)c);
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
