/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/output.h"
#include "core/container.h"
#include "core/oci.h"

struct inspect_options {
    bool json, explain, oci;
};

static const struct option_row options[] = {
    {"--json", 0, NULL, "one array of objects", .offset = offsetof(struct inspect_options, json)},
    {"--explain", 0, NULL, "how it was made, as shell lines",
     .offset = offsetof(struct inspect_options, explain)},
    {"--oci", 0, NULL, "its spec as a config.json for crun, runc and others",
     .offset = offsetof(struct inspect_options, oci)},
    {0},
};

/* Each knob as it is now; null where the cgroup does not have it. */
static json_t *limits_now(struct store *store, const char *name)
{
    char path[300], text[KNOB_TEXT_SIZE];
    cleanup_close int cgroup = -1;
    struct err ignored; /* a container that ended has no cgroup any more */
    size_t count;
    const struct knob *knobs = knob_table(&count);
    json_t *object = json_object();
    if (container_open_cgroup(store, name, &cgroup, path, &ignored) < 0)
        return object;
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, knobs[i].name,
                            knob_read(cgroup, &knobs[i], text) == 0 ? json_string(text) : json_null());
    return object;
}

static json_t *inspect(struct store *store, const struct container *c, const struct spec *spec)
{
    json_t *object = container_to_json(c);
    json_object_set_new(object, "spec", spec_to_json(spec));
    json_object_set_new(object, "limits", limits_now(store, c->name));
    return object;
}

/* What people want of it is said shorter by the line that made it than by every key of the spec. */
static void print_text(json_t *object, const struct spec *spec)
{
    struct str line = {0};
    spec_command_line(spec, &line);
    json_object_set_new(object, "spec", json_string(str_text(&line)));
    str_free(&line);
    output_text(object, stdout);
}

/* What can't be said in it is said on stderr: the file is to be run. */
static int print_oci(const struct store *store, const struct container *c, const struct spec *spec,
                     struct err *err)
{
    struct str left_out = {0};
    cleanup_free char *place = mem_printf("%s/%s", store->path, c->name), *text = NULL;
    if (c->state != CONTAINER_RUNNING && c->state != CONTAINER_PAUSED)
        return err_set(err, ESRCH, "write the config.json of container %s: it is not running", c->name);
    int rc = oci_write(spec, c, place, &text, err);
    if (rc < 0)
        return rc;
    fputs(text, stdout);
    oci_left_out(spec, &left_out);
    if (left_out.len) {
        struct err said;
        err_set(&said, 0, "config.json of container %s: left out: %s", c->name, left_out.text);
        fflush(stdout);
        err_print(&said, stderr);
    }
    str_free(&left_out);
    return 0;
}

static int print_one(struct store *store, const char *name, const struct inspect_options *o, json_t *array,
                     struct err *err)
{
    struct container c;
    struct spec spec;
    int rc = store_load(store, name, &c, err);
    if (rc < 0)
        return rc;
    rc = store_load_spec(store, name, &spec, err);
    if (rc == 0) {
        if (o->oci) {
            rc = print_oci(store, &c, &spec, err);
        } else if (o->explain) {
            struct str text = {0};
            container_explain(&spec, &c, &text);
            output_lines(str_text(&text), stdout);
            str_free(&text);
        } else {
            json_t *object = inspect(store, &c, &spec);
            if (o->json)
                json_array_append(array, object);
            else
                print_text(object, &spec);
            json_decref(object);
        }
        spec_free(&spec);
    }
    container_free(&c);
    return rc;
}

static int inspect_run(const struct command *command, int argc, char **argv)
{
    struct inspect_options o = {0};
    struct store store;
    int status = command_begin(command, &o, &argc, argv);
    if (status >= 0)
        return status;
    if (!command_store(&store))
        return STATUS_FAILED;
    json_t *array = json_array();
    status = STATUS_DONE;
    for (int i = 0; i < argc; i++) {
        struct err err;
        if (i && !o.json && !o.oci)
            putchar('\n');
        if (print_one(&store, argv[i], &o, array, &err) < 0)
            status = command_failed(&err);
    }
    if (o.json && !o.explain && !o.oci)
        output_json(array, stdout);
    else
        json_decref(array);
    store_close(&store);
    return status;
}

const struct command inspect_command = {
    .name = "inspect",
    .usage = "[--json] [--explain] [--oci] NAME...",
    .summary = "all that is known of a container",
    .options = options,
    .min_words = 1,
    .max_words = ANY_WORDS,
    .run = inspect_run,
};
