/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/player_past.h"

#include "record/player.h"

static int past_open(const char *path, void **ret, struct err *err)
{
    struct player *player;
    int rc = player_open(path, &player, err);
    if (rc == 0)
        *ret = player;
    return rc;
}

static void past_close(void *player)
{
    player_close(player);
}

static int past_span(void *player, uint64_t *ret_first_ns, uint64_t *ret_last_ns, struct err *err)
{
    return player_span(player, ret_first_ns, ret_last_ns, err);
}

static int past_at(void *player, uint64_t wall_ns, const struct snapshot **ret, struct err *err)
{
    return player_at(player, wall_ns, ret, err);
}

static int past_step(void *player, long steps, const struct snapshot **ret, struct err *err)
{
    return player_step(player, steps, ret, err);
}

static int past_find_kill(void *player, uint64_t from_ns, bool backwards, uint64_t *ret_ns, struct err *err)
{
    return player_find_kill(player, from_ns, backwards, ret_ns, err);
}

static int past_events(void *player, uint64_t after_ns, uint64_t until_ns, int kind, unsigned most,
                       struct event **ret, struct err *err)
{
    return player_events(player, after_ns, until_ns, kind, most, ret, err);
}

const struct past player_past = {past_open, past_close,     past_span,  past_at,
                                 past_step, past_find_kill, past_events};
