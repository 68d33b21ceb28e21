/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands that watch: they start the monitor, so they are in boxtop-view. Each returns the exit status:
 * 0 done (also when a signal or the reader of the output ended it), 1 failed, 2 wrong usage; an error has
 * been printed as one line.
 */
#ifndef BOXTOP_CLI_WATCH_H
#define BOXTOP_CLI_WATCH_H

/* boxtop stats [--once] [--json] [-n N] [-d INTERVAL] [--sort FIGURE] [NAME|CGROUP...] */
int watch_stats(int argc, char **argv);
/* boxtop events [--json] [NAME|CGROUP...] */
int watch_events(int argc, char **argv);
/* boxtop set NAME OPTIONS... KNOB=VALUE..., of a name that none of our containers has: finds the group that
 * is called so, says whose it is, and becomes the same command with its path. */
int watch_set(int argc, char **argv);

#endif
