/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/sys.h"

static int configure(int fs, const char *source, const char *options)
{
    if (fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) < 0) /* what /proc/mounts shows */
        return -errno;
    cleanup_free char *copy = mem_dup(options ? options : "");
    for (char *save = NULL, *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        char *value = strchr(word, '=');
        if (value)
            *value++ = '\0';
        if (fsconfig(fs, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, word, value, 0) < 0)
            return -errno;
    }
    return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ? -errno : 0;
}

static int fs_failed(const char *type, const char *options, struct err *err)
{
    return err_errno(err, "make a %s file system%s%s", type, options ? " with " : "", options ? options : "");
}

int mounts_new(const char *type, const char *options, unsigned long attributes, struct err *err)
{
    return mounts_make(type, type, options, attributes, err);
}

int mounts_make(const char *type, const char *source, const char *options, unsigned long attributes,
                struct err *err)
{
    cleanup_close int fs = fsopen(type, FSOPEN_CLOEXEC);
    int mount = -1;
    if (fs < 0 || (errno = -configure(fs, source, options)) != 0 ||
        (mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attributes)) < 0)
        return fs_failed(type, options, err);
    return mount;
}

static unsigned long flags_of(unsigned long attributes)
{
    static const struct {
        unsigned long attribute, flag;
    } rows[] = {{MOUNT_ATTR_RDONLY, MS_RDONLY},
                {MOUNT_ATTR_NOSUID, MS_NOSUID},
                {MOUNT_ATTR_NODEV, MS_NODEV},
                {MOUNT_ATTR_NOEXEC, MS_NOEXEC}};
    unsigned long flags = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        flags |= attributes & rows[i].attribute ? rows[i].flag : 0;
    return flags;
}

int mounts_new_at(int at, const char *type, const char *options, unsigned long attributes, struct err *err)
{
    return fchdir(at) < 0 || mount(type, ".", type, flags_of(attributes), options) < 0
               ? fs_failed(type, options, err)
               : 0;
}

int mounts_copy(int dirfd, const char *path, bool recursive, unsigned long attributes, struct err *err)
{
    cleanup_close int mount = sys_clone_mount(dirfd, path, recursive ? AT_RECURSIVE : 0);
    struct mount_attr change = {.attr_set = attributes};
    if (mount < 0)
        return err_errno(err, "copy the mount%s%s", path[0] ? " of " : "", path);
    if (attributes &&
        mount_setattr(mount, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &change, sizeof change) < 0)
        return err_errno(err, "change the attributes of the mount%s%s", path[0] ? " of " : "", path);
    return take_fd(&mount);
}

int mounts_attach(int mount, int target, const char *path, struct err *err)
{
    if (sys_attach_mount(mount, target) < 0)
        return err_errno(err, "mount on %s", path);
    return 0;
}

int mounts_look(int root, const char *path, bool links)
{
    uint64_t how = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (links ? 0 : RESOLVE_NO_SYMLINKS);
    int fd;
    /* EAGAIN: a rename raced with ".." on the way (openat2(2)) */
    while ((fd = sys_openat2(root, path, O_PATH | O_CLOEXEC, how)) < 0 && errno == EAGAIN)
        ;
    return fd < 0 ? -errno : fd;
}

static int resolve_failed(int rc, const char *path, struct err *err)
{
    err_set(err, -rc, "find %s in the root: %s", path, strerror(-rc));
    if (rc == -ELOOP)
        err_hint(err, "it is a symbolic link there; it has to be a directory");
    return rc;
}

int mounts_resolve(int root, const char *path, bool links, struct err *err)
{
    int fd = mounts_look(root, path, links);
    return fd < 0 ? resolve_failed(fd, path, err) : fd;
}

/* Makes the last part of `path` in the directory `parent`. */
static int make_last(int parent, const char *path, bool directory)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (directory)
        return mkdirat(parent, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
    return mknodat(parent, name, S_IFREG | 0644, 0) < 0 && errno != EEXIST ? -errno : 0;
}

static int make_failed(int rc, const char *path, struct err *err)
{
    err_set(err, -rc, "make %s in the root: %s", path, strerror(-rc));
    if (rc == -EACCES || rc == -EOVERFLOW)
        return err_hint(
            err, "its files belong to nobody in the container's user namespace, and this file system can't "
                 "shift owners: make that directory before, or use --userns host");
    if (rc == -EROFS)
        return err_hint(err, "the root is read-only: make it there before");
    return rc;
}

int mounts_resolve_or_make(int root, const char *path, bool links, bool directory, struct err *err)
{
    int fd = mounts_look(root, path, links), rc = 0;
    if (fd == -ENOENT && path[0] && !strchr(path, '/') && (rc = make_last(root, path, directory)) == 0)
        fd = mounts_look(root, path, links);
    if (rc < 0)
        return make_failed(rc, path, err);
    if (fd != -ENOENT)
        return fd < 0 ? resolve_failed(fd, path, err) : fd;
    cleanup_free char *part = mem_dup(path);
    cleanup_close int parent = mounts_look(root, "/", links);
    for (char *end = part; *end; end += !!*end) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        char kept = *end;
        *end = '\0';
        fd = mounts_look(root, part, links);
        if (fd == -ENOENT) {
            rc = make_last(parent, part, directory || kept);
            if (rc < 0)
                return make_failed(rc, part, err);
            fd = mounts_look(root, part, links);
        }
        if (fd < 0)
            return resolve_failed(fd, part, err);
        fd_close(&parent);
        parent = fd;
        *end = kept;
    }
    return take_fd(&parent);
}
