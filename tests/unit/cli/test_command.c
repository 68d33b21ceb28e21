/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop as a user calls it: what it says, where it says it, and its exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/command.h"
#include "core/proc.h"
#include "core/store.h"

struct place {
    char path[64];
    char out[65536], err[65536]; /* what the last call said */
    int status;
};

static int setup(void **state)
{
    struct place *place = mem_alloc(sizeof *place);
    strcpy(place->path, "/tmp/boxtop-test-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    setenv("BOXTOP_STATE", place->path, 1);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    fs_remove_tree_at(AT_FDCWD, place->path);
    unsetenv("BOXTOP_STATE");
    free(place);
    return 0;
}

static void read_back(FILE *file, char *to, size_t size)
{
    rewind(file);
    to[fread(to, 1, size - 1, file)] = '\0';
    fclose(file);
}

/* A line's words, split at blanks. */
static void split(char *line, char **words, int limit)
{
    int count = 0;
    for (char *save = NULL, *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        assert_true(count < limit - 1);
        words[count++] = word;
    }
    words[count] = NULL;
}

static pid_t start(const char *line, int out, int err)
{
    cleanup_free char *copy = mem_dup(line);
    char *words[32];
    split(copy, words, (int)COUNT_OF(words));
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int null = open("/dev/null", O_RDONLY);
        dup2(null, 0);
        dup2(out, 1);
        dup2(err, 2);
        execv(BINARY_DIR "/boxtop", words);
        _exit(99);
    }
    return pid;
}

static int end_of(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Calls "boxtop ARGS". */
static void call(struct place *place, const char *line)
{
    FILE *out = tmpfile(), *err = tmpfile();
    place->status = end_of(start(line, fileno(out), fileno(err)));
    read_back(out, place->out, sizeof place->out);
    read_back(err, place->err, sizeof place->err);
}

/* Calls it on a terminal; all it says is in `out`. */
static void call_on_terminal(struct place *place, const char *line)
{
    int master, slave;
    struct winsize size = {.ws_row = 24, .ws_col = 40};
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    pid_t pid = start(line, slave, slave);
    close(slave);
    size_t len = 0;
    for (ssize_t got; (got = read(master, place->out + len, sizeof place->out - 1 - len)) > 0;)
        len += (size_t)got;
    place->out[len] = '\0';
    close(master);
    place->status = end_of(pid);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in '%s'", part, text);
}

static void test_usage(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *line, *err;
        int status;
    } rows[] = {
        {"boxtop rn", "boxtop: unknown command 'rn' (did you mean boxtop run?)\n", 2},
        {"boxtop zzz",
         "boxtop: unknown command 'zzz' (boxtop help lists the commands; a cgroup's path begins with /)\n",
         2},
        {"boxtop zz\x1b[2J",
         "boxtop: unknown command 'zz\\x1b[2J' (boxtop help lists the commands; a cgroup's path begins with "
         "/)\n",
         2},
        {"boxtop stop", "boxtop: stop: too few words (usage: boxtop stop [-t SECONDS] NAME...)\n", 2},
        {"boxtop ps web", "boxtop: ps: 'web' is one word too many (usage: boxtop ps [-a] [-q|--json])\n", 2},
        {"boxtop ps --al", "boxtop: ps: unknown option '--al' (did you mean --all?)\n", 2},
        {"boxtop logs a b",
         "boxtop: logs: 'b' is one word too many (usage: boxtop logs [-f] [-t] [-n N] [--since TIME] NAME)\n",
         2},
        {"boxtop stop -t soon web", "boxtop: stop: --timeout: 'soon' is not a time (write 10, 2.5s, 500ms)\n",
         2},
        {"boxtop kill -s NOSUCH web",
         "boxtop: kill: --signal: 'NOSUCH' is not a signal (a name or a number: TERM, SIGKILL, 9)\n", 2},
        {"boxtop kill -s 0 web",
         "boxtop: kill: --signal: '0' is not a signal (a name or a number: TERM, SIGKILL, 9)\n", 2},
        {"boxtop kill -s SIGTERM nobody", "boxtop: no container nobody (boxtop ps -a lists them)\n", 1},
        {"boxtop run",
         "boxtop: run: no root file system was named (boxtop run [OPTIONS] ROOT [COMMAND...]; ROOT "
         "`host` is the machine's own, for example: boxtop run -it --memory 100M host)\n",
         125},
        {"boxtop run -m 12x host",
         "boxtop: --memory: memory.max: '12x' is not a size (write 100M, 1.5G, bytes or max)\n", 125},
        {"boxtop run /no/such",
         "boxtop: root directory /no/such: No such file or directory (give `host` for the "
         "machine's own root, a directory, or an image (boxtop image ls))\n",
         125},
        {"boxtop exec", "boxtop: exec: too few words (usage: boxtop exec [OPTIONS] NAME COMMAND [ARG...])\n",
         125},
        {"boxtop exec web",
         "boxtop: exec: too few words (usage: boxtop exec [OPTIONS] NAME COMMAND [ARG...])\n", 125},
        {"boxtop exec -e =x web ls", "boxtop: exec: --env: '=x' is not KEY=VALUE\n", 125},
        {"boxtop exec nobody ls", "boxtop: no container nobody (boxtop ps -a lists them)\n", 125},
        {"boxtop set web",
         "boxtop: set: too few words (usage: boxtop set [--json] [--gently] [--yes] NAME|CGROUP "
         "KNOB=VALUE...)\n",
         2},
        {"boxtop set web memory.max",
         "boxtop: set: 'memory.max' is not KNOB=VALUE (for example boxtop set web memory.max=64M)\n", 2},
        {"boxtop set web memroy.max=1M",
         "boxtop: set: no knob 'memroy.max' (did you mean memory.max? boxtop set --help lists them)\n", 2},
        /* all are read before anything is looked for */
        {"boxtop set nobody cpus=0.5 pids-limit=many",
         "boxtop: set: pids.max: 'many' is not a whole number\n", 2},
        {"boxtop set nobody cpus=0.5",
         "boxtop: set: no container nobody, and no other group is called so (boxtop stats --once lists "
         "them)\n",
         1},
        {"boxtop set /../etc memory.max=1M", NULL, 1},
        {"boxtop inspect nobody", "boxtop: no container nobody (boxtop ps -a lists them)\n", 1},
        {"boxtop rm ../etc", "boxtop: no container ../etc (boxtop ps -a lists them)\n", 1},
        {"boxtop logs nobody", "boxtop: no container nobody (boxtop ps -a lists them)\n", 1},
        {"boxtop help nope", "boxtop: help: there is no command 'nope' (boxtop help lists them)\n", 2},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        call(place, rows[i].line);
        if (place->status != rows[i].status)
            fail_msg("%s: status %d", rows[i].line, place->status);
        if (rows[i].err)
            assert_string_equal(place->err, rows[i].err);
        assert_string_equal(place->out, "");
    }
}

/* Several words: each is tried, each failure said. */
static void test_each(void **state)
{
    struct place *place = *state;
    call(place, "boxtop rm -f a b");
    assert_int_equal(place->status, 1);
    assert_string_equal(place->err, "boxtop: no container a (boxtop ps -a lists them)\n"
                                    "boxtop: no container b (boxtop ps -a lists them)\n");
}

static void test_help(void **state)
{
    struct place *place = *state;
    call(place, "boxtop --version");
    assert_string_equal(place->out, "boxtop " BOXTOP_VERSION "\n");
    call(place, "boxtop --help");
    assert_int_equal(place->status, 0);
    for (size_t i = 0; commands[i]; i++) {
        char line[64];
        assert_has(place->out, commands[i]->summary);
        assert_ptr_equal(command_find(commands[i]->name), commands[i]);
        if (!commands[i]->run)
            continue; /* boxtop-view's */
        snprintf(line, sizeof line, "boxtop %s --help", commands[i]->name);
        struct place *other = mem_alloc(sizeof *other);
        call(other, line);
        assert_int_equal(other->status, 0);
        assert_string_equal(other->err, "");
        assert_has(other->out, commands[i]->usage);
        free(other);
    }
    call(place, "boxtop set --help");
    assert_has(place->out, "memory.swap.max");
    call(place, "boxtop run -h"); /* docker's --hostname */
    assert_int_equal(place->status, 125);
}

static void test_full_disk(void **state)
{
    struct place *place = *state;
    int full = open("/dev/full", O_WRONLY);
    FILE *err = tmpfile();
    assert_int_equal(end_of(start("boxtop ps", full, fileno(err))), 1);
    read_back(err, place->err, sizeof place->err);
    assert_has(place->err, "boxtop: write to standard output");
    close(full);
}

/* ---- records ---- */

static void make(const char *name, void (*change)(struct container *), int *ret_dir, int *ret_lock)
{
    struct store store;
    struct spec spec;
    struct container container;
    struct err err;
    int dir, lock;
    spec_init(&spec);
    snprintf(spec.name, sizeof spec.name, "%s", name);
    spec.root = mem_dup("host");
    spec.command = mem_dup_list((char *[]){(char *)"sh", (char *)"-c", (char *)"echo \x1b[31m hi", NULL});
    assert_int_equal(spec_validate(&spec, &err), 0);
    container_init(&container, &spec);
    assert_int_equal(store_open(&store, &err), 0);
    assert_int_equal(store_create(&store, &spec, &container, &dir, &lock, &err), 0);
    change(&container);
    assert_int_equal(store_save(dir, &container, &err), 0);
    container_free(&container);
    spec_free(&spec);
    store_close(&store);
    *ret_dir = dir;
    *ret_lock = lock;
}

static void put(int dir, const char *name, const char *text)
{
    assert_int_equal(fs_replace_at(dir, name, text, strlen(text)), 0);
}

static void oom_killed(struct container *c)
{
    c->state = CONTAINER_EXITED;
    c->exit_status = 137;
    c->exit_signal = SIGKILL;
    c->oom_killed = true;
    c->oom_kills = 1;
    c->finished_ns = clock_wall_ns() - 14710000000000; /* 4h05m and a bit */
}

static void lost(struct container *c)
{
    c->state = CONTAINER_EXITED;
    c->exit_status = EXIT_STATUS_UNKNOWN;
}

static void running(struct container *c)
{
    c->state = CONTAINER_RUNNING;
    c->pid = 77;
    c->keeper_pid = getpid();
    c->keeper_start = proc_start_time(getpid());
    c->started_ns = clock_wall_ns() - 14710000000000;
}

struct record {
    int dir, lock;
};

static void close_record(struct record *r)
{
    close(r->dir);
    close(r->lock);
}

static void test_ps(void **state)
{
    struct place *place = *state;
    struct record oom, gone, web;
    call(place, "boxtop ps");
    assert_string_equal(place->out, "NAME  STATE  PID  SINCE  ROOT  COMMAND\n");
    make("oom", oom_killed, &oom.dir, &oom.lock);
    make("lost", lost, &gone.dir, &gone.lock);
    make("web", running, &web.dir, &web.lock);
    call(place, "boxtop ps");
    assert_string_equal(place->out, "NAME  STATE    PID  SINCE  ROOT  COMMAND\n"
                                    "web   running  77   4h05m  host  sh -c 'echo \\x1b[31m hi'\n");
    call(place, "boxtop ps -a");
    assert_string_equal(place->out,
                        "NAME  STATE           PID  SINCE      ROOT  COMMAND\n"
                        "lost  exited ?        -    -          host  sh -c 'echo \\x1b[31m hi'\n"
                        "oom   exited 137 OOM  -    4h05m ago  host  sh -c 'echo \\x1b[31m hi'\n"
                        "web   running         77   4h05m      host  sh -c 'echo \\x1b[31m hi'\n");
    call_on_terminal(place, "boxtop ps -a"); /* 40 wide: nothing wraps */
    for (char *line = strtok(place->out, "\r\n"); line; line = strtok(NULL, "\r\n"))
        assert_in_range(strlen(line), 1, 58); /* the fixed columns are whole, the command is cut */
    call(place, "boxtop ps --all --json");
    json_t *array = json_loads(place->out, 0, NULL);
    assert_int_equal(json_array_size(array), 3);
    const json_t *first = json_array_get(array, 1);
    assert_string_equal(json_string_value(json_object_get(first, "name")), "oom");
    assert_true(json_is_true(json_object_get(first, "oom_killed")));
    assert_int_equal(json_integer_value(json_object_get(first, "exit_status")), 137);
    json_decref(array);
    call(place, "boxtop rm web");
    assert_int_equal(place->status, 1);
    call(place, "boxtop rm oom lost");
    assert_int_equal(place->status, 0);
    call(place, "boxtop ps -a --json");
    assert_has(place->out, "\"web\"");
    assert_null(strstr(place->out, "\"name\": \"oom\""));
    close_record(&oom);
    close_record(&gone);
    close_record(&web);
}

static void test_inspect(void **state)
{
    struct place *place = *state;
    struct record oom;
    make("oom", oom_killed, &oom.dir, &oom.lock);
    call(place, "boxtop inspect --json oom nobody");
    assert_int_equal(place->status, 1);
    json_t *array = json_loads(place->out, 0, NULL);
    assert_int_equal(json_array_size(array), 1);
    const json_t *object = json_array_get(array, 0), *spec = json_object_get(object, "spec");
    assert_string_equal(json_string_value(json_object_get(spec, "name")), "oom");
    assert_true(json_is_object(json_object_get(object, "limits")));
    json_decref(array);
    call(place, "boxtop inspect oom");
    assert_has(place->out, "exit_status: 137\n");
    assert_has(place->out, "oom_killed:  yes\n");
    assert_has(place->out, "finished:    20");
    assert_has(place->out, "started:     -\n");
    assert_has(place->out, "network:\n  mode:      private\n");
    assert_has(place->out, "boxtop run --name oom host sh -c");
    call_on_terminal(place, "boxtop inspect --json oom");
    assert_null(strchr(place->out, '\x1b'));
    call_on_terminal(place, "boxtop inspect --explain oom");
    assert_int_equal(place->status, 0);
    assert_null(strchr(place->out, '\x1b'));
    call(place, "boxtop inspect --explain oom");
    assert_has(place->out, "\x1b[31m"); /* to a file it is what was run */
    close_record(&oom);
}

static void test_prune(void **state)
{
    struct place *place = *state;
    struct record oom, web;
    make("oom", oom_killed, &oom.dir, &oom.lock);
    make("web", running, &web.dir, &web.lock);
    call(place, "boxtop prune");
    assert_int_equal(place->status, 0);
    assert_has(place->out, "removed container oom\n");
    assert_null(strstr(place->out, "web"));
    call(place, "boxtop ps -a");
    assert_has(place->out, "web");
    close_record(&oom);
    close_record(&web);
}

/* ---- logs ---- */

static const char log_text[] = "2026-11-23T12:00:00.123Z stdout hello\n"
                               "2026-11-23T12:00:00.124Z stderr oh no\n"
                               "2026-11-23T12:00:00.125Z stdout \n"
                               "2026-11-23T12:00:00.126Z stdout red \x1b[31m\ttab\r\n"
                               "rubbish\n"
                               "2026-11-23T12:00:00.127Z stdout last";

static void test_logs(void **state)
{
    struct place *place = *state;
    struct record oom;
    make("oom", oom_killed, &oom.dir, &oom.lock);
    call(place, "boxtop logs oom");
    assert_int_equal(place->status, 0);
    assert_string_equal(place->out, "");
    put(oom.dir, "log.1", "2026-11-23T11:00:00.000Z stdout earlier\n");
    put(oom.dir, "log", log_text);
    call(place, "boxtop logs oom");
    /* to a file as it was said; a line that has no end was not whole when the keeper was killed */
    assert_string_equal(place->out, "earlier\nhello\n\nred \x1b[31m\ttab\r\nrubbish\n");
    assert_string_equal(place->err, "oh no\n");
    call(place, "boxtop logs -t oom");
    assert_has(place->out, "2026-11-23T11:00:00.000Z earlier\n2026-11-23T12:00:00.123Z hello\n");
    assert_string_equal(place->err, "2026-11-23T12:00:00.124Z oh no\n");
    call_on_terminal(place, "boxtop logs -f oom"); /* it has ended: nothing to wait for */
    assert_has(place->out, "red \\x1b[31m\ttab\r\nrubbish");
    assert_null(strchr(place->out, '\x1b'));
    close_record(&oom);
}

static pid_t keeper;

static void kept_by_other(struct container *c)
{
    running(c);
    c->keeper_pid = keeper;
    c->keeper_start = proc_start_time(keeper);
}

static void append(int dir, const char *text)
{
    int fd = openat(dir, "log", O_WRONLY | O_APPEND | O_CREAT, 0600);
    assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
    close(fd);
}

/* Waits until the file has this text. */
static void await(int fd, const char *text)
{
    char have[4096] = "";
    for (int i = 0; i < 6000 && !strstr(have, text); i++) {
        usleep(10000);
        fs_pread(fd, have, sizeof have);
    }
    assert_has(have, text);
}

static void test_logs_follow(void **state)
{
    struct place *place = *state;
    struct record web;
    FILE *out = tmpfile();
    keeper = fork();
    if (keeper == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    make("web", kept_by_other, &web.dir, &web.lock);
    append(web.dir, "2026-11-23T12:00:00.000Z stdout one\n");
    pid_t follower = start("boxtop logs -f web", fileno(out), 2);
    await(fileno(out), "one\n");
    append(web.dir, "2026-11-23T12:00:00.000Z stdout two, in ");
    append(web.dir, "pieces\n");
    await(fileno(out), "two, in pieces\n");
    append(web.dir, "2026-11-23T12:00:00.000Z stdout the last of this file\n");
    assert_int_equal(renameat(web.dir, "log", web.dir, "log.1"), 0);
    append(web.dir, "2026-11-23T12:00:00.000Z stdout the first of the next\n");
    await(fileno(out), "the last of this file\nthe first of the next\n");
    assert_int_equal(waitpid(follower, NULL, WNOHANG), 0);
    append(web.dir, "2026-11-23T12:00:00.000Z stdout bye\n");
    kill(keeper, SIGKILL);
    assert_int_equal(end_of(follower), 0);
    waitpid(keeper, NULL, 0);
    read_back(out, place->out, sizeof place->out);
    assert_string_equal(place->out,
                        "one\ntwo, in pieces\nthe last of this file\nthe first of the next\nbye\n");
    close_record(&web);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_usage),     IN_PLACE(test_each), IN_PLACE(test_help),
        IN_PLACE(test_full_disk), IN_PLACE(test_ps),   IN_PLACE(test_inspect),
        IN_PLACE(test_prune),     IN_PLACE(test_logs), IN_PLACE(test_logs_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
