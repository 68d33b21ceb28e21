/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-delegate PROGRAM: asks systemd (the system's for root, else the user's own) for the delegated unit
 * boxtop.service with PROGRAM in it, unless it is there, and prints its cgroup when it is ready; else why
 * not, with status 1. A program of its own because the launcher has no business with a bus.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#include "base/clock.h"
#include "core/unit.h"

#define SYSTEMD  "org.freedesktop.systemd1"
#define OBJECT   "/org/freedesktop/systemd1"
#define MANAGER  SYSTEMD ".Manager"
#define LIMIT_MS 60000       /* a machine that is busy booting takes its time */
#define STOP_US  30000000ull /* more than the unit's process gives containers to end (unit_server.c) */

struct asking {
    sd_bus *bus;
    const char *program;
    char job[256]; /* the one that starts it; "": not started yet */
    char result[64];
};

static int failed(const char *what, int rc, const sd_bus_error *error)
{
    printf("%s: %s\n", what, error && error->message ? error->message : strerror(-rc));
    return 1;
}

/* systemd's own socket, as systemctl does it: no bus daemon needs to run. Then the bus. */
static int open_bus(sd_bus **ret)
{
    char address[512] = "unix:path=/run/systemd/private";
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (geteuid() != 0)
        snprintf(address, sizeof address, "unix:path=%s/systemd/private", runtime ? runtime : "");
    sd_bus *bus = NULL;
    if (sd_bus_new(&bus) >= 0 && sd_bus_set_address(bus, address) >= 0 && sd_bus_start(bus) >= 0) {
        *ret = bus;
        return 0;
    }
    sd_bus_unref(bus);
    return geteuid() == 0 ? sd_bus_open_system(ret) : sd_bus_open_user(ret);
}

static int on_job_removed(sd_bus_message *m, void *user, sd_bus_error *error)
{
    struct asking *a = user;
    const char *job, *unit, *result;
    uint32_t id;
    (void)error;
    if (sd_bus_message_read(m, "uoss", &id, &job, &unit, &result) >= 0 && strcmp(unit, UNIT_NAME) == 0)
        snprintf(a->result, sizeof a->result, "%s", result);
    return 0;
}

static int add_properties(sd_bus_message *m, const struct asking *a)
{
    int rc = sd_bus_message_append(
        m, "(sv)(sv)(sv)(sv)(sv)(sv)(sv)(sv)(sv)", "Description", "s", "boxtop's containers", "Type", "s",
        "notify", "Slice", "s", geteuid() == 0 ? "system.slice" : "app.slice", "Delegate", "b", 1, "TasksMax",
        "t", UINT64_MAX, "OOMPolicy", "s", "continue", "KillMode", "s", "mixed", "CollectMode", "s",
        "inactive-or-failed", "TimeoutStopUSec", "t", (uint64_t)STOP_US);
    return rc < 0 ? rc
                  : sd_bus_message_append(m, "(sv)", "ExecStart", "a(sasb)", 1, a->program, 1, a->program, 0);
}

static int start(struct asking *a, sd_bus_error *error)
{
    sd_bus_message *m = NULL, *reply = NULL;
    const char *job;
    int rc = sd_bus_message_new_method_call(a->bus, &m, SYSTEMD, OBJECT, MANAGER, "StartTransientUnit");
    if (rc >= 0)
        rc = sd_bus_message_append(m, "ss", UNIT_NAME, "fail");
    if (rc >= 0)
        rc = sd_bus_message_open_container(m, 'a', "(sv)");
    if (rc >= 0)
        rc = add_properties(m, a);
    if (rc >= 0)
        rc = sd_bus_message_close_container(m);
    if (rc >= 0)
        rc = sd_bus_message_append(m, "a(sa(sv))", 0);
    if (rc >= 0)
        rc = sd_bus_call(a->bus, m, 0, error, &reply);
    if (rc >= 0)
        rc = sd_bus_message_read(reply, "o", &job);
    if (rc >= 0)
        snprintf(a->job, sizeof a->job, "%s", job);
    sd_bus_message_unref(m);
    sd_bus_message_unref(reply);
    return rc;
}

/* Waits for what was asked for, at most `ms`. */
static void process(struct asking *a, uint64_t ms)
{
    uint64_t end = clock_mono_ns() + ms * 1000000, now;
    while (!a->result[0] && (now = clock_mono_ns()) < end) {
        int rc = sd_bus_process(a->bus, NULL);
        if (rc < 0 || (rc == 0 && sd_bus_wait(a->bus, (end - now) / 1000) < 0))
            return;
    }
}

/* A property of the unit as text; "" if it has none or there is no such unit. */
static void property(struct asking *a, const char *interface, const char *name, char *to, size_t size)
{
    char *path = NULL, *value = NULL;
    to[0] = '\0';
    if (sd_bus_path_encode(OBJECT "/unit", UNIT_NAME, &path) >= 0 &&
        sd_bus_get_property_string(a->bus, SYSTEMD, path, interface, name, NULL, &value) >= 0)
        snprintf(to, size, "%s", value);
    free(path);
    free(value);
}

static void state_of(struct asking *a, char *to, size_t size)
{
    property(a, SYSTEMD ".Unit", "ActiveState", to, size);
}

/* Somebody else has asked, or it is about to end: then it is asked for once more. */
static int make_active(struct asking *a, sd_bus_error *error)
{
    uint64_t end = clock_mono_ns() + LIMIT_MS * 1000000ull;
    char state[32];
    while (clock_mono_ns() < end) {
        state_of(a, state, sizeof state);
        if (strcmp(state, "active") == 0)
            return 0;
        if (strcmp(state, "activating") != 0 && strcmp(state, "deactivating") != 0) {
            sd_bus_error_free(error);
            a->result[0] = '\0';
            int rc = start(a, error);
            if (rc >= 0)
                process(a, LIMIT_MS);
            else if (!sd_bus_error_has_name(error, SYSTEMD ".UnitExists"))
                return rc;
            if (a->result[0] && strcmp(a->result, "done") != 0 && strcmp(a->result, "canceled") != 0)
                return -EPROTO;
        }
        usleep(20000);
    }
    return -ETIMEDOUT;
}

int main(int argc, char **argv)
{
    struct asking a = {.program = argv[argc > 1 ? 1 : 0]};
    sd_bus_error error = SD_BUS_ERROR_NULL;
    char cgroup[300];
    int rc = open_bus(&a.bus);
    if (rc < 0)
        return failed("connect to it", rc, NULL);
    rc = sd_bus_match_signal(a.bus, NULL, NULL, OBJECT, MANAGER, "JobRemoved", on_job_removed, &a);
    if (rc < 0 || (rc = make_active(&a, &error)) < 0)
        return failed(rc == -EPROTO ? "it could not start it (systemctl status " UNIT_NAME ")" : "it refused",
                      rc, &error);
    property(&a, SYSTEMD ".Service", "ControlGroup", cgroup, sizeof cgroup);
    puts(cgroup);
    sd_bus_flush_close_unref(a.bus);
    return 0;
}
