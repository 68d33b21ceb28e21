/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/options.h"

#include <stdbool.h>
#include <string.h>

#include "base/nearest.h"
#include "base/str.h"

struct reader {
    const struct option_row *table;
    void *target;
    int argc, at; /* argv[at] is looked at next */
    char *const *argv;
    struct err *err;
};

static const struct option_row *find_letter(const struct option_row *table, char letter)
{
    for (; table->name; table++)
        if (table->letter == letter)
            return table;
    return NULL;
}

static const struct option_row *find_name(const struct option_row *table, const char *word, size_t len)
{
    for (; table->name; table++)
        if (strlen(table->name) == len && strncmp(table->name, word, len) == 0)
            return table;
    return NULL;
}

static int unknown(struct reader *r, const char *word, size_t len)
{
    char name[64];
    str_copy(name, len < sizeof name ? len + 1 : sizeof name, word);
    struct nearest near = nearest_init(name);
    for (const struct option_row *row = r->table; row->name; row++)
        nearest_try(&near, row->name);
    err_set(r->err, EINVAL, "unknown option '%s'", name);
    return near.best ? err_hint(r->err, "did you mean %s?", near.best)
                     : err_hint(r->err, "--help lists the options");
}

static int apply(struct reader *r, const struct option_row *row, const char *value)
{
    char *field = (char *)r->target + row->offset;
    if (row->apply)
        return row->apply(r->target, row, value, r->err);
    if (row->arg)
        *(const char **)field = value;
    else
        *(bool *)field = true;
    return 0;
}

/* `value` is what stood in the same word, or NULL: then it is the next word. */
static int apply_with_value(struct reader *r, const struct option_row *row, const char *value)
{
    if (!value && r->at < r->argc)
        value = r->argv[r->at++];
    if (!value) {
        err_set(r->err, EINVAL, "%s needs %s after it", row->name, row->arg);
        return err_hint(r->err, "%s", row->help);
    }
    return apply(r, row, value);
}

static int take_long(struct reader *r, const char *word)
{
    size_t len = strcspn(word, "=");
    const struct option_row *row = find_name(r->table, word, len);
    if (!row && strcmp(word, "--help") == 0)
        return OPTIONS_HELP;
    if (!row)
        return unknown(r, word, len);
    if (row->arg)
        return apply_with_value(r, row, word[len] ? word + len + 1 : NULL);
    if (word[len])
        return err_set(r->err, EINVAL, "%s takes no value, but has '%s'", row->name, word + len + 1);
    return apply(r, row, NULL);
}

static int take_cluster(struct reader *r, const char *word)
{
    for (const char *c = word + 1; *c; c++) {
        const struct option_row *row = find_letter(r->table, *c);
        if (!row && *c == 'h')
            return OPTIONS_HELP;
        if (!row)
            return unknown(r, word[2] ? (char[]){'-', *c, '\0'} : word, 2);
        if (row->arg) { /* the rest of the word is its value: "-m100M", "-m=100M" */
            const char *rest = c[1] == '=' ? c + 2 : c + 1;
            return apply_with_value(r, row, c[1] ? rest : NULL);
        }
        int rc = apply(r, row, NULL);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* A lone "-" is a word like any other (standard input, by custom). */
static bool is_option(const char *word)
{
    return word[0] == '-' && word[1];
}

static int take_option(struct reader *r)
{
    const char *word = r->argv[r->at++];
    return word[1] == '-' ? take_long(r, word) : take_cluster(r, word);
}

int options_parse(const struct option_row *table, void *target, int argc, char *const *argv, struct err *err)
{
    struct reader r = {.table = table, .target = target, .argc = argc, .argv = argv, .err = err};
    while (r.at < argc && is_option(argv[r.at])) {
        if (strcmp(argv[r.at], "--") == 0)
            return r.at + 1;
        int rc = take_option(&r);
        if (rc < 0)
            return rc;
    }
    return r.at;
}

int options_parse_mixed(const struct option_row *table, void *target, int argc, char **argv, struct err *err)
{
    struct reader r = {.table = table, .target = target, .argc = argc, .argv = argv, .err = err};
    int count = 0;
    bool ended = false;
    while (r.at < argc) {
        char *word = argv[r.at];
        if (!ended && strcmp(word, "--") == 0) {
            ended = true;
            r.at++;
        } else if (!ended && is_option(word)) {
            int rc = take_option(&r);
            if (rc < 0)
                return rc;
        } else {
            argv[count++] = word;
            r.at++;
        }
    }
    return count;
}
