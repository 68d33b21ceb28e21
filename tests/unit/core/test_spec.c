/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/value.h"
#include "core/spec.h"

/* Splits at blanks; '_' stands for a blank inside a word. */
static int split(char *line, char **words, int limit)
{
    int count = 0;
    for (char *save = NULL, *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        assert_true(count < limit - 1);
        for (char *c = word; *c; c++)
            *c = *c == '_' ? ' ' : *c;
        words[count++] = word;
    }
    words[count] = NULL;
    return count;
}

static int parse_line(struct spec *spec, const char *line, bool *explain, bool *help, struct err *err)
{
    cleanup_free char *copy = mem_dup(line);
    char *words[64];
    int count = split(copy, words, (int)COUNT_OF(words));
    spec_init(spec);
    return spec_parse(spec, count, words, explain, help, err);
}

static const char *limit_of(const struct spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->limit_count; i++)
        if (strcmp(spec->limits[i].knob->name, name) == 0)
            return spec->limits[i].text;
    return NULL;
}

static void test_options(void **state)
{
    (void)state;
    struct spec spec;
    struct err err = {0};
    bool explain, help;
    assert_int_equal(parse_line(&spec,
                                "-dit --rm --name=web --hostname www -m100M --memory-high 80M --cpus=0.5 "
                                "--cpu-weight 50 --cpuset-cpus 0-1 --pids-limit 64 --set memory.oom.group=1 "
                                "--network none -v /tmp:/data:ro -e A=1 -eB=2 -w /srv --read-only "
                                "--userns host --explain host sh -c echo_hi",
                                &explain, &help, &err),
                     0);
    assert_true(spec.detach && spec.interactive && spec.tty && spec.remove && spec.read_only && explain);
    assert_false(help);
    assert_string_equal(spec.name, "web");
    assert_string_equal(spec.hostname, "www");
    assert_string_equal(limit_of(&spec, "memory.max"), "104857600");
    assert_string_equal(limit_of(&spec, "memory.high"), "83886080");
    assert_string_equal(limit_of(&spec, "cpu.max"), "50000 100000");
    assert_string_equal(limit_of(&spec, "cpu.weight"), "50");
    assert_string_equal(limit_of(&spec, "cpuset.cpus"), "0-1");
    assert_string_equal(limit_of(&spec, "pids.max"), "64");
    assert_string_equal(limit_of(&spec, "memory.oom.group"), "1");
    assert_int_equal(spec.network, NETWORK_NONE);
    assert_int_equal(spec.userns, USERNS_HOST);
    assert_int_equal(spec.bind_count, 1);
    assert_string_equal(spec.binds[0].source, "/tmp");
    assert_string_equal(spec.binds[0].target, "/data");
    assert_true(spec.binds[0].read_only);
    assert_string_equal(spec.env[0], "A=1");
    assert_string_equal(spec.env[1], "B=2");
    assert_null(spec.env[2]);
    assert_string_equal(spec.workdir, "/srv");
    assert_string_equal(spec.root, "host");
    assert_string_equal(spec.command[0], "sh");
    assert_string_equal(spec.command[2], "echo hi");
    assert_null(spec.command[3]);
    spec_free(&spec);
}

/* What stands behind ROOT belongs to the command. */
static void test_options_end(void **state)
{
    (void)state;
    struct spec spec;
    struct err err;
    bool explain, help;
    assert_int_equal(parse_line(&spec, "-m 1G host ls -d --help", &explain, &help, &err), 0);
    assert_false(spec.detach || help);
    assert_string_equal(spec.command[1], "-d");
    spec_free(&spec);
    assert_int_equal(parse_line(&spec, "-- -odd-root -- sh", &explain, &help, &err), 0);
    assert_string_equal(spec.root, "-odd-root");
    assert_string_equal(spec.command[0], "sh");
    spec_free(&spec);
    assert_int_equal(parse_line(&spec, "-d --help", &explain, &help, &err), 0);
    assert_true(help);
    spec_free(&spec);
}

static void assert_same(const struct spec *a, const struct spec *b)
{
    json_t *left = spec_to_json(a), *right = spec_to_json(b);
    char *left_text = json_dumps(left, JSON_SORT_KEYS), *right_text = json_dumps(right, JSON_SORT_KEYS);
    assert_string_equal(left_text, right_text);
    free(left_text);
    free(right_text);
    json_decref(left);
    json_decref(right);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
}

/* -e says the last word, wherever it stands. */
static void test_env_file(void **state)
{
    (void)state;
    struct spec spec;
    struct err err = {0};
    bool explain, help;
    char path[] = "/tmp/boxtop-test-XXXXXX";
    close(mkstemp(path));
    cleanup_free char *line = mem_printf("-e A=1 --env-file %s host", path);
    write_file(path, "# comment\n\n  A=0\nB=x = y # z\nNO_SUCH_VARIABLE_HERE\n");
    assert_int_equal(parse_line(&spec, line, &explain, &help, &err), 0);
    assert_string_equal(spec.env[0], "A=0");
    assert_string_equal(spec.env[1], "B=x = y # z");
    assert_string_equal(spec.env[2], "A=1");
    assert_null(spec.env[3]);
    spec_free(&spec);
    write_file(path, "A=1\n=x\n");
    assert_int_equal(parse_line(&spec, line, &explain, &help, &err), -EINVAL);
    cleanup_free char *text = mem_printf("--env-file: %s, line 2: '=x' is not KEY=VALUE", path);
    assert_string_equal(err.text, text);
    spec_free(&spec);
    unlink(path);
}

/* A record that was written before there were users, tmpfs and stop signals. */
static void test_old_json(void **state)
{
    (void)state;
    struct spec spec, read;
    struct err err = {0};
    bool explain, help;
    static const char *const later[] = {"user", "tmpfs",   "stop_signal", "stop_timeout_ms",
                                        "init", "restart", "ports"};
    assert_int_equal(parse_line(&spec, "--name web host sh", &explain, &help, &err), 0);
    json_t *json = spec_to_json(&spec);
    for (size_t i = 0; i < COUNT_OF(later); i++)
        assert_int_equal(json_object_del(json, later[i]), 0);
    assert_int_equal(spec_from_json(json, &read, &err), 0);
    assert_same(&spec, &read);
    json_object_set_new(json, "stop_signal", json_integer(4242));
    spec_free(&read);
    assert_int_equal(spec_from_json(json, &read, &err), -EINVAL);
    json_decref(json);
    spec_free(&spec);
}

static void test_later_wins(void **state)
{
    (void)state;
    struct spec spec;
    struct err err;
    bool explain, help;
    assert_int_equal(parse_line(&spec,
                                "-m 1G --set memory=2G --set io.max=8:0_rbps=1M --set io.max=8:16_rbps=2M "
                                "--set io.max=8:0_rbps=3M --io-max 8:0:wiops=9,riops=max host",
                                &explain, &help, &err),
                     0);
    assert_int_equal(spec.limit_count, 3);
    assert_string_equal(spec.limits[0].text, "2147483648");
    assert_string_equal(spec.limits[1].text, "8:0 wiops=9 riops=max rbps=3145728");
    assert_string_equal(spec.limits[2].text, "8:16 rbps=2097152");
    spec_free(&spec);
}

static void test_bad_options(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"--memroy 1G host", "unknown option '--memroy'", "did you mean --memory?"},
        {"--memroy=1G host", "unknown option '--memroy'", "did you mean --memory?"},
        {"-Z host", "unknown option '-Z'", "--help lists the options"},
        {"-dZ host", "unknown option '-Z'", "--help lists the options"},
        {"--memory", "--memory needs SIZE after it", "memory.max: 100M, 1.5G, max"},
        {"--detach=yes host", "--detach takes no value, but has 'yes'", ""},
        {"-m 12x host", "--memory: memory.max: '12x' is not a size (write 100M, 1.5G, bytes or max)", ""},
        {"-m 0 host", "--memory: memory.max: with 0 nothing can run (write max for no limit)", ""},
        {"--pids-limit 0 host", "--pids-limit: pids.max: with 0 nothing can run (write max for no limit)",
         ""},
        {"-m 100 host", "--memory: memory.max: '100' is 100 bytes, less than a page, and would count as 0",
         "write 100M for megabytes"},
        {"--cpus zero host",
         "--cpus: cpu.max: 'zero' is not a CPU limit (write 50%, 1.5 for CPUs, \"50000 100000\" "
         "for us in each period, or max)",
         ""},
        {"--set memroy.max=1G host", "--set: no knob 'memroy.max'",
         "did you mean memory.max? boxtop set --help lists them"},
        {"--set memory.max host", "--set: 'memory.max' is not KNOB=VALUE",
         "for example --set memory.high=80M; boxtop set --help lists the knobs"},
        {"--set cgroup.freeze=1 host", "--set: cgroup.freeze can't be set before the container runs",
         "boxtop pause, or boxtop set, when it does"},
        {"--network bridge host", "--network: 'bridge' is none of none|host|private", ""},
        {"--userns default host", "--userns: 'default' is none of auto|host", ""},
        {"--name ../etc host", "--name: '../etc' can't be a container's name",
         "letters, digits, _ . - and a letter or digit first, at most 63"},
        {"--hostname -x host", "--hostname: '-x' can't be a hostname",
         "letters, digits, _ . - and a letter or digit first, at most 64"},
        {"-v /tmp host", "--volume: '/tmp' is not SRC:DST[:ro] (for example /srv/www:/www:ro)", ""},
        {"-v /tmp:/x:rx host", "--volume: '/tmp:/x:rx' is not SRC:DST[:ro] (for example /srv/www:/www:ro)",
         ""},
        {"-e =x host", "--env: '=x' is not KEY=VALUE", ""},
        {"-w srv host", "--workdir: 'srv' does not begin with / (it is inside the container)", ""},
        {"-u 1000abc host", "--user: '1000abc' is not USER[:GROUP]",
         "each a name or a number: www-data, 1000, 1000:100"},
        {"-u : host", "--user: ':' is not USER[:GROUP]", NULL},
        {"-u -1 host", "--user: '-1' is not USER[:GROUP]", NULL},
        {"-u 4294967295 host", "--user: '4294967295' is not USER[:GROUP]", NULL},
        {"-u 0:0:0 host", "--user: '0:0:0' is not USER[:GROUP]", NULL},
        {"--tmpfs x host", "--tmpfs: 'x' is not an absolute path below / inside the container", ""},
        {"--tmpfs /a/../.. host", "--tmpfs: '/a/../..' is not an absolute path below / inside the container",
         ""},
        {"--tmpfs /a:dev host", "--tmpfs: 'dev' is no option of a tmpfs",
         "size=64m, mode=1777, uid=, gid=, nr_inodes=, ro, exec, suid"},
        {"--tmpfs /a:size host", "--tmpfs: 'size' is no option of a tmpfs", NULL},
        {"--tmpfs /a:ro=1 host", "--tmpfs: 'ro=1' is no option of a tmpfs", NULL},
        {"--tmpfs /a:mode=9 host", "--tmpfs: 'mode=9' is no option of a tmpfs", NULL},
        {"--cap-add bpfs host", "--cap-add: 'bpfs' is not a capability",
         "NET_ADMIN, SYS_PTRACE, ... (capabilities(7)), or ALL"},
        {"--mount source=/tmp,target=/x host", "--mount: type=volume, docker's default, is not supported",
         "type=bind or type=tmpfs"},
        {"--mount type=npipe,target=/x host", "--mount: type=npipe is not supported", NULL},
        {"--mount type=bind,target=/x host", "--mount: source= is missing", ""},
        {"--mount type=bind,src=/tmp host", "--mount: target= is missing", ""},
        {"--mount type=tmpfs,src=/tmp,dst=/x host", "--mount: a tmpfs has no source", ""},
        {"--mount type=tmpfs,dst=/x,tmpfs-mode=9 host", "--mount: 'mode=9' is no option of a tmpfs", NULL},
        {"--mount type=tmpfs,dst=x host", "--mount: 'x' is not an absolute path below / inside the container",
         ""},
        {"--mount type=bind,src=/tmp,dst=/x,ro=maybe host", "--mount: ro is true or false, not 'maybe'", ""},
        {"--mount type=bind,src=/tmp,dst= host", "--mount: dst= is empty", ""},
        {"--mount type=bind,src=/tmp,dst=/x,bind-propagation=shared host",
         "--mount: 'bind-propagation' is not supported", NULL},
        {"--cap-drop 12 host", "--cap-drop: '12' is not a capability", NULL},
        {"--stop-signal FOO host", "--stop-signal: 'FOO' is not a signal",
         "a name or a number: TERM, SIGINT, RTMIN+3, 2"},
        {"--stop-timeout soon host", "--stop-timeout: 'soon' is not a time (write 10, 2.5s, 500ms)", ""},
        {"--env-file /no/such host", "--env-file: read /no/such: No such file or directory", ""},
        {"--restart on-failure:0 host", "--restart: 'on-failure:0' is none of no|on-failure[:N]|always", ""},
        {"-p 80 host", "--publish: '80' is not [IP:]HOST:CONTAINER[/udp]",
         "for example 8080:80, 127.0.0.1:8080:80, [::1]:5353:53/udp"},
        {"-p 8080:80 -p 127.0.0.1:8080:81/tcp host", "--publish: port 8080/tcp is published twice", ""},
        {"--memory-swap lots host", "--memory-swap: 'lots' is not a size (write 100M, 1.5G, bytes or max)",
         ""},
        {"", "run: no root file system was named", NULL},
        {"-d", "run: no root file system was named", NULL},
        {"host -m 1G", "run: '-m' stands where the command is expected",
         "options go before ROOT: boxtop run [OPTIONS] ROOT [COMMAND...]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct spec spec;
        struct err err = {0};
        bool explain, help;
        if (parse_line(&spec, rows[i][0], &explain, &help, &err) != -EINVAL)
            fail_msg("'%s' was not refused", rows[i][0]);
        assert_int_equal(err.code, EINVAL);
        assert_string_equal(err.text, rows[i][1]);
        if (rows[i][2])
            assert_string_equal(err.hint, rows[i][2]);
        spec_free(&spec);
    }
}

static int parse_and_validate(struct spec *spec, const char *line, struct err *err)
{
    bool explain, help;
    assert_int_equal(parse_line(spec, line, &explain, &help, err), 0);
    return spec_validate(spec, err);
}

static void test_defaults(void **state)
{
    (void)state;
    struct spec spec;
    struct err err;
    assert_int_equal(parse_and_validate(&spec, "host", &err), 0);
    assert_true(spec_name_is_valid(spec.name));
    assert_string_equal(spec.hostname, spec.name);
    assert_true(spec.root_is_host);
    assert_string_equal(spec.command[0], "/bin/sh");
    assert_string_equal(spec.workdir, "/");
    assert_int_equal(spec.limit_count, 1);
    assert_string_equal(limit_of(&spec, "pids.max"), "2048");
    assert_false(spec.limits[0].asked);
    spec_free(&spec);
    assert_int_equal(parse_and_validate(&spec, "--pids-limit -1 /tmp", &err), 0);
    assert_string_equal(limit_of(&spec, "pids.max"), "max");
    assert_true(spec.limits[0].asked);
    assert_false(spec.root_is_host);
    assert_string_equal(spec.root, "/tmp");
    spec_free(&spec);
}

static void test_swap(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        /* line, memory.swap.max, error */
        {"-m 100M --memory-swap 100M host", "0", NULL}, /* memory.swap.max may be 0 */
        {"--memory-swap 300M -m 100M host", "209715200", NULL},
        {"-m 100M --memory-swap -1 host", "max", NULL},
        {"--memory-swap max host", "max", NULL},
        {"-m 100M host", NULL, NULL},
        {"--memory-swap 1G host", NULL,
         "--memory-swap is memory and swap together, and --memory is not limited"},
        {"-m max --memory-swap 1G host", NULL,
         "--memory-swap is memory and swap together, and --memory is not limited"},
        {"-m 2M --memory-swap 1M host", NULL, "--memory-swap 1048576 is less than --memory 2097152"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct spec spec;
        struct err err = {0};
        int rc = parse_and_validate(&spec, rows[i][0], &err);
        assert_int_equal(rc < 0, rows[i][2] != NULL);
        if (rows[i][2])
            assert_string_equal(err.text, rows[i][2]);
        else if (rows[i][1])
            assert_string_equal(limit_of(&spec, "memory.swap.max"), rows[i][1]);
        else
            assert_null(limit_of(&spec, "memory.swap.max"));
        assert_true(rc < 0 || spec.swap_total == VALUE_ABSENT);
        spec_free(&spec);
    }
}

static void test_bad_specs(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"/no/such/root", "root directory /no/such/root: No such file or directory",
         "give `host` for the machine's own root, a directory, or an image (boxtop image ls)"},
        {"/etc/passwd", "root directory /etc/passwd: Not a directory",
         "give `host` for the machine's own root, a directory, or an image (boxtop image ls)"},
        {"/", "root directory /: the container would write to the machine's own files",
         "give `host`: the same files, with a throw-away layer on top"},
        {"/tmp/..", "root directory /: the container would write to the machine's own files",
         "give `host`: the same files, with a throw-away layer on top"},
        {"--network none -p 8080:80 host",
         "--publish needs a private network: with --network none there is nothing to send on", ""},
        {"--rm --restart always host", "--rm and --restart exclude each other", ""},
        {"-v /no/such:/x host", "volume /no/such: No such file or directory",
         "the source must be there already: mkdir -p it, or correct the path"},
        {"-v /tmp:x host", "volume /tmp: 'x' is not an absolute path below / inside the container", ""},
        {"-v /tmp:/ host", "volume /tmp: '/' is not an absolute path below / inside the container", ""},
        {"-v /tmp:/x/../../y host",
         "volume /tmp: '/x/../../y' is not an absolute path below / inside the container", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct spec spec;
        struct err err = {0};
        assert_true(parse_and_validate(&spec, rows[i][0], &err) < 0);
        assert_string_equal(err.text, rows[i][1]);
        assert_string_equal(err.hint, rows[i][2]);
        spec_free(&spec);
    }
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool valid;
    } rows[] = {
        {"web", true},
        {"w", true},
        {"0", true},
        {"a.b_c-d", true},
        {"", false},
        {".", false},
        {"..", false},
        {".lock", false},
        {"-x", false},
        {"a/b", false},
        {"a b", false},
        {"a\n", false},
        {"\xc3\xa4", false},
        {"net", true},

        {"a123456789012345678901234567890123456789012345678901234567890ab", true},   /* 63 */
        {"a123456789012345678901234567890123456789012345678901234567890abc", false}, /* 64 */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (spec_name_is_valid(rows[i].name) != rows[i].valid)
            fail_msg("'%s'", rows[i].name);
}

static const char *const round_trips[] = {
    "host",
    "-d -i -t --rm --read-only --name web --hostname www host",
    "-m 100M --memory-swap 100M --memory-high 80M --cpus 33333_50000 --cpu-weight 7 host sh",
    "--cpus 0.5 --cpuset-cpus 0-1,3 --pids-limit max --set memory.min=4097 --set cpuset.mems= host",
    "--set io.max=8:0_rbps=1M_wiops=5 --set io.max=8:16_rbps=max --set io.weight=50 host",
    "--network none --userns auto -w /srv -e A=it's -e B= -v /tmp:/a_b:ro -v /tmp:/c host sh -c echo_$HOME",
    "-p 8080:80/tcp -p [::1]:5353:53/udp host",
    "--network host --userns host /tmp \x01\xff_x",
    "-u www-data:100 --init --restart on-failure:3 --tmpfs /a_b:exec --tmpfs /x host",
    "--stop-signal RTMIN+3 --stop-timeout 0 host",
    "--cap-add BPF --cap-add syslog --cap-drop chown --seccomp unconfined host",
    "--cap-drop ALL --cap-add kill --seccomp /etc/passwd host",
    "--cap-add all host",
    "--entrypoint /bin/echo host a b",
    "--entrypoint /bin/echo host",
    ("--mount type=bind,source=/tmp,target=/a,readonly --mount "
     "type=tmpfs,dst=/b,tmpfs-size=1m,tmpfs-mode=1777 host"),
};

/* Reads a line of shell words as str_add_shell() writes them. */
static int unquote(char *line, char **words, int limit)
{
    int count = 0;
    char *c = line, *to = line;
    while (*c) {
        assert_true(count < limit - 1);
        words[count++] = to;
        for (bool quoted = false; *c && (quoted || *c != ' '); c++) {
            if (*c == '\'')
                quoted = !quoted;
            else if (*c == '\\' && !quoted)
                *to++ = *++c;
            else
                *to++ = *c;
        }
        c += *c == ' ';
        *to++ = '\0';
    }
    words[count] = NULL;
    return count;
}

static void test_command_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(round_trips); i++) {
        struct spec spec, again;
        struct err err = {0};
        struct str line = {0};
        bool explain, help;
        char *words[64];
        if (parse_and_validate(&spec, round_trips[i], &err) < 0)
            fail_msg("%s: %s", round_trips[i], err.text);
        spec_command_line(&spec, &line);
        int count = unquote(line.text, words, (int)COUNT_OF(words));
        assert_string_equal(words[0], "boxtop");
        assert_string_equal(words[1], "run");
        spec_init(&again);
        assert_int_equal(spec_parse(&again, count - 2, words + 2, &explain, &help, &err), 0);
        assert_int_equal(spec_validate(&again, &err), 0);
        assert_same(&spec, &again);
        str_free(&line);
        spec_free(&spec);
        spec_free(&again);
    }
}

static void test_command_line_is_short(void **state)
{
    (void)state;
    struct spec spec;
    struct err err;
    struct str line = {0};
    assert_int_equal(parse_and_validate(&spec, "-d --name web -m 104857600 --cpus 0.5 host", &err), 0);
    spec_command_line(&spec, &line);
    assert_string_equal(line.text, "boxtop run --detach --name web --memory 100M --cpus 50% host /bin/sh");
    str_free(&line);
    spec_free(&spec);
}

static void test_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(round_trips); i++) {
        struct spec spec, again;
        struct err err = {0};
        bool explain, help;
        /* as read, and as validated */
        for (int validated = 0; validated < 2; validated++) {
            assert_int_equal(parse_line(&spec, round_trips[i], &explain, &help, &err), 0);
            snprintf(spec.name, sizeof spec.name, "web");
            if (validated)
                assert_int_equal(spec_validate(&spec, &err), 0);
            json_t *json = spec_to_json(&spec);
            char *text = json_dumps(json, 0);
            assert_non_null(text);
            json_t *read = json_loads(text, 0, NULL);
            assert_non_null(read);
            if (spec_from_json(read, &again, &err) < 0)
                fail_msg("%s: %s", text, err.text);
            assert_same(&spec, &again);
            free(text);
            json_decref(json);
            json_decref(read);
            spec_free(&spec);
            spec_free(&again);
        }
    }
}

/* One key of a good record at a time is made hostile. */
static void test_bad_json(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"name", "\"../etc\"", "\"name\" is missing or wrong"},
        {"name", "null", "\"name\" is missing or wrong"},
        {"name", "7", "\"name\" is missing or wrong"},
        {"hostname", "\"a\\u001bb\"", "\"hostname\" is missing or wrong"},
        {"root", "null", "\"root\" is missing or wrong"},
        {"root", "{\"bytes\": \"00\"}", "\"root\" is missing or wrong"},
        {"root", "{\"bytes\": \"zz\"}", "\"root\" is missing or wrong"},
        {"command", "[]", "\"command\" is missing or wrong"},
        {"command", "[1]", "\"command\" is missing or wrong"},
        {"command", "\"sh\"", "\"command\" is missing or wrong"},
        {"env", "{}", "\"env\" is missing or wrong"},
        {"network", "\"bridge\"", "\"network\" is missing or wrong"},
        {"userns", "[]", "\"userns\" is missing or wrong"},
        {"limits", "7", "\"limits\" is missing or wrong"},
        {"limits", "[{\"knob\": \"../x\", \"value\": \"1\"}]", "limits: no knob '../x'"},
        {"limits", "[{\"knob\": \"memory.max\", \"value\": \"-1\"}]",
         "limits: memory.max: '-1' is not a size (write 100M, 1.5G, bytes or max)"},
        {"limits", "[[]]", "limits: no knob ''"},
        {"binds", "[{\"source\": \"/\"}]", "\"binds\" is missing or wrong"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct spec spec, read;
        struct err err = {0};
        assert_int_equal(parse_and_validate(&spec, "--name web -m 1G host", &err), 0);
        json_t *json = spec_to_json(&spec);
        json_t *hostile = json_loads(rows[i][1], JSON_DECODE_ANY, NULL);
        assert_non_null(hostile);
        json_object_set_new(json, rows[i][0], hostile);
        assert_int_equal(spec_from_json(json, &read, &err), -EINVAL);
        assert_string_equal(err.text, rows[i][2]);
        json_decref(json);
        spec_free(&spec);
    }
    struct spec read;
    struct err err;
    json_t *empty = json_array();
    assert_int_equal(spec_from_json(empty, &read, &err), -EINVAL);
    json_decref(empty);
}

/* Each option can be read, and says what it is for. */
static void test_option_table(void **state)
{
    (void)state;
    for (const struct option_row *row = spec_options; row->name; row++) {
        assert_memory_equal(row->name, "--", 2);
        assert_true(row->help && row->help[0]);
        for (const struct option_row *other = row + 1; other->name; other++) {
            assert_string_not_equal(row->name, other->name);
            assert_true(!row->letter || row->letter != other->letter);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),      cmocka_unit_test(test_options_end),
        cmocka_unit_test(test_later_wins),   cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_defaults),     cmocka_unit_test(test_swap),
        cmocka_unit_test(test_bad_specs),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_command_line), cmocka_unit_test(test_command_line_is_short),
        cmocka_unit_test(test_json),         cmocka_unit_test(test_bad_json),
        cmocka_unit_test(test_option_table), cmocka_unit_test(test_env_file),
        cmocka_unit_test(test_old_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
