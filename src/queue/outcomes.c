/* A delivery that comes back is turned into one commit: an outcome for each of its recipients, and,
 * when some have failed for good and their sender wants to know, the acceptance of the notification
 * (RFC 3461 5.2.7): both or neither. */
#include "queue/notices.h"
#include "queue/times.h"

#include "base/memory.h"
#include "outcome/wait_asked.h"
#include "queue/whom.h"

#include <assert.h>
#include <stdlib.h>

/* A delayed recipient whose time is over has failed (RFC 5321 4.5.4.1). */
static void give_up_when_expired(const struct queue *q, const struct message *m, struct outcome *o)
{
    if (o->kind == OUTCOME_DELAYED &&
        schedule_is_expired(&q->settings.schedule, message_since(m), o->time_ms)) {
        o->kind = OUTCOME_FAILED;
        o->is_expired = true;
    }
}

static bool is_too_many(const struct outcome *o)
{
    return o->kind == OUTCOME_DELAYED && o->code == 452 && o->status.subject == 5 &&
           o->status.detail == 3;
}

/* RFC 5321 4.5.3.1.10: the rest goes in another transaction, at once. */
static bool takes_the_rest_at_once(struct delivery *d)
{
    size_t taken = 0, too_many = 0;
    for (size_t i = 0; i < d->count; i++) {
        taken += d->outcomes[i].kind == OUTCOME_RELAYED || d->outcomes[i].kind == OUTCOME_DELIVERED;
        too_many += is_too_many(&d->outcomes[i]);
    }
    if (taken && too_many && d->destination)
        d->destination->recipients = taken;
    return taken && too_many;
}

static int64_t next_attempt(struct queue *q, const struct message *m, const struct outcome *o,
                            unsigned attempts, bool is_rest)
{
    if (is_rest && is_too_many(o))
        return o->time_ms;
    int64_t next = schedule_next(&q->settings.schedule, message_since(m), o->time_ms, attempts,
                                 wait_asked_for(o->words), q->outside.random(q->outside.arg));
    return message_next_attempt(m, next, o->time_ms);
}

/* A final outcome that its sender is to hear of waits for its notice. */
static void recipient_ends(struct queue *q, struct message *m, size_t i, const struct outcome *o,
                           struct commit *c)
{
    struct message_recipient *r = &m->recipients[i];
    if (!recipient_is_told_of(q, m, i, o)) {
        commit_outcome(c, m->envelope.id, i, r->attempts, 0, o);
        recipient_close(q, m, i, o);
        return;
    }
    free(r->last);
    r->last = outcome_keep(o);
    r->state = RECIPIENT_UNREPORTED;
    m->unreported++;
    r->due_ms = queue_now(q) + q->settings.gather_notices;
}

static void recipient_waits(struct queue *q, struct message *m, size_t i, struct outcome *o,
                            bool is_rest, struct commit *c)
{
    struct message_recipient *r = &m->recipients[i];
    free(r->last);
    r->last = outcome_keep(o);
    r->state = RECIPIENT_WAITING;
    r->due_ms = next_attempt(q, m, o, r->attempts, is_rest);
    figures_happened(q, &m->envelope, o);
    commit_outcome(c, m->envelope.id, i, r->attempts, r->due_ms, o);
}

static void recipient_apply(struct queue *q, struct message *m, size_t i, struct outcome *o,
                            bool is_rest, struct commit *c)
{
    struct message_recipient *r = &m->recipients[i];
    give_up_when_expired(q, m, o);
    o->told_ms = r->last ? r->last->outcome.told_ms : 0;
    r->attempts++;
    if (outcome_is_final(o->kind))
        recipient_ends(q, m, i, o, c);
    else
        recipient_waits(q, m, i, o, is_rest, c);
    q->outside.tell_outcome(q->outside.arg, &m->envelope, i, r->attempts,
                            r->state == RECIPIENT_WAITING ? r->due_ms : 0, o);
}

/* Tell of what has ended with `d`, or write down that it is to be told. */
static void tell_ended(struct queue *q, struct message *m, const struct delivery *d,
                       struct queue_commit *c)
{
    bool is_decided = message_is_decided(m);
    if (!c->made && (is_decided || !q->settings.gather_notices))
        notices_add(q, m, c);
    if (is_decided)
        notices_hurry(q, m);
    for (size_t n = 0; n < d->count; n++) {
        size_t i = d->recipients[n];
        const struct message_recipient *r = &m->recipients[i];
        if (r->state == RECIPIENT_UNREPORTED)
            commit_outcome(&c->commit, m->envelope.id, i, r->attempts, r->due_ms,
                           &r->last->outcome);
    }
}

static bool has_ended_untold(const struct message *m, const struct delivery *d)
{
    for (size_t n = 0; n < d->count; n++)
        if (m->recipients[d->recipients[n]].state == RECIPIENT_UNREPORTED)
            return true;
    return false;
}

/* It goes on as another message: in the same step as this one's recipient is closed. */
static void send_on(struct queue *q, struct delivery *d, struct queue_commit *c)
{
    struct envelope *e = d->forward;
    assert(d->count == 1 && d->outcomes[0].kind == OUTCOME_EXPANDED && !c->made);
    e->id = q->outside.new_id(q->outside.arg);
    c->commit.message = d->text;
    d->text = BUFFER_EMPTY;
    commit_accept(&c->commit, e);
    c->made = message_new(e);
}

struct message *delivery_close(struct queue *q, struct delivery *d)
{
    struct message *m = index_get(&q->awake, d->message->envelope.id);
    assert(m && m == d->message);
    struct queue_commit *c = queue_commit_new(q, m);
    bool is_rest = takes_the_rest_at_once(d);
    if (d->forward)
        send_on(q, d, c);
    else if (delivery_is_redirected(d))
        redirect_write(q, m, d, c);
    for (size_t i = 0; i < d->count; i++)
        recipient_apply(q, m, d->recipients[i], &d->outcomes[i], is_rest, &c->commit);
    if (has_ended_untold(m, d) || (m->unreported && message_is_decided(m)))
        tell_ended(q, m, d, c);
    if (d->destination)
        destination_put_off(q, d);
    m->in_flight--;
    delivery_free(d);
    queue_give_commit(q, c);
    return m;
}
