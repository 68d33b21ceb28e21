/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps inside that make and change mounts, by their kinds. For stage*.c only.
 */
#ifndef BOXTOP_CORE_STAGE_STEPS_H
#define BOXTOP_CORE_STAGE_STEPS_H

#include "core/stage.h"

int stage_private(struct stage *st, const struct step *s, struct err *err);
int stage_root_overlay(struct stage *st, const struct step *s, struct err *err);
int stage_root_bind(struct stage *st, const struct step *s, struct err *err);
int stage_mount(struct stage *st, const struct step *s, struct err *err);
int stage_etc(struct stage *st, const struct step *s, struct err *err);
int stage_hosts(struct stage *st, const struct step *s, struct err *err);
int stage_tmpfs(struct stage *st, const struct step *s, struct err *err);
int stage_node(struct stage *st, const struct step *s, struct err *err);
int stage_symlink(struct stage *st, const struct step *s, struct err *err);
int stage_bind(struct stage *st, const struct step *s, struct err *err);
int stage_terminal(struct stage *st, const struct step *s, struct err *err);
int stage_mask(struct stage *st, const struct step *s, struct err *err);
int stage_read_only(struct stage *st, const struct step *s, struct err *err);

#endif
