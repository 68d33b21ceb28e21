/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps that make and change mounts.
 */
#include "core/stage_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/etc.h"
#include "core/mounts.h"
#include "core/sys.h"

#define OVERLAY_MAX 200 /* layers; overlay itself takes 500, docker makes 127 */

/* ---- targets below the new root ---- */

/* A target in one of our own fresh mounts is looked up from that mount's descriptor: nobody can have put
 * anything else in its way. The rest is looked up below the root. */
static int anchor(const struct stage *st, const char **path)
{
    const struct {
        const char *front;
        int fd;
    } anchors[] = {{"/proc/", st->proc}, {"/sys/", st->sys}, {"/dev/", st->dev}};
    for (size_t i = 0; i < COUNT_OF(anchors); i++)
        if (anchors[i].fd >= 0 && str_starts(*path, anchors[i].front)) {
            *path += strlen(anchors[i].front);
            return anchors[i].fd;
        }
    return st->root;
}

int stage_target(const struct stage *st, const char *path, bool links, bool directory, struct err *err)
{
    int root = anchor(st, &path);
    /* In the new /dev there is only what we make. */
    if (directory && root == st->dev && path[0] && !strchr(path, '/') && mkdirat(root, path, 0755) < 0 &&
        errno != EEXIST)
        return err_errno(err, "make /dev/%s", path);
    return mounts_resolve_or_make(root, path, links, directory, err);
}

/* -ENOENT, without words: this kernel has no such file. */
static int existing_target(const struct stage *st, const char *path, struct err *err)
{
    int root = anchor(st, &path), fd = mounts_look(root, path, false);
    return fd >= 0 || fd == -ENOENT ? fd : mounts_resolve(root, path, false, err);
}

int stage_attach(const struct stage *st, int mount, const char *where, bool links, bool directory,
                 struct err *err)
{
    cleanup_close int to = stage_target(st, where, links, directory, err);
    return to < 0 ? to : mounts_attach(mount, to, where, err);
}

/* ---- the steps ---- */

int stage_private(struct stage *st, const struct step *s, struct err *err)
{
    (void)st;
    if (mount(NULL, "/", NULL, MS_REC | (s->flags ? s->flags : MS_PRIVATE), NULL) < 0)
        return err_errno(err, "make the mounts private");
    return 0;
}

/* Puts a mount over "/": lookups of this process still begin below it, and it needs no directory of the
 * host's as its mount point. */
static int cover_root(int mount, struct err *err)
{
    if (move_mount(mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return err_errno(err, "attach the container's root");
    return 0;
}

/* The overlay's lower directories as descriptors: their paths would not fit into a mount's options, which are
 * a page (fsconfig takes even less, 256 bytes). */
struct lower {
    int fds[OVERLAY_MAX];
    size_t count;
};

static void lower_close(struct lower *lower)
{
    while (lower->count > 0)
        fd_close(&lower->fds[--lower->count]);
}

/* In a user namespace the keeper's id-mapped copy of the directory that all layers are in takes its place. It
 * has to be attached somewhere for the overlay to take it. */
static int attach_layers(const struct stage *st, int layer, struct err *err)
{
    if (st->root_mount < 0)
        return 0;
    cleanup_close int at = mkdirat(layer, "lower", 0755) < 0 && errno != EEXIST
                               ? -1
                               : openat(layer, "lower", O_PATH | O_CLOEXEC);
    return at < 0 ? err_errno(err, "make a place for the layers")
                  : mounts_attach(st->root_mount, at, "lower", err);
}

static int layer_open(const struct stage *st, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    int fd = st->root_mount >= 0 && slash
                 ? openat(st->root_mount, slash + 1, O_PATH | O_DIRECTORY | O_CLOEXEC)
                 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    err_errno(err, "open the root's layer %s", path);
    if (err->code == EACCES && st->user_ns)
        err_hint(err, "its file system can't shift owners to a user namespace's: use --userns host");
    return -err->code;
}

static int lower_open(const struct stage *st, const char *paths, struct lower *ret, struct str *options,
                      struct err *err)
{
    cleanup_free char *copy = mem_dup(paths);
    for (char *rest = copy, *path; (path = strsep(&rest, ":"));) {
        if (ret->count == OVERLAY_MAX)
            return err_set(err, E2BIG, "the root has more than %d layers", OVERLAY_MAX);
        int fd = layer_open(st, path, err);
        if (fd < 0)
            return fd;
        ret->fds[ret->count++] = fd;
        str_addf(options, "%s/proc/self/fd/%d", options->len ? ":" : "lowerdir=", fd);
    }
    return 0;
}

/* Made on a directory of the writable layer, from where it is taken: the overlay keeps the layer, which as a
 * mount of its own had only to be there when the overlay was made. */
static int make_overlay(const char *layer, const char *options, unsigned long attributes, struct err *err)
{
    cleanup_free char *at = mem_printf("%s/root", layer);
    if (mount("overlay", at, "overlay", 0, options) < 0)
        return err_errno(err, "make an overlay file system with %s", options);
    cleanup_close int made = mounts_copy(AT_FDCWD, at, false, attributes, err);
    if (made >= 0 && umount2(layer, MNT_DETACH) < 0)
        return err_errno(err, "let the writable layer go");
    return take_fd(&made);
}

static int writable_layer(struct stage *st, const struct step *s, struct err *err)
{
    if (!s->where)
        return mounts_new("tmpfs", "mode=755", 0, err);
    return st->layer >= 0 ? take_fd(&st->layer) : mounts_copy(AT_FDCWD, s->where, false, 0, err);
}

/* One that was kept has them. */
static int make_directories(int layer, struct err *err)
{
    static const char *const names[] = {"upper", "work", "root"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (mkdirat(layer, names[i], 0755) < 0 && errno != EEXIST)
            return err_errno(err, "make the writable layer");
    return 0;
}

int stage_root_overlay(struct stage *st, const struct step *s, struct err *err)
{
    char path[64];
    struct lower lower = {.count = 0};
    struct str options = {0};
    cleanup_close int layer = writable_layer(st, s, err);
    if (layer < 0 || cover_root(layer, err) < 0 || make_directories(layer, err) < 0)
        return -err->code;
    snprintf(path, sizeof path, "/proc/self/fd/%d", layer);
    int rc = attach_layers(st, layer, err);
    if (rc == 0)
        rc = lower_open(st, s->what, &lower, &options, err);
    str_addf(&options, ",upperdir=%s/upper,workdir=%s/work%s%s", path, path, s->data ? "," : "",
             s->data ? s->data : "");
    if (rc == 0)
        rc = st->root = make_overlay(path, options.text, s->flags, err);
    if (rc == -EINVAL && s->where)
        err_hint(err, "the state directory's file system can't hold a layer: set BOXTOP_STATE to a directory "
                      "on ext4, xfs, btrfs or tmpfs");
    lower_close(&lower);
    str_free(&options);
    return rc < 0 ? rc : cover_root(st->root, err);
}

int stage_root_bind(struct stage *st, const struct step *s, struct err *err)
{
    if (st->root_mount >= 0)
        st->root = take_fd(&st->root_mount);
    else
        st->root = mounts_copy(AT_FDCWD, s->what, true, s->flags, err);
    return st->root < 0 ? st->root : cover_root(st->root, err);
}

/* Where later steps find it, of those that do; NULL: nobody does. */
static int *kept(struct stage *st, const char *where)
{
    const struct {
        const char *where;
        int *fd;
        bool needed;
    } rows[] = {{"/proc", &st->proc, true},
                {"/sys", &st->sys, true},
                {"/dev", &st->dev, true},
                {"/dev/pts", &st->pts, st->spec->tty}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].needed && strcmp(where, rows[i].where) == 0)
            return rows[i].fd;
    return NULL;
}

/* Below one of our own mounts, where nobody else makes anything, it is mounted where it is to be; elsewhere
 * it is made first and then attached to what was found. */
static int make_mount(struct stage *st, const struct step *s, const char *options, struct err *err)
{
    const char *path = s->where;
    int *fd = kept(st, s->where);
    bool in_place = !fd && anchor(st, &path) != st->root;
    cleanup_close int at = in_place ? stage_target(st, s->where, false, true, err) : -1;
    if (in_place && at < 0)
        return at;
    if (in_place)
        return mounts_new_at(at, s->what, options, s->flags, err) < 0 ? err_prefix(err, "mount %s", s->where)
                                                                      : 0;
    cleanup_close int mount = mounts_new(s->what, options, s->flags, err);
    if (mount < 0)
        return err_prefix(err, "mount %s", s->where);
    int rc = stage_attach(st, mount, s->where, false, true, err);
    if (rc == 0 && fd)
        *fd = take_fd(&mount);
    return rc;
}

int stage_mount(struct stage *st, const struct step *s, struct err *err)
{
    int rc = make_mount(st, s, s->data, err);
    char *group = rc == -EINVAL && strcmp(s->what, "devpts") == 0 ? strstr(s->data, ",gid=") : NULL;
    if (group) { /* tty's group has no id in a user namespace of one id */
        cleanup_free char *rest = mem_printf("%.*s", (int)(group - s->data), s->data);
        rc = make_mount(st, s, rest, err);
    }
    return rc;
}

/* In a root of its own, its layer, they are written; over a directory's or the host's they are mounted, where
 * there are such files. */
int stage_etc(struct stage *st, const struct step *s, struct err *err)
{
    struct etc etc;
    struct etc_places places;
    if (!s->flags && etc_find(&places, st->root, st->spec->root_is_host) == 0)
        return 0;
    etc_make(&etc, st->spec->network, s->what, s->where);
    int rc = s->flags ? etc_write(&etc, st->root, err) : etc_mount(&etc, &places, st->spec->read_only, err);
    etc_free(&etc);
    return rc;
}

int stage_hosts(struct stage *st, const struct step *s, struct err *err)
{
    (void)s;
    return etc_mount_hosts(st->hosts, st->root, st->spec->root_is_host, err);
}

int stage_tmpfs(struct stage *st, const struct step *s, struct err *err)
{
    cleanup_close int mount = mounts_new(s->what, s->data, s->flags, err);
    return mount < 0 ? err_prefix(err, "tmpfs %s", s->where)
                     : stage_attach(st, mount, s->where, true, true, err);
}

int stage_node(struct stage *st, const struct step *s, struct err *err)
{
    const char *name = s->where + strlen("/dev/");
    if (s->flags) { /* no device nodes can be made in a user namespace: the host's is shown */
        cleanup_close int node = mounts_copy(AT_FDCWD, s->where, false, 0, err);
        return node < 0 ? node : stage_attach(st, node, s->where, false, false, err);
    }
    char *end = s->data + strlen("c ");
    unsigned long major_number = strtoul(end, &end, 10), minor_number = strtoul(end, &end, 10);
    if (mknodat(st->dev, name, S_IFCHR | 0666, makedev(major_number, minor_number)) < 0)
        return err_errno(err, "make the device node %s", s->where);
    return 0;
}

int stage_symlink(struct stage *st, const struct step *s, struct err *err)
{
    cleanup_close int made = st->dev >= 0 ? -1 : stage_target(st, "/dev", true, true, err);
    int dev = st->dev >= 0 ? st->dev : made;
    if (dev < 0)
        return dev;
    if (symlinkat(s->what, dev, s->where + strlen("/dev/")) < 0 && !(s->flags && errno == EEXIST))
        return err_errno(err, "make the link %s", s->where);
    return 0;
}

int stage_bind(struct stage *st, const struct step *s, struct err *err)
{
    struct stat info;
    cleanup_close int source = mounts_copy(AT_FDCWD, s->what, true, s->flags, err);
    if (source < 0)
        return err_prefix(err, "volume %s", s->what);
    if (fstat(source, &info) < 0)
        return err_errno(err, "look at volume %s", s->what);
    return stage_attach(st, source, s->where, true, S_ISDIR(info.st_mode), err);
}

int stage_terminal(struct stage *st, const struct step *s, struct err *err)
{
    int slave;
    int rc = stage_open_pty(st->pts, &st->master, &slave, err);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 3; i++)
        st->stdio[i] = slave;
    cleanup_close int console = mounts_copy(slave, "", false, 0, err);
    return console < 0 ? err_prefix(err, "%s", s->where)
                       : stage_attach(st, console, s->where, false, false, err);
}

/* An empty read-only directory to put over another: a file system is made once and attached with its first
 * use; the next are copies of it (one that is attached nowhere can't be copied before Linux 6.15). */
static int empty_directory(struct stage *st, struct err *err)
{
    return st->empty >= 0 ? mounts_copy(st->empty, "", false, 0, err)
                          : mounts_new("tmpfs", "size=0,mode=555", MOUNT_ATTR_RDONLY, err);
}

static int null_device(const struct stage *st, struct err *err)
{
    return st->dev >= 0 ? mounts_copy(st->dev, "null", false, 0, err)
                        : mounts_copy(AT_FDCWD, "/dev/null", false, 0, err);
}

/* 1: it is masked; 0: this kernel has no such file. */
static int mask(struct stage *st, const char *where, struct err *err)
{
    struct stat info;
    cleanup_close int at = existing_target(st, where, err);
    if (at < 0)
        return at == -ENOENT ? 0 : at;
    if (fstat(at, &info) < 0)
        return err_errno(err, "look at %s", where);
    bool directory = S_ISDIR(info.st_mode);
    cleanup_close int cover = directory ? empty_directory(st, err) : null_device(st, err);
    if (cover < 0)
        return err_prefix(err, "mask %s", where);
    int rc = mounts_attach(cover, at, where, err);
    if (rc == 0 && directory && st->empty < 0)
        st->empty = take_fd(&cover);
    return rc < 0 ? rc : 1;
}

/* The first CPU, which is never taken away, says whether this machine has them at all. */
static int mask_each_cpu(struct stage *st, struct err *err)
{
    char path[80];
    int rc = mask(st, "/sys/devices/system/cpu/cpu0/thermal_throttle", err);
    if (rc == 0)
        return 0;
    for (unsigned i = 1; rc >= 0; i++) {
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u", i);
        cleanup_close int cpu = existing_target(st, path, err);
        if (cpu < 0)
            return 0;
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/thermal_throttle", i);
        rc = mask(st, path, err);
    }
    return rc;
}

int stage_mask(struct stage *st, const struct step *s, struct err *err)
{
    int rc = strcmp(s->where, PLAN_EACH_CPU) == 0 ? mask_each_cpu(st, err) : mask(st, s->where, err);
    return rc < 0 ? rc : 0;
}

int stage_read_only(struct stage *st, const struct step *s, struct err *err)
{
    cleanup_close int at = existing_target(st, s->where, err);
    if (at < 0)
        return at == -ENOENT ? 0 : at;
    cleanup_close int copy = mounts_copy(at, "", true, s->flags, err);
    return copy < 0 ? err_prefix(err, "make %s read-only", s->where) : mounts_attach(copy, at, s->where, err);
}
