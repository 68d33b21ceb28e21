/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Limits: turned, typed, put back.
 */
#include "ui/act.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "ui/app.h"
#include "ui/limits.h"

void act_cpu_down(struct app *app)
{
    turn_step(app, "cpu.max", -1);
}

void act_cpu_up(struct app *app)
{
    turn_step(app, "cpu.max", 1);
}

void act_memory_down(struct app *app)
{
    turn_step(app, "memory.max", -1);
}

void act_memory_up(struct app *app)
{
    turn_step(app, "memory.max", 1);
}

static void complete_knob(struct app *app, struct edit *edit)
{
    size_t count, at = 0, length = strcspn(edit->text, "=");
    const struct knob *knobs = knob_table(&count);
    char text[80];
    (void)app;
    for (size_t i = 0; i < count; i++)
        if (strlen(knobs[i].name) == length && strncmp(knobs[i].name, edit->text, length) == 0)
            at = i + 1;
    for (size_t i = 0; i < count; i++) {
        const char *name = knobs[(at + i) % count].name;
        if (at == 0 && !str_starts(name, edit->text))
            continue;
        snprintf(text, sizeof text, "%s=", name);
        edit_set(edit, text);
        return;
    }
}

/* What it would do at once is said before Enter. */
static void typed(struct app *app, const char *text)
{
    const struct sample *sample = model_sample(&app->model, act_row(app));
    const char *equals = strchr(text, '=');
    char name[64], kernel[KNOB_TEXT_SIZE];
    struct prompt *prompt = &app->status.prompt;
    struct err err;
    prompt->note[0] = '\0';
    snprintf(name, sizeof name, "%.*s", equals ? (int)(equals - text) : 0, text);
    const struct knob *knob = knob_find(name);
    if (sample && knob && knob_parse(knob, equals + 1, kernel, &err) >= 0)
        limit_warning(sample, knob->name, kernel, prompt->note, sizeof prompt->note);
}

void act_set(struct app *app)
{
    char text[80];
    const char *knob = pane_limits_selected(app);
    const char *device = knob && str_starts(knob, "io.max ") ? knob + strlen("io.max ") : "";
    snprintf(text, sizeof text, "%s=%s%s",
             *device ? "io.max"
             : knob  ? knob
                     : "memory.max",
             device, *device ? "=" : "");
    status_ask(&app->status,
               &(struct prompt){.label = N_("set (Tab: another limit):"),
                                .complete = complete_knob,
                                .changed = typed,
                                .done = turn_set},
               text);
}

/* ---- values to choose from ---- */

static void take_value(struct app *app, int index)
{
    char text[160];
    const struct menu_item *item = &app->overlay.menu.items[index];
    snprintf(text, sizeof text, "%s=%.60s", app->values_of, item->label);
    turn_set(app, text);
}

#define AS_IT_IS N_("as it is")

/* One that the knob accepts, with what it would do at once. */
static void add_value(struct app *app, const struct knob *knob, const char *text, const char *note)
{
    struct menu *menu = &app->overlay.menu;
    char kernel[KNOB_TEXT_SIZE], now[KNOB_TEXT_SIZE], warning[64];
    const struct sample *sample = model_sample(&app->model, act_row(app));
    struct err err;
    struct menu_item *item = &menu->items[menu->count];
    if (menu->count == MENU_ITEMS || knob_parse(knob, text, kernel, &err) < 0)
        return;
    *item = (struct menu_item){.value = menu->count};
    str_copy(item->label, sizeof item->label, text);
    limit_warning(sample, knob->name, kernel, warning, sizeof warning);
    bool is_now = limit_text(sample, knob->name, now) == 0 && strcmp(now, kernel) == 0;
    snprintf(item->note, sizeof item->note, "%s", is_now ? AS_IT_IS : warning[0] ? warning : note);
    menu->count++;
}

/* "max" is the largest. */
static int by_value(const void *left, const void *right)
{
    const struct menu_item *a = left, *b = right;
    return a->value < b->value ? -1 : a->value > b->value;
}

static int order_of(const struct knob *knob, const char *label)
{
    char kernel[KNOB_TEXT_SIZE];
    struct err err;
    double value;
    if (knob_parse(knob, label, kernel, &err) < 0 || sscanf(kernel, "%lf", &value) != 1)
        return INT_MAX;
    return (int)fmin(value / (knob->type == KNOB_SIZE ? 4096 : 1), INT_MAX - 1);
}

/* In the order of their values; the one in force is selected. */
static void order_values(struct menu *menu, const struct knob *knob)
{
    int kept = 0;
    for (int i = 0; i < menu->count; i++)
        menu->items[i].value = order_of(knob, menu->items[i].label);
    qsort(menu->items, (size_t)menu->count, sizeof menu->items[0], by_value);
    for (int i = 0; i < menu->count; i++)
        if (!kept || menu->items[i].value != menu->items[kept - 1].value ||
            strcmp(menu->items[i].label, menu->items[kept - 1].label) != 0)
            menu->items[kept++] = menu->items[i];
    menu->count = kept;
    for (int i = 0; i < kept; i++) {
        menu->items[i].value = i;
        if (strcmp(menu->items[i].note, AS_IT_IS) == 0)
            menu->selected = i;
    }
}

/* What a group uses is a better measure than round numbers. */
static void add_measured(struct app *app, const struct knob *knob)
{
    const struct counters *c = model_sample(&app->model, act_row(app))->now;
    bool tasks = strcmp(knob->name, "pids.max") == 0;
    const struct {
        uint64_t value;
        unsigned percent;
        const char *note;
    } measures[] = {{tasks ? c->pids_current : c->memory_current, 110, N_("a tenth more than it uses")},
                    {tasks ? c->pids_current : c->memory_current, 150, N_("half as much again as it uses")},
                    {tasks ? VALUE_ABSENT : c->memory_peak, 110, N_("a tenth more than it ever used")}};
    for (size_t i = 0; i < COUNT_OF(measures); i++) {
        char text[FMT_SIZE];
        if (!value_is_number(measures[i].value) || !measures[i].value)
            continue;
        uint64_t value = measures[i].value / 100 * measures[i].percent;
        if (tasks)
            snprintf(text, sizeof text, "%llu",
                     (unsigned long long)(measures[i].value * measures[i].percent / 100 + 1));
        else
            fmt_size_exact(text, ((value >> 20) + 1) << 20);
        add_value(app, knob, text, measures[i].note);
    }
}

void act_values(struct app *app)
{
    static const struct {
        enum knob_type type;
        const char *values;
    } round[] = {{KNOB_CPU_MAX, "10% 25% 50% 75% 1 1.5 2 4 8 max"},
                 {KNOB_SIZE, "16M 32M 64M 128M 256M 512M 1G 2G 4G 8G 16G max"},
                 {KNOB_WEIGHT, "1 25 50 100 200 400 1000 10000"},
                 {KNOB_NICE, "-20 -10 0 10 19"},
                 {KNOB_PERCENT, "0 10% 25% 50% 75% 100% max"},
                 {KNOB_NUMBER, "0 1 8 16 32 64 100 128 256 512 1024 4096 max"}};
    const char *name = pane_limits_selected(app);
    const struct knob *knob = limit_knob(name ? name : "memory.max");
    char title[80], now[KNOB_TEXT_SIZE], plain[KNOB_TEXT_SIZE];
    str_copy(app->values_of, sizeof app->values_of, knob->name);
    app->overlay.menu = (struct menu){.chosen = take_value};
    if ((knob->type == KNOB_SIZE && str_starts(knob->name, "memory.")) || strcmp(knob->name, "pids.max") == 0)
        add_measured(app, knob);
    const char *list = knob->type == KNOB_WORD ? knob->words : "";
    for (size_t i = 0; i < COUNT_OF(round); i++)
        if (round[i].type == knob->type)
            list = round[i].values;
    cleanup_free char *words = mem_dup(list);
    for (char *save = NULL, *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save))
        add_value(app, knob, word, "");
    if (limit_text(model_sample(&app->model, act_row(app)), knob->name, now) == 0) {
        knob_format(knob, now, plain);
        add_value(app, knob, plain, "");
    }
    order_values(&app->overlay.menu, knob);
    snprintf(title, sizeof title, "%s", knob->name);
    if (app->overlay.menu.count)
        overlay_menu(app, title);
    else
        app_notice(app, NOTICE_INFO, "%s: type it (=)", knob->name);
}

void act_changes(struct app *app)
{
    overlay_changes(app);
}

void act_undo(struct app *app)
{
    turn_undo(app);
}
