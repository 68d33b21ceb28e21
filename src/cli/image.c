/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/self.h"
#include "cli/command.h"
#include "core/image.h"

/* boxtop-image, with the other end of *ret_output as its standard output. */
static int start(char *const *argv, pid_t *ret_pid, int *ret_output, struct err *err)
{
    char path[PATH_MAX];
    int ends[2];
    posix_spawn_file_actions_t actions;
    int rc = self_find("boxtop-image", path, err);
    if (rc < 0)
        return rc;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_errno(err, "make a pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    rc = posix_spawn(ret_pid, path, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (rc == 0) {
        *ret_output = ends[0];
        return 0;
    }
    close(ends[0]);
    return err_set(err, rc, "execute %s: %s", path, strerror(rc));
}

/* Its one line, an image's name. */
static void read_name(int output, char *to)
{
    size_t len = 0;
    ssize_t got;
    while (len < IMAGE_NAME_SIZE - 1 && (got = read(output, to + len, IMAGE_NAME_SIZE - 1 - len)) != 0) {
        if (got < 0 && errno != EINTR)
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    to[len] = '\0';
    to[strcspn(to, "\n")] = '\0';
}

int command_import(char **root, struct err *err)
{
    char name[IMAGE_NAME_SIZE],
        *argv[] = {(char *)"boxtop", (char *)"image", (char *)"once", (char *)"--", *root, NULL};
    cleanup_close int output = -1;
    pid_t pid;
    int status;
    int rc = start(argv, &pid, &output, err);
    if (rc < 0)
        return rc;
    read_name(output, name);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0) {
        err->code = 0;
        return -ECANCELED;
    }
    free(*root);
    *root = mem_dup(name);
    return 0;
}

static int image_run(const struct command *command, int argc, char **argv)
{
    if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        help_command_text(command, argc ? stdout : stderr);
        return argc ? STATUS_DONE : STATUS_USAGE;
    }
    return command_image(argv - 2); /* argv[-2] is the program, argv[-1] "image" */
}

static void image_more(FILE *out)
{
    fputs("  image import SOURCE [NAME]   unpack SOURCE into the store; prints the image's name\n"
          "  image build NAME --debootstrap SUITE|--dnf RELEASE [PACKAGE...]\n"
          "                               a small system, by mmdebstrap, debootstrap or dnf\n"
          "  image ls [-q|--json]         list images\n"
          "  image rm NAME...             remove images, and the layers that no other has\n"
          "  image inspect NAME...        all about images, as JSON\n"
          "SOURCE: a tar archive of a root file system (plain, gz, bz2, xz or zst; - is standard input),\n"
          "oci:DIR[:TAG] (an OCI image layout), docker-archive:FILE (what `docker save` writes), or\n"
          "docker://NAME (from a registry, by skopeo).\n"
          "The store: $BOXTOP_IMAGES, else /var/lib/boxtop for root, else $XDG_DATA_HOME/boxtop.\n",
          out);
}

const struct command image_command = {
    .name = "image",
    .usage = "import|build|ls|rm|inspect [ARG...]",
    .summary = "images: unpacked once, shared by the containers that run on them",
    .run = image_run,
    .more_help = image_more,
};
