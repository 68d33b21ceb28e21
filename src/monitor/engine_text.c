/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/engine_text.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

json_t *engine_load(const char *text, size_t len)
{
    return json_loadb(text, len, 0, NULL);
}

/* Copies a text member; keeps what is in `to` if there is none. */
static bool take(const json_t *object, const char *key, char *to)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text || !text[0])
        return false;
    str_copy(to, ENGINE_TEXT, text);
    return true;
}

/* Labels and annotations by which Kubernetes' parts say what a container is: dockerd's and CRI-O's, then
 * containerd's; nerdctl's. */
static void take_labels(const json_t *labels, struct engine_names *ret)
{
    static const struct {
        const char *key;
        size_t offset;
    } known[] = {
#define AT(member) offsetof(struct engine_names, member)
        {"io.kubernetes.pod.namespace", AT(ns)},
        {"io.kubernetes.pod.name", AT(pod)},
        {"io.kubernetes.pod.uid", AT(pod_uid)},
        {"io.kubernetes.container.name", AT(container)},
        {"io.kubernetes.cri-o.ImageName", AT(image)},
        {"io.kubernetes.cri.sandbox-namespace", AT(ns)},
        {"io.kubernetes.cri.sandbox-name", AT(pod)},
        {"io.kubernetes.cri.sandbox-uid", AT(pod_uid)},
        {"io.kubernetes.cri.container-name", AT(container)},
        {"io.kubernetes.cri.image-name", AT(image)},
        {"nerdctl/name", AT(name)},
#undef AT
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        take(labels, known[i].key, (char *)ret + known[i].offset);
}

/* Which of them is only there to hold the pod's namespaces. */
static bool is_sandbox(const json_t *labels)
{
    static const char *const said[][2] = {{"io.kubernetes.cri.container-type", "sandbox"},
                                          {"io.kubernetes.cri-o.ContainerType", "sandbox"},
                                          {"io.kubernetes.docker.type", "podsandbox"}};
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        const char *text = json_string_value(json_object_get(labels, said[i][0]));
        if (text && strcmp(text, said[i][1]) == 0)
            return true;
    }
    return false;
}

static bool docker(const json_t *json, const char *id, struct engine_names *ret)
{
    const json_t *config = json_object_get(json, "Config"), *labels = json_object_get(config, "Labels");
    const char *said = json_string_value(json_object_get(json, "ID"));
    if (!said || strcmp(said, id) != 0)
        return false;
    take(json, "Name", ret->name);
    if (ret->name[0] == '/')
        memmove(ret->name, ret->name + 1, strlen(ret->name));
    take(config, "Image", ret->image);
    take_labels(labels, ret);
    ret->sandbox = is_sandbox(labels);
    return true;
}

/* An array of all; more is in `metadata`, which is JSON in a text. */
static bool storage(const json_t *json, const char *id, struct engine_names *ret)
{
    size_t index;
    json_t *item;
    json_array_foreach(json, index, item)
    {
        const char *said = json_string_value(json_object_get(item, "id"));
        if (!said || strcmp(said, id) != 0)
            continue;
        const char *name = json_string_value(json_array_get(json_object_get(item, "names"), 0));
        const char *text = json_string_value(json_object_get(item, "metadata"));
        json_t *metadata = text ? engine_load(text, strlen(text)) : NULL;
        take(metadata, "name", ret->name);
        take(metadata, "image-name", ret->image);
        json_decref(metadata);
        if (name)
            str_copy(ret->name, sizeof ret->name, name);
        return true;
    }
    return false;
}

static bool oci(const json_t *json, const char *id, struct engine_names *ret)
{
    const json_t *annotations = json_object_get(json, "annotations");
    (void)id; /* it is in the directory's name */
    take_labels(annotations, ret);
    ret->sandbox = is_sandbox(annotations);
    return json_is_object(json);
}

bool engine_names_of(enum engine_format format, const json_t *json, const char *id, struct engine_names *ret)
{
    static bool (*const readers[])(const json_t *, const char *, struct engine_names *) = {
        [ENGINE_DOCKER] = docker, [ENGINE_STORAGE] = storage, [ENGINE_OCI] = oci};
    *ret = (struct engine_names){0};
    return readers[format](json, id, ret);
}

bool engine_line(const char *text, const char *key, char *to, size_t size)
{
    size_t len = strlen(key);
    for (const char *line = text; *line; line += *line == '\n') {
        size_t end = strcspn(line, "\n");
        if (end > len && strncmp(line, key, len) == 0 && line[len] == '=') {
            size_t value = end - len - 1;
            if (value >= size)
                return false;
            memcpy(to, line + len + 1, value);
            to[value] = '\0';
            return true;
        }
        line += end;
    }
    return false;
}
