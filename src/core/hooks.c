/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/hooks.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/proc.h"
#include "core/sys.h"

bool hooks_has(const struct bundle *bundle, enum hook_kind kind)
{
    for (size_t i = 0; i < bundle->hook_count; i++)
        if (bundle->hooks[i].kind == kind)
            return true;
    return false;
}

void hooks_text(const struct bundle *bundle, enum hook_kind kind, struct str *to)
{
    const char *between = "";
    for (size_t i = 0; i < bundle->hook_count; i++) {
        const struct hook *hook = &bundle->hooks[i];
        if (hook->kind != kind)
            continue;
        str_add(to, between);
        str_add_shell(to, hook->path);
        for (char **arg = hook->args ? hook->args + 1 : NULL; arg && *arg; arg++) {
            str_add(to, " ");
            str_add_shell(to, *arg);
        }
        between = "; ";
    }
}

/* The state as the specification has it, in a file without a name. */
static int state_file(const struct bundle *bundle, enum hook_kind kind, const char *id, pid_t pid,
                      struct err *err)
{
    static const char *const status[] = {
        [HOOK_PRESTART] = "creating",         [HOOK_CREATE_RUNTIME] = "creating",
        [HOOK_CREATE_CONTAINER] = "creating", [HOOK_START_CONTAINER] = "created",
        [HOOK_POSTSTART] = "running",         [HOOK_POSTSTOP] = "stopped",
    };
    const json_t *annotations = json_object_get(bundle->config, "annotations");
    json_t *state = json_pack("{s:s, s:s, s:s, s:s}", "ociVersion",
                              json_string_value(json_object_get(bundle->config, "ociVersion")), "id", id,
                              "status", status[kind], "bundle", bundle->path);
    if (pid > 0)
        json_object_set_new(state, "pid", json_integer(pid));
    if (annotations)
        json_object_set(state, "annotations", (json_t *)annotations);
    cleanup_free char *text = json_dumps(state, JSON_COMPACT);
    json_decref(state);
    cleanup_close int fd = memfd_create("boxtop-state", MFD_CLOEXEC);
    int rc = !text ? -EILSEQ : fd < 0 ? -errno : fs_write_all(fd, text, strlen(text));
    if (rc < 0 || lseek(fd, 0, SEEK_SET) < 0)
        return err_set(err, rc < 0 ? -rc : errno, "write the container's state for a hook");
    return take_fd(&fd);
}

static int spawn(const struct hook *hook, int state, const int out[2], pid_t *ret_pid)
{
    char *none[] = {NULL}, *alone[] = {hook->path, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t nothing, defaults;
    sigemptyset(&nothing);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &nothing);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, state, 0);
    for (int i = 0; i < 2; i++)
        posix_spawn_file_actions_adddup2(&actions, out[i], i + 1);
    int rc = posix_spawn(ret_pid, hook->path, &actions, &attributes, hook->args ? hook->args : alone,
                         hook->env ? hook->env : none);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return -rc;
}

static int run_one(const struct hook *hook, int state, const int out[2], struct err *err)
{
    pid_t pid;
    siginfo_t info = {0};
    int rc = spawn(hook, state, out, &pid);
    if (rc < 0)
        return err_set(err, -rc, "run the %s hook %s: %s", hook_name(hook->kind), hook->path, strerror(-rc));
    cleanup_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    bool late = hook->timeout_ms && pidfd >= 0 && proc_wait_pidfd(pidfd, (int)hook->timeout_ms) == -ETIMEDOUT;
    if (late)
        sys_pidfd_send_signal(pidfd, SIGKILL);
    while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR)
        ;
    if (late)
        return err_set(err, ETIMEDOUT, "run the %s hook %s: it took longer than its %u s",
                       hook_name(hook->kind), hook->path, hook->timeout_ms / 1000);
    if (info.si_code == CLD_EXITED && info.si_status == 0)
        return 0;
    return err_set(err, ECANCELED, "run the %s hook %s: it %s %d", hook_name(hook->kind), hook->path,
                   info.si_code == CLD_EXITED ? "exited with status" : "was killed by signal",
                   info.si_status);
}

int hooks_run(const struct bundle *bundle, enum hook_kind kind, const char *id, pid_t pid, const int out[2],
              struct err *err)
{
    for (size_t i = 0; i < bundle->hook_count; i++) {
        if (bundle->hooks[i].kind != kind)
            continue;
        cleanup_close int state = state_file(bundle, kind, id, pid, err);
        int rc = state < 0 ? state : run_one(&bundle->hooks[i], state, out, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}
