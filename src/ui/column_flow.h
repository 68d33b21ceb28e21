/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The columns of what goes through a group, which only rows on the screen are read for (look.h): bytes per
 * second from devices, and in its own network namespace. For column.c. Pure.
 */
#ifndef BOXTOP_UI_COLUMN_FLOW_H
#define BOXTOP_UI_COLUMN_FLOW_H

#include "ui/column.h"

/* As struct column has them; NAN: not known. */
#define FLOW(name)                                                                                           \
    double name##_value(const struct model *model, const struct row *row);                                   \
    void name##_text(const struct model *model, const struct row *row, enum glyph_set glyphs,                \
                     struct column_cell *ret);
FLOW(io_read)
FLOW(io_write)
FLOW(io_both)
FLOW(net_in)
FLOW(net_out)
FLOW(net_both)
#undef FLOW

#endif
