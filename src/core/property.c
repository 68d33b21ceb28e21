/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/property.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/helper.h"

/* What is `max` to the kernel is `infinity` to systemd; all others are numbers as they are. */
static const struct {
    const char *knob, *property;
} plain[] = {
    {"memory.max", "MemoryMax"},
    {"memory.high", "MemoryHigh"},
    {"memory.low", "MemoryLow"},
    {"memory.min", "MemoryMin"},
    {"memory.swap.max", "MemorySwapMax"},
    {"memory.zswap.max", "MemoryZSwapMax"},
    {"pids.max", "TasksMax"},
    {"cpu.weight", "CPUWeight"},
    {"io.weight", "IOWeight"},
    {"cpuset.cpus", "AllowedCPUs"},
    {"cpuset.mems", "AllowedMemoryNodes"},
};

static bool ends_with(const char *text, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len > end_len && memcmp(text + len - end_len, end, end_len) == 0;
}

static bool is_unit(const char *name, size_t len)
{
    static const char *const kinds[] = {".service", ".scope", ".slice", ".socket", ".mount", ".swap"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (ends_with(name, len, kinds[i]))
            return true;
    return false;
}

/* "user@1000.service": below it are the units of that user's own manager. */
static int manager_uid(const char *name, size_t len)
{
    int uid = -1, end = 0;
    char text[64];
    if (len >= sizeof text || !ends_with(name, len, ".service"))
        return -1;
    memcpy(text, name, len);
    text[len] = '\0';
    return sscanf(text, "user@%d.service%n", &uid, &end) == 1 && end == (int)len ? uid : -1;
}

/* Only slices, and a user's manager, may stand above a unit: what is below any other is not systemd's. */
static int find_unit(const char *cgroup, struct property *ret)
{
    ret->uid = -1;
    for (const char *at = cgroup; *at == '/' && at[1];) {
        const char *name = ++at;
        size_t len = strcspn(name, "/");
        at += len;
        if (!*at) {
            /* A name that the kernel has for itself has an underscore in front. */
            size_t skip = name[0] == '_';
            if (!is_unit(name, len) || len - skip >= PROPERTY_UNIT || memchr(name, '\n', len))
                return -ENOENT;
            snprintf(ret->unit, sizeof ret->unit, "%.*s", (int)(len - skip), name + skip);
            return 0;
        }
        int uid = manager_uid(name, len);
        if (uid >= 0)
            ret->uid = uid;
        else if (!ends_with(name, len, ".slice"))
            return -ENOENT;
    }
    return -ENOENT;
}

/* "50000 100000" is CPUQuota=50%; systemd keeps the period that it has. */
static int quota(const char *kernel_text, char *to)
{
    uint64_t quota_us, period_us;
    if (str_starts(kernel_text, "max"))
        snprintf(to, PROPERTY_LINE, "CPUQuota=");
    else if (sscanf(kernel_text, "%" SCNu64 " %" SCNu64, &quota_us, &period_us) == 2 && period_us &&
             quota_us * 100 % period_us == 0 && quota_us >= period_us / 100)
        snprintf(to, PROPERTY_LINE, "CPUQuota=%" PRIu64 "%%", quota_us * 100 / period_us);
    else
        return -ENOENT;
    return 0;
}

int property_of(const char *cgroup, const struct knob *knob, const char *kernel_text, struct property *ret)
{
    struct property property;
    if (find_unit(cgroup, &property) < 0)
        return -ENOENT;
    int rc = strcmp(knob->name, "cpu.max") == 0 ? quota(kernel_text, property.text) : -ENOENT;
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        if (strcmp(plain[i].knob, knob->name) == 0 && !strchr(kernel_text, ' ')) {
            snprintf(property.text, sizeof property.text, "%s=%s", plain[i].property,
                     strcmp(kernel_text, "max") == 0 ? "infinity" : kernel_text);
            rc = 0;
        }
    if (rc == 0)
        *ret = property;
    return rc;
}

void property_line(const struct property *property, char *to)
{
    char manager[48] = "";
    if (property->uid >= 0)
        snprintf(manager, sizeof manager, " --user --machine=%d@", property->uid);
    snprintf(to, 2 * (size_t)PROPERTY_LINE, "systemctl%s set-property --runtime %s %s", manager,
             property->unit, property->text);
}

static const char *systemctl(void)
{
    static const char *const places[] = {"/usr/bin/systemctl", "/bin/systemctl",
                                         "/run/current-system/sw/bin/systemctl"};
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

int property_set(const struct property *property, struct err *err)
{
    char machine[48], user[] = "--user", no_password[] = "--no-ask-password", set[] = "set-property",
                      runtime[] = "--runtime", end[] = "--";
    const char *program = systemctl();
    if (!program || access("/run/systemd/system", F_OK) < 0)
        return err_set(err, ENOTSUP, "no systemd is running here");
    char *words[10] = {(char *)(uintptr_t)program};
    int count = 1;
    if (property->uid >= 0)
        words[count++] = user;
    /* Root asks another's manager; everybody else his own. */
    if (property->uid >= 0 && property->uid != (int)geteuid()) {
        snprintf(machine, sizeof machine, "--machine=%d@", property->uid);
        words[count++] = machine;
    }
    words[count++] = no_password;
    words[count++] = set;
    words[count++] = runtime;
    words[count++] = end;
    words[count++] = (char *)(uintptr_t)property->unit;
    words[count++] = (char *)(uintptr_t)property->text;
    int rc = helper_run(words, NULL, err);
    /* A group that only has such a name. */
    return rc < 0 && (strstr(err->text, " not loaded") || strstr(err->text, " not found")) ? -ENOTSUP : rc;
}
