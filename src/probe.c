/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-probe: what the demo and the tests run inside a container to see what it may do. Needs nothing but a
 * kernel: roots may lack a shell, ps and ping.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB           (1ull << 20)
#define SAY_EVERY_MIB 20
#define NS_PER_S      1000000000ull
#define ANSWER_MS     1000
#define MOST          100000 /* seconds, processes: beyond is a slip of the finger */

static int fail(const char *what, const char *on)
{
    fprintf(stderr, "boxtop-probe: %s%s%s: %s\n", what, *on ? " " : "", on, strerror(errno));
    return 1;
}

static int bad(const char *text, const char *expected)
{
    fprintf(stderr, "boxtop-probe: %s: not %s\n", text, expected);
    return 2;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* "200M", "1G", "4096": 0 if it is none. */
static uint64_t read_size(const char *text)
{
    static const char units[] = "KMGT";
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    if (errno || text[0] < '0' || text[0] > '9' || (*end && (!unit || end[1])) || value > SIZE_MAX >> shift)
        return 0;
    return value << shift;
}

/* 1..MOST; 0 if it is none. */
static unsigned read_count(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    return text[0] < '0' || text[0] > '9' || *end || value > MOST ? 0 : (unsigned)value;
}

/* ---- memory ---- */

static int do_alloc(int argc, char **argv)
{
    uint64_t size = read_size(argv[1]), page = (uint64_t)sysconf(_SC_PAGESIZE);
    (void)argc;
    if (!size)
        return bad(argv[1], "a size (200M)");
    char *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return fail("reserve", argv[1]);
    for (uint64_t at = 0; at < size; at += page) {
        memory[at] = 1;
        uint64_t reached = at + page;
        if (reached % (SAY_EVERY_MIB * MIB) == 0 || reached >= size)
            printf("%llu MiB touched\n", (unsigned long long)(reached / MIB));
    }
    sleep(1); /* so that whoever samples sees it whole */
    return 0;
}

/* ---- CPU ---- */

static void spin_until(uint64_t end_ns)
{
    while (now_ns() < end_ns)
        for (volatile unsigned i = 0; i < 100000; i++)
            ;
}

static double cpu_seconds(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int do_spin(int argc, char **argv)
{
    unsigned seconds = read_count(argv[1]), count = argc > 2 ? read_count(argv[2]) : 1;
    uint64_t begin = now_ns(), end = begin + seconds * NS_PER_S;
    if (!seconds)
        return bad(argv[1], "a number of seconds");
    if (!count)
        return bad(argv[2], "a number of processes");
    for (unsigned i = 1; i < count; i++) {
        pid_t pid = fork();
        if (pid < 0)
            return fail("start", "another process");
        if (pid == 0) {
            spin_until(end);
            _exit(0);
        }
    }
    spin_until(end);
    while (wait(NULL) > 0)
        ;
    double wall = (double)(now_ns() - begin) / 1e9,
           cpu = cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN);
    printf("%.2f s of CPU in %.2f s: %.1f %%\n", cpu, wall, 100 * cpu / wall);
    return 0;
}

/* ---- network ---- */

static uint16_t checksum(const void *bytes, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < len; i += 2) {
        uint16_t
            word; /* copied: a pointer of another type would let the compiler read before it is written */
        memcpy(&word, (const char *)bytes + i, sizeof word);
        sum += word;
    }
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t) ~(sum + (sum >> 16));
}

/* Whether a packet is the answer to `sequence`. A raw socket gives the IP header too, and everybody's
 * packets. */
static bool is_answer(const char *packet, size_t len, bool raw, uint16_t id, uint16_t sequence)
{
    struct icmphdr head;
    size_t skip = raw && len ? (size_t)(packet[0] & 15) * 4 : 0;
    if (len < skip + sizeof head)
        return false;
    memcpy(&head, packet + skip, sizeof head);
    return head.type == ICMP_ECHOREPLY && head.un.echo.sequence == htons(sequence) &&
           (!raw || head.un.echo.id == htons(id));
}

static bool wait_for_answer(int fd, bool raw, uint16_t id, uint16_t sequence, uint64_t deadline_ns)
{
    struct pollfd waited = {.fd = fd, .events = POLLIN};
    for (uint64_t now; (now = now_ns()) < deadline_ns;) {
        char packet[1500];
        if (poll(&waited, 1, (int)((deadline_ns - now) / 1000000) + 1) <= 0)
            continue;
        ssize_t len = recv(fd, packet, sizeof packet, 0);
        if (len > 0 && is_answer(packet, (size_t)len, raw, id, sequence))
            return true;
    }
    return false;
}

static int ping_once(int fd, bool raw, const struct sockaddr_in *to, const char *name, uint16_t sequence)
{
    uint16_t id = (uint16_t)getpid();
    struct icmphdr head = {.type = ICMP_ECHO, .un.echo = {.id = htons(id), .sequence = htons(sequence)}};
    head.checksum = checksum(&head, sizeof head);
    uint64_t begin = now_ns();
    if (sendto(fd, &head, sizeof head, 0, (const struct sockaddr *)to, sizeof *to) < 0)
        return fail("ping", name);
    if (!wait_for_answer(fd, raw, id, sequence, begin + ANSWER_MS * 1000000ull)) {
        fprintf(stderr, "boxtop-probe: ping %s: no answer within %d ms\n", name, ANSWER_MS);
        return 1;
    }
    printf("answer from %s: %.3f ms\n", name, (double)(now_ns() - begin) / 1e6);
    return 0;
}

static int do_ping(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    unsigned count = argc > 2 ? read_count(argv[2]) : 1;
    bool raw = true;
    if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
        return bad(argv[1], "an IPv4 address");
    if (!count)
        return bad(argv[2], "a number of packets");
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    if (fd < 0) {
        raw = false;
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);
    }
    if (fd < 0)
        return fail("open", "an ICMP socket");
    int rc = 0;
    for (unsigned i = 1; i <= count && rc == 0; i++)
        rc = ping_once(fd, raw, &to, argv[1], (uint16_t)i);
    close(fd);
    return rc;
}

/* ---- what can be seen and named ---- */

static void print_process(const char *pid)
{
    char path[300], name[64] = "?";
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return; /* it ended meanwhile */
    if (fgets(name, sizeof name, file))
        name[strcspn(name, "\n")] = '\0';
    fclose(file);
    for (char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = '?';
    printf("%7s %s\n", pid, name);
}

static int do_ps(int argc, char **argv)
{
    (void)argc, (void)argv;
    DIR *dir = opendir("/proc");
    if (!dir)
        return fail("open", "/proc");
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            print_process(entry->d_name);
    closedir(dir);
    return 0;
}

static int do_hostname(int argc, char **argv)
{
    char name[65] = "";
    if (argc > 1 && sethostname(argv[1], strlen(argv[1])) < 0)
        return fail("set the hostname", argv[1]);
    if (gethostname(name, sizeof name - 1) < 0)
        return fail("get", "the hostname");
    puts(name);
    return 0;
}

/* ---- processes ---- */

static int do_forks(int argc, char **argv)
{
    unsigned wanted = read_count(argv[1]), made = 0;
    (void)argc;
    if (!wanted)
        return bad(argv[1], "a number of processes");
    pid_t *children = calloc(wanted, sizeof *children);
    if (!children)
        return fail("remember", argv[1]);
    for (; made < wanted; made++) {
        children[made] = fork();
        if (children[made] < 0)
            break;
        if (children[made] == 0) {
            pause();
            _exit(0);
        }
    }
    if (made < wanted)
        printf("%u of %u processes: %s\n", made, wanted, strerror(errno));
    else
        printf("%u of %u processes\n", made, wanted);
    for (unsigned i = 0; i < made; i++)
        kill(children[i], SIGKILL);
    while (wait(NULL) > 0)
        ;
    free(children);
    return 0;
}

/* As a container's first process: a signal ends it, and orphans are buried. */
static int do_sleep(int argc, char **argv)
{
    unsigned seconds = argc > 1 ? read_count(argv[1]) : 0;
    sigset_t ends;
    if (argc > 1 && !seconds)
        return bad(argv[1], "a number of seconds");
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    signal(SIGCHLD, SIG_IGN);
    struct timespec left = {.tv_sec = (time_t)seconds};
    int got;
    do
        got = sigtimedwait(&ends, NULL, seconds ? &left : NULL);
    while (got < 0 && errno == EINTR);
    return got > 0 ? 128 + got : 0;
}

/* ---- who hears whom ---- */

#define LISTENERS 4

union peer {
    struct sockaddr generic;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static const char *peer_text(const union peer *peer, char *to, socklen_t size)
{
    bool four = peer->generic.sa_family == AF_INET;
    return inet_ntop(peer->generic.sa_family, four ? (const void *)&peer->v4.sin_addr : &peer->v6.sin6_addr,
                     to, size);
}

static socklen_t fill_peer(union peer *peer, int family, const char *address, unsigned port)
{
    bool four = family == AF_INET;
    memset(peer, 0, sizeof *peer);
    peer->generic.sa_family = (sa_family_t)family;
    if (four)
        peer->v4.sin_port = htons((uint16_t)port);
    else
        peer->v6.sin6_port = htons((uint16_t)port);
    if (address && inet_pton(family, address, four ? (void *)&peer->v4.sin_addr : &peer->v6.sin6_addr) != 1)
        return 0;
    return four ? sizeof peer->v4 : sizeof peer->v6;
}

/* -1: not of this family here. */
static int listen_at(int family, int type, unsigned port)
{
    union peer here;
    int on = 1, fd = socket(family, type, 0);
    socklen_t size = fill_peer(&here, family, NULL, port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (fd >= 0 && bind(fd, &here.generic, size) == 0 && (type == SOCK_DGRAM || listen(fd, 16) == 0))
        return fd;
    close(fd);
    return -1;
}

static void answer(int fd, bool datagram)
{
    char name[65] = "", text[INET6_ADDRSTRLEN] = "", both[160], ignored[64];
    union peer peer = {0};
    socklen_t size = sizeof peer;
    int to = fd;
    if (datagram && recvfrom(fd, ignored, sizeof ignored, 0, &peer.generic, &size) < 0)
        return;
    if (!datagram && (to = accept(fd, &peer.generic, &size)) < 0)
        return;
    gethostname(name, sizeof name - 1);
    int len = snprintf(both, sizeof both, "%s %s", name, peer_text(&peer, text, sizeof text));
    if (sendto(to, both, (size_t)len, MSG_NOSIGNAL, datagram ? &peer.generic : NULL, datagram ? size : 0) < 0)
        fail("answer", text);
    if (!datagram)
        close(to);
}

static int do_serve(int argc, char **argv)
{
    static const int families[] = {AF_INET, AF_INET6}, types[] = {SOCK_STREAM, SOCK_DGRAM};
    struct pollfd fds[LISTENERS];
    unsigned port = read_count(argv[1]);
    (void)argc;
    if (!port || port > UINT16_MAX)
        return bad(argv[1], "a port");
    for (int i = 0; i < LISTENERS; i++)
        fds[i] = (struct pollfd){.fd = listen_at(families[i / 2], types[i % 2], port), .events = POLLIN};
    if (fds[0].fd < 0)
        return fail("listen on", argv[1]);
    while (poll(fds, LISTENERS, -1) >= 0)
        for (int i = 0; i < LISTENERS; i++)
            if (fds[i].revents)
                answer(fds[i].fd, types[i % 2] == SOCK_DGRAM);
    return fail("wait", "");
}

static int do_ask(int argc, char **argv)
{
    union peer peer;
    char text[160];
    int family = strchr(argv[2], ':') ? AF_INET6 : AF_INET;
    bool datagram = strcmp(argv[1], "udp") == 0;
    unsigned port = read_count(argv[3]);
    socklen_t size = fill_peer(&peer, family, argv[2], port);
    struct timeval limit = {.tv_sec = 3};
    (void)argc;
    if (!size || !port || port > UINT16_MAX)
        return bad(argv[2], "an address");
    int fd = socket(family, datagram ? SOCK_DGRAM : SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, &peer.generic, size) < 0 || (datagram && send(fd, "x", 1, 0) < 0))
        return fail("connect to", argv[2]);
    ssize_t got = recv(fd, text, sizeof text - 1, 0);
    if (got <= 0)
        return fail("hear from", argv[2]);
    printf("%.*s\n", (int)got, text);
    return 0;
}

static const struct verb {
    const char *name, *args;
    int most, least;
    int (*run)(int argc, char **argv);
    const char *help;
} verbs[] = {
    {"alloc", "SIZE", 1, 1, do_alloc, "touch that much memory, page by page"},
    {"spin", "SECONDS [PROCESSES]", 2, 1, do_spin, "keep the CPU busy, and say how much was had"},
    {"ping", "ADDRESS [COUNT]", 2, 1, do_ping, "ICMP echo; 1 without an answer in a second"},
    {"ps", "", 0, 0, do_ps, "the processes that can be seen"},
    {"hostname", "[NAME]", 1, 0, do_hostname, "say the hostname, or set it first"},
    {"forks", "N", 1, 1, do_forks, "start so many processes, and say how many it could"},
    {"serve", "PORT", 1, 1, do_serve,
     "tell whoever asks, by TCP or UDP, the hostname and whose address was seen"},
    {"ask", "tcp|udp ADDRESS PORT", 3, 3, do_ask, "one who serves; 1 without an answer in 3 seconds"},
    {"sleep", "[SECONDS]", 1, 0, do_sleep, "until then, or a signal"},
};

static int usage(void)
{
    fputs("usage: boxtop-probe VERB [ARG...]\n", stderr);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        fprintf(stderr, "  %-8s %-20s %s\n", verbs[i].name, verbs[i].args, verbs[i].help);
    return 2;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++) {
        const struct verb *verb = &verbs[i];
        if (strcmp(argv[1], verb->name) != 0)
            continue;
        if (argc - 2 >= verb->least && argc - 2 <= verb->most)
            return verb->run(argc - 1, argv + 1);
        fprintf(stderr, "boxtop-probe: usage: %s %s\n", verb->name, verb->args);
        return 2;
    }
    return usage();
}
