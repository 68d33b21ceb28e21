/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A bundle's hooks: programs that are run at points of a container's life with its state on their standard
 * input. A hook that fails, or takes longer than it may, is an error.
 */
#ifndef BOXTOP_CORE_HOOKS_H
#define BOXTOP_CORE_HOOKS_H

#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "core/bundle.h"

/* All of a kind, in their order, in the namespaces of this process. `id` is the container's name, `pid` what
 * it is here (0: it has ended), `out` what they write to. */
int hooks_run(const struct bundle *bundle, enum hook_kind kind, const char *id, pid_t pid, const int out[2],
              struct err *err);
bool hooks_has(const struct bundle *bundle, enum hook_kind kind);
/* For the explanation: "/bin/a; /bin/b x". */
void hooks_text(const struct bundle *bundle, enum hook_kind kind, struct str *to);

#endif
