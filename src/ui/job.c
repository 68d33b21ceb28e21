/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/stopwatch.h"
#include "ui/language.h"

/* The screen blocks its signals and reads them from a descriptor: a child must not inherit that. */
enum placing { IN_FOREGROUND = 0, OWN_GROUP = POSIX_SPAWN_SETPGROUP, OWN_SESSION = POSIX_SPAWN_SETSID };

static int prepare(posix_spawnattr_t *attributes, enum placing placing)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    return posix_spawnattr_setflags(attributes,
                                    (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (int)placing));
}

static int spawn(char *const *argv, char *const *environment, const posix_spawn_file_actions_t *actions,
                 enum placing placing, const struct monitor *monitor, pid_t *ret_pid, int *ret_pid_fd,
                 struct err *err)
{
    posix_spawnattr_t attributes;
    prepare(&attributes, placing);
    int rc = posix_spawn(ret_pid, argv[0], actions, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    if (rc != 0)
        return err_set(err, rc, "start %s: %s", argv[0], strerror(rc));
    if (monitor)
        monitor_restore_limits(monitor,
                               *ret_pid); /* before it has launched a container, which would inherit them */
    *ret_pid_fd = (int)syscall(SYS_pidfd_open, *ret_pid, 0);
    if (*ret_pid_fd >= 0)
        return 0;
    rc = err_errno(err, "watch process %d", (int)*ret_pid);
    kill(*ret_pid, SIGKILL);
    waitpid(*ret_pid, NULL, 0);
    return rc;
}

/* Our environment without these variables, and with others; NULL ends each list. The caller's. */
static char **environment_with(const char *const *without, const char *const *with)
{
    char **list = NULL;
    for (char **at = environ; *at; at++) {
        bool left_out = false;
        for (size_t i = 0; without[i]; i++)
            left_out = left_out || str_starts(*at, without[i]);
        if (!left_out)
            mem_list_add(&list, mem_dup(*at));
    }
    for (size_t i = 0; with[i]; i++)
        mem_list_add(&list, mem_dup(with[i]));
    return list;
}

static char **environment_told(void)
{
    return environment_with((const char *const[]){STOPWATCH_TOLD "=", NULL},
                            (const char *const[]){STOPWATCH_TOLD "=1", NULL});
}

int job_start(struct job *ret, char *const *argv, char *line, const struct monitor *monitor, int steps,
              struct err *err)
{
    cleanup_list char **environment = steps < 0 ? NULL : environment_told();
    int ends[2];
    *ret = (struct job){.pid_fd = -1, .out_fd = -1, .line = line};
    if (pipe2(ends, O_CLOEXEC) < 0) {
        job_fini(ret);
        return err_errno(err, "make a pipe for %s", argv[0]);
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (steps >= 0)
        posix_spawn_file_actions_adddup2(&actions, steps, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    int rc = spawn(argv, environment ? environment : environ, &actions, OWN_GROUP, monitor, &ret->pid,
                   &ret->pid_fd, err);
    posix_spawn_file_actions_destroy(&actions);
    fd_close(&ends[1]);
    ret->out_fd = ends[0];
    fcntl(ret->out_fd, F_SETFL, O_NONBLOCK);
    if (rc < 0) {
        ret->pid = 0;
        job_fini(ret);
    }
    return rc;
}

void job_read(struct job *job)
{
    char chunk[4096];
    ssize_t got;
    while (job->out_fd >= 0 && (got = read(job->out_fd, chunk, sizeof chunk)) > 0)
        if (job->output.len < JOB_OUTPUT)
            str_add_bytes(&job->output, chunk, (size_t)got);
    if (job->out_fd >= 0 && got == 0)
        fd_close(&job->out_fd);
}

int job_status(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 125;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int job_reap(struct job *job)
{
    job_read(job);
    int status = job_status(job->pid);
    job->pid = 0;
    return status;
}

void job_fini(struct job *job)
{
    fd_close(&job->pid_fd);
    fd_close(&job->out_fd);
    free(job->line);
    str_free(&job->output);
    *job = (struct job){.pid_fd = -1, .out_fd = -1};
}

void job_error(const struct job *job, char *to, size_t size)
{
    cleanup_free char *copy = mem_dup(str_text(&job->output));
    const char *best = tr("it failed without a word");
    bool ours = false;
    for (char *save = NULL, *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        bool named = str_starts(line, "boxtop: ");
        if (!ours || named)
            best = line + (named ? 8 : 0);
        ours = ours || named;
    }
    str_copy(to, size, best);
}

int job_foreground(char *const *argv, int wake_fd, const struct monitor *monitor, struct err *err)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int pid_fd;
    posix_spawn_file_actions_init(&actions);
    int rc = spawn(argv, environ, &actions, IN_FOREGROUND, monitor, &pid, &pid_fd, err);
    posix_spawn_file_actions_destroy(&actions);
    if (rc < 0)
        return rc;
    struct pollfd ends[] = {{pid_fd, POLLIN, 0}, {wake_fd, POLLIN, 0}};
    while (poll(ends, 2, -1) < 0 && errno == EINTR)
        continue;
    if (!ends[0].revents)
        kill(pid, SIGHUP);
    rc = job_status(pid);
    close(pid_fd);
    return rc;
}

/* What it is told of the terminal is what the pane can do, and not what ours can. */
static char **environment_inside(void)
{
    return environment_with((const char *const[]){"TERM=", "COLORTERM=", "LINES=", "COLUMNS=", NULL},
                            (const char *const[]){"TERM=xterm-256color", "COLORTERM=truecolor", NULL});
}

int job_on_terminal(char *const *argv, const char *path, const struct monitor *monitor, pid_t *ret_pid,
                    int *ret_pid_fd, struct err *err)
{
    cleanup_list char **environment = environment_inside();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    /* Opened by the leader of a session that has none, it becomes its terminal. */
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
    int rc = spawn(argv, environment, &actions, OWN_SESSION, monitor, ret_pid, ret_pid_fd, err);
    posix_spawn_file_actions_destroy(&actions);
    if (rc < 0)
        *ret_pid = 0;
    return rc;
}
