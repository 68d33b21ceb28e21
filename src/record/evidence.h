/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The evidence of an OOM kill as JSON, in a recording's column: the keys are those of `boxtop events --json`.
 * A text that is read may come from anywhere.
 */
#ifndef BOXTOP_RECORD_EVIDENCE_H
#define BOXTOP_RECORD_EVIDENCE_H

#include "monitor/event.h"

/* NULL: the event has none. The caller frees. */
char *evidence_text(const struct event *event);
/* Gives the event the evidence of a text; none, if it is no such text. */
void evidence_parse(const char *text, struct event *event);

#endif
