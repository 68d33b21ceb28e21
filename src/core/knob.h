/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of limits: every fact about a knob once. It serves run's options, `set`, the form, the screen,
 * JSON, help and man page. A knob's name is its cgroup v2 file. Values are parsed and range-checked here and
 * written as plain decimal integers in one write(2), then read back: the kernel accepts "rbps=2M" as 2
 * bytes/s and wraps "16E" to 0, so it is never given a text that a person wrote.
 */
#ifndef BOXTOP_CORE_KNOB_H
#define BOXTOP_CORE_KNOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cgroupfs.h"
#include "base/err.h"

/* What `boxtop set` says last where something would be killed, nobody is there to ask, and --yes is not
 * given: the screen asks then. */
#define SET_REFUSED "nothing was changed (--yes does it without a question)"

#define KNOB_TEXT_SIZE 256 /* longest value text, NUL included */

enum knob_type {
    KNOB_CPU_MAX, /* "50%", "1.5", "50000 100000", "max" */
    KNOB_SIZE,    /* "100M", bytes, "max"; rounded down to a page by the kernel */
    KNOB_NUMBER,  /* min..max, and "max" where max_word */
    KNOB_LIST,    /* "0-1,3": cpuset */
    KNOB_DEVICE,  /* "8:0 rbps=1M wiops=100": one device's, the keys are the knob's words */
    KNOB_WEIGHT,  /* "200", and of one device "8:0 200" */
    KNOB_NICE,    /* -20..19 */
    KNOB_PERCENT, /* "50%", "12.5", "max" where max_word: percent with two decimals */
    KNOB_WORD,    /* one of `words` */
};

struct knob {
    const char *name;   /* the file: "memory.max" */
    const char *family; /* "hugetlb.SIZE.max": what rows that differ in a size are called together; or NULL */
    int controller;     /* enum controller; -1: in every cgroup (cgroup.freeze) */
    enum knob_type type;
    bool max_word;        /* "max" is a value */
    bool running;         /* only for what runs: not for `run` */
    uint64_t min, max;    /* KNOB_NUMBER, KNOB_SIZE */
    uint64_t turn_min;    /* knob_step() goes no lower: below it nothing can run */
    const char *words;    /* KNOB_WORD, KNOB_DEVICE: separated by blanks */
    const char *shown;    /* the file that shows what a write did, where its own can't be read */
    const char *unit;     /* "bytes", "", "us", "percent" */
    const char *fallback; /* what a new cgroup has */
    const char *since;    /* the kernel it came with: "5.14" */
    const char *option;   /* run's own option: "--memory"; NULL: only --set */
    const char *help;     /* one sentence */
};

const struct knob *knob_table(size_t *ret_count);
/* By its file, or by run's option without the dashes ("cpus"). NULL: no such knob. */
const struct knob *knob_find(const char *name);
/* Its name in a list of all of them: the first of a family has the family's, the others have none (NULL). */
const char *knob_title(const struct knob *knob);
/* -EINVAL with a line that names the nearest knob. */
int knob_unknown(const char *name, struct err *err);
/* What a person wrote -> what is written to the kernel. `to` has KNOB_TEXT_SIZE bytes. Pure. */
int knob_parse(const struct knob *knob, const char *text, char *to, struct err *err);
/* The kernel's text -> for people: "50000 100000" -> "50%", "104857600" -> "100M". `to` has KNOB_TEXT_SIZE
 * bytes. */
void knob_format(const struct knob *knob, const char *kernel_text, char *to);
/* Of a text with a line for each device, the one that is about the device of `written`; "max" if there is
 * none. Of other knobs the whole text. `to` has KNOB_TEXT_SIZE bytes. */
void knob_pick(const struct knob *knob, const char *written, const char *kernel_text, char *to);
/* The next value up (steps > 0) or down from the kernel's text `now`, in the steps a person would take:
 * cpu.max by 5/10/25/50 %, memory by about an eighth, pids by about a quarter; "max" is above the host's own
 * size
 * (`ceiling`: bytes of memory, CPUs x 100; 0: unknown); of io.max one key of one device ("8:0 rbps=max").
 * Result as knob_parse() gives it. Pure. */
void knob_step(const struct knob *knob, const char *now, int steps, uint64_t ceiling, char *to);

/* Reads a knob's file. 0, or -errno (-ENOENT: absent). `to` has KNOB_TEXT_SIZE bytes, first line(s), no
 * newline at the end. */
int knob_read(int cgroup_fd, const struct knob *knob, char *to);
/* Writes a kernel text and reads back. `before` and `after` have KNOB_TEXT_SIZE bytes and may be NULL. May
 * block for seconds (memory.max below usage reclaims in the writer): never call it from the screen's thread.
 */
int knob_write(int cgroup_fd, const struct knob *knob, const char *kernel_text, char *before, char *after,
               struct err *err);

#endif
