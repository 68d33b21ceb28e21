/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/store_json.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/words.h"
#include "core/bridge.h"
#include "core/jsonput.h"
#include "core/jsontext.h"
#include "core/oomnote.h"
#include "core/proc.h"
#include "core/publish.h"

#define PID_LIMIT (1 << 22) /* the largest pid_max there can be */

const char *const namespace_names[8] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

static const char *const state_names[] = {
    [CONTAINER_CREATED] = N_("created"),
    [CONTAINER_RUNNING] = N_("running"),
    [CONTAINER_PAUSED] = N_("paused"),
    [CONTAINER_EXITED] = N_("exited"),
};

const char *container_state_name(enum container_state state)
{
    return state_names[state];
}

/* A path that stays below where it is put. */
static bool is_inner_path(const char *text)
{
    return text[0] == '/' && !strstr(text, "/../") && !strstr(text, "//") &&
           (strlen(text) < 3 || strcmp(text + strlen(text) - 3, "/..") != 0);
}

static bool is_link_name(const char *text)
{
    return !strchr(text, '/') && text[0] != '.' && text[0] != '-';
}

static bool is_address(const char *text)
{
    return text[strspn(text, "0123456789./")] == '\0';
}

static bool is_address6(const char *text)
{
    return text[strspn(text, "0123456789abcdef:./")] == '\0';
}

static bool is_hex(const char *text)
{
    return text[strspn(text, "0123456789abcdef-")] == '\0';
}

enum field_type { FIELD_TEXT, FIELD_U64, FIELD_INT, FIELD_BOOL };

static const struct field {
    const char *key;
    enum field_type type;
    size_t offset, size;
    bool (*accepts)(const char *text); /* FIELD_TEXT that is not empty; NULL: any */
    json_int_t min, max;               /* FIELD_INT */
} fields[] = {
#define TEXT(name, accepts)                                                                                  \
    {                                                                                                        \
#name, FIELD_TEXT, offsetof(struct container, name), sizeof(((struct container *)0)->name), accepts, \
            0, 0                                                                                             \
    }
#define U64(name)                                                                                            \
    {                                                                                                        \
#name, FIELD_U64, offsetof(struct container, name), sizeof(uint64_t), NULL, 0, 0                     \
    }
#define INT(name, min, max)                                                                                  \
    {                                                                                                        \
#name, FIELD_INT, offsetof(struct container, name), sizeof(int), NULL, min, max                      \
    }
#define BOOL(name)                                                                                           \
    {                                                                                                        \
#name, FIELD_BOOL, offsetof(struct container, name), sizeof(bool), NULL, 0, 0                        \
    }
    TEXT(name, spec_name_is_valid),
    TEXT(id, is_hex),
    INT(pid, 0, PID_LIMIT),
    INT(keeper_pid, 0, PID_LIMIT),
    U64(pid_start),
    U64(keeper_start),
    TEXT(boot_id, is_hex),
    INT(exit_status, EXIT_STATUS_UNKNOWN, 255),
    INT(exit_signal, 0, 127),
    U64(oom_kills),
    BOOL(oom_killed),
    TEXT(why, NULL),
    U64(created_ns),
    U64(started_ns),
    U64(finished_ns),
    TEXT(cgroup, is_inner_path),
    TEXT(cgroup_mount, is_inner_path),
    TEXT(host_link, is_link_name),
    TEXT(address, is_address),
    TEXT(gateway, is_address),
    TEXT(address6, is_address6),
    TEXT(gateway6, is_address6),
    BOOL(pasta),
    TEXT(network, NULL),
    BOOL(remove),
    INT(stop_signal, 1, NSIG - 1),
    INT(stop_timeout_ms, 0, INT32_MAX),
    INT(restarts, 0, INT32_MAX),
    U64(restart_ns),
};
static_assert(sizeof(pid_t) == sizeof(int), "pids are read and written as int");

static void put_field(struct str *to, const struct field *field, const void *at)
{
    switch (field->type) {
    case FIELD_TEXT:
        jsonput_text(to, field->key, at);
        break;
    case FIELD_U64:
        jsonput_number(to, field->key, (int64_t) * (const uint64_t *)at);
        break;
    case FIELD_INT:
        jsonput_number(to, field->key, *(const int *)at);
        break;
    case FIELD_BOOL:
        jsonput_bool(to, field->key, *(const bool *)at);
        break;
    }
}

static bool text_from_json(const struct field *field, const json_t *json, char *to)
{
    cleanup_free char *text = jsontext_get(json);
    if (!text || strlen(text) >= field->size || (text[0] && field->accepts && !field->accepts(text)))
        return false;
    str_copy(to, field->size, text);
    return true;
}

static bool field_from_json(const struct field *field, const json_t *json, void *to)
{
    json_int_t number = json_integer_value(json);
    switch (field->type) {
    case FIELD_TEXT:
        return text_from_json(field, json, to);
    case FIELD_U64:
        *(uint64_t *)to = (uint64_t)number;
        return json_is_integer(json) && number >= 0;
    case FIELD_INT:
        *(int *)to = (int)number;
        return json_is_integer(json) && number >= field->min && number <= field->max;
    case FIELD_BOOL:
        *(bool *)to = json_is_true(json);
        return json_is_boolean(json);
    }
    return false;
}

/* What is not in a record is this: half of what there could be, and of the time it takes. */
static const struct container nothing_said = {.stop_signal = SIGTERM,
                                              .stop_timeout_ms = SPEC_STOP_TIMEOUT_MS};

static bool is_said(const struct field *field, const struct container *container)
{
    const char *at = (const char *)container + field->offset,
               *not_said = (const char *)&nothing_said + field->offset;
    return field->type == FIELD_TEXT ? *at : memcmp(at, not_said, field->size) != 0;
}

static void put_oom(struct str *to, const struct oom *oom)
{
    json_t *json = oomnote_to_json(oom, jsontext);
    jsonput_json(to, "oom", json);
    json_decref(json);
}

void container_to_state(const struct container *container, struct str *to)
{
    jsonput_open(to, NULL, '{');
    jsonput_text(to, "state", container_state_name(container->state));
    if (container->oom)
        put_oom(to, container->oom);
    jsonput_text(to, "root", container->root);
    jsonput_list(to, "command", container->command);
    jsonput_list(to, "ports", container->ports);
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (is_said(&fields[i], container))
            put_field(to, &fields[i], (const char *)container + fields[i].offset);
    jsonput_close(to, '}');
}

static const char *string_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

static bool read_state(const char *name, enum container_state *ret)
{
    for (size_t i = 0; i < COUNT_OF(state_names); i++)
        if (strcmp(name, state_names[i]) == 0) {
            *ret = (enum container_state)i;
            return true;
        }
    return false;
}

static bool read_root(const json_t *json, struct container *ret)
{
    cleanup_free char *root = jsontext_get(json);
    return root && str_copy(ret->root, sizeof ret->root, root);
}

static bool read_ports(const json_t *json, struct container *ret)
{
    struct publish publish;
    struct err ignored;
    if (!json || json_is_null(json))
        return true;
    ret->ports = jsontext_get_list(json);
    for (char **port = ret->ports; port && *port; port++)
        if (publish_parse(*port, &publish, &ignored) < 0)
            return false;
    return ret->ports && *ret->ports;
}

int container_from_state(const json_t *json, struct container *ret, struct err *err)
{
    struct container read = nothing_said;
    const char *wrong = spec_name_is_valid(string_of(json, "name")) ? NULL : "name";
    for (size_t i = 0; i < COUNT_OF(fields) && !wrong; i++) {
        const json_t *value = json_object_get(json, fields[i].key);
        /* What another version did not write is not there: that is no reason to lose track of the rest. */
        if (value && !field_from_json(&fields[i], value, (char *)&read + fields[i].offset))
            wrong = fields[i].key;
    }
    if (!wrong && !read_state(string_of(json, "state"), &read.state))
        wrong = "state";
    if (!wrong && !read_root(json_object_get(json, "root"), &read))
        wrong = "root";
    if (!wrong && !(read.command = jsontext_get_list(json_object_get(json, "command"))))
        wrong = "command";
    if (!wrong && !read_ports(json_object_get(json, "ports"), &read))
        wrong = "ports";
    read.oom = oomnote_from_json(json_object_get(json, "oom"));
    if (wrong)
        container_free(&read);
    if (wrong)
        return err_set(err, EINVAL, "\"%s\" is missing or wrong", wrong);
    *ret = read;
    return 0;
}

static json_t *time_or_null(uint64_t wall_ns)
{
    char text[CLOCK_ISO_SIZE];
    if (!wall_ns)
        return json_null();
    clock_iso(text, wall_ns);
    return json_string(text);
}

static json_t *number_or_null(uint64_t number, bool known)
{
    return known ? json_integer((json_int_t)number) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? jsontext_shown(text) : json_null();
}

/* Those of its first process, while it is there: their numbers are the kernel's to give again. */
static json_t *shown_namespaces(const struct container *container)
{
    uint64_t inodes[NAMESPACE_COUNT] = {0};
    json_t *object = json_object();
    if (container->state != CONTAINER_EXITED && container->pid > 0) {
        proc_namespaces(container->pid, namespace_names, inodes);
        if (proc_start_time(container->pid) != container->pid_start)
            memset(inodes, 0, sizeof inodes);
    }
    for (size_t i = 0; i < NAMESPACE_COUNT; i++)
        json_object_set_new(object, namespace_names[i], number_or_null(inodes[i], inodes[i]));
    return object;
}

static json_t *shown_ports(const struct container *container)
{
    json_t *array = json_array();
    for (char **port = container->ports; port && *port; port++) {
        struct publish publish;
        struct err ignored;
        char address[INET6_ADDRSTRLEN];
        if (publish_parse(*port, &publish, &ignored) < 0)
            continue;
        bool any = publish.family == AF_UNSPEC;
        if (!any)
            inet_ntop(publish.family, &publish.address, address, sizeof address);
        json_array_append_new(array, json_pack("{s:o, s:i, s:i, s:s}", "host_ip",
                                               any ? json_null() : json_string(address), "host_port",
                                               publish.host_port, "container_port", publish.container_port,
                                               "protocol", publish_protocol(&publish)));
    }
    return array;
}

static json_t *shown_network(const struct container *container)
{
    const char *by = container->host_link[0] ? BRIDGE_NAME : container->pasta ? "pasta" : "";
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "mode", text_or_null(container->network),
                     "by", text_or_null(by), "address", text_or_null(container->address), "gateway",
                     text_or_null(container->gateway), "address6", text_or_null(container->address6),
                     "gateway6", text_or_null(container->gateway6), "host_link",
                     text_or_null(container->host_link), "ports", shown_ports(container));
}

static json_t *shown_command(const struct container *container)
{
    json_t *array = json_array();
    for (char **word = container->command; word && *word; word++)
        json_array_append_new(array, jsontext_shown(*word));
    return array;
}

json_t *container_to_json(const struct container *container)
{
    bool ended = container->state == CONTAINER_EXITED;
    bool known = ended && container->exit_status != EXIT_STATUS_UNKNOWN;
    json_t *json = json_object();
    const struct {
        const char *key;
        json_t *value;
    } pairs[] = {
        {"name", json_string(container->name)},
        {"id", json_string(container->id)},
        {"state", json_string(container_state_name(container->state))},
        {"pid", number_or_null((uint64_t)container->pid, container->pid && !ended)},
        {"keeper_pid", number_or_null((uint64_t)container->keeper_pid, container->keeper_pid && !ended)},
        {"exit_status", number_or_null((uint64_t)container->exit_status, known)},
        {"exit_signal", number_or_null((uint64_t)container->exit_signal, known && container->exit_signal)},
        {"oom_killed", ended ? json_boolean(container->oom_killed) : json_null()},
        {"oom_kills", number_or_null(container->oom_kills, ended)},
        {"oom", oomnote_to_json(container->oom, jsontext_shown)},
        {"why", text_or_null(container->why)},
        {"cgroup", text_or_null(container->cgroup)},
        {"root", jsontext_shown(container->root)},
        {"command", shown_command(container)},
        {"created", time_or_null(container->created_ns)},
        {"started", time_or_null(container->started_ns)},
        {"finished", time_or_null(container->finished_ns)},
        {"restarts", json_integer(container->restarts)},
        {"restart", time_or_null(container->restart_ns)},
        {"remove", json_boolean(container->remove)},
        {"namespaces", shown_namespaces(container)},
        {"network", shown_network(container)},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        json_object_set_new(json, pairs[i].key, pairs[i].value);
    return json;
}

void container_free(struct container *container)
{
    if (!container)
        return;
    mem_free_list(container->command);
    mem_free_list(container->ports);
    container->command = container->ports = NULL;
    free(container->oom);
    container->oom = NULL;
}

void container_free_list(struct container *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        container_free(&list[i]);
    free(list);
}
