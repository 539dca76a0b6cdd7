#include "queue/times.h"

#include "mail/date.h"

enum { LAST_TRY = 5000 /* ms before the time, so that the attempt may still be in time */ };

/* RFC 4865: as if it had come only then. And what was on hold is not given up for it. */
int64_t message_since(const struct message *m)
{
    int64_t release = m->envelope.parameters.release_ms, came = m->envelope.accepted_ms;
    if (m->released_ms)
        return m->released_ms;
    return release > came ? release : came;
}

bool message_waits_for_release(const struct message *m, int64_t now_ms)
{
    return !m->released_ms && now_ms < m->envelope.parameters.release_ms;
}

int64_t message_deadline(const struct message *m)
{
    return m->envelope.parameters.by == BY_RETURN ? m->envelope.parameters.by_ms : INT64_MAX;
}

int64_t message_next_attempt(const struct message *m, int64_t next_ms, int64_t now_ms)
{
    const struct mail_parameters *p = &m->envelope.parameters;
    if (!p->by || next_ms < p->by_ms - LAST_TRY)
        return next_ms;
    if (p->by_ms - now_ms > 2 * LAST_TRY)
        return p->by_ms - LAST_TRY;
    return p->by == BY_RETURN ? p->by_ms : next_ms;
}

struct outcome message_is_late(const struct queue *q, const struct message *m, struct arena *a)
{
    int64_t now = queue_now(q), end = message_deadline(m);
    struct buffer date = BUFFER_EMPTY;
    date_add_words(&date, end, q->outside.offset_minutes(q->outside.arg, end));
    struct span words = arena_printf(
        a, "it did not arrive by %s, as its sender wants it (DELIVERBY)", buffer_text(&date));
    buffer_free(&date);
    return (struct outcome){.kind = OUTCOME_FAILED,
                            .time_ms = now,
                            .status = STATUS(5, 4, 7),
                            .cause = {CAUSE_COULD_NOT_REACH, VARIANT_TOO_LATE},
                            .words = words};
}

/* What was late when it came, somebody else has told of. */
int64_t message_tell_late(const struct message *m)
{
    const struct mail_parameters *p = &m->envelope.parameters;
    return p->by == BY_NOTIFY && p->by_ms > m->envelope.accepted_ms ? p->by_ms : INT64_MAX;
}

/* By our own rule. */
static int64_t usual_tell_delay(const struct queue *q, const struct message *m, int64_t told)
{
    const struct queue_settings *s = &q->settings;
    int64_t at = told ? told + s->delay_notice_again : message_since(m) + s->delay_notice;
    bool is_over = schedule_is_expired(&s->schedule, message_since(m), at);
    return s->delay_notice && !is_over ? at : INT64_MAX;
}

int64_t recipient_tell_delay(const struct queue *q, const struct message *m, size_t i)
{
    const struct message_recipient *r = &m->recipients[i];
    bool is_held = r->last && r->last->outcome.cause.variant == VARIANT_ACCOUNT_HELD;
    if (is_held || !recipient_is_waiting(r) || !envelope_wants(&m->envelope, i, NOTIFY_DELAY))
        return INT64_MAX; /* of all that is held of an account one letter tells */
    int64_t told = r->last ? r->last->outcome.told_ms : 0;
    int64_t usual = usual_tell_delay(q, m, told), late = message_tell_late(m);
    return told < late && late < usual ? late : usual;
}

struct outcome outcome_never_tried(int64_t now_ms)
{
    return (struct outcome){.kind = OUTCOME_DELAYED,
                            .time_ms = now_ms,
                            .status = STATUS(4, 4, 5),
                            .cause = {CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED},
                            .words = SPAN("other mail for the same server took so long that there "
                                          "was no connection for this message in time")};
}
