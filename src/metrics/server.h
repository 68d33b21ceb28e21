/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The HTTP end of `metrics` (libmicrohttpd lives here and only here), driven by its owner's poll loop: no
 * thread. A request is answered from a sample that was taken after it came, so nothing is sampled that nobody
 * asked for.
 */
#ifndef BOXTOP_METRICS_SERVER_H
#define BOXTOP_METRICS_SERVER_H

#include "base/err.h"
#include "metrics/access.h"
#include "metrics/exposition.h"

struct server;

/* Listens. `names`, `selection` and `access` outlive the server; access->address becomes the one that is
 * listened on. */
int server_start(struct access *access, const struct selection *selection, struct names *names,
                 struct server **ret, struct err *err);
int server_fd(const struct server *server); /* readable: call server_work() */
/* After so long server_work() is due anyway; -1: it is not. */
int server_timeout_ms(const struct server *server);
void server_work(struct server *server);
/* A new snapshot, which the server owns from now on, and answers those who wait. */
void server_publish(struct server *server, struct snapshot *snapshot);
/* Whether a request waits for a sample: monitor_poke() is called for. */
bool server_is_waited_for(const struct server *server);
/* Those who wait get the figures that there are (their timestamp says how old they are). */
void server_give_up_waiting(struct server *server);
void server_stop(struct server *server); /* NULL is fine */

#endif
