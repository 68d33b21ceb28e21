/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/idmount.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/idmap.h"
#include "core/mounts.h"
#include "core/sys.h"

/* Without the right to write what is asked for less may have been written: a bundle means what it says. */
static int check_map(int dir, const char *file, const char *asked, struct err *err)
{
    char text[4096];
    cleanup_free char *wanted = mem_dup(asked);
    char *rest = wanted, *got = text, *line, *other;
    if (fs_read_at(dir, file, text, sizeof text) < 0)
        return err_errno(err, "read %s of the user namespace", file);
    while ((line = strsep(&rest, "\n")) && line[0]) {
        unsigned a[3] = {0}, b[3] = {1};
        other = strsep(&got, "\n");
        sscanf(line, "%u %u %u", &a[0], &a[1], &a[2]);
        if (!other || sscanf(other, "%u %u %u", &b[0], &b[1], &b[2]) != 3 || memcmp(a, b, sizeof a) != 0) {
            err_set(err, EPERM, "write %s of the user namespace: '%s' is not permitted to this user", file,
                    line);
            return err_hint(err, "a user has its own id, and those of /etc/subuid and /etc/subgid");
        }
    }
    return 0;
}

int idmount_write_maps(pid_t pid, const struct bundle *bundle, struct err *err)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    cleanup_close int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int rc =
        dir < 0 ? err_errno(err, "open %s", path) : idmap_write(pid, bundle->uid_map, bundle->gid_map, err);
    if (rc == 0)
        rc = check_map(dir, "uid_map", bundle->uid_map, err);
    if (rc == 0)
        rc = check_map(dir, "gid_map", bundle->gid_map, err);
    return rc < 0 ? err_prefix(err, "config.json: linux.uidMappings and gidMappings") : 0;
}

static int open_user_ns(pid_t pid, struct err *err)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? err_errno(err, "open the user namespace of the container's first process") : fd;
}

/* A user namespace with these maps and nobody in it: its one process is gone when this returns. */
static int make_user_ns(const char *uid_map, const char *gid_map, struct err *err)
{
    struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    pid_t pid = sys_clone3(&args);
    if (pid == 0)
        for (;;)
            pause();
    if (pid < 0)
        return err_errno(err, "make a user namespace");
    int rc = idmap_write(pid, uid_map, gid_map, err), fd = rc < 0 ? rc : open_user_ns(pid, err);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return fd;
}

int idmount_make(const struct bundle_mount *m, pid_t pid, struct err *err)
{
    cleanup_close int ns = m->uid_map ? make_user_ns(m->uid_map, m->gid_map, err) : open_user_ns(pid, err);
    cleanup_close int mount = ns < 0 ? ns : mounts_copy(AT_FDCWD, m->source, m->recursive, 0, err);
    if (mount < 0)
        return mount;
    struct mount_attr shift = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)ns};
    if (mount_setattr(mount, "", AT_EMPTY_PATH | (m->id_map_all ? AT_RECURSIVE : 0), &shift, sizeof shift) ==
        0)
        return take_fd(&mount);
    err_errno(err, "show %s with other owners", m->source);
    return err->code == EINVAL ? err_hint(err, "its file system can't: remove idmap") : -err->code;
}
