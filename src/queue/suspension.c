/* An operator has stopped what goes to a destination, or to the domain of recipients. Whoever is
 * due meets the suspension on the way out, gets an outcome that says so (once), and his message
 * sleeps in the suspension's lanes. When it is over they are woken as fast as messages are woken at
 * all. After a restart they are due at once, and meet it again. */
#include "queue/suspension.h"

#include "base/memory.h"
#include "mail/address.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 512, MOST_WAKING = 64 };

static struct span lower(struct span s, char room[LONGEST_NAME])
{
    s = span_first(s, LONGEST_NAME);
    for (size_t i = 0; i < s.len; i++)
        room[i] = ascii_lower(s.at[i]);
    return span_make(room, s.len);
}

static struct suspension *find(const struct queue *q, struct span name)
{
    char room[LONGEST_NAME];
    return map_get_text(&q->suspensions, lower(name, room));
}

struct suspension *suspension_of(const struct queue *q, struct span address,
                                 struct span destination)
{
    struct suspension *s;
    if (!q->suspensions.count)
        return NULL;
    if ((s = find(q, address_domain(address))) || (s = find(q, destination)))
        return s;
    destination = span_word(&destination); /* without what else it says of the connection */
    if ((s = find(q, destination)))
        return s;
    return span_starts(destination, SPAN("mx:")) ? find(q, span_skip(destination, 3)) : NULL;
}

void suspension_park(struct suspension *s, const struct message *m)
{
    if (s->parked_last != m->envelope.id)
        lanes_add(&s->waiting, lane_class_of(m->envelope.parameters.priority),
                  m->envelope.reverse_path, m->envelope.id);
    s->parked_last = m->envelope.id;
}

struct outcome suspension_outcome(const struct suspension *s, int64_t now_ms, struct arena *a)
{
    bool has_reason = s->why.len != 0;
    if (s->is_of_account)
        return (struct outcome){.kind = OUTCOME_DELAYED,
                                .time_ms = now_ms,
                                .status = STATUS(4, 7, 1),
                                .cause = {CAUSE_BLOCKED_POLICY, VARIANT_ACCOUNT_HELD},
                                .words = s->why};
    return (struct outcome){
        .kind = OUTCOME_DELAYED,
        .time_ms = now_ms,
        .status = STATUS(4, 3, 2),
        .cause = {CAUSE_COULD_NOT_REACH, VARIANT_SUSPENDED},
        .words = arena_printf(a, "mail to %.*s was suspended by the operator of this server%s%.*s",
                              SPAN_F(s->name), has_reason ? ": " : "", SPAN_F(s->why))};
}

bool suspension_is_told(const struct suspension *s, const struct kept_outcome *last)
{
    struct arena a = ARENA_EMPTY;
    const struct outcome is = suspension_outcome(s, 0, &a);
    bool is_told = last && last->outcome.cause.variant == is.cause.variant &&
                   span_equal(last->outcome.words, is.words);
    arena_clear(&a);
    return is_told;
}

/* ---- what an operator says */

struct suspension *suspension_new(struct span name, struct span why, int64_t since_ms)
{
    struct suspension *s = memory_new(sizeof *s + name.len + why.len);
    if (why.len)
        memcpy(s->texts + name.len, why.at, why.len);
    if (name.len)
        memcpy(s->texts, name.at, name.len);
    s->name = span_make(s->texts, name.len);
    s->why = span_make(s->texts + name.len, why.len);
    s->since_ms = since_ms;
    return s;
}

void suspension_free(struct suspension *s)
{
    lanes_free(&s->waiting);
    free(s);
}

void queue_suspend(struct queue *q, struct span name, struct span why, int64_t since_ms)
{
    char room[LONGEST_NAME];
    struct suspension *s = suspension_new(lower(name, room), why, since_ms);
    struct suspension *before = map_remove_text(&q->suspensions, s->name);
    if (before) { /* for another reason now */
        s->waiting = before->waiting;
        s->since_ms = before->since_ms;
        before->waiting = (struct lanes){0};
        suspension_free(before);
    }
    map_set_text(&q->suspensions, s->name, s);
}

bool queue_resume(struct queue *q, struct span name)
{
    struct suspension *s = find(q, name);
    if (!s)
        return false;
    map_remove_text(&q->suspensions, s->name);
    suspension_is_over(q, s);
    return true;
}

void queue_tell_suspended(const struct queue *q, suspended_fn *each, void *arg)
{
    size_t i = 0;
    for (struct suspension *s; (s = map_next(&q->suspensions, &i));)
        each(arg, s->name, s->why, s->since_ms, s->waiting.count);
}

/* ---- when it is over */

void suspension_is_over(struct queue *q, struct suspension *s)
{
    list_append(&q->resumed, &s->link);
}

static void take_up(struct queue *q, message_id id, bool releases)
{
    struct message *m = index_get(&q->awake, id);
    struct sleeper *s = index_get(&q->asleep, id);
    if (s && heap_has(&s->due)) { /* else it is on hold */
        if (releases)
            message_commit_release(q, NULL, id);
        sleeper_wake(q, s, NULL)->order = releases ? ORDER_RELEASE : ORDER_NONE;
    } else if (m) {
        if (releases && !m->is_held)
            message_commit_release(q, m, id);
        for (size_t i = 0; i < m->envelope.recipient_count; i++)
            if (m->recipients[i].state == RECIPIENT_SUSPENDED)
                m->recipients[i].state = RECIPIENT_WAITING;
        message_settle(q, m); /* it is due */
    }
}

void suspensions_take_up(struct queue *q)
{
    while (!list_is_empty(&q->resumed)) {
        struct suspension *s = LIST_ENTRY(q->resumed.next, struct suspension, link);
        message_id id;
        while (q->waking.count < MOST_WAKING && lanes_take(&s->waiting, &id))
            take_up(q, id, s->releases);
        if (s->waiting.count)
            return;
        list_remove(&s->link);
        suspension_free(s);
    }
}

void suspensions_free(struct queue *q)
{
    size_t i = 0;
    for (struct suspension *s; (s = map_next(&q->suspensions, &i));)
        suspension_free(s);
    map_free(&q->suspensions);
    for (struct list *node; (node = list_take(&q->resumed));)
        suspension_free(LIST_ENTRY(node, struct suspension, link));
}
