/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kill_at [-c] N COMMAND [ARG...]: runs the command and kills it with SIGKILL on its way into its Nth system
 * call; with -c its first child instead, which for `boxtop run` is what becomes the container's first
 * process. Nobody else is stopped or traced. Only those calls count that change something outside of the
 * process: between two of them it may die where it likes. Exits with 0 if it was killed there, 3 if it ended
 * before, and prints the number of system calls it then made. N of 0: never.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(char **argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execvp(argv[0], argv);
        _exit(127);
    }
    return pid;
}

/* A stop of this process; false: it ended. */
static bool wait_stop(pid_t pid, int *status)
{
    while (waitpid(pid, status, __WALL) < 0)
        if (errno != EINTR)
            return false;
    return WIFSTOPPED(*status);
}

/* Goes on to its next stop at a system call; other stops (signals, exec) are passed over. */
static bool next_stop(pid_t pid, int *event)
{
    int status, signal = 0;
    for (;;) {
        if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal) < 0 || !wait_stop(pid, &status))
            return false;
        *event = status >> 16;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80) || *event)
            return true;
        signal = WSTOPSIG(status) == SIGTRAP || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
    }
}

/* Follows the command until it has made its first child; that is then the one that is traced. */
static pid_t child_of(pid_t pid)
{
    unsigned long child = 0;
    int event, status;
    while (!child && next_stop(pid, &event))
        if (event)
            ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child);
    if (!child)
        return -1;
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    wait_stop((pid_t)child, &status);
    ptrace(PTRACE_SETOPTIONS, (pid_t)child, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
    return (pid_t)child;
}

static bool changes_something(pid_t pid)
{
    static const long calls[] = {SYS_write,      SYS_writev,   SYS_mkdir,       SYS_mkdirat,   SYS_rmdir,
                                 SYS_unlinkat,   SYS_renameat, SYS_fsetxattr,   SYS_bpf,       SYS_clone3,
                                 SYS_sendmsg,    SYS_bind,     SYS_mount,       SYS_umount2,   SYS_move_mount,
                                 SYS_pivot_root, SYS_linkat,   SYS_ftruncate,   SYS_flock,     SYS_capset,
                                 SYS_seccomp,    SYS_execve,   SYS_sethostname, SYS_exit_group};
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) < 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return false;
    if (info.entry.nr == SYS_openat)
        return info.entry.args[2] & O_CREAT;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if ((long)info.entry.nr == calls[i])
            return true;
    return false;
}

int main(int argc, char **argv)
{
    bool of_child = argc > 1 && strcmp(argv[1], "-c") == 0, killed = false;
    int event, status;
    long calls = 0;
    argv += of_child;
    if (argc - of_child < 3)
        return 2;
    long n = strtol(argv[1], NULL, 10);
    pid_t command = start(argv + 2);
    if (!wait_stop(command, &status))
        return 1;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
    if (of_child)
        options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
    ptrace(PTRACE_SETOPTIONS, command, NULL, (void *)options);
    pid_t traced = of_child ? child_of(command) : command;
    while (traced > 0 && next_stop(traced, &event)) {
        if (changes_something(traced) && ++calls == n) {
            kill(traced, SIGKILL);
            killed = true;
        }
    }
    while (traced > 0 && waitpid(traced, &status, __WALL) == traced && WIFSTOPPED(status))
        ptrace(PTRACE_CONT, traced, NULL, NULL); /* a tracer has to reap it first */
    if (of_child)
        waitpid(command, NULL, 0);
    printf("%ld\n", calls);
    return killed ? 0 : 3;
}
