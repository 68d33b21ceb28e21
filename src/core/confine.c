/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/confine.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/capability.h"
#include "core/seccomp_filter.h"

/* What was asked for beyond docker's set has to be there. */
static int check_own(uint64_t capabilities, struct err *err)
{
    uint64_t asked = capabilities == CAPABILITY_ALL ? 0 : capabilities & ~CAPABILITY_DEFAULT;
    struct capability_sets own;
    int rc = asked ? capability_get(&own) : 0;
    if (rc < 0)
        return err_set(err, -rc, "read the capabilities: %s", strerror(-rc));
    for (int value = 0; asked && capability_name(value); value++)
        if (asked & ~own.permitted & UINT64_C(1) << value)
            return err_set(err, EPERM, "add the capability cap_%s: boxtop does not have it itself",
                           capability_name(value));
    return 0;
}

int confine_bounding(uint64_t capabilities, struct err *err)
{
    int rc = check_own(capabilities, err);
    if (rc == 0)
        rc = capability_keep_bounding(capabilities, err);
    return rc < 0 ? rc : capability_set_ambient(0, err);
}

/* Those that this process has, as permitted and effective; nothing is inheritable. */
int confine_own(uint64_t capabilities, struct err *err)
{
    struct capability_sets sets;
    int rc = capability_get(&sets);
    if (rc == 0) {
        uint64_t kept = sets.permitted & capabilities;
        rc = capability_set(&(struct capability_sets){.effective = kept, .permitted = kept});
    }
    return rc < 0 ? err_set(err, -rc, "limit the capabilities: %s", strerror(-rc)) : 0;
}

int confine_no_new_privs(struct err *err)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? err_errno(err, "set no_new_privs") : 0;
}

static int install(const struct sock_filter *code, size_t count, unsigned flags, struct err *err)
{
    struct sock_fprog program = {
        .len = (unsigned short)count, .filter = (struct sock_filter *)code, /* the kernel only reads it */
    };
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0)
        return 0;
    err_errno(err, "install the seccomp filter");
    if (err->code == EINVAL || err->code == ENOSYS)
        err_hint(err, "the kernel must have CONFIG_SECCOMP_FILTER");
    return -err->code;
}

int confine_seccomp(const struct filter *own, uint64_t capabilities, struct err *err)
{
    struct sock_filter code[COUNT_OF(seccomp_filter)];
    if (own->count)
        return install(own->code, own->count, own->flags, err);
    if ((capabilities & ~CAPABILITY_DEFAULT) == 0)
        return install(seccomp_filter, COUNT_OF(seccomp_filter), 0, err);
    memcpy(code, seccomp_filter, sizeof code);
    for (size_t i = 0; i < COUNT_OF(seccomp_unlocks); i++)
        if (seccomp_unlocks[i].capabilities & capabilities)
            code[seccomp_unlocks[i].at].k = SECCOMP_RET_ALLOW;
    return install(code, COUNT_OF(code), 0, err);
}

size_t confine_filter_length(void)
{
    return COUNT_OF(seccomp_filter);
}
