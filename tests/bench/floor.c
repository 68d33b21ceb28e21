/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The floor that launching is held against: the fewest system calls that start a program in a container as
 * boxtop does (all namespaces, its cgroup and limits, all mounts, masks, capabilities, seccomp), with nothing
 * recorded, nothing validated, no error explained. Usage: floor [--network] ROOT CGROUP2_MOUNT COMMAND
 * [ARG...]
 * --network: a veth pair besides, one end in boxtop0 (a bridge that is there already), with addresses and
 * routes of IPv4 and IPv6, by raw netlink.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/seccomp_filter.h"

#define CHECK(call) ((call) < 0 ? (perror(#call), _exit(125)) : (void)0)

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        return; /* a host without that controller */
    close(fd);
}

/* ---- network
 * ------------------------------------------------------------------------------------------------ */

struct request {
    struct nlmsghdr header;
    char bytes[512];
};

static void *put(struct request *r, unsigned short type, const void *data, size_t len)
{
    struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));
    a->rta_type = type;
    a->rta_len = (unsigned short)RTA_LENGTH(len);
    if (len)
        memcpy(RTA_DATA(a), data, len);
    r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
    return a;
}

static void end(struct request *r, void *nest)
{
    struct rtattr *a = nest;
    a->rta_len = (unsigned short)((char *)r + r->header.nlmsg_len - (char *)a);
}

static void talk(int sock, struct request *r)
{
    char answer[1024];
    r->header.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    CHECK(send(sock, r, r->header.nlmsg_len, 0));
    CHECK(recv(sock, answer, sizeof answer, 0));
    struct nlmsgerr *e = NLMSG_DATA((struct nlmsghdr *)answer);
    /* A link goes with its namespace, if that is faster. */
    if (e->error && !(e->error == -ENODEV && r->header.nlmsg_type == RTM_DELLINK)) {
        fprintf(stderr, "netlink: %s\n", strerror(-e->error));
        _exit(125);
    }
}

static struct request begin(unsigned short type, unsigned short flags, const void *body, size_t len)
{
    struct request r = {
        .header = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(len), .nlmsg_type = type, .nlmsg_flags = flags}};
    memcpy(NLMSG_DATA(&r.header), body, len);
    return r;
}

/* The host's end is a port of the bridge that containers have in common, as it is there: who is on it reaches
 * the others and the host. */
static void add_pair(int sock, pid_t pid)
{
    struct ifinfomsg up = {.ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP}, peer = {0};
    struct request r = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof up);
    uint32_t id = (uint32_t)pid, bridge = if_nametoindex("boxtop0");
    put(&r, IFLA_IFNAME, "bxfloor", 8);
    put(&r, IFLA_MASTER, &bridge, sizeof bridge);
    void *info = put(&r, IFLA_LINKINFO, NULL, 0);
    put(&r, IFLA_INFO_KIND, "veth", 4);
    void *data = put(&r, IFLA_INFO_DATA, NULL, 0);
    void *other = put(&r, VETH_INFO_PEER, &peer, sizeof peer);
    put(&r, IFLA_IFNAME, "eth0", 5);
    put(&r, IFLA_NET_NS_PID, &id, sizeof id);
    end(&r, other);
    end(&r, data);
    end(&r, info);
    talk(sock, &r);
}

static size_t read_address(int family, const char *text, unsigned char to[16])
{
    CHECK(inet_pton(family, text, to));
    return family == AF_INET ? 4 : 16;
}

static void add_address(int sock, unsigned link, int family, const char *address)
{
    unsigned char ip[16];
    size_t len = read_address(family, address, ip);
    struct ifaddrmsg m = {.ifa_family = (unsigned char)family,
                          .ifa_prefixlen = family == AF_INET ? 30 : 64,
                          .ifa_flags = family == AF_INET ? 0 : IFA_F_NODAD,
                          .ifa_index = link};
    struct request r = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m);
    put(&r, IFA_LOCAL, ip, len);
    talk(sock, &r);
}

static void link_up(int sock, unsigned link)
{
    struct ifinfomsg m = {.ifi_index = (int)link, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    struct request r = begin(RTM_NEWLINK, 0, &m, sizeof m);
    talk(sock, &r);
}

static void add_route(int sock, int family, const char *gateway)
{
    unsigned char ip[16];
    size_t len = read_address(family, gateway, ip);
    struct rtmsg m = {.rtm_family = (unsigned char)family,
                      .rtm_table = RT_TABLE_MAIN,
                      .rtm_protocol = RTPROT_STATIC,
                      .rtm_type = RTN_UNICAST};
    struct request r = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof m);
    put(&r, RTA_GATEWAY, ip, len);
    talk(sock, &r);
}

static int open_netlink(void)
{
    int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    CHECK(sock);
    return sock;
}

/* ---- inside
 * ------------------------------------------------------------------------------------------------- */

static void mounts(const char *root)
{
    const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    static const char *const masked[] = {"proc/acpi", "proc/interrupts", "proc/kcore",
                                         "proc/keys", "proc/timer_list", "sys/firmware"};
    static const char *const read_only[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys",
                                            "proc/sysrq-trigger"};
    static const struct {
        const char *name;
        unsigned major, minor;
    } nodes[] = {{"dev/null", 1, 3},   {"dev/zero", 1, 5},    {"dev/full", 1, 7},
                 {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};
    CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    CHECK(mount(root, root, NULL, MS_BIND | MS_REC, NULL));
    CHECK(chdir(root));
    CHECK(mount("proc", "proc", "proc", safe, NULL));
    CHECK(mount("sysfs", "sys", "sysfs", safe | MS_RDONLY, NULL));
    CHECK(mount("cgroup2", "sys/fs/cgroup", "cgroup2", safe | MS_RDONLY, NULL));
    CHECK(mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755,size=65536k"));
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        CHECK(mknod(nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)));
    CHECK(symlink("/proc/self/fd", "dev/fd"));
    CHECK(symlink("/proc/self/fd/0", "dev/stdin"));
    CHECK(symlink("/proc/self/fd/1", "dev/stdout"));
    CHECK(symlink("/proc/self/fd/2", "dev/stderr"));
    CHECK(symlink("pts/ptmx", "dev/ptmx"));
    CHECK(mkdir("dev/pts", 0755));
    CHECK(mkdir("dev/shm", 0755));
    CHECK(mkdir("dev/mqueue", 0755));
    CHECK(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                "newinstance,ptmxmode=0666,mode=0620,gid=5"));
    CHECK(mount("tmpfs", "dev/shm", "tmpfs", safe, "mode=1777,size=65536k"));
    CHECK(mount("mqueue", "dev/mqueue", "mqueue", safe, NULL));
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++)
        if (mount("dev/null", masked[i], NULL, MS_BIND, NULL) < 0)
            mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, "size=0");
    for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++)
        if (mount(read_only[i], read_only[i], NULL, MS_BIND | MS_REC, NULL) == 0)
            mount(NULL, read_only[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | safe, NULL);
    CHECK(syscall(SYS_pivot_root, ".", "."));
    CHECK(umount2(".", MNT_DETACH));
    CHECK(chdir("/"));
}

static void confine(void)
{
    const uint32_t kept = 0xa80425fb; /* docker's */
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{.effective = kept, .permitted = kept}, {0}};
    for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
        if (cap > 31 || !(kept & 1u << cap))
            prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    CHECK(syscall(SYS_capset, &header, data));
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    struct sock_fprog program = {.len = sizeof seccomp_filter / sizeof *seccomp_filter,
                                 .filter = (struct sock_filter *)seccomp_filter};
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

/* As boxtop does by ioctl, the fewest calls: a network namespace is born with its loopback down, and with
 * that 127.0.0.1 is not there. */
static void loopback_up(void)
{
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(sock);
    CHECK(ioctl(sock, SIOCSIFFLAGS, &lo));
}

static void inside(const char *root, char **command, int go)
{
    char byte;
    CHECK(sethostname("floor", 5));
    mounts(root);
    loopback_up();
    if (go >= 0) {
        CHECK(read(go, &byte, 1));
        int sock = open_netlink();
        unsigned eth0 = if_nametoindex("eth0");
        add_address(sock, eth0, AF_INET, "10.254.254.2");
        add_address(sock, eth0, AF_INET6, "fd00:f100::2");
        link_up(sock, eth0);
        add_route(sock, AF_INET, "10.254.254.1");
        add_route(sock, AF_INET6, "fd00:f100::1");
    }
    confine();
    setsid();
    syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
    execv(command[0], command);
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv)
{
    static const char *const limits[][2] = {{"memory.max", "104857600"},
                                            {"memory.swap.max", "0"},
                                            {"cpu.max", "50000 100000"},
                                            {"pids.max", "64"}};
    bool network = argc > 1 && strcmp(argv[1], "--network") == 0;
    char **args = argv + 1 + network, path[256], file[300];
    int pipe_fds[2] = {-1, -1}, pidfd, status;
    if (argc - network < 4)
        return 2;
    snprintf(path, sizeof path, "%s/floor", args[1]);
    CHECK(mkdir(path, 0755));
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        snprintf(file, sizeof file, "%s/%s", path, limits[i][0]);
        write_file(file, limits[i][1]);
    }
    int cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(cgroup);
    if (network)
        CHECK(pipe2(pipe_fds, O_CLOEXEC));
    struct clone_args clone = {.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
                                        CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_INTO_CGROUP | CLONE_PIDFD,
                               .pidfd = (uint64_t)(uintptr_t)&pidfd,
                               .exit_signal = SIGCHLD,
                               .cgroup = (uint64_t)cgroup};
    pid_t pid = (pid_t)syscall(SYS_clone3, &clone, sizeof clone);
    CHECK(pid);
    if (pid == 0)
        inside(args[0], args + 2, pipe_fds[0]);
    if (network) {
        int sock = open_netlink();
        add_pair(sock, pid);
        CHECK(write(pipe_fds[1], "", 1));
    }
    CHECK(waitpid(pid, &status, 0));
    if (network) {
        struct ifinfomsg m = {0};
        struct request r = begin(RTM_DELLINK, 0, &m, sizeof m);
        put(&r, IFLA_IFNAME, "bxfloor", 8);
        talk(open_netlink(), &r);
    }
    while (rmdir(path) < 0 && errno == EBUSY)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
