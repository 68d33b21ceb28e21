/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The screen's language, by gettext: what has no translation is English, and so is all of it without a
 * catalogue.
 */
#ifndef BOXTOP_UI_LANGUAGE_H
#define BOXTOP_UI_LANGUAGE_H

/* As the environment says (LC_ALL, LC_MESSAGES, LANG, LANGUAGE). Once, before anything is drawn. */
void language_start(void);
/* The text in that language; not to be freed. */
const char *tr(const char *text) __attribute__((format_arg(1)));

#endif
