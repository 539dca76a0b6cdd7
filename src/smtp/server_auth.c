/* AUTH (RFC 4954): here are its lines; what stands in them is for who answers. Whatever comes is a
 * step that he is told of, its end too, so that he never waits for more of a login that is over.
 * What a client says may be a password, so it is wiped when it was looked at. */
#include "smtp/server_inside.h"

#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>

static bool is_offered(const struct server *s, struct span mechanism)
{
    struct span rest = s->mechanisms;
    for (struct span word; (word = span_word(&rest)).len;)
        if (span_equal_nocase(word, mechanism))
            return true;
    return false;
}

/* Why nobody can log in now; code 0: somebody can. */
static struct reply fault_of_time(const struct server *s)
{
    switch (s->login) {
    case SERVER_LOGIN_NONE:
        return REPLY(502, 5, 5, 1,
                     "Nobody logs in here: this is where mail comes in from other servers. A mail "
                     "program should send by port 587 or 465");
    case SERVER_LOGIN_NEEDS_TLS:
        return REPLY(538, 5, 7, 11,
                     "A password must not go over the network as anybody can read it: please turn "
                     "on encryption (TLS) in your mail program");
    case SERVER_LOGIN_DONE:
        return REPLY(503, 5, 5, 1, "You have logged in already");
    case SERVER_LOGIN_OFFERED:
        break;
    }
    if (s->has_mail)
        return REPLY(503, 5, 5, 1, "A message is already begun; finish it, or say RSET first");
    return (struct reply){0};
}

static void ask(struct server *s, bool has_response, struct span response)
{
    struct server_auth *a = s->auth;
    a->has_response = has_response;
    buffer_reserve(&s->auth_text, SERVER_LONGEST_AUTH);
    buffer_add_span(&s->auth_text, response);
    a->response = buffer_span(&s->auth_text);
    s->wait = SERVER_WAITS_AUTH;
}

void server_auth(struct server *s, struct span rest, struct buffer *out)
{
    struct reply fault = fault_of_time(s);
    struct span mechanism = span_word(&rest), response = span_word(&rest);
    if (!fault.code && (!mechanism.len || span_trim(rest).len))
        fault = REPLY(501, 5, 5, 4,
                      "Behind AUTH stands a mechanism, and maybe a response, as in AUTH PLAIN");
    else if (!fault.code && !is_offered(s, mechanism))
        fault = REPLY(504, 5, 5, 4,
                      "This server does not know that way to log in; EHLO lists those that it "
                      "knows");
    if (fault.code) {
        server_say(s, fault, out);
        return;
    }
    s->auth = memory_new(sizeof *s->auth);
    s->auth->mechanism = arena_copy(&s->arena, mechanism);
    s->auth->is_first = true;
    /* "=" is how an empty one is written (RFC 4954 4). */
    ask(s, response.len > 0, span_equal(response, SPAN("=")) ? SPAN_NONE : response);
}

void server_take_response(struct server *s, struct span line, struct reply fault)
{
    s->phase = PHASE_COMMANDS;
    s->auth->is_first = false;
    s->auth->fault = fault;
    if (!fault.code && span_equal(line, SPAN("*")))
        s->auth->fault = REPLY(501, 5, 7, 0, "The login is given up, as you wish");
    ask(s, true, line);
}

enum server_wait server_challenge(struct server *s, struct span text, struct buffer *out)
{
    assert(s->wait == SERVER_WAITS_AUTH);
    buffer_wipe(&s->auth_text);
    buffer_printf(out, "334 %.*s\r\n", SPAN_F(text));
    s->phase = PHASE_AUTH;
    return s->wait = SERVER_WAITS_INPUT;
}

void server_auth_free(struct server *s)
{
    buffer_wipe(&s->auth_text);
    if (s->auth)
        arena_clear(&s->arena); /* no transaction is begun */
    free(s->auth);
    s->auth = NULL;
    if (s->phase == PHASE_AUTH)
        s->phase = PHASE_COMMANDS;
}

const struct server_auth *server_asked_auth(const struct server *s)
{
    assert(s->wait == SERVER_WAITS_AUTH);
    return s->auth;
}

void server_set_login(struct server *s, enum server_login login, struct span mechanisms)
{
    s->login = login;
    s->mechanisms = mechanisms;
}
