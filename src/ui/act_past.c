/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looking back.
 */
#include "ui/act.h"

#include "ui/app.h"

#define MINUTE_NS INT64_C(60000000000)

void act_sample_back(struct app *app)
{
    past_move(app, -1);
}

void act_sample_on(struct app *app)
{
    past_move(app, 1);
}

void act_minute_back(struct app *app)
{
    past_move_ns(app, -MINUTE_NS);
}

void act_minute_on(struct app *app)
{
    past_move_ns(app, MINUTE_NS);
}

void act_jump(struct app *app)
{
    past_jump(app);
}

void act_kill_back(struct app *app)
{
    past_kill(app, true);
}

void act_kill_on(struct app *app)
{
    past_kill(app, false);
}

void act_play(struct app *app)
{
    past_play(app);
}

void act_faster(struct app *app)
{
    past_speed(app, true);
}

void act_slower(struct app *app)
{
    past_speed(app, false);
}

void act_live(struct app *app)
{
    past_live(app);
}
