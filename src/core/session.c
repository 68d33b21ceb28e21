/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/attach.h"
#include "core/sys.h"
#include "core/terminal.h"

static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

static int open_signals(struct session *s, struct err *err)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < COUNT_OF(passed_on); i++)
        sigaddset(&set, passed_on[i]);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SESSION_WAKE);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN); /* the reader of our output may leave; the container stays */
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signals < 0 ? err_errno(err, "make a signal descriptor") : 0;
}

/* ends[0] is ours, ends[1] the child's. */
static int make_pipe(int *ours, int *childs, bool child_reads, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "make a pipe");
    *ours = ends[child_reads ? 1 : 0];
    *childs = ends[child_reads ? 0 : 1];
    fcntl(*ours, F_SETFL, O_NONBLOCK);
    return 0;
}

int session_open(struct session *s, bool tty, bool interactive, bool detached, struct err *err)
{
    *s = (struct session){.tty = tty,
                          .interactive = interactive && !detached,
                          .detached = detached,
                          .child_stdio = {-1, -1, -1},
                          .in = -1,
                          .out = -1,
                          .error = -1,
                          .master = -1,
                          .signals = -1};
    int rc = open_signals(s, err);
    if (rc < 0 || tty)
        return rc;
    if (interactive) /* detached too: for who attaches */
        rc = make_pipe(&s->in, &s->child_stdio[0], true, err);
    else if ((s->child_stdio[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
        rc = err_errno(err, "open /dev/null");
    if (rc == 0)
        rc = make_pipe(&s->out, &s->child_stdio[1], false, err);
    if (rc == 0)
        rc = make_pipe(&s->error, &s->child_stdio[2], false, err);
    return rc;
}

void session_started(struct session *s, int master)
{
    for (int i = 0; i < 3; i++)
        fd_close(&s->child_stdio[i]);
    s->master = master;
    if (master < 0)
        return;
    fcntl(master, F_SETFL, O_NONBLOCK);
    terminal_copy_size(master);
    if (s->interactive)
        terminal_raw();
}

static bool asks_for_end(int signal)
{
    return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

static void take_signals(struct session *s, int pidfd, void (*kill_all)(void *), void *user, int *asked)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == sizeof info) {
        int signal = (int)info.ssi_signo;
        s->interrupted |= asks_for_end(signal);
        if (signal == SESSION_WAKE)
            continue;
        if (signal == SIGWINCH) {
            if (s->master >= 0)
                terminal_copy_size(s->master);
            continue;
        }
        if ((signal == SIGINT || signal == SIGTERM) && ++*asked > 1)
            kill_all(user);
        else
            sys_pidfd_send_signal(pidfd, signal);
    }
}

enum { RELAY_IN, RELAY_OUT, RELAY_ERROR, RELAY_COUNT };

static void set_relays(const struct session *s, struct relay relays[RELAY_COUNT],
                       char bytes[RELAY_COUNT][RELAY_BYTES])
{
    bool terminal = s->master >= 0;
    relays[RELAY_IN] = (struct relay){
        .from = s->interactive ? 0 : -1, .to = terminal ? s->master : s->in, .close_to = !terminal};
    relays[RELAY_OUT] = (struct relay){.from = terminal ? s->master : s->out,
                                       .to = s->detached ? -1 : 1,
                                       .log = s->log,
                                       .attach = s->attach,
                                       .stream = STREAM_STDOUT};
    relays[RELAY_ERROR] = (struct relay){.from = terminal ? -1 : s->error,
                                         .to = s->detached ? -1 : 2,
                                         .log = s->log,
                                         .attach = s->attach,
                                         .stream = STREAM_STDERR};
    for (int i = 0; i < RELAY_COUNT; i++) {
        relays[i].ended = relays[i].from < 0;
        relays[i].bytes = bytes[i];
    }
}

void session_run(struct session *s, int pidfd, void (*kill_all)(void *), void *user)
{
    struct relay relays[RELAY_COUNT];
    char bytes[RELAY_COUNT][RELAY_BYTES];
    int asked = 0;
    set_relays(s, relays, bytes);
    for (;;) {
        struct pollfd polled[RELAY_COUNT + 2 + ATTACH_POLLED] = {
            [RELAY_COUNT] = {.fd = pidfd, .events = POLLIN},
            [RELAY_COUNT + 1] = {.fd = s->signals, .events = POLLIN},
        };
        for (int i = 0; i < RELAY_COUNT; i++)
            polled[i] = relay_poll(&relays[i]);
        size_t count = RELAY_COUNT + 2;
        if (s->attach) {
            attach_poll(s->attach, relays[RELAY_IN].begin < relays[RELAY_IN].end, polled + count);
            count += ATTACH_POLLED;
        }
        if (poll(polled, count, -1) < 0 && errno != EINTR)
            break;
        if (s->attach)
            attach_run(s->attach, polled + RELAY_COUNT + 2, &relays[RELAY_IN], s->master);
        for (int i = 0; i < RELAY_COUNT; i++)
            relay_run(&relays[i], polled[i].revents);
        if (polled[RELAY_COUNT + 1].revents)
            take_signals(s, pidfd, kill_all, user, &asked);
        if (polled[RELAY_COUNT].revents)
            break;
    }
    relay_drain(&relays[RELAY_OUT]);
    relay_drain(&relays[RELAY_ERROR]);
    if (relays[RELAY_IN].close_to)
        s->in = relays[RELAY_IN].to; /* closed already, or still ours to close */
}

bool session_sleep(struct session *s, unsigned ms, bool (*stop)(void *), void *user)
{
    struct signalfd_siginfo info;
    terminal_restore(); /* Ctrl-C is ours to hear now */
    uint64_t end_ns = clock_mono_ns() + ms * 1000000ull, now_ns;
    while (!s->interrupted && !stop(user)) {
        if ((now_ns = clock_mono_ns()) >= end_ns)
            return true;
        struct pollfd polled = {.fd = s->signals, .events = POLLIN};
        if (poll(&polled, 1, (int)((end_ns - now_ns) / 1000000 + 1)) < 0 && errno != EINTR)
            break;
        while (read(s->signals, &info, sizeof info) == sizeof info)
            s->interrupted |= asks_for_end((int)info.ssi_signo);
    }
    return false;
}

void session_close(struct session *s)
{
    terminal_restore();
    for (int i = 0; i < 3; i++)
        fd_close(&s->child_stdio[i]);
    fd_close(&s->in);
    fd_close(&s->out);
    fd_close(&s->error);
    fd_close(&s->master);
    fd_close(&s->signals);
}

int session_exit_status(int code, int status)
{
    return code == CLD_EXITED ? status : 128 + status;
}
