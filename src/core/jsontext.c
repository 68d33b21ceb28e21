/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/jsontext.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

json_t *jsontext(const char *text)
{
    if (!text)
        return json_null();
    json_t *string = json_string(text);
    if (string)
        return string;
    struct str hex = {0};
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        str_addf(&hex, "%02x", *c);
    json_t *object = json_pack("{s:s}", "bytes", str_text(&hex));
    str_free(&hex);
    return object;
}

json_t *jsontext_list(char *const *list)
{
    if (!list)
        return json_null();
    json_t *array = json_array();
    for (char *const *item = list; *item; item++)
        json_array_append_new(array, jsontext(*item));
    return array;
}

json_t *jsontext_shown(const char *text)
{
    json_t *string = text ? json_string(text) : json_null();
    if (string)
        return string;
    size_t size = 4 * strlen(text) + 1;
    cleanup_free char *shown = mem_alloc(size);
    str_printable(shown, size, text);
    return json_string(shown);
}

static int digit_of(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *from_hex(const char *hex)
{
    size_t len = strlen(hex) / 2;
    char *text = mem_alloc(len + 1);
    for (size_t i = 0; i < len; i++) {
        int high = digit_of(hex[2 * i]), low = digit_of(hex[2 * i + 1]);
        if (high < 0 || low < 0 || high + low == 0) {
            free(text);
            return NULL;
        }
        text[i] = (char)(high * 16 + low);
    }
    return text;
}

char *jsontext_get(const json_t *json)
{
    const char *hex = json_string_value(json_object_get(json, "bytes"));
    if (json_is_string(json))
        return mem_dup(json_string_value(json));
    return hex ? from_hex(hex) : NULL;
}

char **jsontext_get_list(const json_t *json)
{
    if (!json_is_array(json))
        return NULL;
    char **list = mem_array(json_array_size(json) + 1, sizeof *list);
    for (size_t i = 0; i < json_array_size(json); i++) {
        list[i] = jsontext_get(json_array_get(json, i));
        if (!list[i]) {
            mem_free_list(list);
            return NULL;
        }
    }
    return list;
}

void jsontext_put(json_t *object, const char *path, json_t *value)
{
    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
        cleanup_free char *name = mem_printf("%.*s", (int)(slash - path), path);
        json_t *inner = json_object_get(object, name);
        if (!inner)
            json_object_set_new(object, name, inner = json_object());
        object = inner;
    }
    json_object_set_new(object, path, value);
}

const json_t *jsontext_at(const json_t *object, const char *path)
{
    for (const char *slash; object && (slash = strchr(path, '/')); path = slash + 1) {
        cleanup_free char *name = mem_printf("%.*s", (int)(slash - path), path);
        object = json_object_get(object, name);
    }
    return json_object_get(object, path);
}
