/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/net_shell.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/bridge.h"
#include "core/net.h"
#include "core/pasta.h"
#include "core/publish.h"

/* The network that the container's addresses are in: its gateway is the first one of it. */
static struct pool pool_of(const struct container *c)
{
    struct pool pool = {0};
    struct in_addr gateway = {0};
    const char *prefix = strchr(c->address, '/');
    inet_pton(AF_INET, c->gateway, &gateway);
    pool.base = ntohl(gateway.s_addr) - 1;
    pool.prefix = prefix ? (unsigned)strtoul(prefix + 1, NULL, 10) : 16;
    pool.has6 = c->gateway6[0] && inet_pton(AF_INET6, c->gateway6, &pool.base6) == 1;
    memset(pool.base6.s6_addr + 8, 0, 8);
    return pool;
}

static void add_table(struct str *to, const char *pool4, const char *pool6)
{
    str_add(to, "    nft -f - <<'NFT'\ntable inet boxtop {\n"
                "  comment \"boxtop: the network of its containers\"\n"
                "  chain guard { type filter hook prerouting priority -300; policy accept;\n"
                "    iifname boxtop0 ip daddr 127.0.0.0/8 drop; }\n"
                "  chain forward { type filter hook forward priority 0; policy accept;\n"
                "    iifname != boxtop0 oifname boxtop0 ct state established,related accept\n"
                "    iifname != boxtop0 oifname boxtop0 ct status dnat accept\n"
                "    iifname != boxtop0 oifname boxtop0 drop; }\n"
                "  chain prerouting { type nat hook prerouting priority -100; policy accept;\n"
                "    fib daddr type local jump published; }\n"
                "  chain output { type nat hook output priority -100; policy accept;\n"
                "    ip6 daddr ::1 accept\n"
                "    fib daddr type local jump published; }\n"
                "  chain postrouting { type nat hook postrouting priority 100; policy accept;\n");
    str_addf(to,
             "    ip saddr %s oifname != boxtop0 masquerade\n"
             "    oifname boxtop0 ct status dnat ip saddr %s masquerade\n"
             "    oifname boxtop0 ip saddr 127.0.0.0/8 masquerade\n",
             pool4, pool4);
    if (pool6)
        str_addf(to,
                 "    ip6 saddr %s oifname != boxtop0 masquerade\n"
                 "    oifname boxtop0 ct status dnat ip6 saddr %s masquerade\n",
                 pool6, pool6);
    str_add(to, "  }\n  chain published { }\n}\nNFT\n");
}

static void add_port(struct str *to, const struct container *c, const struct publish *publish, int family)
{
    bool four = family == AF_INET;
    const char *inside = four ? c->address : c->address6;
    char address[INET6_ADDRSTRLEN];
    if (!publish_has(publish, family) || !inside[0])
        return;
    str_addf(to, "nft add rule inet boxtop published meta nfproto %s", four ? "ipv4" : "ipv6");
    if (!publish_is_any(publish)) {
        inet_ntop(family, &publish->address, address, sizeof address);
        str_addf(to, " %s daddr %s", four ? "ip" : "ip6", address);
    }
    str_addf(to, " %s dport %u dnat %s to %s%.*s%s:%u comment '\"boxtop:%s:%s\"'\n",
             publish_protocol(publish), publish->host_port, four ? "ip" : "ip6", four ? "" : "'[",
             (int)strcspn(inside, "/"), inside, four ? "" : "]'", publish->container_port, c->name, c->id);
}

static void add_ports(struct str *to, const struct container *c)
{
    struct publish publish;
    struct err ignored;
    if (c->ports)
        str_add(to, "echo 1 > /proc/sys/net/ipv4/conf/boxtop0/route_localnet\n");
    for (char **port = c->ports; port && *port; port++) {
        if (publish_parse(*port, &publish, &ignored) < 0)
            continue;
        add_port(to, c, &publish, AF_INET);
        add_port(to, c, &publish, AF_INET6);
    }
}

void net_shell_bridge(struct str *to, const struct container *c)
{
    struct pool pool = pool_of(c);
    char pool4[48], pool6[48];
    const char *prefix = strchr(c->address, '/');
    pool_format_network(pool4, pool6, &pool);
    str_addf(to,
             "[ -d /sys/class/net/boxtop0 ] || {\n"
             "    ip link add boxtop0 address 02:62:6f:78:74:70 type bridge\n"
             "    ip link set boxtop0 alias 'boxtop %s %s'\n"
             "    echo 0 > /proc/sys/net/ipv6/conf/boxtop0/accept_ra\n"
             "    ip link set boxtop0 up; ip address add %s%s dev boxtop0\n",
             pool4, pool6, c->gateway, prefix ? prefix : "");
    if (pool.has6)
        str_addf(to, "    ip address add %s/64 dev boxtop0 nodad\n", c->gateway6);
    str_add(to, "    F4=$(cat /proc/sys/net/ipv4/ip_forward); echo 1 > /proc/sys/net/ipv4/ip_forward\n");
    if (pool.has6)
        str_add(to,
                "    if ip -6 route show default | grep -qv 'proto ra'; then # a router is not listened to\n"
                "        F6=$(cat /proc/sys/net/ipv6/conf/all/forwarding)\n"
                "        echo 1 > /proc/sys/net/ipv6/conf/all/forwarding\n"
                "    fi\n");
    add_table(to, pool4, pool.has6 ? pool6 : NULL);
    str_add(to, "}\n");
    add_ports(to, c);
}

void net_shell_link(struct str *to, const struct container *c)
{
    struct net_owner owner;
    net_owner(&owner, c->name, c->id);
    str_addf(to,
             "ip netns add %s\n"
             "ip link add %s master boxtop0 type veth peer name eth0 netns %s\n"
             "ip link set %s alias %s addrgenmode none up\n",
             c->name, c->host_link, c->name, c->host_link, owner.alias);
}

void net_shell_pasta(struct str *to, const struct container *c)
{
    cleanup_list char **words = pasta_words("pasta", "pasta.pid", c->ports, "$PID");
    str_add(to, "# beside it, with the first process's number: ");
    for (char **word = words; *word; word++)
        str_addf(to, "%s%s", word == words ? "" : " ", *word);
    str_add(to, "\n");
}

void net_shell_address(struct str *to, const struct container *c)
{
    str_addf(to,
             "echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_ra\n"
             "ip link set lo up; ip link set eth0 up\n"
             "ip address add %s dev eth0; ip route add default via %s\n",
             c->address, c->gateway);
    if (c->address6[0])
        str_addf(to, "ip address add %s dev eth0 nodad; ip route add default via %s dev eth0\n", c->address6,
                 c->gateway6);
}

void net_shell_hosts(struct str *to, const struct container *c)
{
    int four = (int)strcspn(c->address, "/"), six = (int)strcspn(c->address6, "/");
    str_addf(to,
             "H=$(mktemp); printf '127.0.0.1\\tlocalhost\\n::1\\tlocalhost ip6-localhost ip6-loopback\\n"
             "%.*s\\t%s\\n' > $H\n",
             four, c->address, c->name);
    if (six)
        str_addf(to, "printf '%.*s\\t%s\\n' >> $H\n", six, c->address6, c->name);
    str_add(to, "[ ! -f $R/etc/hosts ] || { mount --bind $H $R/etc/hosts; "
                "mount -o remount,bind,ro,nosuid,nodev,noexec $R/etc/hosts; }; rm $H\n");
}

void net_shell_undo(struct str *to, const struct container *c)
{
    if (c->ports)
        str_addf(to,
                 "for h in $(nft -a list chain inet boxtop published | sed -n 's/.*\"boxtop:%s:.*# handle "
                 "//p'); do "
                 "nft delete rule inet boxtop published handle $h; done\n",
                 c->name);
    str_addf(to,
             "ip link delete %s; ip netns delete %s\n"
             "[ -n \"$(ls /sys/class/net/boxtop0/brif)\" ] || {\n"
             "    ip link delete boxtop0; nft delete table inet boxtop\n"
             "    [ -z \"$F4\" ] || echo $F4 > /proc/sys/net/ipv4/ip_forward\n"
             "    [ -z \"$F6\" ] || echo $F6 > /proc/sys/net/ipv6/conf/all/forwarding\n"
             "}\n",
             c->host_link, c->name);
}
