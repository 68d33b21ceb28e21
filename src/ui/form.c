/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/form.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/image.h"
#include "core/spec.h"
#include "ui/keymap.h"
#include "ui/language.h"

#define ARGUMENTS 64

static const char *const networks[] = {"private", "none", "host", NULL};
static const char *const thens[] = {[THEN_SHELL] = N_("a shell inside"),
                                    [THEN_ATTACH] = N_("its own terminal"),
                                    [THEN_STAY] = N_("nothing"),
                                    NULL};

const struct form_spec form_fields[FIELD_COUNT] = {
    [FIELD_ROOT] = {N_("Root"), NULL, N_("host, an image, a directory, an archive: Ctrl-O has them"), -1,
                    NULL, "host", NULL},
    [FIELD_COMMAND] = {N_("Command"), NULL, N_("what runs inside; shell signs make it /bin/sh -c"), -1, NULL,
                       "sleep infinity", NULL},
    [FIELD_NAME] = {N_("Name"), "--name", N_("letters, digits, _ . -"), -1, NULL, "", NULL},
    [FIELD_MEMORY] = {N_("Memory"), "--memory", N_("64M, 1.5G, max; empty: no limit"), CONTROLLER_MEMORY,
                      "memory.max", "100M", NULL},
    [FIELD_CPUS] = {N_("CPUs"), "--cpus", N_("0.5, 50%, 2; empty: no limit"), CONTROLLER_CPU, "cpu.max",
                    "0.5", NULL},
    [FIELD_PIDS] = {N_("Tasks"), "--pids-limit", N_("how many processes and threads; empty: no limit"),
                    CONTROLLER_PIDS, "pids.max", "64", NULL},
    [FIELD_NETWORK] = {N_("Network"), "--network", N_("left and right choose"), -1, NULL, "private",
                       networks},
    [FIELD_MORE] = {N_("More"), NULL,
                    N_("any other option: -v /src:/dst:ro -e A=b -p 8080:80; Ctrl-X lists them"), -1, NULL,
                    "", NULL},
    [FIELD_THEN] = {N_("Then"), NULL, N_("left and right choose"), -1, NULL, N_("a shell inside"), thens},
};

static const struct container *named(const char *name, const struct form_ground *ground)
{
    for (size_t i = 0; i < ground->count; i++)
        if (strcmp(ground->containers[i].name, name) == 0)
            return &ground->containers[i];
    return NULL;
}

/* Records are of one state directory; cgroups are all in one place. */
static bool has_group(const char *name, const struct form_ground *ground)
{
    cleanup_free char *path = mem_printf("%s/%s", ground->groups, name);
    return ground->groups[0] && access(path, F_OK) == 0;
}

void form_free_name(struct form *form, const struct form_ground *ground)
{
    char name[SPEC_NAME_SIZE];
    int number = 1;
    do
        snprintf(name, sizeof name, "box%d", number++);
    while (named(name, ground) || has_group(name, ground));
    edit_set(&form->edit[FIELD_NAME], name);
}

void form_init(struct form *form, const struct form_ground *ground)
{
    *form = (struct form){0};
    for (int i = 0; i < FIELD_COUNT; i++) {
        int controller = form_fields[i].controller;
        bool can = controller < 0 || ground->cgroupfs->controllers >> controller & 1;
        form->missing |= can ? 0 : 1u << i;
        edit_set(&form->edit[i], can ? form_fields[i].fallback : "");
    }
    form_free_name(form, ground);
    form_check(form, ground);
}

static void choose(struct form *form, int step)
{
    const char *const *choices = form_fields[form->focus].choices;
    struct edit *edit = &form->edit[form->focus];
    int count = 0, at = 0;
    for (; choices[count]; count++)
        if (strcmp(choices[count], edit->text) == 0)
            at = count;
    edit_set(edit, choices[(at + step + count) % count]);
}

bool form_key(struct form *form, int key)
{
    int step = key == K_TAB || key == K_DOWN ? 1 : key == K_BACKTAB || key == K_UP ? -1 : 0;
    if (step) {
        form->focus = (enum form_field)(((int)form->focus + step + FIELD_COUNT) % FIELD_COUNT);
        return true;
    }
    if (!form_fields[form->focus].choices)
        return edit_key(&form->edit[form->focus], key);
    if (key == K_LEFT || key == K_RIGHT || key == K_SPACE)
        choose(form, key == K_LEFT ? -1 : 1);
    return true;
}

/* Without a slash or a kind in front it is the name of an image. */
static int check_root(const char *text, struct err *err)
{
    struct stat stat_;
    struct image image;
    if (strcmp(text, "host") == 0 || image_is_source(text))
        return 0;
    if (!*text)
        return err_set(err, EINVAL, tr("host, an image, a directory or an archive"));
    if (!strchr(text, '/') && image_name_is_valid(text)) {
        struct err ignored;
        if (image_load(text, &image, NULL, &ignored) < 0)
            return err_set(err, ENOENT, tr("%s: no such image; a directory has a slash (./%s)"), text, text);
        image_free(&image);
        return 0;
    }
    if (stat(text, &stat_) < 0)
        return err_errno(err, "%s", text);
    return S_ISDIR(stat_.st_mode) ? 0 : err_set(err, ENOTDIR, tr("%s: not a directory"), text);
}

static int check_name(const char *text, const struct form_ground *ground, struct err *err)
{
    if (!spec_name_is_valid(text))
        return err_set(err, EINVAL, tr("letters and digits, then also _ . -"));
    const struct container *other = named(text, ground);
    if (other)
        return err_set(err, EEXIST, tr("taken: it is %s"), tr(container_state_name(other->state)));
    return has_group(text, ground)
               ? err_set(err, EEXIST, tr("taken: there is a cgroup %s/%s"), ground->groups, text)
               : 0;
}

static int check_limit(enum form_field field, const char *text, const struct cgroupfs *cgroupfs,
                       struct err *err)
{
    char kernel[KNOB_TEXT_SIZE];
    const struct form_spec *spec = &form_fields[field];
    if (!*text)
        return 0;
    if (!(cgroupfs->controllers >> spec->controller & 1))
        return err_set(err, ENOTSUP, tr("no %s controller on cgroup v2 here: leave it empty"),
                       controller_names[spec->controller]);
    return knob_parse(knob_find(spec->knob), text, kernel, err);
}

/* What only the whole line shows is told where most of it is free. */
static bool check_line(struct form *form)
{
    cleanup_list char **list = form_arguments(form, "boxtop");
    struct spec spec;
    struct err err = {0};
    bool explain, help;
    int count = 0;
    while (list[count])
        count++;
    spec_init(&spec);
    int rc = spec_parse(&spec, count - 2, list + 2, &explain, &help, &err);
    spec_free(&spec);
    if (rc < 0)
        str_printable(form->problem[FIELD_MORE], sizeof form->problem[FIELD_MORE], err.text);
    return rc >= 0;
}

bool form_check(struct form *form, const struct form_ground *ground)
{
    bool fine = true;
    for (int i = 0; i < FIELD_COUNT; i++) {
        struct err err = {0};
        const char *text = form->edit[i].text;
        if (i == FIELD_ROOT)
            check_root(text, &err);
        else if (i == FIELD_NAME)
            check_name(text, ground, &err);
        else if (form_fields[i].knob)
            check_limit((enum form_field)i, text, ground->cgroupfs, &err);
        str_printable(form->problem[i], sizeof form->problem[i], err.code ? err.text : "");
        fine = fine && !err.code;
    }
    return fine && check_line(form);
}

/* Words as a shell splits them: blanks, quotes. Returns the new count. */
static int add_words(char **list, int count, const char *text)
{
    struct str word = {0};
    bool any = false;
    char quote = 0;
    for (const char *c = text;; c++) {
        bool end = !*c || (!quote && (*c == ' ' || *c == '\t'));
        if (end && any && count < ARGUMENTS - 8) {
            list[count++] = mem_dup(str_text(&word));
            str_clear(&word);
        }
        any = any && !end;
        if (!*c)
            break;
        if (end)
            continue;
        any = true;
        if (quote ? *c == quote : *c == '\'' || *c == '"')
            quote = quote ? 0 : *c;
        else
            str_add_bytes(&word, c, 1);
    }
    str_free(&word);
    return count;
}

/* What a shell would do more than split goes to a shell. */
static int add_command(char **list, int count, const char *text)
{
    if (!strpbrk(text, "|&;<>()$`\\\"'*?[#~"))
        return add_words(list, count, text);
    list[count++] = mem_dup("/bin/sh");
    list[count++] = mem_dup("-c");
    list[count++] = mem_dup(text);
    return count;
}

char **form_arguments(const struct form *form, const char *program)
{
    char **list = mem_array(ARGUMENTS, sizeof *list);
    int count = 0;
    list[count++] = mem_dup(program);
    list[count++] = mem_dup("run");
    list[count++] = mem_dup("-d");
    if (form_then(form) == THEN_ATTACH)
        list[count++] = mem_dup("-it");
    list[count++] =
        mem_dup("--init"); /* as pid 1 most commands do not hear SIGTERM: stop would take its time */
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (!form_fields[i].option || !form->edit[i].text[0])
            continue;
        list[count++] = mem_dup(form_fields[i].option);
        list[count++] = mem_dup(form->edit[i].text);
    }
    count = add_words(list, count, form->edit[FIELD_MORE].text);
    list[count++] = mem_dup(form->edit[FIELD_ROOT].text);
    add_command(list, count, form->edit[FIELD_COMMAND].text);
    return list;
}

enum form_then form_then(const struct form *form)
{
    for (int i = 0; thens[i]; i++)
        if (strcmp(thens[i], form->edit[FIELD_THEN].text) == 0)
            return (enum form_then)i;
    return THEN_SHELL;
}

void form_blame(struct form *form, const char *error)
{
    static const struct {
        const char *words;
        enum form_field field;
    } rows[] = {{"memory.", FIELD_MEMORY},  {"cpu.", FIELD_CPUS},       {"pids.", FIELD_PIDS},
                {"the root", FIELD_ROOT},   {"image", FIELD_ROOT},      {"archive", FIELD_ROOT},
                {"execute", FIELD_COMMAND}, {"command", FIELD_COMMAND}, {"network", FIELD_NETWORK}};
    form->failure[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strstr(error, rows[i].words)) {
            form->focus = rows[i].field;
            str_printable(form->problem[form->focus], sizeof form->problem[form->focus], error);
            return;
        }
    str_printable(form->failure, sizeof form->failure, error);
}

void form_print(const struct form *form, struct str *to)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        str_addf(to, "%s = %s\n", form_fields[i].label, form->edit[i].text);
}

void form_put(struct form *form, const char *key, const char *value)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if (strcmp(form_fields[i].label, key) == 0)
            edit_set(&form->edit[i], value);
}

void form_line(const struct form *form, struct str *to)
{
    cleanup_list char **list = form_arguments(form, "boxtop");
    str_add_shell_list(to, list);
}
