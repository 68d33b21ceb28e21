/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whose a cgroup is and what it is called: a recorded tree of paths with engines' files, and files that lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include <limits.h>
#include "fake.h"
#include "monitor/engines.h"
#include "monitor/naming.h"
#include "monitor/sampler.h"

#define ENGINES FIXTURES "/engines"
#define ID      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* Whoever has checked the sources out owns the fixtures. */
static uid_t owner(void)
{
    struct stat st;
    assert_int_equal(stat(ENGINES "/tree", &st), 0);
    return st.st_uid;
}

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

/* As a line of the fixture's tree. */
static void describe(const struct identity *identity, const char *path, struct str *to)
{
    static const struct identity none = {.uid = (uid_t)-1};
    const struct identity *i = identity ? identity : &none;
    str_clear(to);
    str_addf(to, "%s|%s|%s|%s", path, or_dash(manager_name(i->manager)), or_dash(identity_kind_name(i->kind)),
             or_dash(i->label));
    if (i->image)
        str_addf(to, "|image=%s", i->image);
    if (i->ns)
        str_addf(to, "|ns=%s", i->ns);
    if (i->pod)
        str_addf(to, "|pod=%s", i->pod);
    if (i->container)
        str_addf(to, "|container=%s", i->container);
    if (i->uid != (uid_t)-1)
        str_addf(to, "|uid=%u", (unsigned)i->uid);
}

static void make_group(const struct fake *fake, const char *cgroup)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s", fake->fs.mount, cgroup);
    assert_int_equal(fs_mkdirs(path, 0700), 0);
    fake_write(fake, cgroup, "cpu.stat", "usage_usec 0\n");
}

/* Calls back for each line of the fixture, with its path apart. */
static void each_line(void (*call)(void *context, const char *path, const char *line), void *context)
{
    char line[1024], path[1024];
    cleanup_file FILE *file = fopen(ENGINES "/tree", "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        str_copy(path, sizeof path, line);
        path[strcspn(path, "|")] = '\0';
        call(context, path, line);
    }
}

struct seen {
    struct fake fake;
    const struct snapshot *snapshot;
    size_t lines;
};

static void make_line(void *context, const char *path, const char *line)
{
    struct seen *seen = context;
    (void)line;
    make_group(&seen->fake, path);
}

static void check_line(void *context, const char *path, const char *line)
{
    struct seen *seen = context;
    struct str got = {0};
    int row = snapshot_find_path(seen->snapshot, path);
    assert_true(row >= 0);
    describe(seen->snapshot->rows[row].identity, path, &got);
    assert_string_equal(str_text(&got), line);
    str_free(&got);
    seen->lines++;
}

static void test_recorded(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct sampler sampler;
    struct eventq events;
    fake_init(&seen.fake);
    each_line(make_line, &seen);
    eventq_init(&events, EVENTQ_CAP);
    sampler_init(&sampler, &seen.fake.fs, "/", &events);
    engines_init(&sampler.engines, ENGINES, owner());
    struct snapshot *snapshot = sampler_tick(&sampler);
    seen.snapshot = snapshot;
    each_line(check_line, &seen);
    assert_true(seen.lines > 60);
    sampler_fini(&sampler);
    check_line(&seen, "/boxtop/web", "/boxtop/web|boxtop|container|web"); /* what is shared outlives it */
    snapshot_free(snapshot);
    eventq_fini(&events);
    fake_fini(&seen.fake);
}

/* The whole of what is said of a docker container, or "-". */
static void ask(const struct fake *fake, uid_t trusted, struct str *to)
{
    struct engines engines;
    struct identity *from = identity_of_path("/docker/" ID);
    engines_init(&engines, fake->fs.mount, trusted);
    struct identity *named = engines_name(&engines, from);
    str_clear(to);
    str_add(to, named ? named->label : "-");
    identity_unref(named);
    identity_unref(from);
    engines_fini(&engines);
}

#define RECORD "/var/lib/docker/containers/" ID

static void test_lies(void **state)
{
    (void)state;
    static const struct {
        const char *text, *label;
    } records[] = {
        {"{\"ID\":\"" ID "\",\"Name\":\"/web\"}", "web"},
        {"{\"ID\":\"" ID "\",\"Name\":\"/w\\u001b[31m\\u0007eb\"}", "w\\x1b[31m\\x07eb"},
        {"{\"ID\":\"" ID "\"}", "docker:aaaaaaaaaaaa"},
        {"{\"ID\":\"" ID "\",\"Name\":7,\"Config\":[]}", "docker:aaaaaaaaaaaa"},
        {"{\"ID\":\"other\",\"Name\":\"/web\"}", "-"},
        {"{\"Name\":\"/web\"}", "-"},
        {"{\"ID\":\"" ID "\",\"Name\":\"/we", "-"},
        {"[\"" ID "\"]", "-"},
        {"\xff\xfe", "-"},
        {"", "-"},
    };
    struct fake fake;
    struct str got = {0};
    fake_init(&fake);
    make_group(&fake, RECORD);
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        fake_write(&fake, RECORD, "config.v2.json", records[i].text);
        ask(&fake, geteuid(), &got);
        assert_string_equal(str_text(&got), records[i].label);
    }
    fake_write(&fake, RECORD, "config.v2.json", records[0].text);
    ask(&fake, geteuid() + 1, &got); /* somebody else's */
    assert_string_equal(str_text(&got), "-");
    fake_fini(&fake);
    str_free(&got);
}

/* What would make us wait, or read without end. */
static void test_no_files(void **state)
{
    (void)state;
    char path[PATH_MAX];
    struct fake fake;
    struct str got = {0};
    fake_init(&fake);
    make_group(&fake, RECORD);
    snprintf(path, sizeof path, "%s%s/config.v2.json", fake.fs.mount, RECORD);
    assert_int_equal(mkfifo(path, 0600), 0);
    ask(&fake, geteuid(), &got);
    assert_string_equal(str_text(&got), "-");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    ask(&fake, geteuid(), &got);
    assert_string_equal(str_text(&got), "-");
    rmdir(path);
    fake_write(&fake, RECORD, "config.v2.json", "{\"ID\":\"" ID "\",\"Name\":\"/web\"}");
    assert_int_equal(truncate(path, 1 << 30), 0);
    ask(&fake, geteuid(), &got);
    assert_string_equal(str_text(&got), "-");
    assert_int_equal(truncate(path, 10), 0);
    assert_int_equal(chmod(path, 0666), 0);
    fake_write(&fake, RECORD, "config.v2.json", "{\"ID\":\"" ID "\",\"Name\":\"/web\"}");
    ask(&fake, geteuid(), &got); /* anybody may write to it */
    assert_string_equal(str_text(&got), "-");
    fake_fini(&fake);
    str_free(&got);
}

/* A user's group is looked for in that user's home, and no link leads out of it. */
static void test_home(void **state)
{
    (void)state;
    static const char home[] = "/home/alice/.local/share/docker/containers/" ID;
    static const char group[] =
        "/user.slice/user-1500.slice/user@1500.service/user.slice/docker-" ID ".scope";
    struct fake fake;
    struct engines engines;
    char target[PATH_MAX], link[PATH_MAX];
    fake_init(&fake);
    make_group(&fake, "/etc");
    fake_write(&fake, "/etc", "passwd", "alice:x:1500:1500::/home/alice:/bin/sh\n");
    make_group(&fake, home);
    make_group(&fake, RECORD);
    fake_write(&fake, RECORD, "config.v2.json", "{\"ID\":\"" ID "\",\"Name\":\"/secret\"}");
    struct identity *from = identity_of_path(group);
    engines_init(&engines, fake.fs.mount, geteuid());
    assert_null(engines_name(&engines, from));
    snprintf(target, sizeof target, "%s%s/config.v2.json", fake.fs.mount, RECORD);
    snprintf(link, sizeof link, "%s%s/config.v2.json", fake.fs.mount, home);
    assert_int_equal(symlink(target, link), 0);
    assert_null(engines_name(&engines, from));
    unlink(link);
    fake_write(&fake, home, "config.v2.json", "{\"ID\":\"" ID "\",\"Name\":\"/mine\"}");
    struct identity *named = engines_name(&engines, from);
    assert_non_null(named);
    assert_string_equal(named->label, "mine");
    identity_unref(named);
    identity_unref(from);
    engines_fini(&engines);
    fake_fini(&fake);
}

/* Names that the kernel allows and nobody expects. */
static void test_hostile_paths(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",          "/",        "//",          "/.scope",          "/libpod-",
        "/docker/x", "/crio-zz", "/pod/podpod", "/machine-.scope2", "/\xff\x01",
    };
    char longest[6000] = "";
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_null(identity_of_path(none[i]));
    for (int i = 0; i < 500; i++)
        strcat(longest, "/a.service");
    struct identity *deep = identity_of_path(longest);
    assert_string_equal(deep->label, "a.service");
    identity_unref(deep);
    memset(longest, 'a', 300);
    strcpy(longest + 300, ".service");
    assert_null(identity_of_path(longest));
    struct identity *escaped = identity_of_path("/system.slice/a\\x1b\\x00\\x2\\xzz\x1b.service");
    assert_string_equal(escaped->label, "a\\x1b\\x00\\x2\\xzz\\x1b.service");
    identity_unref(escaped);
}

/* A container that is renamed, and one that its engine comes to know later. */
static void test_later(void **state)
{
    (void)state;
    struct fake fake;
    struct group group = {.path = (char *)(uintptr_t)("/docker/" ID)};
    struct engines engines;
    fake_init(&fake);
    engines_init(&engines, fake.fs.mount, geteuid());
    naming_appeared(&engines, &group);
    assert_string_equal(group.identity->label, "docker:aaaaaaaaaaaa");
    uint64_t due = group.name_ns;
    make_group(&fake, RECORD);
    fake_write(&fake, RECORD, "config.v2.json", "{\"ID\":\"" ID "\",\"Name\":\"/web\"}");
    naming_due(&engines, &group, due - 1);
    assert_string_equal(group.identity->label, "docker:aaaaaaaaaaaa");
    naming_due(&engines, &group, due);
    assert_string_equal(group.identity->label, "web");
    fake_write(&fake, RECORD, "config.v2.json", "{\"ID\":\"" ID "\",\"Name\":\"/shop\"}");
    naming_due(&engines, &group, group.name_ns);
    assert_string_equal(group.identity->label, "shop");
    identity_unref(group.identity);
    engines_fini(&engines);
    fake_fini(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded),      cmocka_unit_test(test_lies),
        cmocka_unit_test(test_no_files),      cmocka_unit_test(test_home),
        cmocka_unit_test(test_hostile_paths), cmocka_unit_test(test_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
