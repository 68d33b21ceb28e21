/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"

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

static bool has(uint64_t set, cap_value_t value)
{
    return set >> value & 1;
}

static int set_three(const uint64_t sets[CAPS_COUNT])
{
    static const struct {
        enum capability_set set;
        cap_flag_t flag;
    } flags[] = {{CAPS_EFFECTIVE, CAP_EFFECTIVE},
                 {CAPS_PERMITTED, CAP_PERMITTED},
                 {CAPS_INHERITABLE, CAP_INHERITABLE}};
    cap_t wanted = cap_init();
    int rc = wanted ? 0 : -1;
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        for (cap_value_t value = 0; rc == 0 && value < cap_max_bits(); value++)
            if (has(sets[flags[i].set], value))
                rc = cap_set_flag(wanted, flags[i].flag, 1, &value, CAP_SET);
    if (rc == 0)
        rc = cap_set_proc(wanted);
    cap_free(wanted);
    return rc;
}

/* The right to drop from the bounding set went with root, if it did: permitted, it can be had back. */
static int raise_own(struct err *err)
{
    cap_t own = cap_get_proc();
    int rc = own ? 0 : -1;
    for (cap_value_t value = 0; rc == 0 && value < cap_max_bits(); value++) {
        cap_flag_value_t permitted = CAP_CLEAR;
        cap_get_flag(own, value, CAP_PERMITTED, &permitted);
        rc = cap_set_flag(own, CAP_EFFECTIVE, 1, &value, permitted);
    }
    if (rc == 0)
        rc = cap_set_proc(own);
    if (rc < 0)
        rc = err_errno(err, "raise the capabilities");
    cap_free(own);
    return rc;
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
    for (cap_value_t value = 0; rc == 0 && value < cap_max_bits(); value++)
        if (!has(sets[CAPS_BOUNDING], value) && cap_drop_bound(value) < 0 && cap_get_bound(value) != 0)
            rc = err_errno(err, "drop capability %d from the bounding set", value);
    if (rc < 0)
        return rc;
    if (set_three(sets) < 0) {
        err_errno(err, "set the capabilities");
        return err_hint(err, "process.capabilities asks for more than this process has itself");
    }
    if (cap_reset_ambient() < 0)
        return err_errno(err, "clear the ambient capabilities");
    for (cap_value_t value = 0; value < cap_max_bits(); value++)
        if (has(sets[CAPS_AMBIENT], value) && cap_set_ambient(value, CAP_SET) < 0)
            return err_errno(err, "make capability %d ambient", value);
    return 0;
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
