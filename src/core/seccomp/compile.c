/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * seccomp-compile PROFILE HEADER: runs when boxtop is built. Reads a profile (its syntax is at the top of
 * default.profile) and writes the BPF program as a C array: for each architecture a binary search over ranges
 * of call numbers with the same answer. libseccomp is asked for nothing but which number has which name.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "core/capability.h"

#define NUMBERS     1024 /* more than any architecture's last call */
#define NAME_SIZE   48
#define WORDS       256 /* in a statement */
#define CALLS       1024
#define CONDITIONS  16
#define VALUES      8
#define PROGRAM     2048
#define ANSWERS     32
#define MAX_OFFSET  255 /* a BPF jump's reach */
#define UNKNOWN     (SECCOMP_RET_ERRNO | ENOSYS)
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

enum test { TEST_NONE, TEST_HAS, TEST_IS, TEST_NOT };
static const char *const test_names[] = {[TEST_HAS] = "has", [TEST_IS] = "is", [TEST_NOT] = "not"};

/* What a call is answered: `ret`, unless there is a test, which then decides between `ret` and allowing. */
struct answer {
    uint64_t unless; /* capabilities: with one of them it is allowed */
    uint32_t ret;
    enum test test;
    unsigned arg;
    uint32_t values[VALUES];
    uint32_t value_count; /* no padding: answers are compared as bytes */
};

struct call {
    char name[NAME_SIZE];
    const char *arch; /* NULL: all */
    int number;       /* -1: libseccomp knows */
    struct answer answer;
};

struct profile {
    const char *path;
    int line;
    struct call calls[CALLS];
    size_t call_count;
};

static const struct arch {
    uint32_t token;
    const char *name;
    const struct arch *compat; /* the other one whose programs run under the same kernel */
} arch_i386 = {AUDIT_ARCH_I386, "i386", NULL},
  archs[] = {
      /* x32 has x86-64's token and bit 30 in its numbers: beyond all that is known. */
      {AUDIT_ARCH_X86_64, "x86_64", &arch_i386},
      {AUDIT_ARCH_AARCH64, "aarch64", NULL},
};

static void die(const struct profile *profile, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
static void die(const struct profile *profile, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", profile->path, profile->line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

/* ---- reading ---- */

static uint32_t read_number(const struct profile *profile, const char *word)
{
    char *end;
    unsigned long long value = strtoull(word, &end, 0);
    if (end == word || *end || value > UINT32_MAX)
        die(profile, "not a number: %s", word);
    return (uint32_t)value;
}

static uint32_t read_errno(const struct profile *profile, const char *word)
{
    static const struct {
        const char *name;
        int code;
    } codes[] = {{"EPERM", EPERM}, {"ENOSYS", ENOSYS}};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (strcmp(word, codes[i].name) == 0)
            return SECCOMP_RET_ERRNO | (uint32_t)codes[i].code;
    die(profile, "not an errno known here: %s", word);
}

/* SYS_ADMIN|BPF */
static uint64_t read_capabilities(const struct profile *profile, char *word)
{
    uint64_t mask = 0;
    char *save = NULL;
    for (char *part = strtok_r(word, "|", &save); part; part = strtok_r(NULL, "|", &save)) {
        uint64_t one;
        if (capability_parse(part, &one) < 0)
            die(profile, "not a capability known here: %s", part);
        mask |= one;
    }
    return mask;
}

static const char *read_arch(const struct profile *profile, const char *word)
{
    for (size_t i = 0; i < COUNT_OF(archs); i++)
        if (strcmp(word, archs[i].name) == 0)
            return archs[i].name;
    die(profile, "not an architecture known here: %s", word);
}

/* [ARCH:]NAME[=NUMBER] */
static void add_call(struct profile *profile, char *word, const struct answer *answer)
{
    if (profile->call_count == CALLS)
        die(profile, "too many calls");
    struct call *call = &profile->calls[profile->call_count++];
    char *colon = strchr(word, ':'), *equal = strchr(word, '=');
    *call = (struct call){.number = -1, .answer = *answer};
    if (equal) {
        *equal = '\0';
        call->number = (int)read_number(profile, equal + 1);
        if (call->number >= NUMBERS)
            die(profile, "%s: no call has the number %d", word, call->number);
    }
    if (colon) {
        *colon = '\0';
        call->arch = read_arch(profile, word);
        word = colon + 1;
    }
    if (strlen(word) >= NAME_SIZE)
        die(profile, "a long name: %s", word);
    strcpy(call->name, word);
    for (size_t i = 0; i + 1 < profile->call_count; i++)
        if (strcmp(profile->calls[i].name, call->name) == 0)
            die(profile, "named twice: %s", call->name);
    if (call->number < 0 && seccomp_syscall_resolve_name(call->name) == __NR_SCMP_ERROR)
        die(profile, "libseccomp knows no call named %s: misspelt, or say its number", call->name);
}

/* [unless CAPABILITIES] TITLE...: NAME... */
static void read_group(struct profile *profile, char **words, size_t count, uint32_t ret)
{
    struct answer answer = {.ret = ret};
    size_t i = 0;
    if (count > 2 && strcmp(words[0], "unless") == 0) {
        answer.unless = read_capabilities(profile, words[1]);
        i = 2;
    }
    while (i < count && !strchr(words[i], ':'))
        i++;
    if (i == count || words[i][strlen(words[i]) - 1] != ':')
        die(profile, "a group needs a title that ends with a colon");
    while (++i < count)
        add_call(profile, words[i], &answer);
}

/* NAME argN TEST NUMBER... errno ERRNO [unless CAPABILITIES] */
static void read_condition(struct profile *profile, char **words, size_t count)
{
    struct answer answer = {0};
    if (count > 2 && strcmp(words[count - 2], "unless") == 0) {
        answer.unless = read_capabilities(profile, words[count - 1]);
        count -= 2;
    }
    if (count < 6 || strcmp(words[count - 2], "errno") != 0 || sscanf(words[1], "arg%1u", &answer.arg) != 1 ||
        answer.arg > 5)
        die(profile, "expected: when NAME argN has|is|not NUMBER... errno ERRNO");
    for (size_t i = 1; i < COUNT_OF(test_names); i++)
        if (strcmp(words[2], test_names[i]) == 0)
            answer.test = (enum test)i;
    if (!answer.test)
        die(profile, "not a test: %s", words[2]);
    answer.ret = read_errno(profile, words[count - 1]);
    for (size_t i = 3; i < count - 2; i++) {
        if (answer.value_count == VALUES)
            die(profile, "too many numbers");
        answer.values[answer.value_count++] = read_number(profile, words[i]);
    }
    add_call(profile, words[0], &answer);
}

static void read_statement(struct profile *profile, char *text)
{
    char *words[WORDS], *save = NULL;
    size_t count = 0;
    for (char *word = strtok_r(text, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save)) {
        if (count == WORDS)
            die(profile, "a long statement");
        words[count++] = word;
    }
    if (count == 0)
        return;
    if (strcmp(words[0], "allow") == 0)
        read_group(profile, words + 1, count - 1, SECCOMP_RET_ALLOW);
    else if (strcmp(words[0], "errno") == 0 && count > 1)
        read_group(profile, words + 2, count - 2, read_errno(profile, words[1]));
    else if (strcmp(words[0], "when") == 0)
        read_condition(profile, words + 1, count - 1);
    else
        die(profile, "not a statement: %s", words[0]);
}

static void read_profile(struct profile *profile)
{
    FILE *file = fopen(profile->path, "re");
    char line[512], statement[16384] = "";
    if (!file)
        die(profile, "%s", strerror(errno));
    for (; fgets(line, sizeof line, file); profile->line++) {
        if (line[0] == '#')
            continue;
        if (line[0] != ' ') {
            read_statement(profile, statement);
            statement[0] = '\0';
        }
        if (strlen(statement) + strlen(line) >= sizeof statement)
            die(profile, "a long statement");
        strcat(statement, line);
    }
    read_statement(profile, statement);
    fclose(file);
}

/* ---- names to numbers ---- */

static void place(struct profile *profile, const struct arch *arch, struct call *call, int number,
                  struct answer *table, bool *named)
{
    if (call->number >= 0 && call->number != number)
        die(profile, "%s is %d on %s, not %d", call->name, number, arch->name, call->number);
    table[number] = call->answer;
    named[number] = true;
}

/* Fills the answers of one architecture. By asking for each number's name, not for each name's number: for
 * calls that went through socketcall or ipc once, libseccomp answers the latter with a number of its own
 * making. */
static void resolve(struct profile *profile, const struct arch *arch, struct answer *table)
{
    bool named[NUMBERS] = {false};
    for (int i = 0; i < NUMBERS; i++) {
        char *name = seccomp_syscall_resolve_num_arch(arch->token, i);
        table[i] = (struct answer){.ret = UNKNOWN};
        for (size_t j = 0; name && j < profile->call_count; j++)
            if (strcmp(profile->calls[j].name, name) == 0)
                place(profile, arch, &profile->calls[j], i, table, named);
        if (name && !named[i])
            printf("seccomp-compile: %s has no line for %s (%d on %s): it will answer ENOSYS\n",
                   profile->path, name, i, arch->name);
        free(name);
    }
    for (size_t i = 0; i < profile->call_count; i++) {
        struct call *call = &profile->calls[i];
        if (call->number < 0 || (call->arch && strcmp(call->arch, arch->name) != 0))
            continue;
        if (named[call->number] && memcmp(&table[call->number], &call->answer, sizeof call->answer) != 0)
            die(profile, "%s: %d has another name on %s", call->name, call->number, arch->name);
        place(profile, arch, call, call->number, table, named);
    }
}

/* ---- the program ---- */

/* Where a jump goes before all is in place: an instruction's index, or ~index of an answer. */
typedef int target;

struct program {
    struct sock_filter code[PROGRAM];
    target yes[PROGRAM], no[PROGRAM];
    size_t len;
    struct answer answers[ANSWERS];
    size_t answer_count, answer_at[ANSWERS];
    struct unlock {
        size_t at; /* an instruction that refuses */
        uint64_t capabilities;
    } unlocks[2 * ANSWERS];
    size_t unlock_count;
    const struct profile *profile;
};

struct range {
    uint32_t first;
    target answer;
};

static size_t emit(struct program *program, unsigned code, uint32_t k)
{
    if (program->len == PROGRAM)
        die(program->profile, "too long a program");
    program->code[program->len] = (struct sock_filter){.code = (uint16_t)code, .k = k};
    return program->len++;
}

static void emit_jump(struct program *program, unsigned code, uint32_t k, target yes, target no)
{
    size_t at = emit(program, BPF_JMP | BPF_K | code, k);
    program->yes[at] = yes;
    program->no[at] = no;
}

static target answer_target(struct program *program, const struct answer *answer)
{
    for (size_t i = 0; i < program->answer_count; i++)
        if (memcmp(&program->answers[i], answer, sizeof *answer) == 0)
            return ~(target)i;
    if (program->answer_count == ANSWERS)
        die(program->profile, "too many different answers");
    program->answers[program->answer_count++] = *answer;
    return ~(target)(program->answer_count - 1);
}

static target plain_target(struct program *program, uint32_t ret, uint64_t unless)
{
    return answer_target(program, &(struct answer){.ret = ret, .unless = unless});
}

/* Merges neighbours with one answer. The last range has no end. */
static size_t make_ranges(struct program *program, const struct answer *table, struct range *ranges)
{
    size_t count = 0;
    for (uint32_t i = 0; i < NUMBERS; i++) {
        target answer = answer_target(program, &table[i]);
        if (count == 0 || ranges[count - 1].answer != answer)
            ranges[count++] = (struct range){i, answer};
    }
    return count;
}

static target emit_search(struct program *program, const struct range *ranges, size_t count)
{
    if (count == 1)
        return ranges->answer;
    size_t half = count / 2, at = emit(program, BPF_JMP | BPF_K | BPF_JGE, ranges[half].first);
    program->no[at] = emit_search(program, ranges, half);
    program->yes[at] = emit_search(program, ranges + half, count - half);
    return (target)at;
}

/* The low half of an argument: int and unsigned int are what the kernel itself takes of all those tested
 * here. */
static uint32_t arg_offset(unsigned arg)
{
    bool big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    return (uint32_t)(offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t) + (big_endian ? 4 : 0));
}

static void emit_test(struct program *program, const struct answer *answer)
{
    target allowed = plain_target(program, SECCOMP_RET_ALLOW, 0),
           refused = plain_target(program, answer->ret, answer->unless);
    target met = answer->test == TEST_NOT ? allowed : refused, unmet = met == allowed ? refused : allowed;
    emit(program, BPF_LD | BPF_W | BPF_ABS, arg_offset(answer->arg));
    for (uint32_t i = 0; i < answer->value_count; i++)
        emit_jump(program, answer->test == TEST_HAS ? BPF_JSET : BPF_JEQ, answer->values[i], met,
                  i + 1 < answer->value_count ? (target)program->len + 1 : unmet);
}

static void emit_answers(struct program *program)
{
    for (size_t i = 0; i < program->answer_count; i++)
        if (program->answers[i].test) {
            program->answer_at[i] = program->len;
            emit_test(program, &program->answers[i]);
        }
    for (size_t i = 0; i < program->answer_count; i++)
        if (!program->answers[i].test) {
            const struct answer *answer = &program->answers[i];
            program->answer_at[i] = emit(program, BPF_RET | BPF_K, answer->ret);
            if (answer->unless)
                program->unlocks[program->unlock_count++] =
                    (struct unlock){program->answer_at[i], answer->unless};
        }
}

static uint8_t offset_to(const struct program *program, size_t from, target to)
{
    size_t at = to < 0 ? program->answer_at[~to] : (size_t)to;
    if (at <= from || at - from - 1 > MAX_OFFSET)
        die(program->profile, "too far a jump");
    return (uint8_t)(at - from - 1);
}

/* Appends what one architecture's calls are answered. Its jumps stay within. */
static void emit_arch(struct program *program, const struct answer *table)
{
    struct range ranges[NUMBERS];
    size_t begin = program->len;
    program->answer_count = 0;
    size_t count = make_ranges(program, table, ranges);
    emit(program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    emit_search(program, ranges, count);
    emit_answers(program);
    for (size_t i = begin; i < program->len; i++)
        if (BPF_CLASS(program->code[i].code) == BPF_JMP) {
            program->code[i].jt = offset_to(program, i, program->yes[i]);
            program->code[i].jf = offset_to(program, i, program->no[i]);
        }
}

/* The whole: to each architecture its part, to others nothing but ENOSYS. */
static void emit_all(struct program *program, struct profile *profile, const struct arch *native)
{
    struct answer table[NUMBERS];
    size_t jumps[2], count = 0;
    emit(program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    for (const struct arch *arch = native; arch; arch = arch->compat) {
        program->code[emit(program, BPF_JMP | BPF_K | BPF_JEQ, arch->token)].jf = 1;
        jumps[count++] = emit(program, BPF_JMP | BPF_JA, 0);
    }
    emit(program, BPF_RET | BPF_K, UNKNOWN);
    count = 0;
    for (const struct arch *arch = native; arch; arch = arch->compat, count++) {
        program->code[jumps[count]].k = (uint32_t)(program->len - jumps[count] - 1);
        resolve(profile, arch, table);
        emit_arch(program, table);
    }
}

static void write_header(const struct program *program, const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file)
        die(program->profile, "%s: %s", path, strerror(errno));
    fputs("/* Made by seccomp-compile when boxtop was built. */\n"
          "static const struct sock_filter seccomp_filter[] = {\n",
          file);
    for (size_t i = 0; i < program->len; i++) {
        const struct sock_filter *c = &program->code[i];
        fprintf(file, "    {0x%02x, %u, %u, 0x%08x},\n", c->code, c->jt, c->jf, c->k);
    }
    fputs("};\n/* Refusals that do not hold for who has one of these capabilities. */\n"
          "static const struct {\n    unsigned at;\n    uint64_t capabilities;\n} seccomp_unlocks[] = {\n",
          file);
    for (size_t i = 0; i < program->unlock_count; i++)
        fprintf(file, "    {%zu, 0x%016llx},\n", program->unlocks[i].at,
                (unsigned long long)program->unlocks[i].capabilities);
    fputs("};\n", file);
    if (fclose(file) != 0)
        die(program->profile, "%s: %s", path, strerror(errno));
}

static const struct arch *find_native(const struct profile *profile)
{
    for (size_t i = 0; i < COUNT_OF(archs); i++)
        if (archs[i].token == seccomp_arch_native())
            return &archs[i];
    die(profile, "no table of this machine's architecture (token %08x): add it to archs[]",
        seccomp_arch_native());
}

int main(int argc, char **argv)
{
    static struct profile profile;
    static struct program program;
    if (argc != 3) {
        fputs("usage: seccomp-compile PROFILE HEADER\n", stderr);
        return 2;
    }
    profile.path = argv[1];
    profile.line = 1;
    read_profile(&profile);
    program.profile = &profile;
    emit_all(&program, &profile, find_native(&profile));
    write_header(&program, argv[2]);
    return 0;
}
