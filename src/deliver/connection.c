#include "deliver/connection_inside.h"

#include "base/memory.h"
#include "deliver/delivery_outcomes.h"
#include "deliver/form.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, QUICK = 2000 /* ms */ };

struct connection_links *connection_links(struct connection *c)
{
    return &c->links;
}

struct connection *connection_of_all(struct list *node)
{
    return LIST_ENTRY(node, struct connection, links.all);
}

struct connection *connection_of_idle(struct list *node)
{
    return LIST_ENTRY(node, struct connection, links.idle);
}

/* ---- the life of a connection */

void connection_hang_up(struct connection *c)
{
    dial_free(&c->dial);
    connection_login_free(c);
    if (c->watch.ready)
        stream_close(c->settings->loop, &c->watch, &c->tls);
    c->watch.ready = NULL;
    timer_stop(c->settings->loop, &c->timer);
    client_free(&c->client);
    buffer_free(&c->formed);
    buffer_wipe(&c->out);
}

void connection_free(struct connection **connection)
{
    struct connection *c = *connection;
    if (!c)
        return;
    if (c->is_freed)
        *c->is_freed = true;
    connection_hang_up(c);
    if (c->delivery)
        delivery_free(c->delivery);
    if (c->follower)
        delivery_free(c->follower);
    options_unref(&c->options);
    struct arena arena = c->arena;
    arena_clear(&arena);
    free(c);
    *connection = NULL;
}

void connection_end(struct connection *c)
{
    if (list_is_linked(&c->links.idle))
        list_remove(&c->links.idle);
    c->settings->is_gone(c->settings->arg, c);
    connection_free(&c);
}

void connection_set_timer(struct connection *c)
{
    const struct options *o = c->options;
    int64_t patience = !c->delivery                                  ? o->idle_connection
                       : c->delivery->is_question                    ? o->ask_timeout
                       : connection_shakes_hands(c)                  ? o->connect_timeout
                       : client_stage_of(c->client) == STAGE_MESSAGE ? o->message_timeout
                                                                     : o->reply_timeout;
    timer_set(c->settings->loop, &c->timer, loop_now(c->settings->loop) + patience);
}

static void connection_send(struct connection *c);

struct delivery *connection_take_delivery(struct connection *c)
{
    struct delivery *d = c->delivery;
    buffer_free(&c->formed);
    c->delivery = NULL;
    return d;
}

static void connection_quit(struct connection *c)
{
    c->quits = true;
    client_quit(c->client, &c->out);
    connection_send(c);
}

static struct client_message *other_message(struct connection *c)
{
    return c->message == &c->messages[0] ? &c->messages[1] : &c->messages[0];
}

/* Its commands are under way already. */
static void go_on_with(struct connection *c, struct delivery *follower)
{
    c->was_follower = follower != NULL;
    c->follower = NULL;
    if (!follower)
        return;
    c->delivery = follower;
    c->message = other_message(c);
    c->body_sent = 0;
}

static enum outcome_proof proof_of(const struct transport_demand *d)
{
    return d->proof == PROOF_NONE || d->is_noted_only ? OUTCOME_PROOF_NONE
           : d->rule == RULE_DANE                     ? OUTCOME_PROOF_DANE
           : d->rule == RULE_STS                      ? OUTCOME_PROOF_STS
                                                      : OUTCOME_PROOF_AUTHORITY;
}

static struct delivery_facts facts_of(const struct connection *c)
{
    bool is_secure = c->tls && tls_is_ready(c->tls);
    return (struct delivery_facts){
        .reports = client_server_has_dsn(c->client),
        .keeps_deadline = client_server_has_deliverby(c->client),
        .tls = !is_secure                   ? OUTCOME_TLS_UNKNOWN
               : tls_is_version_1_3(c->tls) ? OUTCOME_TLS_1_3
                                            : OUTCOME_TLS_1_2,
        .proof = is_secure ? proof_of(c->way->demand) : OUTCOME_PROOF_NONE,
        .login = client_is_logged_in(c->client) ? c->settings->target->login : SPAN_NONE,
    };
}

/* It came as far as the offer of STARTTLS, and was not encrypted. */
static bool was_offered_none(const struct connection *c)
{
    enum client_stage stage = c->message->results[0].stage;
    return stage >= STAGE_TLS && !c->tls;
}

/* The message at hand is done: `is_usable` says whether the connection is. */
static void connection_done(struct connection *c, bool is_usable)
{
    const struct connection_settings *s = c->settings;
    if (c->delivery && was_offered_none(c))
        connection_count(c, TLS_RESULT_NOT_OFFERED, SPAN_NONE);
    struct delivery *d = connection_take_delivery(c), *follower = c->follower;
    if (d)
        delivery_set_outcomes(d, c->message->results, facts_of(c), c->way, s->target);
    go_on_with(c, is_usable ? follower : NULL);
    if (is_usable) {
        c->was_idle = true;
        c->has_heard = false;
        c->is_quick = loop_now(s->loop) - c->end_sent < QUICK;
        connection_set_timer(c);
        if (!follower)
            s->is_idle(s->arg, c);
    } else {
        connection_end(c);
    }
    if (d)
        s->came_back(s->arg, d, follower != NULL);
    if (follower && !is_usable)
        s->begin_anew(s->arg, follower);
}

/* On a fresh connection, in place of this one. */
static void delivery_begin_anew(struct connection *c)
{
    const struct connection_settings *s = c->settings;
    struct delivery *d = connection_take_delivery(c);
    connection_end(c);
    s->begin_anew(s->arg, d);
}

/* Had it come first, it would have been heard. */
static void follower_begins_anew(struct connection *c)
{
    c->settings->loses_followers(c->settings->arg);
    delivery_begin_anew(c);
}

/* The ways to the hosts behind the one at hand; NULL: there are none. */
static const struct way *ways_of_next_host(const struct connection *c)
{
    const struct way *w = c->way;
    while (w < c->ways + c->way_count && w->rank == c->way->rank)
        w++;
    return w < c->ways + c->way_count ? w : NULL;
}

struct reply connection_reason(const struct connection *c, struct reply last)
{
    return c->turned_down.status.class ? c->turned_down : last;
}

static bool is_not_secure_enough(const struct connection *c, struct reply why)
{
    return c->settings->target->requires_tls && !why.code && why.status.class == 5;
}

bool connection_tries_next_host(struct connection *c, enum client_stage stage, struct reply why)
{
    const struct way *next = c->delivery && !c->was_idle ? ways_of_next_host(c) : NULL;
    if (!next || stage > STAGE_TLS)
        return false;
    if (is_not_secure_enough(c, why)) {
        c->turned_down = why;
        c->turned_down.text = arena_copy(&c->arena, why.text);
    }
    connection_hang_up(c);
    c->has_heard = false;
    connection_dial(c, next);
    return true;
}

static void connection_broke(struct connection *c, struct reply why)
{
    if (!c->delivery) {
        connection_end(c);
        return;
    }
    if (c->was_idle && !c->has_heard) {
        delivery_begin_anew(c);
        return;
    }
    enum client_stage stage = client_stage_of(c->client);
    if (connection_tries_next_host(c, stage, why))
        return;
    why = connection_reason(c, why);
    if (stage <= STAGE_GREETING && why.status.class == 4)
        c->delivery->peer = PEER_UNREACHABLE;
    client_broken(c->client, why);
    connection_done(c, false);
}

/* A piece of the message, in memory of this thread. */
static char *piece(void)
{
    static _Thread_local char bytes[PIECE];
    return bytes;
}

static ssize_t read_stored(void *arg, uint64_t offset, void *at, size_t len)
{
    struct connection *c = arg;
    return store_read(c->settings->store, c->delivery->message->envelope.id, offset, at, len);
}

/* In another form it goes without the fields that seal it: they would not hold. */
static ssize_t read_piece(struct connection *c)
{
    const struct buffer *fields = &c->delivery->fields;
    if (!c->formed.len && c->body_sent >= fields->len)
        return read_stored(c, c->body_sent - fields->len, piece(), PIECE);
    struct span text = buffer_span(c->formed.len ? &c->formed : fields);
    struct span rest = span_first(span_skip(text, c->body_sent), PIECE);
    memcpy(piece(), rest.at, rest.len);
    return (ssize_t)rest.len;
}

static const struct reply unreadable =
    REPLY(0, 4, 3, 0, "this server could not read the message from its own disk");

/* The server does not take the message as it is. */
static enum client_wait make_form(struct connection *c)
{
    const struct envelope *e = &c->delivery->message->envelope;
    struct reply why = unreadable;
    enum mail_form form = client_form(c->client);
    switch (form_make(e, form, read_stored, c, &c->formed, &why, &c->delivery->arena)) {
    case FORM_DONE:
        return client_formed(c->client, c->formed.len, e->is_8bit && form == FORM_8BIT, &c->out);
    case FORM_AS_IT_IS:
        return client_formed(c->client, c->message->size, e->is_8bit, &c->out);
    case FORM_IMPOSSIBLE:
    case FORM_UNREADABLE:
        break;
    }
    return client_unformed(c->client, why);
}

static void write_message(struct client_message *m, struct delivery *d)
{
    const struct envelope *e = &d->message->envelope;
    struct span *recipients = arena_new(&d->arena, d->count * sizeof *recipients);
    struct rcpt_parameters *parameters = arena_new(&d->arena, d->count * sizeof *parameters);
    for (size_t i = 0; i < d->count; i++) {
        recipients[i] = e->recipients[d->recipients[i]].address;
        parameters[i] = e->recipients[d->recipients[i]].parameters;
    }
    *m = (struct client_message){
        .reverse_path = d->sender.at ? d->sender : envelope_reverse_path(e, d->recipients[0]),
        .parameters = e->parameters,
        .size = e->size + d->fields.len,
        .is_8bit = e->is_8bit,
        .is_binary = e->is_binary,
        .time_left = e->parameters.by ? e->parameters.by_ms - clock_now_ms() : 0,
        .is_question = d->is_question,
        .recipients = recipients,
        .recipient_parameters = parameters,
        .recipient_count = d->count,
        .results = arena_new(&d->arena, d->count * sizeof(struct client_result)),
    };
}

/* The end of the message is on its way: what comes next? */
static void take_follower(struct connection *c)
{
    const struct connection_settings *s = c->settings;
    c->end_sent = loop_now(s->loop);
    struct delivery *d = c->is_quick ? s->follower(s->arg) : NULL;
    if (!d)
        return;
    write_message(other_message(c), d);
    if (client_follow(c->client, other_message(c), &c->out))
        c->follower = d;
    else
        s->no_follower(s->arg, d);
}

static enum client_wait feed_body(struct connection *c)
{
    enum client_wait wait = CLIENT_WAITS_BODY;
    while (wait == CLIENT_WAITS_BODY && c->out.len < PIECE) {
        uint64_t size = c->message->size;
        ssize_t n = read_piece(c);
        if (n < 0 || (n == 0 && c->body_sent < size)) {
            /* Without its end the server must not take the message for whole: the connection is
             * given up. */
            connection_broke(c, unreadable);
            return CLIENT_DONE_CLOSED;
        }
        c->body_sent += (uint64_t)n;
        wait = client_body(c->client, span_make(piece(), (size_t)n), c->body_sent >= size, &c->out);
    }
    if (wait == CLIENT_WAITS_INPUT)
        take_follower(c);
    return wait;
}

/* An idle connection whose server said 421 (its own time-out) just when we began. */
static bool was_closed_meanwhile(const struct connection *c)
{
    return c->delivery && c->was_idle && c->message->results[0].stage == STAGE_MAIL &&
           c->message->results[0].reply.code == 421;
}

/* It did not expect a MAIL behind the end of a message. */
static bool is_out_of_step(const struct connection *c)
{
    return c->delivery && c->was_follower && c->message->results[0].stage == STAGE_MAIL &&
           c->message->results[0].reply.code == 503;
}

/* The owner may have given it the next delivery at once, and that may have been its end. False: it
 * is gone. */
static bool connection_goes_on(struct connection *c)
{
    bool is_freed = false, *before = c->is_freed;
    c->is_freed = &is_freed;
    connection_done(c, true);
    if (!is_freed)
        c->is_freed = before;
    else if (before)
        *before = true;
    return !is_freed;
}

/* The server does not do what the message needs: it hears QUIT (RFC 8689 4.2.1), if it listens. */
static void say_goodbye(struct connection *c)
{
    bool is_turned_down = c->delivery && c->message->results[0].stage == STAGE_HELLO;
    if (is_turned_down && c->out.len)
        stream_send(c->watch.fd, c->tls, c->out.at, c->out.len, 0);
}

/* Act on what the client core waits for. False: the connection is gone, or is not to be used before
 * its handshake is done, or a step of its login. */
static bool connection_step(struct connection *c, enum client_wait wait)
{
    switch (wait) {
    case CLIENT_WAITS_LOGIN:
        wait = connection_log_in(c);
        return wait != CLIENT_WAITS_LOGIN && connection_step(c, wait);
    case CLIENT_WAITS_TLS:
        connection_shake_hands(c);
        return false;
    case CLIENT_WAITS_FORM:
        return connection_step(c, make_form(c));
    case CLIENT_WAITS_BODY:
        c->has_heard = true; /* from here on it may have been delivered: never begin anew */
        return feed_body(c) != CLIENT_DONE_CLOSED;
    case CLIENT_DONE:
        if (is_out_of_step(c)) {
            follower_begins_anew(c);
            return false;
        }
        return connection_goes_on(c);
    case CLIENT_DONE_CLOSED:
        say_goodbye(c);
        if (is_out_of_step(c))
            follower_begins_anew(c);
        else if (was_closed_meanwhile(c))
            delivery_begin_anew(c);
        else if (!c->delivery || !connection_tries_next_host(c, c->message->results[0].stage,
                                                             c->message->results[0].reply))
            connection_done(c, false);
        return false;
    case CLIENT_WAITS_INPUT:
    case CLIENT_READY:
        return true;
    }
    return true;
}

static void watch_for_more(struct connection *c)
{
    uint32_t events = EPOLLIN | (c->out.len ? EPOLLOUT : 0);
    watch_change(c->settings->loop, &c->watch, stream_events(c->tls, events));
}

static void connection_send(struct connection *c)
{
    for (;;) {
        ssize_t n = c->out.len ? stream_send(c->watch.fd, c->tls, c->out.at, c->out.len, 0) : 0;
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n < 0) {
            connection_broke(
                c, (struct reply){0, STATUS(4, 4, 2), SPAN("the connection broke while sending")});
            return;
        }
        buffer_drop(&c->out, (size_t)n);
        if (c->delivery && client_waits(c->client) == CLIENT_WAITS_BODY && c->out.len < PIECE) {
            if (feed_body(c) == CLIENT_DONE_CLOSED)
                return;
            continue;
        }
        if (!c->out.len)
            break;
    }
    if (c->quits && !c->out.len) {
        stream_ends(c->tls);
        connection_end(c);
        return;
    }
    watch_for_more(c);
    if (c->delivery)
        connection_set_timer(c);
}

/* Time may pass until MAIL is out. */
static void keep_time(struct connection *c)
{
    const struct mail_parameters *p = &c->message->parameters;
    if (p->by)
        c->message->time_left = p->by_ms - clock_now_ms();
}

static void connection_read(struct connection *c)
{
    ssize_t n = stream_recv(c->watch.fd, c->tls, piece(), PIECE);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        watch_for_more(c);
        return;
    }
    if (n <= 0) {
        connection_broke(c, (struct reply){0, STATUS(4, 4, 2),
                                           SPAN("the server closed the connection before it "
                                                "had answered")});
        return;
    }
    if (!c->delivery) { /* it says goodbye, or what nobody asked for */
        connection_end(c);
        return;
    }
    struct buffer kept = BUFFER_EMPTY; /* feed_body uses the same piece */
    struct span input = span_make(piece(), (size_t)n);
    keep_time(c);
    while (input.len) {
        c->has_heard = true;
        enum client_wait wait = client_input(c->client, &input, &c->out);
        if (input.len && !kept.at) {
            buffer_add_span(&kept, input);
            input = buffer_span(&kept);
        }
        if (!connection_step(c, wait)) {
            buffer_free(&kept);
            return;
        }
        if (!c->delivery && input.len) { /* which the next message must not get */
            connection_end(c);
            buffer_free(&kept);
            return;
        }
    }
    buffer_free(&kept);
    if (c->out.len || c->delivery)
        connection_send(c);
    else
        watch_for_more(c);
}

void connection_ready(struct watch *w, uint32_t events)
{
    struct connection *c = LIST_ENTRY(w, struct connection, watch);
    if (events & EPOLLOUT && c->out.len)
        connection_send(c);
    else /* EPOLLOUT: see stream_events */
        connection_read(c);
}

void connection_goes_on_with(struct connection *c, enum client_wait wait)
{
    if (connection_step(c, wait))
        connection_send(c);
}

void connection_is_secure(struct connection *c)
{
    connection_goes_on_with(c, client_secured(c->client, &c->out));
}

static void connection_timer(struct timer *t)
{
    struct connection *c = LIST_ENTRY(t, struct connection, timer);
    if (c->quits)
        connection_end(c);
    else if (connection_shakes_hands(c))
        connection_has_no_tls(c, SPAN("no answer came in time"));
    else if (!c->delivery) {
        list_remove(&c->links.idle);
        connection_quit(c);
    } else if (c->was_follower && !c->has_heard) {
        follower_begins_anew(c);
    } else {
        c->has_heard = true; /* it is slow, not stale */
        connection_broke(c, (struct reply){0, STATUS(4, 4, 2), SPAN("no answer came in time")});
    }
}

static void begin_message(struct connection *c, struct delivery *d)
{
    c->delivery = d;
    c->was_follower = false;
    c->body_sent = 0;
    write_message(c->message, d);
}

void connection_take(struct connection *c, struct delivery *d)
{
    begin_message(c, d);
    enum client_wait wait = client_start(c->client, c->message, &c->out);
    if (connection_step(c, wait))
        connection_send(c);
}

struct connection *connection_open(const struct connection_settings *s, const struct way *ways,
                                   size_t count, struct delivery *d)
{
    struct connection *c = memory_new(sizeof *c);
    struct way *own = arena_new(&c->arena, count * sizeof *own);
    for (size_t i = 0; i < count; i++) {
        own[i] = ways[i];
        own[i].host = arena_copy(&c->arena, ways[i].host);
        own[i].demand = i && ways[i].demand == ways[i - 1].demand
                            ? own[i - 1].demand
                            : transport_demand_copy(ways[i].demand, &c->arena);
    }
    c->settings = s;
    c->options = options_ref(s->options);
    c->ways = own;
    c->way_count = count;
    c->timer.due = connection_timer;
    c->message = &c->messages[0];
    begin_message(c, d);
    connection_dial(c, own);
    return c;
}
