/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/watch_past.h"

const struct past *watch_past;
