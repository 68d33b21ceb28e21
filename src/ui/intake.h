/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What comes in besides keys: snapshots and events, the records of containers, what /proc says of the
 * selected group. Each is called by the loop, when there is something or when it is due; none of them waits.
 */
#ifndef BOXTOP_UI_INTAKE_H
#define BOXTOP_UI_INTAKE_H

struct app;

/* How long the selection has to rest before /proc is asked about it. */
#define SETTLE_NS 120000000u

void intake_monitor(struct app *app);
/* The directory of records, or one of them, has changed: they are read again in a moment. */
void intake_notifications(struct app *app);
void intake_containers(struct app *app);
/* The selection may have moved. */
void intake_selection(struct app *app);
void intake_about(struct app *app);
/* No sample has come for a while. */
void intake_late(struct app *app);
/* Cleans up after keepers that have died, by a command. */
void intake_sweep(struct app *app);

#endif
