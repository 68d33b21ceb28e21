/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/self.h"
#include "base/str.h"
#include "core/cgroup.h"
#include "core/sys.h"
#include "core/unit_wire.h"

#define ASKER   "boxtop-delegate" /* links sd-bus, which a launch has no business with */
#define PROCESS "boxtop-unit"

/* ---- where it is ---- */

/* As sd_booted(3). */
static bool under_systemd(void)
{
    return access("/run/systemd/system", F_OK) == 0;
}

void unit_locate(struct cgroupfs *fs)
{
    unsigned uid = geteuid();
    fs->delegated = under_systemd();
    if (!fs->delegated)
        str_copy(fs->base, sizeof fs->base, CGROUP_BASE);
    else if (uid == 0)
        str_copy(fs->base, sizeof fs->base, "/system.slice/" UNIT_NAME CGROUP_BASE);
    else
        snprintf(fs->base, sizeof fs->base,
                 "/user.slice/user-%u.slice/user@%u.service/app.slice/" UNIT_NAME CGROUP_BASE, uid, uid);
}

/* -ENOENT: there is no such base. */
static int look(struct cgroupfs *fs)
{
    char path[PATH_MAX], text[512];
    snprintf(path, sizeof path, "%s%s/cgroup.subtree_control", fs->mount, fs->base);
    ssize_t len = fs_read_at(AT_FDCWD, path, text, sizeof text);
    if (len < 0)
        return (int)len;
    fs->controllers = cgroupfs_parse_controllers(text);
    return 0;
}

int unit_find(struct cgroupfs *fs, struct err *err)
{
    if (fs->layout == CGROUP_LAYOUT_NONE)
        return 0;
    unit_locate(fs);
    if (!fs->delegated || look(fs) == 0)
        return 0;
    int rc = unit_ask(fs, err);
    if (rc == 0 && (rc = look(fs)) < 0)
        rc = err_set(err, -rc, "look at %s%s: %s", fs->mount, fs->base, strerror(-rc));
    if (rc < 0) {
        fs->base[0] = '\0';
        fs->controllers = 0;
    }
    return rc;
}

/* ---- asking for it ---- */

/* A user has nobody to ask without a manager of their own, which a login or lingering starts. */
static int has_manager(const char *runtime, struct err *err)
{
    if (geteuid() == 0)
        return 0;
    cleanup_free char *private = mem_printf("%s/systemd/private", runtime ? runtime : "/nonexistent");
    if (access(private, F_OK) == 0)
        return 0;
    err_set(err, ENOTSUP, "no systemd of user %u's own is running, which could delegate a cgroup",
            (unsigned)geteuid());
    return err_hint(err, "log in anew, or: sudo loginctl enable-linger %u", (unsigned)geteuid());
}

static void run_asker(const char *asker, const char *process, const char *runtime, int output)
{
    if (runtime)
        setenv("XDG_RUNTIME_DIR", runtime, 1);
    if (dup2(output, STDOUT_FILENO) >= 0)
        execl(asker, asker, process, (char *)NULL);
    dprintf(output, "execute %s: %s", asker, strerror(errno));
    _exit(1);
}

/* What it said, and whether it succeeded: the cgroup, or why not. */
static int hear(pid_t pid, int from, char *text, size_t size)
{
    size_t len = 0;
    ssize_t got;
    int status;
    while (len + 1 < size &&
           ((got = read(from, text + len, size - 1 - len)) > 0 || (got < 0 && errno == EINTR)))
        len += got > 0 ? (size_t)got : 0;
    text[len] = '\0';
    text[strcspn(text, "\n")] = '\0';
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int unit_ask(struct cgroupfs *fs, struct err *err)
{
    char asker[PATH_MAX], process[PATH_MAX], said[400];
    int ends[2];
    cleanup_free char *runtime = geteuid() == 0 ? NULL : unit_runtime_directory();
    if (has_manager(runtime, err) < 0 || self_find(ASKER, asker, err) < 0 ||
        self_find(PROCESS, process, err) < 0)
        return -err->code;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "make a pipe");
    pid_t pid = fork();
    if (pid == 0)
        run_asker(asker, process, runtime, ends[1]);
    close(ends[1]);
    cleanup_close int from = ends[0];
    if (pid < 0)
        return err_errno(err, "run %s", asker);
    if (hear(pid, from, said, sizeof said) != 0 || said[0] != '/')
        return err_set(err, ENOTSUP, "ask systemd for %s: %s", UNIT_NAME,
                       said[0] ? said : "it did not answer");
    if (strlen(said) + sizeof CGROUP_BASE > sizeof fs->base)
        return err_set(err, ENAMETOOLONG, "the cgroup %s of %s: its path is too long", said, UNIT_NAME);
    str_copy(fs->base, sizeof fs->base - sizeof CGROUP_BASE, said);
    strcat(fs->base, CGROUP_BASE);
    return 0;
}

/* ---- from where it can be used ---- */

void unit_common_ancestor(const char *one, const char *other, char *to, size_t size)
{
    size_t end = 0, i = 0;
    for (; one[i] && one[i] == other[i]; i++)
        if (one[i] == '/')
            end = i;
    if ((!one[i] && (!other[i] || other[i] == '/')) || (!other[i] && one[i] == '/'))
        end = i;
    snprintf(to, size, "%.*s", (int)end, one);
    if (!to[0])
        str_copy(to, size, "/");
}

/* Whether a process of this cgroup may be moved, or be born, in there. */
static bool is_near(const struct cgroupfs *fs)
{
    char own[PATH_MAX], both[PATH_MAX];
    if (geteuid() == 0 || cgroupfs_of_pid(0, own, sizeof own) < 0)
        return true;
    unit_common_ancestor(own, fs->base, both, sizeof both);
    cleanup_free char *procs = mem_printf("%s%s/cgroup.procs", fs->mount, both);
    return faccessat(AT_FDCWD, procs, W_OK, AT_EACCESS) == 0;
}

/* "…/boxtop.service" + a group of it. */
static char *beside_base(const struct cgroupfs *fs, const char *name)
{
    return mem_printf("%s%.*s/%s", fs->mount, (int)(strlen(fs->base) - strlen(CGROUP_BASE)), fs->base, name);
}

void unit_enter(const struct cgroupfs *fs)
{
    if (!fs->delegated || !fs->base[0])
        return;
    cleanup_free char *keepers = beside_base(fs, UNIT_KEEPERS "/cgroup.procs");
    fs_write_at(AT_FDCWD, keepers, "0");
}

/* ---- through the unit's process ---- */

static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};

/* This command line and environment, in a file without a name. */
static int write_words(struct unit_request *request)
{
    cleanup_free char *line = NULL;
    ssize_t len = fs_read_whole_at(AT_FDCWD, "/proc/self/cmdline", 16u << 20, &line);
    cleanup_close int file = len < 0 ? -1 : memfd_create("words", MFD_CLOEXEC);
    if (file < 0 || fs_write_all(file, line, (size_t)len) < 0)
        return -1;
    for (ssize_t i = 0; i < len; i++)
        request->arguments += line[i] == '\0';
    for (char **variable = environ; *variable; variable++, request->variables++)
        if (fs_write_all(file, *variable, strlen(*variable) + 1) < 0)
            return -1;
    return take_fd(&file);
}

static int send_request(int sock, struct err *err)
{
    struct unit_request request = {.version = UNIT_VERSION};
    cleanup_close int words = write_words(&request);
    cleanup_close int program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    cleanup_close int directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fds[UNIT_FD_COUNT] = {words, program, directory, 0, 1, 2};
    if (words < 0 || program < 0 || directory < 0)
        return err_errno(err, "say what is to be run in " UNIT_NAME);
    request.umask = umask(0);
    umask(request.umask);
    for (int i = 0; i < RLIM_NLIMITS; i++)
        getrlimit(i, &request.limits[i]);
    int rc = unit_send(sock, &request, sizeof request, fds, UNIT_FD_COUNT);
    return rc < 0 ? err_set(err, -rc, "send a request to " UNIT_NAME ": %s", strerror(-rc)) : 0;
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < COUNT_OF(passed_on); i++)
        sigaddset(&set, passed_on[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void pass_on(int signals, int pidfd)
{
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == sizeof info)
        if (pidfd >= 0)
            sys_pidfd_send_signal(pidfd, (int)info.ssi_signo);
}

/* Until what runs inside has ended. */
static int stay_in_front(int sock, int signals, int *ret_status, struct err *err)
{
    struct unit_answer answer = {0};
    cleanup_close int pidfd = -1;
    while (!answer.ended) {
        struct pollfd polled[] = {{.fd = sock, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        int fd = -1;
        if (poll(polled, COUNT_OF(polled), -1) < 0 && errno != EINTR)
            return err_errno(err, "wait for " UNIT_NAME);
        if (polled[0].revents) {
            int rc = unit_receive(sock, &answer, sizeof answer, &fd, 1);
            if (rc < 0) /* what was started is not started again */
                return err_set(err, pidfd < 0 ? -rc : EPIPE, "run this in " UNIT_NAME ": it was killed");
        }
        if (fd >= 0) {
            fd_close(&pidfd);
            pidfd = fd;
        }
        if (pidfd >= 0)
            pass_on(signals, pidfd);
    }
    *ret_status = answer.status;
    return 1;
}

static int through_unit(int *ret_status, struct err *err)
{
    struct sockaddr_un address;
    int rc = unit_address(&address, err);
    cleanup_close int sock = rc < 0 ? -1 : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (rc < 0)
        return rc;
    if (sock < 0 || connect(sock, (struct sockaddr *)&address, sizeof address) < 0)
        return err_errno(err, "connect to " UNIT_NAME " at %s", address.sun_path);
    cleanup_close int signals = open_signals();
    rc = send_request(sock, err);
    return rc < 0 ? rc : stay_in_front(sock, signals, ret_status, err);
}

int unit_come_in(int *ret_status, struct err *err)
{
    struct cgroupfs fs;
    struct err ignored; /* a launch will meet it again, and say it if it matters */
    if (geteuid() == 0 || !under_systemd())
        return 0;
    cgroupfs_find(&fs, NULL, NULL);
    if (fs.layout == CGROUP_LAYOUT_NONE || unit_find(&fs, &ignored) < 0 || is_near(&fs))
        return 0;
    /* It may be about to end: then one more is asked for. */
    int rc = -ECONNREFUSED;
    for (int i = 0; i < 3 && (rc == -ECONNREFUSED || rc == -ENOENT || rc == -ECONNRESET); i++)
        if (i == 0 || (rc = unit_ask(&fs, err)) == 0)
            rc = through_unit(ret_status, err);
    return rc;
}
