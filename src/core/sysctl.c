/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define VALUE_LIMIT 1000 /* bytes; the longest that a kernel reads here is a few numbers */

static const struct {
    const char *front;
    unsigned long namespace;
} known[] = {
    {"net.", CLONE_NEWNET},
    {"fs.mqueue.", CLONE_NEWIPC},
    {"kernel.msgmax=", CLONE_NEWIPC},
    {"kernel.msgmnb=", CLONE_NEWIPC},
    {"kernel.msgmni=", CLONE_NEWIPC},
    {"kernel.sem=", CLONE_NEWIPC},
    {"kernel.shmall=", CLONE_NEWIPC},
    {"kernel.shmmax=", CLONE_NEWIPC},
    {"kernel.shmmni=", CLONE_NEWIPC},
    {"kernel.shm_rmid_forced=", CLONE_NEWIPC},
    {"kernel.domainname=", CLONE_NEWUTS},
};

unsigned long sysctl_namespace(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_starts(text, known[i].front))
            return known[i].namespace;
    return 0;
}

/* Names with dots between; a slash stands for a dot in a part, as sysctl(8) has it: net.ipv4.conf.eth0/1.x */
static bool is_name(const char *name, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
    bool part = false;
    if (!len || strspn(name, letters) < len)
        return false;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && name[i] != '.') {
            part = true;
            continue;
        }
        if (!part || (name[i - 1] == '/' && (i < 2 || strchr("./", name[i - 2]))))
            return false;
        part = false;
    }
    return !memmem(name, len, "//", 2);
}

int sysctl_check(const char *text, struct err *err)
{
    const char *value = strchr(text, '=');
    if (!value || !is_name(text, (size_t)(value - text)) || strlen(value) > VALUE_LIMIT ||
        strchr(value, '\n'))
        return err_set(err, EINVAL, "'%s' is not NAME=VALUE, for example net.ipv4.ip_forward=1", text);
    if (sysctl_namespace(text))
        return 0;
    err_set(err, EINVAL, "sysctl %.*s: it is no namespace's, but all of the machine's", (int)(value - text),
            text);
    return err_hint(err, "net.*, fs.mqueue.*, kernel.domainname, and kernel's msg*, shm* and sem can be set");
}

int sysctl_write(const char *text, struct err *err)
{
    cleanup_free char *name = mem_dup(text);
    char *value = strchr(name, '=');
    *value++ = '\0';
    for (char *c = name; *c; c++)
        *c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
    cleanup_close int dir = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int rc = dir < 0 ? -errno : fs_write_at(dir, name, value);
    return rc < 0 ? err_set(err, -rc, "set sysctl %s: %s", text, strerror(-rc)) : 0;
}
