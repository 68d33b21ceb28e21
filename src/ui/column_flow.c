/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/column_flow.h"

#include <math.h>

#include "base/fmt.h"
#include "base/value.h"
#include "ui/model.h"

enum flow { FLOW_READ, FLOW_WRITTEN, FLOW_IN, FLOW_OUT };

static double flow_of(const struct model *model, const struct row *row, enum flow flow)
{
    const struct sample *sample = model_sample(model, row);
    const struct detail *detail = sample ? sample->detail : NULL;
    double sum = 0;
    bool net = flow >= FLOW_IN;
    if (!detail || !(detail->parts & (net ? DETAIL_NET : DETAIL_IO)) || (net && !detail->net_own))
        return NAN;
    if (!net && !(model->now->cgroupfs.controllers >> CONTROLLER_IO & 1) && !detail->device_count)
        return NAN;
    if (net)
        return flow == FLOW_IN ? detail->net_rx.bytes_per_s : detail->net_tx.bytes_per_s;
    for (size_t i = 0; i < detail->device_count; i++)
        sum += flow == FLOW_READ ? detail->devices[i].rbytes_per_s : detail->devices[i].wbytes_per_s;
    return sum;
}

static void flow_text(double bytes_per_s, struct column_cell *ret)
{
    fmt_bytes(ret->text, isnan(bytes_per_s) ? VALUE_ABSENT : (uint64_t)fmax(bytes_per_s, 0));
    ret->style = (struct style){.role = bytes_per_s >= 1 ? ROLE_FG : ROLE_DIM};
}

#define FLOW(name, expression)                                                                               \
    double name##_value(const struct model *model, const struct row *row)                                    \
    {                                                                                                        \
        return expression;                                                                                   \
    }                                                                                                        \
    void name##_text(const struct model *model, const struct row *row, enum glyph_set glyphs,                \
                     struct column_cell *ret)                                                                \
    {                                                                                                        \
        (void)glyphs;                                                                                        \
        flow_text(name##_value(model, row), ret);                                                            \
    }
FLOW(io_read, flow_of(model, row, FLOW_READ))
FLOW(io_write, flow_of(model, row, FLOW_WRITTEN))
FLOW(net_in, flow_of(model, row, FLOW_IN))
FLOW(net_out, flow_of(model, row, FLOW_OUT))
FLOW(io_both, flow_of(model, row, FLOW_READ) + flow_of(model, row, FLOW_WRITTEN))
FLOW(net_both, flow_of(model, row, FLOW_IN) + flow_of(model, row, FLOW_OUT))
