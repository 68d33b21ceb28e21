/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the container's processes may not do: capabilities down to docker's set (bounding, permitted,
 * effective; inheritable and ambient empty), no_new_privs, and docker's default seccomp denials as BPF that
 * was compiled when boxtop was built. Called in the container's first process just before exec, in this
 * order.
 */
#ifndef BOXTOP_CORE_CONFINE_H
#define BOXTOP_CORE_CONFINE_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

int confine_capabilities(struct err *err);
int confine_no_new_privs(struct err *err);
int confine_seccomp(struct err *err);

/* For the explanation: "chown,dac_override,..." and the number of BPF instructions. */
void confine_capability_names(struct str *to);
size_t confine_filter_length(void);

#endif
