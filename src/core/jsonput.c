/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/jsonput.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/jsontext.h"

/* A comma after what stands before. What ends with one of these is never a whole value. */
static void begin(struct str *to, const char *key)
{
    if (to->len && !strchr("{[", to->text[to->len - 1]))
        str_add_bytes(to, ",", 1);
    if (!key)
        return;
    str_add_bytes(to, "\n\"", 2);
    str_add(to, key);
    str_add_bytes(to, "\": ", 3);
}

void jsonput_open(struct str *to, const char *key, char bracket)
{
    begin(to, key);
    str_add_bytes(to, &bracket, 1);
}

void jsonput_close(struct str *to, char bracket)
{
    str_add_bytes(to, &bracket, 1);
}

void jsonput_json(struct str *to, const char *key, const json_t *json)
{
    cleanup_free char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
    begin(to, key);
    str_add(to, text ? text : "null");
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void jsonput_text(struct str *to, const char *key, const char *text)
{
    size_t len = 0;
    if (!text) {
        jsonput_null(to, key);
        return;
    }
    while (is_plain((unsigned char)text[len]))
        len++;
    if (text[len]) {
        json_t *json = jsontext(text);
        jsonput_json(to, key, json);
        json_decref(json);
        return;
    }
    begin(to, key);
    str_add_bytes(to, "\"", 1);
    str_add_bytes(to, text, len);
    str_add_bytes(to, "\"", 1);
}

void jsonput_list(struct str *to, const char *key, char *const *list)
{
    if (!list) {
        jsonput_null(to, key);
        return;
    }
    jsonput_open(to, key, '[');
    for (char *const *item = list; *item; item++)
        jsonput_text(to, NULL, *item);
    jsonput_close(to, ']');
}

void jsonput_number(struct str *to, const char *key, int64_t number)
{
    begin(to, key);
    if (number < 0)
        str_add_bytes(to, "-", 1);
    str_add_number(to, number < 0 ? -(uint64_t)number : (uint64_t)number, '\0');
}

void jsonput_bool(struct str *to, const char *key, bool value)
{
    begin(to, key);
    str_add(to, value ? "true" : "false");
}

void jsonput_null(struct str *to, const char *key)
{
    begin(to, key);
    str_add(to, "null");
}
