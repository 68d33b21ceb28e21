/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every sign on the screen, once for terminals that have UTF-8 and once in ASCII. Pure.
 */
#ifndef BOXTOP_UI_GLYPH_H
#define BOXTOP_UI_GLYPH_H

enum glyph_set { GLYPHS_BRAILLE, GLYPHS_BLOCK, GLYPHS_ASCII };

enum glyph {
    GLYPH_HLINE,
    GLYPH_VLINE,
    GLYPH_TOP_LEFT,
    GLYPH_TOP_RIGHT,
    GLYPH_BOTTOM_LEFT,
    GLYPH_BOTTOM_RIGHT,
    GLYPH_TITLE_OPEN, /* the notches that hold a title in a box's border */
    GLYPH_TITLE_CLOSE,
    GLYPH_TREE_FORK,
    GLYPH_TREE_LAST,
    GLYPH_TREE_PASS,
    GLYPH_FOLDED,
    GLYPH_BAR_FULL,
    GLYPH_BAR_HALF,
    GLYPH_BAR_EMPTY,
    GLYPH_BAR_LIMIT,
    GLYPH_LIMIT_LINE,
    GLYPH_AXIS,
    GLYPH_RUNNING,
    GLYPH_PAUSED,
    GLYPH_EMPTY,
    GLYPH_ENDED,
    GLYPH_STARTING,
    GLYPH_GROUP,
    GLYPH_KILL,
    GLYPH_ABOVE, /* it comes from an ancestor */
    GLYPH_LEFT,
    GLYPH_RIGHT,
    GLYPH_SORT_UP,
    GLYPH_SORT_DOWN,
    GLYPH_CUT, /* a text goes on */
    GLYPH_SCROLL,
    GLYPH_DOT,
    GLYPH_TAG,
    GLYPH_LOW,  /* the mark of memory.low in a bar */
    GLYPH_DONE, /* of what is expected */
    GLYPH_MISSED,
    GLYPH_AWAITED,
    GLYPH_COUNT
};

/* One character, as UTF-8. */
const char *glyph_text(enum glyph_set set, enum glyph glyph);

#endif
