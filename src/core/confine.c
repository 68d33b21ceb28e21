/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/confine.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/capability.h"
#include "core/seccomp_filter.h"

static bool is_kept(uint64_t capabilities, cap_value_t value)
{
    return capabilities & UINT64_C(1) << value;
}

static int drop_bounding(uint64_t capabilities, struct err *err)
{
    for (cap_value_t value = 0; value < cap_max_bits(); value++)
        /* One that is not there any more (boxtop inside a container) needs no right to be dropped. */
        if (!is_kept(capabilities, value) && cap_drop_bound(value) < 0 && cap_get_bound(value) != 0)
            return err_errno(err, "drop capability %d from the bounding set", value);
    return 0;
}

/* What was asked for beyond docker's set has to be there. */
static int check_own(uint64_t capabilities, cap_t own, struct err *err)
{
    uint64_t asked = capabilities == CAPABILITY_ALL ? 0 : capabilities & ~CAPABILITY_DEFAULT;
    for (cap_value_t value = 0; value < cap_max_bits(); value++) {
        cap_flag_value_t has = CAP_SET;
        if (!is_kept(asked, value) || cap_get_flag(own, value, CAP_PERMITTED, &has) < 0 || has == CAP_SET)
            continue;
        char *name = cap_to_name(value);
        err_set(err, EPERM, "add the capability %s: boxtop does not have it itself", name ? name : "");
        cap_free(name);
        return -EPERM;
    }
    return 0;
}

int confine_bounding(uint64_t capabilities, struct err *err)
{
    cap_t own = cap_get_proc();
    int rc = own ? check_own(capabilities, own, err) : err_errno(err, "read the capabilities");
    cap_free(own);
    if (rc == 0)
        rc = drop_bounding(capabilities, err);
    /* libcap's cap_reset_ambient() asks for each of them: one call does it. */
    if (rc == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        rc = err_errno(err, "clear the ambient capabilities");
    return rc;
}

/* Those that this process has, as permitted and effective; nothing is inheritable. */
static int set_own(uint64_t capabilities, cap_t own, cap_t wanted)
{
    for (cap_value_t value = 0; value < cap_max_bits(); value++) {
        cap_flag_value_t has = CAP_CLEAR;
        if (!is_kept(capabilities, value))
            continue;
        if (cap_get_flag(own, value, CAP_PERMITTED, &has) < 0)
            return -1;
        if (has == CAP_SET && (cap_set_flag(wanted, CAP_PERMITTED, 1, &value, CAP_SET) < 0 ||
                               cap_set_flag(wanted, CAP_EFFECTIVE, 1, &value, CAP_SET) < 0))
            return -1;
    }
    return cap_set_proc(wanted);
}

int confine_own(uint64_t capabilities, struct err *err)
{
    cap_t own = cap_get_proc(), wanted = cap_init();
    int rc = own && wanted ? set_own(capabilities, own, wanted) : -1;
    if (rc < 0)
        rc = err_errno(err, "limit the capabilities");
    cap_free(own);
    cap_free(wanted);
    return rc;
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
