/* A delivery that comes back is turned into one commit: an outcome for each of its recipients, and,
 * when some have failed for good and their sender wants to know, the acceptance of the notification
 * (RFC 3461 5.2.7): both or neither. */
#include "queue/queue_inside.h"

#include "base/memory.h"
#include "bounce/notification.h"
#include "outcome/wait_asked.h"

#include <assert.h>
#include <stdlib.h>

struct delivery *delivery_new(struct message *m, struct destination_queue *to, size_t room)
{
    struct delivery *d = memory_new(sizeof *d);
    d->message = m;
    d->destination = to;
    d->name = to ? to->name : SPAN_NONE;
    d->room = room;
    d->recipients = arena_new(&d->arena, room * sizeof *d->recipients);
    d->outcomes = arena_new(&d->arena, room * sizeof *d->outcomes);
    return d;
}

void delivery_free(struct delivery *d)
{
    struct arena arena = d->arena;
    buffer_free(&d->text);
    arena_clear(&arena);
    free(d);
}

/* A delayed recipient whose time is over has failed (RFC 5321 4.5.4.1). */
static void give_up_when_expired(const struct queue *q, const struct message *m, struct outcome *o)
{
    if (o->kind == OUTCOME_DELAYED &&
        schedule_is_expired(&q->settings.schedule, m->envelope.accepted_ms, o->time_ms)) {
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
    return schedule_next(&q->settings.schedule, m->envelope.accepted_ms, o->time_ms, attempts,
                         wait_asked_for(o->words), q->outside.random(q->outside.arg));
}

static void recipient_apply(struct queue *q, struct message *m, size_t i, struct outcome *o,
                            bool is_rest, struct commit *c)
{
    struct message_recipient *r = &m->recipients[i];
    give_up_when_expired(q, m, o);
    o->is_reported = o->kind == OUTCOME_FAILED && envelope_wants(&m->envelope, i, NOTIFY_FAILURE);
    r->attempts++;
    free(r->last);
    r->last = NULL;
    r->due_ms = 0;
    if (outcome_is_final(o->kind)) {
        r->state = RECIPIENT_FINAL;
        r->final_kind = o->kind;
        m->open--;
    } else {
        r->state = RECIPIENT_WAITING;
        r->last = outcome_keep(o);
        r->due_ms = next_attempt(q, m, o, r->attempts, is_rest);
    }
    figures_happened(q, &m->envelope, o);
    commit_outcome(c, m->envelope.id, i, r->attempts, r->due_ms, o);
    q->outside.tell_outcome(q->outside.arg, &m->envelope, i, r->attempts, r->due_ms, o);
}

/* As much of the original as its notification returns (RFC 3461 4.3). */
static void read_original(struct queue *q, const struct envelope *e, struct buffer *text,
                          bool *is_whole)
{
    uint64_t want = e->size < q->settings.max_returned ? e->size : q->settings.max_returned;
    char *room = buffer_reserve(text, (size_t)want);
    ssize_t n = q->outside.read(q->outside.arg, e->id, 0, room, (size_t)want);
    text->len = n > 0 ? (size_t)n : 0;
    room[text->len] = 0;
    *is_whole = e->parameters.ret != RET_HDRS && text->len == e->size;
}

/* The addresses that did get it. One of which a part did not (an alias) is not among them; nobody
 * is named twice. `is_told`: by recipient. */
static void list_received(const struct message *m, bool *is_told, struct report *r, struct arena *a)
{
    struct span *received = arena_new(a, m->envelope.recipient_count * sizeof *received);
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        size_t as = envelope_told_as(&m->envelope, i);
        bool has_it = m->recipients[i].state == RECIPIENT_FINAL &&
                      (m->recipients[i].final_kind == OUTCOME_DELIVERED ||
                       m->recipients[i].final_kind == OUTCOME_RELAYED);
        if (has_it && !is_told[as])
            received[r->received_count++] = m->envelope.recipients[as].address;
        is_told[as] |= has_it;
    }
    r->received = received;
}

static void list_failed(const struct message *m, const struct delivery *d, bool *is_told,
                        struct report *r, struct arena *a)
{
    struct report_recipient *failed = arena_new(a, d->count * sizeof *failed);
    for (size_t i = 0; i < d->count; i++) {
        size_t as = envelope_told_as(&m->envelope, d->recipients[i]);
        if (!d->outcomes[i].is_reported || is_told[as])
            continue;
        is_told[as] = true;
        failed[r->recipient_count++] =
            (struct report_recipient){.recipient = as,
                                      .outcome = &d->outcomes[i],
                                      .attempts = m->recipients[d->recipients[i]].attempts};
    }
    r->recipients = failed;
}

/* Add the acceptance of a notification about the recipients of `d` that failed, when one is wanted.
 * They all have the same reverse-path. */
static void notify_failures(struct queue *q, struct message *m, const struct delivery *d,
                            struct queue_commit *c)
{
    struct arena a = ARENA_EMPTY;
    struct buffer original = BUFFER_EMPTY;
    struct report report = {.original = &m->envelope,
                            .to = envelope_reverse_path(&m->envelope, d->recipients[0])};
    bool *is_told = arena_new(&a, m->envelope.recipient_count * sizeof *is_told);
    list_failed(m, d, is_told, &report, &a);
    if (report.recipient_count) {
        read_original(q, &m->envelope, &original, &report.is_whole);
        list_received(m, is_told, &report, &a);
        report.hostname = q->settings.hostname;
        report.id = q->outside.new_id(q->outside.arg);
        report.now_ms = queue_now(q);
        report.offset_minutes = q->outside.offset_minutes(q->outside.arg, report.now_ms);
        report.message = buffer_span(&original);
        struct envelope e;
        notification_write(&e, &c->commit.message, &report, &a);
        e.has_owner =
            m->envelope.has_owner && !m->envelope.recipients[d->recipients[0]].reverse_path.len;
        e.owner = e.has_owner ? m->envelope.owner : 0;
        q->outside.expand(q->outside.arg, &e, &a);
        commit_accept(&c->commit, &e);
        c->made = message_new(&e);
    }
    buffer_free(&original);
    arena_clear(&a);
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

void delivery_finish(struct queue *q, struct delivery *d)
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
    if (!c->made)
        notify_failures(q, m, d, c);
    if (d->destination)
        destination_put_off(q, d);
    m->in_flight--;
    delivery_free(d);
    queue_give_commit(q, c);
    if (m->has_endings)
        message_end_marked(q, m);
    else
        message_settle(q, m);
}

/* It can't be read now: it stays what it was, and the operator may say it again. */
static void redirect_fails(struct queue *q, struct delivery *d)
{
    struct message *m = index_get(&q->awake, d->message->envelope.id);
    for (size_t i = 0; i < d->count; i++) {
        struct message_recipient *r = &m->recipients[d->recipients[i]];
        r->state = RECIPIENT_WAITING;
        free(r->ending);
        r->ending = NULL;
    }
    m->in_flight--;
    delivery_free(d);
    message_settle(q, m);
}

void queue_fetched(struct queue *q, struct delivery *d)
{
    q->under_way--;
    q->fetching--;
    if (d->is_read)
        delivery_finish(q, d);
    else
        redirect_fails(q, d);
}

void queue_delivered(struct queue *q, struct delivery *d)
{
    struct destination_queue *to = d->destination;
    assert(to->active > 0 && d->count > 0);
    q->under_way--;
    to->active--;
    destination_learn(q, to, d);
    delivery_finish(q, d);
    destination_pump(q, to);
    destination_drop_if_idle(q, to);
}
