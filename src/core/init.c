/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#define NAME "boxtop-init"

/* /proc/PID/cmdline can be read by everybody, and holds the host's paths and -e's values. It is as long as
 * the words that this program was started with, which lie one behind the other from the first. */
static void forget_command_line(void)
{
    char bytes[4096];
    size_t len = 0;
    cleanup_close int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    for (ssize_t got; fd >= 0 && (got = read(fd, bytes, sizeof bytes)) > 0;)
        len += (size_t)got;
    if (len <= strlen(NAME))
        return;
    memset(program_invocation_name, 0, len);
    memcpy(program_invocation_name, NAME, strlen(NAME));
}

/* 128 + N: it can't end itself by a signal, being what it is. */
static void reap(pid_t command)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        if (pid == command)
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

__attribute__((noreturn)) static void stay(const sigset_t *all, pid_t command)
{
    syscall(SYS_close_range, 0u, ~0u, 0u);
    prctl(PR_SET_NAME, NAME, 0, 0, 0);
    for (;;) {
        int signal = sigwaitinfo(all, NULL);
        if (signal == SIGCHLD)
            reap(command);
        else if (signal > 0)
            kill(command, signal);
    }
}

int init_fork(struct err *err)
{
    sigset_t all;
    sigfillset(&all);
    signal(SIGCHLD, SIG_DFL); /* ignored, nobody could be waited for */
    sigprocmask(SIG_BLOCK, &all, NULL);
    forget_command_line();
    pid_t pid = fork();
    if (pid < 0)
        return err_errno(err, "fork the command from its init");
    if (pid > 0)
        stay(&all, pid);
    return 0;
}
