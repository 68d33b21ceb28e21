/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boxtop-iter GROUPS: loads the BPF program that walks the cgroups below the directory on standard input,
 * with room for so many. Standard output, a socket, gets two descriptors: the link, whose iterators walk, and
 * the memory that they write to (monitor/cgiter.c). Then it ends, and with it what it took to load: nobody
 * else links libbpf, or has the kernel's types in memory.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The program, compiled when boxtop was. */
__asm__(".section .rodata\n"
        ".balign 8\n"
        "object_begin: .incbin \"" BOXTOP_ITER_OBJECT "\"\n"
        "object_end: .byte 0\n"
        ".previous\n");
extern const char object_begin[], object_end[];

static int stay_silent(enum libbpf_print_level level, const char *format, va_list words)
{
    return getenv("BOXTOP_ITER_DEBUG") ? vfprintf(stderr, format, words) : (int)level * 0;
}

static struct bpf_object *load(unsigned groups, const char *program)
{
    struct bpf_object *object = bpf_object__open_mem(object_begin, (size_t)(object_end - object_begin), NULL);
    struct bpf_program *each;
    if (!object)
        return NULL;
    bpf_object__for_each_program(each, object)
        bpf_program__set_autoload(each, strcmp(bpf_program__name(each), program) == 0);
    bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "records"), groups);
    if (bpf_object__load(object) == 0)
        return object;
    bpf_object__close(object);
    return NULL;
}

static struct bpf_link *attach(struct bpf_object *object, const char *program)
{
    int directory = dup(STDIN_FILENO); /* the kernel takes a descriptor of 0 for none, and walks everything */
    union bpf_iter_link_info info = {.cgroup = {BPF_CGROUP_ITER_DESCENDANTS_PRE, (__u32)directory, 0}};
    DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info, .link_info_len = sizeof info);
    struct bpf_link *link =
        bpf_program__attach_iter(bpf_object__find_program_by_name(object, program), &opts);
    close(directory);
    return link;
}

static int send_both(int link_fd, int map_fd)
{
    int fds[2] = {link_fd, map_fd};
    char byte = 0;
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof fds)];
    } control = {.head = {CMSG_LEN(sizeof fds), SOL_SOCKET, SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.head), fds, sizeof fds);
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    return sendmsg(STDOUT_FILENO, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* True: somebody has both now. */
static bool hand_over(unsigned groups, const char *program)
{
    struct bpf_object *object = load(groups, program);
    struct bpf_link *link = object ? attach(object, program) : NULL;
    bool sent = link && send_both(bpf_link__fd(link),
                                  bpf_map__fd(bpf_object__find_map_by_name(object, "records"))) == 0;
    bpf_link__destroy(link);
    bpf_object__close(object);
    return sent;
}

int main(int argc, char **argv)
{
    unsigned groups = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    if (!groups || isatty(STDOUT_FILENO))
        return 2;
    libbpf_set_print(stay_silent);
    /* Which of them a kernel takes depends on what it calls the summing up. */
    return !hand_over(groups, "by_cgroup") && !hand_over(groups, "by_css");
}
