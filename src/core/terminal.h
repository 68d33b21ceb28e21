/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The caller's terminal while a container's is shown in it: raw, and put back whatever happens (also
 * registered with atexit). One a process.
 */
#ifndef BOXTOP_CORE_TERMINAL_H
#define BOXTOP_CORE_TERMINAL_H

/* Raw mode on descriptor 0 if it is a terminal. */
void terminal_raw(void);
void terminal_restore(void);
/* Copies the size of the caller's terminal to the master. */
void terminal_copy_size(int master);

#endif
