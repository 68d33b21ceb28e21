/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/progress.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"

#define FIRST_NS 300000000u /* an import that is over by then shows nothing */
#define EACH_NS  100000000u
#define BAR      24

static volatile sig_atomic_t interrupted; /* a handler can be told nothing else */

static void on_signal(int signal)
{
    interrupted = signal;
}

bool progress_interrupted(void)
{
    return interrupted != 0;
}

void progress_begin(struct progress *progress)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal}; /* without SA_RESTART: a read ends */
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaction(signals[i], &action, NULL);
    *progress = (struct progress){.terminal = isatty(STDERR_FILENO), .begun_ns = clock_mono_ns()};
}

void progress_part(struct progress *progress, const char *what, uint64_t total_bytes)
{
    str_copy(progress->what, sizeof progress->what, what);
    progress->done = 0;
    progress->total = total_bytes;
}

static void show(const struct progress *p)
{
    char bytes[FMT_SIZE], bar[BAR + 1];
    uint64_t filled = p->total ? p->done * BAR / p->total : 0;
    for (size_t i = 0; i < BAR; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR] = '\0';
    if (p->total)
        fprintf(stderr, "\rimporting %s [%s] %3u%% %s\033[K", p->what, bar,
                (unsigned)(p->done * 100 / p->total), fmt_bytes(bytes, p->done));
    else
        fprintf(stderr, "\rimporting %s %s\033[K", p->what, fmt_bytes(bytes, p->done));
    fflush(stderr);
}

void progress_add(struct progress *progress, uint64_t bytes)
{
    uint64_t now = progress->terminal ? clock_mono_ns() : 0;
    progress->done += bytes;
    if (!progress->terminal || now - progress->begun_ns < FIRST_NS || now - progress->last_ns < EACH_NS)
        return;
    progress->last_ns = now;
    progress->shown = true;
    show(progress);
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
