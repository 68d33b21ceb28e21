/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps that only a bundle has, and some that it has in a way of its own.
 */
#include "core/stage_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/hooks.h"
#include "core/mounts.h"
#include "core/privilege.h"
#include "core/sync.h"
#include "core/sys.h"
#include "core/sysctl.h"

int stage_join(struct stage *st, const struct step *s, struct err *err)
{
    (void)st;
    if (strcmp(s->what, "pid") == 0)
        return 0; /* the keeper did, for its child: nobody can change its own */
    cleanup_close int ns = open(s->where, O_RDONLY | O_CLOEXEC);
    if (ns < 0 || setns(ns, 0) < 0)
        return err_errno(err, "join the %s namespace %s", s->what, s->where);
    return 0;
}

int stage_domainname(struct stage *st, const struct step *s, struct err *err)
{
    (void)st;
    if (setdomainname(s->what, strlen(s->what)) < 0)
        return err_errno(err, "set the domain name %s", s->what);
    return 0;
}

/* ---- mounts ---- */

static int change(int mount, const struct mount_change *change, bool all, struct err *err)
{
    struct mount_attr attr = {
        .attr_set = change->set, .attr_clr = change->clear, .propagation = change->propagation};
    if (!attr.attr_set && !attr.attr_clr && !attr.propagation)
        return 0;
    if (attr.attr_set & MOUNT_ATTR__ATIME || attr.attr_clr & MOUNT_ATTR__ATIME)
        attr.attr_clr |= MOUNT_ATTR__ATIME;
    if (mount_setattr(mount, "", AT_EMPTY_PATH | (all ? AT_RECURSIVE : 0), &attr, sizeof attr) < 0)
        return err_errno(err, "change the mount's attributes");
    return 0;
}

/* In a user namespace without a cgroup namespace of its own it can't be mounted anew: the host's is shown. */
static int new_cgroup(const struct bundle_mount *m, struct err *err)
{
    int mount = mounts_make("cgroup2", m->source, NULL, m->one.set, err);
    if (mount >= 0 || (err->code != EPERM && err->code != EBUSY))
        return mount;
    *err = (struct err){0};
    return mounts_copy(AT_FDCWD, "/sys/fs/cgroup", true, m->one.set, err);
}

static int make(struct stage *st, const struct bundle_mount *m, struct err *err)
{
    int mount = -1;
    if (m->id_map) {
        int rc = sync_wait(st->sock, SYNC_MOUNT, &mount, NULL, err);
        return rc < 0 ? rc : mount;
    }
    if (m->bind)
        return mounts_copy(AT_FDCWD, m->source, m->recursive, 0, err);
    if (strcmp(m->type, "cgroup") == 0 || strcmp(m->type, "cgroup2") == 0)
        return new_cgroup(m, err);
    return mounts_make(m->type, m->source[0] ? m->source : m->type, m->data, m->one.set, err);
}

/* Ours, which nobody inside can have changed: what is put below them is looked up from there. */
static void keep(struct stage *st, const struct bundle_mount *m, int *mount)
{
    const struct {
        const char *where, *type;
        int *fd;
    } kept[] = {{"/proc", "proc", &st->proc},
                {"/sys", "sysfs", &st->sys},
                {"/dev", "tmpfs", &st->dev},
                {"/dev/pts", "devpts", &st->pts}};
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (strcmp(m->target, kept[i].where) == 0) {
            fd_close(kept[i].fd);
            if (strcmp(m->type, kept[i].type) == 0)
                *kept[i].fd = take_fd(mount);
        }
}

int stage_general(struct stage *st, const struct step *s, struct err *err)
{
    struct stat info;
    const struct bundle_mount *m = &st->spec->bundle->mounts[s->flags];
    cleanup_close int mount = make(st, m, err);
    int rc = mount;
    if (rc >= 0 && fstat(mount, &info) < 0)
        rc = err_errno(err, "look at it");
    if (rc >= 0)
        rc = change(mount, &m->all, true, err);
    if (rc >= 0)
        rc = change(mount, &m->one, false, err);
    if (rc >= 0)
        rc = stage_attach(st, mount, m->target, true, S_ISDIR(info.st_mode), err);
    if (rc < 0)
        return err_prefix(err, "config.json: mounts[%lu] (%s)", s->flags, m->target);
    keep(st, m, &mount);
    return 0;
}

int stage_directory(struct stage *st, const struct step *s, struct err *err)
{
    cleanup_close int made = mounts_resolve_or_make(st->root, s->where, true, true, err);
    return made < 0 ? made : 0;
}

int stage_root_read_only(struct stage *st, const struct step *s, struct err *err)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
    (void)s;
    if (mount_setattr(st->root, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
        return err_errno(err, "make the root read-only");
    return 0;
}

int stage_propagation(struct stage *st, const struct step *s, struct err *err)
{
    (void)st;
    if (mount(NULL, "/", NULL, s->flags, NULL) < 0)
        return err_errno(err, "set the propagation of the root");
    return 0;
}

/* ---- nodes ---- */

struct node {
    mode_t mode;
    dev_t number;
    uid_t uid;
    gid_t gid;
};

/* One that is there already, in a root that has a /dev of its own, is as good if it is the same. */
static int make_node(int parent, const char *name, const struct node *node)
{
    struct stat st;
    if (mknodat(parent, name, node->mode, node->number) < 0) {
        if (errno != EEXIST || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return -errno;
        return ((st.st_mode ^ node->mode) & S_IFMT) || st.st_rdev != node->number ? -EEXIST : 0;
    }
    if ((node->uid || node->gid) && fchownat(parent, name, node->uid, node->gid, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    return 0;
}

int stage_device(struct stage *st, const struct step *s, struct err *err)
{
    char type;
    unsigned major_number, minor_number, mode;
    struct node node = {0};
    const char *name = strrchr(s->where, '/') + 1;
    cleanup_free char *path = mem_printf("%.*s", (int)(name - s->where), s->where);
    if (sscanf(s->data, "%c %u %u %o %u %u", &type, &major_number, &minor_number, &mode, &node.uid,
               &node.gid) != 6)
        return err_set(err, EINVAL, "make the device node %s: no numbers", s->where);
    if (s->flags && type != 'p') { /* no device nodes can be made in a user namespace */
        cleanup_close int host = mounts_copy(AT_FDCWD, s->where, false, 0, err);
        return host < 0 ? host : stage_attach(st, host, s->where, false, false, err);
    }
    node.mode = mode | (type == 'p' ? S_IFIFO : type == 'b' ? S_IFBLK : S_IFCHR);
    node.number = type == 'p' ? 0 : makedev(major_number, minor_number);
    cleanup_close int parent = stage_target(st, path, true, true, err);
    if (parent < 0)
        return parent;
    int rc = make_node(parent, name, &node);
    return rc < 0 ? err_set(err, -rc, "make the device node %s: %s", s->where, strerror(-rc)) : 0;
}

int stage_sysctl(struct stage *st, const struct step *s, struct err *err)
{
    (void)st;
    return sysctl_write(s->what, err);
}

/* ---- hooks ---- */

int stage_hooks_wait(struct stage *st, const struct step *s, struct err *err)
{
    (void)s;
    int rc = sync_send(st->sock, SYNC_MOUNTED, -1, err);
    return rc < 0 ? rc : sync_wait(st->sock, SYNC_HOOKED, NULL, NULL, err);
}

int stage_hooks_inside(struct stage *st, const struct step *s, struct err *err)
{
    return hooks_run(st->spec->bundle, (enum hook_kind)s->flags, st->spec->name, getpid(), st->stdio + 1,
                     err);
}

int stage_labels(struct stage *st, const struct step *s, struct err *err)
{
    (void)s;
    return privilege_labels(st->spec->bundle, err);
}
