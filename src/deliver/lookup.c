#include "deliver/lookup_inside.h"

#include "base/list.h"
#include "base/memory.h"
#include "mail/address.h"
#include "mail/domain.h"

#include <assert.h>
#include <stdlib.h>

/* Seconds: ways are looked for again at the latest, and at the earliest, after. */
enum { LONGEST_TTL = 3600, SHORTEST_TTL = 5 };

static void finish(struct lookup *l, struct ways ways)
{
    l->ways = ways;
    lookup_part_done(l);
}

/* What others demand is no question where our operator does not care. */
static bool asks_for_policies(const struct lookup *l)
{
    const struct target *t = l->target;
    return t->tls != TARGET_TLS_OFF && (t->tls != TARGET_TLS_UNCHECKED || t->requires_tls);
}

/* Records about certificates say something of hosts only that are surely the right ones. */
static bool asks_for_tlsa(const struct lookup *l)
{
    return l->is_proven && asks_for_policies(l);
}

static void have_addresses(struct lookup *l)
{
    struct host_answers answers[MOST_HOSTS];
    const struct target *t = l->target;
    for (size_t i = 0; i < l->hosts.count; i++) {
        answers[i] = (struct host_answers){&l->questions[i].v4.answer, &l->questions[i].v6.answer};
        lookup_note_answer(l, answers[i].v4);
        lookup_note_answer(l, answers[i].v6);
    }
    l->ways =
        t->kind == TARGET_MX
            ? ways_find(t->domain, &l->hosts, answers, MX_PORT, l->settings.own, &l->arena)
            : ways_to_server(t->server.host, answers, t->server.port, l->settings.own, &l->arena);
    if (asks_for_tlsa(l) && !l->ways.problem.status.class)
        lookup_tlsa(l);
    else
        lookup_part_done(l);
}

static void address_answered(struct task *t)
{
    struct lookup *l = LIST_ENTRY(t, struct dns_question, task)->owner;
    if (--l->waiting == 0)
        have_addresses(l);
}

static void ask_for_addresses(struct lookup *l)
{
    l->asked = l->hosts.count;
    l->waiting = 2 * l->asked;
    for (size_t i = 0; i < l->asked; i++) {
        struct mail_host *h = &l->hosts.at[i];
        h->ascii = h->name;
        domain_to_ascii(h->name, &h->ascii, &l->arena);
        const char *name = arena_text(&l->arena, h->ascii);
        lookup_ask(l, &l->questions[i].v6, DNS_AAAA, address_answered, name);
        lookup_ask(l, &l->questions[i].v4, DNS_A, address_answered, name);
    }
}

static void mx_answered(struct task *t)
{
    struct lookup *l = LIST_ENTRY(t, struct dns_question, task)->owner;
    l->hosts = mail_hosts_find(l->target->domain, &l->mx.answer, l->settings.our_name, &l->arena);
    lookup_note_answer(l, &l->mx.answer);
    l->is_proven = l->mx.answer.is_secure;
    if (l->hosts.problem.status.class)
        finish(l, (struct ways){.problem = l->hosts.problem});
    else
        ask_for_addresses(l);
}

static void finish_at_once(struct task *t)
{
    lookup_part_done(LIST_ENTRY(t, struct lookup, at_once));
}

static void answer_at_once(struct lookup *l, struct ways ways)
{
    l->ways = ways;
    l->at_once.run = finish_at_once;
    loop_post(l->settings.loop, &l->at_once);
}

static struct span lower_case(struct span ascii, struct arena *a)
{
    char *to = arena_new(a, ascii.len + 1);
    for (size_t i = 0; i < ascii.len; i++)
        to[i] = ascii_lower(ascii.at[i]);
    return span_make(to, ascii.len);
}

static void start_domain(struct lookup *l, struct span ascii)
{
    l->domain = lower_case(ascii, &l->arena);
    lookup_ask(l, &l->mx, DNS_MX, mx_answered, l->domain.at);
    if (l->settings.sts && asks_for_policies(l))
        lookup_sts(l);
}

static void start_mx(struct lookup *l)
{
    struct span ascii, domain = l->target->domain;
    if (span_starts(domain, SPAN("[")))
        answer_at_once(l, ways_to_literal(domain, MX_PORT, l->settings.own, &l->arena));
    else if (domain_to_ascii(domain, &ascii, &l->arena))
        start_domain(l, ascii);
    else
        answer_at_once(l, (struct ways){.problem = mail_hosts_impossible(domain, &l->arena)});
}

static void start_server(struct lookup *l)
{
    const struct target *t = l->target;
    struct net_address at;
    if (t->socket.len) {
        bool fits = net_address_unix(&at, t->socket);
        assert(fits); /* the configuration saw to it */
        answer_at_once(l, ways_to_address(&at, SPAN("localhost"), l->settings.own, &l->arena));
    } else if (net_address_parse(&at, t->server.host, t->server.port)) {
        answer_at_once(l, ways_to_address(&at, t->server.host, l->settings.own, &l->arena));
    } else {
        l->hosts.count = 1;
        l->hosts.at[0] = (struct mail_host){.name = t->server.host};
        l->is_proven = true;
        ask_for_addresses(l);
    }
}

struct lookup *lookup_start(const struct lookup_settings *s, const struct target *t)
{
    struct lookup *l = memory_new(sizeof *l);
    l->settings = *s;
    l->settings.our_name = arena_copy(&l->arena, s->our_name);
    l->target = t;
    l->ttl = LONGEST_TTL;
    l->under_way = 1;
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
    arena_clear(&(*l)->sts_record.arena);
    arena_clear(&(*l)->sts.arena);
    lookup_tlsa_clear(*l);
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
    return (int64_t)(l->ttl < SHORTEST_TTL ? SHORTEST_TTL : l->ttl) * 1000;
}
