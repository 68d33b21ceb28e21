/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/output.h"
#include "core/doctor.h"
#include "core/jsontext.h"

struct doctor_options {
    bool json;
};

static const struct option_row options[] = {
    {"--json", 0, NULL, "one array of objects", .offset = offsetof(struct doctor_options, json)},
    {0},
};

static void print_json(const struct finding *findings, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct finding *f = &findings[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", json_string(f->name));
        json_object_set_new(object, "state", json_string(finding_state_name(f->state)));
        json_object_set_new(object, "found", jsontext_shown(f->found));
        json_object_set_new(object, "feature", json_string(f->feature));
        json_object_set_new(object, "vital", json_boolean(f->vital));
        json_object_set_new(object, "fix", f->fix[0] ? jsontext_shown(f->fix) : json_null());
        json_array_append_new(array, object);
    }
    output_json(array, stdout);
}

/* What is there first, a line each; then what is not, with what it costs and what brings it. */
static void print_text(const struct finding *findings, size_t count)
{
    static const char *const titles[] = {"CHECK", "STATE", "FOUND"};
    struct table table;
    size_t missing = 0;
    table_init(&table, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_add(&table, titles[i]);
    for (size_t i = 0; i < count; i++) {
        table_add(&table, findings[i].name);
        table_add(&table, finding_state_name(findings[i].state));
        table_add(&table, findings[i].found);
        missing += findings[i].state == FINDING_ABSENT;
    }
    table_print(&table, stdout);
    table_free(&table);
    if (missing)
        puts("\nWhat is absent, what it is for, and what brings it (as root):");
    for (size_t i = 0; i < count; i++) {
        if (findings[i].state != FINDING_ABSENT)
            continue;
        printf("  %s, for %s\n", findings[i].name, findings[i].feature);
        fputs("    ", stdout);
        output_printable(findings[i].fix[0] ? findings[i].fix : "(nothing that boxtop knows of)", stdout);
        putchar('\n');
    }
}

static int doctor_run(const struct command *command, int argc, char **argv)
{
    struct doctor_options o = {0};
    struct finding findings[DOCTOR_MAX];
    struct patient patient;
    char release[65];
    int status = command_begin(command, &o, &argc, argv);
    if (status >= 0)
        return status;
    patient_self(&patient, release);
    size_t count = doctor_look(&patient, findings);
    (o.json ? print_json : print_text)(findings, count);
    return doctor_is_well(findings, count) ? STATUS_DONE : STATUS_FAILED;
}

static void doctor_more(FILE *out)
{
    fputs("Looks only, changes nothing. A user is told what a user needs, root what root needs. Exit status: "
          "0 if\n"
          "containers can be run here, whatever features are missing; else 1.\n",
          out);
}

const struct command doctor_command = {
    .name = "doctor",
    .usage = "[--json]",
    .summary = "what this machine has of what boxtop needs, and what brings the rest",
    .options = options,
    .run = doctor_run,
    .more_help = doctor_more,
};
