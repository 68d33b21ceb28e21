/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "core/user.h"

#define IDS_FIRST   524288u
#define IDS_LAST    1879048191u
#define IDS_EACH    65536u
#define RANGES_MAX  4 /* of one user */
#define FILE_LIMIT  (4u << 20)
#define ROOT_ANYWAY "0 %u 1"

/* ---- the files: "USER:FIRST:COUNT", USER a name or a number ---- */

struct range {
    uint64_t first, count;
};

static bool read_line(const char **text, char *name, size_t size, struct range *ret)
{
    while (**text) {
        char line[256];
        size_t len = strcspn(*text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)(len < sizeof line ? len : 0), *text);
        *text += len + ((*text)[len] == '\n');
        char *first = strchr(line, ':'), *count = first ? strchr(first + 1, ':') : NULL;
        if (!count)
            continue;
        *first++ = *count++ = '\0';
        if (parse_u64(first, &ret->first) < 0 || parse_u64(count, &ret->count) < 0 || ret->count == 0 ||
            ret->first > UINT32_MAX || ret->count > UINT32_MAX - ret->first || strlen(line) >= size)
            continue;
        snprintf(name, size, "%s", line);
        return true;
    }
    return false;
}

static size_t ranges_of(const char *text, const char *user, unsigned id, struct range ranges[RANGES_MAX])
{
    char name[256], number[16];
    struct range range;
    size_t count = 0;
    snprintf(number, sizeof number, "%u", id);
    while (count < RANGES_MAX && read_line(&text, name, sizeof name, &range))
        if (strcmp(name, number) == 0 || (user && strcmp(name, user) == 0))
            ranges[count++] = range;
    return count;
}

static bool is_somebodys(const char *text, uint64_t first, uint64_t count)
{
    char name[256];
    struct range range;
    while (read_line(&text, name, sizeof name, &range))
        if (range.first < first + count && first < range.first + range.count)
            return true;
    return false;
}

bool idmap_is_free(const char *text, unsigned first, unsigned count)
{
    return !is_somebodys(text, first, count);
}

/* ---- choosing ---- */

void idmap_of_user(const char *text, const char *user, unsigned id, char to[IDMAP_SIZE])
{
    struct range ranges[RANGES_MAX];
    size_t count = ranges_of(text, user, id, ranges);
    int len = snprintf(to, IDMAP_SIZE, ROOT_ANYWAY, id);
    uint64_t inside = 1;
    for (size_t i = 0; i < count; i++) {
        /* Its own id is not to be had twice. */
        if (id >= ranges[i].first && id < ranges[i].first + ranges[i].count)
            continue;
        len += snprintf(to + len, (size_t)(IDMAP_SIZE - len), "\n%u %u %u", (unsigned)inside,
                        (unsigned)ranges[i].first, (unsigned)ranges[i].count);
        inside += ranges[i].count;
    }
}

/* The same name gets the same ids again. */
static uint32_t hash_of(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return hash;
}

/* In root's own ranges; false: it has none that is large enough. */
static bool slot_of_root(uint32_t hash, const char *subuid, const char *subgid, uint64_t *ret)
{
    struct range uids[RANGES_MAX], gids[RANGES_MAX];
    size_t uid_count = ranges_of(subuid, "root", 0, uids), gid_count = ranges_of(subgid, "root", 0, gids);
    for (size_t i = 0; i < uid_count; i++)
        for (size_t j = 0; j < gid_count; j++)
            if (uids[i].first == gids[j].first && uids[i].count == gids[j].count &&
                uids[i].count >= IDS_EACH && uids[i].first > 0) {
                *ret = uids[i].first + hash % (uids[i].count / IDS_EACH) * IDS_EACH;
                return true;
            }
    return false;
}

void idmap_of_root(const char *name, const char *subuid, const char *subgid, char to[IDMAP_SIZE])
{
    uint32_t slots = (IDS_LAST - IDS_FIRST + 1) / IDS_EACH, slot = hash_of(name);
    uint64_t first;
    if (!slot_of_root(slot, subuid, subgid, &first))
        for (uint32_t i = 0; i < slots; i++, slot++) {
            first = IDS_FIRST + (uint64_t)(slot % slots) * IDS_EACH;
            if (!is_somebodys(subuid, first, IDS_EACH) && !is_somebodys(subgid, first, IDS_EACH))
                break;
        }
    snprintf(to, IDMAP_SIZE, "0 %u %u", (unsigned)first, IDS_EACH);
}

static char *read_file(const char *path)
{
    char *text = NULL;
    if (fs_read_whole_at(AT_FDCWD, path, FILE_LIMIT, &text) < 0)
        return mem_dup("");
    return text;
}

static const char *helper(bool groups)
{
    static const char *const paths[][2] = {{"/usr/bin/newuidmap", "/usr/bin/newgidmap"},
                                           {"/usr/local/bin/newuidmap", "/usr/local/bin/newgidmap"}};
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        if (access(paths[i][groups], X_OK) == 0)
            return paths[i][groups];
    return NULL;
}

void idmap_choose(const char *name, struct idmap *ret)
{
    bool root = geteuid() == 0, ranges = root || (helper(false) && helper(true));
    cleanup_free char *subuid = ranges ? read_file("/etc/subuid") : mem_dup("");
    cleanup_free char *subgid = ranges ? read_file("/etc/subgid") : mem_dup("");
    if (root) {
        idmap_of_root(name, subuid, subgid, ret->uids);
        memcpy(ret->gids, ret->uids, sizeof ret->gids);
        return;
    }
    cleanup_close int slash = subuid[0] ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    cleanup_free char *user = slash >= 0 ? user_name_of(slash, geteuid()) : NULL;
    idmap_of_user(subuid, user, geteuid(), ret->uids);
    idmap_of_user(subgid, user, getegid(), ret->gids);
}

/* ---- writing ---- */

/* newuidmap PID INSIDE OUTSIDE COUNT...: it is set-user-ID, and checks the files again. */
static bool run_helper(const char *program, pid_t pid, const char *lines)
{
    char number[16], *argv[3 * (RANGES_MAX + 1) + 3] = {(char *)program, number};
    cleanup_free char *words = mem_dup(lines);
    int status, argc = 2;
    pid_t child;
    posix_spawn_file_actions_t files;
    snprintf(number, sizeof number, "%d", (int)pid);
    for (char *save = NULL, *word = strtok_r(words, " \n", &save); word && argc < (int)COUNT_OF(argv) - 1;
         word = strtok_r(NULL, " \n", &save))
        argv[argc++] = word;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int code = posix_spawn(&child, program, &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (code)
        return false;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int write_map(int dir, const char *file, const char *text, struct err *err)
{
    int rc = fs_write_at(dir, file, text);
    return rc < 0 ? err_set(err, -rc, "write %s of the container's user namespace: %s", file, strerror(-rc))
                  : 0;
}

/* A single own id may be mapped without privilege only after setgroups is given up (EPERM otherwise). */
static int write_single(int dir, const char *file, unsigned id, struct err *err)
{
    char text[IDMAP_SIZE];
    snprintf(text, sizeof text, ROOT_ANYWAY, id);
    int rc = strcmp(file, "gid_map") == 0 ? write_map(dir, "setgroups", "deny", err) : 0;
    return rc < 0 ? rc : write_map(dir, file, text, err);
}

int idmap_write(pid_t pid, const char *uids, const char *gids, struct err *err)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    cleanup_close int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (geteuid() == 0) {
        int rc = write_map(dir, "uid_map", uids, err);
        return rc < 0 ? rc : write_map(dir, "gid_map", gids, err);
    }
    int rc = 0;
    if (!strchr(uids, '\n') || !run_helper(helper(false), pid, uids))
        rc = write_single(dir, "uid_map", geteuid(), err);
    if (rc == 0 && (!strchr(gids, '\n') || !run_helper(helper(true), pid, gids)))
        rc = write_single(dir, "gid_map", getegid(), err);
    return rc;
}
