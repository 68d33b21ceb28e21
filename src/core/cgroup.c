/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/value.h"
#include "core/devices.h"
#include "core/unit.h"

/* How long deaths may take after cgroup.kill: a large process's memory is given back page by page. */
#define DEATH_TIMEOUT_MS 10000

/* Writes the controllers that are available in this cgroup and not yet enabled for its children. All in one
 * write: "+cpu" or "+pids" alone on a populated cgroup would turn it threaded. */
static int enable_controllers(int fd, const char *where, struct err *err)
{
    char text[512];
    struct str missing = {0};
    if (fs_read_at(fd, "cgroup.controllers", text, sizeof text) < 0)
        return err_errno(err, "read cgroup.controllers of %s", where);
    unsigned available = cgroupfs_parse_controllers(text);
    if (fs_read_at(fd, "cgroup.subtree_control", text, sizeof text) < 0)
        return err_errno(err, "read cgroup.subtree_control of %s", where);
    available &= ~cgroupfs_parse_controllers(text);
    for (int i = 0; i < CONTROLLER_COUNT; i++)
        if (available & 1u << i)
            str_addf(&missing, "%s+%s", missing.len ? " " : "", controller_names[i]);
    int rc = missing.len ? fs_write_at(fd, "cgroup.subtree_control", missing.text) : 0;
    if (rc < 0) {
        err_set(err, -rc, "enable the controllers %s below cgroup %s: %s", missing.text, where,
                strerror(-rc));
        if (rc == -EBUSY)
            err_hint(err, "processes are in that cgroup itself: move them into a child of it");
    }
    str_free(&missing);
    return rc;
}

static int open_directory(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int cgroup_make_base(int parent, const char *where, int *ret_fd, struct err *err)
{
    static const char name[] = CGROUP_BASE;
    char path[PATH_MAX];
    int rc = enable_controllers(parent, where, err);
    if (rc < 0)
        return rc;
    snprintf(path, sizeof path, "%s" CGROUP_BASE, where);
    if (mkdirat(parent, name + 1, 0755) < 0 && errno != EEXIST)
        return err_errno(err, "make the cgroup %s", path);
    cleanup_close int base = openat(parent, name + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (base < 0)
        return err_errno(err, "open the cgroup %s", path);
    if ((rc = enable_controllers(base, path, err)) < 0 || (rc = devices_filter(base, err)) < 0)
        return rc;
    *ret_fd = take_fd(&base);
    return 0;
}

/* The base as the last container has left it: with all that this machine's controllers are. */
static bool use_base(int parent, unsigned controllers, int *ret_fd)
{
    char text[512];
    struct err ignored;
    cleanup_close int base = openat(parent, &CGROUP_BASE[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (base < 0 || fs_read_at(base, "cgroup.subtree_control", text, sizeof text) < 0 ||
        (controllers & ~cgroupfs_parse_controllers(text)) || devices_filter(base, &ignored) < 0)
        return false;
    *ret_fd = take_fd(&base);
    return true;
}

/* That of a delegated unit is made by the unit's process; where it is not, the unit has ended. */
static int open_base(struct cgroupfs *fs, int *ret_fd, struct err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s", fs->mount, fs->delegated ? fs->base : "");
    cleanup_close int fd = open_directory(path);
    if (fd < 0 && errno == ENOENT && fs->delegated && unit_ask(fs, err) < 0)
        return -EACCES;
    if (fd < 0)
        return err_errno(err, "open the cgroup %s", path);
    if (!fs->delegated)
        return use_base(fd, fs->controllers, ret_fd) ? 0 : cgroup_make_base(fd, fs->mount, ret_fd, err);
    *ret_fd = take_fd(&fd);
    return 0;
}

static int no_rights_hint(struct err *err)
{
    if (err->code == EACCES || err->code == EPERM || err->code == EROFS)
        err_hint(err, "cgroups are made by root: run it with sudo");
    return -err->code;
}

/* Whose a cgroup is: another state directory may have a container of the same name. kernfs keeps attributes
 * in the user namespace of attributes since Linux 5.7. */
#define MARK "user.boxtop"

static bool has_mark(int fd, const char *id)
{
    char mark[64];
    ssize_t len = fgetxattr(fd, MARK, mark, sizeof mark);
    return len == (ssize_t)strlen(id) && memcmp(mark, id, (size_t)len) == 0;
}

static bool has_any_mark(int fd)
{
    return fgetxattr(fd, MARK, NULL, 0) >= 0;
}

/* Makes `name` in the base. -ENOENT: the base went away meanwhile, with the last container of somebody else.
 */
static int make_in_base(int base, const char *name, const char *id, int *ret_fd)
{
    if (mkdirat(base, name, 0755) < 0)
        return -errno;
    cleanup_close int fd = openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsetxattr(fd, MARK, id, strlen(id), 0) < 0) {
        int rc = -errno;
        unlinkat(base, name, AT_REMOVEDIR);
        return rc;
    }
    *ret_fd = take_fd(&fd);
    return 0;
}

static int make_failed(int rc, const char *mount, const char *path, struct err *err)
{
    err_set(err, -rc, "make the cgroup %s%s: %s", mount, path, strerror(-rc));
    if (rc == -EEXIST)
        return err_hint(
            err, "a container of another state directory has it, or it was left behind: choose another "
                 "--name, or boxtop prune");
    return no_rights_hint(err);
}

int cgroup_make(struct cgroupfs *fs, const char *path, const char *id, int *ret_fd, struct err *err)
{
    int rc = -ENOENT;
    for (int i = 0; i < 16 && rc == -ENOENT; i++) {
        cleanup_close int base = -1;
        rc = open_base(fs, &base, err);
        if (rc < 0 && rc != -ENOENT && rc != -ENODEV)
            return no_rights_hint(err);
        rc = rc < 0 ? -ENOENT : make_in_base(base, strrchr(path, '/') + 1, id, ret_fd);
    }
    return rc < 0 ? make_failed(rc, fs->mount, path, err) : 0;
}

int cgroup_open(const char *mount, const char *path, int *ret_fd, struct err *err)
{
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s%s", mount, path);
    int fd = open_directory(full);
    if (fd < 0)
        return err_errno(err, "open the cgroup %s", full);
    *ret_fd = fd;
    return 0;
}

uint64_t cgroup_keyed(int fd, const char *file, const char *key)
{
    char text[4096];
    uint64_t value;
    size_t len = strlen(key);
    if (fs_read_at(fd, file, text, sizeof text) < 0)
        return VALUE_ABSENT;
    for (char *save = NULL, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (strncmp(line, key, len) == 0 && line[len] == ' ')
            return parse_u64(line + len, &value) == 0 ? value : VALUE_ABSENT;
    return VALUE_ABSENT;
}

#define END_MARK "user.boxtop.end"

void cgroup_mark_end(int fd, const char *why)
{
    if (fsetxattr(fd, END_MARK, why, strlen(why), 0) < 0)
        return; /* then its end is not explained */
}

void cgroup_end_mark(int fd, char *to, size_t size)
{
    ssize_t len = fgetxattr(fd, END_MARK, to, size - 1);
    to[len > 0 ? len : 0] = '\0';
}

int cgroup_kill(int fd)
{
    int rc = fs_write_at(fd, "cgroup.kill", "1");
    bool gone = rc == -ENODEV || (rc == -ENOENT && faccessat(fd, "cgroup.procs", F_OK, 0) < 0);
    return gone ? 0 : rc;
}

int cgroup_wait(int fd, const char *key, bool value, int timeout_ms)
{
    uint64_t end = clock_mono_ns() + (uint64_t)timeout_ms * 1000000;
    cleanup_close int events = openat(fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
    if (events < 0)
        return errno == ENOENT || errno == ENODEV ? 0 : -errno;
    for (;;) {
        char text[256];
        ssize_t len = fs_pread(events, text, sizeof text); /* re-arms the poll */
        if (len < 0)
            return len == -ENODEV ? 0 : (int)len;
        const char *at = strstr(text, key);
        if (at && at[strlen(key)] == ' ' && (at[strlen(key) + 1] == '1') == value)
            return 0;
        uint64_t now = clock_mono_ns();
        if (now >= end)
            return -ETIMEDOUT;
        struct pollfd p = {.fd = events, .events = POLLPRI};
        if (poll(&p, 1, (int)((end - now) / 1000000) + 1) < 0 && errno != EINTR)
            return -errno;
    }
}

int cgroup_freeze(int fd, bool freeze, struct err *err)
{
    int rc = fs_write_at(fd, "cgroup.freeze", freeze ? "1" : "0");
    if (rc == 0)
        rc = cgroup_wait(fd, "frozen", freeze, DEATH_TIMEOUT_MS);
    if (rc < 0)
        return err_set(err, -rc, "%s the cgroup: %s", freeze ? "freeze" : "thaw", strerror(-rc));
    return 0;
}

/* rmdir of a tree of cgroups, leaves first: files in it can't be unlinked and go with their directory. */
static int remove_tree(int dirfd, const char *name)
{
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    cleanup_dir DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return -ENOMEM;
    }
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            remove_tree(fd, entry->d_name);
    return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

int cgroup_remove(const char *mount, const char *path, const char *id, struct err *err)
{
    char full[PATH_MAX];
    snprintf(full, sizeof full, "%s%s", mount, path);
    cleanup_close int fd = open_directory(full);
    if (fd < 0)
        return errno == ENOENT ? 0 : err_errno(err, "open the cgroup %s", full);
    if (!has_mark(fd, id)) {
        /* Made, but its keeper died before it could mark it: then nothing is in it yet. */
        if (!has_any_mark(fd))
            rmdir(full);
        return 0;
    }
    if (rmdir(full) == 0) /* as nearly always: its processes have ended with the first one */
        return 0;
    int rc = cgroup_kill(fd);
    if (rc == 0)
        rc = cgroup_wait(fd, "populated", false, DEATH_TIMEOUT_MS);
    if (rc < 0)
        return err_set(err, -rc, "end the processes in cgroup %s: %s", full, strerror(-rc));
    /* populated 0 comes a moment before the last exit lets go of the directory (KERNEL: some 20 ms). */
    uint64_t end = clock_mono_ns() + 2000000000ull;
    while ((rc = remove_tree(AT_FDCWD, full)) == -EBUSY && clock_mono_ns() < end)
        usleep(2000);
    return rc < 0 ? err_set(err, -rc, "remove the cgroup %s: %s", full, strerror(-rc)) : 0;
}

void cgroup_remove_base(const struct cgroupfs *fs)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s" CGROUP_BASE, fs->mount);
    if (fs->mount[0])
        rmdir(path); /* not while there is a container; a unit's goes with the unit */
}
