/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the two forms of a spec, command line and JSON, share. For spec*.c only.
 */
#ifndef BOXTOP_CORE_SPEC_TEXT_H
#define BOXTOP_CORE_SPEC_TEXT_H

#include "core/spec.h"

extern const char *const spec_network_names[]; /* by enum spec_network, then NULL */
extern const char *const spec_userns_names[];
int spec_word_index(const char *const *words, const char *word); /* -1: none of them */

bool spec_hostname_is_valid(const char *hostname);
void spec_add_bind(struct spec *spec, const char *source, const char *target, bool read_only);
/* Both refuse with a line. `options` may be NULL. */
int spec_add_tmpfs(struct spec *spec, const char *target, const char *options, struct err *err);
/* docker's --mount: "type=bind,source=/srv,target=/www,readonly". */
int spec_add_mount(struct spec *spec, const char *text, struct err *err);
int spec_set_user(struct spec *spec, const char *user, struct err *err);
int spec_add_port(struct spec *spec, const char *text, struct err *err);
bool spec_stop_is_valid(long signal, uint64_t timeout_ms);
bool spec_target_is_valid(const char *path); /* absolute, below /, without .. */

#endif
