/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The form for a new container: by keys, to the command that launches it.
 */
#include "keys.h"
#include "core/unit.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_form, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form_remembers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_menu_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_form_roots, setup, teardown),
        cmocka_unit_test_setup_teardown(test_launch_fails, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
