/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/confine.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/seccomp_filter.h"

static const struct {
    cap_value_t value;
    const char *name;
} kept[] = {
    {CAP_CHOWN, "chown"},
    {CAP_DAC_OVERRIDE, "dac_override"},
    {CAP_FOWNER, "fowner"},
    {CAP_FSETID, "fsetid"},
    {CAP_KILL, "kill"},
    {CAP_SETGID, "setgid"},
    {CAP_SETUID, "setuid"},
    {CAP_SETPCAP, "setpcap"},
    {CAP_NET_BIND_SERVICE, "net_bind_service"},
    {CAP_NET_RAW, "net_raw"},
    {CAP_SYS_CHROOT, "sys_chroot"},
    {CAP_MKNOD, "mknod"},
    {CAP_AUDIT_WRITE, "audit_write"},
    {CAP_SETFCAP, "setfcap"},
};

static bool is_kept(cap_value_t value)
{
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (kept[i].value == value)
            return true;
    return false;
}

static int drop_bounding(struct err *err)
{
    for (cap_value_t value = 0; value < cap_max_bits(); value++)
        /* One that is not there any more (boxtop inside a container) needs no right to be dropped. */
        if (!is_kept(value) && cap_drop_bound(value) < 0 && cap_get_bound(value) != 0)
            return err_errno(err, "drop capability %d from the bounding set", value);
    return 0;
}

/* Those of kept[] that this process has, as permitted and effective; nothing is inheritable. */
static int set_own(cap_t own, cap_t wanted)
{
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        cap_flag_value_t has = CAP_CLEAR;
        if (cap_get_flag(own, kept[i].value, CAP_PERMITTED, &has) < 0)
            return -1;
        if (has == CAP_SET && (cap_set_flag(wanted, CAP_PERMITTED, 1, &kept[i].value, CAP_SET) < 0 ||
                               cap_set_flag(wanted, CAP_EFFECTIVE, 1, &kept[i].value, CAP_SET) < 0))
            return -1;
    }
    return cap_set_proc(wanted);
}

int confine_capabilities(struct err *err)
{
    int rc = drop_bounding(err);
    if (rc < 0)
        return rc;
    if (cap_reset_ambient() < 0)
        return err_errno(err, "clear the ambient capabilities");
    cap_t own = cap_get_proc(), wanted = cap_init();
    rc = own && wanted ? set_own(own, wanted) : -1;
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

int confine_seccomp(struct err *err)
{
    struct sock_fprog program = {
        .len = COUNT_OF(seccomp_filter),
        .filter = (struct sock_filter *)seccomp_filter, /* the kernel only reads it */
    };
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
        return 0;
    err_errno(err, "install the seccomp filter");
    if (err->code == EINVAL || err->code == ENOSYS)
        err_hint(err, "the kernel must have CONFIG_SECCOMP_FILTER");
    return -err->code;
}

void confine_capability_names(struct str *to)
{
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        str_addf(to, "%s%s", i ? "," : "", kept[i].name);
}

size_t confine_filter_length(void)
{
    return COUNT_OF(seccomp_filter);
}
