/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-unit: the process in the unit that systemd delegates to boxtop. Started by systemd, because
 * boxtop-delegate asked for it.
 */
#include <stdio.h>

#include "core/unit_server.h"

int main(void)
{
    struct err err = {0};
    if (unit_serve(&err) == 0)
        return 0;
    err_print(&err, stderr);
    return 1;
}
