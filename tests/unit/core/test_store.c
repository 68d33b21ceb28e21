/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/store.h"
#include "core/undo.h"

/* Stands for the engine's: here it only says what it was asked to take down. */
static struct {
    int calls, answer;
    char name[SPEC_NAME_SIZE], cgroup[300], address[48];
    pid_t pid;
} undone;

int undo_resources(struct store *store, const struct container *container, struct err *err)
{
    (void)store;
    undone.calls++;
    undone.pid = container->pid;
    strcpy(undone.name, container->name);
    strcpy(undone.cgroup, container->cgroup);
    strcpy(undone.address, container->address);
    return undone.answer ? err_set(err, undone.answer, "it is stuck") : 0;
}

struct place {
    char path[64];
    struct store store;
};

static int setup(void **state)
{
    struct place *place = mem_alloc(sizeof *place);
    struct err err;
    strcpy(place->path, "/tmp/boxtop-test-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    setenv("BOXTOP_STATE", place->path, 1);
    assert_int_equal(store_open(&place->store, &err), 0);
    memset(&undone, 0, sizeof undone);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    store_close(&place->store);
    fs_remove_tree_at(AT_FDCWD, place->path);
    unsetenv("BOXTOP_STATE");
    free(place);
    return 0;
}

static int create(struct store *store, const char *name, struct container *container, int *dir_fd, int *lock,
                  struct err *err)
{
    struct spec spec;
    spec_init(&spec);
    snprintf(spec.name, sizeof spec.name, "%s", name);
    spec.root = mem_dup("host");
    spec.command = mem_dup_list((char *[]){(char *)"sh", (char *)"-c", (char *)"echo \xff hi", NULL});
    int rc = spec_validate(&spec, err);
    container_init(container, &spec);
    if (rc == 0)
        rc = store_create(store, &spec, container, dir_fd, lock, err);
    spec_free(&spec);
    return rc;
}

/* A keeper in a process of its own: makes the record, changes it as told, says so, and stays until killed. */
static pid_t start_keeper(struct store *store, const char *name, void (*change)(struct container *))
{
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct container container;
        struct err err;
        int dir_fd, lock;
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails does not leave it behind */
        close(ready[0]);
        if (create(store, name, &container, &dir_fd, &lock, &err) < 0)
            _exit(1);
        container.state = CONTAINER_RUNNING;
        container.keeper_pid = getpid();
        if (change)
            change(&container);
        if (store_save(dir_fd, &container, &err) < 0 || write(ready[1], "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    char byte;
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void kill_keeper(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool has_record(struct place *place, const char *name)
{
    return faccessat(place->store.fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void test_create(void **state)
{
    struct place *place = *state;
    struct container container, read;
    struct spec spec;
    struct err err;
    struct stat st;
    int dir_fd, lock;
    assert_int_equal(create(&place->store, "web", &container, &dir_fd, &lock, &err), 0);
    assert_int_equal(strlen(container.id), 16);
    assert_int_equal(container.state, CONTAINER_CREATED);
    assert_true(container.created_ns > 0);
    assert_int_equal(fcntl(lock, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fstat(dir_fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    container.state = CONTAINER_RUNNING;
    container.pid = 77;
    container.pid_start = 123456789012;
    container.started_ns = clock_wall_ns();
    strcpy(container.cgroup, "/boxtop/web");
    strcpy(container.host_link, "bx1234");
    strcpy(container.address6, "fd00::ad5:6/64");
    container.ports = mem_dup_list((char *[]){(char *)"8080:80/tcp", NULL});
    strcpy(container.address, "10.213.0.6/16");
    assert_int_equal(store_save(dir_fd, &container, &err), 0);
    assert_int_equal(store_load(&place->store, "web", &read, &err), 0);
    assert_int_equal(read.state, CONTAINER_RUNNING);
    assert_int_equal(read.pid, 77);
    assert_true(read.pid_start == 123456789012 && read.started_ns == container.started_ns);
    assert_string_equal(read.cgroup, "/boxtop/web");
    assert_string_equal(read.host_link, "bx1234");
    assert_string_equal(read.address, "10.213.0.6/16");
    assert_string_equal(read.address6, "fd00::ad5:6/64");
    assert_string_equal(read.ports[0], "8080:80/tcp");
    assert_null(read.ports[1]);
    assert_string_equal(read.network, "private");
    assert_string_equal(read.command[2], "echo \xff hi");
    assert_int_equal(store_load_spec(&place->store, "web", &spec, &err), 0);
    assert_string_equal(spec.command[2], "echo \xff hi");
    spec_free(&spec);
    container_free(&read);
    container_free(&container);
    close(dir_fd);
    close(lock);
}

static void test_name_taken(void **state)
{
    struct place *place = *state;
    struct container container, other;
    struct err err;
    int dir_fd, lock, dir2, lock2;
    assert_int_equal(create(&place->store, "web", &container, &dir_fd, &lock, &err), 0);
    assert_int_equal(create(&place->store, "web", &other, &dir2, &lock2, &err), -EEXIST);
    assert_string_equal(err.text, "the name web is taken");
    assert_string_equal(err.hint, "boxtop rm web, or choose another --name");
    container_free(&container);
    container_free(&other);
    close(dir_fd);
    close(lock);
}

static void test_no_container(void **state)
{
    struct place *place = *state;
    static const char *const names[] = {"nobody", "../etc", "", ".lock", ".net"};
    struct container container;
    struct spec spec;
    struct err err;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(store_load(&place->store, names[i], &container, &err), -ENOENT);
        assert_int_equal(store_load_spec(&place->store, names[i], &spec, &err), -ENOENT);
        assert_int_equal(store_remove(&place->store, names[i], &err), -ENOENT);
    }
    store_load(&place->store, "nobody", &container, &err);
    assert_string_equal(err.text, "no container nobody");
    assert_string_equal(err.hint, "boxtop ps -a lists them");
}

static void test_list(void **state)
{
    struct place *place = *state;
    static const char *const names[] = {"web", "api", "db"}, *const sorted[] = {"api", "db", "web"};
    struct container made[COUNT_OF(names)], *list;
    int dirs[COUNT_OF(names)], locks[COUNT_OF(names)];
    size_t count;
    struct err err;
    assert_int_equal(mkdirat(place->store.fd, ".net", 0700),
                     0); /* what the network keeps there is no record */
    assert_int_equal(store_list(&place->store, false, &list, &count, &err), 0);
    assert_int_equal(count, 0);
    container_free_list(list, count);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(create(&place->store, names[i], &made[i], &dirs[i], &locks[i], &err), 0);
    assert_int_equal(store_list(&place->store, false, &list, &count, &err), 0);
    assert_int_equal(count, COUNT_OF(names));
    for (size_t i = 0; i < count; i++)
        assert_string_equal(list[i].name, sorted[i]);
    container_free_list(list, count);
    assert_true(has_record(place, ".net"));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        container_free(&made[i]);
        close(dirs[i]);
        close(locks[i]);
    }
}

static void test_remove(void **state)
{
    struct place *place = *state;
    struct container container;
    struct err err;
    int dir_fd, lock;
    assert_int_equal(create(&place->store, "web", &container, &dir_fd, &lock, &err), 0);
    container.keeper_pid = getpid();
    assert_int_equal(store_save(dir_fd, &container, &err), 0);
    assert_int_equal(store_remove(&place->store, "web", &err), -EBUSY);
    assert_string_equal(err.text, "container web has not ended");
    container.state = CONTAINER_EXITED;
    assert_int_equal(store_save(dir_fd, &container, &err), 0);
    assert_int_equal(store_remove(&place->store, "web", &err), 0); /* its own keeper may, at the end */
    assert_false(has_record(place, "web"));
    container_free(&container);
    close(dir_fd);
    close(lock);
}

/* Made and left alone: nobody's to clean up, even with --rm. */
static void make_at_rest(struct place *place, const char *name)
{
    struct container container;
    struct err err;
    int dir_fd, lock;
    assert_int_equal(create(&place->store, name, &container, &dir_fd, &lock, &err), 0);
    container.created_ns = 42;
    container.remove = true;
    assert_true(container_is_at_rest(&container));
    assert_int_equal(store_save(dir_fd, &container, &err), 0);
    container_free(&container);
    close(dir_fd);
    close(lock);
}

static void test_created(void **state)
{
    struct place *place = *state;
    struct container container;
    struct err err;
    make_at_rest(place, "web");
    assert_int_equal(store_sweep(&place->store, &err), 0);
    assert_int_equal(undone.calls, 0);
    assert_int_equal(store_load(&place->store, "web", &container, &err), 0);
    assert_int_equal(container.state, CONTAINER_CREATED);
    container_free(&container);
    assert_int_equal(store_remove(&place->store, "web", &err), 0);
    assert_false(has_record(place, "web"));
}

static void test_begin_again(void **state)
{
    struct place *place = *state;
    struct container container = {.name = "web", .keeper_pid = getpid(), .stop_signal = 15};
    struct container other = container;
    struct err err;
    int dir_fd, lock, second_dir, second_lock;
    container.command = mem_dup_list((char *[]){(char *)"sh", NULL});
    assert_int_equal(store_begin_again(&place->store, &container, &dir_fd, &lock, &err), -ENOENT);
    make_at_rest(place, "web");
    assert_int_equal(store_ask_stop(&place->store, "web", &err), 0);
    assert_int_equal(store_begin_again(&place->store, &container, &dir_fd, &lock, &err), 0);
    assert_int_equal(container.created_ns, 42);
    assert_false(store_stop_is_asked(dir_fd)); /* that was about the life before */
    assert_int_equal(store_begin_again(&place->store, &other, &second_dir, &second_lock, &err), -EBUSY);
    assert_int_equal(store_rename(&place->store, "web", "other", &err), -EBUSY);
    assert_string_equal(err.text, "container web is running");
    /* it has ended, and waits for its next life */
    container.state = CONTAINER_EXITED;
    container.restart_ns = 1;
    assert_false(container_is_at_rest(&container));
    assert_int_equal(store_save(dir_fd, &container, &err), 0);
    assert_int_equal(store_remove(&place->store, "web", &err), -EBUSY);
    close(lock); /* its keeper dies: how it ended stays known, and there is no next life */
    container.exit_status = 3;
    assert_int_equal(store_save(dir_fd, &container, &err), 0);
    assert_int_equal(store_sweep(&place->store, &err), 1);
    mem_free_list(container.command);
    assert_int_equal(store_load(&place->store, "web", &container, &err), 0);
    assert_int_equal(container.exit_status, 3);
    assert_true(container_is_at_rest(&container));
    container_free(&container);
    close(dir_fd);
}

static void test_rename(void **state)
{
    struct place *place = *state;
    struct container container;
    struct spec spec;
    struct err err;
    make_at_rest(place, "web");
    make_at_rest(place, "taken");
    int log = openat(place->store.fd, "web/log", O_WRONLY | O_CREAT, 0600);
    assert_int_equal(fs_write_all(log, "said\n", 5), 0);
    close(log);
    assert_int_equal(store_rename(&place->store, "web", "../x", &err), -EINVAL);
    assert_int_equal(store_rename(&place->store, "nobody", "x", &err), -ENOENT);
    assert_int_equal(store_rename(&place->store, "web", "taken", &err), -EEXIST);
    assert_int_equal(store_rename(&place->store, "web", "web", &err), -EEXIST);
    assert_true(has_record(place, "web"));
    assert_int_equal(store_rename(&place->store, "web", "www", &err), 0);
    assert_false(has_record(place, "web"));
    assert_true(has_record(place, "www/log"));
    assert_int_equal(store_load(&place->store, "www", &container, &err), 0);
    assert_int_equal(container.created_ns, 42);
    assert_int_equal(store_load_spec(&place->store, "www", &spec, &err), 0);
    assert_string_equal(spec.name, "www");
    assert_string_equal(spec.hostname, "www"); /* it was its name */
    spec_free(&spec);
    container_free(&container);
}

static void with_resources(struct container *container)
{
    container->pid = 4242;
    strcpy(container->cgroup, "/boxtop/web");
    strcpy(container->address, "10.213.0.4/16");
}

static void test_keeper_killed(void **state)
{
    struct place *place = *state;
    struct container *list, container;
    struct err err;
    size_t count;
    pid_t keeper = start_keeper(&place->store, "web", with_resources);
    assert_int_equal(store_sweep(&place->store, &err), 0); /* alive: not touched */
    assert_int_equal(undone.calls, 0);
    kill_keeper(keeper);
    assert_int_equal(store_list(&place->store, true, &list, &count, &err), 0);
    assert_int_equal(list[0].state, CONTAINER_RUNNING);
    assert_int_equal(undone.calls, 0);
    container_free_list(list, count);
    assert_int_equal(store_list(&place->store, false, &list, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_int_equal(undone.calls, 1);
    assert_string_equal(undone.cgroup, "/boxtop/web");
    assert_int_equal(undone.pid, 4242);
    assert_int_equal(list[0].state, CONTAINER_EXITED);
    assert_int_equal(list[0].exit_status, EXIT_STATUS_UNKNOWN);
    assert_string_equal(list[0].why, "its keeper was killed; how it ended is not known");
    container_free_list(list, count);
    assert_int_equal(store_sweep(&place->store, &err), 0); /* once is enough */
    assert_int_equal(undone.calls, 1);
    assert_int_equal(store_load(&place->store, "web", &container, &err), 0);
    container_free(&container);
}

static void test_load_sees_a_dead_keeper(void **state)
{
    struct place *place = *state;
    struct container container;
    struct err err;
    kill_keeper(start_keeper(&place->store, "web", with_resources));
    assert_int_equal(store_load(&place->store, "web", &container, &err), 0);
    assert_int_equal(container.state, CONTAINER_EXITED);
    assert_int_equal(undone.calls, 1);
    container_free(&container);
}

static void with_remove(struct container *container)
{
    container->remove = true;
}

static void test_dead_and_to_be_removed(void **state)
{
    struct place *place = *state;
    struct container container;
    struct err err;
    int dir_fd, lock;
    kill_keeper(start_keeper(&place->store, "web", with_remove));
    assert_int_equal(create(&place->store, "web", &container, &dir_fd, &lock, &err),
                     0); /* its name is free */
    assert_int_equal(undone.calls, 1);
    container_free(&container);
    close(dir_fd);
    close(lock);
}

static void from_another_boot(struct container *container)
{
    with_resources(container);
    strcpy(container->boot_id, "00000000-0000-0000-0000-000000000000");
}

static void test_another_boot(void **state)
{
    struct place *place = *state;
    struct container container;
    struct err err;
    kill_keeper(start_keeper(&place->store, "web", from_another_boot));
    assert_int_equal(store_load(&place->store, "web", &container, &err), 0);
    assert_string_equal(container.why, "the machine was restarted; how it ended is not known");
    assert_string_equal(undone.cgroup, ""); /* its names may be somebody else's now */
    assert_int_equal(undone.pid, 0);
    assert_string_equal(undone.address, "10.213.0.4/16"); /* but a file on disk outlives a boot */
    container_free(&container);
}

/* What can't be taken down stays on record, and keeps nobody else's from it. */
static void test_undo_fails(void **state)
{
    struct place *place = *state;
    struct container *list;
    struct err err;
    size_t count;
    kill_keeper(start_keeper(&place->store, "api", with_resources));
    kill_keeper(start_keeper(&place->store, "web", with_resources));
    undone.answer = EBUSY;
    assert_int_equal(store_sweep(&place->store, &err), -EBUSY);
    assert_int_equal(undone.calls, 2);
    assert_non_null(strstr(err.text, ": it is stuck"));
    assert_int_equal(store_list(&place->store, false, &list, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_int_equal(list[0].state, CONTAINER_RUNNING);
    container_free_list(list, count);
    undone.answer = 0;
    assert_int_equal(store_sweep(&place->store, &err), 2);
}

static void put(int dir_fd, const char *name, const char *text)
{
    int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
    close(fd);
}

static void test_half_made(void **state)
{
    struct place *place = *state;
    struct err err;
    assert_int_equal(mkdirat(place->store.fd, "web", 0700), 0); /* killed right after mkdir */
    assert_int_equal(mkdirat(place->store.fd, "api", 0700), 0); /* and with its lock, but no state.json */
    int dir_fd = openat(place->store.fd, "api", O_RDONLY | O_DIRECTORY);
    put(dir_fd, "lock", "");
    put(dir_fd, "spec.json", "{");
    close(dir_fd);
    assert_int_equal(store_sweep(&place->store, &err), 2);
    assert_false(has_record(place, "web") || has_record(place, "api"));
    assert_int_equal(undone.calls, 0);
}

/* While a record is made the store is locked: nobody takes it for a dead one. */
static void test_sweep_waits_for_a_maker(void **state)
{
    struct place *place = *state;
    struct err err;
    int maker = openat(place->store.fd, ".lock", O_RDWR), status;
    assert_int_equal(flock(maker, LOCK_EX), 0);
    assert_int_equal(mkdirat(place->store.fd, "web", 0700), 0);
    pid_t sweeper = fork();
    if (sweeper == 0) {
        close(maker);
        _exit(store_sweep(&place->store, &err) == 0 ? 0 : 1);
    }
    usleep(50000);
    assert_int_equal(waitpid(sweeper, &status, WNOHANG), 0);
    int dir_fd = openat(place->store.fd, "web", O_RDONLY | O_DIRECTORY);
    put(dir_fd, "lock", "");
    int lock = openat(dir_fd, "lock", O_RDWR);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    close(maker);
    assert_int_equal(waitpid(sweeper, &status, 0), sweeper);
    assert_int_equal(status, 0);
    assert_true(has_record(place, "web"));
    close(lock);
    close(dir_fd);
}

/* One key of a good state.json at a time is made hostile: it is never believed. */
static void test_hostile_state(void **state)
{
    struct place *place = *state;
    static const char *const rows[][2] = {
        {"name", "\"other\""},
        {"name", "\"../../etc\""},
        {"state", "\"flying\""},
        {"state", "7"},
        {"pid", "-1"},
        {"pid", "9223372036854775807"},
        {"pid", "\"12\""},
        {"keeper_pid", "-77"},
        {"pid_start", "-1"},
        {"exit_status", "256"},
        {"oom_killed", "1"},
        {"cgroup", "\"/boxtop/../../etc\""},
        {"cgroup", "\"boxtop/web\""},
        {"cgroup", "\"/boxtop/..\""},
        {"cgroup_mount", "\"../sys\""},
        {"host_link", "\"../eth0\""},
        {"host_link", "\"a-name-that-is-too-long\""},
        {"address6", "\"fd00::1; reboot\""},
        {"ports", "[\"80\"]"},
        {"ports", "{}"},
        {"boot_id", "\"\\u001b[2J\""},
        {"command", "[[[]]]"},
        {"command", "null"},
        {"root", "7"},
    };
    struct container container, read;
    struct err err;
    int dir_fd, lock;
    assert_int_equal(create(&place->store, "web", &container, &dir_fd, &lock, &err), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[8192];
        assert_true(store_save(dir_fd, &container, &err) == 0);
        assert_true(fs_read_at(dir_fd, "state.json", text, sizeof text) > 0);
        json_t *json = json_loads(text, 0, NULL);
        json_object_set_new(json, rows[i][0], json_loads(rows[i][1], JSON_DECODE_ANY, NULL));
        char *hostile = json_dumps(json, 0);
        put(dir_fd, "state.json", hostile);
        free(hostile);
        json_decref(json);
        if (store_load(&place->store, "web", &read, &err) != -EINVAL)
            fail_msg("%s = %s was believed", rows[i][0], rows[i][1]);
    }
    container_free(&container);
    close(dir_fd);
    close(lock);
}

static void test_rubbish_state(void **state)
{
    struct place *place = *state;
    static const char *const texts[] = {
        "", "{", "[]", "null", "{\"name\": \"web\"", "{\"name\":\"web\",\"name\":\"web\"}", "\xff\xfe", "{}",
    };
    struct container container, read, *list;
    struct err err;
    size_t count;
    int dir_fd, lock;
    assert_int_equal(create(&place->store, "web", &container, &dir_fd, &lock, &err), 0);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        put(dir_fd, "state.json", texts[i]);
        assert_int_equal(store_load(&place->store, "web", &read, &err), -EINVAL);
        assert_memory_equal(err.text, "container web: state.json", 25);
        assert_int_equal(store_list(&place->store, false, &list, &count, &err), 0);
        assert_int_equal(count, 0);
        container_free_list(list, count);
        assert_true(has_record(place, "web")); /* its keeper lives */
    }
    container_free(&container);
    close(dir_fd);
    close(lock);
    assert_int_equal(store_sweep(&place->store, &err), 1);
    assert_false(has_record(place, "web"));
}

/* Records and their files are never links, and never something that blocks. */
static void test_links(void **state)
{
    struct place *place = *state;
    struct container container, read;
    struct err err;
    int dir_fd, lock;
    char other[80];
    snprintf(other, sizeof other, "%s.other", place->path);
    assert_int_equal(mkdir(other, 0700), 0);
    int other_fd = open(other, O_RDONLY | O_DIRECTORY);
    put(other_fd, "precious", "x");
    assert_int_equal(symlinkat(other, place->store.fd, "link"), 0);
    assert_int_equal(store_load(&place->store, "link", &read, &err), -ENOENT);
    assert_true(store_sweep(&place->store, &err) >= 0);
    assert_int_equal(faccessat(other_fd, "precious", F_OK, 0), 0);
    close(other_fd);
    fs_remove_tree_at(AT_FDCWD, other);
    assert_int_equal(create(&place->store, "web", &container, &dir_fd, &lock, &err), 0);
    assert_int_equal(renameat(dir_fd, "state.json", dir_fd, "real.json"), 0);
    assert_int_equal(symlinkat("real.json", dir_fd, "state.json"), 0);
    assert_true(store_load(&place->store, "web", &read, &err) < 0);
    assert_int_equal(unlinkat(dir_fd, "state.json", 0), 0);
    assert_int_equal(mkfifoat(dir_fd, "state.json", 0600), 0);
    assert_int_equal(store_load(&place->store, "web", &read, &err), -EINVAL);
    container_free(&container);
    close(dir_fd);
    close(lock);
}

static void test_place(void **state)
{
    struct place *place = *state;
    struct store store;
    struct err err;
    char path[256];
    setenv("BOXTOP_STATE", "/proc/no/such", 1);
    assert_true(store_open(&store, &err) < 0);
    assert_memory_equal(err.text, "state directory /proc/no/such: ", 31);
    /* somebody's directory of other things is not swept */
    snprintf(path, sizeof path, "%s/home", place->path);
    assert_int_equal(mkdir(path, 0700), 0);
    setenv("BOXTOP_STATE", path, 1);
    int home = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(mkdirat(home, "project", 0700), 0);
    close(home);
    assert_int_equal(store_open(&store, &err), -ENOTEMPTY);
    assert_string_equal(err.hint, "BOXTOP_STATE has to be a directory of its own");
    /* others may write, or it is theirs */
    snprintf(path, sizeof path, "%s/open", place->path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 0777), 0);
    setenv("BOXTOP_STATE", path, 1);
    assert_int_equal(store_open(&store, &err), -EPERM);
    assert_non_null(strstr(err.text, "others may write to it"));
    assert_int_equal(chmod(path, 0700), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 12345, 12345), 0);
        assert_int_equal(store_open(&store, &err), -EPERM);
        assert_non_null(strstr(err.text, "it belongs to user 12345, not to you"));
    }
    /* too long for what is made below it */
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    setenv("BOXTOP_STATE", path, 1);
    assert_int_equal(store_open(&store, &err), -ENAMETOOLONG);
}

static void test_json(void **state)
{
    (void)state;
    char *command[] = {(char *)"sh", (char *)"\xff", NULL};
    struct container container = {.name = "web",
                                  .id = "0123456789abcdef",
                                  .state = CONTAINER_EXITED,
                                  .exit_status = 137,
                                  .exit_signal = 9,
                                  .oom_killed = true,
                                  .oom_kills = 1,
                                  .root = "host",
                                  .command = command,
                                  .network = "none",
                                  .created_ns = 1795435200123000000};
    json_t *json = container_to_json(&container);
    char *text = json_dumps(json, JSON_SORT_KEYS);
    assert_string_equal(
        text,
        "{\"cgroup\": null, \"command\": [\"sh\", \"\\\\xff\"], \"created\": \"2026-11-23T12:00:00.123Z\", "
        "\"exit_signal\": 9, \"exit_status\": 137, \"finished\": null, \"id\": \"0123456789abcdef\", "
        "\"keeper_pid\": null, \"name\": \"web\", \"namespaces\": {\"cgroup\": null, \"ipc\": null, "
        "\"mnt\": null, \"net\": null, \"pid\": null, \"time\": null, \"user\": null, \"uts\": null}, "
        "\"network\": {\"address\": null, \"address6\": null, \"by\": null, \"gateway\": null, \"gateway6\": "
        "null, "
        "\"host_link\": null, \"mode\": \"none\", \"ports\": []}, "
        "\"oom\": null, \"oom_killed\": true, \"oom_kills\": 1, \"pid\": null, \"remove\": false, "
        "\"restart\": null, "
        "\"restarts\": 0, "
        "\"root\": \"host\", "
        "\"started\": null, \"state\": \"exited\", \"why\": null}");
    free(text);
    json_decref(json);
    container.exit_status = EXIT_STATUS_UNKNOWN;
    json = container_to_json(&container);
    assert_true(json_is_null(json_object_get(json, "exit_status")));
    json_decref(json);
    container.state = CONTAINER_RUNNING;
    container.pid = 7;
    json = container_to_json(&container);
    assert_int_equal(json_integer_value(json_object_get(json, "pid")), 7);
    assert_true(json_is_null(json_object_get(json, "oom_killed")));
    json_decref(json);
}

/* How many times this process has called read(2) and its kin; 0 where the kernel does not count. */
static unsigned long reads(void)
{
    unsigned long count = 0;
    FILE *io = fopen("/proc/self/io", "re");
    char line[80];
    while (io && fgets(line, sizeof line, io))
        sscanf(line, "syscr: %lu", &count);
    if (io)
        fclose(io);
    return count;
}

/* Counted, not timed: a busy machine is no reason to fail. */
static void test_list_reads_little(void **state)
{
    struct place *place = *state;
    enum { RECORDS = 500 };
    struct container *list;
    struct err err;
    size_t count;
    pid_t keeper = start_keeper(&place->store, "first", NULL);
    for (int i = 0; i < RECORDS; i++) {
        struct container container;
        char name[16];
        int dir_fd, lock;
        snprintf(name, sizeof name, "c%d", i);
        assert_int_equal(create(&place->store, name, &container, &dir_fd, &lock, &err), 0);
        container.state = CONTAINER_EXITED;
        assert_int_equal(store_save(dir_fd, &container, &err), 0);
        container_free(&container);
        close(dir_fd);
        close(lock);
    }
    unsigned long before = reads();
    assert_int_equal(store_list(&place->store, false, &list, &count, &err), 0);
    unsigned long took = reads() - before;
    assert_int_equal(count, RECORDS + 1);
    container_free_list(list, count);
    kill_keeper(keeper);
    print_message("%d records in %lu reads\n", RECORDS, took);
    assert_true(took <= 2 * (RECORDS + 1) + 20); /* the text and its end; some to know this boot and count */
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_create),
        IN_PLACE(test_name_taken),
        IN_PLACE(test_no_container),
        IN_PLACE(test_list),
        IN_PLACE(test_remove),
        IN_PLACE(test_created),
        IN_PLACE(test_begin_again),
        IN_PLACE(test_rename),
        IN_PLACE(test_keeper_killed),
        IN_PLACE(test_load_sees_a_dead_keeper),
        IN_PLACE(test_dead_and_to_be_removed),
        IN_PLACE(test_another_boot),
        IN_PLACE(test_undo_fails),
        IN_PLACE(test_half_made),
        IN_PLACE(test_sweep_waits_for_a_maker),
        IN_PLACE(test_hostile_state),
        IN_PLACE(test_rubbish_state),
        IN_PLACE(test_links),
        IN_PLACE(test_place),
        cmocka_unit_test(test_json),
        IN_PLACE(test_list_reads_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
