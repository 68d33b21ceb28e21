/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/naming.h"

#include <stdio.h>

#include "base/clock.h"

#define NS_PER_S 1000000000ull
/* An engine that knows nothing of it is asked again: soon, then less and less often. */
#define GAP_FIRST_NS NS_PER_S
#define GAP_MAX_NS   (32 * NS_PER_S)

/* The group of a pod is called as the first of its containers says that the pod is. */
static void name_pod(struct group *group)
{
    const struct identity *said = group->identity;
    struct group *pod = group->parent;
    while (pod && !(pod->identity && pod->identity->kind == KIND_POD))
        pod = pod->parent;
    if (!pod || !said->pod || pod->identity->pod)
        return;
    char label[600];
    struct identity now = *pod->identity;
    snprintf(label, sizeof label, "%s/%s", said->ns ? said->ns : "", said->pod);
    now.label = label;
    now.ns = said->ns;
    now.pod = said->pod;
    const struct identity *before = pod->identity;
    pod->identity = identity_new(&now);
    identity_unref(before);
}

static void ask(struct engines *engines, struct group *group, uint64_t now_ns)
{
    const struct identity *before = group->identity, *named = engines_name(engines, before);
    if (named) {
        group->identity = named;
        identity_unref(before);
        name_pod(group);
        group->name_gap_ns = GAP_MAX_NS;
    } else if (group->name_gap_ns < GAP_MAX_NS)
        group->name_gap_ns *= 2;
    group->name_ns = now_ns + group->name_gap_ns;
}

void naming_appeared(struct engines *engines, struct group *group)
{
    group->identity = identity_of_path(group->path);
    group->name_ns = UINT64_MAX;
    group->name_gap_ns = GAP_FIRST_NS / 2;
    if (engines_may_name(group->identity))
        ask(engines, group, clock_mono_ns());
}

void naming_due(struct engines *engines, struct group *group, uint64_t now_ns)
{
    if (group->name_ns <= now_ns)
        ask(engines, group, now_ns);
}
