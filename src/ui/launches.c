/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/launches.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/ini.h"

#define RECENT "recent "

/* "": there is no place for it. */
static void place(char *to, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    to[0] = '\0';
    if (state && *state)
        snprintf(to, size, "%s/boxtop/launches", state);
    else if (home && *home)
        snprintf(to, size, "%s/.local/state/boxtop/launches", home);
}

static void read_text(struct launches *to, const char *text)
{
    struct ini ini = {.at = text};
    struct err err;
    char section[sizeof ini.section] = "";
    int rc;
    while ((rc = ini_next(&ini, &err)) != 0) {
        if (rc < 0 || !ini.section[0])
            continue;
        if (strcmp(section, ini.section) != 0) {
            if (to->count == LAUNCHES_MOST)
                return;
            str_copy(section, sizeof section, ini.section);
            struct launch_kept *kept = &to->list[to->count++];
            *kept = (struct launch_kept){0};
            if (!str_starts(section, RECENT))
                str_copy(kept->name, sizeof kept->name, section);
        }
        form_put(&to->list[to->count - 1].form, ini.key, ini.value);
    }
}

struct launches *launches_load(void)
{
    char path[PATH_MAX];
    cleanup_free char *text = NULL;
    struct launches *launches = mem_alloc(sizeof *launches);
    place(path, sizeof path);
    if (path[0] && fs_read_whole_at(AT_FDCWD, path, 1 << 18, &text) >= 0)
        read_text(launches, text);
    return launches;
}

/* Whether it is the same but for its name. */
static bool is_same(const struct form *a, const struct form *b)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if (i != FIELD_NAME && strcmp(a->edit[i].text, b->edit[i].text) != 0)
            return false;
    return true;
}

static void add(struct str *to, const char *name, int number, const struct form *form)
{
    if (name[0])
        str_addf(to, "[%s]\n", name);
    else
        str_addf(to, "[" RECENT "%d]\n", number);
    form_print(form, to);
    str_add(to, "\n");
}

/* All of the file, with the new one. */
static void print_all(const struct launches *old, const char *name, const struct form *form, struct str *to)
{
    int recent = 0;
    if (name[0])
        add(to, name, 0, form);
    for (int i = 0; i < old->count; i++)
        if (old->list[i].name[0] && strcmp(old->list[i].name, name) != 0)
            add(to, old->list[i].name, 0, &old->list[i].form);
    if (!name[0])
        add(to, "", ++recent, form);
    for (int i = 0; i < old->count && recent < LAUNCHES_RECENT; i++)
        if (!old->list[i].name[0] && (name[0] || !is_same(&old->list[i].form, form)))
            add(to, "", ++recent, &old->list[i].form);
}

static int make_directories(char *path, struct err *err)
{
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        int rc = mkdir(path, 0700);
        int code = errno;
        *slash = '/';
        if (rc < 0 && code != EEXIST)
            return err_set(err, code, "make a directory for %s: %s", path, strerror(code));
    }
    return 0;
}

int launches_keep(const char *name, const struct form *form, struct err *err)
{
    char path[PATH_MAX];
    struct str text = {0};
    cleanup_free struct launches *old = launches_load();
    place(path, sizeof path);
    if (!path[0])
        return err_set(err, ENOENT, "remember the launch: there is no HOME");
    cleanup_free char *temporary = mem_printf("%s.new", path);
    int rc = make_directories(path, err);
    if (rc < 0)
        return rc;
    print_all(old, name, form, &text);
    cleanup_close int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || fs_write_all(fd, text.text, text.len) < 0 || rename(temporary, path) < 0)
        rc = err_errno(err, "write %s", path);
    str_free(&text);
    return rc;
}
