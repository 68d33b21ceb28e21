/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/glyph.h"

static const struct {
    const char *utf8, *ascii;
} glyphs[GLYPH_COUNT] = {
    [GLYPH_HLINE] = {"─", "-"},      [GLYPH_VLINE] = {"│", "|"},       [GLYPH_TOP_LEFT] = {"╭", "+"},
    [GLYPH_TOP_RIGHT] = {"╮", "+"},  [GLYPH_BOTTOM_LEFT] = {"╰", "+"}, [GLYPH_BOTTOM_RIGHT] = {"╯", "+"},
    [GLYPH_TITLE_OPEN] = {"┐", "["}, [GLYPH_TITLE_CLOSE] = {"┌", "]"}, [GLYPH_TREE_FORK] = {"├", "|"},
    [GLYPH_TREE_LAST] = {"└", "`"},  [GLYPH_TREE_PASS] = {"│", "|"},   [GLYPH_FOLDED] = {"▸", "+"},
    [GLYPH_BAR_FULL] = {"━", "#"},   [GLYPH_BAR_HALF] = {"╸", "="},    [GLYPH_BAR_EMPTY] = {"─", "."},
    [GLYPH_BAR_LIMIT] = {"┃", "|"},  [GLYPH_LIMIT_LINE] = {"╌", "-"},  [GLYPH_AXIS] = {"┤", "|"},
    [GLYPH_RUNNING] = {"●", "*"},    [GLYPH_PAUSED] = {"◼", "="},      [GLYPH_EMPTY] = {"○", "o"},
    [GLYPH_ENDED] = {"×", "x"},      [GLYPH_STARTING] = {"◌", "~"},    [GLYPH_GROUP] = {"·", "."},
    [GLYPH_KILL] = {"✖", "X"},       [GLYPH_ABOVE] = {"↑", "^"},       [GLYPH_SORT_UP] = {"▲", "^"},
    [GLYPH_SORT_DOWN] = {"▼", "v"},  [GLYPH_CUT] = {"…", "~"},         [GLYPH_SCROLL] = {"█", "#"},
    [GLYPH_DOT] = {"·", "."},        [GLYPH_TAG] = {"✓", "*"},         [GLYPH_LOW] = {"╎", ":"},
    [GLYPH_LEFT] = {"◂", "<"},       [GLYPH_RIGHT] = {"▸", ">"},       [GLYPH_DONE] = {"✓", "*"},
    [GLYPH_MISSED] = {"✗", "!"},     [GLYPH_AWAITED] = {"○", "."},
};

const char *glyph_text(enum glyph_set set, enum glyph glyph)
{
    return set == GLYPHS_ASCII ? glyphs[glyph].ascii : glyphs[glyph].utf8;
}
