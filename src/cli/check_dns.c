/* A question that nobody answers in time can't be taken back: it stays until the resolver is gone,
 * and an answer that comes later finds it. */
#include "cli/check_dns.h"

#include "base/buffer.h"
#include "base/list.h"
#include "base/memory.h"
#include "sys/clock.h"

#include <stdlib.h>

struct question {
    struct dns_question dns;
    struct check_dns *all;
    struct lookups_question *open;
    struct question *older;
    bool is_answered;
};

struct check_dns {
    struct loop *loop;
    struct dns *dns;
    struct question *newest;
    struct timer patience;
    size_t waiting;
    int64_t end_ms; /* monotonic; 0: nothing was asked yet */
};

struct check_dns *check_dns_new(const struct dns_settings *s, struct error *e)
{
    struct check_dns *d = memory_new(sizeof *d);
    d->loop = loop_new(e);
    d->dns = d->loop ? dns_new(s, d->loop, e) : NULL;
    if (!d->dns)
        check_dns_free(&d);
    return d;
}

static void forget_questions(struct check_dns *d)
{
    for (struct question *each = d->newest, *older; each; each = older) {
        older = each->older;
        arena_clear(&each->dns.arena);
        free(each);
    }
    d->newest = NULL;
}

void check_dns_free(struct check_dns **d)
{
    if (!*d)
        return;
    dns_free(&(*d)->dns);
    loop_free(&(*d)->loop);
    forget_questions(*d);
    free(*d);
    *d = NULL;
}

static void answered(struct task *t)
{
    struct question *q = LIST_ENTRY(t, struct question, dns.task);
    q->is_answered = true;
    if (q->open && --q->all->waiting == 0)
        loop_stop(q->all->loop);
}

static void patience_ends(struct timer *t)
{
    loop_stop(LIST_ENTRY(t, struct check_dns, patience)->loop);
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

static void ask(struct check_dns *d, struct lookups_question *open)
{
    struct question *q = memory_new(sizeof *q);
    struct buffer name = BUFFER_EMPTY;
    *q = (struct question){.dns = {.task.run = answered, .loop = d->loop, .type = open->type},
                           .all = d,
                           .open = open,
                           .older = d->newest};
    d->newest = q;
    d->waiting++;
    write_name(&name, open->name);
    dns_ask(d->dns, &q->dns, buffer_text(&name));
    buffer_free(&name);
}

static void wait_for_answers(struct check_dns *d)
{
    int64_t now = clock_monotonic_ms(), end = now + CHECK_PATIENCE * 1000;
    if (!d->end_ms)
        d->end_ms = now + CHECK_PATIENCE_FOR_ALL * 1000;
    d->patience.due = patience_ends;
    timer_set(d->loop, &d->patience, end < d->end_ms ? end : d->end_ms);
    loop_run(d->loop);
    timer_stop(d->loop, &d->patience);
}

void check_dns_answer(struct check_dns *d, struct lookups *l)
{
    d->waiting = 0;
    for (struct lookups_question *open; (open = lookups_take(l));)
        ask(d, open);
    if (d->waiting)
        wait_for_answers(d);
    for (struct question *q = d->newest; q; q = q->older) {
        if (q->open && q->is_answered)
            lookups_answer(l, q->open, &q->dns.answer);
        q->open = NULL;
    }
    lookups_give_up(l, SPAN("no name server has answered in time"));
}
