/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/session.h"

extern char **environ;

/* What it says goes into a file, not a pipe: a daemon that it leaves behind may keep the descriptor. */
static int spawn(char *const argv[], int said, pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, ignored;
    sigemptyset(&none);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE); /* and they would be in the child: pasta fails then */
    sigaddset(&ignored, SIGHUP);
    sigaddset(&ignored, SESSION_WAKE);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, said, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ignored);
    int code = posix_spawn(ret_pid, argv[0], &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

/* The first line is what failed, a second one what to do about it. */
static void tell(int said, const char *program, struct err *err)
{
    char text[sizeof err->text] = "";
    if (fs_pread(said, text, sizeof text) == -EFBIG)
        text[sizeof text - 1] = '\0';
    char *hint = strchr(text, '\n');
    if (hint)
        *hint++ = '\0';
    err_set(err, ECHILD, "%s", text[0] ? text : "it failed, and did not say why");
    if (!text[0])
        err_prefix(err, "%s", program);
    if (hint && *hint) {
        hint[strcspn(hint, "\n")] = '\0';
        err_hint(err, "%s", hint);
    }
}

int helper_run(char *const argv[], int *ret_status, struct err *err)
{
    pid_t pid;
    siginfo_t info = {0};
    cleanup_close int said = memfd_create("boxtop-said", MFD_CLOEXEC);
    if (said < 0)
        return err_errno(err, "run %s", argv[0]);
    int code = spawn(argv, said, &pid);
    if (code)
        return err_set(err, code, "run %s: %s", argv[0], strerror(code));
    while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR)
        ;
    if (ret_status)
        *ret_status = info.si_code == CLD_EXITED ? info.si_status : -1;
    if (info.si_code == CLD_EXITED && info.si_status == 0)
        return 0;
    tell(said, argv[0], err);
    return -ECHILD;
}
