/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nobody in a container may write to boxtop's own program through /proc/PID/exe (CVE-2019-5736). Before exec
 * joins a container, boxtop executes itself once more from a read-only mount of its file that is in no tree.
 * A launch does without (it would cost a fifth of it): the keeper, which executes the same file, outlives
 * whatever runs in there, and a file that is being executed can't be written to (ETXTBSY).
 */
#ifndef BOXTOP_CORE_SEAL_H
#define BOXTOP_CORE_SEAL_H

/* Returns when this process runs from a read-only mount, or can't (not root: then the file isn't writable to
 * the container's processes either). */
void seal_self(char *const argv[]);

#endif
