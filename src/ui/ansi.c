/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/ansi.h"

#include <stdlib.h>

/* The first sixteen, so that each can be read on a dark ground and the dark ones on a light one. */
static const int first[16] = {0x1c1f26, 0xd9534f, 0x6cbf6c, 0xd7b13f, 0x5a8fd6, 0xb57ed6, 0x4fb8c4, 0xd0d4da,
                              0x6b7280, 0xff6b66, 0x8fe08f, 0xffd866, 0x82aaff, 0xd6a8ff, 0x7fdce8, 0xffffff};

int ansi_rgb(int index)
{
    static const int steps[6] = {0, 95, 135, 175, 215, 255};
    if (index < 16)
        return first[index & 15];
    if (index >= 232)
        return (8 + (index - 232) * 10) * 0x010101;
    index -= 16;
    return steps[index / 36] << 16 | steps[index / 6 % 6] << 8 | steps[index % 6];
}

static int distance(int a, int b)
{
    return abs((a >> 16 & 255) - (b >> 16 & 255)) + abs((a >> 8 & 255) - (b >> 8 & 255)) +
           abs((a & 255) - (b & 255));
}

static int nearest_16(int rgb)
{
    int best = 0;
    for (int i = 1; i < 16; i++)
        if (distance(first[i], rgb) < distance(first[best], rgb))
            best = i;
    return best;
}

int ansi_color(enum theme_depth depth, int color, bool *bold)
{
    if (color == COLOR_DEFAULT || depth == DEPTH_NONE)
        return COLOR_DEFAULT;
    int index = ANSI_IS_INDEX(color) ? color & 255 : -1;
    switch (depth) {
    case DEPTH_TRUE:
        return index >= 0 ? ansi_rgb(index) : color;
    case DEPTH_256:
        return index >= 0 ? index : theme_nearest_256(color);
    default:
        break;
    }
    if (index < 0 || index > 15)
        index = nearest_16(index < 0 ? color : ansi_rgb(index));
    *bold = *bold || index > 7;
    return index & 7;
}
