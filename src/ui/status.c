/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/status.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/str.h"
#include "ui/keymap.h"
#include "ui/language.h"

#define NOTICE_NS 6000000000u

void status_notice(struct status *status, enum notice_kind kind, const char *format, ...)
{
    char raw[sizeof status->text];
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, tr(format), args);
    va_end(args);
    str_printable(status->text, sizeof status->text, raw);
    status->kind = kind;
    status->until_ns = kind == NOTICE_ERROR ? 0 : clock_mono_ns() + NOTICE_NS;
}

void status_clear(struct status *status)
{
    status->kind = NOTICE_NONE;
}

void status_ask(struct status *status, const struct prompt *prompt, const char *text)
{
    status->prompt = *prompt;
    edit_set(&status->prompt.edit, text);
    status->kind = NOTICE_NONE;
}

bool status_asks(const struct status *status)
{
    return status->prompt.done != NULL;
}

/* The question is taken off before it is answered: the answer may ask the next one. */
static void answer(struct app *app, struct status *status, bool yes)
{
    struct prompt prompt = status->prompt;
    status->prompt = (struct prompt){0};
    if (yes)
        prompt.done(app, prompt.edit.text);
    else if (prompt.cancelled)
        prompt.cancelled(app);
}

void status_key(struct app *app, struct status *status, int key)
{
    struct prompt *prompt = &status->prompt;
    if (prompt->confirm) {
        answer(app, status, language_yes(key));
        return;
    }
    if (key == K_ENTER || key == K_ESC || key == 3 || (key == K_BACKSPACE && !prompt->edit.len)) {
        answer(app, status, key == K_ENTER);
        return;
    }
    if (key == K_TAB && prompt->complete)
        prompt->complete(app, &prompt->edit);
    else if (edit_key(&prompt->edit, key) && prompt->changed)
        prompt->changed(app, prompt->edit.text);
}
