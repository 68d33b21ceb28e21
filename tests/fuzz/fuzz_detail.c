/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The texts of details; the first byte is a letter of the switch.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/detail_parse.h"

static void parse(struct detail_draft *draft, char which, const char *text)
{
    struct detail_process process = {0};
    char comm[32], name[32];
    switch (which) {
    case 'f':
        detail_parse_figures(draft, "memory.stat", text);
        break;
    case 'p':
        detail_parse_pressure(text, &draft->detail.pressure[0]);
        break;
    case 'i':
        detail_parse_io_stat(draft, text);
        detail_parse_io_max(draft, text);
        break;
    case 's':
        detail_parse_stat(text, &process, comm);
        detail_parse_status(text, &process);
        break;
    case 'm':
        detail_parse_map(&draft->uid_map, text);
        break;
    case 'n':
        detail_parse_net_dev(draft, text);
        break;
    default:
        detail_parse_diskstats(text, 8, 0, name, sizeof name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = strndup((const char *)data + 1, size - 1);
    struct detail_draft *draft = detail_draft_new();
    parse(draft, (char)data[0], text);
    detail_unref(detail_draft_finish(draft));
    free(text);
    return 0;
}
