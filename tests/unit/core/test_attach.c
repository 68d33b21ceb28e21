/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The keeper's side of attach.sock, with clients in the same process.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/attach.h"

struct place {
    char path[32];
    int dir;
    struct attach attach;
    struct relay input;
    char bytes[RELAY_BYTES];
};

static int set_up(void **state)
{
    struct place *p = mem_alloc(sizeof *p);
    strcpy(p->path, "/tmp/boxtop-test-XXXXXX");
    assert_non_null(mkdtemp(p->path));
    p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    p->input = (struct relay){
        .from = -1, .to = open("/dev/null", O_WRONLY | O_CLOEXEC), .close_to = true, .bytes = p->bytes};
    assert_int_equal(attach_open(&p->attach, p->dir), 0);
    *state = p;
    return 0;
}

static int take_down(void **state)
{
    struct place *p = *state;
    attach_close(&p->attach);
    fd_close(&p->input.to);
    fd_close(&p->dir);
    fs_remove_tree_at(AT_FDCWD, p->path);
    free(p);
    return 0;
}

/* What the keeper does when something has come. */
static void turn(struct place *p)
{
    struct pollfd polled[ATTACH_POLLED];
    attach_poll(&p->attach, p->input.begin < p->input.end, polled);
    poll(polled, COUNT_OF(polled), 0);
    attach_run(&p->attach, polled, &p->input, -1);
}

static int client(struct place *p)
{
    int fd = attach_connect(p->dir);
    assert_true(fd >= 0);
    turn(p);
    return fd;
}

static void test_say(void **state)
{
    struct place *p = *state;
    char got[64];
    int one = client(p), two = client(p);
    attach_say(&p->attach, STREAM_STDERR, "oops", 4);
    assert_int_equal(recv(one, got, sizeof got, MSG_DONTWAIT), 5);
    assert_memory_equal(got, "eoops", 5);
    assert_int_equal(recv(two, got, sizeof got, MSG_DONTWAIT), 5);
    close(one); /* the other stays */
    turn(p);
    attach_say(&p->attach, STREAM_STDOUT, "x", 1);
    assert_int_equal(recv(two, got, sizeof got, MSG_DONTWAIT), 2);
    assert_memory_equal(got, "ox", 2);
    close(two);
}

static void test_input(void **state)
{
    struct place *p = *state;
    char large[1 + ATTACH_BYTES + 100];
    int fd = client(p);
    memset(large, 'i', sizeof large);
    assert_int_equal(attach_send(fd, ATTACH_INPUT, "typed", 5), 0);
    assert_int_equal(attach_send(fd, ATTACH_INPUT, "more", 4), 0);
    turn(p);
    assert_int_equal(p->input.end - p->input.begin, 5);
    assert_memory_equal(p->input.bytes, "typed", 5);
    turn(p); /* not read yet: nothing is lost, nothing is overwritten */
    assert_memory_equal(p->input.bytes, "typed", 5);
    p->input.begin = p->input.end;
    turn(p);
    assert_memory_equal(p->input.bytes + p->input.begin, "more", 4);
    p->input.begin = p->input.end;
    assert_true(send(fd, large, sizeof large, 0) >
                0); /* what is too long is cut, and nothing beyond it written */
    turn(p);
    assert_int_equal(p->input.end, ATTACH_BYTES);
    p->input.begin = p->input.end;
    assert_int_equal(send(fd, "?rubbish", 8, 0), 8);
    assert_int_equal(attach_send(fd, ATTACH_SIZE, "xx", 2), 0);
    turn(p);
    turn(p);
    assert_int_equal(attach_send(fd, ATTACH_END, NULL, 0), 0);
    assert_true(p->input.to >= 0);
    turn(p);
    assert_int_equal(p->input.to, -1);
    close(fd);
}

static void test_slow(void **state)
{
    struct place *p = *state;
    char bytes[4096] = {0};
    int fd = client(p);
    for (int i = 0; i < 1000; i++)
        attach_say(&p->attach, STREAM_STDOUT, bytes, sizeof bytes); /* never waits */
    assert_int_equal(p->attach.clients[0], -1);
    close(fd);
}

static void test_many(void **state)
{
    struct place *p = *state;
    int fds[ATTACH_CLIENTS + 1];
    char byte;
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        fds[i] = client(p);
    assert_int_equal(recv(fds[ATTACH_CLIENTS], &byte, 1, MSG_DONTWAIT), 0); /* one too many: let go */
    assert_int_equal(recv(fds[0], &byte, 1, MSG_DONTWAIT), -1);
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        close(fds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_say, set_up, take_down),
        cmocka_unit_test_setup_teardown(test_input, set_up, take_down),
        cmocka_unit_test_setup_teardown(test_slow, set_up, take_down),
        cmocka_unit_test_setup_teardown(test_many, set_up, take_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
