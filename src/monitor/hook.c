/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/hook.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"

#define NS_PER_MS 1000000ull
#define START_NS  (1000 * NS_PER_MS / HOOK_RATE)

struct running {
    pid_t pid; /* 0: nobody */
    int pid_fd;
    uint64_t started_ns;
};

struct hook {
    char **words, *program;
    int out_fd, epoll_fd;
    struct running running[HOOK_RUNNING];
    uint64_t free_ns; /* a time that each start moves on: it may be a second ahead of now */
    uint64_t suppressed, told_suppressed;
};

/* ---- the program ---- */

static char **split(const char *command)
{
    char **words = NULL;
    for (const char *at = command + strspn(command, " \t"); *at; at += strspn(at, " \t")) {
        size_t len = strcspn(at, " \t");
        mem_list_add(&words, mem_printf("%.*s", (int)len, at));
        at += len;
    }
    return words;
}

/* As a shell would find it; NULL: there is none. */
static char *find_program(const char *word)
{
    const char *at = getenv("PATH");
    if (strchr(word, '/'))
        return access(word, X_OK) == 0 ? mem_dup(word) : NULL;
    for (at = at ? at : "/usr/bin:/bin"; *at; at += strspn(at, ":")) {
        size_t len = strcspn(at, ":");
        cleanup_free char *path = mem_printf("%.*s/%s", (int)len, at, word);
        if (access(path, X_OK) == 0)
            return take_ptr(&path);
        at += len;
    }
    return NULL;
}

int hook_new(const char *command, int out_fd, struct hook **ret, struct err *err)
{
    cleanup_list char **words = split(command);
    if (!words)
        return err_set(err, EINVAL, "--on-event: no program is named");
    cleanup_free char *program = find_program(words[0]);
    if (!program)
        return err_set(err, ENOENT, "--on-event %s: there is no such program", words[0]);
    struct hook *hook = mem_alloc(sizeof *hook);
    hook->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (hook->epoll_fd < 0) {
        free(hook);
        return err_errno(err, "--on-event: watch programs");
    }
    hook->words = take_ptr(&words);
    hook->program = take_ptr(&program);
    hook->out_fd = out_fd;
    *ret = hook;
    return 0;
}

void hook_free(struct hook *hook)
{
    if (!hook)
        return;
    for (size_t i = 0; i < HOOK_RUNNING; i++)
        if (hook->running[i].pid)
            fd_close(&hook->running[i].pid_fd);
    fd_close(&hook->epoll_fd);
    mem_free_list(hook->words);
    free(hook->program);
    free(hook);
}

int hook_fd(const struct hook *hook)
{
    return hook->epoll_fd;
}

uint64_t hook_suppressed(const struct hook *hook)
{
    return hook->suppressed;
}

/* ---- the event as an environment ---- */

static void add(char ***environment, const char *key, const char *value)
{
    struct str line = {0};
    str_add(&line, "BOXTOP_");
    for (const char *c = key; *c; c++)
        str_addf(&line, "%c", isalnum((unsigned char)*c) ? toupper((unsigned char)*c) : '_');
    cleanup_free char *shown = mem_array(4 * strlen(value) + 1, 1);
    str_printable(shown, 4 * strlen(value) + 1, value);
    str_addf(&line, "=%s", shown);
    mem_list_add(environment, mem_dup(str_text(&line)));
    str_free(&line);
}

static void add_field(char ***environment, const struct event_field *field)
{
    char number[32];
    if (field->form == EVENT_FORM_TEXT) {
        if (field->text)
            add(environment, field->key, field->text);
        return;
    }
    if (field->number == VALUE_ABSENT)
        return;
    if (field->number == VALUE_MAX)
        str_copy(number, sizeof number, "max");
    else if (field->score)
        snprintf(number, sizeof number, "%lld", (long long)field->score);
    else
        snprintf(number, sizeof number, "%llu", (unsigned long long)field->number);
    add(environment, field->key, number);
}

static char **environment_of(const struct hook *hook, const struct event *event, const char *name,
                             const struct event_field *more, size_t more_count)
{
    struct event_field fields[EVENT_FIELDS];
    char time[CLOCK_ISO_SIZE], text[512], number[32];
    char **environment = mem_dup_list(environ);
    clock_iso(time, event->wall_ns);
    add(&environment, "event", event_name(event->kind));
    add(&environment, "time", time);
    add(&environment, "cgroup", event->cgroup);
    add(&environment, "name", name);
    snprintf(number, sizeof number, "%llu", (unsigned long long)(hook->suppressed - hook->told_suppressed));
    add(&environment, "suppressed", number);
    event_kill_text(event, NULL, text, sizeof text);
    if (text[0])
        add(&environment, "text", text);
    size_t count = event_fields(event, fields);
    for (size_t i = 0; i < count; i++)
        add_field(&environment, &fields[i]);
    for (size_t i = 0; i < more_count; i++)
        add_field(&environment, &more[i]);
    return environment;
}

/* ---- running it ---- */

static int spawn(const struct hook *hook, char **environment, pid_t *ret_pid)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        if (hook->out_fd < 0)
            posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
        else
            posix_spawn_file_actions_adddup2(&actions, hook->out_fd, fd);
    }
    int rc = posix_spawn(ret_pid, hook->program, &actions, &attributes, hook->words, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return rc;
}

static void end(struct running *running)
{
    if (waitpid(running->pid, NULL, WNOHANG) != running->pid)
        return;
    fd_close(&running->pid_fd); /* which takes it out of the epoll set, too */
    running->pid = 0;
}

void hook_reap(struct hook *hook)
{
    for (size_t i = 0; i < HOOK_RUNNING; i++)
        if (hook->running[i].pid)
            end(&hook->running[i]);
}

static struct running *find_place(struct hook *hook, uint64_t now_ns)
{
    struct running *place = NULL;
    hook_reap(hook);
    for (size_t i = 0; i < HOOK_RUNNING; i++) {
        struct running *running = &hook->running[i];
        if (!running->pid)
            place = running;
        else if (now_ns - running->started_ns > HOOK_MS * NS_PER_MS)
            kill(-running->pid, SIGKILL);
    }
    return place;
}

static bool may_start(const struct hook *hook, uint64_t now_ns)
{
    return hook->free_ns <= now_ns + 1000 * NS_PER_MS - START_NS;
}

void hook_event(struct hook *hook, const struct monitor *monitor, const struct event *event, const char *name,
                const struct event_field *more, size_t more_count)
{
    uint64_t now_ns = clock_mono_ns();
    struct running *place = find_place(hook, now_ns);
    if (!place || !may_start(hook, now_ns)) {
        hook->suppressed++;
        return;
    }
    cleanup_list char **environment = environment_of(hook, event, name, more, more_count);
    if (spawn(hook, environment, &place->pid) != 0) {
        place->pid = 0;
        hook->suppressed++;
        return;
    }
    hook->told_suppressed = hook->suppressed;
    hook->free_ns = (hook->free_ns > now_ns ? hook->free_ns : now_ns) + START_NS;
    place->started_ns = now_ns;
    place->pid_fd = (int)syscall(SYS_pidfd_open, place->pid, 0);
    struct epoll_event watch = {.events = EPOLLIN};
    if (place->pid_fd >= 0)
        epoll_ctl(hook->epoll_fd, EPOLL_CTL_ADD, place->pid_fd, &watch);
    if (monitor)
        monitor_restore_limits(monitor, place->pid);
}
