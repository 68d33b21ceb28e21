/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys, and the commands that come of them: boxtop is a script here that writes down how it was called.
 */
#include <fcntl.h>
#include <locale.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "core/unit.h"
#include "scene.h"
#include "ui/limits.h"

static struct app app;
static char directory[64], calls[128];

static void write_program(const char *body)
{
    int fd = open(app.program, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    cleanup_free char *text = mem_printf("#!/bin/sh\necho \"$*\" >> %s\n%s\n", calls, body);
    assert_true(fd >= 0 && fs_write_all(fd, text, strlen(text)) == 0);
    close(fd);
}

static int setup(void **state)
{
    struct err err;
    (void)state;
    setlocale(LC_ALL, "C.UTF-8");
    snprintf(directory, sizeof directory, "/tmp/boxtop-test.XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(calls, sizeof calls, "%s/calls", directory);
    cleanup_free char *states = mem_printf("%s/state", directory);
    setenv("XDG_STATE_HOME", states, 1);
    app_init(&app);
    snprintf(app.program, sizeof app.program, "%s/boxtop", directory);
    write_program("sleep 0.1");
    assert_int_equal(term_start_blind(&app.term, 36, 120, DEPTH_256, GLYPHS_BRAILLE, &err), 0);
    scene_play(&app.model, 120);
    app_layout(&app);
    model_follow(&app.model, "web");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    app_fini(&app);
    fs_remove_tree_at(AT_FDCWD, directory);
    return 0;
}

static bool busy(void)
{
    for (int i = 0; i < CALLS; i++)
        if (app.calls[i].job.pid)
            return true;
    for (int i = 0; i < GUESTS; i++)
        if (app.guests.list[i].pid)
            return true;
    return false;
}

/* Goes around until all commands have ended; what they were is *ret_calls, "|" between. */
static const char *finish(void)
{
    static char text[4096];
    uint64_t until = clock_mono_ns() + 20 * SECOND;
    while (busy() && clock_mono_ns() < until)
        app_once(&app, 50);
    assert_false(busy());
    ssize_t len = fs_read_at(AT_FDCWD, calls, text, sizeof text);
    text[len > 0 ? len - 1 : 0] = '\0';
    for (char *c = text; *c; c++)
        *c = *c == '\n' ? '|' : *c;
    unlink(calls);
    return text;
}

static void press(const char *keys)
{
    for (; *keys; keys++)
        app_key(&app, *keys);
}

static void show_limits(uint64_t quota_us, uint64_t memory_max)
{
    struct snapshot *now = scene_snapshot(121);
    now->time_ns = clock_mono_ns();
    sample_own(&now->rows[ROW_WEB])->now.cpu_quota_usec = quota_us;
    sample_own(&now->rows[ROW_WEB])->now.memory_max = memory_max;
    model_take(&app.model, now);
    turn_settle(&app);
}

/* What the terminal pane shows, as one text. */
static bool shows(const char *text)
{
    struct guest *guest = guests_shown(&app.guests);
    struct str all = {0};
    int rows = 0, cols = 0;
    if (guest)
        vt_size(guest->vt, &rows, &cols);
    for (int i = 0; i < rows * cols; i++) {
        struct vt_cell cell;
        vt_cell(guest->vt, i / cols, i % cols, &cell);
        str_addf(&all, "%c", cell.c ? (int)cell.c : ' ');
    }
    bool found = all.len && strstr(all.text, text);
    str_free(&all);
    return found;
}

static void wait_until_shown(const char *text)
{
    uint64_t until = clock_mono_ns() + 60 * SECOND;
    while (!shows(text) && clock_mono_ns() < until)
        app_once(&app, 50);
    if (!shows(text))
        fail_msg("the terminal pane never shows %s", text);
}

/* A shell in the pane: it has a terminal of that size, hears keys, and goes when it ends. */
static void test_shell(void **state)
{
    (void)state;
    write_program(
        "stty sane; echo in $TERM; stty size; read line; echo \"it said $line\"; read line; exit 3");
    press("e");
    assert_int_equal(app.focus, PANE_TERMINAL);
    wait_until_shown("in xterm-256color");
    wait_until_shown("118"); /* the pane has all but its border */
    press("quit?\r");        /* and no key is the screen's */
    assert_false(app.quit);
    wait_until_shown("it said quit?");
    app_key(&app, K_GROUP);
    assert_int_equal(app.focus, PANE_TABLE);
    press("j`"); /* out, and in again */
    assert_int_equal(app.focus, PANE_TERMINAL);
    app_key(&app, '\r');
    uint64_t until = clock_mono_ns() + 60 * SECOND;
    while (guests_shown(&app.guests) && guests_shown(&app.guests)->pid && clock_mono_ns() < until)
        app_once(&app, 50);
    if (guests_shown(&app.guests))
        press("x"); /* it ended so soon that its last words stay until a key */
    assert_null(guests_shown(&app.guests));
    assert_false(app.guests.visible);
    assert_int_equal(app.layout.pane[PANE_TERMINAL].h, 0);
    app.readonly = true;
    press("e");
    assert_null(guests_shown(&app.guests));
}

/* Three presses: one command with the first value, one with the last; the limit's value is shown at once. */
static void test_turn(void **state)
{
    (void)state;
    press("]]]");
    assert_string_equal(turn_pending(&app, "/boxtop/web", "cpu.max"), "80000 100000");
    assert_string_equal(finish(),
                        "set /boxtop/web cpu.max=60000 100000|set /boxtop/web cpu.max=80000 100000");
    assert_int_equal(app.status.kind, NOTICE_DONE);
    /* The snapshot is still of before: the next press goes on from what was wanted. */
    press("]");
    assert_string_equal(finish(), "set /boxtop/web cpu.max=90000 100000");
    show_limits(90000, 100 * MIB);
    assert_null(turn_pending(&app, "/boxtop/web", "cpu.max"));
}

static void test_turn_and_undo(void **state)
{
    (void)state;
    press("{{");
    const char *first = finish();
    assert_non_null(strstr(first, "set /boxtop/web memory.max="));
    show_limits(50000, 80 * MIB);
    press("]");
    finish();
    show_limits(60000, 80 * MIB);
    press("u");
    assert_string_equal(finish(), "set /boxtop/web cpu.max=50000 100000");
    show_limits(50000, 80 * MIB);
    /* The two presses on memory.max are one step back. */
    press("u");
    assert_string_equal(finish(), "set /boxtop/web memory.max=104857600");
    show_limits(50000, 100 * MIB);
    press("u");
    assert_string_equal(finish(), "");
    assert_string_equal(app.status.text, "nothing was changed from here that could be undone");
}

/* io.max by device and key, with the arrows: each is a limit of its own, for what is under way and for undo.
 */
static void test_turn_device(void **state)
{
    struct limit limits[LIMITS_MAX];
    (void)state;
    const struct sample *web = model_sample(&app.model, model_selected(&app.model));
    size_t count = limit_list_all(web, limits), at = 0;
    while (at < count && strcmp(limits[at].name, "io.max 8:0 rbps") != 0)
        at++;
    assert_in_range(at, 0, count - 4);
    assert_string_equal(limits[at].label, "sda rbps");
    app.focus = PANE_LIMITS;
    app.limit_selected = at;
    app_key(&app, K_LEFT);
    assert_string_equal(turn_pending(&app, "/boxtop/web", "io.max 8:0 rbps"), "8:0 rbps=3932160");
    assert_null(turn_pending(&app, "/boxtop/web", "io.max 8:0 wbps"));
    finish(); /* two commands at once end in any order */
    app_key(&app, K_DOWN);
    app_key(&app, K_LEFT);
    assert_string_equal(turn_pending(&app, "/boxtop/web", "io.max 8:0 wbps"), "8:0 wbps=1073741824");
    finish();
    assert_int_equal(app.model.change_count, 2);
    assert_string_equal(app.model.changes[0].before, "8:0 rbps=4194304");
    assert_string_equal(app.model.changes[1].before, "8:0 wbps=max");
    press("u");
    assert_string_equal(finish(), "set /boxtop/web io.max=8:0 wbps=max");
    press("u");
    assert_string_equal(finish(), "set /boxtop/web io.max=8:0 rbps=4194304");
    /* What = begins with is that device and key. */
    press("=");
    assert_string_equal(app.status.prompt.edit.text, "io.max=8:0 wbps=");
    app_key(&app, K_ESC);
}

static void test_turn_refused(void **state)
{
    (void)state;
    write_program("echo 'boxtop: set memory.max of /boxtop/web: no space' >&2; exit 1");
    press("}");
    finish();
    assert_int_equal(app.status.kind, NOTICE_ERROR);
    assert_string_equal(app.status.text, "set memory.max of /boxtop/web: no space");
    assert_null(turn_pending(&app, "/boxtop/web", "memory.max"));
    assert_int_equal(app.model.change_count, 0);
    press("g]");
    assert_string_equal(app.status.text, "cpu.max can't be turned here: the root group has no limits");
}

#define KILLS "it uses 64.0M, more than 32M: processes will be OOM killed"

/* Where `set` does not dare, the user is asked with its words; only y does it. */
static void test_turn_asks(void **state)
{
    (void)state;
    write_program("case $2 in --yes) exit 0;; esac\n"
                  "echo 'boxtop: set /boxtop/web memory.max: " KILLS "' >&2\n"
                  "echo 'boxtop: set: " SET_REFUSED "' >&2; exit 1");
    press("=\025memory.max=32M");
    assert_string_equal(app.status.prompt.note, "below the 64M in use: reclaims, then kills");
    press("\r");
    assert_string_equal(finish(), "set /boxtop/web memory.max=33554432");
    assert_int_equal(app.overlay.kind, OVERLAY_ASK);
    assert_string_equal(app.overlay.ask.text, "/boxtop/web: " KILLS);
    turn_settle(&app);
    press("n");
    assert_string_equal(finish(), "");
    assert_null(turn_pending(&app, "/boxtop/web", "memory.max"));
    press("=\025memory.max=32M\r");
    finish();
    press("y");
    assert_string_equal(finish(), "set --yes /boxtop/web memory.max=33554432");
    assert_int_equal(app.model.change_count, 1);
}

/* What it says besides is in the notice. */
static void test_turn_remark(void **state)
{
    (void)state;
    write_program("echo 'boxtop: set /boxtop/web pids.max: it has 3 tasks, more than 2' >&2");
    press("=\025pids.max=2");
    assert_string_equal(app.status.prompt.note, "below the 3 in use: no fork until it has fewer");
    press("\r");
    finish();
    assert_string_equal(app.status.text, "boxtop set /boxtop/web pids.max=2: it has 3 tasks, more than 2");
}

static void test_values(void **state)
{
    (void)state;
    press("V");
    assert_int_equal(app.overlay.kind, OVERLAY_MENU);
    assert_string_equal(app.overlay.menu.items[app.overlay.menu.selected].note, "as it is");
    press("k\r");
    assert_non_null(strstr(finish(), "set /boxtop/web memory.max="));
}

static void until_restored(void)
{
    uint64_t until = clock_mono_ns() + 20 * SECOND;
    while (turn_busy(&app) && clock_mono_ns() < until)
        app_once(&app, 50);
    assert_false(turn_busy(&app));
}

/* Changes of others' groups are asked about on leaving, and put back in the other order. */
static void test_leaving(void **state)
{
    (void)state;
    press("]");
    finish();
    press("q");
    assert_true(app.quit);
    app.quit = false;
    press("gjjjjjjj[");
    finish();
    press("=\025pids.max=7\r");
    finish();
    assert_int_equal(app.model.change_count, 3);
    press("q");
    assert_false(app.quit);
    assert_int_equal(app.overlay.kind, OVERLAY_ASK);
    press("\x1b");
    assert_int_equal(app.overlay.kind, OVERLAY_NONE);
    press("qr");
    until_restored();
    assert_string_equal(finish(),
                        "set --yes /system.slice pids.max=max|set --yes /system.slice cpu.max=max 100000");
    app_once(&app, 0);
    assert_true(app.quit);
    assert_int_equal(app.model.change_count, 1);
}

/* The list of changes: one of them, all of them, and as a script. */
static void test_changes(void **state)
{
    char text[600];
    (void)state;
    for (int i = 0; i < 3; i++) {
        press((const char *[]){"=\025cpu.weight=50\r", "=\025pids.max=7\r", "=\025memory.max=99M\r"}[i]);
        finish();
    }
    press("Yju");
    assert_string_equal(finish(), "set /boxtop/web pids.max=64");
    assert_int_equal(app.model.change_count, 2);
    press("w\025");
    press(directory);
    press("/changes.sh\r");
    cleanup_free char *path = mem_printf("%s/changes.sh", directory);
    ssize_t len = fs_read_at(AT_FDCWD, path, text, sizeof text);
    assert_true(len > 0);
    assert_string_equal(text,
                        "#!/bin/sh\n# what was set\necho 50 > /sys/fs/cgroup/boxtop/web/cpu.weight\n"
                        "echo 103809024 > /sys/fs/cgroup/boxtop/web/memory.max\n\n# back to how it was\n"
                        "echo 104857600 > /sys/fs/cgroup/boxtop/web/memory.max\n"
                        "echo 100 > /sys/fs/cgroup/boxtop/web/cpu.weight\n");
    press("YU");
    until_restored();
    assert_non_null(strstr(finish(), "cpu.weight=100"));
    assert_int_equal(app.model.change_count, 0);
}

static void test_typed_value(void **state)
{
    static const struct {
        const char *typed, *call, *notice;
    } cases[] = {
        {"memory.max=120M\r", "set /boxtop/web memory.max=125829120", NULL},
        {"cpu.max=1.5\r", "set /boxtop/web cpu.max=150000 100000", NULL},
        {"memory.max=lots\r", "", "memory.max: 'lots' is not a size (write 100M, 1.5G, bytes or max)"},
        {"memory\r", "", "a limit is set as NAME=VALUE, memory.max=120M for one"},
        {"memory.maxx=1\r", "", "no knob 'memory.maxx'"},
        {"\x1b", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        press("=\025");
        press(cases[i].typed);
        assert_string_equal(finish(), cases[i].call);
        if (cases[i].notice && strncmp(app.status.text, cases[i].notice, strlen(cases[i].notice)) != 0)
            assert_string_equal(app.status.text, cases[i].notice);
        show_limits(50000, 100 * MIB);
    }
    press("=\025cp\t\t\x1b");
    assert_false(status_asks(&app.status));
}

/* A question stands before what can't be taken back; only y does it. */
static void test_questions(void **state)
{
    (void)state;
    press("sn");
    assert_string_equal(finish(), "");
    press("s\r");
    assert_string_equal(finish(), "");
    press("sy");
    assert_string_equal(finish(), "stop web");
    assert_string_equal(app.status.text, "web stopped");
    press("fy");
    assert_string_equal(finish(), "pause web");
    model_follow(&app.model, "paused");
    press("fy");
    assert_string_equal(finish(), "resume paused");
}

static void test_kill_menu(void **state)
{
    (void)state;
    app_key(&app, key_parse("F9"));
    press("9");
    assert_string_equal(finish(), "kill --signal KILL web");
    app_key(&app, key_parse("F9"));
    press("jj\r");
    assert_string_equal(finish(), "kill --signal INT web");
    app_key(&app, key_parse("F9"));
    press("\x1b");
    assert_string_equal(finish(), "");
}

#define INTO       "exec -it "
#define BEST_SHELL " /bin/sh -c command -v bash >/dev/null && exec bash; exec sh"

static void test_form(void **state)
{
    (void)state;
    press("n\r");
    assert_string_equal(finish(), "run -d --init --name box1 --memory 100M --cpus 0.5 --pids-limit 64 "
                                  "--network private host sleep infinity|" INTO "box1" BEST_SHELL);
    assert_string_equal(app.status.text, "launched box1");
    /* What is wrong is not launched: the cursor goes there. */
    press("n\t\t\025web\r");
    assert_int_equal(app.overlay.kind, OVERLAY_FORM);
    assert_int_equal(app.overlay.form.focus, FIELD_NAME);
    assert_string_equal(finish(), "");
    press("\025x\t\025\t\025\t\025\t ");
    assert_int_equal(app.overlay.form.focus, FIELD_NETWORK);
    press("\t\t\t\t\025echo 'a b' | cat\r");
    assert_string_equal(finish(),
                        "run -d --init --name x --network none host /bin/sh -c echo 'a b' | cat|" INTO
                        "x" BEST_SHELL);
}

/* R starts a recorder that ends with this process, and R again ends it. */
static void test_record(void **state)
{
    (void)state;
    cleanup_free char *line =
        mem_printf("record --interval=1000ms --while=%d --detail=/boxtop/web -- a file", (int)getpid());
    cleanup_free char *ready = mem_printf("%s/ready", directory);
    cleanup_free char *body = mem_printf("trap 'exit 0' TERM; : > %s; while :; do sleep 0.05; done", ready);
    write_program(body);
    press("R\025a file\r");
    assert_true(past_records(&app));
    uint64_t until = clock_mono_ns() + 20 * SECOND;
    while (access(ready, F_OK) < 0 && clock_mono_ns() < until)
        app_once(&app, 20);
    press("R");
    assert_string_equal(finish(), line);
    assert_false(past_records(&app));
    assert_string_equal(app.status.text, "recorded: boxtop replay a file");
    app.readonly = true;
    press("R");
    assert_string_equal(app.status.text, "record: read-only: nothing is changed from here");
}

/* What was launched is one key away, and so is what got a name; the rest of the options, too. */
static void test_form_remembers(void **state)
{
    (void)state;
    press("n\t\025sleep 77\r");
    assert_non_null(strstr(finish(), "host sleep 77|"));
    press("n\022"); /* Ctrl-R */
    assert_int_equal(app.overlay.kind, OVERLAY_MENU);
    press("1");
    assert_int_equal(app.overlay.kind, OVERLAY_FORM);
    assert_string_equal(app.overlay.form.edit[FIELD_COMMAND].text, "sleep 77");
    press("\t\t\t\t\t\t\t-e 'A=b c'\023"); /* Ctrl-S */
    press("mine\r");
    press("\x1bn\022");
    assert_string_equal(app.overlay.menu.items[0].label, "mine: host  sleep 77");
    assert_string_equal(app.overlay.menu.items[0].note, "memory 100M  cpus 0.5  pids-limit 64  -e 'A=b c'");
    press("1\r");
    assert_non_null(strstr(finish(), " -e A=b c host sleep 77|"));
    press("n\030"); /* Ctrl-X */
    assert_int_equal(app.overlay.kind, OVERLAY_MENU);
    app_key(&app, K_ENTER);
    assert_int_equal(app.overlay.kind, OVERLAY_FORM);
    assert_int_equal(app.overlay.form.focus, FIELD_MORE);
    assert_true(app.overlay.form.edit[FIELD_MORE].len > 3);
    press("\025--no-such");
    assert_non_null(strstr(app.overlay.form.problem[FIELD_MORE], "--no-such"));
}

/* A menu of many is gone through by pages, ends and first letters; in a directory left goes up, right in. */
static void test_menu_keys(void **state)
{
    const struct menu *menu = &app.overlay.menu;
    char path[160];
    (void)state;
    for (int i = 0; i < 60; i++) {
        snprintf(path, sizeof path, "%s/many/%c%02d/in", directory, i < 50 ? 'a' : 'z', i);
        assert_int_equal(fs_mkdirs(path, 0755), 0);
    }
    press("n\025");
    press(directory);
    press("/many\017");
    screen_draw(&app);
    assert_int_equal(menu->count, 63); /* host, the directory itself, .. */
    app_key(&app, K_END);
    assert_string_equal(menu->items[menu->selected].label, "z59/");
    app_key(&app, K_DOWN);
    assert_int_equal(menu->selected, 0);
    app_key(&app, K_PAGE_DOWN);
    assert_int_equal(menu->selected, app.overlay.shown - 1);
    app_key(&app, K_PAGE_UP);
    assert_int_equal(menu->selected, 0);
    press("za");
    assert_string_equal(menu->items[menu->selected].label, "a00/");
    press("zz");
    assert_string_equal(menu->items[menu->selected].label, "z51/");
    app_key(&app, K_RIGHT);
    assert_non_null(strstr(app.overlay.title, "/many/z51"));
    app_key(&app, K_LEFT);
    app_key(&app, K_LEFT);
    assert_string_equal(strstr(app.overlay.title, "/tmp/"), directory);
    app_key(&app, K_ESC);
    assert_int_equal(app.overlay.kind, OVERLAY_FORM);
}

/* A name whose cgroup is there already is another state directory's, or was left behind: it is not offered.
 */
static void test_form_name(void **state)
{
    struct cgroupfs fs = {.layout = CGROUP_LAYOUT_UNIFIED};
    (void)state;
    unit_locate(&fs);
    cleanup_free char *mount = mem_printf("%s/cgroup", directory),
                      *group = mem_printf("%s%s/box1", mount, fs.base);
    assert_int_equal(fs_mkdirs(group, 0755), 0);
    str_copy(app.model.now->cgroupfs.mount, sizeof app.model.now->cgroupfs.mount, mount);
    app.has_store = true;
    press("n");
    assert_string_equal(app.overlay.form.edit[FIELD_NAME].text, "box2");
    press("\t\t\025box1");
    assert_non_null(strstr(app.overlay.form.problem[FIELD_NAME], "taken: there is a cgroup"));
    press("\r");
    assert_string_equal(finish(), "");
    press("\025box3");
    assert_string_equal(app.overlay.form.problem[FIELD_NAME], "");
}

/* A directory is gone into, an archive or the directory itself becomes the root. */
static void test_form_roots(void **state)
{
    (void)state;
    cleanup_free char *inner = mem_printf("%s/inner", directory),
                      *archive = mem_printf("%s/inner/a.tar.gz", directory);
    assert_int_equal(mkdir(inner, 0755), 0);
    close(open(archive, O_WRONLY | O_CREAT, 0644));
    press("n\025");
    press(directory);
    press("\017"); /* Ctrl-O */
    assert_int_equal(app.overlay.kind, OVERLAY_MENU);
    for (int i = 0; i < app.overlay.menu.count; i++)
        if (strcmp(app.overlay.menu.items[i].label, "inner/") == 0)
            app.overlay.menu.selected = i;
    app_key(&app, K_ENTER);
    assert_string_equal(app.overlay.form.browsed, inner);
    assert_string_equal(app.overlay.menu.items[app.overlay.menu.count - 1].label, "a.tar.gz");
    app.overlay.menu.selected = app.overlay.menu.count - 1;
    app_key(&app, K_ENTER);
    assert_int_equal(app.overlay.kind, OVERLAY_FORM);
    assert_string_equal(app.overlay.form.edit[FIELD_ROOT].text, archive);
    assert_string_equal(app.overlay.form.problem[FIELD_ROOT], "");
    press("\025no-such-image");
    assert_non_null(strstr(app.overlay.form.problem[FIELD_ROOT], "no such image"));
}

static void test_launch_fails(void **state)
{
    (void)state;
    write_program("echo 'boxtop: container box1: no rights (be root)' >&2; exit 125");
    press("n\r");
    finish();
    assert_int_equal(app.status.kind, NOTICE_ERROR);
    assert_string_equal(app.status.text, "container box1: no rights (be root)");
    assert_int_equal(app.overlay.kind, OVERLAY_FORM); /* with what was typed, and why */
    assert_string_equal(app.overlay.form.failure, "container box1: no rights (be root)");
    press("\x1b");
    /* Nothing that a command writes reaches the terminal raw. */
    write_program("printf 'boxtop: evil \\033[2J\\n' >&2; exit 1");
    press("sy");
    finish();
    assert_string_equal(app.status.text, "evil \\x1b[2J");
    write_program("exit 1");
    press("sy");
    finish();
    assert_string_equal(app.status.text, "it failed without a word");
    app.program[0] = '\0';
    press("sy");
    assert_string_equal(app.status.text, "the program boxtop was not found");
}

static void test_log(void **state)
{
    (void)state;
    write_program("i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i; done");
    press("l");
    finish();
    assert_int_equal(app.overlay.kind, OVERLAY_TEXT);
    screen_draw(&app);
    assert_int_equal(app.overlay.lines, 100);
    assert_int_equal(app.overlay.scroll, 100 - app.overlay.shown);
    press("gjj");
    assert_int_equal(app.overlay.scroll, 2);
    press("\x1b");
    assert_int_equal(app.overlay.kind, OVERLAY_NONE);
}

/* It is there while it goes on, and ends with its page. */
static void test_log_follows(void **state)
{
    (void)state;
    write_program("echo first; sleep 1000");
    press("l");
    uint64_t until = clock_mono_ns() + 60 * SECOND;
    while (!strstr(str_text(&app.overlay.text), "first") && clock_mono_ns() < until)
        app_once(&app, 50);
    assert_string_equal(str_text(&app.overlay.text), "first\n");
    assert_true(busy());
    press("\x1b");
    assert_non_null(strstr(finish(), "logs -n 5000 -f web"));
    assert_int_equal(app.status.kind, NOTICE_NONE);
}

/* The page of how a group was made has its script beside it. */
static void test_script(void **state)
{
    (void)state;
    cleanup_free char *path = mem_printf("%s/how.sh", directory), *text = NULL;
    press("gx");
    assert_int_equal(app.overlay.kind, OVERLAY_TEXT);
    press("c");
    assert_string_equal(app.status.text, "copied: the script");
    press("w\025");
    press(path);
    press("\r");
    assert_true(fs_read_whole_at(AT_FDCWD, path, 1 << 16, &text) > 0);
    assert_non_null(strstr(text, "/cgroup.procs"));
    assert_int_equal(app.overlay.kind, OVERLAY_TEXT);
    press("w\025");
    press(path);
    press("\r"); /* nothing is written over */
    assert_int_equal(app.status.kind, NOTICE_ERROR);
}

/* Every action that writes refuses, whatever is pressed, and starts nothing. */
static void test_readonly(void **state)
{
    (void)state;
    app.readonly = true;
    for (int id = 1; id < ACTION_COUNT; id++) {
        if (!(action_table[id].needs & NEEDS_WRITE))
            continue;
        status_clear(&app.status);
        action_run(&app, (enum action_id)id);
        assert_non_null(strstr(app.status.text, "read-only"));
        assert_int_equal(app.overlay.kind, OVERLAY_NONE);
        assert_false(status_asks(&app.status));
    }
    press(":memory.max=1M\r");
    app.focus = PANE_LIMITS;
    app_key(&app, K_RIGHT);
    app_mouse(&app, &(struct term_mouse){app.layout.pane[PANE_LIMITS].y + 1, 3, 1, 0});
    press("=uy[]{}sfn");
    assert_string_equal(finish(), "");
}

/* What is not boxtop's is not ended from here, and the line says so. */
static void test_others(void **state)
{
    (void)state;
    press("gjjjjjjj");
    assert_string_equal(model_selected(&app.model)->container < 0 ? "other" : "ours", "other");
    press("sy");
    assert_string_equal(finish(), "");
    assert_string_equal(app.status.text,
                        "stop: this is not one of boxtop's containers: only its limits can be turned");
    press("[");
    assert_non_null(strstr(finish(), "set /system.slice cpu.max="));
}

/* What is asked for is done to all that are tagged, in one command; one that can't be is said. */
static void test_tagged(void **state)
{
    (void)state;
    press("g");
    model_follow(&app.model, "api");
    press("  s");
    assert_string_equal(app.status.prompt.text, "stop api and leak? (boxtop stop api leak)");
    press("y");
    assert_non_null(strstr(finish(), "stop api leak"));
    press("U");
    model_follow(&app.model, "web");
    press(" g s");
    assert_string_equal(app.status.text,
                        "stop: this is not one of boxtop's containers: only its limits can be turned");
    press("\x1b");
    assert_int_equal(app.model.tag_count, 0);
}

static void test_focus_and_zoom(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        app_key(&app, K_TAB);
        assert_true(app.layout.pane[app.focus].h > 0);
    }
    app.focus = PANE_CPU;
    app_key(&app, K_ENTER);
    assert_int_equal(app.wish.zoomed, PANE_CPU);
    app_key(&app, K_TAB);
    assert_int_equal(app.wish.zoomed, PANE_MEMORY);
    press("\x1b");
    assert_int_equal(app.wish.zoomed, -1);
    press("\x1b");
    assert_int_equal(app.focus, PANE_TABLE);
}

static void test_panes_by_number(void **state)
{
    static const enum pane_id numbered[] = {PANE_CPU, PANE_MEMORY, PANE_LIMITS, PANE_ABOUT, PANE_EVENTS},
                              others[] = {PANE_PROCESSES, PANE_PRESSURE, PANE_IO, PANE_NETWORK,
                                          PANE_NAMESPACES};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbered); i++) {
        press((char[]){(char)('1' + i), 0});
        assert_int_equal(app.layout.pane[numbered[i]].h, 0);
    }
    assert_int_equal(app.layout.pane[PANE_TABLE].h, 31);
    press("12345");
    assert_true(app.layout.pane[PANE_EVENTS].h > 0);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        press((char[]){"67890"[i], 0});
        assert_true(app.layout.pane[others[i]].h > 0);
        press((char[]){"67890"[i], 0});
        assert_int_equal(app.layout.pane[others[i]].h, 0);
    }
}

static unsigned looked_at(uint64_t id)
{
    struct look_list wanted;
    unsigned parts = 0;
    look_wanted(&app, &wanted);
    for (size_t i = 0; i < wanted.count; i++)
        parts |= wanted.items[i].id == id ? wanted.items[i].parts : 0;
    return parts;
}

/* Only what the screen shows is read. */
static void test_look(void **state)
{
    (void)state;
    model_follow(&app.model, "web");
    screen_draw(&app);
    assert_false(looked_at(14) & DETAIL_NAMESPACES);
    press("0");
    assert_true(looked_at(14) & DETAIL_NAMESPACES);
    assert_false(looked_at(11) & DETAIL_NAMESPACES);
    app.wish = (struct layout_wish){.hidden = ~0u, .zoomed = -1};
    app_layout(&app);
    app.columns.count = 0;
    assert_int_equal(looked_at(14), DETAIL_SHOWN); /* its own row */
    press("v");
    assert_true(looked_at(14) & DETAIL_PROCESSES);
}

static void test_mouse(void **state)
{
    const struct rect *table = &app.layout.pane[PANE_TABLE];
    (void)state;
    screen_draw(&app);
    app_mouse(&app, &(struct term_mouse){table->y + 4, 10, 0, 0});
    assert_int_equal(app.model.selected, app.model.top + 2);
    app_mouse(&app, &(struct term_mouse){table->y + 1, 1 + app.columns.x[COLUMN_MEMORY], 0, 0});
    assert_int_equal(app.model.sort, COLUMN_MEMORY);
    app_mouse(&app, &(struct term_mouse){table->y + 1, 1 + app.columns.x[COLUMN_CPU_BAR] + 1, 0, 0});
    assert_int_equal(app.model.sort, COLUMN_CPU);
    app_mouse(&app, &(struct term_mouse){table->y + 1, 1 + app.columns.x[COLUMN_MEMORY], 0, 2});
    assert_int_equal(app.overlay.kind, OVERLAY_TEXT);
    assert_non_null(strstr(app.overlay.text.text, "memory.current"));
    app_key(&app, K_ESC);
    app_mouse(&app, &(struct term_mouse){app.term.rows - 1, 1, 0, 0});
    assert_int_equal(app.overlay.kind, OVERLAY_TEXT); /* F1 */
    app_key(&app, K_ESC);
    size_t before = app.model.selected;
    app_mouse(&app, &(struct term_mouse){table->y + 4, 10, 1, 0});
    assert_int_equal(app.model.selected, before + 3);
}

static void test_mouse_reports(void **state)
{
    static const struct {
        const char *report;
        bool ours;
        struct term_mouse mouse;
    } cases[] = {
        {"<0;10;5M", true, {4, 9, 0, 0}},       {"<64;1;1M", true, {0, 0, -1, 0}},
        {"<65;300;90M", true, {89, 299, 1, 0}}, {"<4;10;5M", true, {4, 9, 0, 0}},
        {"<0;10;5m", false, {0, 0, 0, 0}},      {"<2;10;5M", true, {4, 9, 0, 2}},
        {"<35;10;5M", false, {0, 0, 0, 0}},     {"<0;0;5M", false, {0, 0, 0, 0}},
        {"<0;10M", false, {0, 0, 0, 0}},        {"<0;999999999999;5M", false, {0, 0, 0, 0}},
        {"200~", false, {0, 0, 0, 0}},          {"", false, {0, 0, 0, 0}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct term_mouse mouse;
        assert_int_equal(term_parse_mouse(cases[i].report, &mouse), cases[i].ours);
        if (cases[i].ours)
            assert_memory_equal(&mouse, &cases[i].mouse, sizeof mouse);
    }
}

static void test_ground(void **state)
{
    static const struct {
        const char *reply;
        int light;
    } replies[] = {{"11;rgb:ffff/ffff/ffff", 1},
                   {"11;rgb:0000/0000/0000", 0},
                   {"11;rgb:ff/ff/f0", 1},
                   {"11;rgb:1a1a/1b1b/2626", 0},
                   {"11;rgb:fdf6/f6e3/e3d0", 1},
                   {"11;rgb:", -EINVAL},
                   {"10;rgb:ffff/ffff/ffff", -EINVAL},
                   {"11;rgb:ffff/ffff", -EINVAL},
                   {"11;?", -EINVAL},
                   {"", -EINVAL}},
      hints[] = {{"15;0", 0},     {"0;15", 1},    {"0;default;7", 1},
                 {"0;", -EINVAL}, {"7", -EINVAL}, {"0;1234567", -EINVAL}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(replies); i++)
        assert_int_equal(term_parse_ground(replies[i].reply), replies[i].light);
    for (size_t i = 0; i < COUNT_OF(hints); i++)
        assert_int_equal(term_parse_fgbg(hints[i].reply), hints[i].light);
    assert_int_equal(term_parse_fgbg(NULL), -EINVAL);
}

static void test_scores(void **state)
{
    (void)state;
    assert_int_equal(palette_score("sort-cpu", "xyz"), 0);
    assert_int_equal(palette_score("sort-cpu", "ucp"), 0);
    assert_true(palette_score("sort-cpu", "") > 0);
    assert_true(palette_score("sort", "sort") > palette_score("sort-cpu", "sort"));
    assert_true(palette_score("cpu-up", "cpu") > palette_score("sort-cpu", "cpu"));
    assert_true(palette_score("sort-cpu", "cpu") > palette_score("xcpux", "cpu"));
    assert_true(palette_score("xcpux", "cpu") > palette_score("columns-up", "cpu"));
    assert_true(palette_score("freeze-view", "FV") > 0);
}

/* A limit is chosen, and typed on. */
static void test_palette_limit(void **state)
{
    (void)state;
    press("g");
    model_follow(&app.model, "web");
    press(":pids.max\r");
    assert_int_equal(app.overlay.kind, OVERLAY_PALETTE);
    assert_string_equal(app.overlay.palette.edit.text, "pids.max=");
    press("30\r");
    assert_int_equal(app.overlay.kind, OVERLAY_NONE);
    assert_non_null(strstr(finish(), "set /boxtop/web pids.max=30"));
}

static void test_command_line(void **state)
{
    (void)state;
    press(":sort-c\t\r");
    assert_int_equal(app.model.sort, COLUMN_CPU);
    press(":nonsense\r");
    assert_string_equal(app.status.text, "no action is called nonsense (Tab completes, ? lists them)");
    press(":q\t\r");
    assert_true(app.quit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shell, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_and_undo, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_device, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_asks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_remark, setup, teardown),
        cmocka_unit_test_setup_teardown(test_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leaving, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typed_value, setup, teardown),
        cmocka_unit_test_setup_teardown(test_questions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kill_menu, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form, setup, teardown),
        cmocka_unit_test_setup_teardown(test_record, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form_remembers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_menu_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form_roots, setup, teardown),
        cmocka_unit_test_setup_teardown(test_launch_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_follows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_script, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log, setup, teardown),
        cmocka_unit_test_setup_teardown(test_readonly, setup, teardown),
        cmocka_unit_test_setup_teardown(test_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ground, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scores, setup, teardown),
        cmocka_unit_test_setup_teardown(test_palette_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tagged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_focus_and_zoom, setup, teardown),
        cmocka_unit_test_setup_teardown(test_panes_by_number, setup, teardown),
        cmocka_unit_test_setup_teardown(test_look, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mouse, setup, teardown),
        cmocka_unit_test(test_mouse_reports),
        cmocka_unit_test_setup_teardown(test_command_line, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
