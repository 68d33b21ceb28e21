/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The screen's language, by gettext: what has no translation is English, and so is all of it without a
 * catalogue.
 */
#ifndef BOXTOP_UI_LANGUAGE_H
#define BOXTOP_UI_LANGUAGE_H

#include <stdbool.h>

#include "base/words.h"

/* As the environment says (LC_ALL, LC_MESSAGES, LANG, LANGUAGE). Once, before anything is drawn. */
void language_start(void);
/* The text in that language; not to be freed. */
const char *tr(const char *text) __attribute__((format_arg(1)));
/* The form for a count. */
const char *trn(const char *one, const char *many, unsigned long count)
    __attribute__((format_arg(1), format_arg(2)));
/* Both, for what makes a sentence without knowing the language. */
words_fn language_words;
/* The letter that says yes to a question: y, and in that language. */
bool language_yes(int key);

#endif
