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

/* What only a bundle has (stage_bundle.c). */
int stage_join(struct stage *st, const struct step *s, struct err *err);
int stage_domainname(struct stage *st, const struct step *s, struct err *err);
int stage_general(struct stage *st, const struct step *s, struct err *err);
int stage_directory(struct stage *st, const struct step *s, struct err *err);
int stage_root_read_only(struct stage *st, const struct step *s, struct err *err);
int stage_propagation(struct stage *st, const struct step *s, struct err *err);
int stage_device(struct stage *st, const struct step *s, struct err *err);
int stage_sysctl(struct stage *st, const struct step *s, struct err *err);
int stage_hooks_wait(struct stage *st, const struct step *s, struct err *err);
int stage_hooks_inside(struct stage *st, const struct step *s, struct err *err);
int stage_labels(struct stage *st, const struct step *s, struct err *err);

/* A target below the new root, made if it is not there; a descriptor. */
int stage_target(const struct stage *st, const char *path, bool links, bool directory, struct err *err);
int stage_attach(const struct stage *st, int mount, const char *where, bool links, bool directory,
                 struct err *err);

#endif
