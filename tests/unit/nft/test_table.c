/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop's table in a network namespace of its own: what nft(8) reads from it, and who else's stays as it is.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "nft/rule.h"
#include "nft/table.h"

static struct pool pool, pool4;

static int enter_own_network(void **state)
{
    struct err err;
    (void)state;
    if (unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)) < 0) {
        perror("unshare");
        return -1;
    }
    return pool_parse4("10.213.0.0/16", &pool4, &err) < 0 || pool_parse4("10.213.0.0/16", &pool, &err) < 0 ||
                   pool_parse6("fd00:1:2:d5::/64", &pool, &err) < 0
               ? -1
               : 0;
}

static char *listing(const char *what)
{
    struct str all = {0};
    char part[1024];
    cleanup_free char *command = mem_printf("nft list %s 2>&1", what);
    FILE *f = popen(command, "re");
    for (size_t got; f && (got = fread(part, 1, sizeof part, f)) > 0;)
        str_add_bytes(&all, part, got);
    pclose(f);
    return all.text ? all.text : mem_dup("");
}

static void has(const char *what, const char *const *lines, size_t count)
{
    cleanup_free char *text = listing(what);
    for (size_t i = 0; i < count; i++)
        if (!strstr(text, lines[i]))
            fail_msg("not there: %s\n%s", lines[i], text);
}

static void up(const struct pool *with)
{
    struct err err = {0};
    if (table_up(with, &err) < 0)
        fail_msg("%s", err.text);
}

static void publish(const char *owner, const char *port)
{
    struct err err = {0};
    char *ports[] = {(char *)(uintptr_t)port, NULL};
    if (table_publish(&pool, owner, "10.213.0.5", "fd00:1:2:d5::5", ports, &err) < 0)
        fail_msg("%s", err.text);
}

static void the_rules(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "comment \"boxtop: the network of its containers\"",
        "type filter hook prerouting priority raw; policy accept;\n\t\tiifname \"boxtop0\" ip daddr "
        "127.0.0.0/8 drop\n",
        "type filter hook forward priority filter; policy accept;\n"
        "\t\tiifname != \"boxtop0\" oifname \"boxtop0\" ct state established,related accept\n"
        "\t\tiifname != \"boxtop0\" oifname \"boxtop0\" ct status dnat accept\n"
        "\t\tiifname != \"boxtop0\" oifname \"boxtop0\" drop\n",
        "type nat hook prerouting priority dstnat; policy accept;\n\t\tfib daddr type local jump published\n",
        "type nat hook output priority -100; policy accept;\n\t\tip6 daddr ::1 accept\n"
        "\t\tfib daddr type local jump published\n",
        "\t\tip saddr 10.213.0.0/16 oifname != \"boxtop0\" masquerade\n"
        "\t\toifname \"boxtop0\" ct status dnat ip saddr 10.213.0.0/16 masquerade\n"
        "\t\toifname \"boxtop0\" ip saddr 127.0.0.0/8 masquerade\n"
        "\t\tip6 saddr fd00:1:2:d5::/64 oifname != \"boxtop0\" masquerade\n"
        "\t\toifname \"boxtop0\" ct status dnat ip6 saddr fd00:1:2:d5::/64 masquerade\n",
        "chain published {\n\t}",
    };
    struct err err = {0};
    up(&pool);
    has("table inet boxtop", lines, COUNT_OF(lines));
    up(&pool4); /* anew */
    cleanup_free char *text = listing("table inet boxtop");
    assert_null(strstr(text, "fd00:1:2:d5"));
    assert_int_equal(table_down(&err), 0);
    assert_int_equal(table_down(&err), 0);
    cleanup_free char *nothing = listing("ruleset");
    assert_string_equal(nothing, "");
}

static void published(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "meta nfproto ipv4 tcp dport 8080 dnat ip to 10.213.0.5:80 comment \"boxtop:web:1\"\n",
        "meta nfproto ipv6 tcp dport 8080 dnat ip6 to [fd00:1:2:d5::5]:80 comment \"boxtop:web:1\"\n",
        "ip daddr 127.0.0.1 udp dport 53 dnat ip to 10.213.0.5:53 comment \"boxtop:dns:2\"\n",
        "ip6 daddr 2001:db8::1 tcp dport 443 dnat ip6 to [fd00:1:2:d5::5]:4430 comment \"boxtop:dns:2\"\n",
    };
    struct err err = {0};
    char *taken[] = {(char *)"81:80/tcp", (char *)"127.0.0.1:8080:80/tcp", NULL};
    publish("boxtop:web:1", "8080:80/tcp"); /* the table is made, too */
    publish("boxtop:dns:2", "127.0.0.1:53:53/udp");
    publish("boxtop:dns:2", "[2001:db8::1]:443:4430/tcp");
    has("chain inet boxtop published", lines, COUNT_OF(lines));
    assert_int_equal(table_publish(&pool, "boxtop:x:3", "10.213.0.6", NULL, taken, &err), -EADDRINUSE);
    assert_string_equal(err.text, "publish port 8080/tcp: container web has published it");
    assert_string_equal(err.hint, "choose another HOST port, or boxtop stop web");
    cleanup_free char *before = listing("chain inet boxtop published");
    assert_null(strstr(before, "dport 81 ")); /* nothing of it was done */
    assert_int_equal(table_unpublish("boxtop:web:", &err), 0);
    assert_int_equal(table_unpublish("boxtop:web:1", &err), 0);
    cleanup_free char *after = listing("chain inet boxtop published");
    assert_null(strstr(after, "web"));
    assert_non_null(strstr(after, lines[2]));
    publish("boxtop:x:3", "8080:80/tcp");
    assert_int_equal(table_unpublish("boxtop:x:3", &err), 0);
    assert_int_equal(table_unpublish("boxtop:dns:2", &err), 0);
    cleanup_free char *empty = listing("chain inet boxtop published");
    assert_non_null(strstr(empty, "chain published {\n\t}"));
    assert_int_equal(table_down(&err), 0);
    assert_int_equal(table_unpublish("boxtop:dns:2", &err), 0);
}

static void many_ports(void **state)
{
    (void)state;
    char **ports = NULL;
    struct err err = {0};
    for (int i = 1; i <= 500; i++)
        mem_list_add(&ports, mem_printf("%d:%d/tcp", i, i));
    int rc = table_publish(&pool, "boxtop:many:1", "10.213.0.5", "fd00:1:2:d5::5", ports, &err);
    mem_free_list(ports);
    if (rc < 0)
        fail_msg("%s", err.text);
    assert_int_equal(table_unpublish("boxtop:many:1", &err), 0);
    cleanup_free char *empty = listing("chain inet boxtop published");
    assert_non_null(strstr(empty, "chain published {\n\t}"));
    assert_int_equal(table_down(&err), 0);
}

static void what_is_somebody_elses(void **state)
{
    (void)state;
    struct err err = {0};
    char *ports[] = {(char *)"8080:80/tcp", NULL};
    assert_int_equal(
        system("nft 'add table ip nat; add chain ip nat post { type nat hook postrouting priority 100; }; "
               "add rule ip nat post ip saddr 10.0.0.0/8 masquerade; add table inet boxtop; "
               "add chain inet boxtop mine'"),
        0);
    cleanup_free char *before = listing("ruleset");
    assert_int_equal(table_up(&pool, &err), -EEXIST);
    assert_string_equal(err.text, "the nftables table inet boxtop is there, and it is not boxtop's");
    assert_int_equal(table_publish(&pool, "boxtop:a:1", "10.213.0.5", NULL, ports, &err), -EEXIST);
    assert_int_equal(table_unpublish("boxtop:a:1", &err), 0);
    assert_int_equal(table_down(&err), 0);
    cleanup_free char *after = listing("ruleset");
    assert_string_equal(before, after);
    assert_int_equal(system("nft delete table inet boxtop"), 0);
    cleanup_free char *theirs = listing("ruleset");
    up(&pool);
    publish("boxtop:a:1", "8080:80/tcp");
    assert_int_equal(table_down(&err), 0);
    cleanup_free char *still = listing("ruleset");
    assert_string_equal(theirs, still);
    /* Rules in our own chain that we did not put there are not taken for ours. */
    up(&pool);
    assert_int_equal(
        system("nft add rule inet boxtop published tcp dport 8080 accept comment '\"boxtop:a:1\"'"), 0);
    publish("boxtop:b:1", "8080:80/tcp");
    assert_int_equal(table_unpublish("boxtop:a:1", &err), 0);
    cleanup_free char *kept = listing("chain inet boxtop published");
    assert_non_null(strstr(kept, "tcp dport 8080 accept"));
    assert_int_equal(table_down(&err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules),
        cmocka_unit_test(published),
        cmocka_unit_test(many_ports),
        cmocka_unit_test(what_is_somebody_elses),
    };
    return cmocka_run_group_tests(tests, enter_own_network, NULL);
}
