/* A hop is a next hop as one loop sees it: its address and its idle connections, the latest used
 * first, so that in quiet times the others run out. A connection carries one delivery at a time.
 *
 * When a connection that was idle breaks before the server has said anything about the message, it
 * was closed while we began: the delivery gets a fresh connection, once. */
#include "deliver/relay.h"

#include "base/map.h"
#include "base/memory.h"
#include "deliver/relay_results.h"
#include "sys/clock.h"
#include "sys/net.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, ADDRESS_IS_GOOD_FOR = 60000 /* ms */ };

struct hop {
    struct relay *relay;
    struct list idle;    /* connections */
    struct list waiting; /* deliveries, while the name is looked up */
    struct net_address address;
    int64_t address_until; /* loop time; 0: not known */
    struct lookup *lookup;
    struct buffer address_text; /* "192.0.2.7:25" */
    struct span host;
    uint16_t port;
    struct span name; /* in name_text */
    char name_text[];
};

struct relay {
    struct relay_settings settings;
    struct loop *loop;
    struct map hops;
    struct list connections;
    size_t under_way;
    char piece[PIECE];
};

struct connection {
    struct watch watch;
    struct timer timer;
    struct list link; /* of the relay */
    struct list idle; /* of the hop */
    struct hop *hop;
    struct client *client;
    struct delivery *delivery;
    struct client_message message;
    uint64_t body_sent;
    struct buffer out;
    bool is_connected, was_idle, has_heard, quits;
};

struct lookup {
    struct work work;
    struct hop *hop;
    struct net_address address;
    bool ok;
    struct error error;
};

/* ---- outcomes */

static void delivery_outcomes(struct hop *h, struct delivery *d,
                              const struct client_result *results)
{
    int64_t now = clock_now_ms();
    for (size_t i = 0; i < d->count; i++) {
        struct outcome o =
            outcome_of_reply(&results[i], h->host, buffer_span(&h->address_text), now);
        o.words = arena_copy(&d->arena, o.words);
        o.host = arena_copy(&d->arena, o.host);
        o.address = arena_copy(&d->arena, o.address);
        d->outcomes[i] = o;
    }
}

static void delivery_back(struct relay *r, struct delivery *d)
{
    r->under_way--;
    r->settings.delivered(r->settings.arg, d);
}

/* No connection could be had. */
static void delivery_unreachable(struct hop *h, struct delivery *d, struct span words)
{
    struct client_result result = {{0, STATUS(4, 4, 1), words}, STAGE_CONNECT, true};
    struct client_result *results = arena_new(&d->arena, d->count * sizeof *results);
    for (size_t i = 0; i < d->count; i++)
        results[i] = result;
    delivery_outcomes(h, d, results);
    d->is_unreachable = true;
    delivery_back(h->relay, d);
}

/* ---- connections */

static void connection_free(struct connection *c)
{
    struct relay *r = c->hop->relay;
    watch_close(r->loop, &c->watch);
    timer_stop(r->loop, &c->timer);
    if (list_is_linked(&c->idle))
        list_remove(&c->idle);
    list_remove(&c->link);
    client_free(&c->client);
    buffer_free(&c->out);
    free(c);
}

static void set_timer(struct connection *c)
{
    struct relay *r = c->hop->relay;
    const struct options *o = r->settings.options;
    int64_t patience = !c->is_connected                              ? o->connect_timeout
                       : !c->delivery                                ? o->idle_connection
                       : client_stage_of(c->client) == STAGE_MESSAGE ? o->message_timeout
                                                                     : o->reply_timeout;
    timer_set(r->loop, &c->timer, loop_now(r->loop) + patience);
}

static void connection_send(struct connection *c);
static void hop_connect(struct hop *h, struct delivery *d);

static struct delivery *take_delivery(struct connection *c)
{
    struct delivery *d = c->delivery;
    c->delivery = NULL;
    return d;
}

static void connection_quit(struct connection *c)
{
    c->quits = true;
    client_quit(c->client, &c->out);
    connection_send(c);
}

/* The message at hand is done: `is_usable` says whether the connection is. */
static void connection_done(struct connection *c, bool is_usable)
{
    struct hop *h = c->hop;
    struct delivery *d = take_delivery(c);
    if (d)
        delivery_outcomes(h, d, c->message.results);
    if (is_usable) {
        c->was_idle = true;
        c->has_heard = false;
        list_append(&h->idle, &c->idle);
        set_timer(c);
    } else {
        connection_free(c);
    }
    if (d)
        delivery_back(h->relay, d);
}

/* On a fresh connection, in place of this one. */
static void delivery_begin_anew(struct connection *c)
{
    struct hop *h = c->hop;
    struct delivery *d = take_delivery(c);
    connection_free(c);
    hop_connect(h, d);
}

static void connection_broke(struct connection *c, struct reply why)
{
    if (!c->delivery) {
        connection_free(c);
        return;
    }
    if (c->was_idle && !c->has_heard) {
        delivery_begin_anew(c);
        return;
    }
    if (client_stage_of(c->client) <= STAGE_GREETING)
        c->delivery->is_unreachable = true;
    client_broken(c->client, why);
    connection_done(c, false);
}

static enum client_wait feed_body(struct connection *c)
{
    struct relay *r = c->hop->relay;
    enum client_wait wait = CLIENT_WAITS_BODY;
    while (wait == CLIENT_WAITS_BODY && c->out.len < PIECE) {
        uint64_t size = c->message.size;
        ssize_t n = store_read(r->settings.store, c->delivery->message->envelope.id, c->body_sent,
                               r->piece, PIECE);
        if (n < 0 || (n == 0 && c->body_sent < size)) {
            /* Without its end the server must not take the message for whole: the connection is
             * given up. */
            connection_broke(c, (struct reply){0, STATUS(4, 3, 0),
                                               SPAN("this server could not read the message from "
                                                    "its own disk")});
            return CLIENT_DONE_CLOSED;
        }
        c->body_sent += (uint64_t)n;
        wait =
            client_body(c->client, span_make(r->piece, (size_t)n), c->body_sent >= size, &c->out);
    }
    return wait;
}

/* An idle connection whose server said 421 (its own time-out) just when we began. */
static bool was_closed_meanwhile(const struct connection *c)
{
    return c->delivery && c->was_idle && c->message.results[0].stage == STAGE_MAIL &&
           c->message.results[0].reply.code == 421;
}

/* Act on what the client core waits for. False: the connection is gone. */
static bool connection_step(struct connection *c, enum client_wait wait)
{
    switch (wait) {
    case CLIENT_WAITS_BODY:
        c->has_heard = true; /* from here on it may have been delivered: never begin anew */
        return feed_body(c) != CLIENT_DONE_CLOSED;
    case CLIENT_DONE:
        connection_done(c, true);
        return list_is_linked(&c->idle) || c->delivery != NULL;
    case CLIENT_DONE_CLOSED:
        if (was_closed_meanwhile(c))
            delivery_begin_anew(c);
        else
            connection_done(c, false);
        return false;
    case CLIENT_WAITS_INPUT:
    case CLIENT_READY:
        return true;
    }
    return true;
}

static void connection_send(struct connection *c)
{
    struct relay *r = c->hop->relay;
    for (;;) {
        ssize_t n = c->out.len ? send(c->watch.fd, c->out.at, c->out.len, MSG_NOSIGNAL) : 0;
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
        connection_free(c);
        return;
    }
    watch_change(r->loop, &c->watch, EPOLLIN | (c->out.len ? EPOLLOUT : 0));
    if (c->delivery)
        set_timer(c);
}

static void connection_read(struct connection *c)
{
    struct relay *r = c->hop->relay;
    ssize_t n = recv(c->watch.fd, r->piece, PIECE, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        connection_broke(c, (struct reply){0, STATUS(4, 4, 2),
                                           SPAN("the server closed the connection before it "
                                                "had answered")});
        return;
    }
    c->has_heard = true;
    struct buffer kept = BUFFER_EMPTY; /* feed_body uses the same piece */
    struct span input = span_make(r->piece, (size_t)n);
    while (input.len) {
        enum client_wait wait = client_input(c->client, &input, &c->out);
        if (input.len && !kept.at) {
            buffer_add_span(&kept, input);
            input = buffer_span(&kept);
        }
        if (!connection_step(c, wait)) {
            buffer_free(&kept);
            return;
        }
        if (!c->delivery)
            break;
    }
    buffer_free(&kept);
    if (c->out.len || c->delivery)
        connection_send(c);
}

static void connection_ready(struct watch *w, uint32_t events)
{
    struct connection *c = (struct connection *)(void *)w;
    if (!c->is_connected) {
        int why = net_connect_error(w->fd);
        if (why) {
            struct hop *h = c->hop;
            struct delivery *d = take_delivery(c);
            struct error words;
            error_system(&words, why, "could not connect");
            connection_free(c);
            delivery_unreachable(h, d, span_of(words.text));
            return;
        }
        c->is_connected = true;
    }
    if (events & EPOLLOUT)
        connection_send(c);
    else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        connection_read(c);
}

static void connection_timer(struct timer *t)
{
    struct connection *c = LIST_ENTRY(t, struct connection, timer);
    if (c->quits)
        connection_free(c);
    else if (!c->delivery) {
        list_remove(&c->idle);
        connection_quit(c);
    } else if (!c->is_connected) {
        struct hop *h = c->hop;
        struct delivery *d = take_delivery(c);
        connection_free(c);
        delivery_unreachable(h, d, SPAN("could not connect: no answer in time"));
    } else {
        c->has_heard = true; /* it is slow, not stale */
        connection_broke(c, (struct reply){0, STATUS(4, 4, 2), SPAN("no answer came in time")});
    }
}

/* ---- deliveries */

static void connection_take(struct connection *c, struct delivery *d)
{
    const struct envelope *e = &d->message->envelope;
    struct span *recipients = arena_new(&d->arena, d->count * sizeof *recipients);
    struct rcpt_parameters *parameters = arena_new(&d->arena, d->count * sizeof *parameters);
    for (size_t i = 0; i < d->count; i++) {
        recipients[i] = e->recipients[d->recipients[i]].address;
        parameters[i] = e->recipients[d->recipients[i]].parameters;
    }
    c->delivery = d;
    c->body_sent = 0;
    c->message = (struct client_message){
        .reverse_path = e->reverse_path,
        .parameters = e->parameters,
        .size = e->size,
        .is_8bit = e->is_8bit,
        .recipients = recipients,
        .recipient_parameters = parameters,
        .recipient_count = d->count,
        .results = arena_new(&d->arena, d->count * sizeof(struct client_result)),
    };
    enum client_wait wait = client_start(c->client, &c->message, &c->out);
    if (connection_step(c, wait) && c->is_connected)
        connection_send(c);
}

static void hop_connect(struct hop *h, struct delivery *d)
{
    struct relay *r = h->relay;
    int fd = net_connect(&h->address);
    if (fd < 0) {
        struct error words;
        error_system(&words, errno, "could not connect");
        delivery_unreachable(h, d, span_of(words.text));
        return;
    }
    struct connection *c = memory_new(sizeof *c);
    c->watch = (struct watch){.fd = fd, .ready = connection_ready};
    c->timer.due = connection_timer;
    c->hop = h;
    c->client = client_new(r->settings.options->hostname);
    list_append(&r->connections, &c->link);
    watch_start(r->loop, &c->watch, EPOLLIN | EPOLLOUT);
    set_timer(c);
    connection_take(c, d);
}

static void hop_deliver(struct hop *h, struct delivery *d)
{
    if (list_is_empty(&h->idle)) {
        hop_connect(h, d);
        return;
    }
    struct connection *c = LIST_ENTRY(h->idle.prev, struct connection, idle);
    list_remove(&c->idle);
    connection_take(c, d);
}

static void lookup_call(struct work *w)
{
    struct lookup *l = (struct lookup *)(void *)w;
    l->ok = net_address_resolve(&l->address, l->hop->host, l->hop->port, &l->error);
}

static void lookup_done(struct task *t)
{
    struct lookup *l = (struct lookup *)(void *)LIST_ENTRY(t, struct work, task);
    struct hop *h = l->hop;
    struct list waiting;
    list_init(&waiting);
    list_append_all(&waiting, &h->waiting);
    h->lookup = NULL;
    if (l->ok) {
        h->address = l->address;
        h->address_until = loop_now(h->relay->loop) + ADDRESS_IS_GOOD_FOR;
        buffer_clear(&h->address_text);
        net_address_add_endpoint(&h->address_text, &h->address);
    }
    for (struct list *node; (node = list_take(&waiting));) {
        struct delivery *d = LIST_ENTRY(node, struct delivery, link);
        if (l->ok)
            hop_deliver(h, d);
        else
            delivery_unreachable(h, d, span_of(l->error.text));
    }
    free(l);
}

static void hop_lookup(struct hop *h)
{
    struct lookup *l = h->lookup = memory_new(sizeof *l);
    l->hop = h;
    l->work =
        (struct work){.task = {.run = lookup_done}, .loop = h->relay->loop, .call = lookup_call};
    workers_submit(h->relay->settings.workers, &l->work);
}

/* The parts of "host:port", "[address]:port". */
static bool name_parts(struct span name, struct span *host, uint16_t *port)
{
    uint64_t number = 0;
    size_t colon = name.len;
    while (colon && name.at[colon - 1] != ':')
        colon--;
    if (!colon || !span_to_u64(span_skip(name, colon), UINT16_MAX, &number))
        return false;
    *port = (uint16_t)number;
    *host = span_first(name, colon - 1);
    if (host->len > 2 && host->at[0] == '[')
        *host = span_first(span_skip(*host, 1), host->len - 2);
    return true;
}

static struct hop *hop_for(struct relay *r, struct span name)
{
    struct hop *h = map_get_text(&r->hops, name);
    if (h)
        return h;
    h = memory_new(sizeof *h + name.len);
    memcpy(h->name_text, name.at, name.len);
    h->name = span_make(h->name_text, name.len);
    h->relay = r;
    list_init(&h->idle);
    list_init(&h->waiting);
    bool ok = name_parts(h->name, &h->host, &h->port);
    assert(ok);
    if (net_address_parse(&h->address, h->host, h->port)) {
        h->address_until = INT64_MAX;
        net_address_add_endpoint(&h->address_text, &h->address);
    }
    map_set_text(&r->hops, h->name, h);
    return h;
}

void relay_deliver(struct relay *r, struct delivery *d)
{
    struct hop *h = hop_for(r, d->name);
    r->under_way++;
    if (loop_now(r->loop) < h->address_until) {
        hop_deliver(h, d);
        return;
    }
    list_append(&h->waiting, &d->link);
    if (!h->lookup)
        hop_lookup(h);
}

struct relay *relay_new(const struct relay_settings *s, struct loop *loop)
{
    struct relay *r = memory_new(sizeof *r);
    r->settings = *s;
    r->loop = loop;
    list_init(&r->connections);
    return r;
}

size_t relay_count(const struct relay *r)
{
    return r->under_way;
}

void relay_free(struct relay **relay)
{
    struct relay *r = *relay;
    size_t i = 0;
    if (!r)
        return;
    while (!list_is_empty(&r->connections)) {
        struct connection *c = LIST_ENTRY(r->connections.next, struct connection, link);
        if (c->delivery)
            delivery_free(take_delivery(c));
        connection_free(c);
    }
    for (struct hop *h; (h = map_next(&r->hops, &i));) {
        for (struct list *node; (node = list_take(&h->waiting));)
            delivery_free(LIST_ENTRY(node, struct delivery, link));
        buffer_free(&h->address_text);
        free(h);
    }
    map_free(&r->hops);
    free(r);
    *relay = NULL;
}
