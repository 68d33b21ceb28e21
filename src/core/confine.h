/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the container's processes may not do: capabilities down to a set (bounding, permitted, effective;
 * inheritable and ambient empty), no_new_privs, and a seccomp filter: docker's default denials, as BPF that
 * was compiled when boxtop was built, or one that somebody gave. Called in the container's first process just
 * before exec, in this order.
 */
#ifndef BOXTOP_CORE_CONFINE_H
#define BOXTOP_CORE_CONFINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/filter.h"

/* Those of the mask (core/capability.h) stay in the bounding set, none are ambient. -EPERM: one beyond
 * docker's set is not there to stay. */
int confine_bounding(uint64_t capabilities, struct err *err);
/* And of this process's own no more than those; after it has become who it is to be, which takes some. */
int confine_own(uint64_t capabilities, struct err *err);
int confine_no_new_privs(struct err *err);
/* `own`, or if that is none the built-in one, which refuses less to who has more than docker's capabilities.
 */
int confine_seccomp(const struct filter *own, uint64_t capabilities, struct err *err);

/* The built-in one's BPF instructions, for the explanation. */
size_t confine_filter_length(void);

#endif
