/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The config's file, $XDG_CONFIG_HOME/boxtop/boxtop.conf: read at the start and whenever it changes, and
 * written where the user has chosen something on the screen. What is wrong in it is a notice, and never keeps
 * boxtop from running. UI thread; knows no curses.
 */
#ifndef BOXTOP_UI_CONFIG_FILE_H
#define BOXTOP_UI_CONFIG_FILE_H

#include <stddef.h>

#include "ui/config.h"

struct app;

/* Its path; "" if there is no place for it (no HOME). */
void config_path(char *to, size_t size);
/* What stands in it, over the defaults; how many things are wrong, each told. A file that isn't there is
 * empty. */
int config_load(struct config *ret, void (*tell)(void *data, const char *line), void *data);
/* Loads it and does all that it says; what the command line said stays. */
void config_start(struct app *app);
/* The file, or one beside it, has changed. */
void config_notified(struct app *app);
/* The theme that is wanted now: the terminal's ground may have become known. */
void config_theme(struct app *app);
/* Puts a setting into the file; a notice says if it can't. Nothing is written with --readonly. */
void config_keep(struct app *app, const char *key, const char *value);

#endif
