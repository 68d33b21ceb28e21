/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records of images: what is read back is what was written, rubbish is refused; a store that is used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "image/digest.h"
#include "image/repo.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"
#define ONE "sha256:" HEX "1"
#define TWO "sha256:" HEX "2"

static void test_names(void **state)
{
    static const struct {
        const char *name;
        bool valid;
    } cases[] = {
        {"debian", true}, {"debian:12", true}, {"a", true},    {"0-_.x", true},
        {"", false},      {"host", false},     {".x", false},  {"-x", false},
        {"a/b", false},   {"../x", false},     {"a b", false}, {"a\n", false},
        {"oci:x", false}, {"\xc3\xa9", false}, {"a,b", false}, {"docker-archive:x", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (image_name_is_valid(cases[i].name) != cases[i].valid)
            fail_msg("'%s'", cases[i].name);
    assert_true(image_digest_is_valid(ONE));
    assert_false(image_digest_is_valid("sha256:" HEX));
    assert_false(image_digest_is_valid("sha256:" HEX "G"));
    assert_false(image_digest_is_valid("sha512:" HEX "1"));
    assert_false(image_digest_is_valid("sha256:../" HEX));
}

static void test_digest(void **state)
{
    char text[IMAGE_DIGEST_SIZE];
    (void)state;
    digest_of("abc", 3, text);
    assert_string_equal(text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static int parse(const char *text, struct image *ret, struct err *err)
{
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    int rc = image_from_json(json, ret, err);
    json_decref(json);
    return rc;
}

static void test_bad_records(void **state)
{
    static const struct {
        const char *json, *text;
    } cases[] = {
        {"{}", "\"name\" is missing or wrong"},
        {"{\"name\":\"../x\"}", "\"name\" is missing or wrong"},
        {"{\"name\":\"x\",\"digest\":\"md5:1\"}", "\"digest\" is missing or wrong"},
        {"{\"name\":\"x\",\"digest\":\"" ONE "\",\"size\":-1}", "\"size\" is missing or wrong"},
        {"{\"name\":\"x\",\"digest\":\"" ONE "\",\"layers\":[]}", "\"layers\" is missing or wrong"},
        {"{\"name\":\"x\",\"digest\":\"" ONE "\",\"layers\":[\"sha256:../../etc\"]}",
         "\"layers\" is missing or wrong"},
        {"{\"name\":\"x\",\"digest\":\"" ONE "\",\"layers\":[\"" ONE "\"],\"config\":{\"Cmd\":\"sh\"}}",
         "\"Cmd\" is missing or wrong"},
        {"{\"name\":\"x\",\"digest\":\"" ONE "\",\"layers\":[\"" ONE "\"],\"config\":{\"Env\":[\"=1\"]}}",
         "\"Env\" is missing or wrong"},
        {"{\"name\":\"x\",\"digest\":\"" ONE "\",\"layers\":[\"" ONE "\"],\"config\":{\"WorkingDir\":7}}",
         "\"WorkingDir\" is missing or wrong"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct image image;
        struct err err = {0};
        assert_int_equal(parse(cases[i].json, &image, &err), -EINVAL);
        assert_string_equal(err.text, cases[i].text);
    }
}

/* ---- a store ---- */

static int set_up(void **state)
{
    static char path[64];
    strcpy(path, "/tmp/boxtop-images.XXXXXX");
    if (!mkdtemp(path))
        return -1;
    *state = path;
    return setenv("BOXTOP_IMAGES", path, 1);
}

static int tear_down(void **state)
{
    return fs_remove_tree_at(AT_FDCWD, *state);
}

/* An image with an empty layer. */
static void add(const char *name, const char *layer)
{
    struct repo repo;
    struct err err;
    struct image image = {0};
    char text[512], temporary[REPO_TEMPORARY_SIZE];
    cleanup_close int fd = -1;
    snprintf(
        text, sizeof text,
        "{\"name\":\"%s\",\"digest\":\"%s\",\"layers\":[\"%s\"],\"config\":{\"Entrypoint\":[\"/e\",\"-x\"],"
        "\"Cmd\":[\"c\"],\"Env\":[\"A=1\",\"B=2\"],\"WorkingDir\":\"/w\",\"StopSignal\":\"SIGQUIT\"}}",
        name, layer, layer);
    assert_int_equal(parse(text, &image, &err), 0);
    assert_int_equal(repo_open(&repo, &err), 0);
    assert_int_equal(repo_temporary(&repo, temporary, &fd, &err), 0);
    if (!repo_has_layer(&repo, layer))
        assert_int_equal(repo_keep(&repo, temporary, layer, &err), 0);
    if (repo_save(&repo, &image, &err) < 0)
        fail_msg("%s", err.text);
    repo_close(&repo);
    image_free(&image);
}

static int remove_one(const char *name, struct err *err)
{
    struct repo repo;
    assert_int_equal(repo_open(&repo, err), 0);
    int rc = repo_remove(&repo, name, err);
    repo_close(&repo);
    return rc;
}

static bool has_layer(const char *digest)
{
    cleanup_free char *path = mem_printf("%s/layers/sha256/%s", getenv("BOXTOP_IMAGES"), digest + 7);
    return access(path, F_OK) == 0;
}

static void test_layers_go_with_their_last_image(void **state)
{
    struct err err = {0};
    (void)state;
    add("one", ONE);
    add("same", ONE);
    add("two", TWO);
    assert_int_equal(remove_one("one", &err), 0);
    assert_true(has_layer(ONE));
    assert_int_equal(remove_one("same", &err), 0);
    assert_false(has_layer(ONE));
    assert_true(has_layer(TWO));
    assert_int_equal(remove_one("same", &err), -ENOENT);
    assert_string_equal(err.text, "no image same");
}

/* What somebody else's mistake is must not make layers vanish. */
static void test_unreadable_record(void **state)
{
    struct err err = {0};
    add("one", ONE);
    cleanup_free char *path = mem_printf("%s/images/bad.json", (char *)*state);
    cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(fs_write_all(fd, "{", 1), 0);
    assert_int_equal(remove_one("one", &err), 0);
    assert_true(has_layer(ONE));
    struct image image;
    assert_int_equal(image_load("bad", &image, NULL, &err), -EINVAL);
}

static void test_used(void **state)
{
    struct spec spec;
    struct err err = {0};
    struct image image;
    (void)state;
    spec_init(&spec);
    add("one", ONE);
    assert_int_equal(image_use("one", &spec, &err), 0);
    assert_int_equal(remove_one("one", &err), -EBUSY);
    assert_string_equal(err.text, "image one: a container runs on it");
    add("one", ONE); /* again the same: still held */
    assert_int_equal(remove_one("one", &err), -EBUSY);
    add("one", TWO); /* another: the old one steps aside, and is held */
    assert_int_equal(image_load("0123456789ab", &image, NULL, &err), 0);
    assert_string_equal(image.digest, ONE);
    image_free(&image);
    assert_int_equal(remove_one("0123456789ab", &err), -EBUSY);
    assert_true(has_layer(ONE) && has_layer(TWO));
    fd_close(&spec.image_hold);
    spec.root = mem_dup("one");
    assert_int_equal(image_hold(&spec, &err), -ESTALE);
    assert_int_equal(remove_one("0123456789ab", &err), 0);
    assert_false(has_layer(ONE));
    spec_free(&spec);
}

/* From a record it is the same, and so is the line that says it: without the image's own words. */
static void check_again(const struct spec *spec)
{
    struct spec again;
    struct err err = {0};
    struct str line = {0};
    json_t *json = spec_to_json(spec);
    json_object_set_new(json, "name", json_string("x"));
    json_object_set_new(json, "root", json_string("one"));
    if (spec_from_json(json, &again, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(again.layers[0], spec->layers[0]);
    assert_int_equal(again.image_words, spec->image_words);
    assert_int_equal(again.image_hold, -1);
    spec_command_line(&again, &line);
    assert_non_null(strstr(line.text, spec->image_words == 2 ? " one mine" : " one"));
    assert_null(strstr(line.text, "/e"));
    spec_free(&again);
    /* What would be an option of the mount is no layer. */
    json_object_set_new(json, "layers", json_pack("[s]", "/a,upperdir=/etc"));
    assert_int_equal(spec_from_json(json, &again, &err), -EINVAL);
    json_object_set_new(json, "layers", json_null());
    json_object_set_new(json, "image_words", json_integer(99));
    assert_int_equal(spec_from_json(json, &again, &err), -EINVAL);
    json_decref(json);
    str_free(&line);
}

static void test_spec(void **state)
{
    struct err err = {0};
    static char *const given[] = {(char *)"mine", NULL};
    add("one", ONE);
    for (int own = 0; own < 2; own++) {
        struct spec spec;
        struct str line = {0};
        cleanup_free char *layer = mem_printf("%s/layers/sha256/%s", (char *)*state, &ONE[7]);
        spec_init(&spec);
        spec.command = own ? mem_dup_list(given) : NULL;
        assert_int_equal(spec_add_env(&spec.env, "B=mine", &err), 0);
        assert_int_equal(image_use("one", &spec, &err), 0);
        assert_string_equal(spec.layers[0], layer);
        assert_null(spec.layers[1]);
        str_add_shell_list(&line, spec.command);
        assert_string_equal(line.text, own ? "/e -x mine" : "/e -x c");
        assert_int_equal(spec.image_words, own ? 2 : 3);
        str_clear(&line);
        str_add_shell_list(&line, spec.env);
        assert_string_equal(line.text, "A=1 B=2 B=mine");
        assert_string_equal(spec.workdir, "/w");
        assert_int_equal(spec.stop_signal, 3);
        str_free(&line);
        check_again(&spec);
        spec_free(&spec);
    }
    struct spec spec;
    spec_init(&spec);
    assert_int_equal(image_use("none", &spec, &err), -ENOENT);
    assert_int_equal(image_use("../images/one", &spec, &err), -ENOENT);
    spec_free(&spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_bad_records),
        cmocka_unit_test_setup_teardown(test_layers_go_with_their_last_image, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unreadable_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_used, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spec, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
