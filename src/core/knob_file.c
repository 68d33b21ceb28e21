/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/knob.h"

/* io.max with many devices: whole lines only. */
static int read_file(int cgroup_fd, const char *file, char *to)
{
    cleanup_free char *text = NULL;
    ssize_t len = fs_read_whole_at(cgroup_fd, file, 1 << 20, &text);
    if (len < 0)
        return (int)len;
    if (len > 0 && text[len - 1] == '\n')
        text[--len] = '\0';
    if (len >= KNOB_TEXT_SIZE) {
        text[KNOB_TEXT_SIZE - 1] = '\0';
        char *last = strrchr(text, '\n');
        if (last)
            *last = '\0';
    }
    str_copy(to, KNOB_TEXT_SIZE, text);
    return 0;
}

int knob_read(int cgroup_fd, const struct knob *knob, char *to)
{
    if (knob->shown && faccessat(cgroup_fd, knob->name, F_OK, 0) < 0)
        return -errno;
    return read_file(cgroup_fd, knob->shown ? knob->shown : knob->name, to);
}

/* Whether it is enabled here: those files of a controller that every kernel has are there. */
static bool has_controller(int cgroup_fd, int controller)
{
    static const char *const files[CONTROLLER_COUNT] = {
        [CONTROLLER_CPU] = "cpu.weight",    [CONTROLLER_CPUSET] = "cpuset.cpus",
        [CONTROLLER_MEMORY] = "memory.max", [CONTROLLER_IO] = "io.stat",
        [CONTROLLER_PIDS] = "pids.max",     [CONTROLLER_HUGETLB] = "hugetlb.2MB.max"};
    return faccessat(cgroup_fd, files[controller], F_OK, 0) == 0;
}

static int no_file(int cgroup_fd, const struct knob *knob, struct err *err)
{
    if (faccessat(cgroup_fd, "cgroup.procs", F_OK, 0) < 0)
        return err_set(err, ENODEV, "set %s: the cgroup is gone", knob->name);
    if (faccessat(cgroup_fd, "cgroup.type", F_OK, 0) < 0) {
        err_set(err, ENOENT, "set %s: the root cgroup has no limits", knob->name);
        return err_hint(err, "name a cgroup below it");
    }
    if (knob->controller < 0 || has_controller(cgroup_fd, knob->controller)) {
        err_set(err, ENOENT, "set %s: this kernel does not have it", knob->name);
        return err_hint(err, "it came with Linux %s, and may be an option of the kernel", knob->since);
    }
    const char *controller = controller_names[knob->controller];
    err_set(err, ENOENT, "set %s: the %s controller is not enabled in this cgroup", knob->name, controller);
    return err_hint(err,
                    "echo +%s > cgroup.subtree_control in the cgroup above, if its cgroup.controllers "
                    "has it; boxtop inspect shows the cgroup",
                    controller);
}

/* Why the kernel refused a write: first the row that fits knob and code, then the one for any knob. */
static const struct refusal {
    int code;
    const char *knob; /* NULL: any */
    const char *why, *hint;
} refusals[] = {
    {EINVAL, "cpu.max", "the kernel refused it",
     "its quota may not be below cpu.max.burst: set that to 0 first"},
    {EINVAL, "cpu.max.burst", "the burst is larger than the quota", "raise cpu.max first"},
    {EINVAL, "cpu.weight", "the kernel refused it",
     "while cpu.idle is 1 there is no weight: set cpu.idle=0 first"},
    {EINVAL, "io.max", "the kernel refused it", "the device must be a whole disk: lsblk lists MAJOR:MINOR"},
    {EINVAL, "cpuset.mems", "no such memory node", "cpuset.mems.effective of the cgroup above lists them"},
    {EINVAL, "cpuset.cpus", "those CPUs are not the cgroup's to have",
     "cpuset.cpus.effective of the cgroup above lists what there is"},
    {EINVAL, NULL, "the kernel refused the value", ""},
    {ERANGE, "cpuset.cpus", "no such CPU", "cpuset.cpus.effective of the cgroup above lists them"},
    {ERANGE, "cpuset.mems", "no such memory node", "cpuset.mems.effective of the cgroup above lists them"},
    {ERANGE, NULL, "the kernel does not take a value that large or small", ""},
    {EACCES, NULL, "no right to write it", "only root and the owner of a delegated cgroup may: try sudo"},
    {EPERM, NULL, "no right to write it", "only root and the owner of a delegated cgroup may: try sudo"},
    {EROFS, NULL, "the cgroup file system is mounted read-only",
     "mount -o remount,rw it, or work outside the container"},
    {EAGAIN, "memory.reclaim", "less could be reclaimed than was asked for",
     "what is left is anonymous memory without swap, or in use"},
    {EOPNOTSUPP, NULL, "this device or this kernel does not have it", ""},
    {EBUSY, NULL, "the cgroup is busy", "a process or a child cgroup still uses what it would take away"},
    {ENODEV, "io.max", "no such block device, or the cgroup is gone",
     "lsblk lists MAJOR:MINOR; whole disks only"},
    {ENODEV, NULL, "the cgroup is gone", ""},
};

static int refused(const struct knob *knob, const char *text, int code, struct err *err)
{
    const struct refusal *found = NULL;
    for (size_t i = 0; i < COUNT_OF(refusals) && !found; i++)
        if (refusals[i].code == code && (!refusals[i].knob || strcmp(refusals[i].knob, knob->name) == 0))
            found = &refusals[i];
    err_set(err, code, "set %s to '%.*s': %s", knob->name, (int)strcspn(text, "\n"), text,
            found ? found->why : strerror(code));
    return err_hint(err, "%s", found ? found->hint : "");
}

int knob_write(int cgroup_fd, const struct knob *knob, const char *kernel_text, char *before, char *after,
               struct err *err)
{
    char was[KNOB_TEXT_SIZE], is[KNOB_TEXT_SIZE];
    int rc = before ? knob_read(cgroup_fd, knob, was) : 0;
    if (rc == 0)
        rc = fs_write_at(cgroup_fd, knob->name, kernel_text);
    if (rc == -ENOENT)
        return no_file(cgroup_fd, knob, err);
    if (rc < 0)
        return refused(knob, kernel_text, -rc, err);
    rc = after ? knob_read(cgroup_fd, knob, is) : 0;
    if (rc < 0)
        return err_set(err, -rc, "read %s back: %s", knob->name, strerror(-rc));
    if (before)
        str_copy(before, KNOB_TEXT_SIZE, was);
    if (after)
        str_copy(after, KNOB_TEXT_SIZE, is);
    return 0;
}
