/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The screen as a whole: sizes, layouts, what it shows at which moment.
 */
#include "screens.h"
#include "ui/language.h"

static void test_80x24(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    check("80x24");
}

static void test_120x36(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    check("120x36");
}

/* What is selected at first: the root group counts no memory, so the pane has the machine's. */
static void test_root(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    check("120x36-root");
}

static void test_120x36_memory(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    select_box("leak");
    check("120x36-leak");
}

static void test_200x50(void **state)
{
    (void)state;
    start(50, 200, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    check("200x50");
}

static void test_300x100(void **state)
{
    (void)state;
    start(100, 300, DEPTH_256, GLYPHS_BLOCK);
    select_box("api");
    check("300x100");
}

static void test_smallest(void **state)
{
    (void)state;
    start(10, 40, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    check("40x10");
}

static void test_too_small(void **state)
{
    (void)state;
    start(9, 39, DEPTH_256, GLYPHS_BRAILLE);
    check("39x9");
}

static void test_ascii(void **state)
{
    (void)state;
    start(36, 120, DEPTH_NONE, GLYPHS_ASCII);
    str_copy(app.model.now->host.hostname, sizeof app.model.now->host.hostname, "caf\xc3\xa9");
    select_box("web");
    check("120x36-ascii");
    struct str screen = {0};
    read_screen(&screen);
    for (size_t i = 0; i < screen.len; i++)
        assert_in_range((unsigned char)screen.text[i], '\n', '~');
    assert_non_null(strstr(screen.text, "[caf?]"));
    str_free(&screen);
}

static void test_flat_sorted(void **state)
{
    (void)state;
    start(24, 80, DEPTH_16, GLYPHS_BLOCK);
    app_key(&app, key_parse("F5"));
    press("c");
    check("80x24-flat-by-cpu");
}

static void test_ancestor_limits(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    press("gjjjjjj");
    check("120x36-worker");
}

/* Each limit whose value is not the group's own, and whose it is: of memory, of what is protected, of a disk.
 */
static void test_limits_above(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    struct sample *rows = app.model.now->rows, *web = &rows[ROW_WEB], *worker = &rows[ROW_WORKER];
    struct counters *limits = &sample_own(web)->now, *own = &sample_own(worker)->now;
    sample_own(&rows[ROW_BOXTOP])->now.memory_low = 64 * MIB;
    limits->memory_high = 80 * MIB;
    limits->swap_max = 0;
    limits->swap_high = 16 * MIB;
    limits->memory_low = 32 * MIB;
    own->memory_low = own->memory_min = 48 * MIB;
    own->swap_high = 8 * MIB;
    struct detail_draft *draft = detail_draft_of(scene_detail(1));
    static const struct detail_bound bounds[] = {{8, 0, "rbps", 2 * MIB, "/boxtop/web"},
                                                 {8, 0, "wbps", 3 * MIB, "/boxtop/web/worker"},
                                                 {8, 0, "wiops", 120, "/boxtop/web"}};
    for (size_t i = 0; i < COUNT_OF(bounds); i++)
        memcpy(detail_draft_add(&draft->bounds, sizeof bounds[i]), &bounds[i], sizeof bounds[i]);
    detail_unref(worker->detail);
    worker->detail = detail_draft_finish(draft);
    press("gjjjjjj");
    app.wish.zoomed = (int)(app.focus = PANE_LIMITS);
    app_layout(&app);
    check("120x36-limits-above");
}

static void test_filter(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    press("/docker");
    check("80x24-filter");
}

static void test_filter_expression(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    press("/thr>20 | name~ap");
    check("120x36-filter");
    press(" mem>");
    check("120x36-filter-wrong");
}

static void test_columns(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    press("wjj > ");
    app_key(&app, K_RIGHT);
    check("120x36-columns");
    app_key(&app, K_ENTER);
    app.status.kind = NOTICE_NONE;
    press("  LL");
    check("120x36-columns-chosen");
}

static void test_palette(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    press(":frz");
    check("80x24-palette");
}

static void test_help_search(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    press("?");
    screen_draw(&app);
    press("/nr_thr\r");
    check("80x24-help-search");
}

/* No sample has come for a while: the header says so. */
static void test_late(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    app.readonly = true;
    intake_late(&app);
    intake_late(&app);
    check("80x24-late");
}

/* The table at each depth and with each set of signs; colours are in the unit test of themes. */
static void test_signs(void **state)
{
    static const struct {
        const char *name;
        enum theme_depth depth;
        enum glyph_set glyphs;
    } kinds[] = {{"80x24-signs-16-block", DEPTH_16, GLYPHS_BLOCK},
                 {"80x24-signs-none-ascii", DEPTH_NONE, GLYPHS_ASCII},
                 {"80x24-signs-true-braille", DEPTH_TRUE, GLYPHS_BRAILLE}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        start(24, 80, kinds[i].depth, kinds[i].glyphs);
        sample_own(&app.model.now->rows[ROW_API])->now.memory_low = 40 * MIB;
        select_box("api");
        app_key(&app, K_SPACE);
        check(kinds[i].name);
        app_fini(&app);
    }
    app_init(&app);
}

static void test_help(void **state)
{
    (void)state;
    start(50, 120, DEPTH_256, GLYPHS_BRAILLE);
    press("?");
    check("120x50-help");
}

static void test_form(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    press("n");
    check("120x36-form");
    app_key(&app, K_TAB);
    app_key(&app, K_TAB);
    app_key(&app, 21);
    press("web");
    app_key(&app, K_TAB);
    app_key(&app, 21);
    press("a lot");
    check("120x36-form-problems");
}

/* Without the controllers the form has no limits, says why, and can be launched all the same. */
static void test_form_hybrid(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    app.model.now->cgroupfs = (struct cgroupfs){
        .layout = CGROUP_LAYOUT_HYBRID, .mount = "/sys/fs/cgroup/unified", .controllers = 0};
    press("n");
    struct form_ground ground = {.cgroupfs = &app.model.now->cgroupfs};
    assert_true(form_check(&app.overlay.form, &ground));
    check("80x24-form-hybrid");
}

static void test_explain_group(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    press("gjjjjjjjjjx");
    check("80x24-explain-group");
}

static void test_menus(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    app_key(&app, key_parse("F9"));
    check("80x24-kill");
    app_key(&app, K_ESC);
    app_key(&app, key_parse("F6"));
    check("80x24-sort");
}

static void test_ledger(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    scene_event(&app.model, EVENT_OOM_KILL, 90, "/boxtop/gone\033[2J", 1, "", "");
    press("oja");
    check("80x24-ledger");
    app_key(&app, K_ENTER);
    check("80x24-ledger-record");
}

static void test_ended(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    app.readonly = true;
    press("zG");
    check("120x36-ended-frozen-readonly");
}

static void test_question(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    press("s");
    check("80x24-stop");
}

static void test_zoom(void **state)
{
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    select_box("leak");
    app_key(&app, K_TAB);
    app_key(&app, K_TAB);
    app_key(&app, K_ENTER);
    check("80x24-zoomed-by-keys");
}

/* The whole screen, and which of its cells look the same. */
static void test_looks(void **state)
{
    static const char *const depths[] = {
        [DEPTH_NONE] = "mono", [DEPTH_16] = "16", [DEPTH_256] = "256", [DEPTH_TRUE] = "true"};
    static const char *const signs[] = {
        [GLYPHS_BRAILLE] = "braille", [GLYPHS_BLOCK] = "block", [GLYPHS_ASCII] = "ascii"};
    (void)state;
    for (int i = 0; i < 12; i++) {
        enum theme_depth depth = (enum theme_depth)(i / 3);
        enum glyph_set glyphs = (enum glyph_set)(i % 3);
        struct str screen = {0};
        start(36, 120, depth, glyphs);
        select_box("web");
        screen_draw(&app);
        read_screen(&screen);
        read_looks(&screen);
        cleanup_free char *name = mem_printf("120x36-look-%s-%s", depths[depth], signs[glyphs]);
        compare(name, &screen);
        app_fini(&app);
    }
    app_init(&app);
}

/* Whatever is on the screen at all four sizes, with what is read of the selected group only. */
static void test_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        start_on(sizes[i].rows, sizes[i].cols, "web");
        cleanup_free char *name = mem_printf("%s-full", sizes[i].name);
        check(name);
        app_fini(&app);
    }
    app_init(&app);
}

static void test_layouts(void **state)
{
    (void)state;
    start_on(36, 120, "web");
    press("W");
    app.status.kind = NOTICE_NONE;
    check("120x36-compact");
    press("W");
    app.status.kind = NOTICE_NONE;
    app_key(&app, K_DOWN);
    press("k");
    check("120x36-presenter");
}

static void test_presenter_large(void **state)
{
    (void)state;
    start(50, 200, DEPTH_NONE, GLYPHS_BLOCK);
    select_box("web");
    press(":layout-presenter\r");
    app.pressed.count = 0;
    check("200x50-presenter");
    app_fini(&app);
    start(36, 120, DEPTH_NONE, GLYPHS_ASCII);
    select_box("web");
    press(":layout-presenter\r");
    app.pressed.count = 0;
    check("120x36-presenter-ascii");
}

/* Why there is nothing to be seen. */
static void test_nothing_in_panes(void **state)
{
    (void)state;
    start_on(50, 200, "web");
    press("12390jjjjjj");
    check("200x50-nothing");
}

static void test_unfolded(void **state)
{
    (void)state;
    start_on(36, 120, "web");
    press("cv67");
    app_key(&app, K_DOWN);
    check("120x36-processes");
    app_fini(&app);
    /* Four rows: what was unfolded is seen whole, the row itself too. */
    start_on(10, 80, "web");
    press("cv");
    screen_draw(&app);
    assert_int_equal(app.model.selected - app.model.top, 1);
}

static void test_turning(void **state)
{
    static const struct change changes[] = {
        {"/boxtop/web", "memory.max", "104857600", "67108864", SCENE_AT + 61 * SECOND, false},
        {"/system.slice/ssh.service", "cpu.max", "max 100000", "50000 100000", SCENE_AT + 75 * SECOND, true}};
    (void)state;
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    press("V");
    check("80x24-values");
    app_key(&app, K_ESC);
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        model_changed(&app.model, &changes[i]);
    press("Y");
    check("80x24-changes");
    press("\x1bq");
    check("80x24-leaving");
}

static void test_before_first_sample(void **state)
{
    (void)state;
    setlocale(LC_ALL, "C.UTF-8");
    struct err err;
    app_init(&app);
    assert_int_equal(term_start_blind(&app.term, 24, 80, DEPTH_256, GLYPHS_BRAILLE, &err), 0);
    app_layout(&app);
    press("jknxefsl=u[]z?");
    app_key(&app, K_ESC);
    app_key(&app, K_ESC);
    app.status.kind = NOTICE_NONE;
    app.stale = STALE_ALL;
    check("80x24-nothing-yet");
}

static void test_terminal(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    open_terminal();
    press("typed");
    check("120x36-terminal");
    app_key(&app, K_F12);
    guests_follow(&app);
    check("120x36-terminal-zoomed");
    app_key(&app, K_GROUP);
    assert_int_equal(app.focus, PANE_TABLE);
    assert_true(app.guests.visible);
}

static void test_tour(void **state)
{
    struct tour tour;
    struct err err;
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    assert_int_equal(tour_load(&tour, SOURCE_DIR "/tours/talk.tour", &err), 0);
    tour_begin(&app, &tour);
    check("120x36-tour");
    app_fini(&app);
    start(24, 80, DEPTH_NONE, GLYPHS_ASCII);
    assert_int_equal(tour_load(&tour, SOURCE_DIR "/tours/memory.tour", &err), 0);
    tour_begin(&app, &tour);
    check("80x24-tour-ascii");
}

static void test_terminal_sizes(void **state)
{
    (void)state;
    start(24, 80, DEPTH_NONE, GLYPHS_ASCII);
    select_box("web");
    open_terminal();
    app_key(&app, K_GROUP);
    check("80x24-terminal-ascii");
    app_fini(&app);
    start(50, 200, DEPTH_256, GLYPHS_BRAILLE);
    select_box("web");
    open_terminal();
    check("200x50-terminal");
}

/* The scene, remembered, looked back to when there was a kill. */
static void look_back(int rows, int cols)
{
    start(rows, cols, DEPTH_256, GLYPHS_BRAILLE);
    app.history = history_new(16 << 20);
    past_start(&app, &history_past, app.history, false);
    for (int t = 1; t <= 120; t++) {
        struct snapshot *snapshot = scene_snapshot(t);
        history_sample(app.history, snapshot);
        snapshot_free(snapshot);
    }
    for (size_t i = app.model.event_count; i-- > 0;)
        history_events(app.history, model_event(&app.model, i));
    model_follow(&app.model, "leak");
    press("K(((");
    app.past.fill_ns = 1;
    while (app.past.fill_ns)
        past_fill(&app);
}

/* What is below the header, above the footer. */
static void read_panes(struct str *to)
{
    struct str screen = {0};
    screen_draw(&app);
    read_screen(&screen);
    char *panes_at = strchr(strchr(screen.text, '\n') + 1, '\n') + 1, *last = strrchr(screen.text, '\n');
    for (*last = '\0'; last > panes_at && *last != '\n'; last--)
        ;
    str_add_bytes(to, panes_at, (size_t)(last - panes_at));
    str_free(&screen);
}

/* What is read only of groups that are on the screen is remembered, too: the panes show of a moment what they
 * showed then, and of an earlier one, when it was not, that. */
static void test_past_panes(void **state)
{
    static const enum pane_id zoomed[] = {PANE_CPU,        PANE_MEMORY,    PANE_PRESSURE, PANE_IO,
                                          PANE_NAMESPACES, PANE_PROCESSES, PANE_NETWORK};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(zoomed); i++) {
        struct str live = {0}, past = {0};
        start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
        model_fini(&app.model);
        model_init(&app.model);
        scene_play(&app.model, 1);
        select_box("web"); /* from the start */
        for (int t = 2; t <= 120; t++)
            model_take(&app.model, scene_snapshot(t));
        model_take_containers(&app.model, NULL, 0); /* records are not remembered */
        app.history = history_new(16 << 20);
        past_start(&app, &history_past, app.history, false);
        for (int t = 1; t <= 121; t++) {
            struct snapshot *snapshot = scene_snapshot(t);
            history_sample(app.history, snapshot);
            snapshot_free(snapshot);
        }
        for (size_t e = app.model.event_count; e-- > 0;)
            history_events(app.history, model_event(&app.model, e));
        app.wish.zoomed = (int)(app.focus = zoomed[i]);
        app_layout(&app);
        read_panes(&live);
        past_go(&app, SCENE_AT + 120 * SECOND);
        while (app.past.fill_ns)
            past_fill(&app);
        read_panes(&past);
        char *then = strstr(past.text, "then"); /* below a graph */
        if (then)
            memcpy(then, " now", 4);
        if (strcmp(live.text, past.text) != 0)
            fail_msg("%s was\n%s\nand is remembered as\n%s", panes[zoomed[i]]->title, live.text, past.text);
        str_free(&live);
        str_free(&past);
        if (zoomed[i] == PANE_IO || zoomed[i] == PANE_PROCESSES) {
            past_go(&app, SCENE_AT + 40 * SECOND);
            cleanup_free char *name = mem_printf("80x24-past-no-%s", panes[zoomed[i]]->title);
            check(name);
        }
        app_fini(&app);
    }
    app_init(&app);
}

static void test_past(void **state)
{
    (void)state;
    look_back(36, 120);
    check("120x36-past");
    app_fini(&app);
    look_back(24, 80);
    press("O");
    while (app.past.fill_ns)
        past_fill(&app);
    app.status.kind = NOTICE_NONE;
    check("80x24-past-kill");
    /* What is remembered, as if it were a recording. */
    struct history *recorded = app.history;
    app.history = NULL;
    app_fini(&app);
    start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
    model_fini(&app.model);
    model_init(&app.model);
    app.history = recorded;
    past_start(&app, &history_past, recorded, true);
    past_go(&app, SCENE_AT + 100 * SECOND);
    past_play(&app);
    while (app.past.fill_ns)
        past_fill(&app);
    check("80x24-replay");
}

static void test_italian_screen(void **state)
{
    struct tour tour;
    struct err err;
    (void)state;
    app_init(&app);
    assert_int_equal(term_start_blind(&app.term, 36, 120, DEPTH_256, GLYPHS_BRAILLE, &err), 0);
    scene_play(&app.model, 120);
    app_layout(&app);
    select_box("web");
    assert_int_equal(tour_load(&tour, SOURCE_DIR "/tours/talk.tour", &err), 0);
    tour_begin(&app, &tour);
    check("120x36-italian");
    press("?");
    screen_draw(&app);
    struct str screen = {0};
    read_screen(&screen);
    assert_non_null(strstr(screen.text, "avvia un container"));
    str_free(&screen);
}

/* What a speaker opens fits in Italian, too. */
static void italian_dialogs(int rows, int cols, const char *size)
{
    static const struct {
        const char *keys, *name;
    } dialogs[] = {{"n", "new"},       {"n\t\t\025web", "problem"}, {"?", "help"},       {"oja", "ledger"},
                   {"oj\r", "record"}, {"s", "question"},           {"w", "columns"},    {":mem", "palette"},
                   {"V", "values"},    {"n\030", "options"},        {"jjx", "explained"}};
    char name[64];
    for (size_t i = 0; i < COUNT_OF(dialogs); i++) {
        start(rows, cols, DEPTH_256, GLYPHS_BRAILLE);
        select_box("web");
        press(dialogs[i].keys);
        snprintf(name, sizeof name, "%s-italian-%s", size, dialogs[i].name);
        check(name);
        app_fini(&app);
    }
    start(rows, cols, DEPTH_256, GLYPHS_BRAILLE);
    snprintf(name, sizeof name, "%s-italian-main", size);
    check(name);
    app_fini(&app);
}

/* Panes, each with all the room that there is. */
static void italian_panes(int rows, int cols, const char *size)
{
    static const enum pane_id ids[] = {PANE_MEMORY, PANE_PRESSURE,   PANE_IO,        PANE_LIMITS, PANE_ABOUT,
                                       PANE_EVENTS, PANE_NAMESPACES, PANE_PROCESSES, PANE_NETWORK};
    char name[64];
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        start_on(rows, cols, ids[i] == PANE_MEMORY ? "leak" : "web");
        app.wish.zoomed = (int)(app.focus = ids[i]);
        app_layout(&app);
        snprintf(name, sizeof name, "%s-italian-zoom-%s", size, panes[ids[i]]->title);
        check(name);
        app_fini(&app);
    }
}

static void test_italian_80x24(void **state)
{
    (void)state;
    italian_dialogs(24, 80, "80x24");
    italian_panes(24, 80, "80x24");
    app_init(&app);
}

static void test_italian_120x36(void **state)
{
    (void)state;
    italian_dialogs(36, 120, "120x36");
    start_on(36, 120, "web");
    press("45670"); /* what a larger screen has besides */
    check("120x36-italian-facts");
    app_fini(&app);
    look_back(36, 120);
    check("120x36-italian-past");
}

static void check_translated(const char *text)
{
    if (tr(text) == text)
        fail_msg("po/it.po has nothing for: %s", text);
}

/* Yes is y, and what it is in Italian; all else is no. */
static void test_italian_yes(void **state)
{
    static const struct {
        const char *key;
        bool yes;
    } keys[] = {{"s", true}, {"S", true}, {"y", true}, {"Y", true}, {"n", false}, {"i", false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        start(24, 80, DEPTH_256, GLYPHS_BRAILLE);
        select_box("web");
        press("s");
        press(keys[i].key);
        /* There is no program to do it with. */
        bool tried = app.status.kind == NOTICE_ERROR;
        if (tried != keys[i].yes)
            fail_msg("%s: %s", keys[i].key, app.status.text);
        app_fini(&app);
    }
    app_init(&app);
}

static void test_italian_time(void **state)
{
    (void)state;
    look_back(24, 80);
    press("J10m fai\r");
    assert_true(app.model.past);
    assert_non_null(strstr(app.status.text, "10m fai: non è un'ora (scrivi 10m fa"));
    press("J10m fa\r"); /* long after what the scene has */
    assert_false(app.model.past);
    assert_int_equal(app.status.kind, NOTICE_NONE);
}

static void check_tour(void *data, const char *name, const char *title)
{
    struct tour tour;
    struct err err;
    (void)data;
    assert_int_equal(tour_load(&tour, name, &err), 0);
    check_translated(title);
    for (size_t i = 0; i < tour.count; i++) {
        check_translated(tour.steps[i].title);
        for (size_t j = 0; tour.steps[i].words[j]; j++)
            check_translated(tour.steps[i].words[j]);
    }
    tour_free(&tour);
}

/* What is the same in both languages: names that stay, and what is no language. */
static bool stays(const char *text)
{
    static const char *const same[] = {"CPU", "mem", "Mem", "OOM", "Shell", "Zoom",
                                       "Log", "cpu", "-1m", "+1m", "io"};
    for (size_t i = 0; i < COUNT_OF(same); i++)
        if (strcmp(same[i], text) == 0)
            return true;
    return str_starts(text, "cpu.max: 0.5") || str_starts(text, "memory.max: 100M") ||
           str_starts(text, "rbytes") || !*text;
}

static void check_italian(const char *text)
{
    if (!stays(text) && strcmp(tr(text), text) == 0)
        fail_msg("po/it.po says nothing else for: %s", text);
}

static void check_list(const char *const *texts)
{
    for (size_t i = 0; texts[i]; i++)
        check_italian(texts[i]);
}

/* Every text of every table that the screen shows. */
static void test_italian_tables(void **state)
{
    size_t count;
    (void)state;
    const struct knob *knobs = knob_table(&count);
    for (size_t i = 0; i < count; i++)
        check_italian(knobs[i].help);
    for (int id = 1; id < ACTION_COUNT; id++) {
        check_italian(action_table[id].help);
        check_italian(action_table[id].label);
    }
    check_list(action_groups);
    check_list(layout_names);
    for (int id = 0; id < COLUMN_COUNT; id++) {
        check_italian(column_table[id].help);
        check_italian(column_table[id].unit);
    }
    for (int id = 0; id < FIELD_COUNT; id++) {
        check_italian(form_fields[id].label);
        check_italian(form_fields[id].help);
    }
    check_list(form_fields[FIELD_THEN].choices);
    for (const struct option_row *row = spec_options; row->name; row++)
        check_italian(row->help);
    for (int kind = 0; kind < STEP_COUNT; kind++)
        check_italian(step_sentence((enum step_kind)kind));
    for (int state_ = CONTAINER_CREATED; state_ <= CONTAINER_EXITED; state_++)
        check_italian(container_state_name((enum container_state)state_));
    for (int source = 0; source < OOM_SOURCE_COUNT; source++)
        if (oom_source_why((enum oom_source)source))
            check_italian(oom_source_why((enum oom_source)source));
    for (int id = 0; id < PANE_COUNT; id++)
        if (panes[id]->title && id != PANE_NAMESPACES)
            check_italian(panes[id]->title);
}

static void test_italian_tours(void **state)
{
    (void)state;
    tour_list(check_tour, NULL);
}

static attr_t attributes_at(int y, int x)
{
    cchar_t cell;
    wchar_t wide[CCHARW_MAX + 1];
    attr_t attributes;
    short pair;
    mvin_wch(y, x, &cell);
    getcchar(&cell, wide, &attributes, &pair, NULL);
    return attributes;
}

/* Without colour the selected row and a kill stand out all the same. */
static void test_no_colour(void **state)
{
    (void)state;
    start(24, 80, DEPTH_NONE, GLYPHS_BRAILLE);
    select_box("web");
    screen_draw(&app);
    int y = app.layout.pane[PANE_TABLE].y + 2;
    assert_true(attributes_at(y + 5, 10) & A_REVERSE);  /* web, selected */
    assert_false(attributes_at(y + 2, 30) & A_REVERSE); /* api */
    int x = 1 + app.columns.x[COLUMN_OOM] + app.columns.width[COLUMN_OOM] - 1;
    assert_true(attributes_at(y + 3, x) & A_REVERSE); /* leak's kills */
    assert_true(attributes_at(y + 3, x) & A_BOLD);
}

/* ---- what it costs to say it ---- */

static size_t said;

const char *__wrap_tr(const char *text);
const char *__real_tr(const char *text);
const char *__wrap_tr(const char *text)
{
    said++;
    return __real_tr(text);
}

/* The scene, and so many groups besides. */
static struct snapshot *crowd(size_t count)
{
    struct snapshot *scene = scene_snapshot(121),
                    *now = mem_alloc(sizeof *now + (SCENE_COUNT + count) * sizeof now->rows[0]);
    now->serial = now->sample_serial = 121;
    now->time_ns = scene->time_ns;
    now->wall_ns = scene->wall_ns;
    now->interval_ns = scene->interval_ns;
    now->cgroupfs = scene->cgroupfs;
    now->host = scene->host;
    now->count = SCENE_COUNT + count;
    for (size_t i = 0; i < now->count; i++) {
        struct scene_row row = {1000000 + i, "/system.slice/one", ROW_SYSTEM, 2};
        scene_fill(&now->rows[i], i < SCENE_COUNT ? &scene_rows[i] : &row);
    }
    snapshot_free(scene);
    return now;
}

/* Texts are looked up for what is seen, not for every group. */
static void test_few_words(void **state)
{
    (void)state;
    start(36, 120, DEPTH_256, GLYPHS_BRAILLE);
    screen_draw(&app);
    said = 0;
    model_take(&app.model, crowd(10000));
    model_sort(&app.model, COLUMN_MEMORY);
    press("/one\r");
    press("G");
    assert_int_equal(said, 0);
    screen_draw(&app);
    assert_in_range(said, 1, 300);
}

/* `test_screens it`: where the catalogue says so it is Italian, whatever locales are installed. */
static int test_italian(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_italian_screen, end),
                                       cmocka_unit_test_teardown(test_italian_80x24, end),
                                       cmocka_unit_test_teardown(test_italian_120x36, end),
                                       cmocka_unit_test_teardown(test_italian_yes, end),
                                       cmocka_unit_test_teardown(test_italian_time, end),
                                       cmocka_unit_test(test_italian_tables),
                                       cmocka_unit_test(test_italian_tours)};
    setenv("LC_ALL", "it_IT.UTF-8", 1);
    language_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    (void)argv;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_palette, end),
        cmocka_unit_test_teardown(test_help_search, end),
        cmocka_unit_test_teardown(test_late, end),
        cmocka_unit_test_teardown(test_signs, end),

        cmocka_unit_test_teardown(test_terminal, end),
        cmocka_unit_test_teardown(test_terminal_sizes, end),
        cmocka_unit_test_teardown(test_tour, end),
        cmocka_unit_test_teardown(test_80x24, end),
        cmocka_unit_test_teardown(test_120x36, end),
        cmocka_unit_test_teardown(test_root, end),
        cmocka_unit_test_teardown(test_120x36_memory, end),
        cmocka_unit_test_teardown(test_200x50, end),
        cmocka_unit_test_teardown(test_300x100, end),
        cmocka_unit_test_teardown(test_smallest, end),
        cmocka_unit_test_teardown(test_too_small, end),
        cmocka_unit_test_teardown(test_ascii, end),
        cmocka_unit_test_teardown(test_flat_sorted, end),
        cmocka_unit_test_teardown(test_ancestor_limits, end),
        cmocka_unit_test_teardown(test_limits_above, end),
        cmocka_unit_test_teardown(test_filter, end),
        cmocka_unit_test_teardown(test_filter_expression, end),
        cmocka_unit_test_teardown(test_columns, end),
        cmocka_unit_test_teardown(test_ledger, end),
        cmocka_unit_test_teardown(test_help, end),
        cmocka_unit_test_teardown(test_form, end),
        cmocka_unit_test_teardown(test_form_hybrid, end),
        cmocka_unit_test_teardown(test_explain_group, end),
        cmocka_unit_test_teardown(test_menus, end),
        cmocka_unit_test_teardown(test_ended, end),
        cmocka_unit_test_teardown(test_question, end),
        cmocka_unit_test_teardown(test_zoom, end),
        cmocka_unit_test_teardown(test_looks, end),
        cmocka_unit_test_teardown(test_sizes, end),
        cmocka_unit_test_teardown(test_layouts, end),
        cmocka_unit_test_teardown(test_presenter_large, end),
        cmocka_unit_test_teardown(test_nothing_in_panes, end),
        cmocka_unit_test_teardown(test_unfolded, end),
        cmocka_unit_test_teardown(test_turning, end),
        cmocka_unit_test_teardown(test_before_first_sample, end),
        cmocka_unit_test_teardown(test_past, end),
        cmocka_unit_test_teardown(test_past_panes, end),
        cmocka_unit_test_teardown(test_no_colour, end),
        cmocka_unit_test_teardown(test_few_words, end),
    };
    settle_screens();
    if (argc > 1)
        return test_italian();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
