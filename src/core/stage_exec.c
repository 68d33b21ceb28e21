/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The last part of it, which `boxtop exec` has in common: environment, terminal, exec.
 */
#include "core/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/bundle.h"

int stage_open_pty(int pts_fd, int *ret_master, int *ret_slave, struct err *err)
{
    int unlock = 0;
    cleanup_close int master = openat(pts_fd, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
    if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
        return err_errno(err, "open a pseudo terminal in the container");
    int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return err_errno(err, "open the other end of the pseudo terminal");
    *ret_master = take_fd(&master);
    *ret_slave = slave;
    return 0;
}

static void set_variable(char ***env, size_t *count, const char *assignment)
{
    size_t len = strcspn(assignment, "=");
    for (size_t i = 0; i < *count; i++)
        if (strncmp((*env)[i], assignment, len) == 0 && (*env)[i][len] == '=') {
            free((*env)[i]);
            (*env)[i] = mem_dup(assignment);
            return;
        }
    *env = mem_resize(*env, *count + 2, sizeof **env);
    (*env)[(*count)++] = mem_dup(assignment);
    (*env)[*count] = NULL;
}

char **stage_environment(const struct spec *spec, const char *home, bool tty, char *const *more)
{
    char **env = NULL;
    size_t count = 0;
    const char *term = getenv("TERM");
    cleanup_free char *path = mem_dup("PATH=" STAGE_DEFAULT_PATH),
                      *host = mem_printf("HOSTNAME=%s", spec->hostname);
    cleanup_free char *terminal = mem_printf("TERM=%s", term && *term ? term : "xterm"),
                      *home_is = mem_printf("HOME=%s", home ? home : "/root");
    set_variable(&env, &count, home_is);
    if (!spec->bundle) { /* whose config.json says it whole */
        set_variable(&env, &count, path);
        set_variable(&env, &count, host);
        set_variable(&env, &count, "container=boxtop");
    }
    if (tty && !spec->bundle)
        set_variable(&env, &count, terminal);
    for (char *const *e = spec->env; e && *e; e++)
        set_variable(&env, &count, *e);
    for (char *const *e = more; e && *e; e++)
        set_variable(&env, &count, *e);
    return env;
}

static void reset_signals(void)
{
    /* exec resets handlers by itself, but what was ignored stays so: these the keeper or its caller may
     * ignore. */
    static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
    sigset_t none;
    for (size_t i = 0; i < COUNT_OF(ignored); i++)
        signal(ignored[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* execve along PATH, as a shell looks a command up. Returns the errno that tells most. */
static int exec_by_path(char *const *command, char *const *env)
{
    int found = ENOENT;
    if (strchr(command[0], '/')) {
        execve(command[0], command, env);
        return errno;
    }
    const char *path = STAGE_DEFAULT_PATH;
    for (char *const *e = env; *e; e++)
        if (str_starts(*e, "PATH="))
            path = *e + strlen("PATH=");
    while (*path) {
        char full[PATH_MAX];
        int len = (int)strcspn(path, ":");
        if (snprintf(full, sizeof full, "%.*s/%s", len, path, command[0]) < (int)sizeof full) {
            execve(full, command, env);
            if (errno != ENOENT && errno != ENOTDIR)
                found = errno;
            else if (access(full, F_OK) == 0)
                found = ELIBBAD;
        }
        path += len + (path[len] == ':');
    }
    return found;
}

static int exec_failed(const char *command, int code, int *ret_exit_status, struct err *err)
{
    bool there = code == ELIBBAD || (strchr(command, '/') && access(command, F_OK) == 0);
    *ret_exit_status = code == ENOENT ? 127 : 126;
    if (there && (code == ENOENT || code == ELIBBAD)) {
        err_set(err, ENOENT, "run %s: its interpreter or loader is not in the root", command);
        return err_hint(err, "copy the libraries it needs into the root, or use a static program");
    }
    err_set(err, code, "run %s: %s", command,
            code == ENOENT ? "not found in the container's root" : strerror(code));
    if (code == ENOENT)
        return err_hint(err, "give a command that is there, or another ROOT");
    return -err->code;
}

int stage_exec(const struct spec *spec, char *const *command, char *const *env, const int stdio[3], bool tty,
               int *ret_exit_status, struct err *err)
{
    *ret_exit_status = 125;
    if (setsid() < 0 && errno != EPERM)
        return err_errno(err, "begin a session");
    for (int i = 0; i < 3; i++)
        if (dup2(stdio[i], i) < 0)
            return err_errno(err, "set the standard descriptors");
    if (tty && ioctl(0, TIOCSCTTY, 0) < 0)
        return err_errno(err, "take the pseudo terminal as the controlling one");
    if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
        return err_errno(err, "close the other descriptors");
    umask(spec->bundle && spec->bundle->umask >= 0 ? (mode_t)spec->bundle->umask : 022);
    reset_signals();
    return exec_failed(command[0], exec_by_path(command, env), ret_exit_status, err);
}
