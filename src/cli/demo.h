/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The talk's proof in one command: boxtop is run as its user would run it, and what it promises is measured
 * from outside, in the kernel's own files. demo_steps.c has the steps, demo.c what they say and run.
 */
#ifndef BOXTOP_CLI_DEMO_H
#define BOXTOP_CLI_DEMO_H

#include <limits.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cgroupfs.h"
#include "base/err.h"
#include "cli/child.h"

struct demo {
    bool json, color, utf8;
    char name[32], program[PATH_MAX], probe[PATH_MAX],
        host[65]; /* the container's name; boxtop; the host's name */
    struct cgroupfs fs;
    unsigned proofs, failed, missing; /* missing: bits of controllers */
    size_t mounts;                    /* of the host, before */
    /* the container, once it runs */
    bool made;
    int cgroup, first, keeper; /* directory and pidfds; -1: none */
    pid_t pid;
    char cgroup_path[PATH_MAX], link[IF_NAMESIZE], gateway[48];
};

/* The signal that said stop, or 0. Steps end early; the last one cleans up all the same. */
extern volatile sig_atomic_t demo_interrupted;

struct demo_step {
    const char *title;
    unsigned needs;                       /* bits of controllers */
    enum { STEP_ALWAYS, STEP_MADE } when; /* STEP_MADE: needs the container, and no interruption */
    void (*run)(struct demo *d);
};
extern const struct demo_step demo_steps[]; /* ends with a title of NULL */
size_t demo_count_mounts(void);

/* A line for people; nothing with --json. */
void demo_say(const struct demo *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One line of proof; `format` says what was measured. */
void demo_prove(struct demo *d, const char *step, bool ok, const char *expected, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Starts `boxtop WORDS...` (up to NULL) and says the line, which can be copied. If that fails it is proven
 * false. */
bool demo_start(struct demo *d, struct child *child, const char *const *words);
/* To its end, saying what it says if `loud`; `stop` as in child_finish(). Returns its exit status, 125 if it
 * could not be run; *ret_text (may be NULL) is the caller's. */
int demo_run(struct demo *d, const char *const *words, bool loud, const volatile sig_atomic_t *stop,
             char **ret_text);
void demo_line(const char *line, void *demo); /* for child_finish(): says it, indented */

#endif
