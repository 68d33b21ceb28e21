/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every dialog: what each action of the table of actions opens, and what is opened from there. Whole screens
 * at the smallest size; of the others what stands in front, all of a size in one file. A dialog that comes
 * new has no golden screen, and fails. boxtop is a script here.
 */
#include "screens.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "core/unit.h"
#include "ui/act.h"
#include "ui/launches.h"

#define LAST_LINE "GET /last 200"

static bool seen[OVERLAY_KINDS];
static char place[64];

/* ---- a place for it ---- */

static void put_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0 && fs_write_all(fd, text, strlen(text)) == 0);
    close(fd);
}

/* boxtop: it has a log, and does not dare to set a limit. */
static const char program[] =
    "#!/bin/sh\n"
    "case $1 in\n"
    "logs) i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo \"12:00:$i GET /page/$i 200\"\n"
    "  [ $((i % 20)) -ne 7 ] || echo \"12:00:$i error: upstream is not there\"; done\n"
    "  echo '12:01:00 " LAST_LINE "'; exec sleep 1000 ;;\n"
    "set) echo 'boxtop: set /boxtop/web memory.max: it uses 64.0M, more than 32M: processes will be OOM "
    "killed'\n"
    "  echo 'boxtop: set: " SET_REFUSED "'; exit 1 ;;\n"
    "*) exec sleep 1000 ;;\n"
    "esac >&2\n";

static void make_files(void)
{
    static const char *const files[][2] = {
        {"cgroup/boxtop/web/cpu.max", "50000 100000\n"},
        {"cgroup/boxtop/web/cpu.stat", "usage_usec 149700\nnr_periods 100\nnr_throttled 98\n"},
        {"cgroup/boxtop/web/memory.current", "67108864\n"},
        {"cgroup/boxtop/web/memory.events", "low 0\nhigh 0\nmax 57\noom 0\noom_kill 0\n"},
        {"cgroup/boxtop/web/memory.max", "104857600\n"},
        {"images/images/alpine.json", "{}"},
        {"images/images/debian.json", "{}"},
        {"roots/minimal.tar.gz", ""},
        {"roots/readme.txt", ""},
        {"xdg/boxtop/launches",
         "[proof]\nRoot = host\nCommand = stress --vm 1\nMemory = 100M\nMore = --swap=0\n"
         "[recent 1]\nRoot = alpine\nCommand = sleep infinity\n"}};
    static const char *const places[][2] = {{"XDG_STATE_HOME", "xdg"}, {"BOXTOP_STATE", "state"}};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        cleanup_free char *directory = mem_dup(files[i][0]);
        *strrchr(directory, '/') = '\0';
        assert_int_equal(fs_mkdirs(directory, 0755), 0);
        put_file(files[i][0], files[i][1], 0644);
    }
    assert_int_equal(fs_mkdirs("roots/trixie", 0755), 0);
    put_file("program", program, 0755);
    for (size_t i = 0; i < COUNT_OF(places); i++)
        setenv(places[i][0], places[i][1], 1);
    cleanup_free char *images = mem_printf("%s/images", place);
    setenv("BOXTOP_IMAGES", images, 1);
}

/* A record of web: how it was made can be said. */
static void make_record(void)
{
    char *const line[] = {(char[]){"--name=web"},     (char[]){"-m100M"},        (char[]){"--cpus=0.5"},
                          (char[]){"--network=none"}, (char[]){"--userns=host"}, (char[]){"host"},
                          (char[]){"sleep"},          (char[]){"infinity"},      NULL};
    struct store store;
    struct spec spec;
    struct container container;
    struct err err;
    bool explain, help;
    int dir_fd, lock_fd;
    spec_init(&spec);
    assert_int_equal(store_open(&store, &err), 0);
    assert_int_equal(spec_parse(&spec, COUNT_OF(line) - 1, (char **)(uintptr_t)line, &explain, &help, &err),
                     0);
    container_init(&container, &spec);
    assert_int_equal(store_create(&store, &spec, &container, &dir_fd, &lock_fd, &err), 0);
    close(dir_fd);
    close(lock_fd);
    container_free(&container);
    spec_free(&spec);
    store_close(&store);
}

static int make_place(void **state)
{
    (void)state;
    snprintf(place, sizeof place, "/tmp/boxtop-test.XXXXXX");
    assert_non_null(mkdtemp(place));
    assert_int_equal(chdir(place), 0);
    make_files();
    make_record();
    return 0;
}

static int remove_place(void **state)
{
    (void)state;
    return chdir("/") == 0 ? fs_remove_tree_at(AT_FDCWD, place) : -1;
}

/* ---- the scene ---- */

struct view {
    const char *name;
    int rows, cols;
    enum theme_depth depth;
    enum glyph_set glyphs;
};

static void begin(const struct view *view)
{
    static const struct change changes[] = {
        {"/boxtop/web", "memory.max", "104857600", "67108864", SCENE_AT + 61 * SECOND, false},
        {"/system.slice/ssh.service", "cpu.max", "max 100000", "50000 100000", SCENE_AT + 75 * SECOND, true}};
    struct err err;
    start(view->rows, view->cols, view->depth, view->glyphs);
    select_box("web");
    str_copy(app.program, sizeof app.program, "./program");
    str_copy(app.model.now->cgroupfs.mount, sizeof app.model.now->cgroupfs.mount, "cgroup");
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        model_changed(&app.model, &changes[i]);
    app.has_store = store_open(&app.store, &err) == 0;
    app.history = history_new(1 << 20);
    past_start(&app, &history_past, app.history, false);
    app.selected_ns = 0;
}

static bool is_open(void)
{
    return app.overlay.kind != OVERLAY_NONE || status_asks(&app.status);
}

/* Whether a command has still something to say. */
static bool is_awaited(void)
{
    for (size_t i = 0; i < CALLS; i++)
        if (app.calls[i].job.pid &&
            (app.calls[i].kind != CALL_FOLLOW || !strstr(str_text(&app.overlay.text), LAST_LINE)))
            return true;
    return false;
}

static void replace(struct str *text, const char *from, const char *to)
{
    struct str changed = {0};
    const char *at = str_text(text), *found;
    for (; from[0] && (found = strstr(at, from)); at = found + strlen(from)) {
        str_add_bytes(&changed, at, (size_t)(found - at));
        str_add(&changed, to);
    }
    str_add(&changed, at);
    str_free(text);
    *text = changed;
}

/* What depends on the machine and the moment: where its cgroups are, a file's name with the time in it. */
static void make_same(void)
{
    struct cgroupfs fs;
    cgroupfs_find(&fs, NULL, NULL);
    unit_locate(&fs);
    cleanup_free char *base = mem_printf("%s%s", fs.mount, fs.base);
    if (app.overlay.kind == OVERLAY_TEXT) {
        replace(&app.overlay.text, base, "/sys/fs/cgroup/boxtop");
        replace(&app.overlay.text, fs.mount, "/sys/fs/cgroup");
    }
    if (app.status.prompt.label && str_starts(app.status.prompt.edit.text, "boxtop-"))
        edit_set(&app.status.prompt.edit, "boxtop-2026-11-26-1518.rec");
    app.status.kind = NOTICE_NONE;
    app.pressed.count = 0;
    app.stale = STALE_ALL;
}

static void settle(void)
{
    uint64_t until = clock_mono_ns() + 60 * SECOND;
    while (is_awaited() && clock_mono_ns() < until)
        app_once(&app, 20);
    assert_false(is_awaited());
    screen_draw(&app);
    make_same();
    seen[app.overlay.kind] = true;
}

/* ---- what opens dialogs ---- */

/* Which themes there are is the machine's affair. */
static void three_themes(void)
{
    static const char *const names[] = {"boxtop", "boxtop-light", "high-contrast"};
    app.overlay.menu.count = (int)COUNT_OF(names);
    app.overlay.menu.selected = 0;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        str_copy(app.overlay.menu.items[i].label, sizeof app.overlay.menu.items[i].label, names[i]);
        str_copy(app.overlay.menu.items[i].note, sizeof app.overlay.menu.items[i].note, "built in");
    }
}

/* False: it opens nothing. */
static bool open_by_action(enum action_id id)
{
    if (id == ACTION_SHELL_FULL || id == ACTION_ATTACH_FULL) /* they take the whole terminal */
        return false;
    action_run(&app, id);
    if (!is_open() && id != ACTION_FIGURES)
        return false;
    settle();
    if (id == ACTION_THEME)
        three_themes();
    return is_open();
}

static void look_into_roots(void)
{
    str_copy(app.overlay.form.browsed, sizeof app.overlay.form.browsed, "roots");
}

static void help_on_memory(void)
{
    act_help_column(&app, COLUMN_MEMORY);
}

/* From dialogs, and by other ways than an action: keys, then something else, then keys. */
static const struct way {
    const char *name, *keys;
    void (*then)(void);
    const char *more;
} ways[] = {
    {"new-roots", "n", look_into_roots, "\017"},
    {"new-launches", "n\022", NULL, ""},
    {"new-options", "n\030", NULL, ""},
    {"new-keep", "n\023", NULL, "my-own"},
    {"new-problem", "n\t\t\025web", NULL, ""},
    {"leave", "q", NULL, ""},
    {"set-asks", "=\025memory.max=32M\r", settle, ""},
    {"ledger-record", "o\r", NULL, ""},
    {"ledger-none", "oa", NULL, ""},
    {"log-search", "l", settle, "/error\rn"},
    {"log-search-typed", "l", settle, "/erro"},
    {"figures-search", "X", settle, "/memory.events\r"},
    {"explain-write", "xw", NULL, ""},
    {"changes-write", "Yw", NULL, ""},
    {"command-value", ":memory.max=1", NULL, ""},
    {"help-column", "", help_on_memory, ""},
};

static void open_by_way(const struct way *way)
{
    press(way->keys);
    if (way->then)
        way->then();
    press(way->more);
    settle();
    assert_true(is_open());
}

/* ---- what is compared ---- */

static const struct view smallest = {"80x24", 24, 80, DEPTH_256, GLYPHS_BRAILLE};
static const struct view others[] = {{"80x24-ascii", 24, 80, DEPTH_NONE, GLYPHS_ASCII},
                                     {"120x36", 36, 120, DEPTH_TRUE, GLYPHS_BRAILLE},
                                     {"200x50", 50, 200, DEPTH_256, GLYPHS_BRAILLE},
                                     {"300x100", 100, 300, DEPTH_16, GLYPHS_BLOCK}};

static void check_whole(const char *dialog)
{
    cleanup_free char *name = mem_printf("%s-dialog-%s", smallest.name, dialog);
    check(name);
    app_fini(&app);
}

static void test_actions(void **state)
{
    (void)state;
    for (int id = 1; id < ACTION_COUNT; id++) {
        begin(&smallest);
        if (open_by_action((enum action_id)id))
            check_whole(action_table[id].name);
        else
            app_fini(&app);
    }
    app_init(&app);
}

static void test_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        begin(&smallest);
        open_by_way(&ways[i]);
        check_whole(ways[i].name);
    }
    app_init(&app);
    for (int kind = 0; kind < OVERLAY_KINDS; kind++)
        if (!seen[kind])
            fail_msg("no dialog of kind %d was opened", kind);
}

/* What stands in front, and the last line where a question stands. */
static void add_front(const char *dialog, struct str *to)
{
    struct rect at = {app.term.rows - 1, 0, 1, app.term.cols};
    screen_draw(&app);
    str_addf(to, "== %s\n", dialog);
    if (app.overlay.kind != OVERLAY_NONE) {
        struct rect front = overlay_place(&app);
        read_part(to, &front);
    }
    if (status_asks(&app.status))
        read_part(to, &at);
    app_fini(&app);
}

static void test_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct str all = {0};
        cleanup_free char *name = mem_printf("%s-dialogs", others[i].name);
        for (int id = 1; id < ACTION_COUNT; id++) {
            begin(&others[i]);
            if (open_by_action((enum action_id)id))
                add_front(action_table[id].name, &all);
            else
                app_fini(&app);
        }
        for (size_t w = 0; w < COUNT_OF(ways); w++) {
            begin(&others[i]);
            open_by_way(&ways[w]);
            add_front(ways[w].name, &all);
        }
        compare(name, &all);
    }
    app_init(&app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_actions, end),
                                       cmocka_unit_test_teardown(test_ways, end),
                                       cmocka_unit_test_teardown(test_sizes, end)};
    settle_screens();
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
