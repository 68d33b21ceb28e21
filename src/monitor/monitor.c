/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/monitor.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/self.h"
#include "base/str.h"
#include "monitor/eventq.h"
#include "base/kmsg.h"
#include "monitor/mailbox.h"
#include "monitor/sampler.h"
#include "monitor/trigger.h"

#define NS_PER_MS           1000000ull
#define STACK               (512 * 1024)
#define DEFAULT_INTERVAL_MS 1000
#define MIN_INTERVAL_MS     100
#define MAX_INTERVAL_MS     3600000
/* A poke right after a sample waits until rates over the time between say something. */
#define POKE_GAP_NS (100 * NS_PER_MS)
/* A sample that pressure asks for is at the least that far from the last one. */
#define EARLY_GAP_NS (500 * NS_PER_MS)
/* Notifications may come by the hundred; that many snapshots nobody can see. Of a large tree fewer are made:
 * they take a tenth of the time at the most. */
#define HURRY_GAP_NS (20 * NS_PER_MS)
#define HURRY_SHARE  10
/* Notifications that come this close to each other are waited for: three times as long as it took to do what
 * they ask, within bounds. */
#define NOTIFIED_CALM_NS (10 * NS_PER_MS)
#define NOTIFIED_SHARE   3
#define NOTIFIED_MIN_NS  (2 * NS_PER_MS)
#define NOTIFIED_MAX_NS  (50 * NS_PER_MS)
/* More wakes by the kernel's log than that in that time (a report of a kill is 45 to 80 records): no more of
 * them for a moment. */
#define LOG_WINDOW_NS (100 * NS_PER_MS)
#define LOG_WAKES     200
#define DEAF_NS       (10 * NS_PER_MS)

/* What wakes us as often as others like. */
enum ear { EAR_INOTIFY, EAR_LOG, EARS };

struct monitor {
    pthread_t thread;
    struct mailbox mailbox;
    struct eventq events;
    int control_fd; /* rung after any of the next ones was changed */
    atomic_bool stop, poke;
    _Atomic uint64_t interval_ms;
    pthread_mutex_t look_lock;
    struct detail_look *look; /* what is to be looked at, until the thread has taken it */
    size_t look_count;
    bool look_changed;
    /* the thread's own from here on */
    struct sampler sampler;
    char *pressed_directory; /* whose pressure wakes us; NULL: none does */
    struct triggers triggers;
    int epoll_fd, timer_fd;
    uint64_t timed_ms;                 /* the interval that the timer runs at */
    uint64_t sampled_ns, published_ns; /* monotonic */
    uint64_t hurry_gap_ns;
    bool news;                           /* something to publish that was put off */
    uint64_t kills_told, killed_told_ns; /* the join's count when a kill was published last, and when */
    uint64_t log_window_ns, log_wakes;   /* how often the kernel's log woke us since then */
    uint64_t notified_ns;                /* when notifications were last done with */
    uint64_t deaf_until_ns[EARS];        /* too much is said: not listened to until then; 0: it is */
};

static uint64_t interval_in_range(uint64_t ms)
{
    if (ms == 0)
        return DEFAULT_INTERVAL_MS;
    return ms < MIN_INTERVAL_MS ? MIN_INTERVAL_MS : ms > MAX_INTERVAL_MS ? MAX_INTERVAL_MS : ms;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
}

/* The next tick at `due_ns` (a time that is over: at once), then each interval. */
static void set_timer(struct monitor *monitor, uint64_t due_ns)
{
    uint64_t now_ns = clock_mono_ns();
    due_ns = due_ns > now_ns ? due_ns : now_ns; /* the intervals after it are counted from it */
    monitor->timed_ms = atomic_load(&monitor->interval_ms);
    struct itimerspec timer = {.it_value = timespec_of(due_ns),
                               .it_interval = timespec_of(monitor->timed_ms * NS_PER_MS)};
    timerfd_settime(monitor->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL);
}

static void publish(struct monitor *monitor, struct snapshot *snapshot)
{
    monitor->published_ns = clock_mono_ns();
    monitor->news = false;
    if (monitor->kills_told != monitor->sampler.join.counted)
        monitor->killed_told_ns = monitor->published_ns;
    monitor->kills_told = monitor->sampler.join.counted;
    mailbox_put(&monitor->mailbox, snapshot);
}

static void on_timer(struct monitor *monitor)
{
    uint64_t expired;
    if (read(monitor->timer_fd, &expired, sizeof expired) < 0)
        return; /* it was set anew since it expired */
    uint64_t start_ns = clock_mono_ns(), interval_ns = monitor->timed_ms * NS_PER_MS;
    publish(monitor, sampler_tick(&monitor->sampler));
    monitor->sampled_ns = clock_mono_ns();
    /* One that took long (the first of a large tree) would have the next at its heels. */
    if (monitor->sampled_ns - start_ns > interval_ns / 2)
        set_timer(monitor, monitor->sampled_ns + interval_ns);
}

static void take_look(struct monitor *monitor)
{
    pthread_mutex_lock(&monitor->look_lock);
    bool changed = monitor->look_changed;
    struct detail_look *list = take_ptr(&monitor->look);
    size_t count = monitor->look_count;
    monitor->look_changed = false;
    pthread_mutex_unlock(&monitor->look_lock);
    if (changed)
        monitor->news |= sampler_look(&monitor->sampler, list, count);
}

/* Of two waits; -1 is none. */
static int sooner(int a_ms, int b_ms)
{
    return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

static int listen_to(struct monitor *monitor, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return fd < 0 ? 0 : epoll_ctl(monitor->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void be_deaf(struct monitor *monitor, enum ear ear, int fd, uint64_t until_ns)
{
    epoll_ctl(monitor->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    monitor->deaf_until_ns[ear] = until_ns;
}

/* A group at its limit is notified a hundred times a second, and so are all above it: what has come meanwhile
 * is as quickly read as the first. */
static void on_inotify(struct monitor *monitor)
{
    uint64_t start_ns = clock_mono_ns(), before_ns = monitor->notified_ns;
    monitor->news |= sampler_notified(&monitor->sampler);
    uint64_t now_ns = monitor->notified_ns = clock_mono_ns();
    if (start_ns - before_ns > NOTIFIED_CALM_NS)
        return;
    uint64_t rest_ns = (now_ns - start_ns) * NOTIFIED_SHARE;
    rest_ns = rest_ns < NOTIFIED_MIN_NS   ? NOTIFIED_MIN_NS
              : rest_ns > NOTIFIED_MAX_NS ? NOTIFIED_MAX_NS
                                          : rest_ns;
    be_deaf(monitor, EAR_INOTIFY, sampler_fd(&monitor->sampler), now_ns + rest_ns);
}

/* Other things than kills are logged, too, and by some machines by the thousand: each record wakes us. */
static void on_log(struct monitor *monitor)
{
    uint64_t now_ns = clock_mono_ns();
    monitor->news |= sampler_logged(&monitor->sampler);
    if (now_ns - monitor->log_window_ns > LOG_WINDOW_NS) {
        monitor->log_window_ns = now_ns;
        monitor->log_wakes = 0;
    }
    if (monitor->sampler.kmsg_fd >= 0 && ++monitor->log_wakes >= LOG_WAKES)
        be_deaf(monitor, EAR_LOG, monitor->sampler.kmsg_fd, now_ns + DEAF_NS);
}

static void listen_to_pressure(struct monitor *monitor)
{
    if (!monitor->pressed_directory)
        return;
    triggers_open(&monitor->triggers, monitor->pressed_directory);
    for (int i = 0; i < TRIGGERS; i++) {
        struct epoll_event event = {.events = EPOLLPRI, .data.fd = monitor->triggers.fd[i]};
        if (event.data.fd >= 0 && epoll_ctl(monitor->epoll_fd, EPOLL_CTL_ADD, event.data.fd, &event) < 0)
            triggers_drop(&monitor->triggers, i);
    }
    monitor->sampler.last->triggers = triggers_count(&monitor->triggers);
}

static uint64_t next_tick_ns(const struct monitor *monitor)
{
    struct itimerspec left = {0};
    timerfd_gettime(monitor->timer_fd, &left);
    return clock_mono_ns() + (uint64_t)left.it_value.tv_sec * 1000 * NS_PER_MS +
           (uint64_t)left.it_value.tv_nsec;
}

/* The next sample comes sooner, and those after it an interval apart again. */
static void on_pressure(struct monitor *monitor, int which, uint32_t events)
{
    uint64_t due_ns = monitor->sampled_ns + EARLY_GAP_NS;
    if (events & EPOLLERR) {
        triggers_drop(&monitor->triggers, which);
        monitor->sampler.last->triggers = triggers_count(&monitor->triggers);
        return;
    }
    if (triggers_fired(&monitor->triggers, which, clock_mono_ns()) && due_ns < next_tick_ns(monitor))
        set_timer(monitor, due_ns);
}

/* In how many ms one of them is to be listened to again; -1: they are. */
static int hear_again(struct monitor *monitor)
{
    const int fds[EARS] = {sampler_fd(&monitor->sampler), monitor->sampler.kmsg_fd};
    uint64_t now_ns = clock_mono_ns();
    int next_ms = -1;
    for (int ear = 0; ear < EARS; ear++) {
        uint64_t until_ns = monitor->deaf_until_ns[ear];
        if (until_ns && now_ns < until_ns) {
            next_ms = sooner(next_ms, (int)((until_ns - now_ns) / NS_PER_MS) + 1);
        } else if (until_ns) {
            monitor->deaf_until_ns[ear] = 0;
            listen_to(monitor, fds[ear]);
        }
    }
    return next_ms;
}

static void on_control(struct monitor *monitor)
{
    eventfd_t rung;
    eventfd_read(monitor->control_fd, &rung);
    take_look(monitor);
    uint64_t interval_ms = atomic_load(&monitor->interval_ms);
    if (interval_ms != monitor->timed_ms)
        set_timer(monitor, monitor->sampled_ns + interval_ms * NS_PER_MS);
    if (atomic_exchange(&monitor->poke, false))
        set_timer(monitor, monitor->sampled_ns + POKE_GAP_NS);
}

/* Publishes what notifications brought, if it is time; else says in how many ms it will be. A kill waits for
 * other kills only: it comes right behind the news that a limit was hit. */
static int hurry(struct monitor *monitor)
{
    bool killed = monitor->kills_told != monitor->sampler.join.counted;
    if (!monitor->news)
        return -1;
    uint64_t since_ns = clock_mono_ns() - (killed ? monitor->killed_told_ns : monitor->published_ns);
    if (since_ns < monitor->hurry_gap_ns)
        return (int)((monitor->hurry_gap_ns - since_ns) / NS_PER_MS) + 1;
    uint64_t start_ns = clock_mono_ns();
    publish(monitor, sampler_snapshot(&monitor->sampler));
    uint64_t gap_ns = (clock_mono_ns() - start_ns) * HURRY_SHARE;
    monitor->hurry_gap_ns = gap_ns > HURRY_GAP_NS ? gap_ns : HURRY_GAP_NS;
    return -1;
}

static void *run(void *context)
{
    struct monitor *monitor = context;
    uint64_t told = 0;
    int timeout_ms = -1;
    listen_to_pressure(monitor);
    while (!atomic_load(&monitor->stop)) {
        struct epoll_event ready[5 + TRIGGERS];
        int count = epoll_wait(monitor->epoll_fd, ready, COUNT_OF(ready), timeout_ms);
        for (int i = 0; i < count; i++) {
            int trigger = triggers_find(&monitor->triggers, ready[i].data.fd);
            if (trigger >= 0) {
                on_pressure(monitor, trigger, ready[i].events);
                continue;
            }
            void (*handle)(struct monitor *) = ready[i].data.fd == monitor->timer_fd          ? on_timer
                                               : ready[i].data.fd == monitor->control_fd      ? on_control
                                               : ready[i].data.fd == monitor->sampler.kmsg_fd ? on_log
                                                                                              : on_inotify;
            handle(monitor);
        }
        timeout_ms = sooner(sooner(hurry(monitor), hear_again(monitor)), sampler_settle(&monitor->sampler));
        if (told != monitor->events.serial)
            mailbox_ring(&monitor->mailbox);
        told = monitor->events.serial;
    }
    return NULL;
}

/* Signals are for the other thread: this one starts with all of them blocked. Where huge pages are given to
 * all who have room for one, the 8 MiB of a usual stack are 2 MiB of memory. */
static int start_thread(struct monitor *monitor)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&monitor->thread, &attributes, run, monitor);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (rc == 0)
        pthread_setname_np(monitor->thread, "monitor");
    return rc;
}

static int open_all(struct monitor *monitor, struct err *err)
{
    monitor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    monitor->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    monitor->control_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (monitor->epoll_fd < 0 || monitor->timer_fd < 0 || monitor->control_fd < 0 ||
        mailbox_init(&monitor->mailbox) < 0 || listen_to(monitor, monitor->timer_fd) < 0 ||
        listen_to(monitor, monitor->control_fd) < 0 ||
        listen_to(monitor, sampler_fd(&monitor->sampler)) < 0 ||
        listen_to(monitor, monitor->sampler.kmsg_fd) < 0)
        return err_errno(err, "open the monitor's descriptors");
    return 0;
}

/* Frees it, however much of it was made; the thread is not there. */
static void monitor_free(struct monitor *monitor)
{
    sampler_fini(&monitor->sampler);
    mailbox_fini(&monitor->mailbox);
    eventq_fini(&monitor->events);
    triggers_close(&monitor->triggers);
    free(monitor->pressed_directory);
    fd_close(&monitor->epoll_fd);
    fd_close(&monitor->timer_fd);
    fd_close(&monitor->control_fd);
    pthread_mutex_destroy(&monitor->look_lock);
    free(monitor->look);
    free(monitor);
}

/* "/boxtop/" -> "/boxtop". That it is there is checked here, where somebody can be told. */
static int check_root(const struct cgroupfs *cgroupfs, const char *root, char *to, size_t size,
                      struct err *err)
{
    char path[PATH_MAX];
    struct stat st;
    root = root && root[0] ? root : "/";
    if (root[0] != '/' || !str_copy(to, size, root))
        return err_set(err, EINVAL, "watch the cgroup %s: not a path from the cgroup2 mount", root);
    for (size_t len = strlen(to); len > 1 && to[len - 1] == '/';)
        to[--len] = '\0';
    if (!cgroupfs->mount[0] && strcmp(to, "/") == 0)
        return 0;
    snprintf(path, sizeof path, "%s%s", cgroupfs->mount, to);
    if (!cgroupfs->mount[0] || stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return err_set(err, ENOENT, "watch the cgroup %s: there is none of that name", to);
    return 0;
}

/* Below that a sample of the files costs less, over some minutes, than loading the iterator does. */
#define ITER_GROUPS 64

/* Only root may load it, and only where the kernel says what its structures look like. */
static void use_iterator(struct sampler *sampler)
{
    char program[PATH_MAX];
    struct err err;
    if (geteuid() == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0 &&
        self_find("boxtop-iter", program, &err) == 0)
        sampler_walk(sampler, program, ITER_GROUPS);
}

int monitor_start(const struct monitor_options *options, struct monitor **ret, struct err *err)
{
    struct cgroupfs cgroupfs;
    char root[PATH_MAX / 2];
    if (options->cgroupfs)
        cgroupfs = *options->cgroupfs;
    else
        cgroupfs_find(&cgroupfs, NULL, NULL);
    int rc = check_root(&cgroupfs, options->root, root, sizeof root, err);
    if (rc < 0)
        return rc;
    struct monitor *monitor = mem_alloc(sizeof *monitor);
    monitor->mailbox.fd = -1;
    triggers_init(&monitor->triggers);
    if (options->pressed && cgroupfs.mount[0])
        monitor->pressed_directory = mem_printf("%s%s", cgroupfs.mount, root);
    monitor->hurry_gap_ns = HURRY_GAP_NS;
    pthread_mutex_init(&monitor->look_lock, NULL);
    atomic_init(&monitor->interval_ms, interval_in_range(options->interval_ms));
    eventq_init(&monitor->events, EVENTQ_CAP);
    sampler_init(&monitor->sampler, &cgroupfs, root, &monitor->events);
    sampler_rest(&monitor->sampler, options->rests);
    if (!options->cgroupfs)
        use_iterator(&monitor->sampler);
    sampler_listen(&monitor->sampler, options->cgroupfs ? -1 : kmsg_open(false));
    if ((rc = open_all(monitor, err)) < 0) {
        monitor_free(monitor);
        return rc;
    }
    set_timer(monitor, 0);
    if ((rc = start_thread(monitor)) != 0) {
        monitor_free(monitor);
        return err_set(err, rc, "start the monitor's thread: %s", strerror(rc));
    }
    *ret = monitor;
    return 0;
}

int monitor_fd(const struct monitor *monitor)
{
    return monitor->mailbox.fd;
}

struct snapshot *monitor_take(struct monitor *monitor)
{
    return mailbox_take(&monitor->mailbox);
}

struct event *monitor_events(struct monitor *monitor)
{
    return eventq_take(&monitor->events);
}

void monitor_set_interval(struct monitor *monitor, uint64_t interval_ms)
{
    atomic_store(&monitor->interval_ms, interval_in_range(interval_ms));
    eventfd_write(monitor->control_fd, 1);
}

void monitor_poke(struct monitor *monitor)
{
    atomic_store(&monitor->poke, true);
    eventfd_write(monitor->control_fd, 1);
}

void monitor_look(struct monitor *monitor, const struct detail_look *list, size_t count)
{
    struct detail_look *copy = mem_array(count, sizeof *copy);
    if (count)
        memcpy(copy, list, count * sizeof *copy);
    pthread_mutex_lock(&monitor->look_lock);
    free(monitor->look);
    monitor->look = copy;
    monitor->look_count = count;
    monitor->look_changed = true;
    pthread_mutex_unlock(&monitor->look_lock);
    eventfd_write(monitor->control_fd, 1);
}

void monitor_restore_limits(const struct monitor *monitor, pid_t child)
{
    const struct rlimit *before = &monitor->sampler.tree.pool.before; /* set once, before the thread */
    if (before->rlim_cur)
        prlimit(child, RLIMIT_NOFILE, before, NULL);
}

void monitor_stop(struct monitor *monitor)
{
    if (!monitor)
        return;
    atomic_store(&monitor->stop, true);
    eventfd_write(monitor->control_fd, 1);
    pthread_join(monitor->thread, NULL);
    monitor_free(monitor);
}
