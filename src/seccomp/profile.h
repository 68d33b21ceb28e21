/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Seccomp profiles as docker and OCI have them, in JSON, compiled by libseccomp. docker's conditions
 * (includes, excludes: capabilities, architectures, the kernel's version) and its archMap are read, and so
 * are OCI's architectures and flags. What is not supported is refused by name. Calls that are younger than
 * this libseccomp answer ENOSYS where the profile would refuse them: programs know what to do without a call
 * that does not exist.
 */
#ifndef BOXTOP_SECCOMP_PROFILE_H
#define BOXTOP_SECCOMP_PROFILE_H

#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "core/filter.h"

/* For this machine, and a container that keeps these capabilities (core/capability.h). */
int profile_compile(const json_t *profile, uint64_t capabilities, struct filter *ret, struct err *err);

#endif
