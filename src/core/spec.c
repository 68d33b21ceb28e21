/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/spec.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/value.h"
#include "core/bundle.h"
#include "core/capability.h"
#include "core/image.h"
#include "core/publish.h"
#include "core/spec_text.h"
#include "core/sysctl.h"
#include "core/tmpfs.h"
#include "core/user.h"

#define PIDS_DEFAULT "2048" /* podman's */

void spec_init(struct spec *spec)
{
    *spec = (struct spec){.image_hold = -1,
                          .steps = -1,
                          .swap_total = VALUE_ABSENT,
                          .stop_signal = SIGTERM,
                          .stop_timeout_ms = SPEC_STOP_TIMEOUT_MS};
}

void spec_free(struct spec *spec)
{
    if (!spec)
        return;
    for (size_t i = 0; i < spec->bind_count; i++) {
        free(spec->binds[i].source);
        free(spec->binds[i].target);
    }
    for (size_t i = 0; i < spec->tmpfs_count; i++) {
        free(spec->tmpfs[i].target);
        free(spec->tmpfs[i].options);
    }
    free(spec->binds);
    free(spec->tmpfs);
    free(spec->user);
    free(spec->entrypoint);
    free(spec->seccomp);
    filter_free(&spec->filter);
    free(spec->limits);
    free(spec->root);
    free(spec->workdir);
    mem_free_list(spec->command);
    mem_free_list(spec->env);
    mem_free_list(spec->layers);
    mem_free_list(spec->ports);
    mem_free_list(spec->sysctls);
    free(spec->rlimits);
    bundle_free(spec->bundle);
    free(spec->ignored);
    fd_close(&spec->image_hold);
    fd_close(&spec->steps);
    spec_init(spec);
}

uint64_t spec_capabilities(const struct spec *spec)
{
    if (spec->bundle)
        return (spec->bundle->capabilities[CAPS_BOUNDING] & ~spec->cap_drop) | spec->cap_add;
    return capability_choose(spec->cap_add, spec->cap_drop);
}

bool spec_is_unconfined(const struct spec *spec)
{
    return spec->seccomp && strcmp(spec->seccomp, SPEC_UNCONFINED) == 0;
}

bool spec_has_filter(const struct spec *spec)
{
    return spec->seccomp ? !spec_is_unconfined(spec) : spec->bundle && spec->bundle->seccomp;
}

/* Letters, digits, _ . - and no other first letter than a letter or digit. */
static bool is_label(const char *text, size_t max)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    size_t len = strspn(text, letters);
    return isalnum((unsigned char)text[0]) && isascii(text[0]) && !text[len] && len <= max;
}

bool spec_name_is_valid(const char *name)
{
    return is_label(name, SPEC_NAME_SIZE - 1);
}

bool spec_hostname_is_valid(const char *hostname)
{
    return is_label(hostname, sizeof((struct spec *)0)->hostname - 1);
}

/* Two limits of one knob are one, but for those that have one for each device. */
static bool is_same_limit(const struct spec_limit *limit, const struct knob *knob, const char *text)
{
    const char *device = strchr(text, ' '), *other = strchr(limit->text, ' ');
    if (limit->knob != knob)
        return false;
    if (knob->type != KNOB_DEVICE && knob->type != KNOB_WEIGHT)
        return true;
    return !device || !other ? device == other
                             : device - text == other - limit->text &&
                                   strncmp(limit->text, text, (size_t)(device - text)) == 0;
}

static struct spec_limit *add_limit(struct spec *spec, const struct knob *knob, const char *text)
{
    for (size_t i = 0; i < spec->limit_count; i++)
        if (is_same_limit(&spec->limits[i], knob, text))
            return &spec->limits[i];
    spec->limits = mem_resize(spec->limits, spec->limit_count + 1, sizeof *spec->limits);
    spec->limits[spec->limit_count] = (struct spec_limit){.knob = knob};
    return &spec->limits[spec->limit_count++];
}

/* Limits of one device that `later` does not speak of stay: "8:0 rbps=1 wbps=2" and "8:0 wbps=3" is "8:0
 * wbps=3 rbps=1". */
static void merge_device(const char *earlier, char *later, size_t size)
{
    cleanup_free char *copy = mem_dup(earlier), *said = mem_dup(later);
    char *save = NULL, *word = strtok_r(copy, " ", &save);
    while ((word = strtok_r(NULL, " ", &save))) {
        cleanup_free char *key = mem_printf(" %.*s", (int)strcspn(word, "=") + 1, word);
        size_t len = strlen(later);
        if (!strstr(said, key) && len < size)
            snprintf(later + len, size - len, " %s", word);
    }
}

int spec_set_limit(struct spec *spec, const char *name, const char *value, struct err *err)
{
    char text[KNOB_TEXT_SIZE];
    const struct knob *knob = knob_find(name);
    if (!knob)
        return knob_unknown(name, err);
    if (knob->running) {
        err_set(err, EINVAL, "%s can't be set before the container runs", knob->name);
        return err_hint(err, "boxtop pause, or boxtop set, when it does");
    }
    int rc = knob_parse(knob, value, text, err);
    if (rc < 0)
        return rc;
    if (knob->turn_min && knob->max_word && strcmp(text, "0") == 0)
        return err_set(err, EINVAL, "%s: with 0 nothing can run (write max for no limit)", knob->name);
    struct spec_limit *limit = add_limit(spec, knob, text);
    if (knob->type == KNOB_DEVICE)
        merge_device(limit->text, text, sizeof text);
    str_copy(limit->text, sizeof limit->text, text);
    limit->asked = true;
    return 0;
}

static const struct spec_limit *find_limit(const struct spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->limit_count; i++)
        if (strcmp(spec->limits[i].knob->name, name) == 0)
            return &spec->limits[i];
    return NULL;
}

/* A name that nobody else is likely to have: "calm-otter-3f9a". */
static void make_name(char *to)
{
    static const char *const adjectives[] = {
        "able",   "amber",  "bold",  "brisk",  "calm",  "clear", "clever", "cosy",
        "crisp",  "dapper", "eager", "early",  "fair",  "fleet", "fond",   "fresh",
        "gentle", "glad",   "grand", "happy",  "hardy", "jolly", "keen",   "kind",
        "light",  "lively", "lucky", "mellow", "merry", "neat",  "nimble", "noble",
    };
    static const char *const nouns[] = {
        "badger", "beaver", "bison",  "crane",  "curlew", "dipper", "eider", "falcon",
        "ferret", "finch",  "gannet", "heron",  "ibex",   "jay",    "kite",  "lark",
        "linnet", "lynx",   "marten", "merlin", "mole",   "newt",   "otter", "owl",
        "pika",   "puffin", "robin",  "seal",   "stoat",  "swift",  "tern",  "wren",
    };
    unsigned char seed[4] = {0};
    if (getrandom(seed, sizeof seed, 0) < 0)
        memcpy(seed, &(pid_t){getpid()}, sizeof seed);
    snprintf(to, SPEC_NAME_SIZE, "%s-%s-%02x%02x", adjectives[seed[0] % COUNT_OF(adjectives)],
             nouns[seed[1] % COUNT_OF(nouns)], seed[2], seed[3]);
}

static int check_names(struct spec *spec, struct err *err)
{
    if (!spec->name[0])
        make_name(spec->name);
    if (!spec->hostname[0] && !spec->bundle)
        str_copy(spec->hostname, sizeof spec->hostname, spec->name);
    if (!spec_name_is_valid(spec->name))
        return err_set(err, EINVAL, "'%s' can't be a container's name", spec->name);
    if (spec->hostname[0] && !spec_hostname_is_valid(spec->hostname))
        return err_set(err, EINVAL, "'%s' can't be a hostname", spec->hostname);
    return 0;
}

static int check_root(struct spec *spec, struct err *err)
{
    char path[PATH_MAX];
    struct stat st;
    if (!spec->root)
        return err_set(err, EINVAL, "no root file system was named");
    spec->root_is_host = strcmp(spec->root, "host") == 0;
    if (spec->root_is_host || spec->layers)
        return 0;
    /* A word is an image, if there is one of that name; what has a slash is a path. */
    int rc = strchr(spec->root, '/') ? -ENOENT : image_use(spec->root, spec, err);
    if (rc != -ENOENT || !spec->root[0])
        return rc;
    bool found = realpath(spec->root, path) && stat(path, &st) == 0;
    if (found && !S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        found = false;
    }
    if (!found) {
        err_errno(err, "root directory %s", spec->root);
        return err_hint(err,
                        "give `host` for the machine's own root, a directory, or an image (boxtop image ls)");
    }
    if (strcmp(path, "/") == 0) {
        err_set(err, EINVAL, "root directory /: the container would write to the machine's own files");
        return err_hint(err, "give `host`: the same files, with a throw-away layer on top");
    }
    free(spec->root);
    spec->root = mem_dup(path);
    return 0;
}

/* It stands in front of the command; an image's own words are not used then (core/image.c). */
static void use_entrypoint(struct spec *spec)
{
    char **own = spec->command, **command = NULL;
    if (!spec->entrypoint || !spec->entrypoint[0] || spec->image_words)
        return;
    mem_list_add(&command, mem_dup(spec->entrypoint));
    for (char **word = own; word && *word; word++)
        mem_list_add(&command, mem_dup(*word));
    mem_free_list(own);
    spec->command = command;
    spec->image_words = 1;
}

static int check_command(struct spec *spec, struct err *err)
{
    use_entrypoint(spec);
    if (!spec->command || !spec->command[0]) {
        mem_free_list(spec->command);
        spec->command = mem_dup_list((char *[]){(char *)"/bin/sh", NULL});
    }
    if (!spec->command[0][0])
        return err_set(err, EINVAL, "the command is empty");
    if (!spec->workdir)
        spec->workdir = mem_dup("/");
    if (spec->workdir[0] != '/')
        return err_set(err, EINVAL, "working directory %s: it must begin with / (it is inside the container)",
                       spec->workdir);
    for (char **entry = spec->env; entry && *entry; entry++)
        if (strcspn(*entry, "=") == 0 || !strchr(*entry, '='))
            return err_set(err, EINVAL, "environment '%s' is not KEY=VALUE", *entry);
    return 0;
}

static bool has_dotdot(const char *path)
{
    for (const char *part = path; (part = strstr(part, "..")); part += 2)
        if ((part == path || part[-1] == '/') && (part[2] == '/' || !part[2]))
            return true;
    return false;
}

bool spec_target_is_valid(const char *path)
{
    return path[0] == '/' && !has_dotdot(path) && path[strspn(path, "/")];
}

int spec_add_tmpfs(struct spec *spec, const char *target, const char *options, struct err *err)
{
    struct str data = {0};
    unsigned long attributes;
    int rc = tmpfs_read_options(options, &attributes, &data, err);
    str_free(&data);
    if (rc == 0 && !spec_target_is_valid(target))
        rc = err_set(err, EINVAL, "'%s' is not an absolute path below / inside the container", target);
    if (rc < 0)
        return rc;
    spec->tmpfs = mem_resize(spec->tmpfs, spec->tmpfs_count + 1, sizeof *spec->tmpfs);
    spec->tmpfs[spec->tmpfs_count++] =
        (struct spec_tmpfs){.target = mem_dup(target), .options = mem_dup(options)};
    return 0;
}

int spec_set_user(struct spec *spec, const char *user, struct err *err)
{
    if (!user_text_is_valid(user)) {
        err_set(err, EINVAL, "'%s' is not USER[:GROUP]", user);
        return err_hint(err, "each a name or a number: www-data, 1000, 1000:100");
    }
    free(spec->user);
    spec->user = mem_dup(user);
    return 0;
}

int spec_add_port(struct spec *spec, const char *text, struct err *err)
{
    struct publish publish, other;
    char shown[PUBLISH_TEXT_SIZE];
    struct err ignored;
    int rc = publish_parse(text, &publish, err);
    if (rc < 0)
        return rc;
    for (char **port = spec->ports; port && *port; port++)
        if (publish_parse(*port, &other, &ignored) == 0 && publish_collides(&publish, &other))
            return err_set(err, EINVAL, "port %u/%s is published twice", publish.host_port,
                           publish_protocol(&publish));
    publish_format(&publish, shown);
    mem_list_add(&spec->ports, mem_dup(shown));
    return 0;
}

bool spec_stop_is_valid(long signal, uint64_t timeout_ms)
{
    return signal > 0 && signal <= SIGRTMAX && timeout_ms <= INT32_MAX;
}

void spec_set_rlimit(struct spec *spec, const struct rlimit_row *limit)
{
    for (size_t i = 0; i < spec->rlimit_count; i++)
        if (spec->rlimits[i].resource == limit->resource) {
            spec->rlimits[i] = *limit;
            return;
        }
    spec->rlimits = mem_resize(spec->rlimits, spec->rlimit_count + 1, sizeof *spec->rlimits);
    spec->rlimits[spec->rlimit_count++] = *limit;
}

int spec_add_sysctl(struct spec *spec, const char *text, struct err *err)
{
    int rc = sysctl_check(text, err);
    if (rc == 0)
        mem_list_add(&spec->sysctls, mem_dup(text));
    return rc;
}

unsigned long spec_namespaces(const struct spec *spec)
{
    unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
    if (spec->bundle)
        return spec->bundle->namespaces;
    if (spec->network != NETWORK_HOST)
        flags |= CLONE_NEWNET;
    if (spec->userns == USERNS_AUTO)
        flags |= CLONE_NEWUSER;
    return flags;
}

static const char *namespace_word(unsigned long flag)
{
    return flag == CLONE_NEWNET ? "network" : flag == CLONE_NEWIPC ? "ipc" : "uts";
}

/* One in the host's namespace would change the host. */
static int check_sysctls(const struct spec *spec, struct err *err)
{
    for (char *const *text = spec->sysctls; text && *text; text++) {
        unsigned long flag = sysctl_namespace(*text);
        if (!(spec_namespaces(spec) & flag))
            return err_set(err, EINVAL,
                           "sysctl %s: it would be the host's, as there is no %s namespace of its "
                           "own",
                           *text, namespace_word(flag));
    }
    return 0;
}

/* What options said beside a bundle has to go together with it. */
static int check_bundle(struct spec *spec, struct err *err)
{
    const unsigned long namespaces = spec->bundle->namespaces;
    if (spec->network == NETWORK_PRIVATE && !(namespaces & CLONE_NEWNET))
        return err_set(err, EINVAL, "--network private: config.json has no network namespace of its own");
    if (spec->network == NETWORK_HOST && namespaces & CLONE_NEWNET)
        return err_set(err, EINVAL, "--network host: config.json has a network namespace of its own");
    if ((spec->userns == USERNS_AUTO) != !!(namespaces & CLONE_NEWUSER))
        return err_set(err, EINVAL, "--userns: it is config.json that says it");
    if (spec->hostname[0] && !(namespaces & CLONE_NEWUTS))
        return err_set(err, EINVAL, "--hostname: config.json has no uts namespace of its own");
    spec->interactive |= !spec->detach; /* as crun and runc have it */
    return 0;
}

static int check_bind(struct spec_bind *bind, struct err *err)
{
    char path[PATH_MAX];
    if (!spec_target_is_valid(bind->target))
        return err_set(err, EINVAL, "volume %s: '%s' is not an absolute path below / inside the container",
                       bind->source, bind->target);
    if (!realpath(bind->source, path)) {
        err_errno(err, "volume %s", bind->source);
        return err_hint(err, "the source must be there already: mkdir -p it, or correct the path");
    }
    free(bind->source);
    bind->source = mem_dup(path);
    return 0;
}

/* There has to be a layer of its own that its writes go to. */
static int check_keep(const struct spec *spec, struct err *err)
{
    if (!spec->keep)
        return 0;
    if (spec->remove || spec->read_only)
        return err_set(err, EINVAL, "--keep and %s exclude each other",
                       spec->remove ? "--rm" : "--read-only");
    if (!spec->root_is_host && !spec->layers)
        return err_set(err, EINVAL,
                       "--keep: the root is a directory, and keeps what is written to it anyway");
    if (spec->root_is_host && spec->userns == USERNS_AUTO) {
        err_set(err, EINVAL, "--keep: in a user namespace the host's root can't be written to");
        return err_hint(err, "run an image, or as root with --userns host");
    }
    return 0;
}

static int check_seccomp(struct spec *spec, struct err *err)
{
    char path[PATH_MAX];
    if (!spec->seccomp || spec_is_unconfined(spec) || spec->filter.count)
        return 0;
    if (!realpath(spec->seccomp, path)) {
        err_errno(err, "--seccomp: %s", spec->seccomp);
        return err_hint(err, "a profile in docker's JSON, or unconfined");
    }
    free(spec->seccomp);
    spec->seccomp = mem_dup(path);
    return 0;
}

/* docker's --memory-swap counts memory and swap together; the kernel's memory.swap.max is swap alone. */
static int resolve_swap(struct spec *spec, struct err *err)
{
    char text[KNOB_TEXT_SIZE] = "max";
    const struct spec_limit *memory = find_limit(spec, "memory.max");
    uint64_t total = spec->swap_total;
    if (total == VALUE_ABSENT)
        return 0;
    if (total != VALUE_MAX) {
        if (!memory || strcmp(memory->text, "max") == 0) {
            err_set(err, EINVAL, "--memory-swap is memory and swap together, and --memory is not limited");
            return err_hint(err, "add --memory; the same size for both means no swap");
        }
        uint64_t bytes = strtoull(memory->text, NULL, 10);
        if (total < bytes) {
            err_set(err, EINVAL, "--memory-swap %" PRIu64 " is less than --memory %" PRIu64, total, bytes);
            return err_hint(err, "it is memory and swap together; the same size for both means no swap");
        }
        snprintf(text, sizeof text, "%" PRIu64, (total - bytes) / 4096 * 4096);
    }
    spec->swap_total = VALUE_ABSENT;
    return spec_set_limit(spec, "memory.swap.max", text, err);
}

static void default_limits(struct spec *spec)
{
    const struct knob *pids = knob_find("pids.max");
    struct spec_limit *limit = add_limit(spec, pids, "");
    if (!limit->text[0])
        str_copy(limit->text, sizeof limit->text, PIDS_DEFAULT);
}

int spec_validate(struct spec *spec, struct err *err)
{
    int rc = check_names(spec, err);
    if (spec->userns == USERNS_DEFAULT && geteuid() != 0)
        spec->userns = USERNS_AUTO; /* only there may a user do what a container needs */
    if (rc == 0)
        rc = check_root(spec, err);
    if (rc == 0)
        rc = check_command(spec, err);
    for (size_t i = 0; rc == 0 && i < spec->bind_count; i++)
        rc = check_bind(&spec->binds[i], err);
    if (rc == 0)
        rc = check_keep(spec, err);
    if (rc == 0)
        rc = check_seccomp(spec, err);
    if (rc == 0 && spec->ports && spec->network != NETWORK_PRIVATE)
        rc = err_set(err, EINVAL,
                     "--publish needs a private network: with --network %s there is nothing to send on",
                     spec_network_names[spec->network]);
    if (rc == 0 && spec->remove && spec->restart.policy != RESTART_NO)
        rc = err_set(err, EINVAL, "--rm and --restart exclude each other");
    if (rc == 0)
        rc = check_sysctls(spec, err);
    if (rc == 0 && spec->bundle)
        rc = check_bundle(spec, err);
    if (rc == 0)
        rc = resolve_swap(spec, err);
    if (rc == 0 && !spec->bundle)
        default_limits(spec);
    return rc;
}
