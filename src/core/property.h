/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Limits of groups that are systemd's: it writes them anew whenever it likes, so they are set through it, as
 * a property of the unit that lasts until the next boot. What it has no property for is written to the file.
 */
#ifndef BOXTOP_CORE_PROPERTY_H
#define BOXTOP_CORE_PROPERTY_H

#include <stddef.h>

#include "core/knob.h"

#define PROPERTY_UNIT 256
#define PROPERTY_LINE 400

struct property {
    char unit[PROPERTY_UNIT]; /* "ssh.service" */
    int uid;                  /* of the user whose manager has it; -1: the system's */
    char text[PROPERTY_LINE]; /* "MemoryMax=67108864" */
};

/* The unit that a cgroup's path is, and the property for a knob's kernel text. -ENOENT: the group is no
 * unit's (it is inside of one that was delegated, for example), or there is no such property. Pure. */
int property_of(const char *cgroup, const struct knob *knob, const char *kernel_text, struct property *ret);
/* The line that sets it, as it would be typed. `to` has PROPERTY_LINE * 2 bytes. Pure. */
void property_line(const struct property *property, char *to);
/* Asks systemd to set it. -ENOTSUP: no systemd runs here, or it knows no such unit. */
int property_set(const struct property *property, struct err *err);

#endif
