#include "bounce/notice_digest.h"

#include "bounce/told_inside.h"

#include <assert.h>
#include <string.h>

enum { MOST_GROUPS = 255, MOST_WORDS = 2000 }; /* of groups there are fewer: causes, twice */

/* Of the message at hand. */
struct digest_counting {
    message_id id;
    bool *is_told; /* by recipient */
    bool has_failed;
    struct arena arena;
};

struct notice_digest notice_digest_start(struct arena *a)
{
    struct notice_digest d = {.arena = a,
                              .groups = arena_new(a, MOST_GROUPS * sizeof *d.groups),
                              .lines = arena_new(a, DIGEST_MOST_LINES * sizeof *d.lines),
                              .counting = arena_new(a, sizeof *d.counting)};
    return d;
}

static struct digest_line line_of(const struct notice_digest *d, const struct envelope *e,
                                  size_t recipient, const struct outcome *o)
{
    struct digest_line l = {.id = e->id, .outcome = *o};
    l.recipient = arena_copy(d->arena, e->recipients[recipient].address);
    l.subject = arena_copy(d->arena, e->subject);
    l.outcome.words = arena_copy(d->arena, span_first(o->words, MOST_WORDS));
    l.outcome.host = arena_copy(d->arena, o->host);
    l.outcome.address = arena_copy(d->arena, o->address);
    l.outcome.stage = arena_copy(d->arena, o->stage);
    return l;
}

static struct digest_group *group_of(struct notice_digest *d, const struct outcome *o)
{
    const struct cause_text *text = told_text_of(o);
    for (size_t i = 0; i < d->group_count; i++)
        if (d->groups[i].kind == o->kind && d->groups[i].text == text)
            return &d->groups[i];
    assert(d->group_count < MOST_GROUPS);
    struct digest_group *g = &d->groups[d->group_count++];
    *g = (struct digest_group){.kind = o->kind, .text = text, .first_ms = INT64_MAX};
    return g;
}

static void widen(int64_t *first_ms, int64_t *last_ms, int64_t time_ms)
{
    if (time_ms < *first_ms)
        *first_ms = time_ms;
    if (time_ms > *last_ms)
        *last_ms = time_ms;
}

/* A message waits as long as none of its recipients has failed. */
static void count_message(struct notice_digest *d, const struct envelope *e, bool has_failed)
{
    struct digest_counting *c = d->counting;
    bool is_new = c->id != e->id;
    if (is_new) {
        arena_clear(&c->arena);
        c->is_told = arena_new(&c->arena, e->recipient_count * sizeof *c->is_told);
        c->id = e->id;
        c->has_failed = false;
        d->waiting++;
    }
    if (has_failed && !c->has_failed) {
        c->has_failed = true;
        d->waiting--;
        d->messages++;
        d->lost += e->origin == ORIGIN_NOTIFICATION;
    }
}

/* When there are failures, their time is the digest's. */
static void count_time(struct notice_digest *d, const struct outcome *o)
{
    bool is_failed = o->kind == OUTCOME_FAILED;
    bool is_first = is_failed ? !d->failed : !d->failed && !d->delayed;
    if (is_first)
        d->first_ms = d->last_ms = o->time_ms;
    else if (is_failed || !d->failed)
        widen(&d->first_ms, &d->last_ms, o->time_ms);
}

void notice_digest_add(struct notice_digest *d, const struct envelope *e, size_t recipient,
                       const struct outcome *o)
{
    size_t as = envelope_told_as(e, recipient);
    count_message(d, e, o->kind == OUTCOME_FAILED);
    if (d->counting->is_told[as])
        return;
    d->counting->is_told[as] = true;
    count_time(d, o);
    *(o->kind == OUTCOME_FAILED ? &d->failed : &d->delayed) += 1;
    struct digest_group *g = group_of(d, o);
    if (!g->count++)
        g->sample = line_of(d, e, as, o);
    widen(&g->first_ms, &g->last_ms, o->time_ms);
    if (d->line_count < DIGEST_MOST_LINES)
        d->lines[d->line_count++] = line_of(d, e, as, o);
}

void notice_digest_end(struct notice_digest *d)
{
    arena_clear(&d->counting->arena);
}
