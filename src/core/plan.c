/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/plan_add.h"

#include <sys/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/bundle.h"
#include "core/capability.h"
#include "core/idmap.h"
#include "core/rlimit.h"
#include "core/tmpfs.h"

#define STEPS_AT_ONCE 64 /* most plans are shorter */
#define SAFE          (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static void add(struct plan *plan, enum step_kind kind, const char *what, const char *where, const char *data,
                unsigned long flags)
{
    if (plan->count % STEPS_AT_ONCE == 0)
        plan->steps = mem_resize(plan->steps, plan->count + STEPS_AT_ONCE, sizeof *plan->steps);
    plan->steps[plan->count++] = (struct step){kind, mem_dup(what), mem_dup(where), mem_dup(data), flags};
}

void plan_add(struct plan *plan, enum step_kind kind, const char *what, const char *where, const char *data,
              unsigned long flags)
{
    add(plan, kind, what, where, data, flags);
}

/* ---- building
 * ---------------------------------------------------------------------------------------------- */

/* The namespaces, said once: clone's flag and unshare's option. */
static const struct {
    unsigned long flag;
    const char *option;
} namespaces[] = {
    {CLONE_NEWNS, "--mount"},
    {CLONE_NEWPID, "--pid --fork"},
    {CLONE_NEWUTS, "--uts"},
    {CLONE_NEWIPC, "--ipc"},
    {CLONE_NEWNET, "--net"},
    {CLONE_NEWCGROUP, "--cgroup"},
    {CLONE_NEWUSER, "--user --map-root-user"},
};

static void add_clone(struct plan *plan, const struct spec *spec, const char *cgroup)
{
    unsigned long flags = spec_namespaces(spec);
    struct str options = {0};
    for (size_t i = 0; i < COUNT_OF(namespaces); i++)
        if (flags & namespaces[i].flag)
            str_addf(&options, "%s%s", options.len ? " " : "", namespaces[i].option);
    add(plan, STEP_CLONE, options.text, cgroup, NULL, flags);
    str_free(&options);
}

/* With blanks between; NULL for none. The caller's to free. */
static char *join(char *const *words)
{
    struct str all = {0};
    for (; words && *words; words++)
        str_addf(&all, "%s%s", all.len ? " " : "", *words);
    return all.text;
}

static void add_process_limits(struct plan *plan, const struct spec *spec)
{
    char text[64];
    for (size_t i = 0; i < spec->rlimit_count; i++) {
        const struct rlimit_row *row = &spec->rlimits[i];
        rlimit_text(row, text);
        add(plan, STEP_RLIMIT, rlimit_name(row->resource), NULL, text, i);
    }
}

static void add_oom_score(struct plan *plan, const struct spec *spec)
{
    char text[16];
    snprintf(text, sizeof text, "%d", spec->oom_score_adj);
    add(plan, STEP_OOM_SCORE, NULL, NULL, text, 0);
}

static void add_id_map(struct plan *plan, const struct spec *spec)
{
    struct idmap map;
    if (spec->bundle) {
        add(plan, STEP_ID_MAP, spec->bundle->uid_map, NULL, spec->bundle->gid_map, 0);
        return;
    }
    idmap_choose(spec->name, &map);
    add(plan, STEP_ID_MAP, map.uids, NULL, map.gids, 0);
}

static void add_cgroup(struct plan *plan, const struct spec *spec, const char *cgroup)
{
    struct str rules = {0};
    add(plan, STEP_CGROUP, NULL, cgroup, NULL, 0);
    for (size_t i = 0; i < spec->limit_count; i++)
        add(plan, STEP_LIMIT, spec->limits[i].knob->name, cgroup, spec->limits[i].text,
            spec->limits[i].asked);
    if (!spec->bundle || !spec->bundle->rule_count)
        return;
    devices_rules_text(spec->bundle->rules, spec->bundle->rule_count, &rules);
    add(plan, STEP_DEVICE_RULES, NULL, cgroup, rules.text, 0);
    str_free(&rules);
}

static void add_keeper_steps(struct plan *plan, const struct spec *spec, const struct container *c)
{
    cleanup_free char *cgroup = c->cgroup[0] ? mem_printf("%s%s", c->cgroup_mount, c->cgroup) : NULL;
    cleanup_free char *ports = join(spec->ports);
    if (cgroup)
        add_cgroup(plan, spec, cgroup);
    if (c->host_link[0])
        add(plan, STEP_BRIDGE, NULL, NULL, ports, 0);
    add_process_limits(plan, spec);
    add_clone(plan, spec, cgroup);
    if (spec->has_oom_score_adj)
        add_oom_score(plan, spec);
    if (spec->userns == USERNS_AUTO)
        add_id_map(plan, spec);
    if (c->pasta)
        add(plan, STEP_PASTA, NULL, NULL, ports, 0);
    if (spec->bundle)
        plan_add_bundle_mounts(plan, spec->bundle);
    if (c->host_link[0])
        add(plan, STEP_LINK, c->host_link, NULL, NULL, 0);
    if (spec->bundle)
        plan_add_bundle_hooks(plan, spec->bundle);
}

/* Where the writes go that are kept; the caller's to free. NULL: nowhere that stays. */
static char *kept_layer(const struct spec *spec, const struct container *c)
{
    if (!spec->keep)
        return NULL;
    return c->layer[0] ? mem_dup(c->layer) : mem_printf("/var/tmp/boxtop-%s", spec->name);
}

static void add_image_root(struct plan *plan, const struct spec *spec, const struct container *c)
{
    cleanup_free char *kept = kept_layer(spec, c);
    struct str layers = {0};
    for (char *const *layer = spec->layers; *layer; layer++)
        str_addf(&layers, "%s%s", layers.len ? ":" : "", *layer);
    add(plan, STEP_ROOT_OVERLAY, layers.text, kept, spec->userns == USERNS_AUTO ? "userxattr" : NULL,
        MOUNT_ATTR_NODEV | (spec->read_only ? MOUNT_ATTR_RDONLY : 0));
    str_free(&layers);
}

static void add_root(struct plan *plan, const struct spec *spec, const struct container *c)
{
    /* Overlay can't have / as its lower directory inside a user namespace (locked mounts below it): there the
     * host's root is a recursive read-only bind, with fresh tmpfs where programs expect to write. */
    static const struct {
        const char *path, *mode;
    } writable[] = {
        {"/tmp", "mode=1777"}, {"/run", "mode=755"}, {"/var/tmp", "mode=1777"}, {"/root", "mode=700"}};
    if (spec->layers) {
        add_image_root(plan, spec, c);
        return;
    }
    bool bind = spec->userns == USERNS_AUTO, read_only = spec->read_only || (spec->root_is_host && bind);
    if (spec->root_is_host && !bind && !spec->read_only) {
        cleanup_free char *kept = kept_layer(spec, c);
        add(plan, STEP_ROOT_OVERLAY, "/", kept, NULL, 0);
    } else
        add(plan, STEP_ROOT_BIND, spec->root_is_host ? "/" : spec->root, NULL, NULL,
            read_only ? MOUNT_ATTR_RDONLY : 0);
    if (!spec->root_is_host)
        return;
    for (size_t i = 0; i < (read_only ? COUNT_OF(writable) : 2); i++)
        add(plan, STEP_MOUNT, "tmpfs", writable[i].path, writable[i].mode,
            MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

static void add_devices(struct plan *plan, const struct spec *spec)
{
    static const struct {
        const char *path, *numbers;
    } nodes[] = {
        {"/dev/null", "c 1 3"},   {"/dev/zero", "c 1 5"},    {"/dev/full", "c 1 7"},
        {"/dev/random", "c 1 8"}, {"/dev/urandom", "c 1 9"}, {"/dev/tty", "c 5 0"},
    };
    static const struct {
        const char *path, *to;
    } links[] = {
        {"/dev/fd", "/proc/self/fd"},       {"/dev/stdin", "/proc/self/fd/0"},
        {"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"},
        {"/dev/ptmx", "pts/ptmx"},
    };
    add(plan, STEP_MOUNT, "tmpfs", "/dev", "mode=755,size=65536k",
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME);
    for (size_t i = 0; i < COUNT_OF(nodes); i++)
        add(plan, STEP_NODE, NULL, nodes[i].path, nodes[i].numbers, spec->userns == USERNS_AUTO);
    for (size_t i = 0; i < COUNT_OF(links); i++)
        add(plan, STEP_SYMLINK, links[i].to, links[i].path, NULL, 0);
    add(plan, STEP_MOUNT, "devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5",
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    add(plan, STEP_MOUNT, "tmpfs", "/dev/shm", "mode=1777,size=65536k", SAFE);
    add(plan, STEP_MOUNT, "mqueue", "/dev/mqueue", NULL, SAFE);
    if (spec->tty)
        add(plan, STEP_TERMINAL, NULL, "/dev/console", NULL, 0);
}

/* What docker hides and what it makes read-only below /proc and /sys. */
static const char *const masked[] = {
    "/proc/acpi",       "/proc/asound",        "/proc/interrupts",  "/proc/kcore",
    "/proc/keys",       "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
    "/proc/timer_list", "/proc/timer_stats",   "/sys/firmware",     "/sys/devices/virtual/powercap",
    PLAN_EACH_CPU,
};
static const char *const read_only_paths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                              "/proc/sysrq-trigger"};

/* What was asked for, outer directories before inner ones: /app from the host and /app/cache in memory go
 * together in whatever order they were said. */
static int by_target(const void *a, const void *b)
{
    const struct step *one = a, *other = b;
    return strcmp(one->where, other->where);
}

void plan_add_asked(struct plan *plan, const struct spec *spec)
{
    size_t first = plan->count;
    for (size_t i = 0; i < spec->tmpfs_count; i++) {
        struct str data = {0};
        struct err ignored; /* read before: spec_add_tmpfs() */
        unsigned long attributes = 0;
        tmpfs_read_options(spec->tmpfs[i].options, &attributes, &data, &ignored);
        add(plan, STEP_TMPFS, "tmpfs", spec->tmpfs[i].target, data.text, attributes);
        str_free(&data);
    }
    for (size_t i = 0; i < spec->bind_count; i++)
        add(plan, STEP_BIND, spec->binds[i].source, spec->binds[i].target, NULL,
            MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (spec->binds[i].read_only ? MOUNT_ATTR_RDONLY : 0));
    if (plan->count > first)
        qsort(plan->steps + first, plan->count - first, sizeof *plan->steps, by_target);
}

static void add_mounts(struct plan *plan, const struct spec *spec)
{
    add(plan, STEP_MOUNT, "proc", "/proc", NULL, SAFE);
    /* sysfs belongs to a network namespace: who has none of its own and no right over the host's sees it
     * through a read-only bind. */
    if (spec->network == NETWORK_HOST && spec->userns == USERNS_AUTO) {
        add(plan, STEP_BIND, "/sys", "/sys", NULL, SAFE | MOUNT_ATTR_RDONLY);
    } else {
        add(plan, STEP_MOUNT, "sysfs", "/sys", NULL, SAFE | MOUNT_ATTR_RDONLY);
        add(plan, STEP_MOUNT, "cgroup2", "/sys/fs/cgroup", NULL, SAFE | MOUNT_ATTR_RDONLY);
    }
    add_devices(plan, spec);
    plan_add_asked(plan, spec);
    for (char **sysctl = spec->sysctls; sysctl && *sysctl; sysctl++)
        add(plan, STEP_SYSCTL, *sysctl, NULL, NULL, 0);
    for (size_t i = 0; i < COUNT_OF(masked); i++)
        add(plan, STEP_MASK, NULL, masked[i], NULL, 0);
    for (size_t i = 0; i < COUNT_OF(read_only_paths); i++)
        add(plan, STEP_READ_ONLY, NULL, read_only_paths[i], NULL, SAFE | MOUNT_ATTR_RDONLY);
}

/* All that is done inside but what comes last. */
static void add_inside(struct plan *ret, const struct spec *spec, const struct container *container)
{
    struct str text = {0};
    add(ret, STEP_PRIVATE, NULL, NULL, NULL, 0);
    add(ret, STEP_HOSTNAME, spec->hostname, NULL, NULL, 0);
    add_root(ret, spec, container);
    add(ret, STEP_ETC, spec->hostname, spec->network == NETWORK_PRIVATE ? container->address : NULL,
        container->network, plan_find(ret, STEP_ROOT_OVERLAY) != NULL);
    if (container->host_link[0])
        add(ret, STEP_HOSTS, NULL, NULL, NULL, 0);
    add_mounts(ret, spec);
    if (container->host_link[0])
        add(ret, STEP_ADDRESS, NULL, NULL, NULL, 0);
    else if (spec->network != NETWORK_HOST)
        add(ret, STEP_LOOPBACK, NULL, NULL, NULL, 0);
    add(ret, STEP_PIVOT, NULL, NULL, NULL, 0);
    add(ret, STEP_WORKDIR, NULL, spec->workdir ? spec->workdir : "/", NULL, 0);
    capability_names(spec_capabilities(spec), ",", &text);
    add(ret, STEP_CAPABILITIES, NULL, NULL, str_text(&text), 0);
    if (spec->user) {
        cleanup_free char *user = mem_dup(spec->user);
        char *group = strchr(user, ':');
        if (group)
            *group++ = '\0';
        add(ret, STEP_USER, user, group, NULL, 0);
    }
    add(ret, STEP_NO_NEW_PRIVS, NULL, NULL, NULL, 0);
    if (!spec_is_unconfined(spec))
        add(ret, STEP_SECCOMP, spec->seccomp, NULL, NULL, 0);
    str_free(&text);
}

void plan_build(struct plan *ret, const struct spec *spec, const struct container *container)
{
    struct str command = {0};
    *ret = (struct plan){0};
    add_keeper_steps(ret, spec, container);
    if (spec->bundle)
        plan_add_bundle(ret, spec, container);
    else
        add_inside(ret, spec, container);
    if (spec->init)
        add(ret, STEP_INIT, NULL, NULL, NULL, 0);
    str_add_shell_list(&command, spec->command);
    add(ret, STEP_EXEC, NULL, NULL, command.text, 0);
    str_free(&command);
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free(plan->steps[i].what);
        free(plan->steps[i].where);
        free(plan->steps[i].data);
    }
    free(plan->steps);
    *plan = (struct plan){0};
}

const struct step *plan_find(const struct plan *plan, enum step_kind kind)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->steps[i].kind == kind)
            return &plan->steps[i];
    return NULL;
}
