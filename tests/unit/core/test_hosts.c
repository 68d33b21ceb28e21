/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/hosts.h"

#define HEADER "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"

static char path[] = "/tmp/boxtop-test-hosts.XXXXXX";
static int store_fd = -1;

static int make_store(void **state)
{
    (void)state;
    if (!mkdtemp(path))
        return -1;
    store_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return store_fd < 0 ? -1 : 0;
}

static int remove_store(void **state)
{
    (void)state;
    close(store_fd);
    return fs_remove_tree_at(AT_FDCWD, path);
}

/* What a reader takes from it: no comments, no blanks at the ends. */
static char *read_names(void)
{
    struct str names = {0};
    cleanup_free char *text = NULL;
    if (fs_read_whole_at(store_fd, ".net/hosts", 1 << 20, &text) < 0)
        return mem_dup("none");
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        line[strcspn(line, "#")] = '\0';
        for (size_t len = strlen(line); len && line[len - 1] == ' '; len--)
            line[len - 1] = '\0';
        if (*line)
            str_addf(&names, "%s\n", line);
    }
    return names.text;
}

static void expect(const char *names)
{
    cleanup_free char *got = read_names();
    assert_string_equal(got, names);
}

static void add(const char *name, const char *hostname, const char *address, const char *address6)
{
    struct err err = {0};
    if (hosts_add(store_fd, name, hostname, address, address6, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static void names_come_and_go(void **state)
{
    (void)state;
    expect("none");
    add("web", "web", "10.213.0.5/16", "fd00::5/64");
    expect(HEADER "10.213.0.5\tweb\nfd00::5\tweb\n");
    add("db", "db", "10.213.0.6/16", "");
    expect(HEADER "10.213.0.5\tweb\nfd00::5\tweb\n10.213.0.6\tdb\n");
    hosts_remove(store_fd, "web", "10.213.0.9/16"); /* another one's */
    hosts_remove(store_fd, "we", "10.213.0.5/16");
    hosts_remove(store_fd, "webb", "10.213.0.5/16");
    expect(HEADER "10.213.0.5\tweb\nfd00::5\tweb\n10.213.0.6\tdb\n");
    hosts_remove(store_fd, "web", "10.213.0.5/16");
    hosts_remove(store_fd, "web", "10.213.0.5/16");
    expect(HEADER "10.213.0.6\tdb\n");
    add("app", "app", "10.213.0.7/16", "fd00::7/64"); /* where web was */
    expect(HEADER "10.213.0.7\tapp\nfd00::7\tapp\n10.213.0.6\tdb\n");
    add("db", "db", "10.213.0.8/16", ""); /* once more, elsewhere */
    expect(HEADER "10.213.0.7\tapp\nfd00::7\tapp\n10.213.0.8\tdb\n");
    hosts_remove(store_fd, "db", "10.213.0.8/16");
    hosts_remove(store_fd, "app", "10.213.0.7/16");
    expect("none");
    hosts_remove(store_fd, "app", "10.213.0.7/16");
}

static void a_hostname_is_nobody_elses_name(void **state)
{
    (void)state;
    add("db", "db", "10.213.0.5/16", "");
    add("evil", "db", "10.213.0.6/16", ""); /* the name is taken */
    expect(HEADER "10.213.0.5\tdb\n10.213.0.6\tevil\n");
    add("other", "host", "10.213.0.7/16", "fd00::7/64");
    add("twin", "host", "10.213.0.8/16", ""); /* so is the hostname */
    expect(HEADER "10.213.0.5\tdb\n10.213.0.6\tevil\n10.213.0.7\tother host\nfd00::7\tother host\n"
                  "10.213.0.8\ttwin\n");
    add("host", "host", "10.213.0.9/16", ""); /* whose name it is, takes it back */
    expect(HEADER "10.213.0.5\tdb\n10.213.0.6\tevil\n10.213.0.7\tother\nfd00::7\tother\n10.213.0.8\ttwin\n"
                  "10.213.0.9\thost\n");
    static const char *const all[][2] = {{"db", "10.213.0.5/16"},
                                         {"evil", "10.213.0.6/16"},
                                         {"other", "10.213.0.7/16"},
                                         {"twin", "10.213.0.8/16"},
                                         {"host", "10.213.0.9/16"}};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        hosts_remove(store_fd, all[i][0], all[i][1]);
    expect("none");
}

static void the_longest_names_fit(void **state)
{
    (void)state;
    char name[64], hostname[65], six[] = "fd12:3456:789a:bcde:f012:3456:789a:bcde/64", expected[512];
    memset(name, 'n', sizeof name - 1);
    memset(hostname, 'h', sizeof hostname - 1);
    name[sizeof name - 1] = hostname[sizeof hostname - 1] = '\0';
    add(name, hostname, "255.255.255.255/16", six);
    snprintf(expected, sizeof expected, HEADER "255.255.255.255\t%s %s\n%.39s\t%s %s\n", name, hostname, six,
             name, hostname);
    expect(expected);
    hosts_remove(store_fd, name, "255.255.255.255/16");
    expect("none");
}

static void a_file_that_is_not_ours(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(mkdirat(store_fd, ".net", 0700) < 0 && errno != EEXIST, 0);
    int dir = openat(store_fd, ".net", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(fs_replace_at(dir, "hosts", "10.0.0.1 x\n", 11), 0);
    close(dir);
    assert_int_equal(hosts_add(store_fd, "a", "a", "10.213.0.5/16", "", NULL, &err), -EINVAL);
    assert_string_equal(err.text, "write the containers' /etc/hosts: Invalid argument");
    hosts_remove(store_fd, "a", "10.213.0.5/16");
    assert_int_equal(unlinkat(store_fd, ".net/hosts", 0), 0);
    assert_int_equal(symlinkat("/etc/hosts", store_fd, ".net/hosts"), 0);
    assert_int_equal(hosts_add(store_fd, "a", "a", "10.213.0.5/16", "", NULL, &err), -ELOOP);
    assert_int_equal(unlinkat(store_fd, ".net/hosts", 0), 0);
}

/* Many at once, coming and going: none is lost, and who reads meanwhile sees whole lines. */
static void at_the_same_time(void **state)
{
    (void)state;
    pid_t pids[8];
    for (int i = 0; i < 8; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i])
            continue;
        char name[16], address[32];
        struct err err = {0};
        int rc = 0;
        snprintf(name, sizeof name, "n%d", i);
        snprintf(address, sizeof address, "10.213.0.%d/16", i + 10);
        for (int n = 0; n < 50 && rc == 0; n++) {
            rc = hosts_add(store_fd, name, name, address, "", NULL, &err);
            if (n < 49)
                hosts_remove(store_fd, name, address);
        }
        _exit(rc < 0);
    }
    for (int i = 0; i < 8; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    cleanup_free char *names = read_names();
    for (int i = 0; i < 8; i++) {
        char line[48];
        snprintf(line, sizeof line, "\n10.213.0.%d\tn%d\n", i + 10, i);
        if (!strstr(names, line))
            fail_msg("not there: %s in %s", line, names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_and_go),     cmocka_unit_test(a_hostname_is_nobody_elses_name),
        cmocka_unit_test(the_longest_names_fit), cmocka_unit_test(a_file_that_is_not_ours),
        cmocka_unit_test(at_the_same_time),
    };
    return cmocka_run_group_tests(tests, make_store, remove_store);
}
