/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/oci_json.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "core/jsontext.h"

size_t oci_enter(struct oci *oci, const char *key, size_t index)
{
    size_t mark = strlen(oci->path), room = sizeof oci->path - mark;
    if (key)
        snprintf(oci->path + mark, room, "%s%s", mark ? "." : "", key);
    else
        snprintf(oci->path + mark, room, "[%zu]", index);
    return mark;
}

void oci_leave(struct oci *oci, size_t mark)
{
    oci->path[mark] = '\0';
}

int oci_at(struct oci *oci)
{
    return err_prefix(oci->err, "config.json%s%s", oci->path[0] ? ": " : "", oci->path);
}

int oci_fail(struct oci *oci, int code, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(oci->err, code, "%s", text);
    return oci_at(oci);
}

int oci_wrong(struct oci *oci, const char *expected)
{
    return oci_fail(oci, EINVAL, "it has to be %s", expected);
}

int oci_refuse(struct oci *oci, const char *why)
{
    oci_fail(oci, ENOTSUP, "not supported");
    return err_hint(oci->err, "%s", why ? why : "remove it");
}

/* As Go's encoders leave out: nothing is asked for by it. */
static bool is_empty(const json_t *value)
{
    return json_is_null(value) || json_is_false(value) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

int oci_integer(struct oci *oci, const json_t *value, int64_t min, int64_t max, int64_t *ret)
{
    double real = json_real_value(value);
    if (json_is_real(value) && floor(real) == real && fabs(real) < 9e15)
        *ret = (int64_t)real;
    else if (json_is_integer(value))
        *ret = json_integer_value(value);
    else
        return oci_wrong(oci, "a whole number");
    if (*ret < min || *ret > max)
        return oci_fail(oci, ERANGE, "%lld is not between %lld and %lld", (long long)*ret, (long long)min,
                        (long long)max);
    return 0;
}

static int read_text(struct oci *oci, const json_t *value, char **to)
{
    if (!json_is_string(value))
        return oci_wrong(oci, "a string");
    mem_cleanup_free(to);
    *to = mem_dup(json_string_value(value));
    return 0;
}

static int read_list(struct oci *oci, const json_t *value, char ***to)
{
    char **list = NULL;
    for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++) {
        size_t mark = oci_enter(oci, NULL, i);
        const json_t *item = json_array_get(value, i);
        if (!json_is_string(item)) {
            mem_free_list(list);
            return oci_wrong(oci, "a string");
        }
        mem_list_add(&list, mem_dup(json_string_value(item)));
        oci_leave(oci, mark);
    }
    if (!json_is_array(value))
        return oci_wrong(oci, "an array of strings");
    mem_free_list(*to);
    *to = list;
    return 0;
}

static int read_number(struct oci *oci, const json_t *value, struct oci_number *to)
{
    to->said = true;
    return oci_integer(oci, value, INT64_MIN, INT64_MAX, &to->value);
}

static int read_value(struct oci *oci, const struct oci_key *key, const json_t *value, void *target)
{
    void *at = (char *)target + key->offset;
    switch (key->kind) {
    case OCI_REFUSED:
        return is_empty(value) ? 0 : oci_refuse(oci, key->why);
    case OCI_IGNORED:
        return 0;
    case OCI_TEXT:
        return read_text(oci, value, at);
    case OCI_LIST:
        return read_list(oci, value, at);
    case OCI_BOOL:
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value) ? 0 : oci_wrong(oci, "true or false");
    case OCI_NUMBER:
        return read_number(oci, value, at);
    case OCI_CALL:
        return key->read(oci, value, at);
    }
    return 0;
}

static const struct oci_key *find_key(const struct oci_key *keys, const char *name)
{
    for (; keys->key; keys++)
        if (strcmp(keys->key, name) == 0)
            return keys;
    return NULL;
}

int oci_object(struct oci *oci, const json_t *value, const struct oci_key *keys, void *target)
{
    if (!json_is_object(value))
        return oci_wrong(oci, "an object");
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member)
    {
        size_t mark = oci_enter(oci, name, 0);
        const struct oci_key *key = find_key(keys, name);
        if (!key)
            str_addf(&oci->ignored, "%s%s", oci->ignored.len ? ", " : "", oci->path);
        else if (!json_is_null(member) && read_value(oci, key, member, target) < 0)
            return -oci->err->code;
        oci_leave(oci, mark);
    }
    return 0;
}

int oci_array(struct oci *oci, const json_t *value,
              int (*read)(struct oci *oci, const json_t *item, void *target), void *target)
{
    if (!json_is_array(value))
        return oci_wrong(oci, "an array");
    for (size_t i = 0; i < json_array_size(value); i++) {
        size_t mark = oci_enter(oci, NULL, i);
        int rc = read(oci, json_array_get(value, i), target);
        if (rc < 0)
            return rc;
        oci_leave(oci, mark);
    }
    return 0;
}
