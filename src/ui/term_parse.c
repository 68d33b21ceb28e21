/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a terminal says of itself and of the mouse, from text.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/term.h"

bool term_parse_mouse(const char *report, struct term_mouse *ret)
{
    int button, x, y;
    char end;
    if (sscanf(report, "<%3d;%5d;%5d%c", &button, &x, &y, &end) != 4 || end != 'M' || x < 1 || y < 1)
        return false;
    /* 4, 8 and 16 are Shift, Alt and Ctrl. */
    button &= ~(4 | 8 | 16);
    *ret = (struct term_mouse){y - 1, x - 1, button == 64 ? -1 : button == 65 ? 1 : 0, button == 2 ? 2 : 0};
    return button == 0 || button == 2 || ret->wheel;
}

int term_parse_ground(const char *reply)
{
    unsigned part[3];
    int from[3], to[3];
    if (sscanf(reply, "11;rgb:%n%4x%n/%n%4x%n/%n%4x%n", &from[0], &part[0], &to[0], &from[1], &part[1],
               &to[1], &from[2], &part[2], &to[2]) != 3)
        return -EINVAL;
    double luma = 0;
    static const double weights[] = {0.299, 0.587, 0.114};
    for (int i = 0; i < 3; i++)
        luma += weights[i] * part[i] / ((1 << 4 * (to[i] - from[i])) - 1);
    return luma > 0.5;
}

int term_parse_fgbg(const char *text)
{
    const char *last = text ? strrchr(text, ';') : NULL;
    if (!last || !last[1] || strspn(last + 1, "0123456789") != strlen(last + 1) || strlen(last + 1) > 2)
        return -EINVAL;
    int color = atoi(last + 1);
    return color == 7 || color == 15;
}
