/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program that is started for each event, with the event in its environment: BOXTOP_EVENT, BOXTOP_TIME,
 * BOXTOP_CGROUP, BOXTOP_NAME, BOXTOP_TEXT (a kill in words), BOXTOP_SUPPRESSED, and a variable for each field
 * ("oom/victim/pid" is BOXTOP_OOM_VICTIM_PID; what is absent is not set). Texts are escaped as for a
 * terminal. Never through a shell. At most HOOK_RUNNING at a time, HOOK_RATE started in a second: for the
 * rest of the events none is, which is counted. One that takes longer than HOOK_MS is killed when its place
 * is needed. For the thread that takes the events; never blocks.
 */
#ifndef BOXTOP_MONITOR_HOOK_H
#define BOXTOP_MONITOR_HOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/eventfield.h"
#include "monitor/monitor.h"

#define HOOK_RUNNING 4
#define HOOK_RATE    10
#define HOOK_MS      30000

struct hook;

/* `command` is words with blanks between, nothing more: what needs more is a script. What it prints goes to
 * out_fd, -1: nowhere. -ENOENT with a line if there is no such program, -EINVAL if there are no words. */
int hook_new(const char *command, int out_fd, struct hook **ret, struct err *err);
/* Those that run go on. NULL is fine. */
void hook_free(struct hook *hook);
/* Readable when one has ended: call hook_reap(). */
int hook_fd(const struct hook *hook);
void hook_reap(struct hook *hook);
/* `name`: what the group is called; `more`: fields besides the event's own. The monitor's raised limits are
 * not the program's (monitor_restore_limits); NULL: there is none. */
void hook_event(struct hook *hook, const struct monitor *monitor, const struct event *event, const char *name,
                const struct event_field *more, size_t more_count);
/* Events for which none was started. */
uint64_t hook_suppressed(const struct hook *hook);

#endif
