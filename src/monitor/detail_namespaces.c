/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The namespaces of a group's first process: which are its own, whose they are, and who else is in them.
 */
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "monitor/detail_parse.h"
#include "monitor/detail_read.h"

/* How long what was read of another group is believed. */
#define BELIEVED_NS 10000000000ull

/* Who owns it: its user namespace, or of one of those, the user who made it. Needs the right to look. */
static void read_owner(const struct detail_reader *reader, pid_t pid, struct detail_namespace *to)
{
    char path[64];
    struct stat st;
    uid_t uid;
    snprintf(path, sizeof path, "%d/ns/%s", (int)pid, to->type);
    cleanup_close int fd = openat(reader->proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    cleanup_close int owner = ioctl(fd, NS_GET_USERNS);
    if (owner >= 0 && fstat(owner, &st) == 0)
        to->owner_inode = st.st_ino;
    if (strcmp(to->type, "user") == 0 && ioctl(fd, NS_GET_OWNER_UID, &uid) == 0)
        to->owner_uid = uid;
}

static void read_all(const struct detail_reader *reader, pid_t pid, uint64_t *to)
{
    for (int i = 0; i < DETAIL_NAMESPACE_COUNT; i++)
        to[i] = detail_namespace_of(reader, pid, detail_namespace_types[i]);
}

/* What is known of another group; NULL: nothing yet, or nobody is in it. */
static const struct group_namespaces *known_of(struct detail_reader *reader, struct group *group)
{
    uint64_t now_ns = clock_mono_ns();
    struct group_namespaces *known = group->namespaces;
    if (group->figures->now.populated == 0)
        return NULL;
    if (known && now_ns - known->read_ns < BELIEVED_NS)
        return known;
    if (reader->looks_left == 0)
        return known;
    reader->looks_left--;
    if (!known)
        known = group->namespaces = mem_alloc(sizeof *known);
    *known = (struct group_namespaces){.read_ns = now_ns};
    pid_t pid = detail_own_pid(reader, group);
    if (pid > 0)
        read_all(reader, pid, known->inode);
    return known;
}

static bool is_below(const struct group *group, const struct group *top)
{
    while (group && group != top)
        group = group->parent;
    return group != NULL;
}

static void note_shared(struct detail_job *job, const struct group *group,
                        const struct group_namespaces *known)
{
    for (int i = 0; i < DETAIL_NAMESPACE_COUNT; i++) {
        struct detail_namespace *own = &job->draft->detail.namespaces[i];
        if (own->is_host || !own->inode || own->inode != known->inode[i])
            continue;
        if (own->shared_count < DETAIL_SHARED)
            own->shared[own->shared_count] = detail_draft_text(job->draft, group->path);
        own->shared_count++;
    }
}

void detail_read_namespaces(struct detail_job *job)
{
    struct detail_reader *reader = job->reader;
    struct detail *detail = &job->draft->detail;
    uint64_t inodes[DETAIL_NAMESPACE_COUNT] = {0};
    char text[8192];
    pid_t pid = detail_first_pid(job->reader, job->group);
    detail->namespaces_of = pid;
    if (pid > 0)
        read_all(reader, pid, inodes);
    for (int i = 0; i < DETAIL_NAMESPACE_COUNT; i++) {
        detail->namespaces[i] = (struct detail_namespace){.type = detail_namespace_types[i],
                                                          .inode = inodes[i],
                                                          .is_host = inodes[i] == reader->host[i],
                                                          .owner_uid = (uid_t)-1};
        if (inodes[i])
            read_owner(reader, pid, &detail->namespaces[i]);
    }
    if (pid <= 0)
        return;
    if (detail_read_proc(reader, pid, "uid_map", text, sizeof text) > 0)
        detail_parse_map(&job->draft->uid_map, text);
    if (detail_read_proc(reader, pid, "gid_map", text, sizeof text) > 0)
        detail_parse_map(&job->draft->gid_map, text);
    for (struct group *group = job->root; group; group = tree_next(group)) {
        const struct group_namespaces *known = is_below(group, job->group) ? NULL : known_of(reader, group);
        if (known)
            note_shared(job, group, known);
    }
}
