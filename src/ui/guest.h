/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Programs that run in the screen's own terminal pane: `boxtop exec -it NAME ...`, `boxtop attach NAME`, each
 * on a pseudo terminal of its own. Several may run; one is shown. Nobody waits for them: their descriptors
 * are in the loop's poll, and a turn takes a bounded part of what they say. UI thread.
 */
#ifndef BOXTOP_UI_GUEST_H
#define BOXTOP_UI_GUEST_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/store.h"
#include "ui/keyseq.h"
#include "ui/term.h"
#include "ui/vt.h"

#define GUESTS      8
#define GUEST_WAITS (2 * GUESTS)

struct app;

enum guest_kind { GUEST_SHELL, GUEST_ATTACH };

struct guest {
    struct vt *vt; /* NULL: the slot is free */
    enum guest_kind kind;
    char name[SPEC_NAME_SIZE]; /* the container's */
    pid_t pid;                 /* 0: it has ended */
    int pid_fd, fd;
    int status; /* once it has ended */
    uint64_t started_ns;
};

struct guests {
    struct guest list[GUESTS];
    int shown;    /* -1: none has been started */
    bool visible; /* the pane is on the screen */
    bool taking;  /* what is typed goes to the guest byte by byte, past curses */
    bool selecting;
    struct keyseq keyseq;
    uint64_t drawn_ns, due_ns; /* when the pane was drawn last, and has to be; 0: it needn't */
};

void guests_init(struct guests *guests);
/* Ends them all: each loses its terminal. */
void guests_fini(struct guests *guests);
/* The one that is shown, NULL: none. */
struct guest *guests_shown(struct guests *guests);

/* Shows the container's, starting it if it doesn't run: `arguments` with the program's path first. A notice
 * says if it can't be. */
void guest_open(struct app *app, enum guest_kind kind, const char *name, char *const *arguments);
/* Lines in the terminal that is shown, as if the program had written them. */
void guest_say(struct app *app, const char *lines);
/* Takes it off the screen and ends it. */
void guest_close(struct app *app, struct guest *guest);
/* The pane comes, with the keys, or goes; those that run go on. */
void guests_show(struct app *app, bool visible);
/* Shows the next of them. */
void guests_next(struct app *app);

/* For the loop: descriptors to wait for, and what is to be done after that. */
void guests_fill(struct app *app, struct pollfd *waits);
void guests_dispatch(struct app *app, const struct pollfd *waits);
/* Before the loop waits: takes the terminal's bytes over while the pane has the keys, and gives it its size.
 */
void guests_follow(struct app *app);
/* What was typed, while `taking`. */
void guests_input(struct app *app);
/* A key or the mouse (cells of the screen); true: it was for the guest. */
bool guests_event(struct app *app, const struct keyseq_event *event);

#endif
