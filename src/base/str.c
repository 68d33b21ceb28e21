/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void reserve(struct str *s, size_t more)
{
    size_t need = s->len + more + 1;
    if (need <= s->cap)
        return;
    s->cap = need < 64 ? 64 : need * 2;
    s->text = mem_resize(s->text, s->cap, 1);
}

void str_add_bytes(struct str *s, const char *bytes, size_t count)
{
    reserve(s, count);
    memcpy(s->text + s->len, bytes, count);
    s->len += count;
    s->text[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
    str_add_bytes(s, text, strlen(text));
}

void str_add_number(struct str *s, uint64_t number, char after)
{
    char digits[24], *end = digits + sizeof digits, *at = end;
    if (after)
        *--at = after;
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    str_add_bytes(s, at, (size_t)(end - at));
}

void str_addf(struct str *s, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len > 0) {
        reserve(s, (size_t)len);
        vsnprintf(s->text + s->len, (size_t)len + 1, format, again);
        s->len += (size_t)len;
    }
    va_end(again);
}

void str_add_shell(struct str *s, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (text[0] && strspn(text, plain) == strlen(text)) {
        str_add(s, text);
        return;
    }
    str_add(s, "'");
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            str_add(s, "'\\''");
        else
            str_add_bytes(s, c, 1);
    }
    str_add(s, "'");
}

void str_add_shell_list(struct str *s, char *const *list)
{
    for (char *const *item = list; item && *item; item++) {
        if (item != list)
            str_add(s, " ");
        str_add_shell(s, *item);
    }
}

const char *str_text(const struct str *s)
{
    return s->text ? s->text : "";
}

void str_clear(struct str *s)
{
    s->len = 0;
    if (s->text)
        s->text[0] = '\0';
}

void str_free(struct str *s)
{
    free(s->text);
    *s = (struct str){0};
}

/* Length of the valid, printable UTF-8 character at `c`, 0 if there is none. C1 controls (U+0080..9F) count
 * as not printable: some terminals obey them. */
static size_t utf8_length(const unsigned char *c)
{
    if (c[0] < 0x80)
        return c[0] >= 0x20 && c[0] != 0x7f;
    size_t len = c[0] >= 0xf0 && c[0] <= 0xf4  ? 4
                 : c[0] >= 0xe0 && c[0] < 0xf0 ? 3
                 : c[0] >= 0xc2 && c[0] < 0xe0 ? 2
                                               : 0;
    for (size_t i = 1; i < len; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    unsigned first = c[0], second = len ? c[1] : 0;
    bool wrong = (first == 0xc2 && second < 0xa0) || (first == 0xe0 && second < 0xa0) ||
                 (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
                 (first == 0xf4 && second >= 0x90);
    return wrong ? 0 : len;
}

size_t str_printable(char *to, size_t size, const char *from)
{
    size_t out = 0;
    if (size == 0)
        return 0;
    for (const unsigned char *c = (const unsigned char *)from; *c;) {
        char escape[5];
        size_t len = utf8_length(c), width = len ? len : 4;
        if (out + width >= size)
            break;
        if (!len)
            snprintf(escape, sizeof escape, "\\x%02x", *c);
        memcpy(to + out, len ? (const char *)c : escape, width);
        out += width;
        c += len ? len : 1;
    }
    to[out] = '\0';
    return out;
}

bool str_starts(const char *text, const char *front)
{
    return strncmp(text, front, strlen(front)) == 0;
}

bool str_copy(char *to, size_t size, const char *from)
{
    size_t len = strnlen(from, size);
    bool whole = len < size;
    if (!whole)
        len = size - 1;
    memcpy(to, from, len);
    to[len] = '\0';
    return whole;
}
