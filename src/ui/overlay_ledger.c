/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The ledger of OOM kills, newest first; Enter shows the evidence of one.
 */
#include "ui/overlay.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/eventfield.h"
#include "ui/app.h"
#include "ui/text.h"
#include "ui/language.h"

enum { COLS = 100, LABEL = 15, NAME = 18 };

static const struct ledger *ledger_of(const struct app *app)
{
    return app->model.ledger;
}

/* Where the selection stands: it stays with its record when others come. */
static size_t selected_index(const struct app *app)
{
    const struct ledger *ledger = ledger_of(app);
    size_t index = ledger_find(ledger, app->overlay.record);
    return index < ledger_count(ledger) ? index : 0;
}

static void select_index(struct app *app, long index)
{
    long last = (long)ledger_count(ledger_of(app)) - 1;
    index = index > last ? last : index;
    const struct ledger_record *record = ledger_at(ledger_of(app), index < 0 ? 0 : (size_t)index);
    app->overlay.record = record ? record->number : 0;
}

static void clock_text(char *to, size_t size, uint64_t wall_ns, const char *format)
{
    time_t seconds = (time_t)(wall_ns / 1000000000u);
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    strftime(to, size, format, &tm);
}

/* ---- the list ---- */

static void draw_record(const struct app *app, const struct canvas *c, int y,
                        const struct ledger_record *record)
{
    char clock[32], text[400];
    bool selected = record->number == app->overlay.record;
    enum ground ground = selected ? GROUND_SELECTED : GROUND_MAIN;
    enum role role = selected ? ROLE_SELECTED_FG : record->seen ? ROLE_GRAPH_TEXT : ROLE_FG;
    clock_text(clock, sizeof clock, record->event.wall_ns, "%H:%M:%S");
    event_kill_text(&record->event, language_words, text, sizeof text);
    canvas_repeat(c, y, 0, c->area.w, STYLE(role, .ground = ground), " ");
    if (!record->seen)
        canvas_glyph(c, y, 0, STYLE(ROLE_BAD, .ground = ground, .attrs = STYLE_BOLD), GLYPH_KILL);
    canvas_text(c, y, 2, 8, STYLE(role, .ground = ground), clock);
    canvas_text(c, y, 11, NAME, STYLE(role, .ground = ground, .attrs = record->seen ? 0 : STYLE_BOLD),
                record->name);
    canvas_text(c, y, 12 + NAME, c->area.w - NAME - 12, STYLE(role, .ground = ground), text);
}

static void draw_list(struct app *app, const struct canvas *c)
{
    const struct ledger *ledger = ledger_of(app);
    int selected = (int)selected_index(app), *top = &app->overlay.scroll;
    select_index(app, selected);
    *top = *top > selected ? selected : *top + c->area.h <= selected ? selected - c->area.h + 1 : *top;
    int count = (int)ledger_count(ledger);
    for (int i = 0; i < c->area.h && *top + i < count; i++)
        draw_record(app, c, i, ledger_at(ledger, (size_t)(*top + i)));
    if (!count)
        canvas_text(c, 0, 1, c->area.w - 2, STYLE(ROLE_DIM),
                    app->model.past ? tr("nobody had been killed for memory until then")
                                    : tr("nobody was killed for memory since boxtop was started"));
}

/* ---- one record ---- */

struct page {
    const struct canvas *canvas; /* NULL: lines are only counted */
    int y;
};

static void say(struct page *page, enum role role, const char *label, const char *text)
{
    const struct canvas *c = page->canvas;
    if (c && page->y < c->area.h) {
        canvas_text(c, page->y, 1, LABEL, STYLE(ROLE_GRAPH_TEXT), tr(label));
        canvas_text(c, page->y, 1 + LABEL, c->area.w - LABEL - 2, STYLE(role), text);
    }
    page->y++;
}

/* "label  a 1.0M  b 2.0M": those that are known; no line if none is. */
static void say_bytes(struct page *page, const char *label, size_t count, const char *const *names,
                      const uint64_t *values)
{
    struct str text = {0};
    char number[FMT_SIZE];
    for (size_t i = 0; i < count; i++)
        if (values[i] != VALUE_ABSENT)
            str_addf(&text, "%s%s %s", text.len ? "  " : "", tr(names[i]), fmt_bytes(number, values[i]));
    if (text.len)
        say(page, ROLE_FG, label, str_text(&text));
    str_free(&text);
}

static void say_victim(struct page *page, const struct oom_victim *victim, bool first)
{
    char comm[4 * OOM_COMM_SIZE + 1], rss[FMT_SIZE], text[256], adj[48] = "", uid[32] = "";
    str_printable(comm, sizeof comm, victim->comm);
    if (value_is_number(victim->uid))
        snprintf(uid, sizeof uid, ", uid %llu", (unsigned long long)victim->uid);
    if (victim->score_adj != INT32_MIN)
        snprintf(adj, sizeof adj, ", oom_score_adj %d", (int)victim->score_adj);
    snprintf(text, sizeof text, tr("%s, pid %llu%s, %s resident%s"), comm, (unsigned long long)victim->pid,
             uid, fmt_bytes(rss, oom_rss(victim)), adj);
    say(page, ROLE_BAD, first ? N_("killed") : N_("with it"), text);
}

static void say_victims(struct page *page, const struct ledger_record *record)
{
    const struct oom *oom = record->event.oom;
    char text[64];
    for (size_t i = 0; i < oom->victim_count && i < OOM_VICTIMS; i++)
        say_victim(page, &oom->victims[i], i == 0);
    if (oom->victim_count > OOM_VICTIMS) {
        size_t left = oom->victim_count - OOM_VICTIMS;
        snprintf(text, sizeof text, trn("%zu more", "%zu more", left), left);
        say(page, ROLE_BAD, "", text);
    }
    snprintf(text, sizeof text, tr("%llu, %llu in all%s"), (unsigned long long)record->event.value,
             (unsigned long long)record->event.total,
             oom->group ? tr("; memory.oom.group counts the first twice") : "");
    say(page, ROLE_FG, N_("counted"), text);
}

static void say_evidence(struct page *page, const struct ledger_record *record)
{
    static const char *const at_limit[] = {N_("used"), N_("of"), N_("swap")},
                             *const parts[] = {"anon", "file", "kernel", "shmem"},
                             *const then[] = {"memory.current", "memory.max", "memory.swap.current"};
    const struct oom *oom = record->event.oom;
    char text[400], age[64] = "";
    say_victims(page, record);
    say_bytes(page, N_("at the limit"), 3, at_limit,
              (const uint64_t[]){oom->usage_bytes, oom->limit_bytes, oom->swap_bytes});
    say_bytes(
        page, oom->filling_of_victim ? N_("its memory") : N_("filled with"), 4, parts,
        (const uint64_t[]){oom->filling.anon, oom->filling.file, oom->filling.kernel, oom->filling.shmem});
    if (oom->before_ns && oom->before_ns <= record->event.mono_ns)
        snprintf(age, sizeof age, tr("%.1f s before"),
                 (double)(record->event.mono_ns - oom->before_ns) / 1e9);
    say_bytes(page, age[0] ? age : N_("before"), 3, then,
              (const uint64_t[]){oom->before_current, oom->before_max, oom->before_swap});
    if (oom->verdict[0])
        say(page, ROLE_FG, N_("just before"), oom->verdict);
    if (oom->invoker[0]) {
        str_printable(text, sizeof text, oom->invoker);
        say(page, ROLE_FG, N_("asked for it"), text);
    }
    if (oom->victim_cgroup[0]) {
        str_printable(text, sizeof text, oom->victim_cgroup);
        say(page, ROLE_FG, N_("in"), text);
    }
    if (oom_source_why(oom->source))
        say(page, ROLE_WARN, N_("not whole"), tr(oom_source_why(oom->source)));
}

static int lay_out(const struct ledger_record *record, const struct canvas *canvas)
{
    struct page page = {canvas, 0};
    char text[4 * sizeof record->event.cgroup];
    clock_text(text, sizeof text, record->event.wall_ns, "%Y-%m-%d %H:%M:%S");
    say(&page, ROLE_FG, N_("when"), text);
    str_printable(text, sizeof text, record->event.cgroup);
    say(&page, ROLE_FG, N_("group"), text);
    event_kill_text(&record->event, language_words, text, sizeof text);
    say(&page, ROLE_FG, N_("what"), text);
    if (record->event.oom)
        say_evidence(&page, record);
    return page.y;
}

/* ---- the overlay ---- */

static void ledger_size(struct app *app, int *rows, int *cols)
{
    const struct ledger_record *record = ledger_at(ledger_of(app), selected_index(app));
    size_t count = ledger_count(ledger_of(app));
    *cols = COLS;
    *rows = 2 + (app->overlay.whole && record ? lay_out(record, NULL) : count ? (int)count : 1);
}

static void ledger_draw(struct app *app, const struct canvas *frame, const struct canvas *inside, int *y,
                        int *x)
{
    const struct ledger *ledger = ledger_of(app);
    const struct ledger_record *record = ledger_at(ledger, selected_index(app));
    char text[120];
    (void)y, (void)x;
    if (app->overlay.whole && record)
        lay_out(record, inside);
    else
        draw_list(app, inside);
    if (!ledger->dropped)
        return;
    snprintf(text, sizeof text,
             trn(" %llu older one is forgotten, %llu of them unseen ",
                 " %llu older ones are forgotten, %llu of them unseen ", ledger->dropped),
             (unsigned long long)ledger->dropped, (unsigned long long)ledger->dropped_unseen);
    canvas_text(frame, frame->area.h - 1, 2, frame->area.w - 4, STYLE(ROLE_WARN), text);
}

static void acknowledge(struct app *app)
{
    size_t index = selected_index(app);
    model_acknowledge_kill(&app->model, index);
    if (!app->overlay.whole)
        select_index(app, (long)index + 1);
}

static void ledger_key(struct app *app, int key)
{
    struct overlay *overlay = &app->overlay;
    long index = (long)selected_index(app), page = overlay->whole ? 1 : 10;
    int action = keymap_action(&app->keymap, key);
    if (key == 'a') {
        acknowledge(app);
    } else if (key == 'A') {
        model_acknowledge(&app->model);
    } else if (key == K_ENTER) {
        overlay->whole = !overlay->whole && ledger_count(ledger_of(app));
    } else if (action == ACTION_DOWN || action == ACTION_UP) {
        select_index(app, index + (action == ACTION_DOWN ? 1 : -1));
    } else if (action == ACTION_PAGE_DOWN || action == ACTION_PAGE_UP) {
        select_index(app, index + (action == ACTION_PAGE_DOWN ? page : -page));
    } else if (action == ACTION_FIRST || action == ACTION_LAST) {
        select_index(app, action == ACTION_FIRST ? 0 : (long)ledger_count(ledger_of(app)));
    } else if (overlay->whole) {
        overlay->whole = false;
    } else {
        overlay_close(app);
    }
}

static void ledger_mouse(struct app *app, int y, int x, int wheel)
{
    struct overlay *overlay = &app->overlay;
    (void)x;
    if (wheel) {
        select_index(app, (long)selected_index(app) + wheel);
    } else if (overlay->whole) {
        overlay->whole = false;
    } else if (y >= 1 && overlay->scroll + y <= (int)ledger_count(ledger_of(app))) {
        select_index(app, overlay->scroll + y - 1);
        overlay->whole = true;
    } else {
        overlay_close(app);
    }
}

void overlay_ledger(struct app *app)
{
    struct overlay *overlay = overlay_open(app, OVERLAY_LEDGER, N_("OOM kills"));
    str_copy(overlay->note, sizeof overlay->note, N_("Enter evidence  a seen  A all seen  Esc"));
    overlay->whole = false;
    select_index(app, 0);
}

const struct overlay_kind overlay_ledger_kind = {ledger_size, ledger_draw, ledger_key, ledger_mouse};
