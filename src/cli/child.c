/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define TICK_MS   100 /* how soon *stop is seen */
#define NS_PER_MS 1000000ull

extern char **environ;

static int spawn(pid_t *ret_pid, char *const *argv, int output)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    int code = posix_spawn(ret_pid, argv[0], &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

int child_start(struct child *child, char *const *argv, struct err *err)
{
    int ends[2];
    *child = (struct child){.pidfd = -1, .output = -1};
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_errno(err, "run %s", argv[0]);
    cleanup_close int output = ends[0], input = ends[1];
    fcntl(input, F_SETFL, 0); /* the child's end: programs don't expect EAGAIN */
    int code = spawn(&child->pid, argv, input);
    if (code) {
        child->pid = 0;
        return err_set(err, code, "run %s: %s", argv[0], strerror(code));
    }
    child->output = take_fd(&output);
    child->pidfd = pidfd_open(child->pid, 0);
    if (child->pidfd < 0) {
        err_errno(err, "watch %s", argv[0]);
        child_free(child);
        return -err->code;
    }
    return 0;
}

static void hand_over(struct child *child, bool rest, void (*on_line)(const char *line, void *user),
                      void *user)
{
    for (char *end; child->shown < child->text.len; child->shown = (size_t)(end - child->text.text) + 1) {
        char *line = child->text.text + child->shown;
        end = memchr(line, '\n', child->text.len - child->shown);
        if (!end && !rest)
            return;
        if (!end)
            end = child->text.text + child->text.len;
        char kept = *end;
        *end = '\0';
        on_line(line, user);
        *end = kept;
    }
}

/* What is there now. A grandchild may hold the pipe longer than the child lives: its end is not waited for.
 */
static bool read_some(struct child *child)
{
    char chunk[4096];
    ssize_t got = read(child->output, chunk, sizeof chunk);
    if (got > 0)
        str_add_bytes(&child->text, chunk, (size_t)got);
    return got > 0;
}

static int exit_status(const siginfo_t *info)
{
    return info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
}

/* Which signal is due, if any: each once. */
static int due_signal(uint64_t now, uint64_t deadline, bool stop, uint64_t *told_ns)
{
    if (!*told_ns && (stop || now > deadline)) {
        *told_ns = now;
        return SIGTERM;
    }
    return *told_ns && now > *told_ns + CHILD_GRACE_MS * NS_PER_MS ? SIGKILL : 0;
}

int child_finish(struct child *child, void (*on_line)(const char *line, void *user), void *user,
                 const volatile sig_atomic_t *stop)
{
    uint64_t deadline = clock_mono_ns() + CHILD_LIMIT_MS * NS_PER_MS, told_ns = 0;
    siginfo_t info = {0};
    struct pollfd waited[] = {{.fd = child->pidfd, .events = POLLIN},
                              {.fd = child->output, .events = POLLIN}};
    while (!(waited[0].revents & POLLIN)) {
        poll(waited, COUNT_OF(waited), TICK_MS);
        if (!read_some(child) && waited[1].revents & (POLLHUP | POLLERR))
            waited[1].fd = -1;
        hand_over(child, false, on_line, user);
        int signal = due_signal(clock_mono_ns(), deadline, stop && *stop, &told_ns);
        if (signal)
            kill(-child->pid, signal);
    }
    while (read_some(child))
        ;
    hand_over(child, true, on_line, user);
    waitid(P_PID, (id_t)child->pid, &info, WEXITED);
    child->pid = 0;
    return exit_status(&info);
}

void child_free(struct child *child)
{
    if (child->pid > 0) {
        kill(-child->pid, SIGKILL);
        waitpid(child->pid, NULL, 0);
    }
    fd_close(&child->pidfd);
    fd_close(&child->output);
    str_free(&child->text);
    child->pid = 0;
}
