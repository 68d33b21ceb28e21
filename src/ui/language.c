/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/language.h"

#include <libintl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "boxtop"

/* What the environment asks for; NULL: nothing. */
static const char *wanted(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return NULL;
}

/* There is a catalogue for the process' locale: without one nothing is looked for. */
static bool translated;

void language_start(void)
{
    const char *name = wanted();
    /* Of the other categories, which nobody asks for, each would take a page. */
    bool there = setlocale(LC_CTYPE, "") && setlocale(LC_MESSAGES, "");
    if (!there && name && (strcasestr(name, "utf-8") || strcasestr(name, "utf8"))) {
        /* The language's locale isn't installed: its words need no more than UTF-8. */
        setlocale(LC_CTYPE, "C.UTF-8");
        setlocale(LC_MESSAGES, "C.UTF-8");
        setenv("LANGUAGE", name, 0);
    }
    bindtextdomain(DOMAIN, access(BOXTOP_LOCALE, F_OK) == 0 ? BOXTOP_LOCALE : BOXTOP_LOCALEDIR);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
    translated = gettext("")[0]; /* a catalogue's own description */
}

const char *tr(const char *text)
{
    return *text && translated ? gettext(text) : text;
}

const char *trn(const char *one, const char *many, unsigned long count)
{
    return translated ? ngettext(one, many, count) : count == 1 ? one : many;
}

const char *language_words(const char *one, const char *many, unsigned long count)
{
    return many ? trn(one, many, count) : tr(one);
}

bool language_yes(int key)
{
    int letter = key >= 'A' && key <= 'Z' ? key - 'A' + 'a' : key;
    return letter == 'y' || letter == tr("y")[0];
}
