/* What became of the message at hand, and when it is done with. */
#include "smtp/client_inside.h"

struct reply client_keep_reply(struct client *c, struct reply r)
{
    r.text = arena_copy(c->arena, r.text);
    return r;
}

void client_decide_rest(struct client *c, struct reply r, enum client_stage stage)
{
    struct reply kept = client_keep_reply(c, r);
    for (size_t i = 0; i < c->message->recipient_count; i++) {
        struct client_result *result = &c->message->results[i];
        if (!result->is_decided)
            *result = (struct client_result){kept, stage, true};
    }
}

size_t client_envelope_length(const struct client *c)
{
    return c->message->recipient_count + (client_goes_in_chunk(c) ? 1 : 2);
}

void client_begin_count(struct client *c, size_t sent)
{
    c->commands_sent = sent;
    c->replies_seen = c->accepted = 0;
    c->has_mail = c->is_lone_dot = false;
    c->dots = (struct dots_writer){0};
}

enum client_wait client_message_done(struct client *c, bool is_usable)
{
    struct client_message *next = is_usable ? c->next : NULL;
    c->message = next;
    c->next = NULL;
    c->phase = !is_usable ? PHASE_CLOSED : next ? PHASE_ENVELOPE : PHASE_READY;
    if (next) { /* its commands are out, and its replies come now */
        client_begin_count(c, client_envelope_length(c));
        c->arena = c->arena == &c->texts[0] ? &c->texts[1] : &c->texts[0];
        arena_clear(c->arena);
    }
    return is_usable ? CLIENT_DONE : CLIENT_DONE_CLOSED;
}

enum client_wait client_give_up(struct client *c, struct reply r, enum client_stage stage)
{
    if (c->message)
        client_decide_rest(c, r, stage);
    return client_message_done(c, false);
}

enum client_wait client_not_smtp(struct client *c, struct span line)
{
    struct span words = arena_printf(c->arena, "the server's answer was not understood: %.*s",
                                     SPAN_F(span_first(line, 200)));
    return client_give_up(c, (struct reply){0, STATUS(4, 5, 0), words}, client_stage_of(c));
}
