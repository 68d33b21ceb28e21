/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/str.h"

int err_set(struct err *err, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->code = code ? code : EIO;
    err->hint[0] = '\0';
    return -err->code;
}

int err_errno(struct err *err, const char *format, ...)
{
    int code = errno;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof err->text)
        snprintf(err->text + len, sizeof err->text - (size_t)len, ": %s", strerror(code));
    err->code = code ? code : EIO;
    err->hint[0] = '\0';
    return -err->code;
}

int err_prefix(struct err *err, const char *format, ...)
{
    char front[sizeof err->text];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(front, sizeof front, format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof front)
        snprintf(front + len, sizeof front - (size_t)len, ": %.*s", (int)(sizeof front - 3) - len, err->text);
    memcpy(err->text, front, sizeof front);
    return -err->code;
}

int err_hint(struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->hint, sizeof err->hint, format, args);
    va_end(args);
    return -err->code;
}

void err_print(const struct err *err, FILE *out)
{
    char text[4 * sizeof err->text], hint[4 * sizeof err->hint];
    str_printable(text, sizeof text, err->text);
    str_printable(hint, sizeof hint, err->hint);
    if (hint[0])
        fprintf(out, "boxtop: %s (%s)\n", text, hint);
    else
        fprintf(out, "boxtop: %s\n", text);
}
