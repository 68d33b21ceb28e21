/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What writing a limit does at once to what runs there, said before it is done (KERNEL 1.3).
 */
#ifndef BOXTOP_CLI_CONSEQUENCE_H
#define BOXTOP_CLI_CONSEQUENCE_H

#include "base/err.h"
#include "core/knob.h"

#define CONSEQUENCE_SIZE 320

enum consequence {
    CONSEQUENCE_NONE,
    CONSEQUENCE_NOTE, /* worth a line */
    CONSEQUENCE_HARM, /* something dies, or nobody here could take it back: worth a question */
};

/* Of writing `text`, as knob_parse() gives it, in the cgroup `path`; said in `to` (CONSEQUENCE_SIZE bytes).
 */
enum consequence consequence_of(int cgroup_fd, const char *path, const struct knob *knob, const char *text,
                                char *to);
/* Reclaims until memory.max could be `text` without a kill. -ENOMEM if what there is can't be reclaimed;
 * other knobs: 0. May take seconds. */
int consequence_make_room(int cgroup_fd, const struct knob *knob, const char *text, struct err *err);

#endif
