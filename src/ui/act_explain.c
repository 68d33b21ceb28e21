/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a group was made: for a container the steps of its plan, what each says to the kernel, what it gave and
 * how long it took; for the figures of a row the files that they come from. Each as shell lines that can be
 * copied.
 */
#include "ui/act.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/container.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/limits.h"

/* A group that boxtop didn't make: its limits, said as the lines that would set them. */
static void explain_group(struct app *app, const struct sample *sample, struct str *text)
{
    char value[KNOB_TEXT_SIZE];
    struct str path = {0}, word = {0};
    str_addf(&path, "%s%s", app->model.now->cgroupfs.mount, sample->path);
    str_add_shell(&word, str_text(&path));
    str_addf(text, "\002# %s\n",
             tr("boxtop did not make this group; its limits as they are, as shell lines"));
    str_addf(text, "mkdir -p %s\n", str_text(&word));
    const struct knob *knobs[LIMITS_MAX];
    size_t count = limit_list(sample, knobs);
    for (size_t i = 0; i < count && i < LIMITS_FIRST; i++)
        if (limit_text(sample, knobs[i]->name, value) == 0)
            str_addf(text, "echo %s > %s/%s\n", value, str_text(&word), knobs[i]->name);
    str_addf(text, "echo $$ > %s/cgroup.procs\n", str_text(&word));
    str_free(&path);
    str_free(&word);
}

/* ---- a container, step by step ---- */

struct page {
    const struct container *box;
    struct str *text;
    unsigned number;
    uint64_t total_ns;
};

/* What a step gave, as far as the record has it; NULL: nothing. */
static const char *given(const struct container *box, const char *step, char *to, size_t size)
{
    const struct {
        const char *step, *text;
    } rows[] = {{"cgroup", box->cgroup}, {"link", box->host_link}, {"address", box->address}};
    if (strcmp(step, "clone") == 0 && box->pid) {
        snprintf(to, size, "pid %d", (int)box->pid);
        return to;
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].step, step) == 0 && rows[i].text[0])
            return rows[i].text;
    return NULL;
}

static void add_step(void *data, const struct container_step *step)
{
    struct page *page = data;
    char buffer[32], took[32] = "";
    const char *gave = given(page->box, step->name, buffer, sizeof buffer);
    cleanup_free char *shell = mem_dup(step->shell);
    if (step->ns != STOPWATCH_UNKNOWN) {
        snprintf(took, sizeof took, "  %.2f ms", (double)step->ns / 1e6);
        page->total_ns += step->ns;
    }
    str_addf(page->text, "\001%2u %s: %s%s%s\n", ++page->number, step->name, tr(step->sentence),
             step->inside ? tr(" (inside)") : "", took);
    str_addf(page->text, "\002   %s%s%s\n", step->call, gave ? tr("  gave ") : "", gave ? gave : "");
    for (char *save = NULL, *line = strtok_r(shell, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        str_addf(page->text, "     %s\n", line);
}

static void explain_time(const struct page *page)
{
    str_add(page->text, "\n\002   ");
    str_addf(page->text, trn("%u step, %.1f ms", "%u steps, %.1f ms", page->number), page->number,
             (double)page->total_ns / 1e6);
    str_addf(page->text, "; %s\n", tr("those inside wait for those outside now and then"));
}

static int explain_box(struct app *app, const struct container *box, struct str *text, struct str *script,
                       struct err *err)
{
    struct spec spec;
    struct page page = {box, text, 0, 0};
    int rc = store_load_spec(&app->store, box->name, &spec, err);
    if (rc < 0)
        return rc;
    cleanup_close int record = openat(app->store.fd, box->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    container_steps(&spec, box, record, add_step, &page);
    if (page.total_ns)
        explain_time(&page);
    str_addf(script, tr("# what boxtop did for %s, step by step, as shell lines\n"), box->name);
    container_explain(&spec, box, script);
    spec_free(&spec);
    return rc;
}

void act_explain(struct app *app)
{
    const struct row *row = act_row(app);
    const struct container *box = act_container(app);
    struct str text = {0}, script = {0};
    struct err err = {0};
    char name[MODEL_NAME], title[MODEL_NAME + 24];
    if (!row || (!box && row->sample < 0))
        return;
    if (box && explain_box(app, box, &text, &script, &err) < 0) {
        str_free(&text);
        app_notice(app, NOTICE_ERROR, "%s", err.text);
        return;
    }
    if (!box) {
        explain_group(app, model_sample(&app->model, row), &text);
        str_add(&script, str_text(&text) + 1); /* without the mark of its first line */
    }
    model_name(&app->model, row, name);
    snprintf(title, sizeof title, tr("how %s was made"), name);
    overlay_text(app, title, N_("c copies the script, w writes it to a file, Esc closes"), &text);
    app->overlay.script = script;
}

/* ---- the figures of a row ---- */

/* The files of a column ("memory.max, memory.high"), each once. */
static void add_files(const struct column *column, const char *directory, char ***files)
{
    cleanup_free char *copy = mem_dup(column->file);
    for (char *save = NULL, *word = strtok_r(copy, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
        cleanup_free char *path = word[0] == '/' ? NULL : mem_printf("%s/%s", directory, word);
        bool known = !path;
        for (size_t i = 0; path && *files && (*files)[i]; i++)
            known = known || strcmp((*files)[i], path) == 0;
        if (!known)
            mem_list_add(files, take_ptr(&path));
    }
}

/* What is on the screen, by column: the figure, its file, how it is made of that. */
static void add_figures(struct app *app, const struct row *row, struct str *text)
{
    for (int id = 0; id < COLUMN_COUNT; id++) {
        const struct column *column = &column_table[id];
        struct column_cell figure = {0};
        char plain[COLUMN_TEXT_SIZE];
        if (!column->file[0] || column->kind != COLUMN_TEXT)
            continue;
        column_text((enum column_id)id, &app->model, row, app->term.glyphs, &figure);
        str_printable(plain, sizeof plain, figure.text);
        str_addf(text, "\001%-16s %s\n", column->key, plain);
        str_addf(text, "   %s\n\002   %s%s%s\n", column->file, tr(column->unit), column->unit[0] ? ": " : "",
                 tr(column->help));
    }
}

void act_figures(struct app *app)
{
    const struct row *row = act_row(app);
    const struct sample *sample = model_sample(&app->model, row);
    static char show[] =
        "absent=$1; shift; for f; do printf '\\001%s\\n' \"$f\"; [ ! -e \"$f\" ] && echo \"   $absent\" || "
        "head -c 4000 \"$f\" | sed 's/^/   /'; done 2>&1; true";
    cleanup_free char *directory =
        mem_printf("%s%s", app->model.now->cgroupfs.mount, sample->depth ? sample->path : "");
    cleanup_list char **arguments =
        mem_dup_list((char *[]){(char[]){"/bin/sh"}, (char[]){"-c"}, show, (char[]){"sh"},
                                (char *)(uintptr_t)tr("it is not there"), NULL});
    char name[MODEL_NAME];
    struct str front = {0};
    add_figures(app, row, &front);
    str_addf(&front, "\n\002%s\n", tr("the files, as the kernel gives them now"));
    for (int id = 0; id < COLUMN_COUNT; id++)
        add_files(&column_table[id], directory, &arguments);
    struct call *call = call_start(app, CALL_TEXT, arguments);
    if (!call) {
        str_free(&front);
        return;
    }
    model_name(&app->model, row, name);
    snprintf(call->done, sizeof call->done, tr("the figures of %s"), name);
    call->front = front;
}
