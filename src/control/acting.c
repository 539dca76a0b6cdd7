/* What was chosen, and nothing else, is done: as fast as the queue takes orders, for a moment at a
 * time. The answer comes when it is on the disk. */
#include "control/server_inside.h"

#include "sys/log.h"

#include <string.h>

enum {
    AGAIN_AFTER = 1,         /* ms; not at once: others have their turn */
    WITHOUT_ROOM_AFTER = 10, /* the disk may be full, too */
    ORDERS_AT_ONCE = 64,
    SETTLE_PATIENCE = 5000 /* ms */
};

void acting_ask(struct conversation *c)
{
    buffer_printf(&c->answer, "selected %zu %zu\n", c->selection.messages, c->selection.recipients);
    c->state = CONVERSATION_ASKS;
    conversation_send(c);
}

static void go_on_after(struct conversation *c, int64_t ms)
{
    timer_set(c->control->loop, &c->timer, loop_now(c->control->loop) + ms);
}

static const char *verb_word(enum verb v)
{
    switch (v) {
    case VERB_HOLD:
        return "hold";
    case VERB_RELEASE:
        return "release";
    case VERB_RETRY:
        return "retry";
    case VERB_REMOVE:
        return "remove";
    case VERB_BOUNCE:
        return "bounce";
    case VERB_REDIRECT:
        return "redirect";
    default:
        return "";
    }
}

/* What an operator does to many messages is on record as one line, besides the stories. */
static void log_act(const struct conversation *c)
{
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "operator");
    log_line_text(line, "does", span_of(verb_word(c->request.verb)));
    log_line_number(line, "uid", (int64_t)c->peer.uid);
    log_line_number(line, "messages", (int64_t)c->selection.messages);
    if (c->request.why.len)
        log_line_text(line, "why", c->request.why);
    log_end();
}

void acting_go(struct conversation *c)
{
    struct queue *q = c->control->settings.queue;
    c->state = CONVERSATION_ACTS;
    log_act(c);
    if (c->request.verb == VERB_RETRY && c->request.is_all) {
        c->done = queue_retry_all(q);
        c->acted = c->selection.messages = c->done;
    }
    acting_next(c);
}

static struct ending ending_of(const struct conversation *c, const struct chosen *chosen)
{
    const struct request *r = &c->request;
    struct ending how = {.kind = OUTCOME_DISCARDED, .why = r->why, .count = chosen->count};
    how.recipients =
        chosen->count ? (const size_t *)(const void *)c->selection.which.at + c->which : NULL;
    if (r->verb == VERB_BOUNCE)
        how.kind = OUTCOME_FAILED;
    if (r->verb == VERB_REDIRECT) {
        how.kind = OUTCOME_EXPANDED;
        how.to = r->new;
    }
    if (r->verb == VERB_REMOVE && !r->why.len)
        how.why = SPAN("removed by the operator");
    return how;
}

/* False: it is gone. */
static bool act(struct conversation *c, const struct chosen *chosen)
{
    struct queue *q = c->control->settings.queue;
    struct ending how;
    switch (c->request.verb) {
    case VERB_HOLD:
        return queue_hold(q, chosen->id, c->request.why);
    case VERB_RELEASE:
        return queue_release(q, chosen->id);
    case VERB_RETRY:
        return queue_retry(q, chosen->id);
    default:
        how = ending_of(c, chosen);
        return queue_end(q, chosen->id, &how);
    }
}

/* In a worker. */
static void save(struct conversation *c)
{
    store_settle(c->control->settings.store);
    buffer_printf(&c->answer, "done %zu %zu\n", c->done, c->selection.messages - c->done);
    c->is_done = true;
}

static void settle(struct conversation *c)
{
    struct loop *l = c->control->loop;
    if (c->state == CONVERSATION_ACTS) {
        c->state = CONVERSATION_SETTLES;
        c->settle_until = loop_now(l) + SETTLE_PATIENCE;
    }
    bool is_settled = queue_orders_are_done(c->control->settings.queue);
    if (!is_settled && loop_now(l) < c->settle_until)
        go_on_after(c, AGAIN_AFTER);
    else if (c->is_lost) /* nobody waits for the answer */
        conversation_end(c);
    else
        conversation_work(c, save);
}

void acting_next(struct conversation *c)
{
    struct selection *s = &c->selection;
    size_t room = queue_order_room(c->control->settings.queue);
    if (c->state == CONVERSATION_SETTLES) {
        settle(c);
        return;
    }
    for (size_t n = 0; n < ORDERS_AT_ONCE && n < room && c->acted < s->messages; n++) {
        struct chosen chosen;
        memcpy(&chosen, s->chosen.at + c->acted++ * sizeof chosen, sizeof chosen);
        c->done += act(c, &chosen);
        c->which += chosen.count;
        if (c->request.verb == VERB_REDIRECT) /* each is in memory as a whole */
            room = queue_order_room(c->control->settings.queue);
    }
    if (c->acted < s->messages)
        go_on_after(c, room ? AGAIN_AFTER : WITHOUT_ROOM_AFTER);
    else
        settle(c);
}
