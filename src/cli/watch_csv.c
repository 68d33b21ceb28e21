/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_csv.h"

#include <string.h>

void csv_text(FILE *out, bool first, const char *text)
{
    fputs(first ? "" : ",", out);
    if (!text[strcspn(text, ",\"\r\n")]) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text; text++)
        fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, out);
    putc('"', out);
}

void csv_value(FILE *out, bool first, json_t *value)
{
    if (json_is_string(value)) {
        csv_text(out, first, json_string_value(value));
    } else {
        fputs(first ? "" : ",", out);
        if (value && !json_is_null(value))
            json_dumpf(value, out, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
    }
    json_decref(value);
}

void csv_end(FILE *out)
{
    putc('\n', out);
}
