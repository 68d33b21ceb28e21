/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/network.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/netconf.h"
#include "core/firewall.h"
#include "core/hosts.h"
#include "core/net.h"
#include "core/pasta.h"

void network_init(struct network *network)
{
    *network = (struct network){.nl = {.fd = -1}, .hosts = -1};
}

void network_launched(struct network *network)
{
    netlink_close(&network->nl);
    fd_close(&network->hosts);
    network->collided = false;
}

void network_end(struct network *network)
{
    network_launched(network);
    reserve_free(&network->ports);
    str_free(&network->notes);
}

/* ---- addresses ---- */

static void give_address(struct container *c, const struct pool *pool, uint32_t address)
{
    pool_link_name(c->host_link, address);
    pool_format4(c->address, pool, address, true);
    pool_format4(c->gateway, pool, pool_gateway(pool), false);
    pool_format6(c->address6, pool, address, true);
    pool_format6(c->gateway6, pool, pool_gateway(pool), false);
}

static int full(const struct pool *pool, struct err *err)
{
    char network[48], network6[48];
    pool_format_network(network, network6, pool);
    err_set(err, EADDRNOTAVAIL, "find a free address in %s: all %u are in use", network, pool_size(pool));
    return err_hint(err, "say a wider one in %s ([network] pool = ...); or use --network none or host",
                    netconf_path());
}

int network_choose(struct network *network, struct container *c, struct err *err)
{
    char name[POOL_LINK_SIZE];
    network->collided = false;
    int rc = network->nl.fd < 0 ? netlink_open(&network->nl, err) : 0;
    if (rc == 0)
        rc = bridge_look(&network->nl, &network->bridge, err);
    if (rc < 0)
        return rc;
    const struct pool *pool = &network->bridge.pool;
    uint32_t first = pool_hash(c->id);
    for (uint32_t i = 0; i < pool_size(pool); i++) {
        uint32_t address = pool_address(pool, first + i);
        pool_link_name(name, address);
        if (netlink_index(&network->nl, name))
            continue;
        give_address(c, pool, address);
        return 0;
    }
    return full(pool, err);
}

void network_example(struct container *c)
{
    struct network network;
    struct err ignored = {0};
    network_init(&network);
    if (network_choose(&network, c, &ignored) < 0) {
        struct pool pool = {0};
        pool_parse4("10.213.0.0/16", &pool, &ignored);
        give_address(c, &pool, pool_address(&pool, 0));
    }
    network_end(&network);
}

/* ---- a launch ---- */

/* With the lock held. */
static int add_rules(struct network *network, const struct spec *spec, const struct container *c,
                     struct err *err)
{
    struct net_owner owner;
    net_owner(&owner, c->name, c->id);
    int rc = firewall_publish(&network->bridge.pool, owner.alias, c->address, c->address6, spec->ports, err);
    /* So that 127.0.0.1 gets there too; what a container could do with that, the table's guard drops. */
    if (rc == 0)
        fs_write_at(AT_FDCWD, "/proc/sys/net/ipv4/conf/" BRIDGE_NAME "/route_localnet", "1");
    return rc;
}

static int publish(struct network *network, const struct spec *spec, const struct container *c,
                   struct err *err)
{
    cleanup_close int lock = bridge_lock(true, err);
    int rc = lock < 0 ? lock : add_rules(network, spec, c, err);
    return rc < 0 ? rc : reserve_ports(&network->ports, spec->ports, err);
}

/* The address is of the network that was: another one is chosen, as when somebody was faster with it. */
static int changed(struct network *network, struct err *err)
{
    network->collided = true;
    err_set(err, EAGAIN, "join the bridge %s: it has just been made anew with another network", BRIDGE_NAME);
    return err_hint(err, "once more");
}

/* Returns the lock: it is there as long as that is held. */
static int ensure_bridge(struct network *network, struct err *err)
{
    cleanup_close int lock = bridge_lock(true, err);
    int rc = lock < 0 ? lock : bridge_make(&network->nl, &network->bridge, &network->notes, err);
    return rc == -EAGAIN ? changed(network, err) : rc < 0 ? rc : take_fd(&lock);
}

int network_hosts(struct network *network, struct store *store, const struct spec *spec,
                  const struct container *c, struct err *err)
{
    fd_close(&network->hosts);
    return hosts_add(store->fd, c->name, spec->hostname, c->address, c->address6, &network->hosts, err);
}

int network_prepare(struct network *network, struct store *store, const struct spec *spec,
                    const struct container *c, struct err *err)
{
    int rc = 0;
    if (!network->bridge.index) {
        cleanup_close int lock = ensure_bridge(network, err);
        rc = lock < 0 ? lock : 0;
    }
    if (rc == 0)
        rc = network_hosts(network, store, spec, c, err);
    if (rc == 0 && spec->ports)
        rc = publish(network, spec, c, err);
    return rc;
}

static int open_namespace(pid_t pid, struct err *err)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? err_errno(err, "open the container's network namespace") : fd;
}

/* With the lock held. */
static int make_pair(struct network *network, const struct container *c, int ns, struct err *err)
{
    struct net_owner owner;
    net_owner(&owner, c->name, c->id);
    int rc = net_link_create(&network->nl, c->host_link, network->bridge.index, ns, &owner, err);
    network->collided = rc == -EEXIST;
    return rc;
}

int network_link(struct network *network, const struct spec *spec, const struct container *c, pid_t pid,
                 struct err *err)
{
    cleanup_close int ns = open_namespace(pid, err);
    if (ns < 0)
        return ns;
    cleanup_close int lock = bridge_lock(false, err);
    int rc = lock < 0 ? lock : make_pair(network, c, ns, err);
    if (rc == 0 || network->collided || netlink_index(&network->nl, BRIDGE_NAME) == network->bridge.index)
        return rc;
    /* The last port went, and the bridge with it, and its table, since it was looked for. */
    *err = (struct err){0};
    network->bridge.index = 0;
    fd_close(&lock);
    lock = ensure_bridge(network, err);
    rc = lock < 0 ? lock : spec->ports ? add_rules(network, spec, c, err) : 0;
    return rc < 0 ? rc : make_pair(network, c, ns, err);
}

/* ---- the end ---- */

static int leave(const struct container *c, struct err *err)
{
    struct net_owner owner;
    cleanup_netlink struct netlink nl = {.fd = -1};
    int rc = netlink_open(&nl, err);
    if (rc < 0)
        return rc;
    net_owner(&owner, c->name, c->id);
    if (c->ports && (rc = firewall_unpublish(owner.alias, err)) < 0)
        return err_prefix(err, "take back its ports");
    rc = net_link_delete(&nl, c->host_link, &owner, err);
    return rc < 0 ? rc : bridge_leave(&nl, err);
}

int network_undo(struct store *store, const struct container *c, struct err *err)
{
    if (strcmp(c->network, "private") != 0)
        return 0;
    if (c->pasta)
        pasta_end(store->fd, c->name);
    if (c->address[0])
        hosts_remove(store->fd, c->name, c->address);
    return c->host_link[0] ? leave(c, err) : 0;
}

int network_sweep(struct err *err)
{
    cleanup_netlink struct netlink nl = {.fd = -1};
    int rc = geteuid() == 0 ? netlink_open(&nl, err) : 1;
    if (rc != 0)
        return rc < 0 ? rc : 0;
    unsigned before = netlink_index(&nl, BRIDGE_NAME);
    rc = bridge_leave(&nl, err);
    return rc < 0 ? rc : before && !netlink_index(&nl, BRIDGE_NAME);
}
