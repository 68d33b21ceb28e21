/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What engines write down about their containers, as names. The texts are whatever was found in a file:
 * what is not as expected is not known, and nothing is ever said in error. Pure.
 */
#ifndef BOXTOP_MONITOR_ENGINE_TEXT_H
#define BOXTOP_MONITOR_ENGINE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

enum engine_format {
    ENGINE_DOCKER,  /* config.v2.json of a container */
    ENGINE_STORAGE, /* containers.json of containers/storage: all containers of podman */
    ENGINE_OCI,     /* config.json of a bundle, for its annotations: containerd's, CRI-O's */
};

#define ENGINE_TEXT 256
/* Raw texts; empty if not known. */
struct engine_names {
    char name[ENGINE_TEXT], image[ENGINE_TEXT];
    char ns[ENGINE_TEXT], pod[ENGINE_TEXT], container[ENGINE_TEXT], pod_uid[ENGINE_TEXT];
    bool sandbox; /* the container that only holds a pod's namespaces */
};

/* The text as JSON; NULL if it is none, or nested beyond reason. The caller's to decref. */
json_t *engine_load(const char *text, size_t len);
/* What is said of the container `id`; false: it is not in there. */
bool engine_names_of(enum engine_format format, const json_t *json, const char *id, struct engine_names *ret);

/* A value of a text of KEY=VALUE lines (systemd's /run/systemd/machines/NAME); false: there is none. */
bool engine_line(const char *text, const char *key, char *to, size_t size);

#endif
