/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The screen. The only part of boxtop that knows curses.
 */
#ifndef BOXTOP_UI_UI_H
#define BOXTOP_UI_UI_H

#include "monitor/past.h"

/* `recordings`: what --replay FILE is opened by; NULL: not in this program. Runs the screen until the user
 * quits or the terminal goes away. argv[0] is "boxtop", then options and an optional cgroup to start at.
 * Returns the exit status; an error has been printed as one line. */
int ui_main(int argc, char **argv, const struct past *recordings);

#endif
