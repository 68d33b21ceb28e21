/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "core/sys.h"

#define FILE_LIMIT (8 << 20) /* bytes; /etc/group of a large site has some hundred thousand */
#define DIGITS     "0123456789"

/* ---- the words ---- */

static bool read_id(const char *text, unsigned *ret)
{
    uint64_t value;
    if (!text[0] || text[strspn(text, DIGITS)] || parse_u64(text, &value) < 0 || value >= (uid_t)-1)
        return false;
    *ret = (unsigned)value;
    return true;
}

static bool is_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return text[0] && !strchr(DIGITS "-.", text[0]) && !text[strspn(text, letters)];
}

static bool is_id_or_name(const char *text)
{
    unsigned id;
    return read_id(text, &id) || is_name(text);
}

bool user_text_is_valid(const char *text)
{
    cleanup_free char *user = mem_dup(text);
    char *group = strchr(user, ':');
    if (group)
        *group++ = '\0';
    return is_id_or_name(user) && (!group || is_id_or_name(group));
}

/* ---- the files ---- */

/* NULL if it is not there; what is there has to be a file. */
static char *read_table(int root, const char *path, struct err *err)
{
    struct stat st;
    cleanup_close int fd = sys_openat2(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                                       RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    if (fd < 0 || fstat(fd, &st) < 0) {
        if (errno != ENOENT)
            err_errno(err, "open the container's /%s", path);
        return NULL;
    }
    if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)) /* masked: nothing is known */
        return NULL;
    if (!S_ISREG(st.st_mode) || st.st_size > FILE_LIMIT) {
        err_set(err, EINVAL, "read the container's /%s: it is no file of a usual size", path);
        return NULL;
    }
    size_t size = (size_t)st.st_size + 2;
    char *text = mem_alloc(size);
    ssize_t got = fs_pread(fd, text, size);
    if (got >= 0)
        return text;
    err_set(err, (int)-got, "read the container's /%s: %s", path, strerror((int)-got));
    free(text);
    return NULL;
}

enum { NAME, PASSWORD, ID, PASSWD_GID, PASSWD_GECOS, PASSWD_HOME, PASSWD_SHELL, PARTS };
enum { GROUP_MEMBERS = 3 };

/* The next line with a name and an id, "a:b:c" taken apart in place; parts that are not there are "". */
static bool next_line(char **text, char *parts[PARTS], unsigned *ret_id)
{
    for (char *line; *text && (line = strsep(text, "\n"));) {
        for (int i = 0; i < PARTS; i++) {
            char *part = strsep(&line, ":");
            parts[i] = part ? part : (char *)"";
        }
        if (parts[NAME][0] && read_id(parts[ID], ret_id))
            return true;
    }
    return false;
}

/* The line of a name, or of an id if `name` is one. */
static bool find_line(char *text, const char *name, char *parts[PARTS], unsigned *ret_id)
{
    unsigned wanted = 0;
    bool number = read_id(name, &wanted);
    while (next_line(&text, parts, ret_id))
        if (number ? *ret_id == wanted : strcmp(parts[NAME], name) == 0)
            return true;
    *ret_id = wanted;
    return false;
}

static bool is_member(char *members, const char *name)
{
    for (char *member; (member = strsep(&members, ","));)
        if (strcmp(member, name) == 0)
            return true;
    return false;
}

static void add_group(struct user *user, gid_t gid)
{
    for (size_t i = 0; i < user->group_count; i++)
        if (user->groups[i] == gid)
            return;
    user->groups = mem_resize(user->groups, user->group_count + 1, sizeof *user->groups);
    user->groups[user->group_count++] = gid;
}

static int not_known(const char *what, const char *name, const char *path, struct err *err)
{
    err_set(err, ENOENT, "%s %s: not in the container's /%s", what, name, path);
    return err_hint(err, "give one that is in there, or a number");
}

/* *ret_name: what it is called there; NULL: nothing. The caller's to free. */
static int find_user(struct user *user, int root, const char *name, char **ret_name, struct err *err)
{
    char *parts[PARTS];
    struct err failed = {0};
    cleanup_free char *text = read_table(root, "etc/passwd", &failed);
    bool found = find_line(text, name, parts, &user->uid);
    unsigned gid = 0;
    if (failed.code) {
        *err = failed;
        return -failed.code;
    }
    if (!found && is_name(name))
        return not_known("user", name, "etc/passwd", err);
    if (found && !read_id(parts[PASSWD_GID], &gid))
        return err_set(err, EINVAL, "user %s: its line in the container's /etc/passwd has no group", name);
    user->gid = gid;
    user->home = mem_dup(found && parts[PASSWD_HOME][0] == '/' ? parts[PASSWD_HOME] : "/");
    *ret_name = found ? mem_dup(parts[NAME]) : NULL;
    return 0;
}

/* The group that was asked for alone, or all that the user is a member of. */
static int find_groups(struct user *user, int root, const char *asked, const char *name, struct err *err)
{
    char *parts[PARTS];
    struct err failed = {0};
    unsigned gid;
    cleanup_free char *text = read_table(root, "etc/group", &failed);
    if (failed.code) {
        *err = failed;
        return -failed.code;
    }
    if (asked) {
        if (!find_line(text, asked, parts, &user->gid) && is_name(asked))
            return not_known("group", asked, "etc/group", err);
        add_group(user, user->gid);
        return 0;
    }
    add_group(user, user->gid);
    for (char *rest = text; name && next_line(&rest, parts, &gid);)
        if (is_member(parts[GROUP_MEMBERS], name))
            add_group(user, gid);
    return 0;
}

char *user_name_of(int root, uid_t uid)
{
    char *parts[PARTS], number[16];
    unsigned id;
    struct err ignored;
    cleanup_free char *text = read_table(root, "etc/passwd", &ignored);
    snprintf(number, sizeof number, "%u", (unsigned)uid);
    return find_line(text, number, parts, &id) ? mem_dup(parts[NAME]) : NULL;
}

int user_find(struct user *ret, int root, const char *text, struct err *err)
{
    struct user user = {0};
    cleanup_free char *name = mem_dup(text), *known = NULL;
    char *group = strchr(name, ':');
    if (group)
        *group++ = '\0';
    int rc = find_user(&user, root, name, &known, err);
    if (rc == 0)
        rc = find_groups(&user, root, group, known, err);
    if (rc < 0) {
        user_free(&user);
        return rc;
    }
    *ret = user;
    return 0;
}

/* ---- becoming it ---- */

/* Else it could not open /dev/stdout. Where the stream is owned from outside of its user namespace it stays
 * so. */
static void give_streams(const struct user *user, const int stdio[3])
{
    struct stat st;
    for (int i = 0; i < 3; i++)
        if (fstat(stdio[i], &st) == 0 && (S_ISFIFO(st.st_mode) || isatty(stdio[i])) &&
            fchown(stdio[i], user->uid, (gid_t)-1) < 0)
            return;
}

int user_become(const struct user *user, const int stdio[3], struct err *err)
{
    give_streams(user, stdio);
    /* EPERM: the right was given up for a single-id map, and the groups with it. */
    if (setgroups(user->group_count, user->groups) < 0 && errno != EPERM)
        err_errno(err, "take the groups of user %u", user->uid);
    else if (setresgid(user->gid, user->gid, user->gid) < 0)
        err_errno(err, "become group %u", user->gid);
    else if (setresuid(user->uid, user->uid, user->uid) < 0)
        err_errno(err, "become user %u", user->uid);
    else if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) <
             0) /* another id is what the sysctl says, not what was set */
        return err_errno(err, "make the process undumpable");
    else
        return 0;
    if (err->code == EINVAL)
        err_hint(err, "the container's user namespace has no such id: see /etc/subuid and /etc/subgid");
    return -err->code;
}

void user_free(struct user *user)
{
    free(user->groups);
    free(user->home);
    *user = (struct user){0};
}
