/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the form is filled from: roots (host, images, directories, archives), the last launches and those with
 * a name, and every option of `boxtop run`. Menus in place of the form, which comes back with what was
 * chosen.
 */
#include "ui/form_pick.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/image.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/launches.h"

static struct menu_item *add(struct menu *menu, const char *label, const char *note)
{
    if (menu->count == MENU_ITEMS)
        return NULL;
    struct menu_item *item = &menu->items[menu->count];
    str_printable(item->label, sizeof item->label, label);
    str_printable(item->note, sizeof item->note, note);
    item->value = menu->count++;
    return item;
}

/* ---- roots ---- */

/* What an entry is, as its note: that tells them apart when one is chosen. */
#define DIRECTORY N_("directory")
#define ARCHIVE   N_("archive")
#define THIS      N_("this directory")
#define UP        N_("up")

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);
    return len > tail && strcmp(name + len - tail, end) == 0;
}

static bool is_archive(const char *name)
{
    static const char *const ends[] = {".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst", ".tar.bz2"};
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (ends_with(name, ends[i]))
            return true;
    return false;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct menu_item *)a)->label, ((const struct menu_item *)b)->label);
}

static void sort(struct menu *menu, int first)
{
    qsort(menu->items + first, (size_t)(menu->count - first), sizeof menu->items[0], compare);
    for (int i = first; i < menu->count; i++)
        menu->items[i].value = i;
}

static void add_images(struct menu *menu)
{
    char path[IMAGE_PATH_SIZE], name[IMAGE_NAME_SIZE + 8];
    struct err ignored;
    int first = menu->count;
    if (image_store_path(path, &ignored) < 0)
        return;
    cleanup_free char *images = mem_printf("%s/images", path);
    cleanup_dir DIR *dir = opendir(images);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (ends_with(entry->d_name, ".json") && str_copy(name, sizeof name, entry->d_name)) {
            name[strlen(name) - 5] = '\0';
            add(menu, name, N_("image"));
        }
    sort(menu, first);
}

/* Directories and archives of the directory that is looked into; an entry's label is what it adds to its
 * path. */
static void add_directory(struct menu *menu, const char *where)
{
    cleanup_dir DIR *dir = opendir(where);
    int first = menu->count;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct stat status;
        bool known = entry->d_name[0] != '.' && strlen(entry->d_name) < sizeof menu->items[0].label - 2 &&
                     fstatat(dirfd(dir), entry->d_name, &status, 0) == 0;
        if (known && S_ISDIR(status.st_mode)) {
            cleanup_free char *label = mem_printf("%s/", entry->d_name);
            add(menu, label, DIRECTORY);
        } else if (known && S_ISREG(status.st_mode) && is_archive(entry->d_name)) {
            add(menu, entry->d_name, ARCHIVE);
        }
    }
    sort(menu, first);
}

static void show_roots(struct app *app);

static void root_chosen(struct app *app, int index)
{
    struct form *form = &app->overlay.form;
    const struct menu_item *item = &app->overlay.menu.items[index];
    char path[PATH_MAX], whole[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", form->browsed, item->label);
    if (strcmp(item->note, DIRECTORY) == 0 || strcmp(item->note, UP) == 0) {
        if (realpath(path, whole) && strlen(whole) < sizeof form->browsed)
            str_copy(form->browsed, sizeof form->browsed, whole);
        show_roots(app);
        return;
    }
    if (strcmp(item->note, ARCHIVE) == 0)
        edit_set(&form->edit[FIELD_ROOT], path);
    else
        edit_set(&form->edit[FIELD_ROOT], strcmp(item->note, THIS) == 0 ? form->browsed : item->label);
    overlay_form_again(app);
}

static void go_up(struct app *app)
{
    struct form *form = &app->overlay.form;
    char *slash = strrchr(form->browsed, '/');
    if (slash)
        slash[slash == form->browsed] = '\0';
    show_roots(app);
}

static void show_roots(struct app *app)
{
    struct menu menu = {.chosen = root_chosen, .cancelled = overlay_form_again, .up = go_up, .again = true};
    const char *where = app->overlay.form.browsed;
    char title[128];
    add(&menu, "host", N_("this machine's own root; what is written is thrown away"));
    add_images(&menu);
    add(&menu, where, THIS);
    if (strcmp(where, "/") != 0)
        add(&menu, "..", UP);
    add_directory(&menu, where);
    app->overlay.menu = menu;
    snprintf(title, sizeof title, tr("root: %.100s"), where);
    overlay_menu(app, title);
}

void form_pick_root(struct app *app)
{
    struct form *form = &app->overlay.form;
    const char *text = form->edit[FIELD_ROOT].text;
    struct stat status;
    if (text[0] == '/' && stat(text, &status) == 0 && S_ISDIR(status.st_mode))
        str_copy(form->browsed, sizeof form->browsed, text);
    else if (!form->browsed[0] && !getcwd(form->browsed, sizeof form->browsed))
        str_copy(form->browsed, sizeof form->browsed, "/");
    show_roots(app);
}

/* ---- launches that are remembered ---- */

/* What a launch has besides, in a line. */
static char *limits_text(const struct form *form)
{
    struct str text = {0};
    static const enum form_field fields[] = {FIELD_MEMORY, FIELD_CPUS, FIELD_PIDS};
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (form->edit[fields[i]].text[0])
            str_addf(&text, "%s %s  ", form_fields[fields[i]].option + 2, form->edit[fields[i]].text);
    str_add(&text, form->edit[FIELD_MORE].text);
    char *copy = mem_dup(str_text(&text));
    str_free(&text);
    return copy;
}

static void recent_chosen(struct app *app, int index)
{
    cleanup_free struct launches *launches = launches_load();
    struct form *form = &app->overlay.form;
    struct form_ground ground;
    if (index < launches->count)
        for (int i = 0; i < FIELD_COUNT; i++)
            if (!(form->missing >> i & 1))
                form->edit[i] = launches->list[index].form.edit[i];
    form_ground_of(app, &ground);
    form_free_name(form, &ground);
    overlay_form_again(app);
}

void form_pick_recent(struct app *app)
{
    struct menu menu = {.chosen = recent_chosen, .cancelled = overlay_form_again, .again = true};
    cleanup_free struct launches *launches = launches_load();
    for (int i = 0; i < launches->count; i++) {
        const struct launch_kept *kept = &launches->list[i];
        const struct form *form = &kept->form;
        cleanup_free char *label = mem_printf("%.20s%s%.20s  %.40s", kept->name, kept->name[0] ? ": " : "",
                                              form->edit[FIELD_ROOT].text, form->edit[FIELD_COMMAND].text),
                          *note = limits_text(form);
        struct menu_item *item = add(&menu, label, note);
        if (item && i < 9)
            snprintf(item->key, sizeof item->key, "%d", i + 1);
    }
    if (!menu.count) {
        app_notice(app, NOTICE_INFO, "%s", tr("nothing was launched from here yet"));
        return;
    }
    app->overlay.menu = menu;
    overlay_menu(app, tr("launches: those with a name, then the last ones"));
}

static void keep(struct app *app, const char *name)
{
    struct err err;
    if (!spec_name_is_valid(name) || strlen(name) >= LAUNCH_NAME)
        app_notice(app, NOTICE_ERROR, "%s", tr("a name: letters and digits, then also _ . -"));
    else if (launches_keep(name, &app->overlay.form, &err) < 0)
        app_notice(app, NOTICE_ERROR, "%s", err.text);
    else
        app_notice(app, NOTICE_DONE, "kept as %s: Ctrl-R has it", name);
}

void form_keep(struct app *app)
{
    struct prompt prompt = {.label = N_("keep it under the name"), .done = keep};
    status_ask(&app->status, &prompt, "");
}

/* ---- options ---- */

/* Those that are no field of their own. */
static bool has_field(const char *name)
{
    static const char *const others[] = {"--detach",      "--explain", "--help",  "--init",
                                         "--interactive", "--tty",     "--bundle"};
    for (int i = 0; i < FIELD_COUNT; i++)
        if (form_fields[i].option && strcmp(form_fields[i].option, name) == 0)
            return true;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (strcmp(others[i], name) == 0)
            return true;
    return false;
}

static void option_chosen(struct app *app, int index)
{
    struct form *form = &app->overlay.form;
    struct edit *edit = &form->edit[FIELD_MORE];
    const struct menu_item *item = &app->overlay.menu.items[index];
    bool blank = edit->len && edit->text[edit->len - 1] != ' ', takes = strchr(item->label, ' ') != NULL;
    cleanup_free char *text = mem_printf("%s%s%.*s%s", edit->text, blank ? " " : "",
                                         (int)strcspn(item->label, " "), item->label, takes ? " " : "");
    edit_set(edit, text);
    form->focus = FIELD_MORE;
    overlay_form_again(app);
}

void form_pick_option(struct app *app)
{
    struct menu menu = {.chosen = option_chosen, .cancelled = overlay_form_again, .again = true};
    for (const struct option_row *row = spec_options; row->name; row++) {
        cleanup_free char *label =
            mem_printf("%s%s%s", row->name, row->arg ? " " : "", row->arg ? row->arg : "");
        if (!has_field(row->name))
            add(&menu, label, tr(row->help));
    }
    app->overlay.menu = menu;
    overlay_menu(app, tr("options of boxtop run"));
}
