/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "ui/outlet.h"

enum { MUCH = 1 << 20 };

/* A reader that has stopped holds nobody up; when it goes on it gets all of it, in order. */
static void test_slow(void **state)
{
    struct outlet outlet;
    int ends[2];
    static char bytes[MUCH], got[MUCH + 4];
    size_t have = 0;
    (void)state;
    for (size_t i = 0; i < MUCH; i++)
        bytes[i] = (char)('a' + i / 7 % 26);
    assert_int_equal(pipe(ends), 0);
    outlet_open(&outlet, ends[1]);
    assert_true(outlet.fd >= 0);
    assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
    uint64_t begin = clock_mono_ns();
    outlet_write(&outlet, bytes, MUCH);
    assert_true(outlet_busy(&outlet));
    outlet_write(&outlet, "end", 3);
    assert_true(clock_mono_ns() - begin < 5000000000u);
    while (have < MUCH + 3) {
        ssize_t count = read(ends[0], got + have, MUCH + 3 - have);
        assert_true(count > 0);
        have += (size_t)count;
        outlet_drain(&outlet);
    }
    assert_memory_equal(got, bytes, MUCH);
    assert_memory_equal(got + MUCH, "end", 3);
    assert_false(outlet_busy(&outlet));
    outlet_close(&outlet);
    close(ends[0]);
    close(ends[1]);
}

/* One that takes nothing at all is not waited for for long. */
static void test_stopped(void **state)
{
    struct outlet outlet;
    int ends[2];
    static char bytes[MUCH];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    outlet_open(&outlet, ends[1]);
    outlet_write(&outlet, bytes, MUCH);
    outlet_flush(&outlet);
    assert_false(outlet_busy(&outlet));
    /* And one that is gone is no reason to wait. */
    close(ends[0]);
    outlet_write(&outlet, bytes, MUCH);
    assert_false(outlet_busy(&outlet));
    outlet_close(&outlet);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_stopped),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
