/* A front end says XCLIENT before the mail of each of its clients: then all is as before the
 * greeting, but for what it has told. That stays until it tells something else, or another address,
 * which is another client. */
#include "smtp/server_inside.h"

#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>

void server_xclient(struct server *s, struct span rest, struct buffer *out)
{
    struct reply problem;
    struct xclient said;
    if (!s->may_xclient) {
        server_say(s,
                   REPLY(550, 5, 7, 0,
                         "XCLIENT is for front ends that the configuration of this server names; "
                         "please send your mail without it"),
                   out);
    } else if (s->has_mail) {
        server_say(s,
                   REPLY(503, 5, 5, 1, "A message is already begun; finish it, or say RSET first"),
                   out);
    } else if (!xclient_parse(rest, &said, &s->arena, &problem)) {
        server_say(s, problem, out);
        arena_clear(&s->arena);
    } else {
        s->asked_client = arena_new(&s->arena, sizeof said);
        *s->asked_client = said;
        s->wait = SERVER_WAITS_CLIENT;
    }
}

static void take_told(struct server *s)
{
    const struct xclient *x = s->asked_client;
    if (!s->front_end)
        s->front_end = memory_new(sizeof *s->front_end);
    struct server_front_end *f = s->front_end;
    bool is_another = f->has_address && x->at[XCLIENT_ADDR].says;
    if (x->at[XCLIENT_HELO].says || is_another) {
        buffer_clear(&f->hello);
        buffer_add_span(&f->hello, x->at[XCLIENT_HELO].text);
    }
    if (x->at[XCLIENT_PROTO].says || is_another) {
        f->has_protocol = x->at[XCLIENT_PROTO].has;
        f->is_extended = x->is_extended;
    }
    f->has_address |= x->at[XCLIENT_ADDR].says;
}

void server_begin_anew(struct server *s, struct buffer *out)
{
    take_told(s);
    s->asked_client = NULL;
    server_auth_free(s);
    server_forget_hello(s);
    s->errors = s->messages = 0;
    server_greet(s, NULL, out);
}

void server_front_end_free(struct server_front_end **f)
{
    if (*f)
        buffer_free(&(*f)->hello);
    free(*f);
    *f = NULL;
}

void server_set_rights(struct server *s, bool trusted, bool may_xclient)
{
    s->is_trusted = trusted;
    s->may_xclient = may_xclient;
}

const struct xclient *server_asked_client(const struct server *s)
{
    assert(s->wait == SERVER_WAITS_CLIENT);
    return s->asked_client;
}

struct span server_client_name(const struct server *s)
{
    const struct server_front_end *f = s->front_end;
    return buffer_span(f && f->hello.len ? &f->hello : &s->client_name);
}

bool server_is_extended(const struct server *s)
{
    const struct server_front_end *f = s->front_end;
    return f && f->has_protocol ? f->is_extended : s->is_extended;
}
