/* From the accepted connection to the greeting. A proxy first says for whom it connects, with a
 * header; a front end that speaks SMTP itself says it by XCLIENT, also again for the next client.
 * From then on the client's address is what counts: for trust, for limits, in Received fields, in
 * the log and the trace.
 *
 * Proxies, front ends and trusted clients are not counted: behind the ones are many, and the others
 * are ours. */
#include "base/memory.h"
#include "outcome/counts.h"
#include "receive/inside.h"
#include "receive/verdict.h"
#include "smtp/proxy.h"
#include "sys/log.h"
#include "sys/tally.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PATIENCE_FOR_A_HEADER = 10000 }; /* ms */

/* ---- who it is */

void front_free(struct front **f)
{
    if (!*f)
        return;
    buffer_free(&(*f)->name);
    buffer_free(&(*f)->login);
    free(*f);
    *f = NULL;
}

static struct front *front_of(struct session *s)
{
    if (!s->front) {
        s->front = memory_new(sizeof *s->front);
        s->front->address = s->peer;
    }
    return s->front;
}

static void set_client(struct session *s, const unsigned char address[16], uint16_t port)
{
    front_of(s)->hides_client = false;
    net_address_from_bytes(&s->peer, span_make(address, 16), port);
}

void arrival_add_client(struct buffer *out, const struct session *s)
{
    if (s->front && s->front->hides_client)
        buffer_add_text(out, "unknown");
    else
        net_address_add(out, &s->peer);
}

/* ---- whether it may */

static struct reply too_much(const struct session *s, const struct client_refusal *why,
                             const unsigned char address[16], struct arena *a)
{
    struct buffer who = BUFFER_EMPTY;
    struct network network = clients_network(s->entrance->clients, address);
    if (why->is_network)
        network_print(&who, &network);
    else
        net_address_add(&who, &s->peer);
    struct reply reply = verdict_limit(why, buffer_span(&who), a);
    buffer_free(&who);
    return reply;
}

static bool is_counted(const struct session *s, const unsigned char address[16])
{
    const struct listen *l = s->entrance->at;
    bool is_hidden = s->front && s->front->hides_client;
    return !s->is_trusted && !is_hidden && !networks_contain(&l->proxy, address) &&
           !networks_contain(&l->xclient, address);
}

/* Trust and counters follow the client. False: it may not come in now, and `why` says so. */
static bool admit(struct session *s, struct arena *a, struct reply *why)
{
    struct receiver *r = s->receiver;
    struct clients *clients = s->entrance->clients;
    struct client_refusal limit;
    unsigned char address[16];
    net_address_bytes(&s->peer, address);
    bool is_known = !s->front || !s->front->hides_client;
    bool is_itself = s->has_trusted_certificate && !(s->front && s->front->has_told);
    bool is_of_us = is_itself || (is_known && networks_contain(&s->entrance->trusted, address));
    s->is_trusted = login_of(s).len || (is_of_us && !s->entrance->at->is_submission);
    server_set_rights(s->server, s->is_trusted, s->may_xclient);
    login_begin(s);
    clients_leave(clients, &s->client, loop_now(r->loop));
    if (!is_counted(s, address) ||
        clients_enter(clients, &s->client, address, loop_now(r->loop), &limit))
        return true;
    *why = too_much(s, &limit, address, a);
    return false;
}

bool arrival_may(struct session *s, enum client_event event, struct arena *a, struct reply *why)
{
    struct receiver *r = s->receiver;
    struct client_refusal limit;
    unsigned char address[16];
    if (clients_take(s->entrance->clients, &s->client, event, loop_now(r->loop), &limit))
        return true;
    net_address_bytes(&s->peer, address);
    *why = too_much(s, &limit, address, a);
    return false;
}

/* Has it said something already? Then it does not listen. What it says is read, so that the end of
 * the connection does not take our words with it. */
static bool talks_early(struct session *s)
{
    bool has_more = stream_recv(s->watch.fd, s->tls, s->receiver->input, READ_SIZE) > 0;
    if (!s->input.len && !has_more)
        return false;
    buffer_free(&s->input);
    return true;
}

/* Honest clients wait; ours need not. */
static int64_t greet_delay(const struct session *s)
{
    bool is_known = s->is_trusted || s->may_xclient || s->input.len;
    return is_known ? 0 : s->entrance->options->greet_delay;
}

static bool refuse(struct session *s, struct reply why)
{
    s->closes = true;
    server_greet(s->server, &why, &s->receiver->out);
    session_note_refusal(s, SPAN_NONE, why);
    session_set_deadline(s);
    return session_send(s);
}

/* False: the session is gone. */
static bool greet(struct session *s)
{
    s->awaits_greeting = false;
    if (talks_early(s))
        return refuse(s, server_spoke_too_early);
    server_greet(s->server, NULL, &s->receiver->out);
    session_set_deadline(s);
    return session_send(s);
}

void arrival_spoke_early(struct session *s, struct span what)
{
    buffer_add_span(&s->input, what);
    greet(s);
}

void arrival_greet(struct session *s)
{
    greet(s);
}

/* Now, or after a while. False: the session is gone. */
static bool may_be_greeted(struct session *s)
{
    int64_t delay = greet_delay(s);
    if (!delay)
        return greet(s);
    s->awaits_greeting = true;
    s->deadline = loop_now(s->receiver->loop) + delay;
    timer_set(s->receiver->loop, &s->timer, s->deadline);
    return true;
}

void arrival_is_secure(struct session *s)
{
    may_be_greeted(s);
}

/* Words could only be said behind a handshake, which costs us more than they are worth. */
static bool leave_without_words(struct session *s, struct reply why)
{
    session_note_refusal(s, SPAN_NONE, why);
    session_free(s);
    return false;
}

/* False: the session is gone. */
static bool welcome(struct session *s)
{
    struct arena a = ARENA_EMPTY;
    struct reply refusal = verdict_full;
    unsigned char address[16];
    net_address_bytes(&s->peer, address);
    s->may_xclient = networks_contain(&s->entrance->at->xclient, address);
    bool is_there = true, may = !s->is_one_too_many && admit(s, &a, &refusal);
    bool is_implicit = entrance_is_implicit(s->entrance);
    if (may && is_implicit && !s->entrance->tls) { /* it comes by ACME, some time */
        may = false;
        refusal = server_awaits_certificate;
    }
    if (!may)
        tally_add(COUNT_CONNECTIONS_REFUSED, 1);
    if (may && is_implicit)
        securing_begin(s);
    else if (may)
        is_there = may_be_greeted(s);
    else
        is_there = is_implicit ? leave_without_words(s, refusal) : refuse(s, refusal);
    arena_clear(&a);
    return is_there;
}

void arrival_begin(struct session *s)
{
    struct receiver *r = s->receiver;
    const struct options *o = s->entrance->options;
    unsigned char address[16];
    net_address_bytes(&s->peer, address);
    s->awaits_header = networks_contain(&s->entrance->at->proxy, address);
    if (!s->awaits_header) {
        welcome(s);
        return;
    }
    int64_t patience = o->command_timeout;
    if (patience > PATIENCE_FOR_A_HEADER)
        patience = PATIENCE_FOR_A_HEADER;
    s->deadline = loop_now(r->loop) + patience;
    timer_set(r->loop, &s->timer, s->deadline);
}

/* ---- PROXY */

/* A proxy that only looks whether somebody listens says nothing at all; that is fine. */
void arrival_header_ends(struct session *s, const char *why)
{
    struct buffer proxy = BUFFER_EMPTY;
    if (!s->input.len)
        return;
    net_address_add(&proxy, &s->peer);
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "bad-proxy-header");
    log_line_text(line, "proxy", buffer_span(&proxy));
    log_line_text(line, "text", span_of(why));
    log_end();
    buffer_free(&proxy);
}

size_t arrival_header_within(const struct session *s, struct span piece)
{
    struct proxy_header h;
    const char *problem;
    size_t taken;
    struct buffer all = BUFFER_EMPTY;
    buffer_add_span(&all, buffer_span(&s->input));
    buffer_add_span(&all, piece);
    bool is_whole = proxy_parse(buffer_span(&all), &h, &taken, &problem) == PROXY_DONE;
    buffer_free(&all);
    return is_whole ? taken - s->input.len : piece.len;
}

void arrival_take_header(struct session *s, struct span piece)
{
    struct proxy_header h;
    const char *problem;
    size_t taken;
    buffer_add_span(&s->input, piece);
    switch (proxy_parse(buffer_span(&s->input), &h, &taken, &problem)) {
    case PROXY_MORE:
        return;
    case PROXY_BAD:
        arrival_header_ends(s, problem);
        session_free(s);
        return;
    case PROXY_DONE:
        break;
    }
    s->awaits_header = false;
    buffer_drop(&s->input, taken);
    if (h.has_client)
        set_client(s, h.client, h.client_port);
    if (welcome(s) && s->input.len)
        session_process(s, buffer_span(&s->input));
}

/* ---- XCLIENT */

/* Attributes may come in several commands. But another address is another client, of whom nothing
 * is so that was told of the last one: least of all, who logged in. */
static void keep(struct buffer *kept, const struct xclient *x, enum xclient_attribute which,
                 bool is_another)
{
    if (!x->at[which].says && !is_another)
        return;
    buffer_clear(kept);
    buffer_add_span(kept, x->at[which].text);
}

static void take_told(struct session *s, const struct xclient *x)
{
    struct front *f = front_of(s);
    bool is_another = f->has_told && x->at[XCLIENT_ADDR].says;
    uint16_t port = x->at[XCLIENT_PORT].says ? x->port : 0;
    if (x->at[XCLIENT_ADDR].has)
        set_client(s, x->address, port);
    else if (x->at[XCLIENT_ADDR].says)
        f->hides_client = true;
    keep(&f->name, x, XCLIENT_NAME, is_another);
    keep(&f->login, x, XCLIENT_LOGIN, is_another);
    buffer_free(&s->login_name);
    f->has_told |= x->at[XCLIENT_ADDR].says;
}

static void log_told(const struct session *s, const struct xclient *x)
{
    struct buffer front = BUFFER_EMPTY, client = BUFFER_EMPTY;
    net_address_add(&front, &s->front->address);
    arrival_add_client(&client, s);
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "xclient");
    log_line_text(line, "front", buffer_span(&front));
    log_line_text(line, "client", buffer_span(&client));
    log_line_text(line, "name", x->at[XCLIENT_NAME].text);
    log_line_text(line, "hello", x->at[XCLIENT_HELO].text);
    log_line_text(line, "login", x->at[XCLIENT_LOGIN].text);
    log_line_text(line, "at", x->at[XCLIENT_DESTADDR].text);
    log_end();
    buffer_free(&front);
    buffer_free(&client);
}

enum server_wait arrival_answer_client(struct session *s)
{
    const struct xclient *x = server_asked_client(s->server);
    struct arena a = ARENA_EMPTY;
    struct reply reply = REPLY(220, 2, 0, 0, "Welcome");
    take_told(s, x);
    log_told(s, x);
    if (!admit(s, &a, &reply))
        session_note_refusal(s, SPAN_NONE, reply);
    s->last_mail = loop_now(s->receiver->loop);
    enum server_wait wait = server_answer(s->server, reply, &s->receiver->out);
    arena_clear(&a);
    return wait;
}
