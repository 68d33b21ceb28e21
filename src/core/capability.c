/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/capability.h"

#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

static const char *const names[] = {
    [CAP_CHOWN] = "chown",
    [CAP_DAC_OVERRIDE] = "dac_override",
    [CAP_DAC_READ_SEARCH] = "dac_read_search",
    [CAP_FOWNER] = "fowner",
    [CAP_FSETID] = "fsetid",
    [CAP_KILL] = "kill",
    [CAP_SETGID] = "setgid",
    [CAP_SETUID] = "setuid",
    [CAP_SETPCAP] = "setpcap",
    [CAP_LINUX_IMMUTABLE] = "linux_immutable",
    [CAP_NET_BIND_SERVICE] = "net_bind_service",
    [CAP_NET_BROADCAST] = "net_broadcast",
    [CAP_NET_ADMIN] = "net_admin",
    [CAP_NET_RAW] = "net_raw",
    [CAP_IPC_LOCK] = "ipc_lock",
    [CAP_IPC_OWNER] = "ipc_owner",
    [CAP_SYS_MODULE] = "sys_module",
    [CAP_SYS_RAWIO] = "sys_rawio",
    [CAP_SYS_CHROOT] = "sys_chroot",
    [CAP_SYS_PTRACE] = "sys_ptrace",
    [CAP_SYS_PACCT] = "sys_pacct",
    [CAP_SYS_ADMIN] = "sys_admin",
    [CAP_SYS_BOOT] = "sys_boot",
    [CAP_SYS_NICE] = "sys_nice",
    [CAP_SYS_RESOURCE] = "sys_resource",
    [CAP_SYS_TIME] = "sys_time",
    [CAP_SYS_TTY_CONFIG] = "sys_tty_config",
    [CAP_MKNOD] = "mknod",
    [CAP_LEASE] = "lease",
    [CAP_AUDIT_WRITE] = "audit_write",
    [CAP_AUDIT_CONTROL] = "audit_control",
    [CAP_SETFCAP] = "setfcap",
    [CAP_MAC_OVERRIDE] = "mac_override",
    [CAP_MAC_ADMIN] = "mac_admin",
    [CAP_SYSLOG] = "syslog",
    [CAP_WAKE_ALARM] = "wake_alarm",
    [CAP_BLOCK_SUSPEND] = "block_suspend",
    [CAP_AUDIT_READ] = "audit_read",
    [CAP_PERFMON] = "perfmon",
    [CAP_BPF] = "bpf",
    [CAP_CHECKPOINT_RESTORE] = "checkpoint_restore",
};

#define SET_BITS 64 /* what capget(2) and a mask have room for */

const char *capability_name(int value)
{
    return value >= 0 && (size_t)value < COUNT_OF(names) ? names[value] : NULL;
}

int capability_parse(const char *name, uint64_t *ret_mask)
{
    if (strcasecmp(name, "ALL") == 0) {
        *ret_mask = CAPABILITY_ALL;
        return 0;
    }
    if (strncasecmp(name, "cap_", 4) == 0)
        name += 4;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcasecmp(name, names[i]) == 0) {
            *ret_mask = UINT64_C(1) << i;
            return 0;
        }
    return -EINVAL;
}

uint64_t capability_choose(uint64_t add, uint64_t drop)
{
    if (drop == CAPABILITY_ALL)
        return add;
    if (add == CAPABILITY_ALL)
        return ~drop;
    return (CAPABILITY_DEFAULT & ~drop) | add;
}

void capability_names(uint64_t mask, const char *between, struct str *to)
{
    const char *before = "";
    if (mask == CAPABILITY_ALL) {
        str_add(to, "ALL");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!(mask & UINT64_C(1) << i))
            continue;
        str_add(to, before);
        str_add(to, names[i]);
        before = between;
    }
}

/* ---- the kernel's ---- */

static uint64_t joined(uint32_t low, uint32_t high)
{
    return low | (uint64_t)high << 32;
}

int capability_get(struct capability_sets *ret)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    if (syscall(SYS_capget, &header, data) < 0)
        return -errno;
    *ret = (struct capability_sets){joined(data[0].effective, data[1].effective),
                                    joined(data[0].permitted, data[1].permitted),
                                    joined(data[0].inheritable, data[1].inheritable)};
    return 0;
}

int capability_set(const struct capability_sets *sets)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        data[i] = (struct __user_cap_data_struct){.effective = (uint32_t)(sets->effective >> 32 * i),
                                                  .permitted = (uint32_t)(sets->permitted >> 32 * i),
                                                  .inheritable = (uint32_t)(sets->inheritable >> 32 * i)};
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* EINVAL: this kernel has no more. One that is not there any more (boxtop inside a container) needs no right
 * to be dropped. */
int capability_keep_bounding(uint64_t kept, struct err *err)
{
    for (int value = 0; value < SET_BITS; value++) {
        if (kept >> value & 1 || prctl(PR_CAPBSET_DROP, value, 0, 0, 0) == 0)
            continue;
        if (errno == EINVAL)
            break;
        if (prctl(PR_CAPBSET_READ, value, 0, 0, 0) != 0)
            return err_errno(err, "drop capability %d from the bounding set", value);
    }
    return 0;
}

int capability_set_ambient(uint64_t mask, struct err *err)
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return err_errno(err, "clear the ambient capabilities");
    for (int value = 0; value < SET_BITS && mask >> value; value++)
        if (mask >> value & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, value, 0, 0) < 0)
            return err_errno(err, "make capability %d ambient", value);
    return 0;
}
