/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In network namespaces of its own: the machine's links are not touched.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "core/bridge.h"
#include "core/net.h"

static int enter_own_network(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)) < 0) {
        perror("unshare");
        return -1;
    }
    /* In a network of its own there is no firewall's table to speak of, and no lock with who else tests. */
    setenv("BOXTOP_CONFIG", "/dev/null", 1);
    return 0;
}

static const struct net_inside inside_addresses = {"10.213.0.5/16", "10.213.0.1", "fd00:1:2:d5::5/64",
                                                   "fd00:1:2:d5::1"};

/* ---- links ---- */

/* The other side of a pair: a process in a namespace of its own that says and is told by one byte. */
struct inside {
    pid_t pid;
    int socket, netns;
};

static int connects(int family, const char *to)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(4213)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(4213)};
    bool four = family == AF_INET;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(family, to, four ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr);
    int rc =
        connect(fd, four ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, four ? sizeof v4 : sizeof v6);
    rc = rc < 0 ? errno : 0;
    close(fd);
    return rc;
}

/* Exit status: 0 well; else which step failed. */
static int be_inside(int socket)
{
    struct err err = {0};
    char byte = 0;
    if (unshare(CLONE_NEWNET) < 0 || write(socket, &byte, 1) != 1 || read(socket, &byte, 1) != 1)
        return 1;
    if (net_configure_inside(&inside_addresses, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    /* Refused, not unreachable: lo is up. */
    if (connects(AF_INET, "127.0.0.1") != ECONNREFUSED)
        return 3;
    if (connects(AF_INET, "10.213.0.1") != 0 || connects(AF_INET6, "fd00:1:2:d5::1") != 0)
        return 4;
    /* The host side has no such address and no route on: by the default route it still gets an answer. */
    return connects(AF_INET, "192.0.2.1") == ENETUNREACH ? 0 : 5;
}

static void start_inside(struct inside *inside)
{
    int pair[2];
    char path[64], byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    inside->pid = fork();
    assert_true(inside->pid >= 0);
    if (inside->pid == 0) {
        close(pair[0]);
        _exit(be_inside(pair[1]));
    }
    close(pair[1]);
    inside->socket = pair[0];
    assert_int_equal(read(pair[0], &byte, 1), 1);
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)inside->pid);
    inside->netns = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(inside->netns >= 0);
}

static int end_inside(struct inside *inside)
{
    int status;
    close(inside->socket);
    close(inside->netns);
    assert_int_equal(waitpid(inside->pid, &status, 0), inside->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int listen_here(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(4213)}; /* and IPv4 */
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static void forward(const char *value)
{
    assert_int_equal(fs_write_at(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", value), 0);
}

/* A bridge as bridge_make() makes it, but without a firewall. */
static unsigned make_bridge(const char *name)
{
    char command[300];
    snprintf(command, sizeof command,
             "ip link add %s type bridge && ip link set %s up && ip address add 10.213.0.1/16 dev %s && "
             "ip address add fd00:1:2:d5::1/64 dev %s nodad",
             name, name, name, name);
    assert_int_equal(system(command), 0);
    return if_nametoindex(name);
}

static struct net_owner owner_of(const char *name, const char *id)
{
    struct net_owner owner;
    net_owner(&owner, name, id);
    return owner;
}

static void the_pair_carries(void **state)
{
    (void)state;
    struct inside inside;
    struct err err = {0};
    struct net_owner owner = owner_of("one", "0123456789abcdef");
    cleanup_netlink struct netlink nl = {.fd = -1};
    unsigned bridge = make_bridge("bttestbr");
    assert_int_equal(netlink_open(&nl, &err), 0);
    start_inside(&inside);
    if (net_link_create(&nl, "bttest0", bridge, inside.netns, &owner, &err) < 0)
        fail_msg("%s", err.text);
    int listener = listen_here();
    forward("1"); /* so that this side says by itself that it knows no way to what lies beyond */
    assert_int_equal(write(inside.socket, "", 1), 1);
    assert_int_equal(end_inside(&inside), 0);
    close(listener);
    assert_int_equal(net_link_delete(&nl, "bttest0", &owner, &err), 0);
    assert_int_equal(if_nametoindex("bttest0"), 0);
    assert_int_equal(system("ip link delete bttestbr"), 0);
}

static void only_its_own_links_are_deleted(void **state)
{
    (void)state;
    struct inside inside;
    struct err err = {0};
    struct net_owner one = owner_of("one", "0123456789abcdef"), two = owner_of("two", "fedcba9876543210");
    cleanup_netlink struct netlink nl = {.fd = -1};
    unsigned bridge = make_bridge("bttestbr");
    assert_int_equal(netlink_open(&nl, &err), 0);
    start_inside(&inside);
    assert_int_equal(net_link_create(&nl, "bttest1", bridge, inside.netns, &one, &err), 0);
    /* The name says who has the address: whoever comes second gets nothing, and changes nothing. */
    assert_int_equal(net_link_create(&nl, "bttest1", bridge, inside.netns, &two, &err), -EEXIST);
    assert_string_equal(err.text, "make the veth pair bttest1: File exists");
    assert_int_equal(net_link_delete(&nl, "bttest1", &two, &err), 0);
    assert_int_equal(net_link_delete(&nl, "lo", &two, &err), 0);
    assert_true(if_nametoindex("bttest1") > 0);
    assert_int_equal(net_link_delete(&nl, "bttest1", &one, &err), 0);
    assert_int_equal(if_nametoindex("bttest1"), 0);
    assert_int_equal(net_link_delete(&nl, "bttest1", &one, &err), 0);
    /* Whoever made this one died before it could give it its alias: the hardware address tells. */
    assert_int_equal(net_link_create(&nl, "bttest1", bridge, inside.netns, &one, &err), 0);
    assert_int_equal(system("ip link set bttest1 alias ''"), 0);
    assert_int_equal(net_link_delete(&nl, "bttest1", &two, &err), 0);
    assert_true(if_nametoindex("bttest1") > 0);
    assert_int_equal(net_link_delete(&nl, "bttest1", &one, &err), 0);
    assert_int_equal(if_nametoindex("bttest1"), 0);
    end_inside(&inside);
    assert_int_equal(system("ip link delete bttestbr"), 0);
}

static void what_cannot_be_done_says_so(void **state)
{
    (void)state;
    struct err err = {0};
    struct net_owner owner = owner_of("x", "0");
    cleanup_netlink struct netlink nl = {.fd = -1};
    assert_int_equal(netlink_open(&nl, &err), 0);
    int no_namespace = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(net_link_create(&nl, "bttest2", 1, no_namespace, &owner, &err) < 0);
    assert_non_null(strstr(err.text, "make the veth pair bttest2: "));
    assert_true(net_link_create(&nl, "a-name-of-far-more-than-15", 1, no_namespace, &owner, &err) < 0);
    assert_non_null(strstr(err.text, "make the veth pair a-name-of-far-more-than-15: "));
    close(no_namespace);
    assert_int_equal(net_configure_inside(&inside_addresses, &err), -ENODEV);
    assert_string_equal(err.text, "find eth0 inside: No such device");
    assert_int_equal(netlink_index(&nl, "lo"), 1);
    assert_int_equal(netlink_index(&nl, "bttest9"), 0);
}

/* ---- the bridge ---- */

static void look(struct bridge *ret, int expected, const char *text)
{
    struct err err = {0};
    cleanup_netlink struct netlink nl = {.fd = -1};
    assert_int_equal(netlink_open(&nl, &err), 0);
    int rc = bridge_look(&nl, ret, &err);
    if (rc != expected || (text && !strstr(err.text, text)))
        fail_msg("%d: %s", rc, err.text);
}

static void a_pool_that_is_free(void **state)
{
    (void)state;
    struct bridge bridge;
    char four[48], six[48];
    look(&bridge, 0, NULL);
    assert_int_equal(bridge.index, 0);
    pool_format_network(four, six, &bridge.pool);
    assert_string_equal(four, "10.213.0.0/16");
    assert_int_equal(
        system("ip link add bttestd type bridge && ip link set bttestd up && "
               "ip route add 10.213.7.0/24 dev bttestd && ip route add blackhole 10.214.0.0/15 && "
               "ip route add 0.0.0.0/1 dev bttestd"),
        0);
    look(&bridge, 0, NULL);
    pool_format_network(four, six, &bridge.pool);
    assert_string_equal(four, "172.29.0.0/16");
    assert_int_equal(
        system("ip route add 172.16.0.0/12 dev bttestd && ip route add 192.168.0.0/16 dev bttestd"), 0);
    look(&bridge, -EADDRNOTAVAIL,
         "find a free network for containers: the host has routes into 10.213.0.0/16 and 3");
    assert_int_equal(system("ip link delete bttestd && ip route delete blackhole 10.214.0.0/15"), 0);
}

static void write_config(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_pool_from_the_config(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"[network]\npool = 10.1.2.3/24\n", "pool: '10.1.2.3/24' is an address in a network"},
        {"[network]\npool6 = fd00::/48\n", "pool6: 'fd00::/48': the network of IPv6 has to be a /64"},
        {"[network]\npools = 1\n", "[network] knows pool and pool6, not 'pools = 1'"},
        {"[network]\nwhat\n", "line 2: it is no 'KEY = VALUE' and no '[SECTION]'"},
        {"[network]\npool = 198.51.100.0/24\n",
         "use the network 198.51.100.0/24 for containers: the host has a route to 198.51.100.0/25"},
    };
    struct bridge bridge;
    char path[] = "/tmp/boxtop-test-conf.XXXXXX", four[48], six[48];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    setenv("BOXTOP_CONFIG", path, 1);
    write_config(path, "# ours\n[other]\nx = y\n[network]\npool = 10.7.0.0/24\npool6 = fd00:7::/64\n");
    look(&bridge, 0, NULL);
    pool_format_network(four, six, &bridge.pool);
    assert_string_equal(four, "10.7.0.0/24");
    assert_string_equal(six, "fd00:7::/64");
    assert_int_equal(system("ip link add bttestd type bridge && ip link set bttestd up && "
                            "ip route add 198.51.100.0/25 dev bttestd"),
                     0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_config(path, wrong[i][0]);
        look(&bridge, i == 4 ? -EADDRINUSE : -EINVAL, wrong[i][1]);
    }
    assert_int_equal(system("ip link delete bttestd"), 0);
    unlink(path);
    setenv("BOXTOP_CONFIG", "/dev/null", 1);
}

static void a_bridge_of_somebody_else(void **state)
{
    (void)state;
    struct bridge bridge;
    assert_int_equal(system("ip link add boxtop0 type bridge"), 0);
    look(&bridge, -EEXIST, "use the bridge boxtop0: a link of that name is there, and it is not boxtop's");
    assert_int_equal(system("ip link set boxtop0 alias 'boxtop 10.9.0.0/24 none forwards 4'"), 0);
    look(&bridge, 0, NULL);
    assert_int_equal(bridge.index, if_nametoindex("boxtop0"));
    assert_int_equal(bridge.pool.base, 0x0a090000);
    assert_int_equal(bridge.forwards, BRIDGE_FORWARDS4);
    assert_int_equal(system("ip link delete boxtop0"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pair_carries),
        cmocka_unit_test(only_its_own_links_are_deleted),
        cmocka_unit_test(what_cannot_be_done_says_so),
        cmocka_unit_test(a_pool_that_is_free),
        cmocka_unit_test(a_pool_from_the_config),
        cmocka_unit_test(a_bridge_of_somebody_else),
    };
    return cmocka_run_group_tests(tests, enter_own_network, NULL);
}
