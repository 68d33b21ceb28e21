/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor/rtdump.h"

#include <errno.h>
#include <linux/net_namespace.h>
#include <string.h>
#include <sys/socket.h>

/* 1: there is more to come, 0: that was all, -1: it failed, or things changed meanwhile. */
static int take(struct nlmsghdr *message, size_t left, const struct nlmsghdr *asked, rt_message *each,
                void *context)
{
    bool list = (asked->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
    for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
        if (message->nlmsg_seq != asked->nlmsg_seq || message->nlmsg_type == NLMSG_ERROR ||
            message->nlmsg_flags & NLM_F_DUMP_INTR)
            return -1;
        if (message->nlmsg_type == NLMSG_DONE)
            return 0;
        each(message, context);
        if (!list)
            return 0;
    }
    return 1;
}

static bool ask(int fd, struct nlmsghdr *question, rt_message *each, void *context)
{
    static _Thread_local unsigned serial;
    _Alignas(struct nlmsghdr) char buffer[32768];
    int rc = 1;
    question->nlmsg_seq = ++serial;
    if (send(fd, question, question->nlmsg_len, 0) < 0)
        return false;
    while (rc > 0) {
        ssize_t len = recv(fd, buffer, sizeof buffer, 0);
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0)
            return false;
        rc = take((struct nlmsghdr *)buffer, (size_t)len, question, each, context);
    }
    return rc == 0;
}

/* Its body is that of a link, which is the longest of them. */
struct question {
    struct nlmsghdr head;
    struct ifinfomsg body;
};

bool rt_dump(int fd, uint16_t type, rt_message *each, void *context)
{
    struct question question = {
        .head = {.nlmsg_len = sizeof question, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .body.ifi_family = AF_UNSPEC};
    return ask(fd, &question.head, each, context);
}

bool rt_link(int fd, int index, rt_message *each, void *context)
{
    struct question question = {
        .head = {.nlmsg_len = sizeof question, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST},
        .body = {.ifi_family = AF_UNSPEC, .ifi_index = index}};
    return ask(fd, &question.head, each, context);
}

static void on_namespace(struct nlmsghdr *message, void *context)
{
    const struct rtgenmsg *general = NLMSG_DATA(message);
    int left = (int)message->nlmsg_len - (int)NLMSG_SPACE(sizeof *general);
    if (message->nlmsg_type != RTM_NEWNSID || left < 0)
        return;
    for (struct rtattr *attribute = (struct rtattr *)((char *)message + NLMSG_SPACE(sizeof *general));
         RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
        if (attribute->rta_type == NETNSA_NSID && RTA_PAYLOAD(attribute) == sizeof(int))
            memcpy(context, RTA_DATA(attribute), sizeof(int));
}

int rt_namespace_id(int fd, int ns_fd)
{
    struct {
        struct nlmsghdr head;
        struct rtgenmsg general;
        _Alignas(NLMSG_ALIGNTO) struct rtattr attribute;
        int value;
    } question = {
        .head = {.nlmsg_len = sizeof question, .nlmsg_type = RTM_GETNSID, .nlmsg_flags = NLM_F_REQUEST},
        .general.rtgen_family = AF_UNSPEC,
        .attribute = {RTA_LENGTH(sizeof(int)), NETNSA_FD},
        .value = ns_fd};
    int id = -1;
    return ask(fd, &question.head, on_namespace, &id) ? id : -1;
}
