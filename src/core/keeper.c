/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "core/attach.h"
#include "core/cgroup.h"
#include "core/launch.h"
#include "core/oomnote.h"
#include "core/sys.h"
#include "core/undo.h"
#include "core/unit.h"

static void kill_all(void *user)
{
    struct launch *l = user;
    if (l->cgroup >= 0)
        cgroup_kill(l->cgroup);
    else
        sys_pidfd_send_signal(l->pidfd, SIGKILL);
}

static void say_oom(struct container *c)
{
    char kill[sizeof c->why - 64];
    oom_kill_text(c->oom, c->cgroup, c->oom_kills, NULL, kill, sizeof kill);
    snprintf(c->why, sizeof c->why, "killed by SIGKILL after an OOM kill in its cgroup: %s", kill);
}

static void say_why(struct container *c, const char *mark)
{
    if (mark[0])
        snprintf(c->why, sizeof c->why, "ended with status %d as %s", c->exit_status, mark);
    else if (c->oom_killed)
        say_oom(c);
    else if (c->exit_signal)
        snprintf(c->why, sizeof c->why, "killed by SIG%s",
                 sigabbrev_np(c->exit_signal) ? sigabbrev_np(c->exit_signal) : "?");
    else
        snprintf(c->why, sizeof c->why, "exited with status %d", c->exit_status);
}

/* How it ended. Nothing in a wait status tells an OOM kill: the group's own count does (KERNEL 3). */
static void record_end(struct launch *l)
{
    struct container *c = &l->container;
    siginfo_t info = {0};
    waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED);
    c->state = CONTAINER_EXITED;
    c->exit_status = session_exit_status(info.si_code, info.si_status);
    c->exit_signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
    uint64_t kills = l->cgroup >= 0 ? cgroup_keyed(l->cgroup, "memory.events", "oom_kill") : VALUE_ABSENT;
    c->oom_kills = value_is_number(kills) ? kills : 0;
    if (c->oom_kills > 0)
        c->oom = oomnote_take(l->cgroup, c->cgroup, c->pid);
    /* Our own init has to say a signal as a status. */
    bool killed = c->exit_signal == SIGKILL || (l->spec->init && c->exit_status == 128 + SIGKILL);
    c->oom_killed = c->oom_kills > 0 && killed;
    c->finished_ns = clock_wall_ns();
    char mark[100] = "";
    if (l->cgroup >= 0)
        cgroup_end_mark(l->cgroup, mark, sizeof mark);
    l->session->interrupted |= mark[0] != '\0';
    say_why(c, mark);
}

/* The end is written down while the resources still are: a keeper that dies in between leaves a record from
 * which the next command takes them down, and which says how it ended all the same; not where the record goes
 * as well, for which the one that says it runs does. */
static int take_down(struct launch *l, struct err *err)
{
    struct container *c = &l->container;
    if (!c->remove)
        store_save(l->dir, c, err);
    int rc = undo_resources(l->store, c, err);
    if (rc < 0)
        return err_prefix(err, "take down container %s", c->name);
    container_forget_resources(c);
    return c->remove ? store_remove_own(l->store, c->name, err) : store_save(l->dir, c, err);
}

static bool stop_is_asked(void *user)
{
    const struct launch *l = user;
    return store_stop_is_asked(l->dir);
}

/* Whether it is to live again, and when: into the record, so that nobody takes it for one that has ended. */
static bool plan_restart(struct launch *l, unsigned *short_lives, unsigned *ret_delay_ms)
{
    struct container *c = &l->container;
    if (c->remove || l->session->interrupted || stop_is_asked(l) ||
        !restart_is_due(&l->spec->restart, c->exit_status, (unsigned)c->restarts))
        return false;
    if (restart_was_long(c->finished_ns - c->started_ns))
        *short_lives = 0;
    *ret_delay_ms = restart_delay_ms((*short_lives)++);
    c->restart_ns = c->finished_ns + *ret_delay_ms * 1000000ull;
    return true;
}

static bool wait_for_restart(struct launch *l, unsigned delay_ms)
{
    struct err ignored;
    if (session_sleep(l->session, delay_ms, stop_is_asked, l))
        return true;
    l->container.restart_ns = 0;
    store_save(l->dir, &l->container, &ignored);
    return false;
}

/* *ret_again: another life is to follow, now. */
static int keep(struct launch *l, unsigned *short_lives, bool *ret_again, struct err *err)
{
    unsigned delay_ms;
    session_run(l->session, l->pidfd, kill_all, l);
    record_end(l);
    if (l->session->log)
        logfile_close(l->session->log);
    if (l->session->attach)
        attach_close(l->session->attach);
    int status = l->container.exit_status;
    bool again = plan_restart(l, short_lives, &delay_ms);
    if (take_down(l, err) < 0)
        return 125;
    launch_run_poststop(l);
    *ret_again = again && wait_for_restart(l, delay_ms);
    return status;
}

/* Tells who waits for the launch (keeper_detach) how it went. False: nobody waits any more. */
static bool report(const struct launch *l, int *ready, int exit_status, const struct err *err)
{
    struct keeper_report r = {.exit_status = exit_status, .err = *err};
    str_copy(r.notes, sizeof r.notes, exit_status ? "" : str_text(&l->network.notes));
    int rc = *ready < 0 ? 0 : fs_write_all(*ready, (const char *)&r, sizeof r);
    fd_close(ready);
    return rc == 0;
}

/* What comes in while it is launched again: nobody waits for it, or `stop` came between two lives. */
static void end_unwanted(struct launch *l, bool reported)
{
    if (!reported)
        l->container.remove = true; /* interrupted while it waited: one that nobody knows of is not kept */
    if (!reported || (l->container.restarts > 0 && stop_is_asked(l)))
        kill_all(l);
}

/* One life, from launch to end. */
static int live(struct launch *l, int *ready, unsigned *short_lives, bool *ret_again, struct err *err)
{
    const struct spec *spec = l->spec;
    struct session session;
    struct logfile log;
    struct attach attach;
    int status = 125;
    l->session = &session;
    int rc = session_open(&session, spec->tty, spec->interactive, spec->detach, err);
    if (rc == 0)
        rc = launch_start(l, &status, err);
    if (rc == 0) {
        session.log = logfile_open(&log, l->dir) == 0 ? &log : NULL;
        session.attach = attach_open(&attach, l->dir) == 0 ? &attach : NULL;
        end_unwanted(l, report(l, ready, 0, err));
        status = keep(l, short_lives, ret_again, err);
    } else {
        report(l, ready, status, err);
    }
    session_close(&session);
    return status;
}

int keeper_run(struct store *store, struct spec *spec, struct cgroupfs *fs, bool again, int ready,
               struct err *err)
{
    struct launch l = {.fs = fs, .store = store, .spec = spec, .again = again};
    network_init(&l.network);
    unsigned short_lives = 0;
    bool more;
    int status;
    l.dir = l.lock = l.cgroup = l.pidfd = l.layer = -1;
    do {
        more = false;
        status = live(&l, &ready, &short_lives, &more, err);
        launch_end(&l);
        l.again = true;
    } while (more);
    launch_free(&l);
    return status;
}

/* The keeper's own streams: a caller that reads our output to its end is not to wait for the container's. */
static void let_go_of_caller(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    setsid();
    for (int i = 0; i < 3 && null >= 0; i++)
        dup2(null, i);
    if (null > 2)
        close(null);
    if (chdir("/") < 0)
        return; /* it only keeps a directory busy */
}

int keeper_detach(struct store *store, struct spec *spec, struct cgroupfs *fs, bool again, struct err *err)
{
    int ends[2];
    struct keeper_report r;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_errno(err, "make a pipe");
        return 125;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        let_go_of_caller();
        unit_enter(fs);
        store->say = NULL; /* it goes with the report */
        _exit(keeper_run(store, spec, fs, again, ends[1], err));
    }
    close(ends[1]);
    ssize_t got;
    while ((got = read(ends[0], &r, sizeof r)) < 0 && errno == EINTR)
        ;
    close(ends[0]);
    if (pid < 0 || got != sizeof r) {
        err_set(err, ECHILD, "launch container %s: its keeper %s", spec->name,
                pid < 0 ? "could not be forked" : "was killed");
        return 125;
    }
    r.notes[sizeof r.notes - 1] = '\0';
    launch_say(store, r.notes);
    *err = r.err;
    return r.exit_status;
}
