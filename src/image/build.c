/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#define SOURCES_LIMIT (1u << 20) /* bytes of a sources file */

/* ---- words ---- */

static bool is_word(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_:@~=*/";
    return text[0] && text[0] != '-' && !text[strspn(text, letters)];
}

int build_check(const struct build *build, struct err *err)
{
    if (!build->suite == !build->release) {
        err_set(err, EINVAL, "image build: what is to be built was not said, or said twice");
        return err_hint(err, "boxtop image build NAME --debootstrap bookworm, or --dnf 40");
    }
    const char *word = build->suite ? build->suite : build->release;
    if (!is_word(word) || strchr(word, '/'))
        return err_set(err, EINVAL, "image build: '%s' is no %s", word, build->suite ? "suite" : "release");
    for (char *const *package = build->packages; *package; package++)
        if (!is_word(*package))
            return err_set(err, EINVAL, "image build: '%s' is no package's name", *package);
    return 0;
}

static char *joined(char *const *words)
{
    struct str text = {0};
    for (; *words; words++)
        str_addf(&text, "%s%s", text.len ? "," : "", *words);
    char *copy = mem_dup(str_text(&text));
    str_free(&text);
    return copy;
}

/* ---- programs ---- */

static bool is_installed(const char *program)
{
    const char *path = getenv("PATH");
    cleanup_free char *copy = mem_dup(path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
    for (char *rest = copy, *dir; (dir = strsep(&rest, ":"));) {
        cleanup_free char *full = mem_printf("%s/%s", dir, program);
        if (access(full, X_OK) == 0)
            return true;
    }
    return false;
}

static int start(char *const *argv, int output, pid_t *ret_pid, struct err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    int rc = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return rc ? err_set(err, rc, "start %s: %s", argv[0], strerror(rc)) : 0;
}

int build_end(int pid, bool stop, struct err *err)
{
    int status = 0;
    if (pid <= 0)
        return 0;
    if (stop)
        kill(pid, SIGTERM);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status ? err_set(err, EIO, "the tool failed; it said why above") : 0;
}

/* Runs one to its end; it says what it does on stderr. */
static int run(char *const *argv, struct err *err)
{
    pid_t pid;
    int rc = start(argv, STDERR_FILENO, &pid, err);
    return rc < 0 ? rc : build_end(pid, false, err);
}

static int start_into_pipe(char *const *argv, int *ret_output, int *ret_pid, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "make a pipe");
    int rc = start(argv, ends[1], ret_pid, err);
    close(ends[1]);
    if (rc < 0)
        close(ends[0]);
    else
        *ret_output = ends[0];
    return rc;
}

/* ---- Debian ---- */

static bool mentions(const char *path, const char *word)
{
    cleanup_free char *text = NULL;
    size_t len = strlen(word);
    if (fs_read_whole_at(AT_FDCWD, path, SOURCES_LIMIT, &text) < 0)
        return false;
    for (const char *at = text; (at = strstr(at, word)); at += len)
        if ((at == text || strchr(" \t\n", at[-1])) && (!at[len] || strchr(" \t\n", at[len])))
            return true;
    return false;
}

/* This machine's own package sources, as far as they have that suite: its mirror, its keys. With none of them
 * mmdebstrap takes Debian's. */
static void add_sources(char ***argv, const char *suite)
{
    static const char main_list[] = "/etc/apt/sources.list", parts[] = "/etc/apt/sources.list.d";
    if (mentions(main_list, suite))
        mem_list_add(argv, mem_dup(main_list));
    cleanup_dir DIR *dir = opendir(parts);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        cleanup_free char *path = mem_printf("%s/%s", parts, entry->d_name);
        if (entry->d_name[0] != '.' && mentions(path, suite))
            mem_list_add(argv, mem_dup(path));
    }
}

static int begin_mmdebstrap(const struct build *build, int *ret_output, int *ret_pid, struct err *err)
{
    cleanup_list char **argv = NULL;
    cleanup_free char *packages = joined(build->packages);
    mem_list_add(&argv, mem_dup("mmdebstrap"));
    mem_list_add(&argv, mem_dup("--variant=minbase"));
    mem_list_add(&argv, mem_dup("--format=tar"));
    if (packages[0])
        mem_list_add(&argv, mem_printf("--include=%s", packages));
    mem_list_add(&argv, mem_dup(build->suite));
    mem_list_add(&argv, mem_dup("-"));
    add_sources(&argv, build->suite);
    return start_into_pipe(argv, ret_output, ret_pid, err);
}

static int run_debootstrap(const struct build *build, const char *directory, struct err *err)
{
    cleanup_free char *packages = joined(build->packages), *include = mem_printf("--include=%s", packages);
    char *with[] = {(char *)"debootstrap", (char *)"--variant=minbase", include,
                    (char *)build->suite,  (char *)directory,           NULL};
    char *without[] = {(char *)"debootstrap", (char *)"--variant=minbase", (char *)build->suite,
                       (char *)directory, NULL};
    return run(packages[0] ? with : without, err);
}

/* ---- Fedora ---- */

static int run_dnf(const struct build *build, const char *directory, struct err *err)
{
    cleanup_list char **argv = NULL;
    static const char *const first[] = {"dnf", "-y", "--setopt=install_weak_deps=False",
                                        "--setopt=tsflags=nodocs"};
    static const char *const least[] = {"bash", "coreutils"};
    for (size_t i = 0; i < COUNT_OF(first); i++)
        mem_list_add(&argv, mem_dup(first[i]));
    mem_list_add(&argv, mem_printf("--installroot=%s", directory));
    mem_list_add(&argv, mem_printf("--releasever=%s", build->release));
    mem_list_add(&argv, mem_dup("install"));
    for (size_t i = 0; i < COUNT_OF(least); i++)
        mem_list_add(&argv, mem_dup(least[i]));
    for (char *const *package = build->packages; *package; package++)
        mem_list_add(&argv, mem_dup(*package));
    return run(argv, err);
}

/* ---- either ---- */

static int begin_tar(const char *directory, int *ret_output, int *ret_pid, struct err *err)
{
    char *argv[] = {(char *)"tar",
                    (char *)"--numeric-owner",
                    (char *)"--one-file-system",
                    (char *)"-C",
                    (char *)directory,
                    (char *)"-c",
                    (char *)".",
                    NULL};
    return start_into_pipe(argv, ret_output, ret_pid, err);
}

static int missing(const char *what, const char *hint, struct err *err)
{
    err_set(err, ENOENT, "%s on this machine", what);
    return err_hint(err, "%s", hint);
}

static int need_root(const char *program, struct err *err)
{
    if (geteuid() == 0)
        return 0;
    err_set(err, EPERM, "%s needs root", program);
    return err_hint(err, "run it with sudo, or install mmdebstrap, which needs none");
}

int build_begin(const struct build *build, const char *directory, int *ret_output, int *ret_pid,
                struct err *err)
{
    const char *program = build->suite ? "debootstrap" : "dnf";
    if (build->suite && is_installed("mmdebstrap"))
        return begin_mmdebstrap(build, ret_output, ret_pid, err);
    if (!is_installed(program))
        return build->suite ? missing("neither mmdebstrap nor debootstrap is", "install mmdebstrap", err)
                            : missing("dnf is not", "install dnf, or build on a Fedora machine", err);
    int rc = need_root(program, err);
    if (rc == 0)
        rc = build->suite ? run_debootstrap(build, directory, err) : run_dnf(build, directory, err);
    return rc < 0 ? rc : begin_tar(directory, ret_output, ret_pid, err);
}
