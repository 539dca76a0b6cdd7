/* A question that nobody answers in time can't be taken back: it stays until the resolver is gone,
 * and an answer that comes later finds it. */
#include "cli/key_questions.h"

#include "base/list.h"
#include "base/memory.h"
#include "cli/commands.h"
#include "sys/clock.h"
#include "sys/dns.h"

#include <stdlib.h>

struct question {
    struct dns_question dns;
    struct timer patience;
    struct key_questions *all;
    struct question *older;
    bool is_answered;
};

struct key_questions {
    struct loop *loop;
    struct dns *dns;
    struct question *newest; /* the one that is waited for */
    unsigned asked, silences;
    bool has_told_failure;
};

struct key_questions *key_questions_new(struct span server, struct error *e)
{
    struct key_questions *q = memory_new(sizeof *q);
    const struct dns_settings settings = {.servers = &server, .server_count = 1};
    q->loop = loop_new(e);
    q->dns = q->loop ? dns_new(&settings, q->loop, e) : NULL;
    if (!q->dns)
        key_questions_free(&q);
    return q;
}

void key_questions_free(struct key_questions **q)
{
    if (!*q)
        return;
    dns_free(&(*q)->dns);
    loop_free(&(*q)->loop);
    for (struct question *each = (*q)->newest, *older; each; each = older) {
        older = each->older;
        arena_clear(&each->dns.arena);
        free(each);
    }
    free(*q);
    *q = NULL;
}

static void answered(struct task *t)
{
    struct question *one = LIST_ENTRY(t, struct question, dns.task);
    one->is_answered = true;
    if (one == one->all->newest)
        loop_stop(one->all->loop);
}

static void patience_ends(struct timer *t)
{
    loop_stop(LIST_ENTRY(t, struct question, patience)->all->loop);
}

static void tell_silence(struct key_questions *q, const char *name)
{
    if (++q->silences < MOST_SILENCES)
        complain(0, "the DNS does not answer: the DKIM key %s is not known", name);
    else
        complain(0, "the DNS does not answer: it is not asked for DKIM keys any more");
}

static void tell_failure(struct key_questions *q, const char *name, struct span why)
{
    if (!q->has_told_failure)
        complain(0, "the DKIM key %s is not known: %.*s", name, SPAN_F(why));
    q->has_told_failure = true;
}

static struct question *ask(struct key_questions *q, const char *name)
{
    struct question *one = memory_new(sizeof *one);
    *one = (struct question){.dns = {.task.run = answered, .loop = q->loop, .type = DNS_TXT},
                             .patience.due = patience_ends,
                             .all = q,
                             .older = q->newest};
    q->newest = one;
    /* The loop may not have run for long: its own clock stands still meanwhile. */
    timer_set(q->loop, &one->patience, clock_monotonic_ms() + PATIENCE_MS);
    dns_ask(q->dns, &one->dns, name);
    loop_run(q->loop);
    timer_stop(q->loop, &one->patience);
    return one;
}

/* Several records are an error of whoever wrote them: the first that is a key counts. */
static bool take_key(const struct dns_answer *answer, struct dkim_key *key, struct arena *a)
{
    struct span text;
    struct error e;
    for (size_t i = 0; i < answer->count; i++)
        if (dns_read_txt(answer->records[i], &text, a) && dkim_key_parse(key, text, a, &e))
            return true;
    return false;
}

bool key_questions_ask(struct key_questions *q, const char *name, struct dkim_key *key,
                       struct arena *a)
{
    if (q->silences == MOST_SILENCES || q->asked == MOST_QUESTIONS)
        return false;
    const struct question *one = ask(q, name);
    if (++q->asked == MOST_QUESTIONS)
        complain(0, "the DNS was asked for %d DKIM keys, and is not asked any more",
                 MOST_QUESTIONS);
    if (!one->is_answered)
        tell_silence(q, name);
    else if (one->dns.answer.result == DNS_FAILED)
        tell_failure(q, name, one->dns.answer.why);
    return one->is_answered && one->dns.answer.result == DNS_FOUND &&
           take_key(&one->dns.answer, key, a);
}
