#include "deliver/lookup.h"

#include "base/list.h"
#include "base/memory.h"
#include "mail/address.h"
#include "mail/domain.h"

#include <stdlib.h>

/* Seconds: an answer is asked for again at the latest, and at the earliest, after. */
enum { LONGEST_TTL = 3600, SHORTEST_TTL = 5, PROBLEM_TTL = 30 };

enum { MX_PORT = 25 };

struct host_questions {
    struct dns_question v4, v6;
};

struct lookup {
    struct lookup_settings settings;
    const struct target *target;
    struct span domain; /* as people know it */
    struct arena arena;
    struct task at_once; /* when there is nothing to ask */
    struct dns_question mx;
    struct mail_hosts hosts;
    struct host_questions questions[MOST_HOSTS];
    size_t asked, waiting;
    uint32_t ttl;
    struct ways ways;
};

/* The operator's own server can't be gone for good: he will repair the route. */
static void finish(struct lookup *l, struct ways ways)
{
    if (l->target->kind != TARGET_MX && ways.problem.status.class == 5)
        ways.problem.status.class = 4;
    l->ways = ways;
    l->settings.done(l->settings.arg, l);
}

static void note_ttl(struct lookup *l, const struct dns_answer *a)
{
    if (a->result == DNS_FOUND && a->ttl < l->ttl)
        l->ttl = a->ttl;
}

static void have_addresses(struct lookup *l)
{
    struct host_answers answers[MOST_HOSTS];
    bool is_mx = l->target->kind == TARGET_MX;
    for (size_t i = 0; i < l->hosts.count; i++) {
        answers[i] = (struct host_answers){&l->questions[i].v4.answer, &l->questions[i].v6.answer};
        note_ttl(l, answers[i].v4);
        note_ttl(l, answers[i].v6);
    }
    finish(l, ways_find(l->domain, &l->hosts, answers, is_mx ? MX_PORT : l->target->server.port,
                        l->settings.own, &l->arena));
}

static void address_answered(struct task *t)
{
    struct lookup *l = LIST_ENTRY(t, struct dns_question, task)->owner;
    if (--l->waiting == 0)
        have_addresses(l);
}

static void ask(struct lookup *l, struct dns_question *q, enum dns_type type,
                void (*answered)(struct task *t), const char *name)
{
    q->task.run = answered;
    q->loop = l->settings.loop;
    q->type = type;
    q->owner = l;
    dns_ask(l->settings.dns, q, name);
}

static void ask_for_addresses(struct lookup *l)
{
    l->asked = l->hosts.count;
    l->waiting = 2 * l->asked;
    for (size_t i = 0; i < l->asked; i++) {
        struct span ascii = l->hosts.at[i].name;
        domain_to_ascii(l->hosts.at[i].name, &ascii, &l->arena);
        const char *name = arena_text(&l->arena, ascii);
        ask(l, &l->questions[i].v6, DNS_AAAA, address_answered, name);
        ask(l, &l->questions[i].v4, DNS_A, address_answered, name);
    }
}

static void mx_answered(struct task *t)
{
    struct lookup *l = LIST_ENTRY(t, struct dns_question, task)->owner;
    l->hosts = mail_hosts_find(l->domain, &l->mx.answer, l->settings.our_name, l->settings.chance,
                               &l->arena);
    note_ttl(l, &l->mx.answer);
    if (l->hosts.problem.status.class)
        finish(l, (struct ways){.problem = l->hosts.problem});
    else
        ask_for_addresses(l);
}

static void finish_at_once(struct task *t)
{
    struct lookup *l = LIST_ENTRY(t, struct lookup, at_once);
    l->settings.done(l->settings.arg, l);
}

static void answer_at_once(struct lookup *l, struct ways ways)
{
    l->ways = ways;
    l->at_once.run = finish_at_once;
    loop_post(l->settings.loop, &l->at_once);
}

static struct ways one_way(struct lookup *l, struct net_address address, struct span host)
{
    struct way *w = arena_new(&l->arena, sizeof *w);
    *w = (struct way){address, host, 0};
    return (struct ways){.at = w, .count = 1};
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321 4.1.3) */
static bool literal_address(struct net_address *a, struct span domain, uint16_t port)
{
    if (domain.len < 3 || domain.at[0] != '[')
        return false;
    struct span inside = span_first(span_skip(domain, 1), domain.len - 2);
    if (span_starts_nocase(inside, SPAN("IPv6:")))
        inside = span_skip(inside, 5);
    return net_address_parse(a, inside, port);
}

static void start_mx(struct lookup *l)
{
    struct span ascii;
    struct net_address address;
    l->domain = l->target->domain;
    if (literal_address(&address, l->domain, MX_PORT)) {
        answer_at_once(l, one_way(l, address, l->domain));
        return;
    }
    if (!domain_to_ascii(l->domain, &ascii, &l->arena)) {
        struct span words = arena_printf(
            &l->arena,
            "there can be no domain %.*s: its name is against the rules for domain names",
            SPAN_F(l->domain));
        answer_at_once(l, (struct ways){.problem = {0, STATUS(5, 1, 2), words}});
        return;
    }
    ask(l, &l->mx, DNS_MX, mx_answered, arena_text(&l->arena, ascii));
}

static void start_server(struct lookup *l)
{
    const struct target *t = l->target;
    struct net_address address;
    l->domain = t->server.host;
    if (t->socket.len ? net_address_unix(&address, t->socket)
                      : net_address_parse(&address, t->server.host, t->server.port)) {
        answer_at_once(l, one_way(l, address, t->socket.len ? SPAN("localhost") : t->server.host));
        return;
    }
    if (t->socket.len) {
        answer_at_once(l, (struct ways){.problem = REPLY(0, 4, 3, 5,
                                                         "the path of the LMTP socket is too long; "
                                                         "the operator must shorten it")});
        return;
    }
    l->hosts.count = 1;
    l->hosts.at[0] = (struct mail_host){.name = t->server.host};
    ask_for_addresses(l);
}

struct lookup *lookup_start(const struct lookup_settings *s, const struct target *t)
{
    struct lookup *l = memory_new(sizeof *l);
    l->settings = *s;
    l->target = t;
    l->ttl = LONGEST_TTL;
    if (t->kind == TARGET_MX)
        start_mx(l);
    else
        start_server(l);
    return l;
}

void lookup_free(struct lookup **l)
{
    if (!*l)
        return;
    arena_clear(&(*l)->mx.arena);
    for (size_t i = 0; i < (*l)->asked; i++) {
        arena_clear(&(*l)->questions[i].v4.arena);
        arena_clear(&(*l)->questions[i].v6.arena);
    }
    arena_clear(&(*l)->arena);
    free(*l);
    *l = NULL;
}

const struct ways *lookup_ways(const struct lookup *l)
{
    return &l->ways;
}

int64_t lookup_good_for(const struct lookup *l)
{
    int64_t ttl = l->ways.problem.status.class ? PROBLEM_TTL : l->ttl;
    return (ttl < SHORTEST_TTL ? SHORTEST_TTL : ttl) * 1000;
}
