/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/netlink.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/mem.h"

#define ANSWER_SIZE 32768 /* the kernel fills a dump's parts up to this */

int netlink_open(struct netlink *ret, struct err *err)
{
    *ret = (struct netlink){.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), .seq = 1};
    return ret->fd < 0 ? err_errno(err, "open a netlink socket") : 0;
}

void netlink_close(struct netlink *nl)
{
    str_free(&nl->batch);
    fd_close(&nl->fd);
}

struct nl_msg *netlink_message(int type, int flags, const void *body, size_t size)
{
    struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);
    if (!msg || nlmsg_append(msg, (void *)(uintptr_t)body, size, NLMSG_ALIGNTO) < 0)
        mem_alloc(SIZE_MAX); /* says that there is no memory, and ends */
    return msg;
}

void netlink_add(struct netlink *nl, struct nl_msg *msg, bool optional)
{
    static const char zeros[NLMSG_ALIGNTO];
    struct nlmsghdr *header = nlmsg_hdr(msg);
    header->nlmsg_seq = nl->seq + nl->count;
    if (optional)
        nl->optional |= 1ull << nl->count;
    str_add_bytes(&nl->batch, (const char *)header, header->nlmsg_len);
    str_add_bytes(&nl->batch, zeros, NLMSG_ALIGN(header->nlmsg_len) - header->nlmsg_len);
    nl->count++;
    nlmsg_free(msg);
}

static void ask_for_last(struct netlink *nl)
{
    char *at = nl->batch.text;
    struct nlmsghdr *header = (struct nlmsghdr *)(void *)at;
    for (unsigned i = 1; i < nl->count; i++) {
        at += NLMSG_ALIGN(header->nlmsg_len);
        header = (struct nlmsghdr *)(void *)at;
    }
    header->nlmsg_flags |= NLM_F_ACK;
}

static ssize_t receive(const struct netlink *nl, void *to, size_t size)
{
    ssize_t got;
    while ((got = recv(nl->fd, to, size, 0)) < 0 && errno == EINTR)
        ;
    return got < 0 ? -errno : got;
}

static int wait_for_last(struct netlink *nl, unsigned *ret_which)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[1024];
    } answer;
    int failed = 0;
    for (;;) {
        ssize_t got = receive(nl, &answer, sizeof answer);
        if (got < 0)
            return (int)got;
        if ((size_t)got < sizeof answer.header + sizeof answer.error ||
            answer.header.nlmsg_type != NLMSG_ERROR)
            continue;
        uint32_t which = answer.header.nlmsg_seq - nl->seq;
        if (answer.error.error && !failed && which < nl->count && !(nl->optional & 1ull << which)) {
            failed = answer.error.error;
            if (ret_which)
                *ret_which = which;
        }
        if (which + 1 == nl->count)
            return failed;
    }
}

int netlink_send(struct netlink *nl, unsigned *ret_which)
{
    int rc = 0;
    if (nl->count == 0)
        return 0;
    ask_for_last(nl);
    if (send(nl->fd, nl->batch.text, nl->batch.len, 0) < 0)
        rc = -errno;
    if (rc == 0)
        rc = wait_for_last(nl, ret_which);
    nl->seq += nl->count;
    nl->count = 0;
    nl->optional = 0;
    str_clear(&nl->batch);
    return rc;
}

/* False: enough. *ret_rc: 1 to go on, else how it ended. */
static int take_part(struct netlink *nl, const char *part, size_t size,
                     bool (*take)(const struct nlmsghdr *, void *), void *user)
{
    int left = (int)size;
    for (const struct nlmsghdr *h = (const void *)part; NLMSG_OK(h, (unsigned)left);
         h = NLMSG_NEXT(h, left)) {
        if (h->nlmsg_seq != nl->seq)
            continue;
        if (h->nlmsg_type == NLMSG_ERROR)
            return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
        if (h->nlmsg_type == NLMSG_DONE || !take(h, user) || !(h->nlmsg_flags & NLM_F_MULTI))
            return 0;
    }
    return 1;
}

int netlink_ask(struct netlink *nl, struct nl_msg *msg, bool (*take)(const struct nlmsghdr *, void *),
                void *user)
{
    cleanup_free char *part = mem_alloc(ANSWER_SIZE);
    struct nlmsghdr *header = nlmsg_hdr(msg);
    int rc = 1;
    header->nlmsg_seq = ++nl->seq;
    if (send(nl->fd, header, header->nlmsg_len, 0) < 0)
        rc = -errno;
    nlmsg_free(msg);
    while (rc == 1) {
        ssize_t got = receive(nl, part, ANSWER_SIZE);
        rc = got < 0 ? (int)got : take_part(nl, part, (size_t)got, take, user);
    }
    nl->seq++;
    return rc;
}

static bool take_index(const struct nlmsghdr *answer, void *user)
{
    *(unsigned *)user = (unsigned)((const struct ifinfomsg *)NLMSG_DATA(answer))->ifi_index;
    return true;
}

/* Not by SIOCGIFINDEX: of a name that is not there the kernel makes a modprobe(8), and waits for it. */
unsigned netlink_index(struct netlink *nl, const char *name)
{
    unsigned index = 0;
    struct ifinfomsg body = {0};
    struct nl_msg *msg = netlink_message(RTM_GETLINK, 0, &body, sizeof body);
    nla_put_string(msg, IFLA_IFNAME, name);
    nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    return netlink_ask(nl, msg, take_index, &index) < 0 ? 0 : index;
}

int netlink_failed(int rc, struct err *err, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    err_set(err, -rc, "%s: %s", what, strerror(-rc));
    if (rc == -EPERM)
        err_hint(err, "a private network needs root, or CAP_NET_ADMIN: --network none or host do without");
    return rc;
}
