/* Whom a message's notices go to, about whom, and when. An outcome that its sender is to hear of
 * leaves its recipient open: it is closed by the commit that accepts the notice. Those of one
 * message are gathered for a short time, so that one notice tells all; when nothing is undecided
 * any more, it is written at once, mostly in the step in which the last outcome came. */
#include "queue/notices.h"
#include "queue/suspension.h"
#include "queue/times.h"

#include "mail/tagged.h"
#include "outcome/report_to.h"
#include "queue/whom.h"

#include <stdio.h>
#include <stdlib.h>

/* What a commit closes must fit into it, with the notice. */
enum { MOST_TOLD_AT_ONCE = 1000 };

bool message_is_decided(const struct message *m)
{
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (recipient_is_undecided(&m->recipients[i]))
            return false;
    return true;
}

/* ---- of whom */

static bool belongs(const struct telling *t, size_t i)
{
    return t->count < MOST_TOLD_AT_ONCE &&
           span_equal(report_told_to(&t->message->envelope, i), t->to);
}

/* ---- in a digest */

static bool tells_of_success(const struct telling *t)
{
    for (size_t n = 0; n < t->count; n++) {
        const struct message_recipient *r = &t->message->recipients[t->recipients[n]];
        if (r->state == RECIPIENT_UNREPORTED && r->last->outcome.kind != OUTCOME_FAILED)
            return true;
    }
    return false;
}

/* Success was asked for; what tells of a message that must go by TLS must do so itself (RFC 8689
 * 5); and what a program reads, it reads one by one. What is owed already takes the rest along; it
 * counts all the same, so that a storm that lasts stays one. */
static bool goes_into_digest(const struct telling *t)
{
    struct queue *q = t->queue;
    const struct storm_rules *rules = &q->settings.storms;
    if (tells_of_success(t) || t->message->envelope.parameters.requires_tls) {
        storms_count(q->storms, rules, queue_now(q));
        return false;
    }
    if (rules->singly && account_is_revoked(q, &t->message->envelope))
        return true; /* it was not its owner who sent it: he need not hear of each */
    if (!rules->singly || address_is_tagged(t->to) || t->report.is_plain)
        return false;
    bool is_let_through = storms_let_through(q->storms, rules, t->to, queue_now(q));
    return !is_let_through || digest_is_owed(q, t->to);
}

static void mark(const struct telling *t, struct outcome *o, bool is_in_digest)
{
    o->is_reported = !is_in_digest;
    o->is_in_digest = is_in_digest;
    if (is_in_digest)
        snprintf(o->language, sizeof o->language, "%s", language_tag(t->report.language));
}

/* Its sender is told: by a notice in this commit, or by a digest that is owed from it on. */
static void tell(struct telling *t, struct queue_commit *c, bool is_in_digest)
{
    if (!is_in_digest) {
        telling_write(t, c);
        return;
    }
    t->queue->figures.in_digests += t->count;
    digest_owe(t->queue, t->to, c);
}

/* ---- what is final */

void recipient_close(struct queue *q, struct message *m, size_t i, const struct outcome *o)
{
    struct message_recipient *r = &m->recipients[i];
    figures_happened(q, &m->envelope, o);
    m->unreported -= r->state == RECIPIENT_UNREPORTED;
    r->final_kind = o->kind;
    r->state = RECIPIENT_FINAL;
    free(r->last);
    r->last = NULL;
    r->due_ms = 0;
    m->open--;
}

/* In one step: they are closed, and their sender is told. */
static void tell_of_ends(struct telling *t, struct queue_commit *c)
{
    struct message *m = t->message;
    bool is_in_digest = goes_into_digest(t);
    for (size_t n = 0; n < t->count; n++) {
        size_t i = t->recipients[n];
        struct outcome *o = &m->recipients[i].last->outcome;
        mark(t, o, is_in_digest);
        commit_outcome(&c->commit, m->envelope.id, i, m->recipients[i].attempts, 0, o);
    }
    tell(t, c, is_in_digest);
    for (size_t n = 0; n < t->count; n++) {
        size_t i = t->recipients[n];
        recipient_close(t->queue, m, i, &m->recipients[i].last->outcome);
    }
}

static void take_unreported(struct telling *t, size_t from)
{
    const struct message *m = t->message;
    for (size_t i = from; i < m->envelope.recipient_count; i++)
        if (m->recipients[i].state == RECIPIENT_UNREPORTED && belongs(t, i))
            t->recipients[t->count++] = i;
}

void notices_add(struct queue *q, struct message *m, struct queue_commit *c)
{
    size_t first = 0;
    while (m->recipients[first].state != RECIPIENT_UNREPORTED)
        first++;
    struct telling t = telling_start(q, m, report_told_to(&m->envelope, first));
    take_unreported(&t, first);
    tell_of_ends(&t, c);
    telling_end(&t);
}

/* ---- what the clock brings */

/* It waits so long for others that it was never tried. */
static struct outcome outcome_of_waiting(const struct queue *q, const struct message_recipient *r)
{
    return r->last ? r->last->outcome : outcome_never_tried(queue_now(q));
}

static void tell_of_delay(struct telling *t, struct queue_commit *c)
{
    struct message *m = t->message;
    bool is_in_digest = goes_into_digest(t);
    for (size_t n = 0; n < t->count; n++) {
        struct message_recipient *r = &m->recipients[t->recipients[n]];
        struct outcome o = outcome_of_waiting(t->queue, r);
        o.told_ms = queue_now(t->queue);
        mark(t, &o, is_in_digest);
        struct kept_outcome *kept = outcome_keep(&o);
        free(r->last);
        r->last = kept;
        commit_outcome(&c->commit, m->envelope.id, t->recipients[n], r->attempts, r->due_ms,
                       &kept->outcome);
        kept->outcome.is_reported = kept->outcome.is_in_digest = false; /* what comes next is told
                                                                           by itself */
    }
    tell(t, c, is_in_digest);
}

static bool is_due(const struct queue *q, const struct message *m, size_t i, int64_t now)
{
    const struct message_recipient *r = &m->recipients[i];
    if (r->state == RECIPIENT_UNREPORTED)
        return r->due_ms <= now;
    return recipient_tell_delay(q, m, i) <= now;
}

/* Another one, which was under way then, comes a moment later. */
static bool was_just_told(const struct queue *q, const struct message *m, size_t i)
{
    const struct message_recipient *r = &m->recipients[i];
    int64_t told = r->last ? r->last->outcome.told_ms : 0, now = queue_now(q);
    return told && now - told < q->settings.delay_notice_again / 2 && !is_due(q, m, i, now);
}

/* When one is to be told of, so are all that wait. */
static void take_delayed(struct telling *t, size_t from)
{
    const struct message *m = t->message;
    for (size_t i = from; i < m->envelope.recipient_count; i++)
        if (recipient_is_waiting(&m->recipients[i]) &&
            envelope_wants(&m->envelope, i, NOTIFY_DELAY) && belongs(t, i) &&
            !was_just_told(t->queue, m, i))
            t->recipients[t->count++] = i;
}

void notices_send_due(struct queue *q, struct message *m)
{
    int64_t now = queue_now(q);
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        if (!is_due(q, m, i, now))
            continue;
        bool has_ended = m->recipients[i].state == RECIPIENT_UNREPORTED;
        struct telling t = telling_start(q, m, report_told_to(&m->envelope, i));
        struct queue_commit *c = queue_commit_new(q, m);
        (has_ended ? take_unreported : take_delayed)(&t, i);
        (has_ended ? tell_of_ends : tell_of_delay)(&t, c);
        telling_end(&t);
        queue_give_commit(q, c);
    }
}

void notices_gather(struct queue *q, struct message *m)
{
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (m->recipients[i].state == RECIPIENT_UNREPORTED)
            m->recipients[i].due_ms = queue_now(q) + q->settings.gather_notices;
}

void notices_hurry(struct queue *q, struct message *m)
{
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (m->recipients[i].state == RECIPIENT_UNREPORTED)
            m->recipients[i].due_ms = queue_now(q);
}
