/* AUTH (RFC 4954) of who calls: here are its lines; what stands in them is the driver's. Nothing of
 * the message goes out before the server has taken the login. */
#include "smtp/client_inside.h"

#include <assert.h>

enum { LONGEST_COMMAND = 512 /* with its CRLF, RFC 5321 4.5.3.1.4 */ };

void client_wants_login(struct client *c)
{
    assert(c->phase == PHASE_GREETING);
    c->wants_login = true;
}

/* "AUTH PLAIN LOGIN"; "AUTH=PLAIN LOGIN" is of before 1999, and some say both. */
void client_take_mechanisms(struct client *c, struct span keyword, struct span rest)
{
    struct span old = span_skip(keyword, 4);
    if (old.len && old.at[0] != '=')
        return;
    old = span_skip(old, 1);
    buffer_printf(&c->mechanisms, "%s%.*s%s%.*s", c->mechanisms.len ? " " : "", SPAN_F(old),
                  old.len ? " " : "", SPAN_F(span_trim(rest)));
}

static enum client_wait ask(struct client *c, enum client_login what)
{
    c->phase = PHASE_LOGIN;
    c->login = what;
    return CLIENT_WAITS_LOGIN;
}

enum client_wait client_begin_login(struct client *c)
{
    return ask(c, CLIENT_LOGIN_BEGINS);
}

enum client_wait client_auth_reply(struct client *c, struct reply r)
{
    if (r.code == 334) {
        buffer_clear(&c->challenge);
        buffer_add_span(&c->challenge, span_trim(r.text));
        return ask(c, CLIENT_LOGIN_RESPONDS);
    }
    if (r.code >= 200 && r.code < 300)
        return ask(c, CLIENT_LOGIN_ACCEPTED);
    arena_clear(c->arena);
    c->refusal = r;
    c->refusal.text = arena_copy(c->arena, r.text);
    return ask(c, CLIENT_LOGIN_REFUSED);
}

enum client_login client_login(const struct client *c)
{
    assert(c->phase == PHASE_LOGIN);
    return c->login;
}

struct span client_mechanisms(const struct client *c)
{
    return buffer_span(&c->mechanisms);
}

struct span client_challenge(const struct client *c)
{
    return buffer_span(&c->challenge);
}

struct reply client_refusal(const struct client *c)
{
    return c->refusal;
}

bool client_initial_fits(struct span mechanism, struct span initial)
{
    return strlen("AUTH  \r\n") + mechanism.len + initial.len <= LONGEST_COMMAND;
}

enum client_wait client_auth(struct client *c, struct span mechanism, const struct span *initial,
                             struct buffer *out)
{
    assert(c->phase == PHASE_LOGIN && c->login == CLIENT_LOGIN_BEGINS);
    c->phase = PHASE_AUTH;
    buffer_add_text(out, "AUTH ");
    buffer_add_span(out, mechanism);
    if (initial) { /* "=" is how an empty one is written */
        buffer_add_char(out, ' ');
        buffer_add_span(out, initial->len ? *initial : SPAN("="));
    }
    buffer_add_text(out, "\r\n");
    return CLIENT_WAITS_INPUT;
}

enum client_wait client_respond(struct client *c, struct span response, struct buffer *out)
{
    assert(c->phase == PHASE_LOGIN && c->login == CLIENT_LOGIN_RESPONDS);
    c->phase = PHASE_AUTH;
    buffer_add_span(out, response);
    buffer_add_text(out, "\r\n");
    return CLIENT_WAITS_INPUT;
}

enum client_wait client_no_login(struct client *c, struct reply why)
{
    assert(c->phase == PHASE_LOGIN);
    return client_give_up(c, why, STAGE_LOGIN);
}

bool client_is_logged_in(const struct client *c)
{
    return c->is_logged_in;
}
