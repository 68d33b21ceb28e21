/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void frame_reset(struct frame *frame)
{
    *frame = (struct frame){.attributes = true};
}

/* Tells the terminal a colour if it is another than it has. */
static void tell(char *told, const char *wanted, struct str *to)
{
    if (strcmp(told, wanted) == 0)
        return;
    memcpy(told, wanted, FRAME_COLOR);
    if (wanted[0])
        str_addf(to, "\033[%sm", wanted);
}

/* Before something is shown: its ground always, its ink only if there is any. */
static void tell_both(struct frame *frame, bool ink, struct str *to)
{
    tell(frame->told_bg, frame->bg, to);
    if (ink || frame->attributes)
        tell(frame->told_fg, frame->fg, to);
}

/* How many parameters a colour has that begins with this one (38 and 48 take 2;R;G;B or 5;N); 0: no colour.
 */
static int color_length(const int *values, int count)
{
    int value = values[0];
    if (value == 38 || value == 48) {
        int length = count > 1 && values[1] == 2 ? 5 : count > 1 && values[1] == 5 ? 3 : 0;
        return length <= count ? length : 0;
    }
    return (value >= 30 && value <= 49 && value != 40 + 8) || (value >= 90 && value <= 107) ? 1 : 0;
}

static bool is_ground(int value)
{
    return (value >= 40 && value <= 49) || value >= 100;
}

static void note_color(struct frame *frame, const int *values, int length)
{
    char *to = is_ground(values[0]) ? frame->bg : frame->fg;
    int used = 0;
    for (int i = 0; i < length; i++)
        used += snprintf(to + used, FRAME_COLOR - (size_t)used, "%s%d", i ? ";" : "", values[i] & 255);
}

/* Everything back to how the terminal began: colours, too. */
static void note_plain(struct frame *frame)
{
    strcpy(frame->fg, "39");
    strcpy(frame->bg, "49");
    strcpy(frame->told_fg, "39");
    strcpy(frame->told_bg, "49");
    frame->attributes = false;
}

/* "\033[...m": colours are only noted; the rest is passed on at once. */
static void rendition(struct frame *frame, const char *parameters, struct str *to)
{
    int values[16], count = 0;
    for (const char *at = parameters; count < 16; at++) {
        values[count++] = atoi(at);
        if (!(at = strchr(at, ';')))
            break;
    }
    for (int i = 0; i < count;) {
        int length = color_length(values + i, count - i);
        if (length) {
            note_color(frame, values + i, length);
        } else {
            str_addf(to, "\033[%dm", values[i]);
            if (values[i] == 0)
                note_plain(frame);
            else
                frame->attributes = true;
        }
        i += length ? length : 1;
    }
}

/* A sequence without parameters ("\033(B", "\0337"): nothing may come between its bytes. */
static size_t short_sequence(const char *bytes, size_t len, struct str *to)
{
    size_t end = 1;
    while (end < len && bytes[end] >= ' ' && bytes[end] <= '/')
        end++;
    end += end < len;
    str_add_bytes(to, bytes, end);
    return end;
}

/* A sequence at `bytes`; returns its length, 0 if it doesn't end here. */
static size_t sequence(struct frame *frame, const char *bytes, size_t len, struct str *to)
{
    char parameters[80];
    size_t end = 2;
    if (len < 2 || bytes[1] != '[')
        return short_sequence(bytes, len, to);
    while (end < len && (bytes[end] < '@' || bytes[end] > '~'))
        end++;
    if (end >= len)
        return 0;
    if (bytes[end] == 'm' && end - 2 < sizeof parameters) {
        memcpy(parameters, bytes + 2, end - 2);
        parameters[end - 2] = '\0';
        rendition(frame, parameters, to);
        return end + 1;
    }
    /* What erases or shifts fills with the ground. */
    if (strchr("JKLMPSTX@b", bytes[end]))
        tell_both(frame, bytes[end] == 'b', to);
    str_add_bytes(to, bytes, end + 1);
    return end + 1;
}

void frame_filter(struct frame *frame, const char *bytes, size_t len, struct str *to)
{
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)bytes[i];
        size_t taken = c == 033 ? sequence(frame, bytes + i, len - i, to) : 0;
        if (taken) {
            i += taken;
            continue;
        }
        if (c >= ' ' && c != 0x7f)
            tell_both(frame, c != ' ', to);
        str_add_bytes(to, bytes + i, 1);
        i++;
    }
}
