/* What the server says, and what of the session is over with it. */
#include "smtp/server_inside.h"

const struct reply server_spoke_too_early =
    REPLY(554, 5, 5, 0,
          "Your program talks without waiting for our replies, which no mail program may do "
          "(RFC 5321 4.3.1, RFC 2920 3.1); closing");

void server_forget_hello(struct server *s)
{
    server_end_transaction(s);
    buffer_free(&s->client_name);
    s->has_hello = s->is_extended = false;
}

void server_end_transaction(struct server *s)
{
    buffer_free(&s->transaction.message);
    arena_clear(&s->arena);
    s->transaction = (struct transaction){.reverse_path = SPAN_NONE};
    s->recipient_room = 0;
    s->has_mail = s->has_chunks = false;
    s->refusal = (struct reply){0};
}

static void say(struct server *s, struct reply r, struct buffer *out)
{
    reply_add(out, r);
    if (r.code >= 400 && s->settings->refused)
        s->settings->refused(&r);
}

void server_close_with(struct server *s, struct reply why, struct buffer *out)
{
    say(s, why, out);
    server_end_transaction(s);
    s->wait = SERVER_WAITS_CLOSE;
}

void server_say(struct server *s, struct reply r, struct buffer *out)
{
    say(s, r, out);
    if (reply_is_permanent(r) && ++s->errors >= s->settings->max_errors)
        server_close_with(s,
                          REPLY(421, 4, 7, 0,
                                "Too many errors in this session; closing. Please look "
                                "at the replies above"),
                          out);
}

void server_greet(struct server *s, const struct reply *refusal, struct buffer *out)
{
    if (refusal)
        server_close_with(s, *refusal, out);
    else
        buffer_printf(out, "220 %.*s ESMTP plainpost\r\n", SPAN_F(s->settings->hostname));
}
