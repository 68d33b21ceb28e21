/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit_server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cgroupfs.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/cgroup.h"
#include "core/sys.h"
#include "core/unit.h"
#include "core/unit_wire.h"

#define IDLE_MS    10000 /* so long after the last container the unit stays: the next needs not ask */
#define GRACE_MS   10000 /* so long containers have to end when the unit is stopped; then they are killed */
#define KEEPERS_MS 5000  /* and then their keepers to write down how they ended */
#define GUESTS_MAX 4096

/* Somebody outside, and what was started for them. */
struct guest {
    int sock;
    int pidfd; /* -1: nothing was asked yet */
    pid_t pid;
};

struct server {
    int unit, base, keepers; /* cgroups */
    int events[2];           /* cgroup.events of base and keepers */
    int signals, listener;   /* -1: root's unit listens to nobody */
    struct sockaddr_un address;
    struct guest *guests;
    size_t guest_count;
    bool stopping;
};

/* ---- setting up ---- */

static int make_group(int parent, const char *name, int *ret_fd, struct err *err)
{
    if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
        return err_errno(err, "make the cgroup %s", name);
    *ret_fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_fd < 0 ? err_errno(err, "open the cgroup %s", name) : 0;
}

static int open_events(int group)
{
    return openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC);
}

static int make_keepers(struct server *s, struct err *err)
{
    int rc = make_group(s->unit, UNIT_KEEPERS, &s->keepers, err);
    if (rc == 0 && (s->events[1] = open_events(s->keepers)) < 0)
        rc = err_errno(err, "open cgroup.events of " UNIT_KEEPERS);
    return rc;
}

/* First this process into a leaf: a cgroup that has processes can't give controllers to its children. */
static int make_groups(struct server *s, struct err *err)
{
    struct cgroupfs fs;
    char own[PATH_MAX];
    cleanup_close int self = -1;
    cgroupfs_find(&fs, NULL, NULL);
    int rc = cgroupfs_of_pid(0, own, sizeof own);
    if (rc < 0)
        return err_set(err, -rc, "find the unit's own cgroup: %s", strerror(-rc));
    if ((rc = cgroup_open(fs.mount, own, &s->unit, err)) < 0 ||
        (rc = make_group(s->unit, UNIT_SELF, &self, err)) < 0)
        return rc;
    if ((rc = fs_write_at(self, "cgroup.procs", "0")) < 0)
        return err_set(err, -rc, "go into the cgroup %s/" UNIT_SELF ": %s", own, strerror(-rc));
    if ((rc = make_keepers(s, err)) < 0 || (rc = cgroup_make_base(s->unit, own, &s->base, err)) < 0)
        return rc;
    s->events[0] = open_events(s->base);
    return s->events[0] < 0 ? err_errno(err, "open cgroup.events of %s", own) : 0;
}

/* Two descriptors for each who waits outside. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int open_signals(struct server *s, struct err *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signals < 0 ? err_errno(err, "make a signal descriptor") : 0;
}

static int listen_to_user(struct server *s, struct err *err)
{
    if (geteuid() == 0)
        return 0;
    int rc = unit_address(&s->address, err);
    if (rc < 0)
        return rc;
    unlink(s->address.sun_path); /* of one that was killed: systemd has one such unit at a time */
    s->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(0177);
    if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&s->address, sizeof s->address) < 0 ||
        listen(s->listener, 64) < 0)
        rc = err_errno(err, "listen at %s", s->address.sun_path);
    umask(mask);
    return rc;
}

/* sd_notify(3): from now on the unit can be used. */
static void tell_systemd(const char *what)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = path ? strlen(path) : 0;
    cleanup_close int sock =
        len && len < sizeof to.sun_path ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
    if (sock < 0)
        return;
    memcpy(to.sun_path, path, len);
    if (to.sun_path[0] == '@')
        to.sun_path[0] = '\0';
    sendto(sock, what, strlen(what), MSG_NOSIGNAL, (struct sockaddr *)&to,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

/* ---- starting what is asked for ---- */

/* The texts of a file of words, each ended by NUL: argv and environ. */
static char ***take_words(int file, const struct unit_request *request)
{
    struct stat st;
    static char **lists[2];
    const uint32_t counts[] = {request->arguments, request->variables};
    if (fstat(file, &st) < 0 || st.st_size == 0)
        return NULL;
    char *at = mmap(NULL, (size_t)st.st_size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0),
         *end = at + st.st_size;
    if (at == MAP_FAILED || end[-1])
        return NULL;
    for (int l = 0; l < 2; l++) {
        lists[l] = mem_array((size_t)counts[l] + 1, sizeof(char *));
        for (uint32_t i = 0; i < counts[l]; i++, at += strlen(at) + 1) {
            if (at >= end)
                return NULL;
            lists[l][i] = at;
        }
    }
    return lists;
}

/* In the child: as if the caller had executed it, but in here. */
static void become(const struct unit_request *request, const int fds[UNIT_FD_COUNT])
{
    sigset_t none;
    char ***words = take_words(fds[UNIT_FD_WORDS], request);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    umask(request->umask & 0777);
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        struct rlimit limit = request->limits[i], own;
        if (getrlimit(i, &own) == 0 && limit.rlim_cur > own.rlim_max)
            limit.rlim_cur = own.rlim_max;
        if (limit.rlim_max > own.rlim_max)
            limit.rlim_max = own.rlim_max;
        setrlimit(i, &limit);
    }
    for (int i = 0; i < 3; i++)
        dup2(fds[UNIT_FD_STDIO + i], i);
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    if (words && request->arguments > 0 && fchdir(fds[UNIT_FD_DIRECTORY]) == 0)
        execveat(fds[UNIT_FD_PROGRAM], "", words[0], words[1], AT_EMPTY_PATH);
    dprintf(2, "boxtop: run this in " UNIT_NAME ": %s\n", words ? strerror(errno) : "the request is broken");
    _exit(125);
}

/* It is born in the keepers' cgroup: nothing of this one's cgroup is its. */
static int start(struct server *s, struct guest *guest, const struct unit_request *request, const int *fds)
{
    int pidfd = -1;
    struct clone_args args = {.flags = CLONE_PIDFD | CLONE_INTO_CGROUP,
                              .pidfd = (uint64_t)(uintptr_t)&pidfd,
                              .exit_signal = SIGCHLD,
                              .cgroup = (uint64_t)s->keepers};
    guest->pid = sys_clone3(&args);
    if (guest->pid == 0)
        become(request, fds);
    if (guest->pid < 0)
        return -errno;
    guest->pidfd = pidfd;
    struct unit_answer started = {0};
    return unit_send(guest->sock, &started, sizeof started, &pidfd, 1);
}

static void answer_end(struct guest *guest, int status)
{
    struct unit_answer ended = {.ended = 1, .status = status};
    unit_send(guest->sock, &ended, sizeof ended, NULL, 0);
    fd_close(&guest->sock);
}

/* A request, or that they left: what runs for them hears what a terminal that goes away tells. */
static void hear(struct server *s, struct guest *guest)
{
    struct unit_request request;
    int fds[UNIT_FD_COUNT];
    int rc = unit_receive(guest->sock, &request, sizeof request, fds, UNIT_FD_COUNT);
    if (guest->pidfd >= 0) {
        sys_pidfd_send_signal(guest->pidfd, SIGHUP);
        fd_close(&guest->sock);
    } else if (rc < 0) {
        fd_close(&guest->sock);
    } else if (request.version != UNIT_VERSION || fds[UNIT_FD_COUNT - 1] < 0 ||
               start(s, guest, &request, fds) < 0) {
        answer_end(guest, 125);
    }
    for (size_t i = 0; i < UNIT_FD_COUNT; i++)
        fd_close(&fds[i]);
}

static void let_in(struct server *s)
{
    struct ucred who = {.uid = (uid_t)-1};
    socklen_t len = sizeof who;
    int sock = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    if (sock < 0)
        return;
    if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 || who.uid != geteuid() ||
        s->guest_count == GUESTS_MAX) {
        close(sock);
        return;
    }
    s->guests = mem_resize(s->guests, s->guest_count + 1, sizeof *s->guests);
    s->guests[s->guest_count++] = (struct guest){.sock = sock, .pidfd = -1};
}

static void reap(struct server *s)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (size_t i = 0; i < s->guest_count; i++) {
            struct guest *guest = &s->guests[i];
            if (guest->pid != pid)
                continue;
            fd_close(&guest->pidfd);
            guest->pid = 0;
            if (guest->sock >= 0)
                answer_end(guest, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
}

/* Those who left, and for whom nothing runs. */
static void forget(struct server *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->guest_count; i++)
        if (s->guests[i].sock >= 0 || s->guests[i].pidfd >= 0)
            s->guests[kept++] = s->guests[i];
    s->guest_count = kept;
}

/* ---- its end ---- */

static bool is_populated(int events)
{
    char text[256];
    return fs_pread(events, text, sizeof text) > 0 && strstr(text, "populated 1");
}

/* Removing the empty groups is how it is made sure that nobody is about to use them: who comes now finds
 * none, and asks for a new unit. */
static bool end_if_idle(struct server *s)
{
    struct err err;
    if (unlinkat(s->unit, UNIT_KEEPERS, AT_REMOVEDIR) < 0)
        return false;
    if (unlinkat(s->unit, &CGROUP_BASE[1], AT_REMOVEDIR) == 0)
        return true;
    fd_close(&s->keepers);
    fd_close(&s->events[1]);
    return make_keepers(s, &err) < 0;
}

static void for_each_container(struct server *s, void (*act)(int group))
{
    int fd = openat(s->base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        cleanup_close int group = entry->d_type == DT_DIR && entry->d_name[0] != '.'
                                      ? openat(s->base, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                                      : -1;
        if (group >= 0)
            act(group);
    }
}

static void mark(int group)
{
    cgroup_mark_end(group, "systemd stopped " UNIT_NAME);
}

static void kill_group(int group)
{
    cgroup_kill(group);
}

/* SIGTERM to the keepers here: they pass it on, and don't start what ends again. */
static void tell_keepers(struct server *s)
{
    cleanup_free char *pids = NULL;
    if (fs_read_whole_at(s->keepers, "cgroup.procs", 1 << 20, &pids) < 0)
        return;
    for (char *save = NULL, *pid = strtok_r(pids, "\n", &save); pid; pid = strtok_r(NULL, "\n", &save))
        if (atoi(pid) > 0)
            kill(atoi(pid), SIGTERM);
}

static void stop_all(struct server *s)
{
    for_each_container(s, mark);
    tell_keepers(s);
    cgroup_wait(s->base, "populated", false, GRACE_MS);
    for_each_container(s, kill_group);
    cgroup_wait(s->base, "populated", false, KEEPERS_MS);
    cgroup_wait(s->keepers, "populated", false, KEEPERS_MS);
    reap(s); /* who waits outside hears how it ended */
}

/* ---- the whole ---- */

static void take_signals(struct server *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == sizeof info)
        s->stopping |= info.ssi_signo != SIGCHLD;
    reap(s);
}

enum { POLL_SIGNALS, POLL_LISTENER, POLL_BASE, POLL_KEEPERS, POLL_GUESTS };

/* False: nothing has happened for IDLE_MS, and nothing runs. */
static bool wait_and_act(struct server *s)
{
    bool idle = !is_populated(s->events[0]) && !is_populated(s->events[1]);
    struct pollfd *polled = mem_array(POLL_GUESTS + s->guest_count, sizeof *polled);
    size_t guests = s->guest_count;
    polled[POLL_SIGNALS] = (struct pollfd){.fd = s->signals, .events = POLLIN};
    polled[POLL_LISTENER] = (struct pollfd){.fd = s->listener, .events = POLLIN};
    polled[POLL_BASE] = (struct pollfd){.fd = s->events[0], .events = POLLPRI};
    polled[POLL_KEEPERS] = (struct pollfd){.fd = s->events[1], .events = POLLPRI};
    for (size_t i = 0; i < guests; i++)
        polled[POLL_GUESTS + i] = (struct pollfd){.fd = s->guests[i].sock, .events = POLLIN};
    int rc = poll(polled, POLL_GUESTS + guests, idle ? IDLE_MS : -1);
    for (size_t i = 0; rc > 0 && i < guests; i++)
        if (polled[POLL_GUESTS + i].revents)
            hear(s, &s->guests[i]);
    if (rc > 0 && polled[POLL_LISTENER].revents)
        let_in(s);
    if (rc > 0 && polled[POLL_SIGNALS].revents)
        take_signals(s);
    forget(s);
    free(polled);
    return rc != 0;
}

int unit_serve(struct err *err)
{
    struct server s = {
        .unit = -1, .base = -1, .keepers = -1, .events = {-1, -1}, .signals = -1, .listener = -1};
    int rc = open_signals(&s, err);
    if (rc < 0 || (rc = make_groups(&s, err)) < 0 || (rc = listen_to_user(&s, err)) < 0)
        return rc;
    raise_file_limit();
    tell_systemd("READY=1");
    while (!s.stopping && (wait_and_act(&s) || !end_if_idle(&s)))
        ;
    if (s.listener >= 0)
        unlink(s.address.sun_path);
    fd_close(&s.listener);
    if (s.stopping)
        stop_all(&s);
    return 0;
}
