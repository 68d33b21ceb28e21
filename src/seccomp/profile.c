/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seccomp/profile.h"

#include <ctype.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/mem.h"
#include "core/capability.h"

#define ARCHS_MAX  8
#define ARGS_MAX   6
#define NUMBERS    1024 /* more than any architecture's last call */
#define X32        0x40000000u
#define CODE_LIMIT BPF_MAXINSNS

struct reading {
    scmp_filter_ctx ctx;
    uint64_t capabilities;
    uint32_t by_default;
    uint32_t archs[ARCHS_MAX];
    size_t arch_count;
    unsigned flags;
};

static int wrong(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int wrong(struct err *err, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return err_set(err, EINVAL, "%s", text);
}

/* Nothing is silently ignored: `known` ends with NULL. */
static int check_keys(const json_t *object, const char *what, const char *const *known, struct err *err)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return wrong(err, "%s: not an object", what);
    json_object_foreach((json_t *)object, key, value)
    {
        const char *const *k = known;
        while (*k && strcmp(*k, key) != 0)
            k++;
        if (!*k)
            return err_set(err, ENOTSUP, "%s: \"%s\" is not supported", what, key);
    }
    return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* ---- words ---- */

static int read_action(const char *word, const json_t *errno_ret, uint32_t *ret, struct err *err)
{
    static const struct {
        const char *name;
        uint32_t action;
    } words[] = {
        {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
        {"SCMP_ACT_LOG", SCMP_ACT_LOG},
        {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
        {"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD},
        {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
        {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
    };
    json_int_t code = errno_ret ? json_integer_value(errno_ret) : EPERM;
    if (code < 0 || code > 4095)
        return wrong(err, "errnoRet %lld is no errno", (long long)code);
    if (strcmp(word, "SCMP_ACT_ERRNO") == 0) {
        *ret = SCMP_ACT_ERRNO((uint32_t)code);
        return 0;
    }
    if (strcmp(word, "SCMP_ACT_TRACE") == 0) {
        *ret = SCMP_ACT_TRACE((uint32_t)code);
        return 0;
    }
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i].name, word) == 0) {
            *ret = words[i].action;
            return 0;
        }
    return err_set(err, word[0] ? ENOTSUP : EINVAL, "the action '%s' is not supported", word);
}

static int read_op(const char *word, enum scmp_compare *ret, struct err *err)
{
    static const struct {
        const char *name;
        enum scmp_compare op;
    } words[] = {
        {"SCMP_CMP_NE", SCMP_CMP_NE},
        {"SCMP_CMP_LT", SCMP_CMP_LT},
        {"SCMP_CMP_LE", SCMP_CMP_LE},
        {"SCMP_CMP_EQ", SCMP_CMP_EQ},
        {"SCMP_CMP_GE", SCMP_CMP_GE},
        {"SCMP_CMP_GT", SCMP_CMP_GT},
        {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i].name, word) == 0) {
            *ret = words[i].op;
            return 0;
        }
    return wrong(err, "'%s' is no comparison", word);
}

/* "SCMP_ARCH_X86_64": its token; 0: none that libseccomp knows. */
static uint32_t arch_of(const char *word)
{
    char name[32];
    size_t i = 0;
    if (strncmp(word, "SCMP_ARCH_", strlen("SCMP_ARCH_")) != 0)
        return 0;
    for (word += strlen("SCMP_ARCH_"); word[i] && i < sizeof name - 1; i++)
        name[i] = (char)tolower((unsigned char)word[i]);
    name[i] = '\0';
    return seccomp_arch_resolve_name(name);
}

/* ---- architectures, flags ---- */

static int add_arch(struct reading *r, const char *word, struct err *err)
{
    uint32_t arch = arch_of(word);
    if (!arch)
        return err_set(err, ENOTSUP, "the architecture '%s' is not known here", word);
    int rc = seccomp_arch_add(r->ctx, arch);
    if (rc == -EEXIST)
        return 0;
    if (rc < 0 || r->arch_count == ARCHS_MAX)
        return err_set(err, rc < 0 ? -rc : E2BIG, "the architecture '%s' can't be added", word);
    r->archs[r->arch_count++] = arch;
    return 0;
}

static int add_archs(struct reading *r, const json_t *list, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < json_array_size(list) && rc == 0; i++) {
        const char *word = json_string_value(json_array_get(list, i));
        rc = add_arch(r, word ? word : "", err);
    }
    return rc;
}

/* docker's: this machine's entry, and those whose programs run here too. */
static int read_arch_map(struct reading *r, const json_t *map, struct err *err)
{
    static const char *const known[] = {"architecture", "subArchitectures", NULL};
    int rc = 0;
    for (size_t i = 0; i < json_array_size(map) && rc == 0; i++) {
        const json_t *entry = json_array_get(map, i);
        rc = check_keys(entry, "archMap", known, err);
        if (rc == 0 && arch_of(text_of(entry, "architecture")) == seccomp_arch_native())
            rc = add_archs(r, json_object_get(entry, "subArchitectures"), err);
    }
    return rc;
}

static int read_flags(struct reading *r, const json_t *list, struct err *err)
{
    static const struct {
        const char *name;
        unsigned flag;
    } words[] = {
        {"SECCOMP_FILTER_FLAG_TSYNC", 0}, /* a container begins with one thread */
        {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
        {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    };
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        size_t j = 0;
        while (j < COUNT_OF(words) && strcmp(words[j].name, word ? word : "") != 0)
            j++;
        if (j == COUNT_OF(words))
            return err_set(err, ENOTSUP, "the flag '%s' is not supported", word ? word : "");
        r->flags |= words[j].flag;
    }
    return 0;
}

/* ---- docker's conditions ---- */

static bool has_capability(const struct reading *r, const char *name)
{
    uint64_t mask;
    return capability_parse(name, &mask) == 0 && (r->capabilities & mask) == mask;
}

static bool is_here(const char *arch)
{
#if defined __x86_64__
    return strcmp(arch, "amd64") == 0;
#elif defined __aarch64__
    return strcmp(arch, "arm64") == 0;
#else
    return false;
#endif
}

static bool kernel_is(const char *at_least)
{
    struct utsname name;
    int major_is = 0, minor_is = 0, major_asked = 0, minor_asked = 0;
    uname(&name);
    sscanf(name.release, "%d.%d", &major_is, &minor_is);
    sscanf(at_least, "%d.%d", &major_asked, &minor_asked);
    return major_is > major_asked || (major_is == major_asked && minor_is >= minor_asked);
}

/* How many of a list are so. */
static size_t count_capabilities(const struct reading *r, const json_t *list)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        count += name && has_capability(r, name);
    }
    return count;
}

static bool names_this_machine(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *arch = json_string_value(json_array_get(list, i));
        if (arch && is_here(arch))
            return true;
    }
    return false;
}

static bool is_meant(const struct reading *r, const json_t *rule)
{
    const json_t *in = json_object_get(rule, "includes"), *out = json_object_get(rule, "excludes");
    const json_t *caps = json_object_get(in, "caps"), *archs = json_object_get(in, "arches");
    const char *kernel = text_of(in, "minKernel"), *not_from = text_of(out, "minKernel");
    if (names_this_machine(json_object_get(out, "arches")) ||
        count_capabilities(r, json_object_get(out, "caps")) > 0 || (not_from[0] && kernel_is(not_from)))
        return false;
    return (!json_array_size(archs) || names_this_machine(archs)) &&
           count_capabilities(r, caps) == json_array_size(caps) && (!kernel[0] || kernel_is(kernel));
}

static int check_conditions(const json_t *rule, struct err *err)
{
    static const char *const known[] = {"caps", "arches", "minKernel", NULL};
    static const char *const which[] = {"includes", "excludes"};
    for (size_t i = 0; i < COUNT_OF(which); i++) {
        const json_t *condition = json_object_get(rule, which[i]);
        if (condition && check_keys(condition, which[i], known, err) < 0)
            return -err->code;
    }
    return 0;
}

/* ---- rules ---- */

static int read_arg(const json_t *arg, struct scmp_arg_cmp *ret, struct err *err)
{
    static const char *const known[] = {"index", "value", "valueTwo", "op", NULL};
    const json_t *index = json_object_get(arg, "index");
    int rc = check_keys(arg, "args", known, err);
    enum scmp_compare op = SCMP_CMP_EQ;
    if (rc < 0)
        return rc;
    if (!json_is_integer(index) || json_integer_value(index) < 0 || json_integer_value(index) >= ARGS_MAX)
        return wrong(err, "args: \"index\" is not 0 to 5");
    if ((rc = read_op(text_of(arg, "op"), &op, err)) < 0)
        return rc;
    scmp_datum_t value = (scmp_datum_t)json_integer_value(json_object_get(arg, "value"));
    scmp_datum_t two = (scmp_datum_t)json_integer_value(json_object_get(arg, "valueTwo"));
    /* libseccomp has the mask first: arg & value == valueTwo. */
    *ret = (struct scmp_arg_cmp){(unsigned)json_integer_value(index), op, value, two};
    return 0;
}

static bool repeats(const struct scmp_arg_cmp *args, unsigned count)
{
    unsigned seen = 0;
    for (unsigned i = 0; i < count; i++) {
        if (seen & 1u << args[i].arg)
            return true;
        seen |= 1u << args[i].arg;
    }
    return false;
}

static int add_rule(struct reading *r, uint32_t action, const char *name, const struct scmp_arg_cmp *args,
                    unsigned count, struct err *err)
{
    int number = seccomp_syscall_resolve_name(name), rc = 0;
    if (number == __NR_SCMP_ERROR || action == r->by_default)
        return 0; /* younger than libseccomp (see emit_young()), or nothing new */
    if (!repeats(args, count))
        rc = seccomp_rule_add_array(r->ctx, action, number, count, args);
    else /* of conditions on one argument any may hold, as in docker and runc */
        for (unsigned i = 0; i < count && rc == 0; i++)
            rc = seccomp_rule_add_array(r->ctx, action, number, 1, &args[i]);
    return rc < 0 ? err_set(err, -rc, "the rule for %s: %s", name, strerror(-rc)) : 0;
}

static int read_rule(struct reading *r, const json_t *rule, struct err *err)
{
    static const char *const known[] = {"names",    "name",     "action",  "errnoRet", "args",
                                        "includes", "excludes", "comment", NULL};
    struct scmp_arg_cmp args[ARGS_MAX];
    uint32_t action;
    const json_t *names = json_object_get(rule, "names"), *list = json_object_get(rule, "args");
    const char *one = text_of(rule, "name");
    size_t count = json_array_size(list);
    int rc = check_keys(rule, "syscalls", known, err);
    if (rc == 0)
        rc = check_conditions(rule, err);
    if (rc == 0)
        rc = read_action(text_of(rule, "action"), json_object_get(rule, "errnoRet"), &action, err);
    if (rc == 0 && count > ARGS_MAX)
        rc = wrong(err, "args: there are more than %d", ARGS_MAX);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = read_arg(json_array_get(list, i), &args[i], err);
    if (rc < 0 || !is_meant(r, rule))
        return rc;
    if (!one[0] && !json_array_size(names))
        return wrong(err, "a rule names no system call");
    if (one[0])
        rc = add_rule(r, action, one, args, (unsigned)count, err);
    for (size_t i = 0; i < json_array_size(names) && rc == 0; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        rc = name ? add_rule(r, action, name, args, (unsigned)count, err)
                  : wrong(err, "\"names\" has something else than names");
    }
    return rc;
}

static int read_rules(struct reading *r, const json_t *profile, struct err *err)
{
    const json_t *rules = json_object_get(profile, "syscalls");
    int rc =
        rules && !json_is_array(rules) && !json_is_null(rules) ? wrong(err, "\"syscalls\" is not a list") : 0;
    for (size_t i = 0; i < json_array_size(rules) && rc == 0; i++)
        if ((rc = read_rule(r, json_array_get(rules, i), err)) < 0)
            err_prefix(err, "rule %zu", i + 1);
    return rc;
}

static int read_profile(struct reading *r, const json_t *profile, struct err *err)
{
    static const char *const known[] = {"defaultAction", "defaultErrnoRet", "archMap", "architectures",
                                        "flags",         "syscalls",        NULL};
    const json_t *map = json_object_get(profile, "archMap"),
                 *list = json_object_get(profile, "architectures");
    int rc = check_keys(profile, "the profile", known, err);
    if (rc == 0)
        rc = read_action(text_of(profile, "defaultAction"), json_object_get(profile, "defaultErrnoRet"),
                         &r->by_default, err);
    if (rc < 0)
        return rc;
    if (json_array_size(map) && json_array_size(list))
        return wrong(err, "it has both \"archMap\" and \"architectures\"");
    if (!(r->ctx = seccomp_init(r->by_default)))
        return err_set(err, EINVAL, "libseccomp does not take the default action");
    r->archs[r->arch_count++] = seccomp_arch_native();
    seccomp_attr_set(r->ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    seccomp_attr_set(r->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree; an older one makes a list */
    rc = read_arch_map(r, map, err);
    if (rc == 0)
        rc = add_archs(r, list, err);
    if (rc == 0)
        rc = read_flags(r, json_object_get(profile, "flags"), err);
    return rc < 0 ? rc : read_rules(r, profile, err);
}

/* ---- the program ---- */

struct program {
    struct sock_filter code[ARCHS_MAX * 5 + 8];
    size_t len;
};

static void emit(struct program *p, unsigned code, uint32_t k, unsigned yes, unsigned no)
{
    p->code[p->len++] = (struct sock_filter){(uint16_t)code, (uint8_t)yes, (uint8_t)no, k};
}

static uint32_t last_call(uint32_t arch)
{
    uint32_t last = 0;
    for (int i = 0; i < NUMBERS; i++) {
        char *name = seccomp_syscall_resolve_num_arch(arch, i);
        if (name)
            last = (uint32_t)i;
        free(name);
    }
    return last;
}

static bool has_x32(const struct reading *r)
{
    for (size_t i = 0; i < r->arch_count; i++)
        if (r->archs[i] == SCMP_ARCH_X32)
            return true;
    return false;
}

/* In front of libseccomp's own program, which is for the calls that libseccomp knows. x32 has x86-64's token
 * and bit 30 in its numbers. */
static void emit_young(const struct reading *r, struct program *p)
{
    bool lets = r->by_default == SCMP_ACT_ALLOW || r->by_default == SCMP_ACT_LOG ||
                (r->by_default & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE;
    if (lets)
        return;
    emit(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
    for (size_t i = 0; i < r->arch_count; i++) {
        bool x32 = r->archs[i] == SCMP_ARCH_X86_64 && has_x32(r);
        if (r->archs[i] == SCMP_ARCH_X32)
            continue;
        emit(p, BPF_JMP | BPF_JEQ | BPF_K, r->archs[i], 0, x32 ? 4 : 3);
        emit(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
        if (x32)
            emit(p, BPF_JMP | BPF_JGE | BPF_K, X32, 2, 0);
        emit(p, BPF_JMP | BPF_JGT | BPF_K, last_call(r->archs[i]), 0, 1);
        emit(p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
        /* The accumulator is a number now or, if it was another architecture, still the token. */
        if (i + 1 < r->arch_count)
            emit(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
    }
}

static int read_code(int fd, const struct program *first, struct filter *ret, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_errno(err, "read what libseccomp made");
    size_t count = (size_t)st.st_size / sizeof *ret->code;
    if (count == 0 || count + first->len > CODE_LIMIT)
        return err_set(err, E2BIG, "the filter would have %zu instructions; the kernel takes %d",
                       count + first->len, CODE_LIMIT);
    ret->count = first->len + count;
    ret->code = mem_array(ret->count, sizeof *ret->code);
    memcpy(ret->code, first->code, first->len * sizeof *ret->code);
    if (pread(fd, ret->code + first->len, count * sizeof *ret->code, 0) != (ssize_t)st.st_size)
        return err_set(err, EIO, "read what libseccomp made: it is cut off");
    return 0;
}

static int export(const struct reading *r, struct filter *ret, struct err *err)
{
    struct program first = {.len = 0};
    struct filter filter = {.flags = r->flags};
    cleanup_close int fd = memfd_create("filter", MFD_CLOEXEC);
    int rc = fd < 0 ? -errno : seccomp_export_bpf(r->ctx, fd);
    if (rc < 0)
        return err_set(err, -rc, "compile it: %s", strerror(-rc));
    emit_young(r, &first);
    rc = read_code(fd, &first, &filter, err);
    if (rc < 0)
        filter_free(&filter);
    else
        *ret = filter;
    return rc;
}

int profile_compile(const json_t *profile, uint64_t capabilities, struct filter *ret, struct err *err)
{
    struct reading r = {.capabilities = capabilities};
    int rc = read_profile(&r, profile, err);
    if (rc == 0)
        rc = export(&r, ret, err);
    if (r.ctx)
        seccomp_release(r.ctx);
    return rc;
}
