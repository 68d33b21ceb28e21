/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-net: NAT and published ports, for boxtop (core/firewall.h). Not for people: what fails is said in
 * two lines, what and what to do about it. Exit status: 0 done, 1 failed, 2 wrong usage, 3 a port is taken.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "nft/table.h"

static int read_pool(char **words, struct pool *ret, struct err *err)
{
    *ret = (struct pool){0};
    int rc = pool_parse4(words[0], ret, err);
    return rc < 0 ? rc : pool_parse6(words[1], ret, err);
}

static int up(char **words, struct err *err)
{
    struct pool pool;
    int rc = read_pool(words, &pool, err);
    return rc < 0 ? rc : table_up(&pool, err);
}

static int down(char **words, struct err *err)
{
    (void)words;
    return table_down(err);
}

static int publish(char **words, struct err *err)
{
    struct pool pool;
    int rc = read_pool(words, &pool, err);
    const char *six = strcmp(words[4], "none") == 0 ? NULL : words[4];
    return rc < 0 ? rc : table_publish(&pool, words[2], words[3], six, words + 5, err);
}

static int unpublish(char **words, struct err *err)
{
    return table_unpublish(words[0], err);
}

static const struct {
    const char *name, *usage;
    int min, max;
    int (*run)(char **words, struct err *err);
} commands[] = {
    {"up", "POOL POOL6|none", 2, 2, up},
    {"down", "", 0, 0, down},
    {"publish", "POOL POOL6|none OWNER ADDRESS ADDRESS6|none PORT...", 6, 1 << 16, publish},
    {"unpublish", "OWNER", 1, 1, unpublish},
};

static int usage(void)
{
    fputs("usage:\n", stderr);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        fprintf(stderr, "  boxtop-net %s %s\n", commands[i].name, commands[i].usage);
    return 2;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    for (size_t i = 0; i < COUNT_OF(commands) && argc > 1; i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        if (argc - 2 < commands[i].min || argc - 2 > commands[i].max)
            return usage();
        if (commands[i].run(argv + 2, &err) >= 0)
            return 0;
        fprintf(stderr, "%s\n%s\n", err.text, err.hint);
        return err.code == EADDRINUSE ? 3 : 1;
    }
    return usage();
}
