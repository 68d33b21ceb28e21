/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Texts that the screen says in its reader's language, and machines in English. Below the screen nobody knows
 * a language: a table's text is marked for the catalogues, a function that makes a sentence is given who says
 * its parts.
 */
#ifndef BOXTOP_BASE_WORDS_H
#define BOXTOP_BASE_WORDS_H

/* In the catalogues, and translated where it is shown. */
#define N_(text) text
/* The same for a text that has another form for several. */
#define NN_(one, many) one, many

/* Gives a text in the reader's language; with `many` the form for the count. */
typedef const char *words_fn(const char *one, const char *many, unsigned long count);

/* The text as `words` has it; NULL: in English. */
const char *words_say(words_fn *words, const char *text) __attribute__((format_arg(2)));
const char *words_count(words_fn *words, const char *one, const char *many, unsigned long count)
    __attribute__((format_arg(2), format_arg(3)));

#endif
