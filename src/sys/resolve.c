/* A question to the DNS can't be taken back. One that nobody waits for any more stays with `struct
 * resolve` until its answer comes, or the DNS has gone. */
#include "sys/resolve.h"

#include "base/answers.h"
#include "base/buffer.h"
#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>

struct resolve {
    struct dns *dns;
    struct loop *loop;
    struct list forgotten; /* questions */
    struct answers answers;
    unsigned changes; /* of the DNS, since which they are right */
};

struct question {
    struct dns_question dns;
    struct list link;            /* in `questions`, or in `forgotten` */
    struct resolving *resolving; /* NULL: nobody waits */
    struct lookups_question *open;
};

struct resolve *resolve_new(struct dns *dns, struct loop *loop)
{
    struct resolve *r = memory_new(sizeof *r);
    r->dns = dns;
    r->loop = loop;
    r->changes = dns_changes(dns);
    list_init(&r->forgotten);
    return r;
}

static void question_free(struct question *q)
{
    list_remove(&q->link);
    arena_clear(&q->dns.arena);
    free(q);
}

void resolve_free(struct resolve **r)
{
    if (!*r)
        return;
    while (!list_is_empty(&(*r)->forgotten))
        question_free(LIST_ENTRY((*r)->forgotten.next, struct question, link));
    answers_free(&(*r)->answers);
    free(*r);
    *r = NULL;
}

bool resolve_is_under_way(const struct resolving *g)
{
    return g->resolve != NULL;
}

void resolve_stop(struct resolving *g)
{
    struct resolve *r = g->resolve;
    if (!r)
        return;
    for (struct list *node = g->questions.next; node != &g->questions; node = node->next)
        LIST_ENTRY(node, struct question, link)->resolving = NULL;
    list_append_all(&r->forgotten, &g->questions);
    timer_stop(r->loop, &g->patience);
    g->resolve = NULL;
}

static void finish(struct resolving *g)
{
    resolve_stop(g);
    g->done(g);
}

static void answered(struct task *t)
{
    struct question *q = LIST_ENTRY(t, struct question, dns.task);
    struct resolving *g = q->resolving;
    if (g) {
        struct resolve *r = g->resolve;
        lookups_answer(g->lookups, q->open, &q->dns.answer);
        answers_put(&r->answers, q->open->name, q->open->type, &q->dns.answer, loop_now(r->loop));
    }
    question_free(q);
    if (g && list_is_empty(&g->questions))
        finish(g);
}

static void patience_ends(struct timer *t)
{
    struct resolving *g = LIST_ENTRY(t, struct resolving, patience);
    lookups_give_up(g->lookups, SPAN("no name server has answered in time"));
    finish(g);
}

static void forget_what_is_old(struct resolve *r)
{
    unsigned changes = dns_changes(r->dns);
    if (changes != r->changes)
        answers_free(&r->answers);
    r->changes = changes;
}

bool resolve_known(struct resolve *r, struct lookups *l)
{
    bool is_all = true;
    forget_what_is_old(r);
    for (struct lookups_question *q = l->first; q; q = q->next) {
        if (q->is_answered)
            continue;
        const struct dns_answer *answer =
            answers_get(&r->answers, q->name, q->type, loop_now(r->loop));
        if (answer)
            lookups_answer(l, q, answer);
        is_all &= answer != NULL;
    }
    return is_all;
}

/* libunbound reads names as zone files write them: a byte that could mean something is escaped. */
static void write_name(struct buffer *out, struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (ascii_is_alnum(c) || c == '-' || c == '_' || c == '.')
            buffer_add_char(out, c);
        else
            buffer_printf(out, "\\%03u", (unsigned)(unsigned char)c);
    }
}

static void ask(struct resolving *g, struct lookups_question *open)
{
    struct resolve *r = g->resolve;
    struct question *q = memory_new(sizeof *q);
    struct buffer name = BUFFER_EMPTY;
    q->dns.task.run = answered;
    q->dns.loop = r->loop;
    q->dns.type = open->type;
    q->resolving = g;
    q->open = open;
    list_append(&g->questions, &q->link);
    write_name(&name, open->name);
    dns_ask(r->dns, &q->dns, buffer_text(&name));
    buffer_free(&name);
}

void resolve_start(struct resolve *r, struct resolving *g, int64_t until_ms)
{
    assert(!g->resolve);
    g->resolve = r;
    list_init(&g->questions);
    for (struct lookups_question *open; (open = lookups_take(g->lookups));)
        ask(g, open);
    assert(!list_is_empty(&g->questions)); /* else the check would have been done */
    g->patience.due = patience_ends;
    timer_set(r->loop, &g->patience, until_ms);
}
