/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/hostinfo.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/value.h"
#include "monitor/cgparse.h"

#define CPUS_MAX 1000000 /* more are no list of CPUs */

static const char *const paths[HOSTFILE_COUNT] = {
    [HOSTFILE_STAT] = "/proc/stat",
    [HOSTFILE_MEMINFO] = "/proc/meminfo",
    [HOSTFILE_LOADAVG] = "/proc/loadavg",
    [HOSTFILE_VMSTAT] = "/proc/vmstat",
    [HOSTFILE_CPU_PRESSURE] = "/proc/pressure/cpu",
    [HOSTFILE_MEMORY_PRESSURE] = "/proc/pressure/memory",
    [HOSTFILE_IO_PRESSURE] = "/proc/pressure/io",
    [HOSTFILE_STATM] = "/proc/self/statm",
    [HOSTFILE_CPUS] = "/sys/devices/system/cpu/online",
};

const char *hostinfo_path(int file)
{
    return paths[file];
}

void hostinfo_init(struct hostinfo *info)
{
    *info = (struct hostinfo){0};
    for (int i = 0; i < HOSTFILE_COUNT; i++)
        info->fd[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
}

void hostinfo_fini(struct hostinfo *info)
{
    for (int i = 0; i < HOSTFILE_COUNT; i++)
        fd_close(&info->fd[i]);
}

/* What fits of a file; "" if there is none. Of /proc/stat the first line is enough. */
static const char *text_of(const struct hostinfo *info, int file, char *to, size_t size)
{
    ssize_t len = info->fd[file] < 0 ? 0 : pread(info->fd[file], to, size - 1, 0);
    to[len < 0 ? 0 : len] = '\0';
    return to;
}

/* "cpu  user nice system idle iowait irq softirq steal ...", in ticks; guest time is in user already. */
void hostinfo_parse_stat(const char *text, uint64_t *ret_busy, uint64_t *ret_total)
{
    enum { IDLE = 3, IOWAIT = 4, FIELDS = 8 };
    *ret_busy = *ret_total = 0;
    if (!str_starts(text, "cpu "))
        return;
    text += strlen("cpu ");
    for (int i = 0; i < FIELDS; i++) {
        char *end;
        uint64_t ticks = strtoull(text, &end, 10);
        if (end == text)
            return;
        text = end;
        *ret_total += ticks;
        *ret_busy += i == IDLE || i == IOWAIT ? 0 : ticks;
    }
}

uint64_t hostinfo_parse_key(const char *text, const char *key)
{
    size_t len = strlen(key);
    for (const char *line = text; *line; line += *line == '\n') {
        if (strncmp(line, key, len) == 0 && line[len] == ' ') {
            const char *number = line + len + strspn(line + len, " ");
            char *end;
            uint64_t value = strtoull(number, &end, 10);
            if (*number < '0' || *number > '9' || !value_is_number(value))
                return VALUE_ABSENT;
            return value;
        }
        line += strcspn(line, "\n");
    }
    return VALUE_ABSENT;
}

/* "0.42 ..." -> 42 */
uint64_t hostinfo_parse_load(const char *text)
{
    char *end;
    uint64_t whole = strtoull(text, &end, 10);
    if (end == text || end[0] != '.' || whole > 1000000)
        return VALUE_ABSENT;
    return whole * 100 + strtoull(end + 1, NULL, 10) % 100;
}

unsigned hostinfo_parse_cpus(const char *text)
{
    unsigned count = 0;
    for (const char *c = text; *c && *c != '\n';) {
        char *end;
        unsigned long first = strtoul(c, &end, 10), last = first;
        if (*end == '-' && end[1] >= '0' && end[1] <= '9')
            last = strtoul(end + 1, &end, 10);
        if (*c < '0' || *c > '9' || (*end != ',' && *end != '\n' && *end) || last < first || last > CPUS_MAX)
            return 0;
        count += (unsigned)(last - first + 1);
        c = *end == ',' ? end + 1 : end;
    }
    return count <= CPUS_MAX ? count : 0;
}

/* As sysconf(3), which opens the file each time. */
static unsigned cpus_online(const struct hostinfo *info)
{
    char text[4096];
    unsigned listed = hostinfo_parse_cpus(text_of(info, HOSTFILE_CPUS, text, sizeof text));
    long counted = listed ? (long)listed : sysconf(_SC_NPROCESSORS_ONLN);
    return counted > 0 ? (unsigned)counted : 1;
}

static uint64_t kib_of(const char *text, const char *key)
{
    uint64_t kib = hostinfo_parse_key(text, key);
    return value_is_number(kib) && kib < VALUE_MAX / 1024 ? kib * 1024 : VALUE_ABSENT;
}

static double cpu_percent(struct hostinfo *info, const char *text, unsigned cpus)
{
    uint64_t busy, total;
    hostinfo_parse_stat(text, &busy, &total);
    double percent = NAN;
    if (info->total && total > info->total && busy >= info->busy)
        percent = (double)(busy - info->busy) / (double)(total - info->total) * 100 * cpus;
    info->busy = busy;
    info->total = total;
    return percent;
}

/* The three files look like a cgroup's own. */
static void read_pressure(struct hostinfo *info, struct host *ret)
{
    static const struct {
        int from;
        enum cgfile as;
    } files[] = {{HOSTFILE_CPU_PRESSURE, CGFILE_CPU_PRESSURE},
                 {HOSTFILE_MEMORY_PRESSURE, CGFILE_MEMORY_PRESSURE},
                 {HOSTFILE_IO_PRESSURE, CGFILE_IO_PRESSURE}};
    struct counters counters;
    char text[512];
    for (size_t i = 0; i < COUNT_OF(files); i++)
        cgparse(files[i].as, text_of(info, files[i].from, text, sizeof text), &counters);
    ret->cpu_some_avg10 = counters.cpu_some_avg10;
    ret->memory_some_avg10 = counters.memory_some_avg10;
    ret->io_some_avg10 = counters.io_some_avg10;
}

uint64_t hostinfo_oom_kills(const struct hostinfo *info)
{
    char text[16384]; /* some 4 KiB today */
    return hostinfo_parse_key(text_of(info, HOSTFILE_VMSTAT, text, sizeof text), "oom_kill");
}

void hostinfo_read(struct hostinfo *info, struct host *ret)
{
    char text[4096]; /* /proc/meminfo is some 1.5 KiB today */
    struct utsname name = {0};
    uname(&name);
    str_copy(ret->hostname, sizeof ret->hostname, name.nodename);
    str_copy(ret->kernel, sizeof ret->kernel, name.release);
    ret->cpus = cpus_online(info);
    ret->cpu_percent = cpu_percent(info, text_of(info, HOSTFILE_STAT, text, 512), ret->cpus);
    text_of(info, HOSTFILE_MEMINFO, text, sizeof text);
    ret->memory_total = kib_of(text, "MemTotal:");
    ret->memory_available = kib_of(text, "MemAvailable:");
    ret->swap_total = kib_of(text, "SwapTotal:");
    ret->swap_free = kib_of(text, "SwapFree:");
    ret->load1_centi = hostinfo_parse_load(text_of(info, HOSTFILE_LOADAVG, text, sizeof text));
    ret->oom_kills = hostinfo_oom_kills(info);
    read_pressure(info, ret);
}

void hostinfo_self(struct hostinfo *info, uint64_t *ret_rss, double *ret_cpu_percent)
{
    char text[128];
    unsigned long long pages = 0;
    struct timespec cpu;
    uint64_t now = clock_mono_ns();
    const char *second = strchr(text_of(info, HOSTFILE_STATM, text, sizeof text), ' ');
    if (second)
        pages = strtoull(second, NULL, 10);
    *ret_rss = pages ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : VALUE_ABSENT;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    uint64_t cpu_ns = (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec;
    *ret_cpu_percent = info->self_at_ns && now > info->self_at_ns
                           ? (double)(cpu_ns - info->self_cpu_ns) / (double)(now - info->self_at_ns) * 100
                           : NAN;
    info->self_cpu_ns = cpu_ns;
    info->self_at_ns = now;
}
