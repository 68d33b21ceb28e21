/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Adding to a plan. For plan*.c only.
 */
#ifndef BOXTOP_CORE_PLAN_ADD_H
#define BOXTOP_CORE_PLAN_ADD_H

#include "core/bundle.h"
#include "core/plan.h"

/* Copies the texts. */
void plan_add(struct plan *plan, enum step_kind kind, const char *what, const char *where, const char *data,
              unsigned long flags);
/* What was asked for by run's options: --tmpfs and -v. */
void plan_add_asked(struct plan *plan, const struct spec *spec);
/* The steps inside that a bundle has, in place of all of those. */
void plan_add_bundle(struct plan *plan, const struct spec *spec, const struct container *container);
/* The keeper's, after the clone. */
void plan_add_bundle_mounts(struct plan *plan, const struct bundle *bundle);
void plan_add_bundle_hooks(struct plan *plan, const struct bundle *bundle);

#endif
