/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminal as such: a pseudo terminal is stdin and stdout, and what is written to it is counted.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include <locale.h>

#include "base/fs.h"
#include "scene.h"

#define MARK '\036' /* nothing that is drawn has them */
#define LAST '\035'

static struct app app;
static int master, saved[2];
static struct str written, taken;
static pthread_t reader;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;

/* The terminal's other end: it always reads, or what is written would wait. */
static void *read_all(void *data)
{
    char bytes[8192];
    ssize_t got;
    (void)data;
    while ((got = read(master, bytes, sizeof bytes)) > 0) {
        pthread_mutex_lock(&lock);
        str_add_bytes(&written, bytes, (size_t)got);
        pthread_cond_signal(&more);
        pthread_mutex_unlock(&lock);
        if (bytes[got - 1] == LAST)
            break;
    }
    return NULL;
}

/* The terminal has taken all of the frame. */
static void settle(void)
{
    while (outlet_busy(&app.term.outlet)) {
        poll(&(struct pollfd){app.term.outlet.fd, POLLOUT, 0}, 1, -1);
        outlet_drain(&app.term.outlet);
    }
}

static void draw(void)
{
    screen_draw(&app);
    settle();
}

/* What has been written since the last call: all of it, up to a mark that is written now. */
static const char *written_text(void)
{
    char mark = MARK;
    settle();
    assert_int_equal(write(STDOUT_FILENO, &mark, 1), 1);
    pthread_mutex_lock(&lock);
    while (!written.len || written.text[written.len - 1] != MARK)
        pthread_cond_wait(&more, &lock);
    str_clear(&taken);
    str_add_bytes(&taken, written.text, written.len - 1);
    str_clear(&written);
    pthread_mutex_unlock(&lock);
    return str_text(&taken);
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        count++;
    return count;
}

static void draw_all(void)
{
    app.stale = STALE_ALL;
    draw();
}

static int setup(void **state)
{
    struct winsize size = {36, 120, 0, 0};
    struct err err;
    int slave;
    (void)state;
    setlocale(LC_ALL, "C.UTF-8");
    if (openpty(&master, &slave, NULL, NULL, &size) < 0)
        return -1;
    setenv("TERM", "xterm-256color", 1);
    setenv("COLORTERM", "truecolor", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLORFGBG");
    for (int fd = 0; fd < 2; fd++) {
        saved[fd] = dup(fd);
        dup2(slave, fd);
    }
    close(slave);
    if (pthread_create(&reader, NULL, read_all, NULL) != 0)
        return -1;
    app_init(&app);
    if (term_start(&app.term, true, 0, 0, &err) < 0)
        return -1;
    scene_play(&app.model, 120);
    app_layout(&app);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char last = LAST;
    app_fini(&app);
    if (write(STDOUT_FILENO, &last, 1) == 1)
        pthread_join(reader, NULL);
    str_clear(&written);
    for (int fd = 0; fd < 2; fd++) {
        dup2(saved[fd], fd);
        close(saved[fd]);
    }
    close(master);
    return 0;
}

/* Nothing changed: nothing is written. A key is one frame, held together, and never a cleared screen. */
static void test_frames(void **state)
{
    (void)state;
    draw_all();
    assert_true(strlen(written_text()) > 2000);
    draw_all();
    draw_all();
    assert_int_equal(strlen(written_text()), 0);
    model_take(&app.model, scene_snapshot(120));
    draw_all();
    assert_int_equal(strlen(written_text()), 0);
    app_key(&app, 'j');
    draw();
    const char *frame = written_text();
    assert_int_equal(count_of(frame, "\033[?2026h"), 1);
    assert_int_equal(count_of(frame, "\033[?2026l"), 1);
    assert_int_equal(count_of(frame, "\033[2J") + count_of(frame, "\033[J"), 0);
    assert_ptr_equal(frame, strstr(frame, "\033[?2026h"));
    app_key(&app, '?');
    draw();
    app_key(&app, K_ESC);
    draw();
    frame = written_text();
    assert_int_equal(count_of(frame, "\033[2J") + count_of(frame, "\033[J"), 0);
}

/* Keys in the order in which they come; K_NONE: there is none within a while. */
static int next_key(void)
{
    for (int i = 0; i < 200; i++) {
        int key = term_key(&app.term);
        if (key != K_NONE)
            return key;
        poll(&(struct pollfd){STDIN_FILENO, POLLIN, 0}, 1, 5);
    }
    return K_NONE;
}

static void answer(const char *text)
{
    assert_int_equal(fs_write_all(master, text, strlen(text)), 0);
}

/* The terminal is asked for its ground, and may answer whenever it likes, in pieces, between keys. */
static void test_ground_is_asked(void **state)
{
    (void)state;
    assert_int_equal(count_of(written_text(), "\033]11;?\033\\"), 1);
    answer("j\033]11;rgb:ffff/ffff/ffff\033\\k");
    assert_int_equal(next_key(), 'j');
    assert_int_equal(next_key(), K_GROUND);
    assert_true(app.term.light);
    assert_int_equal(next_key(), 'k');
    answer("\033]11;rgb:00");
    while (poll(&(struct pollfd){STDIN_FILENO, POLLIN, 0}, 1, 0) == 0)
        continue;
    assert_int_equal(term_key(&app.term), K_NONE);
    answer("00/0000/0000\a");
    assert_int_equal(next_key(), K_GROUND);
    assert_false(app.term.light);
    answer("\033]12;x"); /* none of ours: dropped, and what follows are keys again */
    assert_int_equal(next_key(), ';');
    assert_int_equal(next_key(), 'x');
}

static void test_theme_follows_the_ground(void **state)
{
    (void)state;
    config_theme(&app);
    assert_string_equal(app.term.theme.name, "boxtop");
    app.term.light = true;
    config_theme(&app);
    assert_string_equal(app.term.theme.name, "boxtop-light");
    str_copy(app.config.theme, sizeof app.config.theme, "high-contrast");
    config_theme(&app);
    assert_string_equal(app.term.theme.name, "high-contrast");
}

static void test_alerts(void **state)
{
    (void)state;
    written_text();
    term_alert(&app.term, ALERT_NONE, "web");
    assert_string_equal(written_text(), "");
    term_alert(&app.term, ALERT_BELL, "web");
    assert_string_equal(written_text(), "\a");
    term_alert(&app.term, ALERT_OSC9, "web");
    assert_string_equal(written_text(), "\033]9;web\a");
    term_alert(&app.term, ALERT_OSC777, "web");
    assert_string_equal(written_text(), "\033]777;notify;boxtop;web\a");
}

/* Whatever was on, the terminal gets it back as it was. */
static void test_restored(void **state)
{
    (void)state;
    draw_all();
    written_text();
    term_stop(&app.term);
    const char *end = written_text();
    assert_int_equal(count_of(end, "\033[?1049l"), 1);
    assert_true(count_of(end, "\033[?1006l") > 0);
    assert_true(count_of(end, "\033[?25h") > 0 || count_of(end, "\033[?12l\033[?25h") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ground_is_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_theme_follows_the_ground, setup, teardown),
        cmocka_unit_test_setup_teardown(test_alerts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restored, setup, teardown),
    };
    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
