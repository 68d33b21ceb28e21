/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The network of a group that has a namespace of its own: by netlink from inside, or where we may not go in,
 * by what /proc says.
 */
#include <math.h>
#include <string.h>

#include "base/value.h"
#include "monitor/detail_parse.h"
#include "monitor/detail_read.h"

/* Who is in our network for so many looks hardly goes into one of its own: from then on it is looked at in
 * turns. */
#define SETTLED 8
#define TURNS   4

static const struct detail_link *link_before(const struct detail *before, const struct detail_link *link)
{
    for (size_t i = 0; before && i < before->link_count; i++)
        if (before->links[i].index == link->index && strcmp(before->links[i].name, link->name) == 0)
            return &before->links[i];
    return NULL;
}

static void rate(const struct detail_job *job, const struct detail_link_counters *before,
                 struct detail_link_counters *now)
{
    now->bytes_per_s = detail_rate(job, before->bytes, now->bytes);
    now->packets_per_s = detail_rate(job, before->packets, now->packets);
    now->errors_per_s = detail_rate(job, before->errors, now->errors);
    now->dropped_per_s = detail_rate(job, before->dropped, now->dropped);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return !value_is_number(a) ? b : !value_is_number(b) ? a : a + b;
}

static void add(struct detail_link_counters *total, const struct detail_link_counters *link)
{
    total->bytes = sum(total->bytes, link->bytes);
    total->packets = sum(total->packets, link->packets);
    total->errors = sum(total->errors, link->errors);
    total->dropped = sum(total->dropped, link->dropped);
}

static bool is_settled(const struct detail_job *job)
{
    return job->group->net_settled == SETTLED && job->before && job->before->parts & DETAIL_NET &&
           (job->reader->turn + (unsigned)job->group->row) % TURNS;
}

/* Which network it is in; a process in there, or 0. */
static pid_t find_net(struct detail_job *job)
{
    struct detail_reader *reader = job->reader;
    struct detail *detail = &job->draft->detail;
    struct group *group = job->group;
    if (is_settled(job)) {
        detail->net_inode = job->before->net_inode;
        return 0;
    }
    pid_t pid = detail_first_pid(reader, group);
    detail->net_inode = pid > 0 ? detail_namespace_of(reader, pid, "net") : 0;
    detail->net_own = detail->net_inode && detail->net_inode != reader->host[DETAIL_NS_NET];
    if (detail->net_own)
        group->net_settled = 0;
    else if (group->net_settled < SETTLED)
        group->net_settled++;
    return pid;
}

void detail_read_net(struct detail_job *job)
{
    struct detail_reader *reader = job->reader;
    struct detail *detail = &job->draft->detail;
    char text[16384];
    pid_t pid = find_net(job);
    if (!detail->net_own)
        return;
    if (!netns_read(&reader->netns, detail->net_inode, reader->proc_fd, pid, job->draft) &&
        job->draft->links.count == 0 && detail_read_proc(reader, pid, "net/dev", text, sizeof text) > 0)
        detail_parse_net_dev(job->draft, text);
    struct detail_link *links = job->draft->links.items;
    bool same = job->before && job->before->net_inode == detail->net_inode;
    for (size_t i = 0; i < job->draft->links.count; i++) {
        const struct detail_link *before = same ? link_before(job->before, &links[i]) : NULL;
        if (before) {
            rate(job, &before->rx, &links[i].rx);
            rate(job, &before->tx, &links[i].tx);
        }
        if (links[i].loopback)
            continue;
        add(&detail->net_rx, &links[i].rx);
        add(&detail->net_tx, &links[i].tx);
    }
    if (same) {
        rate(job, &job->before->net_rx, &detail->net_rx);
        rate(job, &job->before->net_tx, &detail->net_tx);
    }
}

void detail_read_ways(struct detail_job *job)
{
    if (job->draft->detail.net_own)
        netns_read_ways(&job->reader->netns, job->draft->detail.net_inode, job->draft);
}
