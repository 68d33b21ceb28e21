/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/cp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/container.h"
#include "image/copy.h"

struct cp {
    const struct cp_options *options;
    struct container_files files; /* the container's */
    char *name;
    const char *inside, *here; /* the two paths */
    bool into;                 /* the container */
    int pipe[2];
};

/* What a side reports when it is done. */
struct report {
    unsigned left_out;
    struct err err;
};

static bool is_tar(const struct cp *c)
{
    return strcmp(c->here, "-") == 0;
}

static int send(const struct cp *c, const struct copy_place *from, struct report *report)
{
    return copy_send(from, c->options->follow, c->pipe[1], &report->left_out, &report->err);
}

static int receive(const struct cp *c, const struct copy_place *to, struct report *report)
{
    return copy_receive(to, c->options->exact, c->into && is_tar(c), c->pipe[0], &report->err);
}

static void work_inside(struct cp *c, struct report *report)
{
    struct copy_place place = {-1, c->inside};
    if (container_join_files(&c->files, &report->err) < 0)
        return;
    place.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place.root < 0)
        err_errno(&report->err, "open the container's root");
    else if (c->into)
        receive(c, &place, report);
    else
        send(c, &place, report);
}

static void work_here(struct cp *c, struct report *report)
{
    struct copy_place place = {AT_FDCWD, c->here};
    if (is_tar(c) && c->into)
        copy_from_tar(STDIN_FILENO, c->pipe[1], &report->err);
    else if (is_tar(c))
        copy_to_tar(c->pipe[0], STDOUT_FILENO, &report->err);
    else if (c->into)
        send(c, &place, report);
    else
        receive(c, &place, report);
}

static int start_inside(struct cp *c, pid_t *ret_pid, int *ret_reports, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "make a pipe");
    *ret_pid = fork();
    if (*ret_pid == 0) {
        struct report report = {0};
        fd_close(&c->pipe[c->into ? 1 : 0]);
        umask(0);
        work_inside(c, &report);
        fs_write_all(ends[1], (const char *)&report, sizeof report);
        _exit(0);
    }
    close(ends[1]);
    fd_close(&c->pipe[c->into ? 0 : 1]);
    *ret_reports = ends[0];
    return *ret_pid < 0 ? err_errno(err, "start a process") : 0;
}

static void read_report(int fd, struct report *ret)
{
    if (read(fd, ret, sizeof *ret) != sizeof *ret) {
        *ret = (struct report){0};
        err_set(&ret->err, EIO, "the process inside ended early");
    }
    ret->err.text[sizeof ret->err.text - 1] = ret->err.hint[sizeof ret->err.hint - 1] = '\0';
}

/* A pipe that broke is the other side's failure. */
static const struct err *which(const struct err *one, const struct err *other)
{
    if (!one->code || !other->code)
        return one->code ? one : other;
    return one->code == EPIPE ? other : one;
}

static int work(struct cp *c, unsigned *ret_left_out, struct err *err)
{
    struct report inside, here = {0};
    cleanup_close int reports = -1;
    pid_t pid = -1;
    signal(SIGPIPE, SIG_IGN);
    if (pipe2(c->pipe, O_CLOEXEC) < 0)
        return err_errno(err, "make a pipe");
    int rc = start_inside(c, &pid, &reports, err);
    if (rc < 0)
        return rc;
    umask(0);
    work_here(c, &here);
    fd_close(&c->pipe[0]);
    fd_close(&c->pipe[1]);
    read_report(reports, &inside);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    *ret_left_out = inside.left_out + here.left_out;
    *err = *which(&inside.err, &here.err);
    return -err->code;
}

/* "NAME:PATH"; what begins with / or . is a path here, colons or not. */
static const char *colon_of(const char *text)
{
    return text[0] == '/' || text[0] == '.' ? NULL : strchr(text, ':');
}

static int read_words(struct cp *c, const char *from, const char *to, struct err *err)
{
    const char *out = colon_of(from), *in = colon_of(to);
    if (!out == !in) {
        err_set(err, EINVAL, out ? "cp: both are in containers" : "cp: neither is in a container");
        return err_hint(err, "one of the two is NAME:PATH; a path here that has a colon begins with / or ./");
    }
    const char *colon = in ? in : out, *word = in ? to : from;
    c->into = in != NULL;
    c->name = mem_printf("%.*s", (int)(colon - word), word);
    c->inside = colon + 1;
    c->here = in ? from : to;
    if (!c->inside[0] || !c->here[0])
        return err_set(err, EINVAL, "cp: a path is empty");
    return 0;
}

int cp_run(struct store *store, const char *from, const char *to, const struct cp_options *options,
           unsigned *ret_left_out, struct err *err)
{
    struct cp c = {.options = options, .files = {.pidfd = -1}, .pipe = {-1, -1}};
    int rc = read_words(&c, from, to, err);
    if (rc == 0)
        rc = container_find_files(store, c.name, &c.files, err);
    if (rc == 0 && (rc = work(&c, ret_left_out, err)) < 0)
        err_prefix(err, "copy %s to %s", from, to);
    fd_close(&c.files.pidfd);
    fd_close(&c.pipe[0]);
    fd_close(&c.pipe[1]);
    mem_cleanup_free(&c.name);
    return rc;
}
