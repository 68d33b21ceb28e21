/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/bridge.h"
#include "core/pool.h"
#include "core/publish.h"

static struct pool pool_of(const char *four, const char *six)
{
    struct pool pool = {0};
    struct err err = {0};
    if (pool_parse4(four, &pool, &err) < 0 || pool_parse6(six, &pool, &err) < 0)
        fail_msg("%s", err.text);
    return pool;
}

static void networks(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wrong; /* NULL: it is right */
    } rows[] = {
        {"10.213.0.0/16", NULL},
        {"10.0.0.0/8", NULL},
        {"192.168.7.8/29", NULL},
        {"10.213.0.0", "is not a network"},
        {"10.213.0.0/", "is not a network"},
        {"10.213.0.0/16/16", "is not a network"},
        {"10.213.0/16", "is not a network"},
        {"/16", "is not a network"},
        {"", "is not a network"},
        {"fd00::/64", "is not a network"},
        {"10.213.0.0/x", "is not a network"},
        {"10.213.0.0/99999999999999999999999", "is not a network"},
        {"10.213.0.0/7", "has to be between /8 and /29"},
        {"10.213.0.0/30", "has to be between /8 and /29"},
        {"10.213.0.1/16", "is an address in a network, not the network"},
        {"1000000000000000000000000000000000000000000000000000000000.1.1.1/16", "is not a network"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pool pool = {0};
        struct err err = {0};
        int rc = pool_parse4(rows[i].text, &pool, &err);
        assert_int_equal(rc < 0, rows[i].wrong != NULL);
        if (rc < 0 && !strstr(err.text, rows[i].wrong))
            fail_msg("%s: %s", rows[i].text, err.text);
    }
}

static void networks_of_ipv6(void **state)
{
    (void)state;
    static const char *const right[] = {"fd12:3456:789a:d5::/64", "2001:db8::/64"};
    static const char *const wrong[] = {"fd00::/48", "fd00::1/64", "fd00::", "10.0.0.0/64", "", "none/64"};
    struct pool pool = {0};
    struct err err = {0};
    for (size_t i = 0; i < COUNT_OF(right); i++)
        assert_int_equal(pool_parse6(right[i], &pool, &err), 0);
    assert_true(pool.has6);
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(pool_parse6(wrong[i], &pool, &err), -EINVAL);
    assert_int_equal(pool_parse6("none", &pool, &err), 0);
    assert_false(pool.has6);
}

static void addresses(void **state)
{
    (void)state;
    struct pool pool = pool_of("192.168.7.8/29", "fd12:3456:789a:d5::/64");
    char text[48], name[POOL_LINK_SIZE];
    assert_int_equal(pool_size(&pool), 5);
    pool_format4(text, &pool, pool_gateway(&pool), false);
    assert_string_equal(text, "192.168.7.9");
    pool_format4(text, &pool, pool_address(&pool, 0), true);
    assert_string_equal(text, "192.168.7.10/29");
    pool_format4(text, &pool, pool_address(&pool, 4), true);
    assert_string_equal(text, "192.168.7.14/29"); /* .15 is for all */
    assert_int_equal(pool_address(&pool, 5), pool_address(&pool, 0));
    pool_format6(text, &pool, pool_address(&pool, 0), true);
    assert_string_equal(text, "fd12:3456:789a:d5::c0a8:70a/64");
    pool_link_name(name, pool_address(&pool, 0));
    assert_string_equal(name, "bxc0a8070a");
    pool.has6 = false;
    pool_format6(text, &pool, pool_address(&pool, 0), true);
    assert_string_equal(text, "");
    pool = pool_of("10.0.0.0/8", "none");
    assert_int_equal(pool_address(&pool, pool_size(&pool) - 1), 0x0afffffe);
}

static void a_network_of_this_machine(void **state)
{
    (void)state;
    struct pool one = {0}, other = {0}, none = {0};
    pool_default6(&one, "4c1f7a0f0e5d4e3b8f5b6a7c8d9e0f10\n");
    pool_default6(&other, "4c1f7a0f0e5d4e3b8f5b6a7c8d9e0f11\n");
    pool_default6(&none, "");
    assert_int_equal(one.base6.s6_addr[0], 0xfd);
    assert_int_equal(none.base6.s6_addr[0], 0xfd);
    assert_true(memcmp(&one.base6, &other.base6, sizeof one.base6) != 0);
}

static void overlaps(void **state)
{
    (void)state;
    struct pool pool = pool_of("10.213.0.0/16", "fd12:3456:789a:d5::/64");
    static const struct {
        uint32_t base;
        unsigned prefix;
        bool overlaps;
    } rows[] = {{0x0ad50000, 16, true},  {0x0ad50100, 24, true}, {0x0ad5ffff, 32, true},
                {0x0a000000, 8, true},   {0x0ad40000, 15, true}, {0x0ad40000, 16, false},
                {0x0ad60000, 16, false}, {0, 0, true},           {0xc0a80000, 16, false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(pool_overlaps4(&pool, rows[i].base, rows[i].prefix), rows[i].overlaps);
    static const struct {
        const char *base;
        unsigned prefix;
        bool overlaps;
    } rows6[] = {{"fd12:3456:789a:d5::", 64, true},
                 {"fd12:3456:789a:d5::7", 128, true},
                 {"fd00::", 8, true},
                 {"fd12:3456:789a:d4::", 63, true},
                 {"fd12:3456:789a:d4::", 64, false},
                 {"fe80::", 64, false},
                 {"fc00::", 7, true},
                 {"fd12:3456:789a:d6::", 64, false}};
    for (size_t i = 0; i < COUNT_OF(rows6); i++) {
        struct in6_addr base;
        inet_pton(AF_INET6, rows6[i].base, &base);
        assert_int_equal(pool_overlaps6(&pool, &base, rows6[i].prefix), rows6[i].overlaps);
    }
}

static void the_bridge_says_what_it_is(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "boxtop",
                                        "boxtop ",
                                        "docker 10.213.0.0/16 none",
                                        "boxtop 10.213.0.0/16",
                                        "boxtop 10.213.0.0 none",
                                        "boxtop 10.213.0.0/16 none forwards 5",
                                        "boxtop 10.213.0.0/16 none more"};
    struct bridge bridge = {.pool = pool_of("10.213.0.0/16", "fd12:3456:789a:d5::/64")}, read = {.index = 7};
    char alias[BRIDGE_ALIAS_SIZE];
    bridge_to_alias(&bridge, alias);
    assert_string_equal(alias, "boxtop 10.213.0.0/16 fd12:3456:789a:d5::/64");
    bridge.forwards = BRIDGE_FORWARDS4 | BRIDGE_FORWARDS6;
    bridge_to_alias(&bridge, alias);
    assert_string_equal(alias, "boxtop 10.213.0.0/16 fd12:3456:789a:d5::/64 forwards 4 6");
    assert_true(bridge_from_alias(alias, &read));
    assert_int_equal(read.forwards, bridge.forwards);
    assert_int_equal(read.index, 7);
    assert_true(pool_same(&read.pool, &bridge.pool));
    read.pool.has6 = bridge.pool.has6 = false;
    read.pool.base6.s6_addr[0] = 1; /* of no account without */
    assert_true(pool_same(&read.pool, &bridge.pool));
    assert_true(bridge_from_alias("boxtop 10.213.0.0/16 none", &read));
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (bridge_from_alias(wrong[i], &read))
            fail_msg("'%s' was taken for ours", wrong[i]);
}

/* ---- published ports ---- */

static void ports(void **state)
{
    (void)state;
    static const char *const right[][2] = {
        {"8080:80", "8080:80/tcp"},
        {"8080:80/tcp", "8080:80/tcp"},
        {"53:53/udp", "53:53/udp"},
        {"127.0.0.1:8080:80", "127.0.0.1:8080:80/tcp"},
        {"0.0.0.0:1:65535", "0.0.0.0:1:65535/tcp"},
        {"[::1]:8080:80/udp", "[::1]:8080:80/udp"},
        {"[::]:8080:80", "[::]:8080:80/tcp"},
    };
    static const char *const wrong[] = {
        "",        "80",           "80:",         ":80",          "8080:80/sctp", "8080:80/", "0:80",
        "80:0",    "65536:80",     "80:65536",    "-1:80",        " 80:80",       "80:80 ",   "80:+80",
        "a:80:80", "1.2.3:80:80",  "::1:80:80",   "[::1:80:80",   "[]:80:80",     ":80:80",   "1.2.3.4:80",
        "1:2:3:4", "8080-8081:80", "80:80/udp/x", "[::1%lo]:1:1", "80:80\n",      "0x50:80",  "[1.2.3.4]:1:1",
    };
    struct publish publish;
    struct err err = {0};
    char text[PUBLISH_TEXT_SIZE];
    for (size_t i = 0; i < COUNT_OF(right); i++) {
        assert_int_equal(publish_parse(right[i][0], &publish, &err), 0);
        publish_format(&publish, text);
        assert_string_equal(text, right[i][1]);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (publish_parse(wrong[i], &publish, &err) != -EINVAL)
            fail_msg("'%s' was taken", wrong[i]);
    assert_non_null(strstr(err.text, "is not [IP:]HOST:CONTAINER[/udp]"));
}

static void collisions(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
        bool collide;
    } rows[] = {
        {"80:80", "80:81", true},
        {"80:80", "81:80", false},
        {"80:80", "80:80/udp", false},
        {"80:80", "127.0.0.1:80:80", true},
        {"80:80", "[::1]:80:80", true},
        {"127.0.0.1:80:80", "127.0.0.2:80:80", false},
        {"127.0.0.1:80:80", "127.0.0.1:80:81", true},
        {"0.0.0.0:80:80", "127.0.0.1:80:80", true},
        {"0.0.0.0:80:80", "[::]:80:80", false},
        {"[::]:80:80", "[::1]:80:80", true},
        {"[::2]:80:80", "[::1]:80:80", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct publish one, other;
        struct err err = {0};
        publish_parse(rows[i].one, &one, &err);
        publish_parse(rows[i].other, &other, &err);
        assert_int_equal(publish_collides(&one, &other), rows[i].collide);
        assert_int_equal(publish_collides(&other, &one), rows[i].collide);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks),  cmocka_unit_test(networks_of_ipv6),
        cmocka_unit_test(addresses), cmocka_unit_test(a_network_of_this_machine),
        cmocka_unit_test(overlaps),  cmocka_unit_test(the_bridge_says_what_it_is),
        cmocka_unit_test(ports),     cmocka_unit_test(collisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
