/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics/server.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#define CONNECTIONS  64
#define TIMEOUT_S    15
#define MEMORY_BYTES 16384
#define WAITERS      CONNECTIONS

struct server {
    struct MHD_Daemon *daemon;
    const struct access *access;
    const struct selection *selection;
    struct names *names;
    struct snapshot *snapshot;
    struct MHD_Response *body[2]; /* of the snapshot, once somebody asked for it; [openmetrics] */
    struct MHD_Connection *waiting[WAITERS];
    size_t waiting_count;
};

/* What has become of a request: MHD calls for the same one several times. */
enum stage { STAGE_NEW, STAGE_READ, STAGE_WAITED };
static char stages[3]; /* their addresses are the stages */

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    if (status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* Made once for all who ask for it before the next sample. */
static struct MHD_Response *body_of(struct server *server, bool openmetrics)
{
    struct str text = {0};
    struct exposition what = {server->snapshot, server->names, *server->selection, openmetrics};
    if (server->body[openmetrics])
        return server->body[openmetrics];
    names_refresh(server->names);
    exposition_write(&what, &text);
    server->body[openmetrics] = MHD_create_response_from_buffer(text.len, text.text, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(server->body[openmetrics], "Content-Type", exposition_type(openmetrics));
    return server->body[openmetrics];
}

static enum MHD_Result answer(struct server *server, struct MHD_Connection *connection)
{
    const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept");
    if (!server->snapshot)
        return reply(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "there are no figures yet\n");
    return MHD_queue_response(connection, MHD_HTTP_OK, body_of(server, exposition_wants_openmetrics(accept)));
}

static enum MHD_Result wait_for_sample(struct server *server, struct MHD_Connection *connection)
{
    if (server->waiting_count == WAITERS)
        return reply(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too many ask at once\n");
    MHD_suspend_connection(connection);
    server->waiting[server->waiting_count++] = connection;
    return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *size,
                                  void **request)
{
    struct server *server = arg;
    (void)version;
    (void)data;
    if (!*request) { /* only the header has come */
        *request = &stages[STAGE_READ];
        return MHD_YES;
    }
    if (*size > 0) { /* a body is nobody's business here */
        *size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    if (!access_allows(server->access,
                       MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization")))
        return reply(connection, MHD_HTTP_UNAUTHORIZED, "this takes the token of boxtop's --token-file\n");
    if (strcmp(url, "/") == 0)
        return reply(connection, MHD_HTTP_OK, "boxtop " BOXTOP_VERSION ": /metrics\n");
    if (strcmp(url, "/metrics") != 0)
        return reply(connection, MHD_HTTP_NOT_FOUND, "there is only /metrics\n");
    if (*request == &stages[STAGE_WAITED])
        return answer(server, connection);
    *request = &stages[STAGE_WAITED];
    return wait_for_sample(server, connection);
}

/* A socket that listens; *access gets the address with its port. */
static int listen_on(struct access *access, int *ret_fd, struct err *err)
{
    char url[80];
    int on = 1;
    cleanup_close int fd = socket(access->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&access->address, access->address_len) < 0 ||
        listen(fd, CONNECTIONS) < 0) {
        int code = errno;
        access_url(access, url, sizeof url);
        err_set(err, code, "listen on %s: %s", url, strerror(code));
        return code == EADDRINUSE
                   ? err_hint(err, "another program has that port: --listen 0 takes a free one")
                   : -code;
    }
    getsockname(fd, (struct sockaddr *)&access->address, &access->address_len);
    *ret_fd = take_fd(&fd);
    return 0;
}

static struct MHD_Daemon *start_daemon(struct server *server, int fd)
{
    const struct access *access = server->access;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (access->certificate ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, access->certificate},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, access->key},
                                   {MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, fd,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
                            (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_BYTES,
                            MHD_OPTION_ARRAY, access->certificate ? tls : &tls[2], MHD_OPTION_END);
}

int server_start(struct access *access, const struct selection *selection, struct names *names,
                 struct server **ret, struct err *err)
{
    cleanup_close int fd = -1;
    int rc = listen_on(access, &fd, err);
    if (rc < 0)
        return rc;
    struct server *server = mem_alloc(sizeof *server);
    *server = (struct server){.access = access, .selection = selection, .names = names};
    server->daemon = start_daemon(server, fd);
    if (!server->daemon) {
        free(server);
        err_set(err, EINVAL, "start the HTTP server: libmicrohttpd refused");
        return access->certificate
                   ? err_hint(err, "are --tls-cert and --tls-key a certificate and its key, in PEM?")
                   : -EINVAL;
    }
    take_fd(&fd); /* the daemon's */
    *ret = server;
    return 0;
}

int server_fd(const struct server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int server_timeout_ms(const struct server *server)
{
    MHD_UNSIGNED_LONG_LONG ms;
    if (MHD_get_timeout(server->daemon, &ms) != MHD_YES)
        return -1;
    return ms < TIMEOUT_S * 1000 ? (int)ms : TIMEOUT_S * 1000;
}

void server_work(struct server *server)
{
    MHD_run(server->daemon);
}

static void forget_bodies(struct server *server)
{
    for (size_t i = 0; i < COUNT_OF(server->body); i++) {
        if (server->body[i])
            MHD_destroy_response(server->body[i]);
        server->body[i] = NULL;
    }
}

void server_publish(struct server *server, struct snapshot *snapshot)
{
    forget_bodies(server);
    snapshot_free(server->snapshot);
    server->snapshot = snapshot;
    server_give_up_waiting(server);
}

bool server_is_waited_for(const struct server *server)
{
    return server->waiting_count > 0;
}

void server_give_up_waiting(struct server *server)
{
    for (size_t i = 0; i < server->waiting_count; i++)
        MHD_resume_connection(server->waiting[i]);
    if (server->waiting_count) {
        server->waiting_count = 0;
        MHD_run(server->daemon);
    }
}

void server_stop(struct server *server)
{
    if (!server)
        return;
    server_give_up_waiting(server);
    MHD_stop_daemon(server->daemon);
    forget_bodies(server);
    snapshot_free(server->snapshot);
    free(server);
}
