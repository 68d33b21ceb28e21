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
#include "core/net.h"

static char store_path[] = "/tmp/boxtop-test-net.XXXXXX";
static int store_fd = -1;

static int enter_own_network(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)) < 0) {
        perror("unshare");
        return -1;
    }
    if (!mkdtemp(store_path))
        return -1;
    store_fd = open(store_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return store_fd < 0 ? -1 : 0;
}

static int remove_store(void **state)
{
    (void)state;
    close(store_fd);
    return fs_remove_tree_at(AT_FDCWD, store_path);
}

struct lease {
    char name[24], address[48], gateway[48];
};

static void take(const char *owner, struct lease *ret)
{
    struct err err = {0};
    if (net_lease(store_fd, owner, ret->name, ret->address, ret->gateway, &err) < 0)
        fail_msg("%s", err.text);
}

static void read_holder(const struct lease *lease, char *to, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, ".net/%s", lease->name);
    if (fs_read_at(store_fd, path, to, size) < 0)
        strcpy(to, "nobody");
}

static void a_lease_is_a_network_of_four(void **state)
{
    (void)state;
    struct lease lease;
    unsigned third, fourth;
    char expected[48], holder[64];
    take("web", &lease);
    assert_int_equal(sscanf(lease.name, "10.213.%u.%u", &third, &fourth), 2);
    assert_int_equal(fourth % 4, 0);
    snprintf(expected, sizeof expected, "10.213.%u.%u", third, fourth + 1);
    assert_string_equal(lease.gateway, expected);
    snprintf(expected, sizeof expected, "10.213.%u.%u/30", third, fourth + 2);
    assert_string_equal(lease.address, expected);
    read_holder(&lease, holder, sizeof holder);
    assert_string_equal(holder, "web");
    net_release(store_fd, lease.name, "web");
}

static void nobody_gets_the_same(void **state)
{
    (void)state;
    struct lease leases[40];
    for (size_t i = 0; i < 40; i++) {
        take("same", &leases[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(leases[i].name, leases[j].name);
    }
    for (size_t i = 0; i < 40; i++)
        net_release(store_fd, leases[i].name, "same");
}

static void only_its_holder_gives_it_back(void **state)
{
    (void)state;
    struct lease mine, other;
    char holder[64];
    take("mine", &mine);
    take("other", &other);
    net_release(store_fd, mine.name, "other");
    net_release(store_fd, mine.name, "min");
    net_release(store_fd, "../.net/10.213.0.0", "mine");
    read_holder(&mine, holder, sizeof holder);
    assert_string_equal(holder, "mine");
    net_release(store_fd, "", "mine");
    net_release(store_fd, mine.name, "mine");
    read_holder(&mine, holder, sizeof holder);
    assert_string_equal(holder, "nobody");
    read_holder(&other, holder, sizeof holder);
    assert_string_equal(holder, "other");
    net_release(store_fd, other.name, "other");
    net_release(store_fd, other.name, "other");
    read_holder(&other, holder, sizeof holder);
    assert_string_equal(holder, "nobody");
}

static void a_store_that_is_not_there(void **state)
{
    (void)state;
    struct lease lease;
    struct err err = {0};
    assert_int_equal(net_lease(-1, "x", lease.name, lease.address, lease.gateway, &err), -EBADF);
    assert_non_null(strstr(err.text, "address leases: Bad file descriptor"));
    net_release(-1, "10.213.0.0", "x");
}

/* ---- links ---- */

/* The other side of a pair: a process in a namespace of its own that says and is told by one byte. */
struct inside {
    pid_t pid;
    int socket, netns;
};

static int connects(const char *to)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(4213)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, to, &address.sin_addr);
    int rc = connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
    close(fd);
    return rc;
}

/* Exit status: 0 well; else which step failed. */
static int be_inside(int socket, const struct lease *lease)
{
    struct err err = {0};
    char byte = 0;
    if (unshare(CLONE_NEWNET) < 0 || write(socket, &byte, 1) != 1 || read(socket, &byte, 1) != 1)
        return 1;
    if (net_lo_up(&err) < 0 || net_configure_inside(lease->address, lease->gateway, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    /* Refused, not unreachable: lo is up. */
    if (connects("127.0.0.1") != ECONNREFUSED)
        return 3;
    if (connects(lease->gateway) != 0)
        return 4;
    /* The host side has no such address and no route on: by the default route it still gets an answer. */
    return connects("192.0.2.1") == ENETUNREACH ? 0 : 5;
}

static void start_inside(struct inside *inside, const struct lease *lease)
{
    int pair[2];
    char path[64], byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    inside->pid = fork();
    assert_true(inside->pid >= 0);
    if (inside->pid == 0) {
        close(pair[0]);
        _exit(be_inside(pair[1], lease));
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

static int listen_at(const char *gateway)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(4213)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    inet_pton(AF_INET, gateway, &address.sin_addr);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static void forward(const char *value)
{
    assert_int_equal(fs_write_at(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", value), 0);
}

static void the_pair_carries(void **state)
{
    (void)state;
    struct lease lease, next;
    struct inside inside;
    struct err err = {0};
    take("pair", &lease);
    start_inside(&inside, &lease);
    if (net_link_create("bttest0", inside.netns, lease.gateway, "boxtop:one", &err) < 0)
        fail_msg("%s", err.text);
    int listener = listen_at(lease.gateway);
    forward("1"); /* so that this side says by itself that it knows no way to what lies beyond */
    assert_int_equal(write(inside.socket, "", 1), 1);

    /* The network of a link that stands is not leased, whatever the files say. */
    net_release(store_fd, lease.name, "pair");
    take("pair", &next);
    assert_string_not_equal(lease.name, next.name);
    net_release(store_fd, next.name, "pair");

    assert_int_equal(end_inside(&inside), 0);
    close(listener);
    assert_int_equal(net_link_delete("bttest0", "boxtop:one", &err), 0);
}

static void only_its_own_links_are_deleted(void **state)
{
    (void)state;
    struct lease lease;
    struct inside inside;
    struct err err = {0};
    take("del", &lease);
    start_inside(&inside, &lease);
    assert_int_equal(net_link_create("bttest1", inside.netns, lease.gateway, "boxtop:one", &err), 0);
    assert_int_equal(net_link_create("bttest1", inside.netns, lease.gateway, "boxtop:two", &err), -EEXIST);
    assert_string_equal(err.text, "make the veth pair bttest1: File exists");
    assert_int_equal(net_link_delete("bttest1", "boxtop:two", &err), -EPERM);
    assert_non_null(strstr(err.text, "bttest1: it is not boxtop's"));
    assert_int_equal(net_link_delete("lo", "boxtop:two", &err), -EPERM);
    assert_true(if_nametoindex("bttest1") > 0);
    assert_int_equal(net_link_delete("bttest1", "boxtop:one", &err), 0);
    assert_int_equal(if_nametoindex("bttest1"), 0);
    assert_int_equal(net_link_delete("bttest1", "boxtop:one", &err), 0);
    /* Whoever made this one died before it could give it its alias. */
    assert_int_equal(net_link_create("bttest1", inside.netns, lease.gateway, "", &err), 0);
    assert_int_equal(net_link_delete("bttest1", "boxtop:one", &err), 0);
    assert_int_equal(if_nametoindex("bttest1"), 0);
    end_inside(&inside);
    net_release(store_fd, lease.name, "del");
}

static void what_cannot_be_done_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *link, *gateway, *text;
    } cases[] = {
        {"bttest2", "10.213.0.1", "make the veth pair bttest2: Invalid argument"},
        {"a-name-of-far-more-than-15", "10.213.0.1", "make the veth pair a-name-of-far-more-than-15: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        int rc = net_link_create(cases[i].link, store_fd, cases[i].gateway, "boxtop:x", &err);
        assert_true(rc < 0);
        if (!strstr(err.text, cases[i].text))
            fail_msg("got: %s", err.text);
    }
    struct err err = {0};
    assert_int_equal(net_configure_inside("10.213.0.2/30", "10.213.0.1", &err), -ENODEV);
    assert_string_equal(err.text, "find eth0 inside: No such device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lease_is_a_network_of_four),
        cmocka_unit_test(nobody_gets_the_same),
        cmocka_unit_test(only_its_holder_gives_it_back),
        cmocka_unit_test(a_store_that_is_not_there),
        cmocka_unit_test(the_pair_carries),
        cmocka_unit_test(only_its_own_links_are_deleted),
        cmocka_unit_test(what_cannot_be_done_says_so),
    };
    return cmocka_run_group_tests(tests, enter_own_network, remove_store);
}
