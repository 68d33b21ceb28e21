/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tour's pane: the words of a step, its commands and what they said, what is expected, and the keys that
 * go on.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/pane.h"
#include "ui/text.h"

/* Lines that are written one below the other; those above the first one that is shown, and below the last,
 * only count. */
struct page {
    const struct canvas *canvas;
    int y, height;
};

/* Where a line of at most `width` cells ends: behind a blank, if there is one. */
static size_t line_end(const char *text, int width)
{
    size_t fits = text_fit(text, width), end = fits;
    if (!text[fits])
        return fits;
    while (end > 0 && text[end] != ' ')
        end--;
    return end ? end : fits;
}

/* A paragraph, wrapped; what follows its first line is indented by `indent`. */
static void paragraph(struct page *page, struct style style, int indent, const char *text)
{
    int x = 0, width = page->canvas->area.w;
    do {
        size_t len = line_end(text, width - x);
        if (!len && *text)
            len = strlen(text);
        cleanup_free char *line = mem_printf("%.*s", (int)len, text);
        if (page->y >= 0 && page->y < page->height)
            canvas_text(page->canvas, page->y, x, width - x, style, line);
        page->y++;
        text += len + strspn(text + len, " ");
        x = indent;
    } while (*text);
}

static void add_said(struct page *page, const struct tour_play *play)
{
    static const struct style styles[] = {[TOUR_LINE_COMMAND] = {.role = ROLE_GOOD},
                                          [TOUR_LINE_OUTPUT] = {.role = ROLE_GRAPH_TEXT},
                                          [TOUR_LINE_BAD] = {.role = ROLE_WARN}};
    for (const char *at = str_text(&play->said); *at;) {
        size_t len = strcspn(at, "\n");
        int mark = at[0];
        cleanup_free char *line =
            mem_printf("%s%.*s", mark == TOUR_LINE_COMMAND ? "$ " : "  ", (int)len - 1, at + 1);
        paragraph(page, styles[mark], mark == TOUR_LINE_COMMAND ? 4 : 2, line);
        at += len + (at[len] == '\n');
    }
}

/* The commands that are still to come. */
static void add_commands(struct app *app, struct page *page, const struct tour_step *step)
{
    bool done = app->tour.phase == TOUR_DONE && !app->tour.said.len;
    for (size_t i = app->tour.action; step->run && step->run[i]; i++) {
        cleanup_free char *text = tour_text(app, step->run[i]), *line = mem_printf("$ %s", text);
        paragraph(page, STYLE(done ? ROLE_GOOD : ROLE_FG), 4, line);
    }
}

static void add_expected(struct app *app, struct page *page, const struct tour_step *step)
{
    const struct tour_play *play = &app->tour;
    bool looked = play->phase == TOUR_RUNNING || play->phase == TOUR_LOOKING || play->phase == TOUR_DONE;
    if (step->expect_count && page->y)
        page->y++;
    for (size_t i = 0; i < step->expect_count && i < TOUR_EXPECTS; i++) {
        const struct tour_expect *expect = &step->expects[i];
        bool seen = play->seen[i], missed = !seen && play->phase == TOUR_DONE && play->said.len;
        enum glyph sign = seen ? GLYPH_DONE : missed ? GLYPH_MISSED : GLYPH_AWAITED;
        cleanup_free char *row = expect->row ? tour_text(app, expect->row) : NULL,
                          *text = tour_text(app, expect->text),
                          *line = mem_printf("%s %s %s", glyph_text(app->term.glyphs, sign),
                                             row ? row : tr("it says"), text);
        enum role role = seen ? ROLE_GOOD : missed ? ROLE_BAD : looked ? ROLE_FG : ROLE_GRAPH_TEXT;
        paragraph(page, STYLE(role), 2, line);
    }
}

static void add_step(struct app *app, struct page *page)
{
    const struct tour_step *step = &app->tour.tour.steps[app->tour.step];
    const char *lacks = tour_lacks(app);
    paragraph(page, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), 0, tr(step->title));
    page->y++;
    for (size_t i = 0; step->words[i]; i++) {
        cleanup_free char *text = tour_text(app, tr(step->words[i]));
        paragraph(page, STYLE(ROLE_TITLE), 0, text);
        page->y++;
    }
    if (lacks) {
        cleanup_free char *text =
            mem_printf(tr("Not here: cgroup v2 of this machine has no %s controller. In a VM it "
                          "can be seen: scripts/run --vm demo"),
                       lacks);
        paragraph(page, STYLE(ROLE_WARN), 0, text);
        return;
    }
    add_said(page, &app->tour);
    add_commands(app, page, step);
    add_expected(app, page, step);
}

/* What the keys do now. */
static void draw_keys(struct app *app, const struct canvas *c)
{
    const struct tour_play *play = &app->tour;
    const struct tour_step *step = &play->tour.steps[play->step];
    bool does = play->phase == TOUR_SHOWN && (step->run || step->expect_count) && !tour_lacks(app);
    bool last = play->step + 1 == play->tour.count;
    const char *next = play->phase == TOUR_RUNNING || play->phase == TOUR_LOOKING ? "..."
                       : play->phase == TOUR_UNDOING                              ? tr("undoing...")
                       : does                                                     ? tr("do it")
                       : last                                                     ? tr("end")
                                                                                  : tr("next");
    const struct {
        enum action_id action;
        const char *label;
    } keys[] = {{ACTION_TOUR_NEXT, next},
                {ACTION_TOUR_BACK, tr("back")},
                {ACTION_TOUR_TRY, tr("let me try")},
                {ACTION_TOUR_END, tr("leave")}};
    int x = 0, y = c->area.h - 1;
    char key[16];
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        key_text(keymap_key(&app->keymap, keys[i].action), key);
        if (x + text_columns(key) + text_columns(keys[i].label) + 1 > c->area.w)
            break;
        x += canvas_text(c, y, x, 12, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), key) + 1;
        x += canvas_text(c, y, x, c->area.w - x, STYLE(ROLE_FG), keys[i].label) + 2;
    }
}

static void scroll(struct tour_play *play, int lines)
{
    int wanted = play->scroll + lines;
    play->scroll = wanted < play->scroll_least  ? play->scroll_least
                   : wanted > play->scroll_most ? play->scroll_most
                                                : wanted;
}

static void draw_tour(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    struct tour_play *play = &app->tour;
    char text[48];
    if (!play->on)
        return;
    bool focused = app->focus == PANE_TOUR;
    enum role border = focused ? ROLE_KEY : ROLE_BOX_OTHER;
    snprintf(text, sizeof text, "%zu/%zu", play->step + 1, play->tour.count);
    int room = inside->area.h - 1, right = frame->area.w - canvas_notch_width(text) - 2;
    canvas_notch(frame, right, border, STYLE(ROLE_GRAPH_TEXT), text);
    cleanup_free char *title =
        mem_printf("%.*s", (int)text_fit(tr(play->tour.title), right - 5), tr(play->tour.title));
    canvas_notch(frame, 2, border, STYLE(focused ? ROLE_KEY : ROLE_TITLE, .attrs = STYLE_BOLD), title);
    struct page count = {inside, 0, 0};
    add_step(app, &count);
    /* What is new is at the end. */
    int most = count.y > room ? count.y - room : 0, first = play->phase == TOUR_SHOWN ? 0 : most;
    play->scroll_least = -first;
    play->scroll_most = most - first;
    scroll(play, 0);
    first += play->scroll;
    struct page page = {inside, -first, room};
    add_step(app, &page);
    if (first < most)
        canvas_glyph(frame, frame->area.h - 2, frame->area.w - 2, STYLE(ROLE_KEY), GLYPH_SORT_DOWN);
    if (first > 0)
        canvas_glyph(frame, 1, frame->area.w - 2, STYLE(ROLE_KEY), GLYPH_SORT_UP);
    draw_keys(app, inside);
}

static void wheel_tour(struct app *app, int direction)
{
    scroll(&app->tour, 3 * direction);
}

static bool key_tour(struct app *app, int key)
{
    if (key == K_DOWN || key == K_UP)
        scroll(&app->tour, key == K_DOWN ? 1 : -1);
    return key == K_DOWN || key == K_UP;
}

static void click_tour(struct app *app, int y, int x)
{
    (void)x;
    if (y == app->layout.pane[PANE_TOUR].h - 2)
        tour_next(app);
}

const struct pane pane_tour = {.title = N_("tour"),
                               .box = ROLE_BOX_OTHER,
                               .action = ACTION_NONE,
                               .draw = draw_tour,
                               .key = key_tour,
                               .click = click_tour,
                               .wheel = wheel_tour};
