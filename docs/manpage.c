/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Makes the man page when boxtop is built: the template's text, and the program's own tables of commands,
 * options, knobs and keys in the places that it names. Usage: manpage TEMPLATE PROGRAMS
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/command.h"
#include "core/knob.h"
#include "core/spec.h"
#include "monitor/eventfield.h"
#include "ui/action.h"
#include "ui/config.h"
#include "ui/keymap.h"

static const char *programs; /* the directory of boxtop-view and the others that have commands of their own */

static void put_char(char c)
{
    if (c == '-')
        fputs("\\-", stdout);
    else if (c == '\\')
        fputs("\\e", stdout);
    else
        putchar(c);
}

/* Text that troff takes as it is, whatever it begins with. */
static void put_text(const char *text)
{
    if (text[0] == '.' || text[0] == '\'')
        fputs("\\&", stdout);
    for (; *text; text++)
        put_char(*text);
}

static void put_options(const struct option_row *rows)
{
    for (const struct option_row *row = rows; row && row->name; row++) {
        fputs(".TP\n\\fB", stdout);
        if (row->letter)
            printf("\\-%c\\fR, \\fB", row->letter);
        put_text(row->name);
        fputs("\\fR", stdout);
        if (row->arg) {
            fputs(" \\fI", stdout);
            put_text(row->arg);
            fputs("\\fR", stdout);
        }
        putchar('\n');
        put_text(row->help);
        putchar('\n');
    }
}

static void put_synopsis(void)
{
    for (size_t i = 0; commands[i]; i++) {
        printf(".B boxtop %s \\fR", commands[i]->name);
        put_text(commands[i]->usage);
        putchar('\n');
    }
}

/* What another program says of a command of its own, but for the first lines, which say what the row here
 * says.
 */
static void put_help_of_other(const struct command *command)
{
    cleanup_free char *line = mem_printf("%s/%s %s --help", programs,
                                         command->program ? command->program : "boxtop-view", command->name);
    char text[512];
    bool options = false;
    FILE *help = popen(line, "r");
    fputs(".PP\n.nf\n", stdout);
    while (help && fgets(text, sizeof text, help)) {
        options |= str_starts(text, "  -") || str_starts(text, "    ");
        if (options)
            put_text(text);
    }
    fputs(".fi\n", stdout);
    if (!help || pclose(help) != 0) {
        fprintf(stderr, "manpage: %s does not say its help\n", line);
        exit(1);
    }
}

static void put_commands(void)
{
    for (size_t i = 0; commands[i]; i++) {
        const struct command *c = commands[i];
        printf(".SS boxtop %s \\fR", c->name);
        put_text(c->usage);
        putchar('\n');
        put_text(c->summary);
        fputs(".\n", stdout);
        if (!c->run)
            put_help_of_other(c);
        else if (c->options != spec_options) /* those have a section of their own */
            put_options(c->options);
    }
}

static void put_run(void)
{
    put_options(spec_options);
}

static void put_knobs(void)
{
    size_t count;
    const struct knob *knobs = knob_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (!knob_title(&knobs[i]))
            continue;
        fputs(".TP\n\\fB", stdout);
        put_text(knob_title(&knobs[i]));
        fputs("\\fR", stdout);
        if (knobs[i].option) {
            fputs(" (\\fB", stdout);
            put_text(knobs[i].option);
            fputs("\\fR)", stdout);
        }
        putchar('\n');
        put_text(knobs[i].help);
        printf(" (Linux %s%s%s)\n", knobs[i].since, knobs[i].fallback[0] ? "; at first " : "",
               knobs[i].fallback);
    }
}

static void put_keys(void)
{
    struct keymap keymap;
    keymap_default(&keymap);
    for (int i = 0; i < ACTION_COUNT; i++) {
        char keys[128];
        keymap_keys(&keymap, i, keys, sizeof keys);
        if (!keys[0] || !action_table[i].help)
            continue;
        fputs(".TP\n\\fB", stdout);
        put_text(keys);
        fputs("\\fR\n", stdout);
        put_text(action_table[i].help);
        putchar('\n');
    }
}

static void put_settings(void)
{
    for (const struct setting *setting = config_settings; setting->key; setting++) {
        fputs(".TP\n\\fB", stdout);
        put_text(setting->key);
        fputs("\\fR = \\fI", stdout);
        put_text(setting->values);
        fputs("\\fR\n", stdout);
        put_text(setting->help);
        putchar('\n');
    }
}

static void put_columns(void)
{
    for (int id = 0; id < COLUMN_COUNT; id++) {
        const struct column *column = &column_table[id];
        fputs(".TP\n\\fB", stdout);
        put_text(column->key);
        if (column->alias) {
            fputs("\\fR, \\fB", stdout);
            put_text(column->alias);
        }
        fputs("\\fR\n", stdout);
        put_text(column->help);
        putchar('\n');
    }
}

/* "oom/victim/pid": as JSON has it, and as the variable of a hook. */
static void put_events(void)
{
    struct event_field fields[EVENT_FIELDS];
    size_t count = event_field_list(fields);
    for (size_t i = 0; i < count; i++) {
        fputs(".TP\n\\fB", stdout);
        for (const char *c = fields[i].key; *c; c++)
            put_char(*c == '/' ? '.' : *c);
        fputs("\\fR, \\fBBOXTOP_", stdout);
        for (const char *c = fields[i].key; *c; c++)
            putchar(isalnum((unsigned char)*c) ? toupper((unsigned char)*c) : '_');
        fputs("\\fR\n", stdout);
        put_text(fields[i].help);
        putchar('\n');
    }
}

static const struct {
    const char *line;
    void (*put)(void);
} places[] = {{"@SYNOPSIS@", put_synopsis}, {"@COMMANDS@", put_commands}, {"@RUN@", put_run},
              {"@KNOBS@", put_knobs},       {"@KEYS@", put_keys},         {"@SETTINGS@", put_settings},
              {"@COLUMNS@", put_columns},   {"@EVENTS@", put_events}};

static void put_line(const char *line)
{
    const char *version = strstr(line, "@VERSION@");
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (strcmp(line, places[i].line) == 0) {
            places[i].put();
            return;
        }
    if (version)
        printf("%.*s%s%s\n", (int)(version - line), line, BOXTOP_VERSION, version + strlen("@VERSION@"));
    else
        puts(line);
}

int main(int argc, char **argv)
{
    cleanup_free char *text = NULL;
    if (argc != 3 || fs_read_whole_at(AT_FDCWD, argv[1], 1 << 20, &text) < 0) {
        fputs("usage: manpage TEMPLATE PROGRAMS\n", stderr);
        return 2;
    }
    programs = argv[2];
    for (char *save = NULL, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        put_line(line);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
