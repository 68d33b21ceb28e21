/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where themes are: by name in boxtop's and btop's directories, or by path.
 */
#include "ui/theme.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/words.h"

static int load_file(struct theme *ret, const char *path, const char *name, struct err *err)
{
    cleanup_free char *text = NULL;
    ssize_t len = fs_read_whole_at(AT_FDCWD, path, 1 << 20, &text);
    if (len < 0)
        return (int)len;
    struct err line;
    if (strcasestr(text, "base0F") && !strstr(text, "theme["))
        return theme_parse_base16(ret, name, text, err);
    if (theme_parse(ret, name, text, &line) > 0 && strstr(text, "theme[") == NULL) {
        *err = line;
        return -EINVAL;
    }
    return 0;
}

/* btop's files and ours; base16 schemes. */
static const char *const endings[] = {".theme", ".yaml", ".yml"};

/* The directories that are searched, the user's own first. */
static int directory(size_t index, char *to)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    cleanup_free char *own = config && *config ? mem_dup(config) : mem_printf("%s/.config", home ? home : "");
    switch (index) {
    case 0:
        return snprintf(to, PATH_MAX, "%s/boxtop/themes", own);
    case 1:
        return snprintf(to, PATH_MAX, "%s/themes", BOXTOP_DATADIR);
    case 2:
        return snprintf(to, PATH_MAX, "%s", BOXTOP_THEMES);
    case 3:
        return snprintf(to, PATH_MAX, "%s/btop/themes", own);
    case 4:
        return snprintf(to, PATH_MAX, "/usr/share/btop/themes");
    case 5:
        return snprintf(to, PATH_MAX, "/usr/local/share/btop/themes");
    }
    return -1;
}

int theme_load(struct theme *ret, const char *name, struct err *err)
{
    char at[PATH_MAX];
    err->code = 0;
    if (strchr(name, '/')) {
        int rc = load_file(ret, name, name, err);
        if (rc == -EINVAL)
            return err_prefix(err, "read the theme %s", name);
        return rc < 0 ? err_set(err, -rc, "read the theme %s: %s", name, strerror(-rc)) : 0;
    }
    for (size_t i = 0; directory(i, at) >= 0; i++)
        for (size_t e = 0; e < COUNT_OF(endings); e++) {
            cleanup_free char *path = mem_printf("%s/%s%s", at, name, endings[e]);
            if (load_file(ret, path, name, err) == 0)
                return 0;
        }
    if (strcmp(name, "boxtop") == 0) {
        theme_default(ret);
        return 0;
    }
    err_set(err, ENOENT, "find the theme %s: no %s.theme in boxtop's or btop's directories", name, name);
    return err_hint(err, "boxtop, boxtop-light and high-contrast are always there; or give a path");
}

/* Puts a name into the sorted list, if it isn't there: the directory that comes first wins. Returns how many
 * there are. */
static int add_name(char (*names)[THEME_NAME], char (*where)[THEME_NAME], int count, int most,
                    const char *name, const char *from)
{
    int at = 0;
    while (at < count && strcmp(names[at], name) < 0)
        at++;
    if (count == most || strlen(name) >= THEME_NAME || (at < count && strcmp(names[at], name) == 0))
        return count;
    memmove(names + at + 1, names + at, (size_t)(count - at) * sizeof *names);
    memmove(where + at + 1, where + at, (size_t)(count - at) * sizeof *where);
    str_printable(names[at], THEME_NAME, name);
    str_printable(where[at], THEME_NAME, from);
    return count + 1;
}

int theme_list(char (*names)[THEME_NAME], char (*where)[THEME_NAME], int most)
{
    char at[PATH_MAX], name[NAME_MAX + 1];
    int count = add_name(names, where, 0, most, "boxtop", N_("built in"));
    for (size_t i = 0; directory(i, at) >= 0; i++) {
        cleanup_dir DIR *dir = opendir(at);
        for (struct dirent *entry; dir && (entry = readdir(dir));)
            for (size_t e = 0; e < COUNT_OF(endings); e++) {
                size_t len = strlen(entry->d_name), end = strlen(endings[e]);
                if (len <= end || strcmp(entry->d_name + len - end, endings[e]) != 0)
                    continue;
                snprintf(name, sizeof name, "%.*s", (int)(len - end), entry->d_name);
                count = add_name(names, where, count, most, name, at);
            }
    }
    return count;
}
