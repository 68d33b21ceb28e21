/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Other programs that the engine runs beside a launch, where a launch needs them (core/firewall.h,
 * core/pasta.h). They get no descriptor but 0 to 2.
 */
#ifndef BOXTOP_CORE_HELPER_H
#define BOXTOP_CORE_HELPER_H

#include "base/err.h"

/* Runs argv[0] (a path) to its end. 0, or -ECHILD with the first line that it wrote to its standard error as
 * the error's text; *ret_status (may be NULL): its exit status, -1 if it did not exit by itself. */
int helper_run(char *const argv[], int *ret_status, struct err *err);

#endif
