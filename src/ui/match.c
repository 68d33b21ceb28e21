/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/match.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/value.h"
#include "ui/language.h"
#include "ui/model.h"

/* Fields of text; the others are columns. */
enum { FIELD_WORD = COLUMN_COUNT, FIELD_NAME, FIELD_PATH, FIELD_MANAGER, FIELD_STATE };

static const struct {
    const char *name;
    int field;
} text_fields[] = {
    {"name", FIELD_NAME}, {"path", FIELD_PATH}, {"manager", FIELD_MANAGER}, {"state", FIELD_STATE}};

/* The longer ones first, or their beginnings would be taken for them. */
static const char *const operators[MATCH_OPERATORS] = {
    [MATCH_MORE_EQUAL] = ">=", [MATCH_LESS_EQUAL] = "<=", [MATCH_NOT_EQUAL] = "!=", [MATCH_NOT_LIKE] = "!~",
    [MATCH_MORE] = ">",        [MATCH_LESS] = "<",        [MATCH_EQUAL] = "=",      [MATCH_LIKE] = "~"};

struct parser {
    const char *text, *at;
    struct err *err;
};

/* ---- from text ---- */

static int find_field(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(text_fields); i++)
        if (strcasecmp(text_fields[i].name, name) == 0)
            return text_fields[i].field;
    int column = column_find(name);
    return column >= 0 && column_has_value((enum column_id)column) ? column : -1;
}

static int no_field(struct parser *p, const char *name)
{
    struct nearest nearest = nearest_init(name);
    for (int id = 0; id < COLUMN_COUNT; id++)
        if (column_has_value((enum column_id)id))
            nearest_try(&nearest, column_table[id].alias ? column_table[id].alias : column_table[id].key);
    for (size_t i = 0; i < COUNT_OF(text_fields); i++)
        nearest_try(&nearest, text_fields[i].name);
    if (nearest.best)
        return err_set(p->err, EINVAL, tr("no field is called %s: %s?"), name, nearest.best);
    return err_set(p->err, EINVAL, tr("no field is called %s"), name);
}

/* "20", "1.5", "80%", "100M", "max", "-". */
static int read_number(struct parser *p, const char *word, struct match_term *term)
{
    char *end;
    uint64_t bytes;
    if (!*word)
        return err_set(p->err, EINVAL, tr("a number is missing"));
    if (strcmp(word, "-") == 0 || strcasecmp(word, "max") == 0) {
        term->number = *word == '-' ? NAN : INFINITY;
        return 0;
    }
    term->number = strtod(word, &end);
    if (end != word && isfinite(term->number) && strspn(word, "0123456789.+-") >= (size_t)(end - word)) {
        bool percent = strcmp(end, "%") == 0;
        term->share = percent && column_table[term->field].share;
        if (!*end || percent)
            return 0;
    }
    if (parse_size(word, &bytes) < 0)
        return err_set(p->err, EINVAL, tr("%s: not a number (20, 80%%, 100M, max, -)"), word);
    term->number = (double)bytes;
    return 0;
}

/* A word up to a blank or `|`, or between quotes; false: a quote is not closed. */
static bool read_word(struct parser *p, char *to, size_t size)
{
    size_t len;
    if (*p->at == '"') {
        len = strcspn(++p->at, "\"");
        if (!p->at[len])
            return false;
    } else {
        len = strcspn(p->at, " \t|");
    }
    snprintf(to, size, "%.*s", (int)len, p->at);
    p->at += len + (p->at[len] == '"');
    return true;
}

static int read_value(struct parser *p, struct match_term *term)
{
    const char *begin = p->at;
    bool text = term->field >= COLUMN_COUNT;
    if (!text && (term->op == MATCH_LIKE || term->op == MATCH_NOT_LIKE))
        return err_set(p->err, EINVAL, tr("%s is a figure: > >= < <= = !="), column_table[term->field].key);
    if (text && term->op != MATCH_LIKE && term->op != MATCH_NOT_LIKE && term->op != MATCH_EQUAL &&
        term->op != MATCH_NOT_EQUAL)
        return err_set(p->err, EINVAL, tr("this is a text: = != ~ !~"));
    if (!read_word(p, term->text, sizeof term->text))
        return err_set(p->err, EINVAL, tr("the quote is not closed"));
    if (text && !term->text[0])
        return err_set(p->err, EINVAL, tr("a text is missing"));
    int rc = text ? 0 : read_number(p, term->text, term);
    if (rc < 0)
        p->at = begin;
    return rc;
}

/* The operator that ends a field's name of `length` bytes; MATCH_OPERATORS: there is none in this word. */
static enum match_operator find_operator(const char *at, size_t *ret_length)
{
    size_t word = strcspn(at, " \t|\"");
    *ret_length = strcspn(at, "<>=~!");
    for (int op = 0; *ret_length < word && op < MATCH_OPERATORS; op++)
        if (str_starts(at + *ret_length, operators[op]))
            return (enum match_operator)op;
    return MATCH_OPERATORS;
}

static int read_term(struct parser *p, struct match_term *term)
{
    char name[40];
    size_t length;
    if (*p->at == '!') {
        term->negated = true;
        p->at++;
    }
    term->op = find_operator(p->at, &length);
    if (term->op == MATCH_OPERATORS) {
        term->field = FIELD_WORD;
        term->op = MATCH_LIKE;
        return read_value(p, term);
    }
    snprintf(name, sizeof name, "%.*s", (int)length, p->at);
    if (!length)
        return err_set(p->err, EINVAL, tr("a field is missing"));
    if ((term->field = find_field(name)) < 0)
        return no_field(p, name);
    p->at += length + strlen(operators[term->op]);
    return read_value(p, term);
}

int match_parse(struct match *ret, const char *text, struct err *err, size_t *ret_at)
{
    struct parser p = {text, text, err};
    struct match filter = {0};
    bool instead = false;
    int rc = 0;
    for (;; instead = false) {
        for (; *p.at == ' ' || *p.at == '\t' || *p.at == '|'; p.at++)
            instead = instead || *p.at == '|';
        if (!*p.at)
            break;
        if (filter.count == MATCH_TERMS)
            rc = err_set(err, EINVAL, tr("more than %d words"), MATCH_TERMS);
        struct match_term *term = &filter.terms[rc < 0 ? 0 : filter.count++];
        if (rc < 0 || (rc = read_term(&p, term)) < 0)
            break;
        term->instead = instead && filter.count > 1;
    }
    *ret_at = (size_t)(p.at - text);
    if (rc == 0)
        *ret = filter;
    return rc;
}

/* ---- against a row ---- */

static const char *field_text(int field, const struct model *model, const struct row *row, char *to)
{
    const struct sample *sample = model_sample(model, row);
    struct column_cell cell;
    switch (field) {
    case FIELD_PATH:
        return sample ? sample->path : "";
    case FIELD_STATE:
        return model_state(model, row);
    case FIELD_MANAGER:
        column_text(COLUMN_MANAGER, model, row, GLYPHS_ASCII, &cell);
        str_copy(to, MODEL_NAME, cell.text);
        return to;
    }
    model_name(model, row, to);
    return to;
}

static bool text_matches(const struct match_term *term, const struct model *model, const struct row *row)
{
    char text[MODEL_NAME];
    const char *has = field_text(term->field, model, row, text);
    bool whole = term->op == MATCH_EQUAL || term->op == MATCH_NOT_EQUAL;
    bool found = whole ? strcasecmp(has, term->text) == 0 : strcasestr(has, term->text) != NULL;
    if (!found && term->field == FIELD_WORD)
        found = strcasestr(field_text(FIELD_PATH, model, row, text), term->text) != NULL;
    return found == (term->op == MATCH_EQUAL || term->op == MATCH_LIKE);
}

static bool number_matches(const struct match_term *term, const struct model *model, const struct row *row)
{
    const struct column *column = &column_table[term->field];
    double has =
        term->share ? column->share(model, row) : column_value((enum column_id)term->field, model, row);
    double wanted = term->number;
    if (isnan(wanted) || isnan(has)) {
        bool same = isnan(wanted) && isnan(has);
        return term->op == MATCH_EQUAL ? same : term->op == MATCH_NOT_EQUAL && !same;
    }
    switch (term->op) {
    case MATCH_MORE:
        return has > wanted;
    case MATCH_MORE_EQUAL:
        return has >= wanted;
    case MATCH_LESS:
        return has < wanted;
    case MATCH_LESS_EQUAL:
        return has <= wanted;
    case MATCH_NOT_EQUAL:
        return has < wanted || has > wanted;
    default:
        return !(has < wanted) && !(has > wanted);
    }
}

bool match_row(const struct match *filter, const struct model *model, const struct row *row)
{
    bool all = true;
    for (size_t i = 0; i < filter->count; i++) {
        const struct match_term *term = &filter->terms[i];
        if (term->instead && all)
            return true;
        if (term->instead)
            all = true;
        if (!all)
            continue;
        bool is =
            term->field >= COLUMN_COUNT ? text_matches(term, model, row) : number_matches(term, model, row);
        all = is != term->negated;
    }
    return all;
}
