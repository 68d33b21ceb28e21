/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * container_attach(): the caller's streams at a running container's, over its keeper's socket. The container
 * notices nothing of who comes and goes.
 */
#include "core/container.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/attach.h"
#include "core/terminal.h"

#define CTRL_P 0x10
#define CTRL_Q 0x11

struct viewer {
    int sock, in, resized; /* -1: not (any more) */
    bool terminal;         /* ours, raw, at the container's own */
    bool held;             /* ctrl-p came: the first of the two that detach */
    bool detached;
};

static void send_size(const struct viewer *v)
{
    struct winsize size;
    if (v->terminal && ioctl(0, TIOCGWINSZ, &size) == 0)
        attach_send(v->sock, ATTACH_SIZE, &size, sizeof size);
}

/* Takes the keys that detach out of what was typed; a lone ctrl-p goes with what follows it. */
static size_t filter(struct viewer *v, const char *from, size_t count, char *to)
{
    size_t len = 0;
    for (size_t i = 0; i < count && !v->detached; i++) {
        if (v->held && from[i] == CTRL_Q) {
            v->detached = true;
            break;
        }
        if (v->held)
            to[len++] = CTRL_P;
        v->held = from[i] == CTRL_P;
        if (!v->held)
            to[len++] = from[i];
    }
    return len;
}

static void take_input(struct viewer *v)
{
    char typed[ATTACH_BYTES / 2], bytes[ATTACH_BYTES];
    ssize_t got = read(v->in, typed, sizeof typed);
    if (got < 0 && errno == EINTR)
        return;
    if (got <= 0) {
        v->in = -1;
        attach_send(v->sock, ATTACH_END, NULL, 0);
        return;
    }
    size_t len = filter(v, typed, (size_t)got, bytes);
    if (len)
        attach_send(v->sock, ATTACH_INPUT, bytes, len);
}

/* False at the end of what it says. */
static bool take_output(const struct viewer *v)
{
    char message[1 + ATTACH_BYTES];
    ssize_t got = recv(v->sock, message, sizeof message, 0);
    if (got < 0 && errno == EINTR)
        return true;
    if (got <= 0)
        return false;
    return fs_write_all(message[0] == ATTACH_STDERR ? 2 : 1, message + 1, (size_t)got - 1) == 0;
}

static void take_resize(const struct viewer *v)
{
    struct signalfd_siginfo info;
    while (read(v->resized, &info, sizeof info) == sizeof info)
        ;
    send_size(v);
}

static void look(struct viewer *v)
{
    send_size(v);
    while (!v->detached) {
        struct pollfd fds[] = {{v->sock, POLLIN, 0}, {v->in, POLLIN, 0}, {v->resized, POLLIN, 0}};
        if (poll(fds, COUNT_OF(fds), -1) < 0 && errno != EINTR)
            break;
        if (fds[0].revents && !take_output(v))
            break;
        if (fds[1].revents)
            take_input(v);
        if (fds[2].revents)
            take_resize(v);
    }
}

static int open_resizes(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int container_attach(struct store *store, const char *name, bool input, int *ret_status, struct err *err)
{
    struct container c;
    struct spec spec;
    int rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    container_free(&c);
    if ((rc = store_load_spec(store, name, &spec, err)) < 0)
        return rc;
    struct viewer v = {.in = input ? 0 : -1, .terminal = spec.tty && input && isatty(0)};
    spec_free(&spec);
    cleanup_close int dir = openat(store->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    cleanup_close int sock = dir < 0 ? -errno : attach_connect(dir), resized = open_resizes();
    if (sock < 0)
        return err_set(err, ESRCH, "attach to container %s: it is not running", name);
    v.sock = sock;
    v.resized = resized;
    if (v.terminal)
        terminal_raw();
    look(&v);
    terminal_restore();
    *ret_status = 0;
    struct err gone = {0}; /* with --rm its record went, and how it ended with it */
    if (!v.detached && container_wait(store, name, ret_status, &gone) < 0 && gone.code != ENOENT)
        *err = gone;
    return -err->code;
}
