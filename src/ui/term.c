/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/term.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "ui/config.h"
#include "ui/keymap.h"
#include "ui/truecolor.h"

#define COPY_MOST 50000u /* bytes; terminals drop longer ones without a word */

/* What a signal's handler needs: it may not call curses. Written once, before the handlers are set. */
static struct {
    struct term *term;
    struct termios saved;
    char restore[256];
    size_t len;
} rescue;

enum theme_depth term_depth(int colors, const char *no_color, const char *colorterm)
{
    if ((no_color && *no_color) || colors < 8)
        return DEPTH_NONE;
    if (colorterm && (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0))
        return DEPTH_TRUE;
    return colors > 256 ? DEPTH_TRUE : colors == 256 ? DEPTH_256 : DEPTH_16;
}

enum glyph_set term_glyphs(const char *codeset, const char *name)
{
    if (strcmp(codeset, "UTF-8") != 0)
        return GLYPHS_ASCII;
    /* The kernel's console has 512 signs at most, and no braille among them. */
    return name && strcmp(name, "linux") == 0 ? GLYPHS_BLOCK : GLYPHS_BRAILLE;
}

static void capture_stderr(struct term *term)
{
    cleanup_close int memory = memfd_create("boxtop-stderr", MFD_CLOEXEC);
    if (memory < 0)
        return;
    term->own_stderr = dup(STDERR_FILENO);
    dup2(memory, STDERR_FILENO);
    term->captured = take_fd(&memory);
}

static void replay_stderr(struct term *term)
{
    char chunk[1024];
    ssize_t got;
    off_t at = 0;
    if (term->captured < 0)
        return;
    dup2(term->own_stderr, STDERR_FILENO);
    while ((got = pread(term->captured, chunk, sizeof chunk, at)) > 0) {
        fs_write_all(STDERR_FILENO, chunk, (size_t)got);
        at += got;
    }
    fd_close(&term->own_stderr);
    fd_close(&term->captured);
}

/* Only what a signal's handler may call. */
static void on_crash(int number)
{
    ssize_t put = write(STDOUT_FILENO, rescue.restore, rescue.len);
    (void)put;
    tcsetattr(STDIN_FILENO, TCSANOW, &rescue.saved);
    if (rescue.term)
        replay_stderr(rescue.term);
    signal(number, SIG_DFL);
    raise(number);
}

static void on_exit_(void)
{
    if (rescue.term)
        term_stop(rescue.term);
}

static void add_capability(const char *text)
{
    size_t len = text && text != (const char *)-1 ? strlen(text) : 0;
    if (rescue.len + len >= sizeof rescue.restore)
        return;
    memcpy(rescue.restore + rescue.len, text, len);
    rescue.len += len;
}

static void prepare_rescue(struct term *term)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    static const char *const names[] = {"op", "sgr0", "cnorm", "rmkx", "rmcup"};
    static bool registered;
    rescue.term = term;
    rescue.len = 0;
    add_capability("\033[?1000l\033[?1002l\033[?1006l\033[?2004l");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        add_capability(tigetstr(names[i]));
    if (registered)
        return;
    registered = true;
    atexit(on_exit_);
    for (size_t i = 0; i < COUNT_OF(crashes); i++)
        sigaction(crashes[i], &(struct sigaction){.sa_handler = on_crash, .sa_flags = SA_RESETHAND}, NULL);
}

/* Curses for these streams. A terminal that terminfo doesn't know is taken for the simplest that has colours.
 */
static SCREEN *open_screen(struct term *term, const char *name, bool direct, FILE *out, FILE *in)
{
    const char *const names[] = {name && *name ? name : "ansi", "ansi", "vt100"};
    SCREEN *screen = NULL;
    term->depth = term_depth(256, getenv("NO_COLOR"), getenv("COLORTERM"));
    if (direct && term->depth == DEPTH_TRUE && (screen = truecolor_newterm(name, out, in)))
        return screen;
    for (size_t i = 0; i < COUNT_OF(names) && !screen; i++)
        screen = newterm(names[i], out, in);
    if (screen)
        term->depth = term_depth(tigetnum("colors"), getenv("NO_COLOR"), NULL);
    return screen;
}

/* Curses asks for reports as terminfo has them; the newer form (1006) has no end at column 223. */
static void set_mouse(struct term *term, bool on)
{
    static const char *const newer[] = {"\033[?1006l", "\033[?1006h"};
    /* Curses writes at once, and by itself. */
    outlet_flush(&term->outlet);
    mousemask(on ? BUTTON1_PRESSED | BUTTON3_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
    if (term->real && term->depth >= DEPTH_256)
        outlet_write(&term->outlet, newer[on], strlen(newer[on]));
}

static void set_modes(struct term *term)
{
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    leaveok(stdscr, FALSE);
    idlok(stdscr, FALSE);
    curs_set(0);
    set_escdelay(25);
    typeahead(-1);
    mouseinterval(0);
    set_mouse(term, term->mouse_on);
    if (term->depth != DEPTH_NONE) {
        start_color();
        use_default_colors();
    }
    getmaxyx(stdscr, term->rows, term->cols);
}

/* Asks for the colour of the ground; the answer comes among the keys, some time or never. */
static void ask_ground(struct term *term, const char *name)
{
    static const char question[] = "\033]11;?\033\\";
    static const char *const mute[] = {"linux", "dumb", "vt", "ansi", "cons", "screen.linux"};
    term->light = term_parse_fgbg(getenv("COLORFGBG")) > 0;
    for (size_t i = 0; i < COUNT_OF(mute); i++)
        if (!name || strncmp(name, mute[i], strlen(mute[i])) == 0)
            return;
    if (term->own_depth != DEPTH_NONE)
        outlet_write(&term->outlet, question, sizeof question - 1);
}

void term_settings(struct term *term, bool mouse, int glyphs, int colors)
{
    enum theme_depth wanted = colors ? (enum theme_depth)(colors - 1) : term->own_depth;
    /* With direct colours on, an index would be taken for a colour: those two wait for the next start. */
    bool direct = term->own_depth == DEPTH_TRUE && (wanted == DEPTH_16 || wanted == DEPTH_256);
    term->depth = wanted < term->own_depth && !direct ? wanted : term->own_depth;
    term->glyphs = glyphs ? (enum glyph_set)(glyphs - 1) : term->own_glyphs;
    if (term->own_glyphs == GLYPHS_ASCII)
        term->glyphs = GLYPHS_ASCII;
    if (term->screen && mouse != term->mouse_on)
        set_mouse(term, mouse);
    term->mouse_on = mouse;
}

int term_start(struct term *term, bool mouse, int glyphs, int colors, struct err *err)
{
    const char *name = getenv("TERM");
    FILE *out = fdopen(dup(STDOUT_FILENO), "w");
    term->own_stderr = term->captured = term->frame_fd = term->out_fd = term->outlet.fd = -1;
    tcgetattr(STDIN_FILENO, &rescue.saved);
    term->glyphs = term_glyphs(nl_langinfo(CODESET), name);
    SCREEN *screen = out ? open_screen(term, name, !colors || colors - 1 == DEPTH_TRUE, out, stdin) : NULL;
    if (!screen) {
        err_set(err, ENOTSUP, "open the terminal %s: curses knows neither it nor vt100", name ? name : "");
        return err_hint(err, "is ncurses' terminfo installed (ncurses-base)?");
    }
    term->screen = screen;
    term->real = true;
    term->out_fd = fileno(out);
    outlet_open(&term->outlet, STDOUT_FILENO);
    term->frame_fd = memfd_create("boxtop-frame", MFD_CLOEXEC);
    frame_reset(&term->frame);
    prepare_rescue(term);
    capture_stderr(term);
    term->own_depth = term->depth;
    term->own_glyphs = term->glyphs;
    term->mouse_on = mouse;
    set_modes(term);
    term_settings(term, mouse, glyphs, colors);
    ask_ground(term, name);
    return 0;
}

int term_start_blind(struct term *term, int rows, int cols, enum theme_depth depth, enum glyph_set glyphs,
                     struct err *err)
{
    FILE *out = fopen("/dev/null", "w"), *in = fopen("/dev/null", "r");
    term->own_stderr = term->captured = term->frame_fd = term->out_fd = term->outlet.fd = -1;
    SCREEN *screen = out && in ? newterm("xterm-256color", out, in) : NULL;
    if (!screen)
        return err_set(err, ENOTSUP, "open a blind terminal");
    term->screen = screen;
    term->real = false;
    term->depth = term->own_depth = depth;
    term->glyphs = term->own_glyphs = glyphs;
    term->mouse_on = true;
    resizeterm(rows, cols);
    set_modes(term);
    return 0;
}

/* Leaves the screen. Curses thinks that the terminal has the colours which the filter has held back. */
static void leave(struct term *term)
{
    static const char plain[] = "\033[0m";
    term_take(term, false);
    if (term->real && term->depth != DEPTH_NONE)
        outlet_write(&term->outlet, plain, sizeof plain - 1);
    set_mouse(term, false);
    outlet_flush(&term->outlet);
    endwin();
}

void term_stop(struct term *term)
{
    if (!term->screen)
        return;
    leave(term);
    delscreen(term->screen);
    term->screen = NULL;
    fd_close(&term->frame_fd);
    outlet_close(&term->outlet);
    rescue.term = NULL;
    replay_stderr(term);
}

void term_suspend(struct term *term)
{
    leave(term);
}

void term_resume(struct term *term)
{
    term_resize(term);
    clearok(curscr, TRUE);
    refresh();
    set_mouse(term, term->mouse_on);
    frame_reset(&term->frame);
}

static const struct {
    int curses, key;
} keys[] = {
    {KEY_UP, K_UP},         {KEY_DOWN, K_DOWN},       {KEY_LEFT, K_LEFT},     {KEY_RIGHT, K_RIGHT},
    {KEY_PPAGE, K_PAGE_UP}, {KEY_NPAGE, K_PAGE_DOWN}, {KEY_HOME, K_HOME},     {KEY_END, K_END},
    {KEY_IC, K_INSERT},     {KEY_DC, K_DELETE},       {KEY_BTAB, K_BACKTAB},  {KEY_BACKSPACE, K_BACKSPACE},
    {KEY_ENTER, K_ENTER},   {KEY_MOUSE, K_MOUSE},     {KEY_RESIZE, K_RESIZE}, {KEY_A1, K_HOME},
    {KEY_A3, K_PAGE_UP},    {KEY_C1, K_END},          {KEY_C3, K_PAGE_DOWN},
};

static int special_key(int code)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (keys[i].curses == code)
            return keys[i].key;
    if (code >= KEY_F(1) && code <= KEY_F(12))
        return K_F1 + code - KEY_F(1);
    return K_NONE;
}

/* One more character of an answer; what turns out to be none is dropped. */
static int reply_key(struct term *term, wint_t c)
{
    static const char begin[] = "11;rgb:";
    bool end = c == 7 || (c == '\\' && term->reply_len && term->reply[term->reply_len - 1] == K_ESC);
    if (!end && term->reply_len + 1 < sizeof term->reply && c < 128) {
        term->reply[term->reply_len++] = (char)c;
        term->reply[term->reply_len] = '\0';
        size_t known = term->reply_len < sizeof begin - 1 ? term->reply_len : sizeof begin - 1;
        term->in_reply = strncmp(term->reply, begin, known) == 0;
        return K_NONE;
    }
    term->in_reply = false;
    int light = end ? term_parse_ground(term->reply) : -EINVAL;
    if (light < 0)
        return K_NONE;
    term->light = light > 0;
    return K_GROUND;
}

/* What follows an ESC at once is a sequence that curses doesn't know: it is taken whole, or its letters would
 * be taken for keys. Mouse reports are among them where terminfo knows only their older form. */
static int escape(struct term *term)
{
    char text[40];
    size_t len = 0;
    wint_t c;
    if (get_wch(&c) == ERR)
        return K_ESC;
    if (c == ']') {
        term->in_reply = true;
        term->reply_len = 0;
        return K_NONE;
    }
    if (c != '[' && c != 'O') {
        unget_wch((wchar_t)c);
        return K_ESC;
    }
    while (get_wch(&c) == OK && len + 1 < sizeof text) {
        text[len++] = (char)c;
        if (c >= '@' && c <= '~')
            break;
    }
    text[len] = '\0';
    term->has_mouse = term_parse_mouse(text, &term->mouse);
    return term->has_mouse ? K_MOUSE : K_NONE;
}

static int plain_key(struct term *term, wint_t c)
{
    return c == K_ESC ? escape(term) : c == '\n' ? K_ENTER : c == 8 ? K_BACKSPACE : (int)c;
}

int term_key(struct term *term)
{
    wint_t c;
    for (;;) {
        int rc = get_wch(&c);
        if (rc == ERR)
            return K_NONE;
        int key = rc == KEY_CODE_YES ? special_key((int)c)
                  : term->in_reply   ? reply_key(term, c)
                                     : plain_key(term, c);
        if (key != K_NONE)
            return key;
    }
}

bool term_mouse(struct term *term, struct term_mouse *ret)
{
    MEVENT event;
    if (term->has_mouse) {
        term->has_mouse = false;
        *ret = term->mouse;
        return true;
    }
    if (getmouse(&event) != OK)
        return false;
    *ret = (struct term_mouse){event.y, event.x, 0, event.bstate & BUTTON3_PRESSED ? 2 : 0};
    if (event.bstate & BUTTON4_PRESSED)
        ret->wheel = -1;
    else if (event.bstate & BUTTON5_PRESSED)
        ret->wheel = 1;
    else if (!(event.bstate & (BUTTON1_PRESSED | BUTTON3_PRESSED)))
        return false;
    return true;
}

void term_resize(struct term *term)
{
    struct winsize size;
    if (term->real && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
        resizeterm(size.ws_row, size.ws_col);
    getmaxyx(stdscr, term->rows, term->cols);
}

/* Of the modes that are gone with 1002 the mouse's own is one. */
static void take_modes(struct term *term, bool on)
{
    static const char begin[] = "\033[?2004h", mouse[] = "\033[?1002h\033[?1006h",
                      end[] = "\033[?2004l\033[?1002l";
    if (!term->real || term->depth == DEPTH_NONE)
        return;
    if (on) {
        outlet_write(&term->outlet, begin, sizeof begin - 1);
        if (term->mouse_on)
            outlet_write(&term->outlet, mouse, sizeof mouse - 1);
        return;
    }
    outlet_write(&term->outlet, end, sizeof end - 1);
    set_mouse(term, false);
    set_mouse(term, term->mouse_on);
}

void term_take(struct term *term, bool on)
{
    if (on != term->taken)
        take_modes(term, on);
    term->taken = on;
}

bool term_copy(struct term *term, const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = strlen(text);
    struct str bytes = {0};
    if (len > COPY_MOST)
        return false;
    str_add(&bytes, "\033]52;c;");
    for (size_t i = 0; i < len; i += 3) {
        unsigned three = (unsigned)(unsigned char)text[i] << 16;
        three |= i + 1 < len ? (unsigned)(unsigned char)text[i + 1] << 8 : 0;
        three |= i + 2 < len ? (unsigned)(unsigned char)text[i + 2] : 0;
        char four[] = {digits[three >> 18], digits[three >> 12 & 63],
                       i + 1 < len ? digits[three >> 6 & 63] : '=', i + 2 < len ? digits[three & 63] : '='};
        str_add_bytes(&bytes, four, sizeof four);
    }
    str_add(&bytes, "\a");
    if (term->real)
        outlet_write(&term->outlet, bytes.text, bytes.len);
    str_free(&bytes);
    return true;
}

void term_alert(struct term *term, int alert, const char *text)
{
    static const char *const forms[] = {
        [ALERT_BELL] = "\a", [ALERT_OSC9] = "\033]9;%s\a", [ALERT_OSC777] = "\033]777;notify;boxtop;%s\a"};
    cleanup_free char *bytes = alert != ALERT_NONE ? mem_printf(forms[alert], text) : NULL;
    if (bytes && term->real)
        outlet_write(&term->outlet, bytes, strlen(bytes));
}

void term_clear(struct term *term)
{
    (void)term;
    clearok(curscr, TRUE);
}

/* Lets curses draw into memory, in place of the terminal. What the last frame left there is written over. */
static bool divert(struct term *term)
{
    return term->frame_fd >= 0 && lseek(term->frame_fd, 0, SEEK_SET) == 0 &&
           dup2(term->frame_fd, term->out_fd) >= 0;
}

/* One write for what the frame changes; terminals that can hold it back show it at once. */
static void write_frame(struct term *term)
{
    char chunk[8192];
    struct str bytes = {0};
    ssize_t got;
    off_t at = 0, end = lseek(term->frame_fd, 0, SEEK_CUR);
    bool together = term->depth >= DEPTH_256;
    dup2(STDOUT_FILENO, term->out_fd);
    if (together)
        str_add(&bytes, "\033[?2026h");
    size_t nothing = bytes.len;
    while (at < end && (got = pread(term->frame_fd, chunk, sizeof chunk, at)) > 0) {
        if (got > end - at)
            got = (ssize_t)(end - at);
        /* A sequence that goes on in the next piece is taken with that. */
        size_t whole = (size_t)got;
        for (size_t back = 1; got == sizeof chunk && back < 64; back++)
            if (chunk[got - (ssize_t)back] == '\033') {
                whole -= back;
                break;
            }
        frame_filter(&term->frame, chunk, whole, &bytes);
        at += (off_t)whole;
    }
    if (bytes.len > nothing) {
        if (together)
            str_add(&bytes, "\033[?2026l");
        outlet_write(&term->outlet, bytes.text, bytes.len);
    }
    str_free(&bytes);
}

void term_flush(struct term *term, int y, int x)
{
    term->styled = false; /* the next frame may have another theme */
    curs_set(y >= 0);
    move(y >= 0 ? y : 0, y >= 0 ? x : 0);
    wnoutrefresh(stdscr);
    bool diverted = divert(term);
    doupdate();
    if (diverted)
        write_frame(term);
}
