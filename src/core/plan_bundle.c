/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps of a bundle: what its config.json says, and what the specification says that every container has.
 */
#include "core/plan_add.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "core/capability.h"
#include "core/hooks.h"

static const struct bundle_mount *find_mount(const struct bundle *b, const char *target)
{
    for (size_t i = b->mount_count; i-- > 0;)
        if (strcmp(b->mounts[i].target, target) == 0)
            return &b->mounts[i];
    return NULL;
}

static void add_device(struct plan *plan, const struct bundle_device *d, bool user_ns)
{
    char numbers[80];
    snprintf(numbers, sizeof numbers, "%c %u %u %04o %u %u",
             d->type == S_IFCHR   ? 'c'
             : d->type == S_IFBLK ? 'b'
                                  : 'p',
             d->major_number, d->minor_number, d->mode, d->uid, d->gid);
    plan_add(plan, STEP_DEVICE, NULL, d->path, numbers, user_ns);
}

/* What the specification has in every container, unless /dev is somebody else's (default devices of
 * config-linux.md). */
static void add_devices(struct plan *plan, const struct bundle *b)
{
    static const struct {
        const char *path;
        unsigned major_number, minor_number;
    } nodes[] = {{"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
                 {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0}};
    static const struct {
        const char *path, *to;
    } links[] = {{"/dev/fd", "/proc/self/fd"},
                 {"/dev/stdin", "/proc/self/fd/0"},
                 {"/dev/stdout", "/proc/self/fd/1"},
                 {"/dev/stderr", "/proc/self/fd/2"},
                 {"/dev/ptmx", "pts/ptmx"}};
    const struct bundle_mount *dev = find_mount(b, "/dev");
    bool user_ns = b->namespaces & CLONE_NEWUSER, ours = !dev || !dev->bind;
    for (size_t i = 0; ours && i < COUNT_OF(nodes); i++) {
        struct bundle_device d = {.path = (char *)nodes[i].path,
                                  .type = S_IFCHR,
                                  .major_number = nodes[i].major_number,
                                  .minor_number = nodes[i].minor_number,
                                  .mode = 0666};
        add_device(plan, &d, user_ns);
    }
    for (size_t i = 0; i < b->device_count; i++)
        add_device(plan, &b->devices[i], user_ns);
    for (size_t i = 0; ours && i < COUNT_OF(links); i++)
        plan_add(plan, STEP_SYMLINK, links[i].to, links[i].path, NULL, 1);
}

static void add_hooks(struct plan *plan, const struct bundle *b, enum step_kind step, enum hook_kind kind)
{
    struct str text = {0};
    if (!hooks_has(b, kind))
        return;
    hooks_text(b, kind, &text);
    plan_add(plan, step, hook_name(kind), NULL, text.text, kind);
    str_free(&text);
}

static bool has_runtime_hooks(const struct bundle *b)
{
    return hooks_has(b, HOOK_PRESTART) || hooks_has(b, HOOK_CREATE_RUNTIME);
}

void plan_add_bundle_mounts(struct plan *plan, const struct bundle *b)
{
    for (size_t i = 0; i < b->mount_count; i++)
        if (b->mounts[i].id_map)
            plan_add(plan, STEP_ID_MOUNT, b->mounts[i].source, b->mounts[i].target,
                     b->mounts[i].uid_map ? b->mounts[i].uid_map : b->uid_map, i);
}

void plan_add_bundle_hooks(struct plan *plan, const struct bundle *b)
{
    struct str text = {0};
    if (!has_runtime_hooks(b))
        return;
    hooks_text(b, HOOK_PRESTART, &text);
    if (text.len)
        str_add(&text, "; ");
    hooks_text(b, HOOK_CREATE_RUNTIME, &text);
    plan_add(plan, STEP_HOOKS, "prestart and createRuntime", NULL, text.text, 0);
    str_free(&text);
}

static void add_start(struct plan *plan, const struct spec *spec)
{
    static const char *const names[8] = {"cgroup", "ipc", "mount", "net", "pid", "time", "user", "uts"};
    const struct bundle *b = spec->bundle;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (b->join[i])
            plan_add(plan, STEP_JOIN, names[i], b->join[i], NULL, 0);
    plan_add(plan, STEP_PRIVATE, NULL, NULL, NULL,
             b->follows_host || b->propagation == MS_SLAVE ? MS_SLAVE : 0);
    if (spec->hostname[0])
        plan_add(plan, STEP_HOSTNAME, spec->hostname, NULL, NULL, 0);
    if (b->domainname && b->domainname[0])
        plan_add(plan, STEP_DOMAINNAME, b->domainname, NULL, NULL, 0);
    plan_add(plan, STEP_ROOT_BIND, spec->root, NULL, NULL, 0);
}

static void add_mounts(struct plan *plan, const struct spec *spec)
{
    const struct bundle *b = spec->bundle;
    for (size_t i = 0; i < b->mount_count; i++)
        plan_add(plan, STEP_GENERAL, b->mounts[i].bind ? b->mounts[i].source : b->mounts[i].type,
                 b->mounts[i].target, b->mounts[i].words, i);
    plan_add_asked(plan, spec);
    add_devices(plan, b);
    if (spec->tty)
        plan_add(plan, STEP_TERMINAL, NULL, "/dev/console", NULL, 0);
    for (char **sysctl = spec->sysctls; sysctl && *sysctl; sysctl++)
        plan_add(plan, STEP_SYSCTL, *sysctl, NULL, NULL, 0);
    if (strcmp(spec->workdir, "/") != 0)
        plan_add(plan, STEP_DIRECTORY, NULL, spec->workdir, NULL, 0);
    for (char **path = b->masked; path && *path; path++)
        plan_add(plan, STEP_MASK, NULL, *path, NULL, 0);
    for (char **path = b->read_only; path && *path; path++)
        plan_add(plan, STEP_READ_ONLY, NULL, *path, NULL, MOUNT_ATTR_RDONLY);
    if (spec->read_only)
        plan_add(plan, STEP_ROOT_READ_ONLY, NULL, NULL, NULL, 0);
}

static void add_privileges(struct plan *plan, const struct spec *spec)
{
    const struct bundle *b = spec->bundle;
    struct str names = {0};
    cleanup_free char *user = mem_dup(spec->user);
    char *group = strchr(user, ':');
    if (group)
        *group++ = '\0';
    bool filter = spec_has_filter(spec);
    const char *profile = spec->seccomp ? spec->seccomp : "config.json";
    /* Without no_new_privs it takes CAP_SYS_ADMIN to install a filter. */
    if (filter && !b->no_new_privs)
        plan_add(plan, STEP_SECCOMP, profile, NULL, NULL, 0);
    plan_add(plan, STEP_USER, user, group, NULL, 0);
    capability_names(spec_capabilities(spec), ",", &names);
    plan_add(plan, STEP_CAPABILITIES, NULL, NULL, str_text(&names), 0);
    if (b->no_new_privs)
        plan_add(plan, STEP_NO_NEW_PRIVS, NULL, NULL, NULL, 0);
    if (filter && b->no_new_privs)
        plan_add(plan, STEP_SECCOMP, profile, NULL, NULL, 0);
    str_free(&names);
}

void plan_add_bundle(struct plan *plan, const struct spec *spec, const struct container *container)
{
    const struct bundle *b = spec->bundle;
    add_start(plan, spec);
    add_mounts(plan, spec);
    if (container->host_link[0])
        plan_add(plan, STEP_ADDRESS, NULL, NULL, NULL, 0);
    else if (b->namespaces & CLONE_NEWNET)
        plan_add(plan, STEP_LOOPBACK, NULL, NULL, NULL, 0);
    if (has_runtime_hooks(b))
        plan_add(plan, STEP_HOOKS_WAIT, NULL, NULL, NULL, 0);
    add_hooks(plan, b, STEP_HOOKS_INSIDE, HOOK_CREATE_CONTAINER);
    if (b->apparmor || b->selinux)
        plan_add(plan, STEP_LABELS, b->apparmor ? b->apparmor : b->selinux, NULL, NULL, 0);
    plan_add(plan, STEP_PIVOT, NULL, NULL, NULL, 0);
    if (b->propagation)
        plan_add(plan, STEP_PROPAGATION, NULL, NULL, NULL,
                 b->propagation | (b->propagation_all ? MS_REC : 0));
    plan_add(plan, STEP_WORKDIR, NULL, spec->workdir, NULL, 0);
    add_privileges(plan, spec);
    add_hooks(plan, b, STEP_HOOKS_INSIDE, HOOK_START_CONTAINER);
}
