/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/ini.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BLANKS " \t\r"

/* The line at *at without blanks around it, cut to size; false: it is too long. */
static bool take_line(const char **at, char *to, size_t size)
{
    size_t len = strcspn(*at, "\n");
    const char *begin = *at + strspn(*at, BLANKS "\xef\xbb\xbf"), *end = *at + len;
    *at = end + (*end == '\n');
    begin = begin > end ? end : begin;
    while (end > begin && strchr(BLANKS, end[-1]))
        end--;
    return snprintf(to, size, "%.*s", (int)(end - begin), begin) < (int)size;
}

/* Where the key of a line ends: it may be `=` itself. */
static size_t key_length(const char *line)
{
    return line[0] ? 1 + strcspn(line + 1, BLANKS "=") : 0;
}

static int read_line(struct ini *ini, const char *line, struct err *err)
{
    size_t len = strlen(line), key = key_length(line);
    if (line[0] == '[' && line[len - 1] == ']' && !strchr(line, '=')) {
        if (len - 2 >= sizeof ini->section)
            return err_set(err, EINVAL, "no such section");
        snprintf(ini->section, sizeof ini->section, "%.*s", (int)(len - 2), line + 1);
        return 0;
    }
    const char *sign = line + key + strspn(line + key, BLANKS);
    if (*sign != '=')
        return err_set(err, EINVAL, "neither [SECTION] nor KEY = VALUE");
    if (key >= sizeof ini->key)
        return err_set(err, EINVAL, "no such key");
    snprintf(ini->key, sizeof ini->key, "%.*s", (int)key, line);
    snprintf(ini->value, sizeof ini->value, "%s", sign + 1 + strspn(sign + 1, BLANKS));
    return 1;
}

int ini_next(struct ini *ini, struct err *err)
{
    char line[sizeof ini->key + sizeof ini->value];
    while (*ini->at) {
        bool whole = take_line(&ini->at, line, sizeof ini->value);
        ini->line++;
        if (!whole)
            return err_set(err, EINVAL, "the line is too long");
        int rc = line[0] && line[0] != '#' ? read_line(ini, line, err) : 0;
        if (rc != 0)
            return rc;
    }
    return 0;
}

void ini_put(const char *text, const char *section, const char *key, const char *value, struct str *to)
{
    struct ini ini = {.at = text};
    struct err err;
    bool in_section = !section[0], put = false;
    const char *from = text, *end_of_section = in_section ? text : NULL;
    /* Where the line is, and where the last one of its section ends. */
    for (int rc; (rc = ini_next(&ini, &err)) != 0;) {
        in_section = strcmp(ini.section, section) == 0;
        if (!in_section || rc < 0)
            continue;
        end_of_section = ini.at;
        if (strcmp(ini.key, key) != 0 || put)
            continue;
        const char *line = ini.at - (ini.at > text && ini.at[-1] == '\n');
        while (line > from && line[-1] != '\n')
            line--;
        str_add_bytes(to, from, (size_t)(line - from));
        str_addf(to, "%s = %s\n", key, value);
        from = ini.at;
        put = true;
    }
    if (put || !end_of_section) {
        str_add(to, from);
        if (!put)
            str_addf(to, "%s\n[%s]\n%s = %s\n", to->len && to->text[to->len - 1] != '\n' ? "\n" : "", section,
                     key, value);
        return;
    }
    str_add_bytes(to, from, (size_t)(end_of_section - from));
    if (to->len && to->text[to->len - 1] != '\n')
        str_add(to, "\n");
    str_addf(to, "%s = %s\n%s", key, value, end_of_section);
}
