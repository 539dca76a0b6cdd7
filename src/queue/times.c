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
