/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/cgparse.h"
#include "monitor/hostinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct counters counters;
    uint64_t busy, total;
    if (size == 0)
        return 0;
    char *text = strndup((const char *)data + 1, size - 1);
    cgparse_absent_all(&counters);
    cgparse((enum cgfile)(data[0] % CGFILE_COUNT), text, &counters);
    hostinfo_parse_stat(text, &busy, &total);
    hostinfo_parse_key(text, "MemTotal:");
    hostinfo_parse_load(text);
    hostinfo_parse_cpus(text);
    free(text);
    return 0;
}
