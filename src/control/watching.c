/* Lines of stories as they happen. They are written in the scheduler's thread, so they are cheap
 * and never wait: what finds no room in a reader's buffer is counted, and the reader is told so. */
#include "control/server_inside.h"

#include "control/story_text.h"
#include "sys/clock.h"

enum { ROOM = 256 * 1024 };

void watching_start(struct conversation *c)
{
    c->state = CONVERSATION_WATCHES;
    list_append(&c->control->watchers, &c->watching);
    conversation_send(c);
}

static void tell_skipped(struct conversation *c)
{
    if (c->request.is_json)
        buffer_printf(&c->answer, "{\"skipped\":%llu}\n", (unsigned long long)c->skipped);
    else
        buffer_printf(
            &c->answer,
            "          (%llu lines are missing here: more happened than could be shown)\n",
            (unsigned long long)c->skipped);
    c->skipped = 0;
}

void watching_resume(struct conversation *c)
{
    if (!c->skipped)
        return;
    tell_skipped(c);
    conversation_send(c);
}

/* Does it concern this watcher? `recipient`: SIZE_MAX for all of the message. */
static bool is_wanted(struct conversation *c, const struct envelope *e, size_t recipient,
                      const struct outcome *o)
{
    const struct filter *f = &c->request.filter;
    const struct control_routes *routes = &c->control->settings.routes;
    size_t end = recipient == SIZE_MAX ? e->recipient_count : recipient + 1;
    bool is_wanted = false;
    if (!filter_id(f, e->id, clock_now_ms()) || !filter_message(f, e, false))
        return false;
    void *now = f->destination.len ? routes->begin(routes->arg) : NULL; /* they may change */
    for (size_t i = recipient == SIZE_MAX ? 0 : recipient; i < end && !is_wanted; i++)
        is_wanted = filter_recipient(f, e, i, o, now ? routes->destination(now, e, i) : SPAN_NONE);
    if (now)
        routes->end(now);
    return is_wanted;
}

static void tell(struct conversation *c, struct story *s)
{
    if (c->answer.len >= ROOM) {
        c->skipped++;
        return;
    }
    bool was_empty = !c->answer.len;
    struct arena a = ARENA_EMPTY;
    if (!c->peer.is_operator)
        story_for_sender(s, &a);
    if (c->request.is_json)
        story_line_json(&c->answer, s);
    else
        story_line(&c->answer, s, clock_offset_minutes(clock_now_ms()));
    arena_clear(&a);
    if (was_empty) /* sent when the round is over, together with what follows */
        watch_change(c->control->loop, &c->watch, EPOLLOUT);
}

void control_tell_accepted(struct control *control, const struct envelope *e)
{
    if (!control)
        return;
    for (struct list *at = control->watchers.next; at != &control->watchers; at = at->next) {
        struct conversation *c = LIST_ENTRY(at, struct conversation, watching);
        struct story s = {.envelope = *e};
        if (!c->request.filter.cause.len && is_wanted(c, e, SIZE_MAX, NULL))
            tell(c, &s);
    }
}

void control_tell_outcome(struct control *control, const struct envelope *e, size_t recipient,
                          unsigned attempts, int64_t retry_ms, const struct outcome *o)
{
    if (!control)
        return;
    for (struct list *at = control->watchers.next; at != &control->watchers; at = at->next) {
        struct conversation *c = LIST_ENTRY(at, struct conversation, watching);
        struct story_event event = {.kind = STORY_ATTEMPT,
                                    .time_ms = o->time_ms,
                                    .recipient = recipient,
                                    .attempts = attempts,
                                    .retry_ms = retry_ms,
                                    .outcome = *o};
        struct story s = {.envelope = *e, .events = &event, .event_count = 1};
        if (is_wanted(c, e, recipient, o))
            tell(c, &s);
    }
}
