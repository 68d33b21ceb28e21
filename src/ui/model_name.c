/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a row is called, and what state it is in.
 */
#include "ui/model.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* What engines put around the id of a container, and what a short name of it is called. */
static const struct {
    const char *front, *back, *label;
} engines[] = {
    {"docker-", ".scope", "docker:"},      {"libpod-", ".scope", "podman:"},
    {"cri-containerd-", ".scope", "cri:"}, {"crio-", ".scope", "crio:"},
    {"nerdctl-", ".scope", "nerdctl:"},    {"libpod-conmon-", ".scope", "conmon:"},
};

static bool is_hex_id(const char *text, size_t len)
{
    return len >= 32 && strspn(text, "0123456789abcdef") >= len;
}

/* "docker-0123...cdef.scope" -> "docker:0123456789ab". */
static bool engine_name(const char *raw, char *to)
{
    size_t len = strlen(raw);
    for (size_t i = 0; i < COUNT_OF(engines); i++) {
        size_t front = strlen(engines[i].front), back = strlen(engines[i].back);
        if (len > front + back && str_starts(raw, engines[i].front) &&
            strcmp(raw + len - back, engines[i].back) == 0 && is_hex_id(raw + front, len - front - back)) {
            snprintf(to, MODEL_NAME, "%s%.12s", engines[i].label, raw + front);
            return true;
        }
    }
    return false;
}

/* systemd writes what a unit's name may not have as \xNN: "dev-disk\x2d1.mount". */
static void unescape_unit(const char *raw, char *to, size_t size)
{
    size_t out = 0;
    while (*raw && out + 1 < size) {
        if (raw[0] == '\\' && raw[1] == 'x' && isxdigit((unsigned char)raw[2]) &&
            isxdigit((unsigned char)raw[3])) {
            char hex[3] = {raw[2], raw[3], 0};
            to[out++] = (char)strtol(hex, NULL, 16);
            raw += 4;
        } else {
            to[out++] = *raw++;
        }
    }
    to[out] = '\0';
}

static void sample_name(const struct sample *sample, const char *raw, char *to)
{
    char plain[256];
    if (engine_name(raw, to))
        return;
    if (is_hex_id(raw, strlen(raw))) {
        snprintf(to, MODEL_NAME, "%.12s", raw);
        return;
    }
    unescape_unit(raw, plain, sizeof plain);
    str_printable(to, MODEL_NAME, sample->depth == 0 && raw == sample->name ? sample->path : plain);
}

void model_name(const struct model *model, const struct row *row, char *to)
{
    const struct container *container = model_container(model, row);
    const struct sample *sample = model_sample(model, row);
    if (container)
        str_printable(to, MODEL_NAME, container->name);
    else if (sample->identity && sample->identity->kind == KIND_CONTAINER)
        str_copy(to, MODEL_NAME, sample->identity->label);
    else if (model->flat && sample->depth > 0)
        sample_name(sample, sample->path + (sample->path[0] == '/'), to);
    else
        sample_name(sample, sample->name, to);
}

const char *model_state(const struct model *model, const struct row *row)
{
    const struct container *container = model_container(model, row);
    const struct sample *sample = model_sample(model, row);
    bool frozen = sample && sample->now.frozen == 1;
    if (container)
        return container_state_name(frozen ? CONTAINER_PAUSED : container->state);
    return frozen ? "frozen" : sample && sample->now.populated == 0 ? "empty" : "live";
}
