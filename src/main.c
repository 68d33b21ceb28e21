/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <unistd.h>

#include "cli/command.h"

/* Nothing of the caller's but the three standard descriptors is kept: a keeper would hold it for as long as
 * its container lives. Those three have to be open, or the next file opened would be taken for one of them.
 */
static void take_standard_descriptors(void)
{
    int fd;
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
        ;
    if (fd > STDERR_FILENO)
        close_range(STDERR_FILENO + 1, ~0u, 0);
}

int main(int argc, char **argv)
{
    take_standard_descriptors();
    return command_main(argc, argv);
}
