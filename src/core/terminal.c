/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/terminal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* The one thing that has to be reachable from atexit: there is only one controlling terminal. */
static struct termios before;
static bool is_raw;

void terminal_restore(void)
{
    if (is_raw)
        tcsetattr(0, TCSADRAIN, &before);
    is_raw = false;
}

void terminal_raw(void)
{
    struct termios raw;
    if (is_raw || tcgetattr(0, &before) < 0)
        return;
    raw = before;
    cfmakeraw(&raw);
    if (tcsetattr(0, TCSADRAIN, &raw) < 0)
        return;
    is_raw = true;
    atexit(terminal_restore);
}

void terminal_copy_size(int master)
{
    static const int outer[] = {0, 1, 2};
    struct winsize size;
    for (int i = 0; i < 3; i++)
        if (ioctl(outer[i], TIOCGWINSZ, &size) == 0) {
            ioctl(master, TIOCSWINSZ, &size);
            return;
        }
}
