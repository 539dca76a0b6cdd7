/* A host after the other gets its questions answered, but all hosts at once. */
#include "deliver/lookup_inside.h"

static void answered(struct task *t);

static uint16_t port_of(const struct lookup *l)
{
    return l->target->kind == TARGET_MX ? MX_PORT : l->target->server.port;
}

static void host_done(struct lookup *l)
{
    if (--l->waiting == 0)
        lookup_part_done(l);
}

static struct host_questions *questions_of(struct lookup *l, const struct dns_question *q)
{
    struct host_questions *h = l->questions;
    while (&h->tlsa != q && &h->cname != q)
        h++;
    return h;
}

/* The next name at which its records may stand; without one they are absent. */
static void ask_next(struct lookup *l, struct host_questions *h)
{
    if (h->next_base == h->bases.count) {
        host_done(l);
        return;
    }
    struct span name = tlsa_name(h->bases.at[h->next_base], port_of(l), &l->arena);
    arena_clear(&h->tlsa.arena);
    lookup_ask(l, &h->tlsa, DNS_TLSA, answered, name.at);
}

static void answered(struct task *t)
{
    struct dns_question *q = LIST_ENTRY(t, struct dns_question, task);
    struct lookup *l = q->owner;
    struct host_questions *h = questions_of(l, q);
    lookup_note_answer(l, &q->answer);
    h->answer = tlsa_judge(h->bases.at[h->next_base++], &q->answer, &l->arena);
    if (h->answer.verdict == TLSA_ABSENT)
        ask_next(l, h);
    else
        host_done(l);
}

static void alias_answered(struct task *t)
{
    struct dns_question *q = LIST_ENTRY(t, struct dns_question, task);
    struct lookup *l = q->owner;
    struct host_questions *h = questions_of(l, q);
    h->bases = tlsa_bases_of_alias(l->hosts.at[h - l->questions].ascii, &q->answer);
    ask_next(l, h);
}

static void ask_about(struct lookup *l, size_t i)
{
    struct host_questions *h = &l->questions[i];
    const struct dns_answer *v4 = &h->v4.answer, *v6 = &h->v6.answer;
    struct span host = l->hosts.at[i].ascii;
    h->bases = tlsa_bases_of(host, v4, v6);
    if (!h->bases.count && tlsa_host_is_alias(host, v4, v6))
        lookup_ask(l, &h->cname, DNS_CNAME, alias_answered, arena_text(&l->arena, host));
    else
        ask_next(l, h);
}

void lookup_tlsa(struct lookup *l)
{
    size_t count = l->hosts.count < l->asked ? l->hosts.count : l->asked;
    l->waiting = count + 1; /* none is done before all have begun */
    for (size_t i = 0; i < count; i++)
        ask_about(l, i);
    host_done(l);
}

void lookup_tlsa_clear(struct lookup *l)
{
    for (size_t i = 0; i < l->asked; i++) {
        arena_clear(&l->questions[i].cname.arena);
        arena_clear(&l->questions[i].tlsa.arena);
    }
}
