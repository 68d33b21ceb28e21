/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/steps.h"

#include <stdio.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "core/stopwatch.h"
#include "ui/language.h"
#include "ui/text.h"

void steps_open(struct steps *ret, int *ret_theirs)
{
    int ends[2] = {-1, -1};
    *ret = (struct steps){.fd = -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0)
        ret->fd = ends[0];
    *ret_theirs = ends[1];
}

void steps_close(struct steps *steps)
{
    fd_close(&steps->fd);
}

/* Keeper and first process work at the same time: what belongs together may have come apart. */
static struct steps_line *line_of(struct steps *steps, enum step_kind kind)
{
    for (size_t i = 0; i < steps->count; i++)
        if (steps->lines[i].kind == kind)
            return &steps->lines[i];
    struct steps_line *line = &steps->lines[steps->count++];
    *line = (struct steps_line){.kind = kind};
    return line;
}

bool steps_read(struct steps *steps)
{
    struct stopwatch_step told;
    bool any = false;
    while (steps->fd >= 0 && recv(steps->fd, &told, sizeof told, MSG_DONTWAIT) == sizeof told) {
        if (told.kind >= STEP_COUNT)
            continue;
        struct steps_line *line = line_of(steps, (enum step_kind)told.kind);
        line->count++;
        line->ns += told.ns;
        line->failed = line->failed || told.failed;
        steps->done++;
        steps->all_ns += told.ns;
        any = true;
    }
    return any;
}

void steps_line(const struct steps_line *line, char *to, size_t size)
{
    char name[40];
    snprintf(name, sizeof name, line->count > 1 ? "%s x%u" : "%s", step_name(line->kind), line->count);
    snprintf(to, size, "%-14s %7.2f ms  %s", name, (double)line->ns / 1e6, tr(step_sentence(line->kind)));
}

void steps_print(const struct steps *steps, int cols, struct str *to)
{
    char text[200];
    for (size_t i = 0; i < steps->count; i++) {
        steps_line(&steps->lines[i], text, sizeof text);
        str_addf(to, "\033[2m%.*s\033[m\r\n", (int)text_fit(text, cols), text);
    }
}
