/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A spec as run's command line: read and written.
 */
#include "core/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fmt.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/value.h"
#include "base/words.h"
#include "core/bundle.h"
#include "core/capability.h"
#include "core/oci.h"
#include "core/spec_text.h"

#define ENV_FILE_LIMIT (1u << 20) /* bytes; exec takes not much more */

/* The target of the options: those that only ask something are no part of the spec. */
struct reading {
    struct spec spec; /* first: offsets are those of struct spec */
    bool explain;
    const char *bundle;
    char **bundle_env;
    char **file_env; /* of --env-file: -e says the last word, wherever it stands */
};

static int apply_name(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    (void)row;
    if (!spec_name_is_valid(value)) {
        err_set(err, EINVAL, "--name: '%s' can't be a container's name", value);
        return err_hint(err, "letters, digits, _ . - and a letter or digit first, at most %d",
                        SPEC_NAME_SIZE - 1);
    }
    str_copy(spec->name, sizeof spec->name, value);
    return 0;
}

static int apply_hostname(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    (void)row;
    if (!spec_hostname_is_valid(value)) {
        err_set(err, EINVAL, "--hostname: '%s' can't be a hostname", value);
        return err_hint(err, "letters, digits, _ . - and a letter or digit first, at most %zu",
                        sizeof spec->hostname - 1);
    }
    str_copy(spec->hostname, sizeof spec->hostname, value);
    return 0;
}

/* docker says "no limit" as -1. */
static const char *from_docker(const char *value)
{
    return strcmp(value, "-1") == 0 ? "max" : value;
}

/* For the options that a knob has in its row. */
static int apply_limit(void *target, const struct option_row *row, const char *value, struct err *err)
{
    int rc = spec_set_limit(target, row->name + strlen("--"), from_docker(value), err);
    return rc < 0 ? err_prefix(err, "%s", row->name) : 0;
}

/* The disk that a path names, as limits have it: of a partition the whole of it. */
static int find_disk(const char *path, char *to, size_t size, struct err *err)
{
    struct stat st;
    char name[96];
    if (stat(path, &st) < 0)
        return err_errno(err, "--io-max: %s", path);
    if (!S_ISBLK(st.st_mode))
        return err_set(err, ENOTBLK, "--io-max: %s is not a block device", path);
    snprintf(to, size, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
    snprintf(name, sizeof name, "/sys/dev/block/%s/partition", to);
    if (access(name, F_OK) < 0)
        return 0;
    snprintf(name, sizeof name, "/sys/dev/block/%s/../dev", to);
    int rc = fs_read_at(AT_FDCWD, name, to, size);
    if (rc < 0)
        return err_set(err, -rc, "--io-max: find the disk of the partition %s: %s", path, strerror(-rc));
    to[strcspn(to, "\n")] = '\0';
    return 0;
}

/* "DEV:KEY=VAL,KEY=VAL" -> "8:0 KEY=VAL KEY=VAL". */
static int apply_io_max(void *target, const struct option_row *row, const char *value, struct err *err)
{
    char disk[32];
    cleanup_free char *device = mem_dup(value);
    device[strcspn(device, "=")] = '\0';
    char *colon = strrchr(device, ':');
    if (!colon || colon == device || !strchr(value, '=')) {
        err_set(err, EINVAL, "%s: '%s' is not DEV:KEY=VAL", row->name, value);
        return err_hint(err, "for example %s /dev/vda:rbps=10M,wiops=100, or 254:0:wbps=1M", row->name);
    }
    *colon = '\0';
    int rc = device[0] == '/' ? find_disk(device, disk, sizeof disk, err) : 0;
    if (rc < 0)
        return rc;
    cleanup_free char *text =
        mem_printf("%s %s", device[0] == '/' ? disk : device, value + (colon + 1 - device));
    for (char *c = text; *c; c++)
        if (*c == ',')
            *c = ' ';
    return spec_set_limit(target, "io.max", text, err);
}

static int apply_memory_swap(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    if (parse_size(from_docker(value), &spec->swap_total) == 0)
        return 0;
    return err_set(err, EINVAL, "%s: '%s' is not a size (write 100M, 1.5G, bytes or max)", row->name, value);
}

static int apply_set(void *target, const struct option_row *row, const char *value, struct err *err)
{
    cleanup_free char *knob = mem_dup(value);
    char *equals = strchr(knob, '=');
    if (!equals) {
        err_set(err, EINVAL, "%s: '%s' is not KNOB=VALUE", row->name, value);
        return err_hint(err, "for example --set memory.high=80M; boxtop set --help lists the knobs");
    }
    *equals = '\0';
    int rc = spec_set_limit(target, knob, equals + 1, err);
    return rc < 0 ? err_prefix(err, "%s", row->name) : 0;
}

const char *const spec_network_names[] = {
    [NETWORK_PRIVATE] = "private", [NETWORK_NONE] = "none", [NETWORK_HOST] = "host", NULL};
const char *const spec_userns_names[] = {
    [USERNS_DEFAULT] = "default", [USERNS_AUTO] = "auto", [USERNS_HOST] = "host", NULL};

int spec_word_index(const char *const *words, const char *word)
{
    for (int i = 0; word && words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

static int apply_network(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    int index = spec_word_index(spec_network_names, value);
    if (index < 0)
        return err_set(err, EINVAL, "%s: '%s' is none of %s", row->name, value, row->arg);
    spec->network = (enum spec_network)index;
    return 0;
}

static int apply_userns(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    int index = spec_word_index(spec_userns_names, value);
    if (index <= USERNS_DEFAULT)
        return err_set(err, EINVAL, "%s: '%s' is none of %s", row->name, value, row->arg);
    spec->userns = (enum spec_userns)index;
    return 0;
}

void spec_add_bind(struct spec *spec, const char *source, const char *target, bool read_only)
{
    spec->binds = mem_resize(spec->binds, spec->bind_count + 1, sizeof *spec->binds);
    spec->binds[spec->bind_count++] =
        (struct spec_bind){.source = mem_dup(source), .target = mem_dup(target), .read_only = read_only};
}

static int apply_volume(void *target, const struct option_row *row, const char *value, struct err *err)
{
    cleanup_free char *copy = mem_dup(value);
    char *inside = strchr(copy, ':'), *mode = inside ? strchr(inside + 1, ':') : NULL;
    if (inside)
        *inside++ = '\0';
    if (mode)
        *mode++ = '\0';
    bool read_only = mode && strcmp(mode, "ro") == 0;
    if (!inside || !copy[0] || !inside[0] || (mode && !read_only && strcmp(mode, "rw") != 0))
        return err_set(err, EINVAL, "%s: '%s' is not %s (for example /srv/www:/www:ro)", row->name, value,
                       row->arg);
    spec_add_bind(target, copy, inside, read_only);
    return 0;
}

int spec_add_env(char ***list, const char *value, struct err *err)
{
    bool whole = strchr(value, '=');
    const char *own = whole ? NULL : getenv(value);
    if (value[0] == '=' || !value[0])
        return err_set(err, EINVAL, "'%s' is not KEY=VALUE", value);
    if (whole)
        mem_list_add(list, mem_dup(value));
    else if (own)
        mem_list_add(list, mem_printf("%s=%s", value, own));
    return 0;
}

static int apply_env(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    int rc = spec_add_env(&spec->env, value, err);
    return rc < 0 ? err_prefix(err, "%s", row->name) : 0;
}

static int add_env_line(struct reading *reading, const char *line, struct err *err)
{
    line += strspn(line, " \t");
    return line[0] == '#' || !line[0] ? 0 : spec_add_env(&reading->file_env, line, err);
}

static int apply_env_file(void *target, const struct option_row *row, const char *value, struct err *err)
{
    cleanup_free char *text = NULL;
    ssize_t got = fs_read_whole_at(AT_FDCWD, value, ENV_FILE_LIMIT, &text);
    if (got < 0)
        return err_set(err, (int)-got, "%s: read %s: %s", row->name, value, strerror((int)-got));
    if (strlen(text) != (size_t)got)
        return err_set(err, EINVAL, "%s: %s is no text", row->name, value);
    int number = 1;
    for (char *rest = text, *line; (line = strsep(&rest, "\n")); number++)
        if (add_env_line(target, line, err) < 0)
            return err_prefix(err, "%s: %s, line %d", row->name, value, number);
    return 0;
}

static int apply_user(void *target, const struct option_row *row, const char *value, struct err *err)
{
    int rc = spec_set_user(target, value, err);
    return rc < 0 ? err_prefix(err, "%s", row->name) : 0;
}

static int apply_capability(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    uint64_t mask, *masks = strcmp(row->name, "--cap-add") == 0 ? &spec->cap_add : &spec->cap_drop;
    if (capability_parse(value, &mask) < 0) {
        err_set(err, EINVAL, "%s: '%s' is not a capability", row->name, value);
        return err_hint(err, "NET_ADMIN, SYS_PTRACE, ... (capabilities(7)), or ALL");
    }
    *masks |= mask;
    return 0;
}

static int apply_entrypoint(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    (void)row, (void)err;
    free(spec->entrypoint);
    spec->entrypoint = mem_dup(value);
    return 0;
}

static int apply_mount(void *target, const struct option_row *row, const char *value, struct err *err)
{
    int rc = spec_add_mount(target, value, err);
    return rc < 0 ? err_prefix(err, "%s", row->name) : 0;
}

static int apply_seccomp(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    if (!value[0])
        return err_set(err, EINVAL, "%s: the file's name is empty", row->name);
    free(spec->seccomp);
    spec->seccomp = mem_dup(value);
    return 0;
}

static int apply_tmpfs(void *target, const struct option_row *row, const char *value, struct err *err)
{
    cleanup_free char *path = mem_dup(value);
    char *options = strchr(path, ':');
    if (options)
        *options++ = '\0';
    int rc = spec_add_tmpfs(target, path, options, err);
    return rc < 0 ? err_prefix(err, "%s", row->name) : 0;
}

static int apply_publish(void *target, const struct option_row *row, const char *value, struct err *err)
{
    int rc = spec_add_port(target, value, err);
    return rc < 0 ? err_prefix(err, "%s", row->name) : 0;
}

static int apply_ulimit(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct rlimit_row limit;
    int rc = rlimit_parse(value, &limit, err);
    if (rc < 0)
        return err_prefix(err, "%s", row->name);
    spec_set_rlimit(target, &limit);
    return 0;
}

static int apply_sysctl(void *target, const struct option_row *row, const char *value, struct err *err)
{
    int rc = spec_add_sysctl(target, value, err);
    return rc < 0 ? err_prefix(err, "%s", row->name) : 0;
}

static int apply_oom_score(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    char *end;
    long score = strtol(value, &end, 10);
    if (!value[0] || *end || score < -1000 || score > 1000)
        return err_set(err, EINVAL, "%s: '%s' is not a number from -1000 to 1000", row->name, value);
    spec->has_oom_score_adj = true;
    spec->oom_score_adj = (int)score;
    return 0;
}

/* Read by itself, before all others: oci_read() (cli/run.c). */
static int apply_bundle(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct reading *reading = target;
    if (!value[0])
        return err_set(err, EINVAL, "%s: no directory was named", row->name);
    reading->bundle = value;
    return 0;
}

static int apply_stop_signal(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    if (parse_signal(value, &spec->stop_signal) == 0)
        return 0;
    err_set(err, EINVAL, "%s: '%s' is not a signal", row->name, value);
    return err_hint(err, "a name or a number: TERM, SIGINT, RTMIN+3, 2");
}

static int apply_restart(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    if (restart_parse(value, &spec->restart) == 0)
        return 0;
    return err_set(err, EINVAL, "%s: '%s' is none of %s", row->name, value, row->arg);
}

static int apply_stop_timeout(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    uint64_t ms;
    if (parse_duration(value, &ms) < 0 || !spec_stop_is_valid(SIGTERM, ms))
        return err_set(err, EINVAL, "%s: '%s' is not a time (write 10, 2.5s, 500ms)", row->name, value);
    spec->stop_timeout_ms = (unsigned)ms;
    return 0;
}

static int apply_workdir(void *target, const struct option_row *row, const char *value, struct err *err)
{
    struct spec *spec = target;
    if (value[0] != '/')
        return err_set(err, EINVAL, "%s: '%s' does not begin with / (it is inside the container)", row->name,
                       value);
    free(spec->workdir);
    spec->workdir = mem_dup(value);
    return 0;
}

#define FLAG(field) .offset = offsetof(struct spec, field)

const struct option_row spec_options[] = {
    {"--detach", 'd', NULL, N_("run it in the background and print its name"), FLAG(detach)},
    {"--interactive", 'i', NULL, N_("keep standard input open"), FLAG(interactive)},
    {"--tty", 't', NULL, N_("give it a terminal"), FLAG(tty)},
    {"--rm", 0, NULL, N_("remove its record when it has ended"), FLAG(remove)},
    {"--name", 0, "NAME", N_("its name; made up if not given"), .apply = apply_name},
    {"--hostname", 'h', "NAME", N_("its hostname; its name if not given"), .apply = apply_hostname},
    {"--memory", 'm', "SIZE", N_("memory.max: 100M, 1.5G, max"), .apply = apply_limit},
    {"--memory-swap", 0, "SIZE", N_("memory and swap together; the same as --memory means no swap; max"),
     .apply = apply_memory_swap},
    {"--memory-high", 0, "SIZE", N_("memory.high: above it, it is slowed down"), .apply = apply_limit},
    {"--cpus", 0, "CPUS", N_("cpu.max: 0.5, 50%, max"), .apply = apply_limit},
    {"--cpu-weight", 0, "N", N_("cpu.weight: its share when CPUs are busy, 1 to 10000"),
     .apply = apply_limit},
    {"--cpuset-cpus", 0, "LIST", N_("cpuset.cpus: the CPUs it may run on, 0-3,7"), .apply = apply_limit},
    {"--io-max", 0, "DEV:KEY=VAL,...",
     N_("io.max of a disk: /dev/vda:rbps=10M,wiops=100; rbps, wbps, riops, wiops"), .apply = apply_io_max},
    {"--pids-limit", 0, "N", N_("pids.max: processes and threads; 2048 if not given"), .apply = apply_limit},
    {"--set", 0, "KNOB=VALUE", N_("any limit by the kernel's name; boxtop set --help lists them"),
     .apply = apply_set},
    {"--network", 0, "none|host|private",
     N_("its own with a link to the host (private, the default), its own "
        "with nothing in it, or the host's"),
     .apply = apply_network},
    {"--publish", 'p', "[IP:]HOST:CONTAINER[/udp]",
     N_("send what comes for a port of this machine on to one of the container's"), .apply = apply_publish},
    {"--volume", 'v', "SRC:DST[:ro]", N_("bind a directory or file of the host into it"),
     .apply = apply_volume},
    {"--mount", 0, "type=bind|tmpfs,...",
     N_("the same in docker's words: source=, target=, readonly, tmpfs-size=, tmpfs-mode="),
     .apply = apply_mount},
    {"--env", 'e', "KEY=VALUE", N_("an environment variable; KEY alone: yours"), .apply = apply_env},
    {"--env-file", 0, "FILE", N_("environment variables, one a line; # begins a comment"),
     .apply = apply_env_file},
    {"--entrypoint", 0, "COMMAND",
     N_("in front of the command, instead of the image's Entrypoint and Cmd; '' for none"),
     .apply = apply_entrypoint},
    {"--workdir", 'w', "DIR", N_("where the command starts, inside"), .apply = apply_workdir},
    {"--user", 'u', "USER[:GROUP]",
     N_("who runs the command: names of the container's /etc/passwd, or numbers"), .apply = apply_user},
    {"--tmpfs", 0, "DIR[:OPTIONS]", N_("an empty directory in memory: size=64m, mode=755, exec, ..."),
     .apply = apply_tmpfs},
    {"--cap-add", 0, "CAPABILITY", N_("let it keep one more: NET_ADMIN, SYS_PTRACE, ..., ALL"),
     .apply = apply_capability},
    {"--cap-drop", 0, "CAPABILITY", N_("take one of docker's fourteen away, or ALL"),
     .apply = apply_capability},
    {"--seccomp", 0, "FILE|unconfined",
     N_("system calls by docker's JSON profile instead of the built-in filter, or no filter"),
     .apply = apply_seccomp},
    {"--init", 0, NULL, N_("a first process that passes signals on and reaps, in front of the command"),
     FLAG(init)},
    {"--restart", 0, "no|on-failure[:N]|always",
     N_("whether it is started again when it has ended, at most N times; `stop` ends that"),
     .apply = apply_restart},
    {"--stop-signal", 0, "SIGNAL", N_("what `stop` sends; SIGTERM if not given"), .apply = apply_stop_signal},
    {"--stop-timeout", 0, "SECONDS", N_("how long `stop` waits before it kills; 10 if not given"),
     .apply = apply_stop_timeout},
    {"--keep", 0, NULL, N_("keep what it writes to its root for its next start, until rm"), FLAG(keep)},
    {"--read-only", 0, NULL, N_("its root can't be written to"), FLAG(read_only)},
    {"--userns", 0, "auto|host", N_("a user namespace of its own (auto), or none; default: auto unless root"),
     .apply = apply_userns},
    {"--ulimit", 0, "NAME=SOFT[:HARD]",
     N_("what a process may use: nofile=1024:4096, core=0, memlock=unlimited"), .apply = apply_ulimit},
    {"--sysctl", 0, "NAME=VALUE",
     N_("a parameter of the kernel, of its own namespaces: net.*, fs.mqueue.*, "
        "kernel's msg*, shm*, sem"),
     .apply = apply_sysctl},
    {"--oom-score-adj", 0, "N", N_("how soon it is killed when there is no memory, -1000 to 1000"),
     .apply = apply_oom_score},
    {"--bundle", 0, "DIR",
     N_("run the OCI runtime bundle DIR, as its config.json says, instead of ROOT COMMAND"),
     .apply = apply_bundle},
    {"--explain", 0, NULL, N_("print how it would be made, as shell lines; make nothing"),
     .offset = offsetof(struct reading, explain)},
    {0},
};

static int no_root(struct err *err)
{
    err_set(err, EINVAL, "run: no root file system was named");
    return err_hint(err, "boxtop run [OPTIONS] ROOT [COMMAND...]; ROOT `host` is the machine's own, for "
                         "example: boxtop run -it --memory 100M host");
}

static int take_command(struct spec *spec, char *const *argv, struct err *err)
{
    if (argv[0] && strcmp(argv[0], "--") == 0)
        argv++;
    else if (argv[0] && argv[0][0] == '-') {
        err_set(err, EINVAL, "run: '%s' stands where the command is expected", argv[0]);
        return err_hint(err, "options go before ROOT: boxtop run [OPTIONS] ROOT [COMMAND...]");
    }
    spec->command = argv[0] ? mem_dup_list(argv) : NULL;
    return 0;
}

/* A bundle comes first: what options say, they say on top of it. */
static int parse_bundle(struct reading *reading, int argc, char *const *argv, struct err *err)
{
    const char *dir = reading->bundle;
    spec_free(&reading->spec);
    mem_free_list(reading->file_env);
    *reading = (struct reading){0};
    spec_init(&reading->spec);
    int rc = oci_read(dir, &reading->spec, err);
    if (rc < 0)
        return rc;
    reading->bundle_env = take_ptr(&reading->spec.env);
    int used = options_parse(spec_options, reading, argc, argv, err);
    if (used >= 0 && used < argc) {
        err_set(err, EINVAL, "run --bundle %s: '%s' is one word too many", dir, argv[used]);
        return err_hint(err, "a bundle's root and command are in its config.json");
    }
    return used;
}

/* Of the bundle, then of files, then what was said word by word. */
static void join_env(struct reading *reading)
{
    struct spec *spec = &reading->spec;
    char **all = take_ptr(&reading->bundle_env);
    for (char **entry = reading->file_env; entry && *entry; entry++)
        mem_list_add(&all, mem_dup(*entry));
    for (char **entry = spec->env; entry && *entry; entry++)
        mem_list_add(&all, mem_dup(*entry));
    mem_free_list(reading->file_env);
    mem_free_list(spec->env);
    spec->env = all;
}

int spec_parse(struct spec *spec, int argc, char *const *argv, bool *ret_explain, bool *ret_help,
               struct err *err)
{
    struct reading reading = {.spec = *spec};
    bool bundle;
    int used = options_parse(spec_options, &reading, argc, argv, err);
    if ((bundle = used >= 0 && reading.bundle))
        used = parse_bundle(&reading, argc, argv, err);
    join_env(&reading);
    *spec = reading.spec;
    *ret_explain = reading.explain;
    *ret_help = used == OPTIONS_HELP;
    if (*ret_help)
        return 0;
    if (used < 0) {
        err->code = EINVAL; /* whatever was wrong with a value, it is wrong usage */
        return -EINVAL;
    }
    if (bundle)
        return 0;
    if (used >= argc)
        return no_root(err);
    spec->root = mem_dup(argv[used]);
    return take_command(spec, argv + used + 1, err);
}

/* As short as it can be said, if that is read back as the same. */
static void add_limit(const struct spec_limit *limit, struct str *to)
{
    char shown[KNOB_TEXT_SIZE], again[KNOB_TEXT_SIZE];
    struct err err;
    const struct knob *knob = limit->knob;
    knob_format(knob, limit->text, shown);
    if (knob_parse(knob, shown, again, &err) < 0 || strcmp(again, limit->text) != 0)
        str_copy(shown, sizeof shown, limit->text[0] == '\n' ? "" : limit->text);
    if (knob->option) {
        str_addf(to, " %s ", knob->option);
        str_add_shell(to, shown);
    } else {
        cleanup_free char *both = mem_printf("%s=%s", knob->name, shown);
        str_add(to, " --set ");
        str_add_shell(to, both);
    }
}

static void add_option(struct str *to, const char *option, const char *value)
{
    str_addf(to, " %s ", option);
    str_add_shell(to, value);
}

static void add_bind(const struct spec_bind *bind, struct str *to)
{
    cleanup_free char *text = mem_printf("%s:%s%s", bind->source, bind->target, bind->read_only ? ":ro" : "");
    add_option(to, "-v", text);
}

static void add_limits(const struct spec *spec, struct str *to)
{
    char size[FMT_SIZE];
    for (size_t i = 0; i < spec->limit_count; i++)
        if (spec->limits[i].asked)
            add_limit(&spec->limits[i], to);
    if (spec->swap_total != VALUE_ABSENT)
        add_option(to, "--memory-swap", fmt_size_exact(size, spec->swap_total));
}

static void add_capabilities(struct str *to, const char *option, uint64_t mask)
{
    struct str names = {0};
    capability_names(mask, ",", &names);
    cleanup_free char *copy = mem_dup(str_text(&names));
    for (char *rest = copy, *name; copy[0] && (name = strsep(&rest, ","));)
        add_option(to, option, name);
    str_free(&names);
}

static void add_confinement(const struct spec *spec, struct str *to)
{
    if (spec->entrypoint)
        add_option(to, "--entrypoint", spec->entrypoint);
    add_capabilities(to, "--cap-add", spec->cap_add);
    add_capabilities(to, "--cap-drop", spec->cap_drop);
    if (spec->seccomp)
        add_option(to, "--seccomp", spec->seccomp);
}

static void add_life(const struct spec *spec, struct str *to)
{
    cleanup_free char *signal = mem_printf("%d", spec->stop_signal),
                      *timeout = mem_printf("%ums", spec->stop_timeout_ms);
    const char *name = sigabbrev_np(spec->stop_signal);
    if (spec->user)
        add_option(to, "-u", spec->user);
    for (size_t i = 0; i < spec->tmpfs_count; i++) {
        const struct spec_tmpfs *tmpfs = &spec->tmpfs[i];
        cleanup_free char *text = mem_printf("%s%s%s", tmpfs->target, tmpfs->options ? ":" : "",
                                             tmpfs->options ? tmpfs->options : "");
        add_option(to, "--tmpfs", text);
    }
    if (spec->stop_signal != SIGTERM)
        add_option(to, "--stop-signal", name ? name : signal);
    if (spec->restart.policy != RESTART_NO) {
        char restart[RESTART_TEXT_SIZE];
        restart_format(&spec->restart, restart);
        add_option(to, "--restart", restart);
    }
    if (spec->stop_timeout_ms != SPEC_STOP_TIMEOUT_MS)
        add_option(to, "--stop-timeout", timeout);
}

static void add_process(const struct spec *spec, struct str *to)
{
    char value[64];
    for (size_t i = 0; i < spec->rlimit_count; i++) {
        rlimit_text(&spec->rlimits[i], value);
        cleanup_free char *text = mem_printf("%s=%s", rlimit_name(spec->rlimits[i].resource), value);
        add_option(to, "--ulimit", text);
    }
    for (char *const *sysctl = spec->sysctls; sysctl && *sysctl; sysctl++)
        add_option(to, "--sysctl", *sysctl);
    if (spec->has_oom_score_adj)
        str_addf(to, " --oom-score-adj %d", spec->oom_score_adj);
}

/* What options changed of it can't be told from what it says itself. */
static void add_bundle(const struct spec *spec, struct str *to)
{
    add_option(to, "--bundle", spec->bundle->path);
    if (spec->network == NETWORK_PRIVATE)
        add_option(to, "--network", spec_network_names[spec->network]);
}

void spec_command_line(const struct spec *spec, struct str *to)
{
    const char *root = spec->root ? spec->root : "host";
    str_add(to, "boxtop run");
    for (const struct option_row *row = spec_options; row->name; row++)
        if (!row->arg && row->offset < sizeof *spec && *((const bool *)((const char *)spec + row->offset)))
            str_addf(to, " %s", row->name);
    if (spec->name[0])
        add_option(to, "--name", spec->name);
    if (spec->bundle) {
        add_bundle(spec, to);
        return;
    }
    if (spec->hostname[0] && strcmp(spec->hostname, spec->name) != 0)
        add_option(to, "--hostname", spec->hostname);
    add_limits(spec, to);
    if (spec->network != NETWORK_PRIVATE)
        add_option(to, "--network", spec_network_names[spec->network]);
    for (char **port = spec->ports; port && *port; port++)
        add_option(to, "-p", *port);
    for (size_t i = 0; i < spec->bind_count; i++)
        add_bind(&spec->binds[i], to);
    for (char **entry = spec->env; entry && *entry; entry++)
        add_option(to, "-e", *entry);
    if (spec->workdir && strcmp(spec->workdir, "/") != 0)
        add_option(to, "-w", spec->workdir);
    add_life(spec, to);
    add_confinement(spec, to);
    add_process(spec, to);
    if (spec->userns != USERNS_DEFAULT)
        add_option(to, "--userns", spec_userns_names[spec->userns]);
    str_add(to, root[0] == '-' ? " -- " : " ");
    str_add_shell(to, root);
    if (spec->command && spec->command[spec->image_words]) {
        str_add(to, " ");
        str_add_shell_list(to, spec->command + spec->image_words);
    }
}
