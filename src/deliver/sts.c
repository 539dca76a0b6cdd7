/* An entry a domain. While its policy is fetched, questions that must wait stand in its list; then
 * all are answered by what is known. The entries of domains without a policy only remember that
 * fetching has failed a moment ago. */
#include "deliver/sts.h"

#include "base/map.h"
#include "base/memory.h"
#include "deliver/sts_fetch.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <stdlib.h>

enum {
    FIRST_LOOK = 1000 /* ms */,
    LOOK_EVERY = 3600 * 1000,
    MOST_WITHOUT_POLICY = 10000,
    MOST_AT_ONCE = 8
};

struct entry {
    struct span domain;
    struct sts_memory memory;
    struct buffer id, text; /* of the policy */
    struct list waiting;    /* questions */
    bool is_fetching;
    enum tls_result problem; /* of the last attempt */
    struct error why;
    char name[];
};

struct sts {
    struct loop *loop;
    struct sts_policies *disk;
    struct sts_fetcher *fetcher;
    struct map entries;
    size_t without_policy;
    struct timer timer;
    bool has_ended;
};

/* ---- entries */

static void entry_free(struct entry *x)
{
    buffer_free(&x->id);
    buffer_free(&x->text);
    free(x);
}

/* Who has failed only is forgotten when there are very many of them. */
static void forget_failures(struct sts *s)
{
    struct map kept = MAP_EMPTY;
    struct entry *x;
    for (size_t i = 0; (x = map_next(&s->entries, &i));)
        if (x->text.len || x->is_fetching)
            map_set_text(&kept, x->domain, x);
        else
            entry_free(x);
    map_free(&s->entries);
    s->entries = kept;
    s->without_policy = 0;
}

static struct entry *entry_for(struct sts *s, struct span domain)
{
    struct entry *x = map_get_text(&s->entries, domain);
    if (x)
        return x;
    if (++s->without_policy > MOST_WITHOUT_POLICY)
        forget_failures(s);
    x = memory_new(sizeof *x + domain.len + 1);
    memcpy(x->name, domain.at, domain.len);
    x->domain = span_make(x->name, domain.len);
    list_init(&x->waiting);
    map_set_text(&s->entries, x->domain, x);
    return x;
}

static void take_policy(struct entry *x, struct span id, struct span text, uint32_t max_age,
                        int64_t fetched_ms)
{
    buffer_clear(&x->id);
    buffer_clear(&x->text);
    buffer_add_span(&x->id, id);
    buffer_add_span(&x->text, text);
    x->memory = (struct sts_memory){
        .id = buffer_span(&x->id), .fetched_ms = fetched_ms, .max_age = max_age};
    x->problem = TLS_RESULT_SUCCESS;
}

/* ---- answers */

static void answer(struct sts_question *q, const struct entry *x, bool uses_policy)
{
    struct error e;
    if (x && uses_policy) {
        q->text = arena_copy(&q->arena, buffer_span(&x->text));
        q->has_policy = sts_policy_parse(&q->policy, q->text, &q->arena, &e);
    }
    if (x && x->problem != TLS_RESULT_SUCCESS && q->record.is_there) {
        q->problem = x->problem;
        q->why = arena_copy(&q->arena, span_of(x->why.text));
    }
    q->task.run = q->answer;
    loop_post(q->loop, &q->task);
}

static void answer_all(struct entry *x)
{
    bool holds = !sts_memory_is_over(&x->memory, clock_now_ms());
    for (struct list *node; (node = list_take(&x->waiting));)
        answer(LIST_ENTRY(node, struct sts_question, link), x, holds);
}

/* ---- fetching */

static void tell_failure(const struct entry *x)
{
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "policy-not-fetched");
    log_line_text(line, "domain", x->domain);
    log_line_text(line, "why", span_of(x->why.text));
    log_end();
}

static void fetched(void *arg, const struct sts_fetched *f)
{
    struct sts *s = arg;
    struct entry *x = map_get_text(&s->entries, f->domain);
    if (s->has_ended)
        return;
    x->is_fetching = false;
    if (f->problem == TLS_RESULT_SUCCESS) {
        s->without_policy -= !x->text.len && s->without_policy;
        take_policy(x, f->id, f->text, f->max_age, f->fetched_ms);
    } else {
        x->memory.tried_ms = f->fetched_ms;
        x->problem = f->problem;
        x->why = f->why;
        tell_failure(x);
    }
    answer_all(x);
}

static void fetch(struct sts *s, struct entry *x, struct span id)
{
    if (x->is_fetching)
        return;
    x->is_fetching = true;
    sts_fetch(s->fetcher, x->domain, id);
}

static void asked(struct task *t)
{
    struct sts_question *q = LIST_ENTRY(t, struct sts_question, task);
    struct sts *s = q->sts;
    struct entry *x = map_get_text(&s->entries, q->domain);
    if (s->has_ended)
        return;
    if (!x && !q->record.is_there) {
        answer(q, NULL, false);
        return;
    }
    x = entry_for(s, q->domain);
    struct sts_plan plan = sts_plan_make(&x->memory, &q->record, clock_now_ms());
    if (plan.fetches)
        fetch(s, x, q->record.is_there ? q->record.id : x->memory.id);
    if (plan.waits)
        list_append(&x->waiting, &q->link);
    else
        answer(q, x, plan.uses_policy);
}

void sts_ask(struct sts *s, struct sts_question *q)
{
    q->answer = q->task.run;
    q->sts = s;
    q->task.run = asked;
    loop_post(s->loop, &q->task);
}

/* Policies are made fresh also where nobody writes: else the first mail after it was over could be
 * robbed of it. */
static void look_at_all(struct timer *t)
{
    struct sts *s = LIST_ENTRY(t, struct sts, timer);
    int64_t now = clock_now_ms();
    size_t under_way = 0;
    struct entry *x;
    for (size_t i = 0; (x = map_next(&s->entries, &i)) && under_way < MOST_AT_ONCE;) {
        const struct sts_record as_known = {true, x->memory.id};
        bool is_known = x->text.len && !sts_memory_is_over(&x->memory, now);
        if (is_known && sts_plan_make(&x->memory, &as_known, now).fetches) {
            fetch(s, x, x->memory.id);
            under_way++;
        }
    }
    timer_set(s->loop, t, loop_now(s->loop) + (under_way == MOST_AT_ONCE ? 60000 : LOOK_EVERY));
}

/* ---- made, and gone */

static void loaded(void *arg, const struct kept_policy *p)
{
    struct sts *s = arg;
    struct arena a = ARENA_EMPTY;
    struct sts_policy policy;
    struct error e;
    if (sts_policy_parse(&policy, p->text, &a, &e)) {
        take_policy(entry_for(s, p->domain), p->id, p->text, policy.max_age, p->fetched_ms);
        s->without_policy--;
    }
    arena_clear(&a);
}

struct sts *sts_new(const struct sts_settings *settings, struct error *e)
{
    struct sts *s = memory_new(sizeof *s);
    s->loop = settings->loop;
    s->disk = sts_policies_open(settings->path, clock_now_ms(), loaded, s, e);
    if (!s->disk) {
        sts_free(&s);
        return NULL;
    }
    const struct sts_fetcher_settings f = {.loop = s->loop,
                                           .dns = settings->dns,
                                           .disk = s->disk,
                                           .authorities = settings->authorities,
                                           .done = fetched,
                                           .arg = s};
    s->fetcher = sts_fetcher_new(&f);
    s->timer.due = look_at_all;
    timer_set(s->loop, &s->timer, loop_now(s->loop) + FIRST_LOOK);
    return s;
}

void sts_trust(struct sts *s, struct span authorities)
{
    sts_fetcher_trust(s->fetcher, authorities);
}

void sts_end(struct sts *s)
{
    if (!s)
        return;
    s->has_ended = true;
    timer_stop(s->loop, &s->timer);
    sts_fetcher_end(s->fetcher);
}

void sts_free(struct sts **sts)
{
    struct sts *s = *sts;
    struct entry *x;
    if (!s)
        return;
    for (size_t i = 0; (x = map_next(&s->entries, &i));)
        entry_free(x);
    map_free(&s->entries);
    sts_fetcher_free(&s->fetcher);
    sts_policies_close(&s->disk);
    free(s);
    *sts = NULL;
}
