/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The delegated unit, as far as it goes without a systemd: paths, messages.
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

#include "base/mem.h"
#include "core/unit.h"
#include "core/unit_wire.h"

static void test_common_ancestor(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other, *both;
    } rows[] = {
        {"/a/b", "/a/c", "/a"},
        {"/a/b/c", "/a/b/d/e", "/a/b"},
        {"/a", "/b", "/"},
        {"/", "/a", "/"},
        {"/a/bc", "/a/bd", "/a"},
        {"/a/b", "/a/bc", "/a"},
        {"/a/b", "/a/b", "/a/b"},
        {"/a/b", "/a/b/c", "/a/b"},
        {"/a/b/c", "/a/b", "/a/b"},
        {"/user.slice/user-1.slice/session-1.scope", "/user.slice/user-1.slice/user@1.service/app.slice/x",
         "/user.slice/user-1.slice"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char both[128];
        unit_common_ancestor(rows[i].one, rows[i].other, both, sizeof both);
        assert_string_equal(both, rows[i].both);
    }
}

static void test_messages(void **state)
{
    (void)state;
    int ends[2], fds[UNIT_FD_COUNT], sent[UNIT_FD_COUNT];
    struct unit_request request = {.version = UNIT_VERSION, .arguments = 3}, got;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    for (size_t i = 0; i < UNIT_FD_COUNT; i++)
        sent[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(unit_send(ends[0], &request, sizeof request, sent, UNIT_FD_COUNT), 0);
    assert_int_equal(unit_receive(ends[1], &got, sizeof got, fds, UNIT_FD_COUNT), 0);
    assert_int_equal(got.arguments, 3);
    for (size_t i = 0; i < UNIT_FD_COUNT; i++) {
        assert_true(fds[i] >= 0 && fcntl(fds[i], F_GETFD) == FD_CLOEXEC);
        fd_close(&fds[i]);
    }
    /* another size: not taken, nor are its descriptors */
    int next = dup(0);
    close(next);
    assert_int_equal(unit_send(ends[0], &request, sizeof request - 1, sent, UNIT_FD_COUNT), 0);
    assert_int_equal(unit_receive(ends[1], &got, sizeof got, fds, UNIT_FD_COUNT), -EBADMSG);
    for (size_t i = 0; i < UNIT_FD_COUNT; i++)
        assert_int_equal(fds[i], -1);
    assert_int_equal(unit_send(ends[0], &request, sizeof request, sent, UNIT_FD_COUNT), 0);
    assert_int_equal(unit_receive(ends[1], &got, sizeof(struct unit_answer), fds, 1), -EBADMSG);
    /* more descriptors than there is room for */
    assert_int_equal(unit_send(ends[0], &request, sizeof request, sent, UNIT_FD_COUNT), 0);
    assert_int_equal(unit_receive(ends[1], &got, sizeof got, fds, 1), 0);
    fd_close(&fds[0]);
    int after = dup(0);
    assert_int_equal(after, next);
    close(after);
    close(ends[0]);
    assert_int_equal(unit_receive(ends[1], &got, sizeof got, fds, 1), -ECONNRESET);
    close(ends[1]);
    for (size_t i = 0; i < UNIT_FD_COUNT; i++)
        close(sent[i]);
}

static void test_address(void **state)
{
    (void)state;
    struct sockaddr_un address;
    struct err err;
    char *before = mem_dup(getenv("XDG_RUNTIME_DIR")), longest[200];
    setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    assert_int_equal(unit_address(&address, &err), 0);
    assert_string_equal(address.sun_path, "/run/user/7/boxtop-unit.sock");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    setenv("XDG_RUNTIME_DIR", longest, 1);
    assert_int_equal(unit_address(&address, &err), -ENAMETOOLONG);
    if (before)
        setenv("XDG_RUNTIME_DIR", before, 1);
    else
        unsetenv("XDG_RUNTIME_DIR");
    free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_common_ancestor),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
