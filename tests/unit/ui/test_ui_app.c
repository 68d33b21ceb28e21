/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys, and the commands that come of them: boxtop is a script here that writes down how it was called.
 */
#include "keys.h"

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
        cmocka_unit_test_setup_teardown(test_questions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kill_menu, setup, teardown),
        cmocka_unit_test_setup_teardown(test_record, setup, teardown),
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
