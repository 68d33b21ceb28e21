/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of one cgroup, read again and again: descriptors are kept open as long as there are enough of
 * them (a pread costs a quarter of open, read and close), a file that is not there is remembered. The
 * monitor's thread only.
 */
#ifndef BOXTOP_MONITOR_CGREAD_H
#define BOXTOP_MONITOR_CGREAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "monitor/cgparse.h"

/* How many more descriptors may be kept open, by all groups together. */
struct fdpool {
    long left;
    long share;  /* of that: kept for files. A directory that isn't open costs a longer path when its files
                  * are; a file that isn't does not report, and is read in each sample */
    bool walked; /* the iterator says what cpu.stat to pids.current do */
    bool spared; /* or is about to: they are not kept open */
    struct rlimit before; /* the process' limit on descriptors, as it was; rlim_cur 0: unknown */
};

/* Raises the limit on descriptors as far as allowed and fills the pool from it. */
void fdpool_init(struct fdpool *pool);

struct cgread {
    int dirfd;        /* of the group, or -1: not kept */
    const char *path; /* in the file system, for when it is not; the owner's */
    uint32_t absent;  /* bit 1 << file: not there when last tried; CGREAD_NO_IO_STAT */
    int fd[CGFILE_KEPT_COUNT];
    int procs_fd; /* of cgroup.procs, -1: not kept */
};

/* In `absent`, for who looks at the group: no file of the samples. */
#define CGREAD_NO_IO_STAT (1u << 31)

enum cgread_result {
    CGREAD_OK,
    CGREAD_ABSENT, /* no such file in this group, or the kernel refuses to read it */
    CGREAD_GONE,   /* the whole group was removed */
};

/* Takes the directory's descriptor: keeps it if the pool has room, else closes it. */
void cgread_init(struct cgread *files, struct fdpool *pool, int dirfd, const char *path);
void cgread_fini(struct cgread *files, struct fdpool *pool);
/* Closes what the iterator says; it is opened again when it is read. */
void cgread_close_walked(struct cgread *files, struct fdpool *pool);
/* Forgets what was absent: controllers may have been enabled since. */
void cgread_probe(struct cgread *files);
static inline bool cgread_is_kept(const struct cgread *files, enum cgfile file)
{
    return file < CGFILE_KEPT_COUNT && files->fd[file] >= 0;
}
/* Reads a file's text (`to` has CGREAD_SIZE bytes). */
#define CGREAD_SIZE 4096
enum cgread_result cgread_text(struct cgread *files, struct fdpool *pool, enum cgfile file, char *to);
/* The same of any file in the group; nothing is remembered of it. False: it can't be read. */
bool cgread_other(const struct cgread *files, const char *name, char *to);
/* Reads a file into its fields: absent ones unless CGREAD_OK; a group that is gone leaves them as they are.
 */
enum cgread_result cgread_file(struct cgread *files, struct fdpool *pool, enum cgfile file,
                               struct counters *to);
/* How many processes are in this very group, by the lines of cgroup.procs; VALUE_ABSENT if it can't be read.
 */
uint64_t cgread_procs(struct cgread *files, struct fdpool *pool);
/* The first of those lines, as many as fit whole into `to`. False: it can't be read. */
bool cgread_first_procs(struct cgread *files, struct fdpool *pool, char *to, size_t size);
/* A longer text than this may come in pieces, of about a page; a piece that is shorter is the last one. */
#define CGREAD_WHOLE 2048
/* Opens any file of the group to read it; a descriptor or -errno. */
int cgread_open(const struct cgread *files, const char *name);
/* Opens the directory itself, or a directory `name` in it; a descriptor or -errno. */
int cgread_open_dir(const struct cgread *files, const char *name);

#endif
