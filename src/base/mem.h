/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory and descriptors that end with their scope. Allocation never returns NULL: without memory the process
 * says so and ends with status 125 (there is nothing sensible to do with half a record). Any thread; not
 * between clone and exec of a threaded program.
 */
#ifndef BOXTOP_BASE_MEM_H
#define BOXTOP_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size); /* zeroed */
void *mem_array(size_t count, size_t size);
void *mem_resize(void *ptr, size_t count, size_t size);
char *mem_dup(const char *text); /* NULL gives NULL */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char **mem_dup_list(char *const *list); /* NULL-terminated; NULL gives NULL */
void mem_free_list(char **list);
/* Puts an item, which the list owns from now on, at the end of a NULL-terminated list; *list may be NULL. */
void mem_list_add(char ***list, char *item);

/* Gives back to the kernel what is free, and the program's own pages, most of which only its start needed:
 * what is needed again comes back by itself. */
void mem_trim(void);

/* Closes *fd if it is >= 0, keeps errno, leaves -1 in it. */
void fd_close(int *fd);

void mem_cleanup_free(void *ptr);
void mem_cleanup_file(void *file);
void mem_cleanup_dir(void *dir);
void mem_cleanup_list(void *list);

#define cleanup_free  __attribute__((cleanup(mem_cleanup_free)))
#define cleanup_close __attribute__((cleanup(fd_close)))
#define cleanup_file  __attribute__((cleanup(mem_cleanup_file)))
#define cleanup_dir   __attribute__((cleanup(mem_cleanup_dir)))
#define cleanup_list  __attribute__((cleanup(mem_cleanup_list)))

/* Hand the thing over: the variable forgets it, the value goes to the new owner. */
#define take_ptr(p)                                                                                          \
    ({                                                                                                       \
        __typeof__(*(p)) taken_ = *(p);                                                                      \
        *(p) = NULL;                                                                                         \
        taken_;                                                                                              \
    })
static inline int take_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
