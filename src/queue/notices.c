/* Whom a message's notices go to, about whom, and when. An outcome that its sender is to hear of
 * leaves its recipient open: it is closed by the commit that accepts the notice. Those of one
 * message are gathered for a short time, so that one notice tells all; when nothing is undecided
 * any more, it is written at once, mostly in the step in which the last outcome came. */
#include "queue/notices.h"

#include "bounce/notification.h"
#include "queue/slips.h"
#include "queue/whom.h"

#include <stdlib.h>

/* What a commit closes must fit into it, with the notice. */
enum { MOST_TOLD_AT_ONCE = 1000 };

static bool is_waiting(const struct message_recipient *r)
{
    return recipient_is_undecided(r) && r->state != RECIPIENT_IN_FLIGHT;
}

bool message_is_decided(const struct message *m)
{
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (recipient_is_undecided(&m->recipients[i]))
            return false;
    return true;
}

/* ---- when */

int64_t recipient_tell_delay(const struct queue *q, const struct message *m, size_t i)
{
    const struct message_recipient *r = &m->recipients[i];
    const struct queue_settings *s = &q->settings;
    if (!s->delay_notice || !is_waiting(r) || !envelope_wants(&m->envelope, i, NOTIFY_DELAY))
        return INT64_MAX;
    int64_t told = r->last ? r->last->outcome.told_ms : 0;
    int64_t at = told ? told + s->delay_notice_again : m->envelope.accepted_ms + s->delay_notice;
    return schedule_is_expired(&s->schedule, m->envelope.accepted_ms, at) ? INT64_MAX : at;
}

/* ---- what a notice tells */

/* Recipients of one message of whom the same sender is told. */
struct telling {
    struct queue *queue;
    struct message *message;
    struct span to;
    size_t *recipients, count;
    struct arena arena;
};

static struct telling telling_start(struct queue *q, struct message *m, struct span to)
{
    struct telling t = {.queue = q, .message = m, .to = to};
    t.recipients = arena_new(&t.arena, m->envelope.recipient_count * sizeof *t.recipients);
    return t;
}

static bool belongs(const struct telling *t, size_t i)
{
    return t->count < MOST_TOLD_AT_ONCE && span_equal(recipient_told_to(t->message, i), t->to);
}

/* As much of the original as its notification returns. */
static void read_original(struct queue *q, const struct envelope *e, struct buffer *text)
{
    uint64_t want = e->size < q->settings.max_returned ? e->size : q->settings.max_returned;
    char *room = buffer_reserve(text, (size_t)want);
    ssize_t n = q->outside.read(q->outside.arg, e->id, 0, room, (size_t)want);
    text->len = n > 0 ? (size_t)n : 0;
    room[text->len] = 0;
}

static bool has_it(const struct message_recipient *r)
{
    enum outcome_kind kind = r->state == RECIPIENT_FINAL        ? r->final_kind
                             : r->state == RECIPIENT_UNREPORTED ? r->last->outcome.kind
                                                                : OUTCOME_DELAYED;
    return kind == OUTCOME_DELIVERED || kind == OUTCOME_RELAYED;
}

/* The addresses that did get it, and that `t->to` knows: a sender not the members of a list, nor
 * its owner whom the sender wrote to besides. One of which a part did not (an alias) is not among
 * them; nobody is named twice. `is_told`: by recipient. */
static void list_received(const struct telling *t, bool *is_told, struct report *r, struct arena *a)
{
    const struct message *m = t->message;
    struct span *received = arena_new(a, m->envelope.recipient_count * sizeof *received);
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        size_t as = envelope_told_as(&m->envelope, i);
        bool is_here = has_it(&m->recipients[i]) && span_equal(recipient_told_to(m, i), t->to);
        if (is_here && !is_told[as])
            received[r->received_count++] = m->envelope.recipients[as].address;
        is_told[as] |= is_here;
    }
    r->received = received;
}

/* One look into the story costs as much as all that it tells. */
enum { MOST_WITH_STORY = 100 };

static bool was_tried_before(const struct telling *t)
{
    for (size_t n = 0; n < t->count; n++)
        if (t->message->recipients[t->recipients[n]].attempts > 1)
            return t->message->envelope.recipient_count <= MOST_WITH_STORY;
    return false;
}

static bool is_earlier_attempt(const struct story_event *e, size_t recipient, int64_t last_ms)
{
    return e->kind == STORY_ATTEMPT && e->recipient == recipient &&
           e->outcome.kind == OUTCOME_DELAYED && e->outcome.time_ms < last_ms &&
           e->outcome.cause.variant != VARIANT_SUSPENDED;
}

/* The attempts before the last one: the ledger has them, about a second later than they were. */
static void add_earlier(const struct telling *t, const struct story *s, struct report_recipient *to,
                        size_t recipient, struct arena *a)
{
    struct outcome *earlier = arena_new(a, s->event_count * sizeof *earlier);
    size_t count = 0;
    for (size_t i = 0; i < s->event_count; i++)
        if (is_earlier_attempt(&s->events[i], recipient, to->outcome->time_ms)) {
            earlier[count] = s->events[i].outcome;
            outcome_for_sender(t->queue, t->message, recipient, &earlier[count++], a);
        }
    to->earlier = earlier;
    to->earlier_count = count;
}

/* Each once, under the address that the sender used. */
static void list_told(const struct telling *t, bool *is_told, struct report *r, struct arena *a)
{
    const struct message *m = t->message;
    struct queue_outside *outside = &t->queue->outside;
    struct report_recipient *told = arena_new(a, t->count * sizeof *told);
    struct story story = {0};
    if (was_tried_before(t) && !outside->story(outside->arg, m->envelope.id, a, &story))
        story = (struct story){0};
    for (size_t n = 0; n < t->count; n++) {
        const struct message_recipient *from = &m->recipients[t->recipients[n]];
        size_t as = envelope_told_as(&m->envelope, t->recipients[n]);
        if (is_told[as])
            continue;
        is_told[as] = true;
        struct report_recipient *to = &told[r->recipient_count++];
        struct outcome *last = arena_new(a, sizeof *last);
        *last = from->last->outcome;
        outcome_for_sender(t->queue, m, t->recipients[n], last, a);
        *to = (struct report_recipient){.recipient = as,
                                        .outcome = last,
                                        .attempts = from->attempts,
                                        .retry_until_ms = m->envelope.accepted_ms +
                                                          t->queue->settings.schedule.expire};
        if (story.event_count)
            add_earlier(t, &story, to, t->recipients[n], a);
    }
    slips_find(t->queue, m, t->to, told, r->recipient_count, a);
    r->recipients = told;
}

/* A notice about a list's member goes to whom the list's owner is: his affair, not the user's who
 * sent to the list. */
static void take_owner(const struct telling *t, struct envelope *e)
{
    const struct envelope *about = &t->message->envelope;
    e->has_owner = about->has_owner && !about->recipients[t->recipients[0]].reverse_path.len;
    e->owner = e->has_owner ? about->owner : 0;
}

static void sign(struct queue *q, struct envelope *e, struct buffer *text)
{
    struct buffer whole = BUFFER_EMPTY;
    q->outside.sign(q->outside.arg, &whole, buffer_span(text), e->accepted_ms);
    if (whole.len) {
        buffer_add_span(&whole, buffer_span(text));
        buffer_free(text);
        *text = whole;
        e->size = whole.len;
    }
}

/* Add to the commit the acceptance of the notice. */
static void write_notice(struct telling *t, struct queue_commit *c)
{
    struct queue *q = t->queue;
    struct message *m = t->message;
    struct arena *a = &t->arena;
    struct buffer original = BUFFER_EMPTY;
    struct report report = {.original = &m->envelope,
                            .to = is_postmaster(t->to) ? postmaster_address(q, a) : t->to,
                            .is_for_postmaster = is_postmaster(t->to)};
    bool *is_told = arena_new(a, m->envelope.recipient_count * sizeof *is_told);
    struct envelope e;
    read_original(q, &m->envelope, &original);
    list_told(t, is_told, &report, a);
    list_received(t, is_told, &report, a);
    report.hostname = q->settings.hostname;
    report.id = q->outside.new_id(q->outside.arg);
    report.now_ms = queue_now(q);
    report.offset_minutes = q->outside.offset_minutes(q->outside.arg, report.now_ms);
    report.message = buffer_span(&original);
    report.is_whole =
        original.len == m->envelope.size && report_returns_all(q, &m->envelope, t->to);
    q->outside.choose(q->outside.arg, &report);
    notification_write(&e, &c->commit.message, &report, a);
    sign(q, &e, &c->commit.message);
    if (report.is_for_postmaster)
        envelope_to_postmaster(q, &e, a);
    else
        take_owner(t, &e);
    q->outside.expand(q->outside.arg, &e, a);
    commit_accept(&c->commit, &e);
    c->made = message_new(&e);
    buffer_free(&original);
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
    for (size_t n = 0; n < t->count; n++) {
        size_t i = t->recipients[n];
        struct outcome *o = &m->recipients[i].last->outcome;
        o->is_reported = true;
        commit_outcome(&c->commit, m->envelope.id, i, m->recipients[i].attempts, 0, o);
    }
    write_notice(t, c);
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
    struct telling t = telling_start(q, m, recipient_told_to(m, first));
    take_unreported(&t, first);
    tell_of_ends(&t, c);
    arena_clear(&t.arena);
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
    for (size_t n = 0; n < t->count; n++) {
        struct message_recipient *r = &m->recipients[t->recipients[n]];
        struct outcome o = outcome_of_waiting(t->queue, r);
        o.told_ms = queue_now(t->queue);
        o.is_reported = true;
        struct kept_outcome *kept = outcome_keep(&o);
        free(r->last);
        r->last = kept;
        commit_outcome(&c->commit, m->envelope.id, t->recipients[n], r->attempts, r->due_ms,
                       &kept->outcome);
        kept->outcome.is_reported = false; /* what comes next is told by itself */
    }
    write_notice(t, c);
}

/* When one is to be told of, so are all that wait. */
static void take_delayed(struct telling *t, size_t from)
{
    const struct message *m = t->message;
    for (size_t i = from; i < m->envelope.recipient_count; i++)
        if (is_waiting(&m->recipients[i]) && envelope_wants(&m->envelope, i, NOTIFY_DELAY) &&
            belongs(t, i))
            t->recipients[t->count++] = i;
}

static bool is_due(const struct queue *q, const struct message *m, size_t i, int64_t now)
{
    const struct message_recipient *r = &m->recipients[i];
    if (r->state == RECIPIENT_UNREPORTED)
        return r->due_ms <= now;
    return recipient_tell_delay(q, m, i) <= now;
}

void notices_send_due(struct queue *q, struct message *m)
{
    int64_t now = queue_now(q);
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        if (!is_due(q, m, i, now))
            continue;
        bool has_ended = m->recipients[i].state == RECIPIENT_UNREPORTED;
        struct telling t = telling_start(q, m, recipient_told_to(m, i));
        struct queue_commit *c = queue_commit_new(q, m);
        (has_ended ? take_unreported : take_delayed)(&t, i);
        (has_ended ? tell_of_ends : tell_of_delay)(&t, c);
        arena_clear(&t.arena);
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
