/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What this host has of what boxtop's features need, what is lost without it, and the command that brings it.
 * One table of checks; they only look: at files below a root, so that tests can show them any host.
 */
#ifndef BOXTOP_CORE_DOCTOR_H
#define BOXTOP_CORE_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DOCTOR_MAX 64 /* checks there may be */

/* UNKNOWN: it can't be seen from here. */
enum finding_state { FINDING_PRESENT, FINDING_ABSENT, FINDING_UNKNOWN };

struct finding {
    const char *name;    /* "memory controller" */
    const char *feature; /* what is lost without it */
    bool vital;          /* without it no container can be run */
    enum finding_state state;
    char found[160]; /* what there is, or why not; may come from the host's files */
    char fix[320];   /* a command, or what to do; "": nothing to do, or present */
};

struct patient {
    const char *root;    /* "" or a directory that looks like a host's / */
    const char *release; /* the kernel's, "6.1.0-10-amd64" */
    uid_t uid;
    bool probe; /* also try what files can't tell (a user namespace); only for the real host */
};

/* The host and the caller as they are. */
void patient_self(struct patient *ret, char release[65]);
/* Fills ret, in the order in which they are shown; returns how many. */
size_t doctor_look(const struct patient *patient, struct finding ret[DOCTOR_MAX]);
/* Whether a container can be run at all: nothing vital is absent. */
bool doctor_is_well(const struct finding *findings, size_t count);
const char *finding_state_name(enum finding_state state); /* "present", "absent", "unknown" */

#endif
