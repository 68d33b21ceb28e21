/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What each kind of step says to the kernel.
 */
#include "core/plan.h"

#include "base/mem.h"

static const char *const calls[] = {
    [STEP_CGROUP] = "mkdir(2); write(2) to cgroup.subtree_control",
    [STEP_LIMIT] = "write(2) to the limit's file",
    [STEP_DEVICE_RULES] = "bpf(2): BPF_PROG_LOAD, BPF_PROG_ATTACH (BPF_CGROUP_DEVICE)",
    [STEP_BRIDGE] = "netlink(7): RTM_NEWLINK of a bridge; nf_tables for NAT",
    [STEP_RLIMIT] = "prlimit(2)",
    [STEP_CLONE] = "clone3(2) with CLONE_INTO_CGROUP, CLONE_PIDFD and CLONE_NEW*",
    [STEP_OOM_SCORE] = "write(2) to /proc/PID/oom_score_adj",
    [STEP_ID_MAP] = "write(2) to /proc/PID/uid_map and gid_map",
    [STEP_PASTA] = "execve(2) of pasta",
    [STEP_ID_MOUNT] = "mount_setattr(2) with MOUNT_ATTR_IDMAP",
    [STEP_LINK] = "netlink(7): RTM_NEWLINK of a veth pair, one end with IFLA_NET_NS_PID",
    [STEP_HOOKS] = "execve(2) of each",
    [STEP_JOIN] = "setns(2)",
    [STEP_PRIVATE] = "mount(2) with MS_REC | MS_PRIVATE or MS_SLAVE",
    [STEP_HOSTNAME] = "sethostname(2)",
    [STEP_DOMAINNAME] = "setdomainname(2)",
    [STEP_ROOT_OVERLAY] = "mount(2) of a tmpfs and of an overlay",
    [STEP_ROOT_BIND] = "open_tree(2) with OPEN_TREE_CLONE, move_mount(2)",
    [STEP_MOUNT] = "fsopen(2), fsmount(2), move_mount(2); or mount(2)",
    [STEP_ETC] = "openat2(2), write(2)",
    [STEP_HOSTS] = "move_mount(2) of one file",
    [STEP_GENERAL] = "fsopen(2) or open_tree(2), move_mount(2)",
    [STEP_NODE] = "mknodat(2), or a bind mount of the host's",
    [STEP_DEVICE] = "mknodat(2), or a bind mount of the host's",
    [STEP_SYMLINK] = "symlinkat(2)",
    [STEP_TMPFS] = "fsopen(2), fsmount(2), move_mount(2)",
    [STEP_BIND] = "open_tree(2) with OPEN_TREE_CLONE, move_mount(2)",
    [STEP_TERMINAL] = "open(2) of ptmx, TIOCGPTPEER; a bind mount on /dev/console",
    [STEP_SYSCTL] = "write(2) below /proc/sys",
    [STEP_DIRECTORY] = "mkdirat(2)",
    [STEP_MASK] = "mount(2) of an empty file or directory over it",
    [STEP_READ_ONLY] = "mount_setattr(2) with MOUNT_ATTR_RDONLY",
    [STEP_ROOT_READ_ONLY] = "mount_setattr(2) with MOUNT_ATTR_RDONLY",
    [STEP_LOOPBACK] = "ioctl(2): SIOCSIFFLAGS with IFF_UP",
    [STEP_ADDRESS] = "netlink(7): RTM_NEWADDR, RTM_NEWROUTE (after the link has come)",
    [STEP_HOOKS_WAIT] = "recvmsg(2) from the keeper",
    [STEP_HOOKS_INSIDE] = "execve(2) of each",
    [STEP_LABELS] = "write(2) to /proc/self/attr",
    [STEP_PIVOT] = "pivot_root(2), umount2(2) with MNT_DETACH",
    [STEP_PROPAGATION] = "mount(2) of the root with its propagation",
    [STEP_WORKDIR] = "chdir(2)",
    [STEP_CAPABILITIES] = "prctl(2) with PR_CAPBSET_DROP, capset(2)",
    [STEP_USER] = "setgroups(2), setresgid(2), setresuid(2), capset(2)",
    [STEP_NO_NEW_PRIVS] = "prctl(2) with PR_SET_NO_NEW_PRIVS",
    [STEP_SECCOMP] = "seccomp(2) with SECCOMP_SET_MODE_FILTER",
    [STEP_INIT] = "fork(2); the first process waits for all that end",
    [STEP_EXEC] = "execve(2)",
};
_Static_assert(COUNT_OF(calls) == STEP_COUNT, "a row for each kind of step");

const char *step_call(enum step_kind kind)
{
    return calls[kind];
}
