/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/etc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/mounts.h"

#define FILE_LIMIT (1u << 20)
#define ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static const char *const names[ETC_COUNT] = {
    [ETC_HOSTS] = "hosts", [ETC_HOSTNAME] = "hostname", [ETC_RESOLV_CONF] = "resolv.conf"};
static const char *const paths[ETC_COUNT] = {
    [ETC_HOSTS] = "/etc/hosts", [ETC_HOSTNAME] = "/etc/hostname", [ETC_RESOLV_CONF] = "/etc/resolv.conf"};

/* ---- what stands in them ---- */

static bool is_local_server(const char *line)
{
    line += strspn(line, " \t");
    if (!str_starts(line, "nameserver") || !strchr(" \t", line[strlen("nameserver")]))
        return false;
    line += strlen("nameserver");
    line += strspn(line, " \t");
    return str_starts(line, "127.") || strncasecmp(line, "fe80:", 5) == 0 ||
           (str_starts(line, "::1") && strchr(" \t%", line[3]));
}

void etc_reachable(struct str *to, const char *resolv_conf)
{
    cleanup_free char *text = mem_dup(resolv_conf);
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
        if (!is_local_server(line) && (line[0] || rest))
            str_addf(to, "%s\n", line);
}

static void add_host_file(struct str *to, const char *path)
{
    cleanup_free char *text = NULL;
    if (fs_read_whole_at(AT_FDCWD, path, FILE_LIMIT, &text) >= 0)
        str_add(to, text);
}

static void add_reachable(struct str *to, const char *path)
{
    struct str text = {0};
    add_host_file(&text, path);
    etc_reachable(to, str_text(&text));
    str_free(&text);
}

/* systemd-resolved writes 127.0.0.53 into the one, and whom it asks itself into the other. */
static void add_servers(struct str *to)
{
    add_reachable(to, "/etc/resolv.conf");
    if (strstr(str_text(to), "nameserver"))
        return;
    str_clear(to);
    add_reachable(to, "/run/systemd/resolve/resolv.conf");
}

bool etc_lacks_servers(void)
{
    struct str host = {0}, reachable = {0};
    add_host_file(&host, "/etc/resolv.conf");
    bool lacks = strstr(str_text(&host), "nameserver");
    if (lacks)
        add_servers(&reachable);
    lacks = lacks && !strstr(str_text(&reachable), "nameserver");
    str_free(&host);
    str_free(&reachable);
    return lacks;
}

static void add_hosts(struct str *to, const char *hostname, const char *address)
{
    int len = address && address[0] ? (int)strcspn(address, "/") : 0;
    str_add(to, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    str_addf(to, "%.*s\t%s\n", len ? len : (int)strlen("127.0.1.1"), len ? address : "127.0.1.1", hostname);
}

void etc_make(struct etc *ret, enum spec_network network, const char *hostname, const char *address)
{
    *ret = (struct etc){0};
    str_addf(&ret->text[ETC_HOSTNAME], "%s\n", hostname);
    if (network == NETWORK_HOST) {
        add_host_file(&ret->text[ETC_HOSTS], "/etc/hosts");
        add_host_file(&ret->text[ETC_RESOLV_CONF], "/etc/resolv.conf");
        return;
    }
    add_hosts(&ret->text[ETC_HOSTS], hostname, address);
    if (network == NETWORK_PRIVATE)
        add_servers(&ret->text[ETC_RESOLV_CONF]);
}

void etc_free(struct etc *etc)
{
    for (int i = 0; i < ETC_COUNT; i++)
        str_free(&etc->text[i]);
}

/* ---- where they go ---- */

static int write_file(int dir, const char *name, const struct str *text, struct err *err)
{
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    cleanup_close int fd = openat(dir, name, flags, 0644);
    if (fd < 0 && errno == ELOOP && unlinkat(dir, name, 0) == 0) /* it led to a file of the host's services */
        fd = openat(dir, name, flags, 0644);
    if (fd < 0)
        return err_errno(err, "make the container's /etc/%s", name);
    int rc = fs_write_all(fd, str_text(text), text->len);
    return rc < 0 ? err_set(err, -rc, "write the container's /etc/%s: %s", name, strerror(-rc)) : 0;
}

int etc_write(const struct etc *etc, int root, struct err *err)
{
    int rc = 0;
    cleanup_close int at = mounts_resolve_or_make(root, "etc", true, true, err);
    cleanup_close int dir = at < 0 ? -1 : openat(at, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return at;
    if (dir < 0)
        return err_errno(err, "open the container's /etc");
    for (int i = 0; i < ETC_COUNT && rc == 0; i++)
        rc = write_file(dir, names[i], &etc->text[i], err);
    return rc;
}

/* Where the link NAME in the host's /etc leads. */
static int find_link_target(int root, const char *name)
{
    char link[PATH_MAX];
    struct err ignored;
    cleanup_close int etc = mounts_look(root, "/etc", true);
    ssize_t len = etc < 0 ? -1 : readlinkat(etc, name, link, sizeof link - 1);
    cleanup_free char *to =
        len <= 0 ? NULL : mem_printf("%s%.*s", link[0] == '/' ? "" : "/etc/", (int)len, link);
    return to ? mounts_resolve_or_make(root, to, true, false, &ignored) : -1;
}

/* -1: there is none, or no file. */
static int find_target(int root, enum etc_file file, bool root_is_host)
{
    struct stat st;
    cleanup_close int target = mounts_look(root, paths[file], true);
    if (target == -ENOENT && root_is_host)
        target = find_link_target(root, names[file]);
    return target < 0 || fstat(target, &st) < 0 || !S_ISREG(st.st_mode) ? -1 : take_fd(&target);
}

static int mount_each(const struct etc *etc, int files, const int targets[ETC_COUNT],
                      unsigned long attributes, struct err *err)
{
    int rc = 0;
    for (int i = 0; i < ETC_COUNT && rc == 0; i++) {
        if (targets[i] < 0)
            continue;
        rc = write_file(files, names[i], &etc->text[i], err);
        cleanup_close int copy = rc < 0 ? -1 : mounts_copy(files, names[i], false, attributes, err);
        if (rc == 0)
            rc = copy < 0 ? copy : mounts_attach(copy, targets[i], names[i], err);
    }
    return rc;
}

/* What is mounted can be copied from: for as long as that takes the files' own mount covers the root, below
 * which all is looked up by descriptor. */
static int mount_on(const struct etc *etc, const int targets[ETC_COUNT], bool read_only, struct err *err)
{
    char path[64];
    cleanup_close int files = mounts_new("tmpfs", "mode=755", ATTRIBUTES, err);
    if (files < 0)
        return files;
    if (move_mount(files, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return err_errno(err, "attach the files of /etc");
    int rc = mount_each(etc, files, targets, read_only ? MOUNT_ATTR_RDONLY : 0, err);
    snprintf(path, sizeof path, "/proc/self/fd/%d", files);
    if (rc == 0 && umount2(path, MNT_DETACH) < 0)
        rc = err_errno(err, "let the files of /etc go");
    return rc;
}

int etc_find(struct etc_places *ret, int root, bool root_is_host)
{
    int count = 0;
    for (int i = 0; i < ETC_COUNT; i++)
        count += (ret->fds[i] = find_target(root, (enum etc_file)i, root_is_host)) >= 0;
    return count;
}

int etc_mount(const struct etc *etc, struct etc_places *places, bool read_only, struct err *err)
{
    int rc = mount_on(etc, places->fds, read_only, err);
    for (int i = 0; i < ETC_COUNT; i++)
        fd_close(&places->fds[i]);
    return rc;
}

int etc_mount_hosts(int hosts, int root, bool root_is_host, struct err *err)
{
    cleanup_close int target = find_target(root, ETC_HOSTS, root_is_host);
    return target < 0 ? 0 : mounts_attach(hosts, target, "/etc/hosts", err);
}
