/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What to run, and how: said by run's options (one table: parser, help, man page, form) or read from a
 * record's spec.json. Validated once, in spec_validate(). A spec owns its strings.
 */
#ifndef BOXTOP_CORE_SPEC_H
#define BOXTOP_CORE_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "base/options.h"
#include "base/str.h"
#include "core/filter.h"
#include "core/knob.h"
#include "core/restart.h"
#include "core/rlimit.h"

#define SPEC_NAME_SIZE  64
#define SPEC_UNCONFINED "unconfined"

enum spec_network { NETWORK_PRIVATE, NETWORK_NONE, NETWORK_HOST };
enum spec_userns { USERNS_DEFAULT, USERNS_AUTO, USERNS_HOST }; /* DEFAULT: root's; a user's becomes AUTO */

struct spec_limit {
    const struct knob *knob;
    char text[KNOB_TEXT_SIZE]; /* the kernel's */
    bool asked;                /* false: a default, left out where the controller is absent */
};

struct spec_bind {
    char *source, *target;
    bool read_only;
};

struct spec_tmpfs {
    char *target, *options; /* options NULL: none */
};

#define SPEC_STOP_TIMEOUT_MS 10000 /* docker's and podman's */

struct bundle; /* core/bundle.h */

struct spec {
    char name[SPEC_NAME_SIZE]; /* [A-Za-z0-9][A-Za-z0-9_.-]*; given, or made up by spec_validate() */
    char hostname[65];         /* default: the name */
    char *root;                /* "host", an image's name, or a directory, absolute after validation */
    bool root_is_host;
    char **layers;      /* of an image (core/image.h): directories, the topmost first; NULL: it is none */
    size_t image_words; /* so many of the command's first words are the image's */
    int image_hold;     /* keeps the image from being removed as long as it is open; -1: none */
    int steps;          /* who has started it is told each step here (core/stopwatch.h); -1: nobody asks */
    char *entrypoint;   /* instead of the image's; "" for none; NULL: not said */
    char **command;     /* default: /bin/sh -- never empty after validation */
    char **env;         /* "KEY=VALUE"s beyond the defaults (PATH, HOME, TERM, HOSTNAME) */
    char *workdir;      /* default "/" */
    char *user;         /* USER[:GROUP] inside (core/user.h); NULL: root */
    uint64_t cap_add, cap_drop; /* masks (core/capability.h) */
    char *seccomp;              /* SPEC_UNCONFINED, or the profile's file; NULL: the built-in filter */
    struct filter filter;       /* that file's, compiled */
    enum spec_network network;
    enum spec_userns userns;
    bool detach, interactive, tty, remove, read_only;
    bool keep;                 /* what it writes stays for its next start */
    bool init;                 /* a first process of boxtop's own (core/init.h) */
    struct spec_limit *limits; /* one a knob; of io.max one a device */
    size_t limit_count;
    uint64_t swap_total; /* --memory-swap: memory and swap together; VALUE_ABSENT once it is a limit */
    struct spec_bind *binds;
    size_t bind_count;
    struct spec_tmpfs *tmpfs;
    size_t tmpfs_count;
    int stop_signal; /* what `stop` sends, and how long it waits before it kills */
    unsigned stop_timeout_ms;
    struct restart restart;
    char **ports;               /* published, as publish_format() writes them; NULL: none */
    struct rlimit_row *rlimits; /* one a resource */
    size_t rlimit_count;
    char **sysctls; /* "NAME=VALUE" (core/sysctl.h) */
    bool has_oom_score_adj;
    int oom_score_adj;
    struct bundle
        *bundle;   /* it was read from an OCI bundle; what options can't say is there. NULL: it is none */
    char *ignored; /* of its config.json, by path, ", " between; NULL: nothing */
};

/* run's options: the table of parser, help, man page and form (base/options.h). */
extern const struct option_row spec_options[];

void spec_init(struct spec *spec);
void spec_free(struct spec *spec);
/* Reads "[OPTIONS] ROOT [COMMAND [ARG...]]" (argv[0] is the first of these words). *ret_explain: --explain
 * was there; *ret_help: --help, and nothing else was read. -EINVAL: wrong usage. */
int spec_parse(struct spec *spec, int argc, char *const *argv, bool *ret_explain, bool *ret_help,
               struct err *err);
/* Checks all of it, fills the defaults in, resolves the root. Nothing is made. */
int spec_validate(struct spec *spec, struct err *err);
/* Those its processes keep. */
uint64_t spec_capabilities(const struct spec *spec);
bool spec_is_unconfined(const struct spec *spec);
bool spec_has_filter(const struct spec *spec); /* one that was compiled for it: a profile's, a bundle's */
/* Adds or replaces one limit; `value` as knob_parse() reads it. */
int spec_set_limit(struct spec *spec, const char *knob, const char *value, struct err *err);
/* Adds or replaces one. */
void spec_set_rlimit(struct spec *spec, const struct rlimit_row *limit);
int spec_add_sysctl(struct spec *spec, const char *text, struct err *err);
/* CLONE_NEW*: the namespaces that its container gets of its own. */
unsigned long spec_namespaces(const struct spec *spec);
/* Adds an environment variable to a list such as spec.env: "KEY=VALUE", or "KEY" for the caller's own value,
 * if it has one. */
int spec_add_env(char ***list, const char *value, struct err *err);
/* The `boxtop run ...` line that says this spec. */
void spec_command_line(const struct spec *spec, struct str *to);
/* Letters, digits, _ . -, begins with a letter or digit, at most 63. */
bool spec_name_is_valid(const char *name);

/* As spec.json has it; the same as a tree, the caller's to let go. */
void spec_to_text(const struct spec *spec, struct str *to);
json_t *spec_to_json(const struct spec *spec);
int spec_from_json(const json_t *json, struct spec *ret, struct err *err);

#endif
