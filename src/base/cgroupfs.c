/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cgroupfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

const char *const controller_names[CONTROLLER_COUNT] = {
    [CONTROLLER_CPU] = "cpu", [CONTROLLER_CPUSET] = "cpuset", [CONTROLLER_MEMORY] = "memory",
    [CONTROLLER_IO] = "io",   [CONTROLLER_PIDS] = "pids",     [CONTROLLER_HUGETLB] = "hugetlb",
};

unsigned cgroupfs_parse_controllers(const char *text)
{
    unsigned mask = 0;
    while (*(text += strspn(text, " \n"))) {
        size_t len = strcspn(text, " \n");
        for (int i = 0; i < CONTROLLER_COUNT; i++)
            if (strlen(controller_names[i]) == len && strncmp(text, controller_names[i], len) == 0)
                mask |= 1u << i;
        text += len;
    }
    return mask;
}

/* mountinfo writes blank, tab, newline and backslash as \ooo (proc(5)). */
static void unescape(char *text)
{
    char *to = text;
    for (char *c = text; *c; c++) {
        if (c[0] == '\\' && c[1] && c[2] && c[3]) {
            *to++ = (char)((c[1] - '0') * 64 + (c[2] - '0') * 8 + (c[3] - '0'));
            c += 3;
        } else {
            *to++ = *c;
        }
    }
    *to = '\0';
}

/* A line is "id parent major:minor root mountpoint options [fields...] - type source superoptions". */
static void look_at_line(char *line, struct cgroupfs *fs, bool *v1)
{
    char *dash = strstr(line, " - "), *save = NULL, *word = strtok_r(line, " ", &save);
    if (!dash)
        return;
    for (int i = 0; i < 4 && word; i++)
        word = strtok_r(NULL, " ", &save);
    if (!word)
        return;
    unescape(word);
    if (str_starts(dash + 3, "cgroup2 ")) {
        if (!fs->mount[0] && strlen(word) < sizeof fs->mount)
            str_copy(fs->mount, sizeof fs->mount, word);
    } else if (str_starts(dash + 3, "cgroup ")) {
        *v1 = true;
    }
}

static void read_controllers(struct cgroupfs *fs, const char *root)
{
    char path[PATH_MAX], controllers[512];
    snprintf(path, sizeof path, "%s%s/cgroup.controllers", root, fs->mount);
    if (fs_read_at(AT_FDCWD, path, controllers, sizeof controllers) >= 0)
        fs->controllers = cgroupfs_parse_controllers(controllers);
}

/* Where all have it nowadays, seen without a list of all mounts, which costs a launch a hundredth. What is
 * not on v2 there may be on v1. */
static bool is_where_it_belongs(struct cgroupfs *fs)
{
    static const unsigned limits = 1u << CONTROLLER_CPU | 1u << CONTROLLER_MEMORY | 1u << CONTROLLER_PIDS;
    struct statfs st;
    *fs = (struct cgroupfs){.layout = CGROUP_LAYOUT_UNIFIED, .mount = "/sys/fs/cgroup"};
    if (statfs(fs->mount, &st) < 0 || st.f_type != CGROUP2_SUPER_MAGIC)
        return false;
    read_controllers(fs, "");
    return (fs->controllers & limits) == limits;
}

void cgroupfs_find(struct cgroupfs *ret, const char *mountinfo, const char *root)
{
    cleanup_free char *text = NULL;
    bool v1 = false;
    if (!mountinfo && !root && is_where_it_belongs(ret))
        return;
    *ret = (struct cgroupfs){0};
    if (fs_read_whole_at(AT_FDCWD, mountinfo ? mountinfo : "/proc/self/mountinfo", 16 << 20, &text) < 0)
        return;
    for (char *save = NULL, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        look_at_line(line, ret, &v1);
    if (!ret->mount[0])
        return;
    read_controllers(ret, root ? root : "");
    ret->layout = v1 ? CGROUP_LAYOUT_HYBRID : CGROUP_LAYOUT_UNIFIED;
}

void cgroupfs_describe(const struct cgroupfs *fs, words_fn *words, char *to, unsigned long size)
{
    static const enum controller wanted[] = {CONTROLLER_CPU, CONTROLLER_MEMORY, CONTROLLER_PIDS};
    struct str missing = {0};
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (!(fs->controllers & 1u << wanted[i]))
            str_addf(&missing, "%s%s", missing.len ? ", " : "", controller_names[wanted[i]]);
    if (fs->layout == CGROUP_LAYOUT_NONE)
        snprintf(to, size, "%s", words_say(words, "no cgroup v2"));
    else if (missing.len)
        snprintf(to, size,
                 fs->layout == CGROUP_LAYOUT_HYBRID ? words_say(words, "cgroup v2 without %s (on v1)")
                                                    : words_say(words, "cgroup v2 without %s"),
                 missing.text);
    else
        snprintf(to, size, "cgroup v2");
    str_free(&missing);
}

int cgroupfs_missing(const struct cgroupfs *fs, enum controller controller, struct err *err)
{
    const char *name = controller_names[controller];
    if (fs->layout == CGROUP_LAYOUT_NONE) {
        err_set(err, ENOTSUP, "no cgroup v2 is mounted, so there is no %s controller", name);
        return err_hint(err, "mount -t cgroup2 cgroup2 /sys/fs/cgroup, or run it in a VM: scripts/run --vm");
    }
    err_set(err, ENOTSUP, "the %s controller is not on cgroup v2 (%s)", name, fs->mount);
    if (fs->layout == CGROUP_LAYOUT_HYBRID)
        return err_hint(
            err, "it sits on cgroup v1; boot with systemd.unified_cgroup_hierarchy=1 or cgroup_no_v1=all, "
                 "or run it in a VM: scripts/run --vm");
    return err_hint(err,
                    "%s/cgroup.controllers does not list it; enable it in the cgroup above, or in the kernel",
                    fs->mount);
}

int cgroupfs_of_pid(int pid, char *to, unsigned long size)
{
    char path[64];
    cleanup_free char *text = NULL;
    if (pid)
        snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
    else
        snprintf(path, sizeof path, "/proc/self/cgroup");
    ssize_t len = fs_read_whole_at(AT_FDCWD, path, 1 << 20, &text);
    if (len < 0)
        return (int)len;
    for (char *save = NULL, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (str_starts(line, "0::"))
            return str_copy(to, size, line + 3) ? 0 : -ENAMETOOLONG;
    return -ENOENT;
}
