/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-image: the commands that read archives, and cp. boxtop executes it with its own arguments, `image
 * COMMAND...`, and, to run an archive, with `image once SOURCE`, which prints the image's name.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/output.h"
#include "image/cp.h"
#include "image/import.h"
#include "image/repo.h"

static const struct option_row no_options[] = {{0}};

static const struct option_row build_options[] = {
    {"--debootstrap", 0, "SUITE", "Debian or its kin, by mmdebstrap or debootstrap: bookworm, trixie, noble",
     .offset = offsetof(struct build, suite)},
    {"--dnf", 0, "RELEASE", "Fedora or its kin, by dnf: 40", .offset = offsetof(struct build, release)},
    {0},
};

struct list_options {
    bool quiet, json;
};
static const struct option_row list_options[] = {
    {"--quiet", 'q', NULL, "names only, one a line", .offset = offsetof(struct list_options, quiet)},
    {"--json", 0, NULL, "one array", .offset = offsetof(struct list_options, json)},
    {0},
};

static int import_run(const struct command *command, int argc, char **argv)
{
    char name[IMAGE_NAME_SIZE];
    struct progress progress;
    struct err err;
    int status = command_begin(command, NULL, &argc, argv);
    if (status >= 0)
        return status;
    progress_begin(&progress);
    int rc = import_as(argv[0], argv[1], &progress, name, &err);
    progress_end(&progress);
    if (rc < 0)
        return command_failed(&err);
    puts(name);
    return STATUS_DONE;
}

static int build_run(const struct command *command, int argc, char **argv)
{
    struct build build = {0};
    struct progress progress;
    struct err err;
    int status = command_begin(command, &build, &argc, argv);
    if (status >= 0)
        return status;
    build.packages = argv + 1;
    progress_begin(&progress);
    int rc = import_build(&build, argv[0], &progress, &err);
    progress_end(&progress);
    if (rc < 0)
        return err.code == EINVAL ? command_usage(&err) : command_failed(&err);
    puts(argv[0]);
    return STATUS_DONE;
}

static int once_run(const struct command *command, int argc, char **argv)
{
    char name[IMAGE_NAME_SIZE];
    struct progress progress;
    struct err err;
    int status = command_begin(command, NULL, &argc, argv);
    if (status >= 0)
        return status;
    progress_begin(&progress);
    int rc = import_once(argv[0], &progress, name, &err);
    progress_end(&progress);
    if (rc < 0)
        return command_failed(&err);
    puts(name);
    return STATUS_DONE;
}

static void print_table(const struct image *list, size_t count)
{
    struct table table;
    static const char *const titles[] = {"NAME", "DIGEST", "LAYERS", "SIZE", "CREATED"};
    table_init(&table, COUNT_OF(titles));
    for (size_t i = 0; i < COUNT_OF(titles); i++)
        table_add(&table, titles[i]);
    for (size_t i = 0; i < count; i++) {
        char size[FMT_SIZE], digest[IMAGE_NAME_SIZE], layers[FMT_SIZE];
        size_t number = 0;
        while (list[i].layers[number])
            number++;
        repo_short_name(list[i].digest, digest);
        snprintf(layers, sizeof layers, "%zu", number);
        table_add(&table, list[i].name);
        table_add(&table, digest);
        table_add(&table, layers);
        table_add(&table, fmt_bytes(size, list[i].size_bytes));
        table_add(&table, list[i].created ? list[i].created : "-");
    }
    table_print(&table, stdout);
    table_free(&table);
}

static void print_names(const struct image *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        puts(list[i].name);
}

static void print_json(const struct image *list, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, image_to_json(&list[i]));
    output_json(array, stdout);
}

static int ls_run(const struct command *command, int argc, char **argv)
{
    struct list_options options = {0};
    struct image *list;
    size_t count;
    struct err err;
    int status = command_begin(command, &options, &argc, argv);
    if (status >= 0)
        return status;
    if (repo_list(&list, &count, &err) < 0)
        return command_failed(&err);
    (options.json ? print_json : options.quiet ? print_names : print_table)(list, count);
    repo_free_list(list, count);
    return STATUS_DONE;
}

static int rm_run(const struct command *command, int argc, char **argv)
{
    struct repo repo;
    struct err err;
    int status = command_begin(command, NULL, &argc, argv);
    if (status >= 0)
        return status;
    if (repo_open(&repo, &err) < 0)
        return command_failed(&err);
    status = STATUS_DONE;
    for (int i = 0; i < argc; i++)
        if (repo_remove(&repo, argv[i], &err) < 0)
            status = command_failed(&err);
    repo_close(&repo);
    return status;
}

static int inspect_run(const struct command *command, int argc, char **argv)
{
    int status = command_begin(command, NULL, &argc, argv);
    if (status >= 0)
        return status;
    json_t *array = json_array();
    status = STATUS_DONE;
    for (int i = 0; i < argc; i++) {
        struct image image;
        struct err err;
        if (image_load(argv[i], &image, NULL, &err) < 0) {
            status = command_failed(&err);
            continue;
        }
        json_array_append_new(array, image_to_json(&image));
        image_free(&image);
    }
    output_json(array, stdout);
    return status;
}

static int cp_main(int argc, char **argv)
{
    struct cp_flags flags = {0};
    struct store store;
    struct err err = {0};
    unsigned left_out = 0;
    int status = command_begin(&cp_command, &flags, &argc, argv);
    if (status >= 0)
        return status;
    if (!command_store(&store))
        return STATUS_FAILED;
    struct cp_options options = {flags.exact, flags.follow};
    int rc = cp_run(&store, argv[0], argv[1], &options, &left_out, &err);
    store_close(&store);
    if (rc < 0)
        return err.code == EINVAL && str_starts(err.text, "cp: ") ? command_usage(&err)
                                                                  : command_failed(&err);
    if (left_out) {
        err_set(&err, ENOTSUP, "copy %s to %s: %u left out: neither file, nor directory, nor link", argv[0],
                argv[1], left_out);
        return command_failed(&err);
    }
    return STATUS_DONE;
}

static const struct command rows[] = {
    {"image import", "SOURCE [NAME]", "unpack an archive into the store of images", no_options, 1, 2,
     import_run, NULL, false, NULL},
    {"image build", "NAME --debootstrap SUITE|--dnf RELEASE [PACKAGE...]",
     "a small system by the distribution's own tools", build_options, 1, ANY_WORDS, build_run, NULL, false,
     NULL},
    {"image ls", "[-q|--json]", "list images", list_options, 0, 0, ls_run, NULL, false, NULL},
    {"image rm", "NAME...", "remove images, and the layers that no other has", no_options, 1, ANY_WORDS,
     rm_run, NULL, false, NULL},
    {"image inspect", "NAME...", "all about images, as JSON", no_options, 1, ANY_WORDS, inspect_run, NULL,
     false, NULL},
    {"image once", "SOURCE", "the image of a source, imported unless it is there", no_options, 1, 1, once_run,
     NULL, false, NULL},
};

int main(int argc, char **argv)
{
    const char *word = argc > 2 ? argv[2] : "";
    struct err err;
    setlocale(LC_CTYPE, "C.UTF-8"); /* names in archives are UTF-8, whatever the caller's locale */
    umask(022);
    if (argc > 1 && strcmp(argv[1], "cp") == 0)
        return command_end(cp_main(argc - 2, argv + 2));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].name + strlen("image "), word) == 0)
            return command_end(rows[i].run(&rows[i], argc - 3, argv + 3));
    err_set(&err, EINVAL, word[0] ? "image: unknown command '%s'" : "image: too few words%s", word);
    err_hint(&err, "boxtop image import|build|ls|rm|inspect");
    return command_usage(&err);
}
