/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of cgroups: the columns' texts, bars and graphs as cells.
 */
#include "ui/pane.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/str.h"
#include "ui/act.h"
#include "ui/app.h"
#include "ui/language.h"
#include "ui/text.h"

#define SPARK_CELLS  64
#define SPARK_VALUES (2 * SPARK_CELLS)
#define CGROUP_SHOWN 400 /* bytes */

/* The rows' area: inside the frame, without blank columns at the sides, so that the selection is a whole
 * line. */
static struct canvas body_of(const struct canvas *frame)
{
    return (struct canvas){frame->term,
                           {frame->area.y + 1, frame->area.x + 1, frame->area.h - 2, frame->area.w - 2}};
}

static struct style on(struct style style, bool selected)
{
    if (selected) {
        style.ground = GROUND_SELECTED;
        style.role = style.role == ROLE_BAD || style.attrs & STYLE_BOLD ? style.role : ROLE_SELECTED_FG;
    }
    return style;
}

static void draw_title(struct app *app, const struct canvas *body, enum column_id id)
{
    const struct column *column = &column_table[id];
    int x = app->columns.x[id], width = app->columns.width[id];
    bool sorted = app->model.sort == id, down = column->smallest_first == app->model.reverse;
    struct style style = STYLE(sorted ? ROLE_KEY : ROLE_TITLE, .attrs = STYLE_BOLD);
    char text[32];
    snprintf(text, sizeof text, "%s%s", column->title,
             sorted ? glyph_text(app->term.glyphs, down ? GLYPH_SORT_DOWN : GLYPH_SORT_UP) : "");
    if (column->right && text_columns(text) > width)
        canvas_right(body, 0, x - 1, width + 1, style, text);
    else if (column->right)
        canvas_right(body, 0, x, width, style, text);
    else
        canvas_text(body, 0, x, width, style, text);
}

static void draw_titles(struct app *app, const struct canvas *body)
{
    const struct column_plan *plan = &app->columns;
    for (int i = 0; i < plan->count; i++)
        draw_title(app, body, plan->order[i]);
    if (plan->left)
        canvas_glyph(body, 0, plan->x[COLUMN_NAME] + plan->width[COLUMN_NAME] - 1, STYLE(ROLE_KEY),
                     GLYPH_LEFT);
    if (plan->right)
        canvas_glyph(body, 0, body->area.w - 1, STYLE(ROLE_KEY), GLYPH_RIGHT);
}

/* The lines from a row to what it hangs on; returns the cells used. */
static int draw_guides(struct app *app, const struct canvas *body, int y, int x, int width,
                       const struct row *row, bool selected)
{
    struct style style = on(STYLE(ROLE_LINE), selected);
    int used = 0;
    if (app->model.flat && !row->process)
        return 0;
    for (int depth = 1; depth < row->depth && used + 2 < width; depth++, used += 2)
        if (depth < 64 && row->guides >> depth & 1)
            canvas_glyph(body, y, x + used, style, GLYPH_TREE_PASS);
    if ((row->depth > 0 || row->process) && used + 2 < width) {
        canvas_glyph(body, y, x + used, style, row->last ? GLYPH_TREE_LAST : GLYPH_TREE_FORK);
        if (row->folded)
            canvas_glyph(body, y, x + used + 1, on(STYLE(ROLE_KEY), selected), GLYPH_FOLDED);
        used += 2;
    }
    return used;
}

static struct style name_style(const struct model *model, const struct row *row)
{
    const struct sample *sample = model_sample(model, row);
    if (row->process)
        return STYLE(ROLE_GRAPH_TEXT);
    if (!row->matched)
        return STYLE(ROLE_DIM);
    if (row->container >= 0)
        return STYLE(sample ? ROLE_CONTAINER : ROLE_DIM, .attrs = sample ? STYLE_BOLD : 0);
    return STYLE(sample && sample->now->populated == 0 ? ROLE_DIM : ROLE_FG);
}

static void draw_name(struct app *app, const struct canvas *body, int y, int x, int width,
                      const struct row *row, bool selected)
{
    char name[MODEL_NAME];
    int used = draw_guides(app, body, y, x, width, row, selected);
    model_name(&app->model, row, name);
    struct style style = name_style(&app->model, row);
    if (selected)
        style.role = ROLE_SELECTED_FG, style.ground = GROUND_SELECTED;
    canvas_text(body, y, x + used, width - used, style, name);
}

static void draw_bar(struct app *app, const struct canvas *body, int y, int x, int width,
                     const struct row *row, enum column_id id, bool selected)
{
    struct column_bar bar;
    column_table[id].bar(&app->model, row, &bar);
    enum glyph limit = !bar.limited ? GLYPH_COUNT : bar.own ? GLYPH_BAR_LIMIT : GLYPH_VLINE;
    if (!isnan(bar.fill))
        canvas_bar(body, y, x, width,
                   &(struct bar){bar.fill, bar.mark, bar.low, limit, bar.style.role,
                                 bar.own ? ROLE_LIMIT : ROLE_GRAPH_TEXT,
                                 selected ? GROUND_SELECTED : GROUND_MAIN});
}

static void draw_spark(struct app *app, const struct canvas *body, int y, int x, int width,
                       const struct row *row, bool selected)
{
    const struct track *track = model_track(&app->model, row);
    const struct sample *sample = model_sample(&app->model, row);
    double values[SPARK_VALUES], top = 0;
    struct graph_cell cells[SPARK_CELLS];
    size_t shown = track ? model_shown(&app->model, track) : 0;
    if (!shown)
        return;
    width = width > SPARK_CELLS ? SPARK_CELLS : width;
    size_t room = graph_spark_capacity(app->term.glyphs, width), count = shown < room ? shown : room;
    for (size_t i = 0; i < count; i++) {
        values[i] = track_at(track, shown - count + i)->cpu_percent;
        top = fmax(top, isnan(values[i]) ? 0 : values[i]);
    }
    top = isnan(sample->effective_cpu_percent) ? fmax(top, 10) : sample->effective_cpu_percent;
    graph_spark(app->term.glyphs, ROLE_CPU, top, values, count,
                graph_lag(app->term.glyphs, track->pushed - app->model.held), cells, width);
    canvas_cells(body, y, x, cells, 1, width, selected ? GROUND_SELECTED : GROUND_MAIN);
}

/* What a process has of a group's columns. */
static void process_text(const struct detail_process *process, enum column_id id, struct column_cell *ret)
{
    *ret = (struct column_cell){.style = STYLE(ROLE_GRAPH_TEXT)};
    switch (id) {
    case COLUMN_STATE:
        snprintf(ret->text, sizeof ret->text, "%c", process->state ? process->state : '?');
        break;
    case COLUMN_CPU:
        fmt_percent(ret->text, process->cpu_percent);
        break;
    case COLUMN_MEMORY:
        fmt_bytes(ret->text, process->rss_bytes);
        break;
    case COLUMN_PIDS:
        fmt_count(ret->text, process->threads);
        break;
    default:
        break;
    }
}

static void draw_process(struct app *app, const struct canvas *body, int y, const struct row *row,
                         bool selected)
{
    struct column_cell cell;
    for (int i = 0; i < app->columns.count; i++) {
        enum column_id id = app->columns.order[i];
        int x = app->columns.x[id], width = app->columns.width[id];
        process_text(model_process(&app->model, row), id, &cell);
        if (id == COLUMN_NAME)
            draw_name(app, body, y, x, width, row, selected);
        else if (column_table[id].right)
            canvas_right(body, y, x, width, on(cell.style, selected), cell.text);
        else
            canvas_text(body, y, x, width, on(cell.style, selected), cell.text);
    }
}

static void draw_cell(struct app *app, const struct canvas *body, int y, const struct row *row,
                      enum column_id id, bool selected)
{
    int x = app->columns.x[id], width = app->columns.width[id];
    const struct column *column = &column_table[id];
    enum ground ground = selected ? GROUND_SELECTED : GROUND_MAIN;
    struct column_cell cell = {0};
    switch (column->kind) {
    case COLUMN_TREE:
        draw_name(app, body, y, x, width, row, selected);
        return;
    case COLUMN_BAR:
        draw_bar(app, body, y, x, width, row, id, selected);
        return;
    case COLUMN_GRAPH:
        draw_spark(app, body, y, x, width, row, selected);
        return;
    case COLUMN_TEXT:
        column_text(id, &app->model, row, app->term.glyphs, &cell);
        if (column->right)
            canvas_right(body, y, x, width, on(cell.style, selected), cell.text);
        else
            canvas_text(body, y, x, width, STYLE(cell.style.role, .ground = ground), cell.text);
    }
}

/* A container that has ended has no figures: how it ended stands in their place. */
static void draw_ended(struct app *app, const struct canvas *body, int y, const struct row *row,
                       bool selected)
{
    const struct container *container = model_container(&app->model, row);
    char text[200], why[160], status[16] = "?";
    if (container->exit_status >= 0)
        snprintf(status, sizeof status, "%d", container->exit_status);
    str_printable(why, sizeof why, container->why);
    if (container->state == CONTAINER_EXITED)
        snprintf(text, sizeof text, "%s %s%s%s%s", tr("exited"), status,
                 container->oom_killed ? tr(", OOM killed") : "", why[0] ? ": " : "", why);
    else
        snprintf(text, sizeof text, "%s", tr(container_state_name(container->state)));
    int x = app->columns.x[COLUMN_NAME] + app->columns.width[COLUMN_NAME] + 1;
    enum role role = container->oom_killed ? ROLE_BAD : ROLE_GRAPH_TEXT;
    canvas_text(body, y, x, body->area.w - x - 1, on(STYLE(role), selected), text);
}

static void draw_row(struct app *app, const struct canvas *body, int y, size_t index)
{
    const struct row *row = &app->model.rows[index];
    bool selected = index == app->model.selected;
    if (selected)
        canvas_repeat(body, y, 0, body->area.w, STYLE(ROLE_SELECTED_FG, .ground = GROUND_SELECTED), " ");
    if (row->process) {
        draw_process(app, body, y, row, selected);
        return;
    }
    for (int i = 0; i < app->columns.count; i++)
        if (row->sample >= 0 || app->columns.order[i] <= COLUMN_NAME)
            draw_cell(app, body, y, row, app->columns.order[i], selected);
    if (row->tagged)
        canvas_glyph(body, y, app->columns.x[COLUMN_NAME] - 1,
                     STYLE(ROLE_KEY, .attrs = STYLE_BOLD, .ground = selected ? GROUND_SELECTED : GROUND_MAIN),
                     GLYPH_TAG);
    if (row->sample < 0)
        draw_ended(app, body, y, row, selected);
}

static void draw_scrollbar(const struct canvas *frame, size_t top, size_t shown, size_t count)
{
    int room = frame->area.h - 2;
    if (count <= shown || room < 2)
        return;
    int size = (int)(shown * (size_t)room / count), at = (int)(top * (size_t)room / count);
    size = size < 1 ? 1 : size;
    for (int i = 0; i < size && at + i < room; i++)
        canvas_glyph(frame, 1 + at + i, frame->area.w - 1, STYLE(ROLE_GRAPH_TEXT), GLYPH_SCROLL);
}

static void notch_right(const struct canvas *frame, int left, int *right, struct style style,
                        const char *text)
{
    if (*right - canvas_notch_width(text) <= left)
        return;
    *right -= canvas_notch_width(text) + 1;
    canvas_notch(frame, *right, ROLE_BOX_TABLE, style, text);
}

/* What the border says: how many, the filter, how they are ordered, how many are tagged. */
static void draw_notches(struct app *app, const struct canvas *frame)
{
    const struct model *model = &app->model;
    char text[MATCH_SIZE + 40];
    int right = frame->area.w - 1, x = canvas_notch_width(tr("cgroups")) + 2;
    if (model->filter.count) {
        size_t hidden = model->hidden_by_filter;
        snprintf(text, sizeof text, trn("filter: %s, %zu hidden", "filter: %s, %zu hidden", hidden),
                 model->filter_text, hidden);
        x += canvas_notch(frame, x, ROLE_BOX_TABLE, STYLE(ROLE_WARN), text) + 1;
    }
    snprintf(text, sizeof text, "%zu/%zu", model->row_count ? model->selected + 1 : 0, model->row_count);
    notch_right(frame, x, &right, STYLE(ROLE_FG), text);
    notch_right(frame, x, &right, STYLE(ROLE_FG), model->flat ? tr("flat") : tr("tree"));
    if (model->stay)
        notch_right(frame, x, &right, STYLE(ROLE_FG), tr("stays"));
    snprintf(text, sizeof text, trn("%zu tagged", "%zu tagged", model->tag_count), model->tag_count);
    if (model->tag_count)
        notch_right(frame, x, &right, STYLE(ROLE_KEY, .attrs = STYLE_BOLD), text);
}

/* Whose the panes are: what is selected, whole, in the look of its row. */
static void draw_foot(struct app *app, const struct canvas *frame)
{
    const struct row *row = model_selected(&app->model);
    const struct sample *sample = model_sample(&app->model, row);
    char path[CGROUP_SHOWN], text[CGROUP_SHOWN + 2];
    if (!sample)
        return;
    str_printable(path, sizeof path, sample->path);
    snprintf(text, sizeof text, " %s ", path);
    canvas_text(frame, frame->area.h - 1, 2, frame->area.w - 4,
                STYLE(ROLE_SELECTED_FG, .ground = GROUND_SELECTED), text);
}

/* Scrolls as far as the processes of a row that was just unfolded need, but never the row itself away. */
static void reveal(struct model *model, size_t shown)
{
    size_t last = model->selected;
    while (last + 1 < model->row_count && model->rows[last + 1].process)
        last++;
    if (!model->reveal || last == model->selected || !shown)
        return;
    model->reveal = false;
    if (last >= model->top + shown)
        model->top = last - shown + 1 < model->selected ? last - shown + 1 : model->selected;
}

static void draw(struct app *app, const struct canvas *frame, const struct canvas *inside)
{
    struct model *model = &app->model;
    struct canvas body = body_of(frame);
    (void)inside;
    draw_notches(app, frame);
    draw_foot(app, frame);
    size_t shown = body.area.h > 1 ? (size_t)body.area.h - 1 : 0;
    if (model->selected < model->top)
        model->top = model->selected;
    if (shown && model->selected >= model->top + shown)
        model->top = model->selected - shown + 1;
    reveal(model, shown);
    if (model->row_count < model->top + shown)
        model->top = model->row_count > shown ? model->row_count - shown : 0;
    column_plan(model, &app->column_set, model->top, shown, body.area.w - 1, app->column_scroll,
                app->term.glyphs, &app->columns);
    app->column_scroll = app->columns.scroll;
    draw_titles(app, &body);
    for (size_t i = 0; i < shown && model->top + i < model->row_count; i++)
        draw_row(app, &body, 1 + (int)i, model->top + i);
    if (!model->row_count)
        canvas_text(&body, 2, 2, body.area.w - 4, STYLE(ROLE_GRAPH_TEXT),
                    !model->now           ? tr("reading the tree of cgroups")
                    : model->filter.count ? tr("nothing matches the filter; Esc takes it off")
                                          : tr("no cgroups to be seen"));
    draw_scrollbar(frame, model->top, shown, model->row_count);
}

/* The column at a place of the frame; COLUMN_COUNT: none. */
static enum column_id column_at(const struct app *app, int x)
{
    for (int i = app->columns.count - 1; i >= 0; i--)
        if (x - 1 >= app->columns.x[app->columns.order[i]])
            return app->columns.order[i];
    return COLUMN_COUNT;
}

static void click(struct app *app, int y, int x)
{
    enum column_id column = column_at(app, x);
    if (y == 1 && column < COLUMN_COUNT)
        model_sort(&app->model, column);
    size_t index = app->model.top + (size_t)(y - 2);
    if (y < 2 || index >= app->model.row_count)
        return;
    if (index == app->model.selected && app->model.rows[index].has_children)
        model_fold(&app->model, &app->model.rows[index], !app->model.rows[index].folded);
    else
        model_select(&app->model, (long)index);
}

/* The other button: what a column is, what can be done to a row. */
static void context(struct app *app, int y, int x)
{
    enum column_id column = column_at(app, x);
    size_t index = app->model.top + (size_t)(y - 2);
    if (y == 1 && column < COLUMN_COUNT) {
        act_help_column(app, column);
    } else if (y >= 2 && index < app->model.row_count) {
        model_select(&app->model, (long)index);
        action_run(app, ACTION_KILL);
    }
}

static void wheel(struct app *app, int direction)
{
    model_select(&app->model, (long)app->model.selected + 3 * direction);
}

const struct pane pane_table = {.title = N_("cgroups"),
                                .box = ROLE_BOX_TABLE,
                                .draw = draw,
                                .click = click,
                                .context = context,
                                .wheel = wheel};
