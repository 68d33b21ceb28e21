/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A spec as spec.json. What is read was written by us, but is not trusted: it passes the checks that the
 * command line passes.
 */
#include "core/spec.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/value.h"
#include "core/bundle.h"
#include "core/capability.h"
#include "core/jsonput.h"
#include "core/jsontext.h"
#include "core/oci.h"
#include "core/spec_text.h"

static const struct {
    const char *key;
    size_t offset;
} flags[] = {
    {"root_is_host", offsetof(struct spec, root_is_host)},
    {"detach", offsetof(struct spec, detach)},
    {"interactive", offsetof(struct spec, interactive)},
    {"tty", offsetof(struct spec, tty)},
    {"remove", offsetof(struct spec, remove)},
    {"read_only", offsetof(struct spec, read_only)},
    {"keep", offsetof(struct spec, keep)},
    {"init", offsetof(struct spec, init)},
};

static void put_limits(struct str *to, const struct spec *spec)
{
    jsonput_open(to, "limits", '[');
    for (size_t i = 0; i < spec->limit_count; i++) {
        const struct spec_limit *limit = &spec->limits[i];
        jsonput_open(to, NULL, '{');
        jsonput_text(to, "knob", limit->knob->name);
        jsonput_text(to, "value", limit->text);
        jsonput_bool(to, "asked", limit->asked);
        jsonput_close(to, '}');
    }
    jsonput_close(to, ']');
}

static void put_binds(struct str *to, const struct spec *spec)
{
    jsonput_open(to, "binds", '[');
    for (size_t i = 0; i < spec->bind_count; i++) {
        const struct spec_bind *bind = &spec->binds[i];
        jsonput_open(to, NULL, '{');
        jsonput_text(to, "source", bind->source);
        jsonput_text(to, "target", bind->target);
        jsonput_bool(to, "read_only", bind->read_only);
        jsonput_close(to, '}');
    }
    jsonput_close(to, ']');
}

static void put_tmpfs(struct str *to, const struct spec *spec)
{
    jsonput_open(to, "tmpfs", '[');
    for (size_t i = 0; i < spec->tmpfs_count; i++) {
        jsonput_open(to, NULL, '{');
        jsonput_text(to, "target", spec->tmpfs[i].target);
        jsonput_text(to, "options", spec->tmpfs[i].options);
        jsonput_close(to, '}');
    }
    jsonput_close(to, ']');
}

static void put_swap(struct str *to, const struct spec *spec)
{
    static const char key[] = "memory_swap";
    if (spec->swap_total == VALUE_ABSENT)
        jsonput_null(to, key);
    else if (spec->swap_total == VALUE_MAX)
        jsonput_text(to, key, "max");
    else
        jsonput_number(to, key, (int64_t)spec->swap_total);
}

static void put_capabilities(struct str *to, const char *key, uint64_t mask)
{
    struct str names = {0};
    capability_names(mask, ",", &names);
    jsonput_open(to, key, '[');
    for (char *rest = names.text, *name; rest && *rest && (name = strsep(&rest, ","));)
        jsonput_text(to, NULL, name);
    jsonput_close(to, ']');
    str_free(&names);
}

/* -1: none, as in config.json. */
static void put_rlimits(struct str *to, const struct spec *spec)
{
    jsonput_open(to, "rlimits", '[');
    for (size_t i = 0; i < spec->rlimit_count; i++) {
        const struct rlimit_row *row = &spec->rlimits[i];
        jsonput_open(to, NULL, '{');
        jsonput_text(to, "type", rlimit_name(row->resource));
        jsonput_number(to, "soft", (int64_t)row->soft);
        jsonput_number(to, "hard", (int64_t)row->hard);
        jsonput_close(to, '}');
    }
    jsonput_close(to, ']');
}

static void put_process(struct str *to, const struct spec *spec)
{
    put_rlimits(to, spec);
    jsonput_list(to, "sysctls", spec->sysctls);
    if (spec->has_oom_score_adj)
        jsonput_number(to, "oom_score_adj", spec->oom_score_adj);
    else
        jsonput_null(to, "oom_score_adj");
    if (!spec->bundle)
        return;
    jsonput_open(to, "bundle", '{');
    jsonput_text(to, "path", spec->bundle->path);
    jsonput_json(to, "config", spec->bundle->config);
    jsonput_close(to, '}');
}

static void put_what_runs(struct str *to, const struct spec *spec)
{
    char restart[RESTART_TEXT_SIZE];
    jsonput_text(to, "name", spec->name);
    jsonput_text(to, "hostname", spec->hostname);
    jsonput_text(to, "root", spec->root);
    jsonput_list(to, "layers", spec->layers);
    jsonput_list(to, "command", spec->command);
    jsonput_number(to, "image_words", (int64_t)spec->image_words);
    jsonput_text(to, "entrypoint", spec->entrypoint);
    jsonput_list(to, "env", spec->env);
    jsonput_text(to, "workdir", spec->workdir);
    jsonput_text(to, "user", spec->user);
    restart_format(&spec->restart, restart);
    jsonput_text(to, "restart", restart);
    jsonput_number(to, "stop_signal", spec->stop_signal);
    jsonput_number(to, "stop_timeout_ms", spec->stop_timeout_ms);
}

void spec_to_text(const struct spec *spec, struct str *to)
{
    jsonput_open(to, NULL, '{');
    put_what_runs(to, spec);
    jsonput_text(to, "network", spec_network_names[spec->network]);
    jsonput_text(to, "userns", spec_userns_names[spec->userns]);
    jsonput_list(to, "ports", spec->ports);
    put_limits(to, spec);
    put_swap(to, spec);
    put_binds(to, spec);
    put_tmpfs(to, spec);
    put_capabilities(to, "cap_add", spec->cap_add);
    put_capabilities(to, "cap_drop", spec->cap_drop);
    jsonput_text(to, "seccomp", spec->seccomp);
    put_process(to, spec);
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        jsonput_bool(to, flags[i].key, *((const bool *)((const char *)spec + flags[i].offset)));
    jsonput_close(to, '}');
}

json_t *spec_to_json(const struct spec *spec)
{
    struct str text = {0};
    spec_to_text(spec, &text);
    json_t *json = json_loads(text.text, 0, NULL);
    str_free(&text);
    return json;
}

static int wrong(const char *key, struct err *err)
{
    return err_set(err, EINVAL, "\"%s\" is missing or wrong", key);
}

static const char *string_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

static int read_limits(const json_t *array, struct spec *spec, struct err *err)
{
    if (!json_is_array(array))
        return wrong("limits", err);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        size_t before = spec->limit_count;
        int rc = spec_set_limit(spec, string_of(item, "knob"), string_of(item, "value"), err);
        if (rc < 0)
            return err_prefix(err, "limits");
        if (spec->limit_count > before)
            spec->limits[before].asked = !json_is_false(json_object_get(item, "asked"));
    }
    return 0;
}

static int read_binds(const json_t *array, struct spec *spec, struct err *err)
{
    if (!json_is_array(array))
        return wrong("binds", err);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        cleanup_free char *source = jsontext_get(json_object_get(item, "source"));
        cleanup_free char *target = jsontext_get(json_object_get(item, "target"));
        if (!source || !target)
            return wrong("binds", err);
        spec_add_bind(spec, source, target, json_is_true(json_object_get(item, "read_only")));
    }
    return 0;
}

/* What records of an older boxtop do not have. */
static int read_tmpfs(const json_t *array, struct spec *spec, struct err *err)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        cleanup_free char *target = jsontext_get(json_object_get(item, "target"));
        cleanup_free char *options = jsontext_get(json_object_get(item, "options"));
        if (!target || spec_add_tmpfs(spec, target, options, err) < 0)
            return wrong("tmpfs", err);
    }
    return 0;
}

static int read_capabilities(const json_t *array, uint64_t *ret, struct err *err)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *name = json_string_value(json_array_get(array, i));
        uint64_t mask;
        if (!name || capability_parse(name, &mask) < 0)
            return wrong("cap_add", err);
        *ret |= mask;
    }
    return 0;
}

static int read_ports(const json_t *array, struct spec *spec, struct err *err)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *port = json_string_value(json_array_get(array, i));
        if (!port || spec_add_port(spec, port, err) < 0)
            return wrong("ports", err);
    }
    return 0;
}

/* The filter itself is beside the record (store.c). */
static int read_confinement(const json_t *json, struct spec *spec, struct err *err)
{
    spec->entrypoint = jsontext_get(json_object_get(json, "entrypoint"));
    spec->seccomp = jsontext_get(json_object_get(json, "seccomp"));
    int rc = read_capabilities(json_object_get(json, "cap_add"), &spec->cap_add, err);
    return rc < 0 ? rc : read_capabilities(json_object_get(json, "cap_drop"), &spec->cap_drop, err);
}

static int read_life(const json_t *json, struct spec *spec, struct err *err)
{
    const json_t *signal = json_object_get(json, "stop_signal"),
                 *ms = json_object_get(json, "stop_timeout_ms");
    cleanup_free char *user = jsontext_get(json_object_get(json, "user"));
    json_int_t number = signal ? json_integer_value(signal) : spec->stop_signal;
    json_int_t timeout = ms ? json_integer_value(ms) : spec->stop_timeout_ms;
    if (timeout < 0 || number > INT_MAX || !spec_stop_is_valid((long)number, (uint64_t)timeout))
        return wrong("stop_signal", err);
    if (json_object_get(json, "restart") && restart_parse(string_of(json, "restart"), &spec->restart) < 0)
        return wrong("restart", err);
    if (user && spec_set_user(spec, user, err) < 0)
        return wrong("user", err);
    spec->stop_signal = (int)number;
    spec->stop_timeout_ms = (unsigned)timeout;
    return read_tmpfs(json_object_get(json, "tmpfs"), spec, err);
}

/* They become a mount's options: absolute, and nothing that has a meaning there. */
static int read_image(const json_t *json, struct spec *spec, struct err *err)
{
    json_int_t words = json_integer_value(json_object_get(json, "image_words"));
    size_t count = 0;
    spec->layers = jsontext_get_list(json_object_get(json, "layers"));
    for (char **layer = spec->layers; layer && *layer; layer++)
        if ((*layer)[0] != '/' || strpbrk(*layer, ":,\\"))
            return wrong("layers", err);
    while (spec->command && spec->command[count])
        count++;
    if ((spec->layers && !spec->layers[0]) || words < 0 || (size_t)words > count)
        return wrong("image_words", err);
    spec->image_words = (size_t)words;
    return 0;
}

static int read_rlimits(const json_t *array, struct spec *spec, struct err *err)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        struct rlimit_row row = {.resource = rlimit_find(string_of(item, "type")),
                                 .soft = (rlim_t)json_integer_value(json_object_get(item, "soft")),
                                 .hard = (rlim_t)json_integer_value(json_object_get(item, "hard"))};
        if (row.resource < 0 || row.soft > row.hard)
            return wrong("rlimits", err);
        spec_set_rlimit(spec, &row);
    }
    return 0;
}

static int read_sysctls(const json_t *list, struct spec *spec, struct err *err)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text || spec_add_sysctl(spec, text, err) < 0)
            return wrong("sysctls", err);
    }
    return 0;
}

/* What of it is a spec's own may have been changed by options: it is read from the spec's keys. */
static int read_bundle(const json_t *json, struct spec *spec, struct err *err)
{
    struct spec whole;
    const json_t *config = json_object_get(json, "config");
    cleanup_free char *path = jsontext_get(json_object_get(json, "path"));
    if (!json)
        return 0;
    if (!path || path[0] != '/' || !config)
        return wrong("bundle", err);
    spec_init(&whole);
    int rc = oci_from_json(config, path, &whole, err);
    if (rc == 0)
        spec->bundle = take_ptr(&whole.bundle);
    spec_free(&whole);
    return rc;
}

static int read_process(const json_t *json, struct spec *spec, struct err *err)
{
    const json_t *score = json_object_get(json, "oom_score_adj");
    json_int_t number = json_integer_value(score);
    if (number < -1000 || number > 1000)
        return wrong("oom_score_adj", err);
    spec->has_oom_score_adj = json_is_integer(score);
    spec->oom_score_adj = (int)number;
    int rc = read_rlimits(json_object_get(json, "rlimits"), spec, err);
    if (rc == 0)
        rc = read_sysctls(json_object_get(json, "sysctls"), spec, err);
    return rc < 0 ? rc : read_bundle(json_object_get(json, "bundle"), spec, err);
}

static int read_names(const json_t *json, struct spec *spec, struct err *err)
{
    const char *name = string_of(json, "name"), *hostname = string_of(json, "hostname");
    int network = spec_word_index(spec_network_names, string_of(json, "network"));
    int userns = spec_word_index(spec_userns_names, string_of(json, "userns"));
    if (!spec_name_is_valid(name))
        return wrong("name", err);
    if (hostname[0] && !spec_hostname_is_valid(hostname))
        return wrong("hostname", err);
    if (network < 0)
        return wrong("network", err);
    if (userns < 0)
        return wrong("userns", err);
    str_copy(spec->name, sizeof spec->name, name);
    str_copy(spec->hostname, sizeof spec->hostname, hostname);
    spec->network = (enum spec_network)network;
    spec->userns = (enum spec_userns)userns;
    return 0;
}

/* null is a list that was never given; an empty one is no list we wrote. */
static bool read_list(const json_t *json, const char *key, char ***ret)
{
    const json_t *list = json_object_get(json, key);
    if (json_is_null(list))
        return true;
    *ret = jsontext_get_list(list);
    return *ret && **ret;
}

static int read_texts(const json_t *json, struct spec *spec, struct err *err)
{
    const json_t *swap = json_object_get(json, "memory_swap");
    spec->root = jsontext_get(json_object_get(json, "root"));
    spec->workdir = jsontext_get(json_object_get(json, "workdir"));
    if (!spec->root)
        return wrong("root", err);
    if (!read_list(json, "command", &spec->command))
        return wrong("command", err);
    if (!read_list(json, "env", &spec->env))
        return wrong("env", err);
    if (json_is_integer(swap) && json_integer_value(swap) >= 0)
        spec->swap_total = (uint64_t)json_integer_value(swap);
    else if (json_is_string(swap) && strcmp(json_string_value(swap), "max") == 0)
        spec->swap_total = VALUE_MAX;
    return 0;
}

int spec_from_json(const json_t *json, struct spec *ret, struct err *err)
{
    struct spec spec;
    spec_init(&spec);
    int rc = read_names(json, &spec, err);
    if (rc == 0)
        rc = read_texts(json, &spec, err);
    if (rc == 0)
        rc = read_image(json, &spec, err);
    if (rc == 0)
        rc = read_limits(json_object_get(json, "limits"), &spec, err);
    if (rc == 0)
        rc = read_binds(json_object_get(json, "binds"), &spec, err);
    if (rc == 0)
        rc = read_life(json, &spec, err);
    if (rc == 0)
        rc = read_confinement(json, &spec, err);
    if (rc == 0)
        rc = read_ports(json_object_get(json, "ports"), &spec, err);
    if (rc == 0)
        rc = read_process(json, &spec, err);
    if (rc < 0) {
        spec_free(&spec);
        return rc;
    }
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        *((bool *)((char *)&spec + flags[i].offset)) = json_is_true(json_object_get(json, flags[i].key));
    *ret = spec;
    return 0;
}
