/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where there is no fuzzer: each file of a directory through the parser, whole, cut at every length, and with
 * bytes changed by a generator that always does the same.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "fuzz.h"

enum { CUTS_MAX = 300, FLIPS = 300 };

/* Exactly as large as it says, so that a sanitizer sees who reads beyond. */
static void feed(const char *text, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, text, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void replay(char *text, size_t size)
{
    uint64_t random = 88172645463325252u;
    feed(text, size);
    for (size_t i = 0; i <= size && i < CUTS_MAX; i++)
        feed(text, i * size / (size < CUTS_MAX ? size + !size : CUTS_MAX));
    for (int i = 0; i < FLIPS && size > 1; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        size_t at = random % size;
        char before = text[at];
        text[at] = (char)(random >> 32);
        feed(text, size);
        text[at] = before;
    }
}

int main(int argc, char **argv)
{
    size_t count = 0;
    cleanup_dir DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        cleanup_free char *text = NULL;
        ssize_t size =
            entry->d_name[0] == '.' ? -1 : fs_read_whole_at(dirfd(dir), entry->d_name, 1 << 20, &text);
        if (size < 0)
            continue;
        replay(text, (size_t)size);
        count++;
    }
    printf("%zu files\n", count);
    return count ? 0 : 1;
}
