/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Turning limits. A key only says what is wanted: one `boxtop set` runs for a limit at a time, and when it
 * has ended the last value wanted is set, if that is another by then. What is on the screen is the value read
 * back. Knows no curses.
 */
#ifndef BOXTOP_UI_TURN_H
#define BOXTOP_UI_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/knob.h"

#define TURNS 8

struct app;

struct turn {
    const struct knob *knob; /* NULL: free */
    char cgroup[256];
    char wanted[KNOB_TEXT_SIZE], sent[KNOB_TEXT_SIZE], before[KNOB_TEXT_SIZE]; /* the kernel's texts */
    bool running, undo, asked, sure; /* sure: what it does at once has been asked */
    uint64_t ended_ns;               /* the snapshot is not newer than the write before this */
};

/* The selected group's limit, some steps up or down. */
void turn_step(struct app *app, const char *knob, int steps);
/* "memory.max=120M" for the selected group. */
void turn_set(struct app *app, const char *assignment);
void turn_undo(struct app *app);
/* That change of the model's is put back. */
void turn_back(struct app *app, size_t index);
/* Called when the `boxtop set` of this turn has ended: what it wrote; `error` is NULL if it did its work.
 * Where it did not dare without being asked, the user is. */
void turn_ended(struct app *app, struct turn *turn, const char *output, const char *error);
/* Undoes all that was turned from here (`others`: in groups that are not boxtop's containers), the last
 * first; as many at a time as there is room for: the rest by turn_restore_more(). */
void turn_restore(struct app *app, bool others);
void turn_restore_more(struct app *app);
/* True as long as a limit is being set, or is still to be put back. */
bool turn_busy(const struct app *app);
/* A snapshot has come: turns that it shows are done with. */
void turn_settle(struct app *app);
/* The value that is on its way for this group, or NULL. */
const char *turn_pending(const struct app *app, const char *cgroup, const char *knob);

#endif
