/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keys, clicks, sizes, samples and what a terminal sends, in any order: nothing may break, and most of what
 * can be done must have been done meanwhile. The commands that the screen starts are a script's that stands
 * in for boxtop: it answers, refuses, asks, and is a program in a terminal.
 */
#include <curses.h>
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../unit/ui/scene.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/knob.h"
#include "ui/text.h"

#define EVENTS       10000 /* live, looking back, in tours, in the form, in a shell */
#define EVENTS_AFTER 2000  /* in a recording */

static struct app app;
static struct {
    unsigned actions[ACTION_COUNT], overlays[OVERLAY_KINDS], focus[PANE_COUNT];
    unsigned prompts, past, filters, tours, pastes, larger, smaller;
} reached;
static int terminal; /* where what the terminal sends is written to */

/* ---- what is reached ---- */

void __real_action_run(struct app *to, enum action_id id);
void __wrap_action_run(struct app *to, enum action_id id);

/* What was refused was not done. */
void __wrap_action_run(struct app *to, enum action_id id)
{
    const char *name = action_table[id].name;
    size_t len = strlen(name);
    status_clear(&to->status);
    __real_action_run(to, id);
    bool refused = to->status.kind == NOTICE_ERROR && strncmp(to->status.text, name, len) == 0 &&
                   to->status.text[len] == ':';
    reached.actions[id] += !refused;
}

static void note(void)
{
    reached.overlays[app.overlay.kind]++;
    reached.focus[app.focus]++;
    reached.prompts += status_asks(&app.status);
    reached.past += app.model.past;
    reached.filters += app.model.filter.count > 0;
    reached.tours += app.tour.on && app.tour.phase != TOUR_SHOWN;
    reached.pastes += app.guests.keyseq.pasting;
    reached.larger += app.term.rows > 40 && app.term.cols > 160;
    reached.smaller += app.term.rows < 10 || app.term.cols < 40;
}

static bool is_all_reached(void)
{
    unsigned missing = 0;
    for (int id = 1; id < ACTION_COUNT; id++)
        if (!reached.actions[id])
            missing++, print_message("not reached: action %s\n", action_table[id].name);
    for (int kind = 0; kind < OVERLAY_KINDS; kind++)
        if (!reached.overlays[kind])
            missing += 100, print_message("not reached: overlay %d\n", kind);
    print_message(
        "reached %u of %d actions; prompts %u past %u filters %u tours %u pastes %u sizes %u %u; shell %u "
        "form %u\n",
        ACTION_COUNT - 1 - missing % 100, ACTION_COUNT - 1, reached.prompts, reached.past, reached.filters,
        reached.tours, reached.pastes, reached.larger, reached.smaller, reached.focus[PANE_TERMINAL],
        reached.overlays[OVERLAY_FORM]);
    return missing <= ACTION_COUNT / 20 && reached.prompts && reached.past && reached.filters &&
           reached.tours && reached.pastes && reached.larger && reached.smaller &&
           reached.focus[PANE_TERMINAL] && reached.focus[PANE_TOUR];
}

/* ---- the scene ---- */

/* A directory of its own, for whatever is written; nothing is found but the script. */
static void settle(char *directory, size_t size)
{
    static const char script[] =
        "#!/bin/sh\n"
        "case $1 in exec | attach) [ -t 0 ] && exec /bin/cat ;; esac\n"
        "echo \"$*\"\n"
        "case $(($$ % 4)) in\n"
        "0) echo 'boxtop: not today' >&2; exit 1 ;;\n"
        "1) [ \"$1\" != set ] || { echo 'boxtop: " SET_REFUSED "' >&2; exit 1; } ;;\n"
        "esac\n";
    snprintf(directory, size, "%s/boxtop-storm.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chdir(directory), 0);
    int fd = open("program", O_WRONLY | O_CREAT | O_EXCL, 0755);
    assert_true(fd >= 0 && fs_write_all(fd, script, sizeof script - 1) == 0);
    close(fd);
    static const char *const places[] = {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "BOXTOP_STATE"};
    for (size_t i = 0; i < COUNT_OF(places); i++)
        setenv(places[i], directory, 1);
    setenv("PATH", "/nonexistent", 1);
    unsetenv("BOXTOP_CONFIG");
    assert_true(dup2(open("/dev/null", O_RDWR), STDIN_FILENO) == STDIN_FILENO);
}

static void begin(struct history *history, bool replay)
{
    struct err err;
    app_init(&app);
    if (term_start_blind(&app.term, 24, 80, DEPTH_256, GLYPHS_BRAILLE, &err) < 0)
        fail_msg("%s", err.text);
    if (!replay)
        scene_play(&app.model, 120);
    app.history = history;
    app.readonly = replay;
    past_start(&app, &history_past, history, replay);
    assert_non_null(getcwd(app.program, sizeof app.program - 9));
    strcat(app.program, "/program");
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    app.input_fd = ends[0];
    terminal = ends[1];
    app_layout(&app);
    if (replay)
        past_go(&app, SCENE_AT + 100 * SECOND);
}

static void end(void)
{
    int input = app.input_fd;
    app_fini(&app);
    close(input);
    close(terminal);
}

static struct history *remembered(void)
{
    struct history *history = history_new(16 << 20);
    for (int t = 1; t <= 120; t++) {
        struct snapshot *snapshot = scene_snapshot(t);
        history_sample(history, snapshot);
        snapshot_free(snapshot);
    }
    return history;
}

/* ---- the storm ---- */

static void type(const char *keys)
{
    for (const char *at = keys; *at;)
        app_key(&app, (int)text_next(&at));
}

/* An action, by its name; what it opens is left to the storm, or a choice taken. */
static void by_palette(int id, unsigned choice)
{
    app_key(&app, K_GROUP); /* out of a shell */
    for (int i = 0; i < 3; i++)
        app_key(&app, K_ESC);
    type(":");
    type(action_table[id].name);
    type("\r");
    for (unsigned down = choice % 5; down > 0; down--)
        type("j");
    type(choice % 3 ? "\r" : "");
}

static void resize(unsigned pick)
{
    resizeterm(1 + (int)(pick % 60), 1 + (int)(pick / 7 % 210));
    term_resize(&app.term);
    app_layout(&app);
}

static void sample(int t)
{
    struct snapshot *snapshot = scene_snapshot(t);
    if (app.past.replay) {
        snapshot_free(snapshot);
        return;
    }
    if (t % 2)
        scene_cut(snapshot, (size_t)(t % SCENE_COUNT));
    history_sample(app.history, snapshot);
    model_take(model_live(&app.model), snapshot);
    if (t % 7 == 0)
        scene_event(model_live(&app.model), EVENT_OOM_KILL, t, "/boxtop/leak", 1, "", "");
}

/* What a terminal sends while a shell has the keys. */
static void from_terminal(unsigned pick)
{
    static const char *const sent[] = {"\033[200~pasted \033[A :q",
                                       "\033[201~",
                                       "\033[<0;9;30M",
                                       "\033[<0;12;33m",
                                       "\033[<64;9;30M",
                                       "\033[1;5A",
                                       "\033[5;2~",
                                       "ls\r",
                                       "\xe4\xb8",
                                       "\033[<",
                                       "\033[32;11;33M",
                                       "\004"};
    const char *bytes = sent[pick % COUNT_OF(sent)];
    ssize_t put = write(terminal, bytes, strlen(bytes));
    (void)put; /* a full pipe is a terminal that is not read */
}

static void event(unsigned pick, int i)
{
    static const char keys[] =
        "jjjkkkgGpcmtiTOz?x/=:nsfleuA[]{}q w<>HLr *_FN/thr>2\r UU\t\r\t\r \x1b\x1b\x1b\x7f"
        "ab1234567890vWVYkr((()))bBJKOtT++- \x1d`oRXyn";
    static int next; /* one action after the other */
    unsigned rest = pick / 50;
    switch (pick % 50) {
    case 0:
        resize(rest);
        break;
    case 1:
        sample(121 + i);
        break;
    case 2:
        app_mouse(&app, &(struct term_mouse){(int)(rest % 53), (int)(pick % 197), (int)(rest % 3) - 1,
                                             rest % 5 ? 0 : 2});
        break;
    case 3:
        app_key(&app, K_NAMED + (int)(rest % 27));
        break;
    case 4:
    case 5:
        by_palette(next = next % (ACTION_COUNT - 1) + 1, rest);
        break;
    case 6:
        by_palette(rest % 2 ? ACTION_TOUR : ACTION_TOUR_NEXT, rest);
        break;
    case 7:
    case 8:
        from_terminal(rest);
        break;
    default:
        app_key(&app, keys[rest % (sizeof keys - 1)]);
    }
}

static void storm(int events, unsigned random)
{
    for (int i = 0; i < events; i++) {
        random = random * 1103515245u + 12345u;
        event(random >> 8, i);
        note();
        app.stale |= STALE_ALL;
        if (i % 4 == 0)
            app_once(&app, 0);
        app.quit = app.gone = app.leaving = false;
    }
}

static void test_storm(void **state)
{
    char directory[PATH_MAX];
    (void)state;
    settle(directory, sizeof directory);
    begin(remembered(), false);
    storm(EVENTS, 12345);
    end();
    begin(remembered(), true);
    storm(EVENTS_AFTER, 54321);
    end();
    assert_true(is_all_reached());
    cleanup_free char *sweep = mem_printf("cd / && /bin/rm -rf '%s'", directory);
    assert_int_equal(system(sweep), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_storm)};
    setenv("TZ", "UTC", 1);
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
