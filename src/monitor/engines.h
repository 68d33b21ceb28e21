/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The names that people gave to containers, from the state files of the engines: no socket, no daemon.
 * Nothing in them is trusted: bounded sizes, no waiting on what is no regular file, no file that somebody
 * else than root, or the user whose slice the group is in, owns. A group in a user's slice is looked for in
 * that user's home only. The monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_ENGINES_H
#define BOXTOP_MONITOR_ENGINES_H

#include <stdint.h>
#include <time.h>

#include "monitor/engine_text.h"
#include "monitor/identity.h"

/* A file that says something of many containers: parsed once for all of them. */
struct engine_cache {
    char path[512];
    uint64_t inode;
    int64_t size;
    struct timespec changed;
    json_t *json;
};

enum { ENGINE_CACHES = 4 };
struct engines {
    const char *root; /* "" for this machine's files; a directory for recorded ones */
    uid_t system_uid; /* whose files are believed for everybody: 0 */
    struct engine_cache cache[ENGINE_CACHES];
    unsigned cache_next;
};

void engines_init(struct engines *engines, const char *root, uid_t system_uid);
void engines_fini(struct engines *engines);
/* A new identity with what an engine says of it, or NULL: nothing (not yet, or nothing more is to be said).
 */
struct identity *engines_name(struct engines *engines, const struct identity *from);
/* Whether engines_name() may find something, now or later. */
bool engines_may_name(const struct identity *identity);
/* The name of a user by /etc/passwd; false: it has none. */
bool engines_user(const struct engines *engines, uid_t uid, char *to, size_t size);

#endif
