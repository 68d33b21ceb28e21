/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/tour.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cgroupfs.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"
#include "ui/ini.h"
#include "ui/layout.h"

/* ---- each key ---- */

static int take_text(char **to, const char *value, struct err *err)
{
    if (*to)
        return err_set(err, EINVAL, "said twice");
    *to = mem_dup(value);
    return 0;
}

static int apply_title(struct tour_step *step, const char *value, struct err *err)
{
    return take_text(&step->title, value, err);
}

static int apply_words(struct tour_step *step, const char *value, struct err *err)
{
    (void)err;
    mem_list_add(&step->words, mem_dup(value));
    return 0;
}

static int apply_run(struct tour_step *step, const char *value, struct err *err)
{
    (void)err;
    mem_list_add(&step->run, mem_dup(value));
    return 0;
}

/* "NAME KNOB=VALUE..." */
static int apply_turn(struct tour_step *step, const char *value, struct err *err)
{
    const char *blank = strchr(value, ' ');
    if (!blank || !strchr(blank, '='))
        return err_set(err, EINVAL, "a container, then KNOB=VALUE");
    mem_list_add(&step->run, mem_printf("boxtop set %s", value));
    return 0;
}

static int apply_undo(struct tour_step *step, const char *value, struct err *err)
{
    (void)err;
    mem_list_add(&step->undo, mem_dup(value));
    return 0;
}

static int apply_box(struct tour_step *step, const char *value, struct err *err)
{
    return take_text(&step->box, value, err);
}

/* "says TEXT", or "NAME EXPRESSION" as a filter has it. */
static int apply_expect(struct tour_step *step, const char *value, struct err *err)
{
    struct tour_expect expect = {0};
    const char *blank = strchr(value, ' ');
    size_t at;
    if (!blank || !blank[1])
        return err_set(err, EINVAL, "says TEXT, or a container and an expression");
    if (!str_starts(value, "says ")) {
        int rc = match_parse(&expect.match, blank + 1, err, &at);
        if (rc < 0)
            return rc;
        expect.row = mem_printf("%.*s", (int)(blank - value), value);
    }
    expect.text = mem_dup(blank + 1);
    step->expects = mem_resize(step->expects, step->expect_count + 1, sizeof expect);
    step->expects[step->expect_count++] = expect;
    return 0;
}

static const struct {
    const char *name;
    enum pane_id id;
} pane_names[] = {{"cpu", PANE_CPU},
                  {"memory", PANE_MEMORY},
                  {"pressure", PANE_PRESSURE},
                  {"io", PANE_IO},
                  {"limits", PANE_LIMITS},
                  {"about", PANE_ABOUT},
                  {"namespaces", PANE_NAMESPACES},
                  {"processes", PANE_PROCESSES},
                  {"network", PANE_NETWORK},
                  {"events", PANE_EVENTS}};

static int apply_show(struct tour_step *step, const char *value, struct err *err)
{
    cleanup_free char *copy = mem_dup(value);
    for (char *save = NULL, *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        struct nearest nearest = nearest_init(word);
        unsigned bit = 0;
        for (size_t i = 0; i < COUNT_OF(pane_names); i++) {
            nearest_try(&nearest, pane_names[i].name);
            bit |= strcmp(pane_names[i].name, word) == 0 ? 1u << pane_names[i].id : 0;
        }
        if (!bit) {
            err_set(err, EINVAL, "no pane is called %s", word);
            return nearest.best ? err_hint(err, "did you mean %s?", nearest.best) : -EINVAL;
        }
        step->panes |= bit;
    }
    return 0;
}

static int apply_needs(struct tour_step *step, const char *value, struct err *err)
{
    cleanup_free char *copy = mem_dup(value);
    for (char *save = NULL, *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        int found = -1;
        for (int i = 0; i < CONTROLLER_COUNT; i++)
            found = strcmp(controller_names[i], word) == 0 ? i : found;
        if (found < 0)
            return err_set(err, EINVAL, "no controller is called %s", word);
        step->needs |= 1u << found;
    }
    return 0;
}

static const struct {
    const char *name;
    int (*apply)(struct tour_step *step, const char *value, struct err *err);
} keys[] = {{"title", apply_title}, {"words", apply_words},   {"run", apply_run},
            {"turn", apply_turn},   {"expect", apply_expect}, {"undo", apply_undo},
            {"box", apply_box},     {"show", apply_show},     {"needs", apply_needs}};

/* ---- the whole ---- */

static int apply(struct tour_step *step, const char *key, const char *value, struct err *err)
{
    struct nearest nearest = nearest_init(key);
    if (!*value)
        return err_set(err, EINVAL, "nothing is said");
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (strcmp(keys[i].name, key) == 0)
            return keys[i].apply(step, value, err);
        nearest_try(&nearest, keys[i].name);
    }
    err_set(err, EINVAL, "no such key");
    return nearest.best ? err_hint(err, "did you mean %s?", nearest.best) : -EINVAL;
}

static int take_line(struct tour *tour, const struct ini *ini, char *section, size_t size, struct err *err)
{
    if (!ini->section[0]) {
        if (strcmp(ini->key, "title") != 0)
            return err_set(err, EINVAL, "before the first step only a title is said");
        return take_text(&tour->title, ini->value, err);
    }
    if (strcmp(section, ini->section) != 0) {
        str_copy(section, size, ini->section);
        tour->steps = mem_resize(tour->steps, tour->count + 1, sizeof *tour->steps);
        tour->steps[tour->count++] = (struct tour_step){0};
    }
    return apply(&tour->steps[tour->count - 1], ini->key, ini->value, err);
}

/* What no line is to blame for. */
static int check(const struct tour *tour, struct err *err)
{
    if (!tour->title || !tour->count)
        return err_set(err, EINVAL, "%s: a tour has a title and at least one step ([NAME])", tour->name);
    for (size_t i = 0; i < tour->count; i++)
        if (!tour->steps[i].title || !tour->steps[i].words)
            return err_set(err, EINVAL, "%s: step %zu has no title, or no words", tour->name, i + 1);
    return 0;
}

int tour_parse(struct tour *ret, const char *name, const char *text, struct err *err)
{
    struct ini ini = {.at = text};
    char section[sizeof ini.section] = "";
    int rc;
    *ret = (struct tour){.name = mem_dup(name)};
    while ((rc = ini_next(&ini, err)) != 0) {
        const char *key = rc > 0 ? ini.key : "";
        if (rc > 0)
            rc = take_line(ret, &ini, section, sizeof section, err);
        if (rc >= 0)
            continue;
        cleanup_free char *why =
            mem_printf("%s:%d: %s%s%s", name, ini.line, key, *key ? ": " : "", err->text);
        str_copy(err->text, sizeof err->text, why);
        tour_free(ret);
        return rc;
    }
    if ((rc = check(ret, err)) < 0)
        tour_free(ret);
    return rc;
}

void tour_free(struct tour *tour)
{
    for (size_t i = 0; i < tour->count; i++) {
        struct tour_step *step = &tour->steps[i];
        free(step->title);
        free(step->box);
        mem_free_list(step->words);
        mem_free_list(step->run);
        mem_free_list(step->undo);
        for (size_t j = 0; j < step->expect_count; j++) {
            free(step->expects[j].row);
            free(step->expects[j].text);
        }
        free(step->expects);
    }
    free(tour->steps);
    free(tour->name);
    free(tour->title);
    *tour = (struct tour){0};
}
