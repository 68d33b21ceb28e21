/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who a process is and what it may do, said in full as a bundle says it. Called in this order, after each
 * other, in the container's first process and in what exec starts beside it; no_new_privs and the seccomp
 * filter (core/confine.h) come before or behind.
 */
#ifndef BOXTOP_CORE_PRIVILEGE_H
#define BOXTOP_CORE_PRIVILEGE_H

#include <stdbool.h>

#include "base/err.h"
#include "core/bundle.h"
#include "core/spec.h"
#include "core/user.h"

/* As user_become(), with the bundle's more groups; the permitted capabilities stay. */
int privilege_user(const struct bundle *bundle, struct user *user, const int stdio[3], struct err *err);
/* The five sets. `nodes`: false: without mknod, as no device filter holds. */
int privilege_capabilities(const struct spec *spec, bool nodes, struct err *err);
/* What the next exec is confined to by AppArmor or SELinux. In the /proc that is seen. */
int privilege_labels(const struct bundle *bundle, struct err *err);

#endif
