/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *checked(void *ptr)
{
    if (!ptr) {
        fputs("boxtop: out of memory\n", stderr);
        _exit(125);
    }
    return ptr;
}

void *mem_alloc(size_t size)
{
    return checked(calloc(1, size ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize(void *ptr, size_t count, size_t size)
{
    return checked(reallocarray(ptr, count ? count : 1, size ? size : 1));
}

char *mem_dup(const char *text)
{
    return text ? checked(strdup(text)) : NULL;
}

char *mem_printf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    return checked(len < 0 ? NULL : text);
}

char **mem_dup_list(char *const *list)
{
    if (!list)
        return NULL;
    size_t count = 0;
    while (list[count])
        count++;
    char **copy = mem_array(count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = mem_dup(list[i]);
    return copy;
}

void mem_free_list(char **list)
{
    for (char **item = list; item && *item; item++)
        free(*item);
    free(list);
}

void mem_list_add(char ***list, char *item)
{
    size_t count = 0;
    while (*list && (*list)[count])
        count++;
    *list = mem_resize(*list, count + 2, sizeof **list);
    (*list)[count] = item;
    (*list)[count + 1] = NULL;
}

/* The linker's: where the program's code begins and ends. */
extern const char __executable_start[], etext[];

void mem_trim(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = (uintptr_t)__executable_start & ~(page - 1), end = (uintptr_t)etext & ~(page - 1);
    malloc_trim(0);
    madvise((void *)begin, end - begin, MADV_DONTNEED);
}

void fd_close(int *fd)
{
    int saved = errno;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

void mem_cleanup_free(void *ptr)
{
    free(*(void **)ptr);
}

void mem_cleanup_file(void *file)
{
    if (*(FILE **)file)
        fclose(*(FILE **)file);
}

void mem_cleanup_dir(void *dir)
{
    if (*(DIR **)dir)
        closedir(*(DIR **)dir);
}

void mem_cleanup_list(void *list)
{
    mem_free_list(*(char ***)list);
}
