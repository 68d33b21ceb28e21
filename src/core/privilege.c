/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/capability.h"

int privilege_user(const struct bundle *bundle, struct user *user, const int stdio[3], struct err *err)
{
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
        return err_errno(err, "keep the capabilities over the change of user");
    /* Where only numbers are said the user's groups are the bundle's, and the primary one is none of them. */
    if (user->group_count == 1 && user->groups[0] == user->gid)
        user->group_count = 0;
    for (size_t i = 0; i < bundle->group_count; i++) {
        user->groups = mem_resize(user->groups, user->group_count + 1, sizeof *user->groups);
        user->groups[user->group_count++] = bundle->groups[i];
    }
    int rc = user_become(user, stdio, err);
    /* user_become() lets it pass that a single-id map can have no groups. */
    if (rc == 0 && bundle->group_count && getgroups(0, NULL) < (int)bundle->group_count)
        rc = err_set(err, EPERM,
                     "take the groups of process.user.additionalGids: not permitted in its user "
                     "namespace");
    return rc;
}

/* The right to drop from the bounding set went with root, if it did: permitted, it can be had back. */
static int raise_own(struct err *err)
{
    struct capability_sets own;
    int rc = capability_get(&own);
    if (rc == 0) {
        own.effective = own.permitted;
        rc = capability_set(&own);
    }
    return rc < 0 ? err_set(err, -rc, "raise the capabilities: %s", strerror(-rc)) : 0;
}

/* The bundle's, with what --cap-add and --cap-drop say on top. */
static void choose(const struct spec *spec, bool nodes, uint64_t sets[CAPS_COUNT])
{
    for (int i = 0; i < CAPS_COUNT; i++) {
        uint64_t added = i == CAPS_INHERITABLE || i == CAPS_AMBIENT ? 0 : spec->cap_add;
        sets[i] = (spec->bundle->capabilities[i] & ~spec->cap_drop) | added;
        if (!nodes)
            sets[i] &= ~(UINT64_C(1) << CAP_MKNOD);
    }
}

int privilege_capabilities(const struct spec *spec, bool nodes, struct err *err)
{
    uint64_t sets[CAPS_COUNT];
    int rc = raise_own(err);
    choose(spec, nodes, sets);
    if (rc == 0)
        rc = capability_keep_bounding(sets[CAPS_BOUNDING], err);
    if (rc < 0)
        return rc;
    const struct capability_sets wanted = {sets[CAPS_EFFECTIVE], sets[CAPS_PERMITTED],
                                           sets[CAPS_INHERITABLE]};
    rc = capability_set(&wanted);
    if (rc < 0) {
        err_set(err, -rc, "set the capabilities: %s", strerror(-rc));
        return err_hint(err, "process.capabilities asks for more than this process has itself");
    }
    return capability_set_ambient(sets[CAPS_AMBIENT], err);
}

static int write_label(const char *const *files, const char *text, const char *what, struct err *err)
{
    cleanup_close int dir = open("/proc/self/attr", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int rc = dir < 0 ? -errno : -ENOENT;
    for (; *files && (rc == -ENOENT || rc == -EINVAL); files++)
        rc = fs_write_at(dir, *files, text);
    if (rc == 0)
        return 0;
    err_set(err, -rc, "set %s: %s", what, strerror(-rc));
    return err_hint(err, "is that security module enabled here, and does it know that name?");
}

int privilege_labels(const struct bundle *bundle, struct err *err)
{
    static const char *const apparmor[] = {"apparmor/exec", "exec", NULL}, *const selinux[] = {"exec", NULL};
    int rc = 0;
    if (bundle->apparmor) {
        cleanup_free char *text = mem_printf("exec %s", bundle->apparmor);
        rc = write_label(apparmor, text, "process.apparmorProfile", err);
    }
    if (rc == 0 && bundle->selinux)
        rc = write_label(selinux, bundle->selinux, "process.selinuxLabel", err);
    return rc;
}
