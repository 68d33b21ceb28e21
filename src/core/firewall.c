/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/firewall.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "base/self.h"
#include "core/helper.h"

#define PROGRAM         "boxtop-net"
#define STATUS_OCCUPIED 3 /* somebody has the port */

static int run(char **words, struct err *err)
{
    char path[PATH_MAX];
    int status = 0, rc = self_find(PROGRAM, path, err);
    char **argv = NULL;
    if (rc < 0)
        return rc;
    mem_list_add(&argv, mem_dup(path));
    for (char **word = words; *word; word++)
        mem_list_add(&argv, mem_dup(*word));
    rc = helper_run(argv, &status, err);
    mem_free_list(argv);
    if (rc < 0 && status == STATUS_OCCUPIED)
        err->code = EADDRINUSE;
    return rc < 0 ? -err->code : 0;
}

int firewall_up(const struct pool *pool, struct err *err)
{
    char pool4[48], pool6[48];
    pool_format_network(pool4, pool6, pool);
    return run((char *[]){(char *)"up", pool4, pool6, NULL}, err);
}

int firewall_down(struct err *err)
{
    return run((char *[]){(char *)"down", NULL}, err);
}

int firewall_publish(const struct pool *pool, const char *owner, const char *address, const char *address6,
                     char *const *ports, struct err *err)
{
    char pool4[48], pool6[48];
    char **words = NULL;
    pool_format_network(pool4, pool6, pool);
    const char *const first[] = {"publish", pool4, pool6, owner, address, address6[0] ? address6 : "none"};
    for (size_t i = 0; i < COUNT_OF(first); i++)
        mem_list_add(&words,
                     mem_printf("%.*s", (int)(i < 4 ? strlen(first[i]) : strcspn(first[i], "/")), first[i]));
    for (char *const *port = ports; *port; port++)
        mem_list_add(&words, mem_dup(*port));
    int rc = run(words, err);
    mem_free_list(words);
    return rc;
}

int firewall_unpublish(const char *owner, struct err *err)
{
    cleanup_free char *copy = mem_dup(owner);
    return run((char *[]){(char *)"unpublish", copy, NULL}, err);
}
