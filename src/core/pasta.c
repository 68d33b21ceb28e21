/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pasta.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "core/helper.h"
#include "core/proc.h"
#include "core/publish.h"
#include "core/reserve.h"
#include "core/sys.h"

#define PID_FILE         "pasta.pid"
#define DEATH_TIMEOUT_MS 5000

bool pasta_find(char *to, const char **ret_why)
{
    const char *ignored;
    if (!ret_why)
        ret_why = &ignored;
    static const char standard[] = "/usr/local/bin:/usr/bin:/bin";
    char found[PATH_MAX];
    const char *path = getenv("PATH");
    for (const char *part = path && *path ? path : standard; *part; part += strspn(part, ":")) {
        size_t len = strcspn(part, ":");
        int written = snprintf(found, sizeof found, "%.*s/pasta", (int)len, part);
        part += len;
        if (found[0] != '/' || written >= (int)sizeof found || access(found, X_OK) < 0)
            continue;
        if (to)
            memcpy(to, found, sizeof found);
        *ret_why = "it may not open /dev/net/tun: modprobe tun, chmod 666 /dev/net/tun";
        return access("/dev/net/tun", R_OK | W_OK) == 0;
    }
    *ret_why = "it is not installed: the package is passt";
    return false;
}

/* "ADDRESS/HOST:CONTAINER", as pasta(1) has it. */
static char *port_word(const struct publish *publish)
{
    char text[PUBLISH_TEXT_SIZE], *address = text;
    publish_format(publish, text);
    if (publish->family == AF_UNSPEC)
        return mem_printf("%u:%u", publish->host_port, publish->container_port);
    if (text[0] == '[') {
        address = text + 1;
        *strchr(address, ']') = '\0';
    } else {
        *strchr(address, ':') = '\0';
    }
    return mem_printf("%s/%u:%u", address, publish->host_port, publish->container_port);
}

static void add_ports(char ***words, char *const *ports, int protocol, const char *option)
{
    struct publish publish;
    struct err ignored;
    bool any = false;
    for (char *const *port = ports; port && *port; port++) {
        if (publish_parse(*port, &publish, &ignored) < 0 || publish.protocol != protocol)
            continue;
        mem_list_add(words, mem_dup(option));
        mem_list_add(words, port_word(&publish));
        any = true;
    }
    if (any)
        return;
    mem_list_add(words, mem_dup(option));
    mem_list_add(words, mem_dup("none"));
}

char **pasta_words(const char *program, const char *pid_file, char *const *ports, const char *pid)
{
    /* Nothing of the host's loopback shows inside: neither through the gateway's address nor by -T and -U. */
    const char *const first[] = {program, "--config-net", "--no-map-gw", "--quiet", "-T",
                                 "none",  "-U",           "none",        "-P",      pid_file};
    char **words = NULL;
    for (size_t i = 0; i < COUNT_OF(first); i++)
        mem_list_add(&words, mem_dup(first[i]));
    add_ports(&words, ports, IPPROTO_TCP, "-t");
    add_ports(&words, ports, IPPROTO_UDP, "-u");
    mem_list_add(&words, mem_dup(pid));
    return words;
}

int pasta_start(const char *record, char *const *ports, pid_t pid, struct err *err)
{
    char program[PATH_MAX], number[16];
    const char *why;
    if (!pasta_find(program, &why))
        return err_set(err, ENOENT, "make a private network through pasta: %s", why);
    struct reserve reserve;
    int rc = reserve_ports(&reserve, ports, err); /* who has one of them is said better than pasta does */
    if (rc < 0)
        return rc;
    reserve_free(&reserve);
    cleanup_free char *pid_file = mem_printf("%s/%s", record, PID_FILE);
    snprintf(number, sizeof number, "%d", (int)pid);
    cleanup_list char **words = pasta_words(program, pid_file, ports, number);
    rc = helper_run(words, NULL, err);
    if (rc < 0 && str_starts(err->text, "Failed to send") &&
        err->hint[0]) { /* to a syslog that is not there */
        str_copy(err->text, sizeof err->text, err->hint);
        err->hint[0] = '\0';
    }
    return rc < 0 ? err_prefix(err, "make a private network through pasta") : 0;
}

/* The number in the file may be another process's by now: it is the one whose command line names this file.
 */
static bool is_it(pid_t pid, const char *pid_file)
{
    char path[64], words[4096];
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, words, sizeof words - 1);
    if (got <= 0)
        return false;
    words[got] = '\0';
    for (const char *word = words; word < words + got; word += strlen(word) + 1)
        if (strcmp(word, pid_file) == 0)
            return true;
    return false;
}

void pasta_end(int store_fd, const char *name)
{
    char file[PATH_MAX], text[32], own[64], store[PATH_MAX];
    uint64_t pid;
    snprintf(file, sizeof file, "%s/" PID_FILE, name);
    snprintf(own, sizeof own, "/proc/self/fd/%d", store_fd);
    ssize_t len = readlink(own, store, sizeof store - 1);
    if (len < 0 || fs_read_at(store_fd, file, text, sizeof text) <= 0 || parse_u64(text, &pid) < 0 ||
        pid < 2 || pid > INT_MAX)
        return;
    store[len] = '\0';
    cleanup_free char *path = mem_printf("%s/%s", store, file);
    cleanup_close int process = proc_open((pid_t)pid, proc_start_time((pid_t)pid));
    if (process >= 0 && is_it((pid_t)pid, path)) {
        sys_pidfd_send_signal(process, SIGKILL);
        proc_wait_pidfd(process, DEATH_TIMEOUT_MS);
    }
    unlinkat(store_fd, file, 0);
}
