/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a row is called, and what state it is in.
 */
#include "ui/model.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"

void model_name(const struct model *model, const struct row *row, char *to)
{
    const struct container *container = model_container(model, row);
    const struct sample *sample = model_sample(model, row);
    const struct identity *identity = container ? NULL : sample->identity;
    const struct detail_process *process = model_process(model, row);
    if (process)
        snprintf(to, MODEL_NAME, "%d %s", (int)process->pid, process->command);
    else if (container)
        str_printable(to, MODEL_NAME, container->name);
    else if (identity && (!model->flat || identity->kind == KIND_CONTAINER))
        str_copy(to, MODEL_NAME, identity->label);
    else if (model->flat && sample->depth > 0)
        str_printable(to, MODEL_NAME, sample->path + (sample->path[0] == '/'));
    else
        str_printable(to, MODEL_NAME, sample->depth ? sample->name : sample->path);
}

const char *model_state(const struct model *model, const struct row *row)
{
    const struct container *container = model_container(model, row);
    const struct sample *sample = model_sample(model, row);
    bool frozen = sample && sample->now->frozen == 1;
    if (container)
        return container_state_name(frozen ? CONTAINER_PAUSED : container->state);
    return frozen ? "frozen" : sample && sample->now->populated == 0 ? "empty" : "live";
}
