/* What a notice tells: the recipients of one message of whom the same sender hears, what was said
 * about them before, and who did get it. */
#include "queue/notices.h"
#include "queue/times.h"

#include "bounce/notification.h"
#include "outcome/report_to.h"
#include "queue/slips.h"
#include "queue/whom.h"

static void read_original(struct queue *q, const struct envelope *e, struct buffer *text)
{
    uint64_t want = e->size < q->settings.max_returned ? e->size : q->settings.max_returned;
    char *room = buffer_reserve(text, (size_t)want);
    ssize_t n = q->outside.read(q->outside.arg, e->id, 0, room, (size_t)want);
    text->len = n > 0 ? (size_t)n : 0;
    room[text->len] = 0;
}

struct telling telling_start(struct queue *q, struct message *m, struct span to)
{
    struct telling t = {.queue = q, .message = m, .to = to};
    t.recipients = arena_new(&t.arena, m->envelope.recipient_count * sizeof *t.recipients);
    read_original(q, &m->envelope, &t.original);
    t.report =
        (struct report){.original = &m->envelope,
                        .to = report_goes_to_postmaster(to) ? postmaster_address(q, &t.arena) : to,
                        .is_for_postmaster = report_goes_to_postmaster(to),
                        .message = buffer_span(&t.original)};
    q->outside.choose(q->outside.arg, &t.report);
    return t;
}

void telling_end(struct telling *t)
{
    buffer_free(&t->original);
    arena_clear(&t->arena);
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
        bool is_here =
            has_it(&m->recipients[i]) && span_equal(report_told_to(&m->envelope, i), t->to);
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
           e->outcome.cause.variant != VARIANT_SUSPENDED &&
           e->outcome.cause.variant != VARIANT_ACCOUNT_SLOWED &&
           e->outcome.cause.variant != VARIANT_ACCOUNT_HELD;
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
                                        .is_late = queue_now(t->queue) >= message_tell_late(m),
                                        .retry_until_ms =
                                            message_since(m) + t->queue->settings.schedule.expire};
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

void notice_sign(struct queue *q, struct envelope *e, struct buffer *text, struct commit *c)
{
    struct buffer whole = BUFFER_EMPTY;
    c->draft = q->outside.sign(q->outside.arg, &whole, buffer_span(text), e->accepted_ms);
    if (whole.len) {
        buffer_add_span(&whole, buffer_span(text));
        buffer_free(text);
        *text = whole;
        e->size = whole.len;
    }
}

void telling_write(struct telling *t, struct queue_commit *c)
{
    struct queue *q = t->queue;
    struct message *m = t->message;
    struct arena *a = &t->arena;
    struct report report = t->report;
    bool *is_told = arena_new(a, m->envelope.recipient_count * sizeof *is_told);
    struct envelope e;
    list_told(t, is_told, &report, a);
    list_received(t, is_told, &report, a);
    report.hostname = q->settings.hostname;
    report.id = q->outside.new_id(q->outside.arg);
    report.now_ms = queue_now(q);
    report.offset_minutes = q->outside.offset_minutes(q->outside.arg, report.now_ms);
    report.is_whole =
        t->original.len == m->envelope.size && report_returns_all(q, &m->envelope, t->to);
    notification_write(&e, &c->commit.message, &report, a);
    notice_sign(q, &e, &c->commit.message, &c->commit);
    if (report.is_for_postmaster)
        envelope_to_postmaster(q, &e, a);
    else
        take_owner(t, &e);
    q->outside.expand(q->outside.arg, &e, a);
    commit_accept(&c->commit, &e);
    c->made = message_new(&e);
}
