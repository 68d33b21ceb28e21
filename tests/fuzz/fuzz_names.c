/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * 'p': a cgroup's path; 'd', 's', 'o': an engine's file; 'm': a machine's record.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/engine_text.h"
#include "monitor/identity.h"

#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void of_engine(enum engine_format format, const char *text, size_t len)
{
    struct engine_names names;
    json_t *json = engine_load(text, len);
    if (json)
        engine_names_of(format, json, ID, &names);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char line[64];
    if (size == 0)
        return 0;
    char *text = strndup((const char *)data + 1, size - 1);
    switch (data[0]) {
    case 'd':
        of_engine(ENGINE_DOCKER, text, strlen(text));
        break;
    case 's':
        of_engine(ENGINE_STORAGE, text, strlen(text));
        break;
    case 'o':
        of_engine(ENGINE_OCI, text, strlen(text));
        break;
    case 'm':
        engine_line(text, "SERVICE", line, sizeof line);
        break;
    default:
        identity_unref(identity_of_path(text));
    }
    free(text);
    return 0;
}
