/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The records of containers on disk: $BOXTOP_STATE, else /run/boxtop for root, else $XDG_RUNTIME_DIR/boxtop.
 * One directory for each container, named after it: spec.json, state.json, log, lock. The keeper holds `lock`
 * (flock) as long as it lives: who can take it knows that the keeper is dead. state.json names each resource
 * before it is made, so that whoever comes after a crash can undo it.
 */
#ifndef BOXTOP_CORE_STORE_H
#define BOXTOP_CORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "base/err.h"
#include "base/oom.h"
#include "core/spec.h"

struct store {
    char path[200];
    int fd;
    void (*say)(const char *line); /* what people should know besides; NULL: nobody listens */
};

enum container_state { CONTAINER_CREATED, CONTAINER_RUNNING, CONTAINER_PAUSED, CONTAINER_EXITED };
const char *container_state_name(enum container_state state);

#define EXIT_STATUS_UNKNOWN (-1) /* the keeper died before it could see how the container ended */

/* What state.json holds. Plain data, owns `command`, `ports` and `oom`. */
struct container {
    char name[SPEC_NAME_SIZE];
    char id[17]; /* 16 hex digits, made at random for each start */
    enum container_state state;
    pid_t pid, keeper_pid;            /* 0: none */
    uint64_t pid_start, keeper_start; /* field 22 of /proc/PID/stat: a pid used again is not ours */
    char boot_id[40];
    int exit_status;    /* once exited: 0..255, 128+signal; EXIT_STATUS_UNKNOWN */
    int exit_signal;    /* 0: it exited by itself */
    uint64_t oom_kills; /* memory.events oom_kill at its end */
    bool oom_killed;    /* it ended by SIGKILL and its group counted an OOM kill */
    struct oom *oom;    /* what is known of the last of them; NULL: there was none, or it is lost */
    char why[256];      /* how it ended, for people; "" while it runs */
    char root[256];
    char **command, **ports;                      /* ports: as publish_format() writes them; NULL: none */
    uint64_t created_ns, started_ns, finished_ns; /* wall; 0: not yet */
    /* resources, named before they are made; empty: none */
    char cgroup[300]; /* path from the mount: "/boxtop/web" */
    char cgroup_mount[200];
    char layer[300];    /* what --keep keeps, in its record: "/run/boxtop/web/layer"; not written down */
    char host_link[16]; /* veth end in the host's namespace */
    char address[48], gateway[48]; /* "10.213.0.6/16", "10.213.0.1"; empty: none that is known */
    char address6[48], gateway6[48];
    bool pasta;      /* a private network through pasta, not on the bridge */
    char network[8]; /* none, host, private */
    bool remove;     /* --rm */
    int stop_signal, stop_timeout_ms;
    int restarts;        /* how many times its keeper has started it again */
    uint64_t restart_ns; /* it has ended, and this is when its keeper will do so; 0: it won't */
};
extern const char *const namespace_names[8]; /* cgroup ipc mnt net pid time user uts */

/* Finds and makes the state directory (0700). */
int store_open(struct store *ret, struct err *err);
void store_close(struct store *store);

/* All containers, sorted by name; the caller frees with container_free_list(). Records whose keeper died are
 * cleaned first (store_sweep) unless `as_is`. */
int store_list(struct store *store, bool as_is, struct container **ret, size_t *ret_count, struct err *err);
/* One by name. -ENOENT with "no container NAME (boxtop ps -a lists them)". */
int store_load(struct store *store, const char *name, struct container *ret, struct err *err);
int store_load_spec(struct store *store, const char *name, struct spec *ret, struct err *err);
/* A new one for this spec, with an id of its own: owns its command. */
void container_init(struct container *ret, const struct spec *spec);
/* No keeper has to do with it: it has ended for good, or was created and not yet started. */
bool container_is_at_rest(const struct container *container);
/* Once they are taken down. */
void container_forget_resources(struct container *container);
void container_free(struct container *container);
void container_free_list(struct container *list, size_t count);
/* The contract's object for `ps` and `inspect`. */
json_t *container_to_json(const struct container *container);

#define STORE_LAYER "layer" /* in a record: the writable layer that --keep keeps */

/* Makes the record NAME of a container_init()ed container: the directory, its lock (held: *ret_lock_fd,
 * closed on exec), spec.json and state.json. -EEXIST if the name is taken. */
int store_create(struct store *store, const struct spec *spec, const struct container *container,
                 int *ret_dir_fd, int *ret_lock_fd, struct err *err);
/* The same of a record that is there, whose container is at rest: `container` gets what stays the same of it
 * and is written. -EBUSY if it is not at rest. */
int store_begin_again(struct store *store, struct container *container, int *ret_dir_fd, int *ret_lock_fd,
                      struct err *err);
/* Another name for a container at rest. */
int store_rename(struct store *store, const char *name, const char *new_name, struct err *err);
/* `stop` was asked for: whoever keeps the record does not start its container again. Until it begins again.
 */
int store_ask_stop(struct store *store, const char *name, struct err *err);
bool store_stop_is_asked(int dir_fd);
/* Writes state.json into the record's directory, as one step. */
int store_save(int dir_fd, const struct container *container, struct err *err);
/* Its two halves: until the second nobody sees it. */
int store_save_begin(int dir_fd, const struct container *container, struct err *err);
int store_save_end(int dir_fd, struct err *err);
/* Removes a record whose container has ended. */
int store_remove(struct store *store, const char *name, struct err *err);
/* The same by its keeper, which has seen that it has ended and still holds its lock. */
int store_remove_own(struct store *store, const char *name, struct err *err);
/* Finds records whose keeper is dead, takes down what they name, marks or removes them. Returns how many. */
int store_sweep(struct store *store, struct err *err);

#endif
