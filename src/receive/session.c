/* A session never copies what it need not: input is read into a buffer that all sessions of the
 * loop share, replies are collected in another one and sent at once; only what the peer does not
 * take yet, or what comes while the session waits for an answer, is kept with the session. An idle
 * session is this struct and its core. */
#include "receive/session.h"

#include "base/memory.h"
#include "receive/incoming.h"
#include "receive/inside.h"
#include "receive/verdict.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_KEPT =
        256 * 1024, /* bytes of input or output that a session may pile up before we stop reading */
    RATE_COUNTS_AFTER = 60000 /* ms */
};

struct commit_under_way {
    struct commit commit;
    struct task task;
    struct receiver *receiver;
    struct session *session; /* NULL: it has gone */
    struct message *message;
    message_id id;
};

/* ---- the life of a session */

struct session *session_of(struct list *node)
{
    return LIST_ENTRY(node, struct session, link);
}

void session_free(struct session *s)
{
    struct receiver *r = s->receiver;
    watch_close(r->loop, &s->watch);
    timer_stop(r->loop, &s->timer);
    atomic_fetch_sub(&r->house->memory, s->counted);
    atomic_fetch_sub(&r->house->sessions, 1);
    atomic_fetch_sub(&s->entrance->sessions, 1);
    clients_leave(r->house->clients, &s->client, loop_now(r->loop));
    front_free(&s->front);
    if (s->commit)
        s->commit->session = NULL;
    list_remove(&s->link);
    r->session_count--;
    server_free(&s->server);
    buffer_free(&s->input);
    buffer_free(&s->out);
    free(s);
}

void session_set_deadline(struct session *s)
{
    const struct options *o = s->receiver->house->settings.options;
    int64_t now = loop_now(s->receiver->loop);
    s->deadline = now + (server_is_in_data(s->server) ? o->data_timeout : o->command_timeout);
    /* Mostly the deadline moves on, and the timer that is set finds that out when it is due. */
    if (!heap_has(&s->timer.node) || s->deadline < s->timer.node.due)
        timer_set(s->receiver->loop, &s->timer, s->deadline);
}

/* What the receiver's buffer holds goes to the peer, or is kept. False: the session is gone. */
bool session_send(struct session *s)
{
    struct receiver *r = s->receiver;
    if (s->out.len) { /* it has its turn when the peer has read what came before */
        buffer_add_span(&s->out, buffer_span(&r->out));
    } else if (r->out.len) {
        int more = s->closes ? MSG_MORE : 0; /* the last words and the end go in one packet */
        ssize_t n = send(s->watch.fd, r->out.at, r->out.len, MSG_NOSIGNAL | more);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            buffer_clear(&r->out);
            session_free(s);
            return false;
        }
        buffer_add_span(&s->out, span_skip(buffer_span(&r->out), n > 0 ? (size_t)n : 0));
    }
    buffer_clear(&r->out);
    if (!s->out.len && s->closes) {
        session_free(s);
        return false;
    }
    bool is_full = s->input.len > MOST_KEPT || s->out.len > MOST_KEPT;
    watch_change(r->loop, &s->watch, (is_full ? 0 : EPOLLIN) | (s->out.len ? EPOLLOUT : 0));
    return true;
}

/* A message counts until the store has it. One that makes it too much is not taken: only its
 * sender can wait. */
static void count_memory(struct session *s)
{
    struct receive_house *h = s->receiver->house;
    uint64_t has =
        s->commit ? s->commit->commit.message.len : server_transaction(s->server)->message.len;
    uint64_t more = has - s->counted;
    uint64_t all = atomic_fetch_add(&h->memory, more) + more;
    s->counted = has;
    if (has && server_is_in_data(s->server) && all > h->settings.options->max_memory_in_flight) {
        server_refuse_message(s->server, verdict_no_memory);
        atomic_fetch_sub(&h->memory, has);
        s->counted = 0;
    }
}

void session_log_refusal(const struct session *s, struct span to, struct reply reply)
{
    struct buffer client = BUFFER_EMPTY;
    arrival_add_client(&client, s);
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "refused");
    log_line_text(line, "client", buffer_span(&client));
    if (to.len)
        log_line_text(line, "to", to);
    log_line_number(line, "code", reply.code);
    log_line_text(line, "words", reply.text);
    log_end();
    buffer_free(&client);
}

static enum server_wait answer_sender(struct session *s)
{
    struct receiver *r = s->receiver;
    struct arena a = ARENA_EMPTY;
    uint64_t memory = atomic_load(&r->house->memory);
    struct reply reply = verdict_sender(server_transaction(s->server), memory,
                                        r->house->settings.options->max_memory_in_flight);
    if (reply_is_positive(reply) && !arrival_may(s, CLIENT_MESSAGE, &a, &reply))
        session_log_refusal(s, SPAN_NONE, reply);
    enum server_wait wait = server_answer(s->server, reply, &r->out);
    arena_clear(&a);
    return wait;
}

/* `taken` unless the mailbox is known to have no room. */
static struct reply answer_room(const struct session *s, struct span address, struct reply taken,
                                struct arena *a)
{
    const struct receiver *r = s->receiver;
    const struct transaction *t = server_transaction(s->server);
    struct verdict_room of = verdict_room_of(r->directory, t->reverse_path, address, a);
    if (!of.mailbox.len)
        return taken;
    uint64_t room = rooms_find(&r->rooms, of.mailbox, clock_monotonic_ms());
    struct reply reply =
        verdict_room(r->house->settings.options, &of, room, address, t->parameters.size, a);
    return reply_is_positive(reply) ? taken : reply;
}

static enum server_wait answer_recipient(struct session *s)
{
    struct receiver *r = s->receiver;
    struct arena a = ARENA_EMPTY;
    struct span address = server_asked_recipient(s->server)->address;
    struct reply reply = {0};
    if (arrival_may(s, CLIENT_RECIPIENT, &a, &reply))
        reply = verdict_recipient(r->directory, r->house->settings.options, s->is_trusted,
                                  server_transaction(s->server)->reverse_path, address, &a);
    if (reply_is_positive(reply))
        reply = answer_room(s, address, reply, &a);
    if (!reply_is_positive(reply))
        session_log_refusal(s, address, reply);
    enum server_wait wait = server_answer(s->server, reply, &r->out);
    arena_clear(&a);
    return wait;
}

/* In the store's thread. */
static void commit_done(struct commit *c)
{
    struct commit_under_way *under_way = c->owner;
    const struct receive_settings *s = &under_way->receiver->house->settings;
    if (c->result == COMMIT_DURABLE) {
        s->accepted(s->arg, under_way->message);
        under_way->message = NULL;
    }
    loop_post(under_way->receiver->loop, &under_way->task);
}

static void commit_answered(struct task *t);

static void start_commit(struct session *s)
{
    struct receive_house *h = s->receiver->house;
    struct commit_under_way *c = memory_new(sizeof *c);
    struct buffer client = BUFFER_EMPTY, through = BUFFER_EMPTY;
    int64_t now_us = clock_now_us();
    arrival_add_client(&client, s);
    if (s->front)
        net_address_add(&through, &s->front->address);
    c->id = store_new_id(h->settings.store, now_us);
    const struct incoming_origin from = {
        .hostname = s->entrance->server.hostname,
        .client_name = server_client_name(s->server),
        .client_address = buffer_span(&client),
        .client_host = s->front ? buffer_span(&s->front->name) : SPAN_NONE,
        .login = s->front ? buffer_span(&s->front->login) : SPAN_NONE,
        .through = buffer_span(&through),
        .is_extended = server_is_extended(s->server),
        .id = c->id,
        .now_ms = now_us / 1000,
        .offset_minutes = clock_offset_minutes(now_us / 1000),
    };
    c->message =
        incoming_prepare(server_transaction(s->server), &from, s->receiver->directory, &c->commit);
    c->receiver = s->receiver;
    c->session = s;
    c->task.run = commit_answered;
    c->commit.done = commit_done;
    c->commit.owner = c;
    c->commit.is_urgent = true;
    s->commit = c;
    incoming_log(&c->message->envelope, &from);
    buffer_free(&client);
    buffer_free(&through);
    store_commit(h->settings.store, &c->commit);
}

/* Let the core take input as far as it goes; what must wait stays in s->input. False: the session
 * is gone. */
bool session_process(struct session *s, struct span input)
{
    struct receiver *r = s->receiver;
    enum server_wait wait = server_waits(s->server);
    size_t given = input.len;
    bool is_kept = s->input.len > 0; /* then `input` is what was kept */
    for (;;) {
        if (wait == SERVER_WAITS_INPUT) {
            if (!input.len)
                break;
            wait = server_input(s->server, &input, &r->out);
        } else if (wait == SERVER_WAITS_SENDER) {
            wait = answer_sender(s);
        } else if (wait == SERVER_WAITS_RECIPIENT) {
            wait = answer_recipient(s);
        } else if (wait == SERVER_WAITS_CLIENT) {
            wait = arrival_answer_client(s);
        } else if (wait == SERVER_WAITS_MESSAGE) {
            if (!s->commit)
                start_commit(s);
            break;
        } else {
            s->closes = true;
            break;
        }
    }
    count_memory(s);
    if (s->closes)
        buffer_clear(&s->input);
    else if (is_kept)
        buffer_drop(&s->input, given - input.len);
    else
        buffer_add_span(&s->input, input);
    if (!s->input.len)
        buffer_free(&s->input);
    session_set_deadline(s);
    return session_send(s);
}

bool session_end(struct session *s, struct reply why)
{
    server_end(s->server, why, &s->receiver->out);
    s->closes = true;
    return session_send(s);
}

/* A message that crawls holds memory and a place: after its first minute it must keep a rate. */
static bool data_is_too_slow(struct session *s, size_t bytes)
{
    int64_t now = loop_now(s->receiver->loop);
    if (!server_is_in_data(s->server)) {
        s->data_since = 0;
        return false;
    }
    if (!s->data_since) {
        s->data_since = now;
        s->data_bytes = 0;
    }
    s->data_bytes += bytes;
    int64_t took = now - s->data_since;
    return took > RATE_COUNTS_AFTER &&
           s->data_bytes <
               s->receiver->house->settings.options->min_data_rate * (uint64_t)took / 1000;
}

static void session_read(struct session *s)
{
    struct receiver *r = s->receiver;
    ssize_t n = recv(s->watch.fd, r->input, sizeof r->input, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        if (s->awaits_header)
            arrival_header_ends(s, "the connection ended inside a PROXY header");
        session_free(s);
        return;
    }
    if (s->closes) /* what it still says does not matter any more */
        return;
    if (s->awaits_header) {
        arrival_take_header(s, span_make(r->input, (size_t)n));
        return;
    }
    if (data_is_too_slow(s, (size_t)n)) {
        session_end(
            s, REPLY(421, 4, 4, 2, "This message arrives too slowly; closing. Please try again"));
        return;
    }
    if (s->input.len || s->commit) {
        buffer_add(&s->input, r->input, (size_t)n);
        session_send(s);
        return;
    }
    session_process(s, span_make(r->input, (size_t)n));
}

static void session_write(struct session *s)
{
    ssize_t n = send(s->watch.fd, s->out.at, s->out.len, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        session_free(s);
        return;
    }
    buffer_drop(&s->out, (size_t)n);
    if (!s->out.len)
        buffer_free(&s->out);
    session_send(s);
}

static void session_ready(struct watch *w, uint32_t events)
{
    struct session *s = (struct session *)(void *)w;
    if (events & EPOLLOUT)
        session_write(s);
    else if (events & EPOLLIN)
        session_read(s);
    else /* EPOLLHUP or EPOLLERR while we read nothing */
        session_free(s);
}

static void session_timer(struct timer *t)
{
    struct session *s = LIST_ENTRY(t, struct session, timer);
    struct receiver *r = s->receiver;
    const struct options *o = r->house->settings.options;
    int64_t now = loop_now(r->loop);
    if (s->closes) { /* the peer does not even take our last words */
        session_free(s);
        return;
    }
    if (s->commit || now < s->deadline) {
        timer_set(r->loop, &s->timer, now < s->deadline ? s->deadline : now + o->command_timeout);
        return;
    }
    if (s->awaits_header) {
        arrival_header_ends(s, "no PROXY header came in time");
        session_free(s);
        return;
    }
    timer_set(r->loop, &s->timer, now + o->command_timeout);
    if (now - s->last_mail > o->session_timeout)
        session_end(s, REPLY(421, 4, 4, 2,
                             "This session has lasted too long without a message; "
                             "closing. Please connect again when there is mail"));
    else
        session_end(s, REPLY(421, 4, 4, 2,
                             "Nothing came for too long; closing this connection. "
                             "Please connect again when there is mail"));
}

static struct reply commit_reply(const struct commit_under_way *c, struct arena *a)
{
    struct buffer id = BUFFER_EMPTY;
    struct reply reply = REPLY(451, 4, 3, 0,
                               "This server cannot store mail safely right now; its operator has "
                               "been told. Nothing was taken, please try again later");
    message_id_add(&id, c->id);
    if (c->commit.result == COMMIT_DURABLE)
        reply = (struct reply){250, STATUS(2, 0, 0),
                               arena_printf(a, "Accepted and stored as %s", buffer_text(&id))};
    else if (c->commit.result == COMMIT_FULL)
        reply = REPLY(452, 4, 3, 1,
                      "This server has no room for more mail right now. Nothing was taken, please "
                      "try again later");
    buffer_free(&id);
    return reply;
}

static void commit_answered(struct task *t)
{
    struct commit_under_way *c = LIST_ENTRY(t, struct commit_under_way, task);
    struct session *s = c->session;
    if (s) {
        struct arena a = ARENA_EMPTY;
        s->commit = NULL;
        s->last_mail = loop_now(c->receiver->loop);
        server_answer(s->server, commit_reply(c, &a), &c->receiver->out);
        arena_clear(&a);
        if (session_process(s, buffer_span(&s->input)) && c->receiver->is_ending)
            session_end(s, REPLY(421, 4, 3, 2, "This server is shutting down"));
    }
    message_free(&c->message);
    commit_free(&c->commit);
    free(c);
}

/* ---- coming in */

void session_start(struct receiver *r, struct entrance *by, int fd, const struct net_address *peer)
{
    struct receive_house *h = r->house;
    struct session *s = memory_new(sizeof *s);
    s->watch = (struct watch){.fd = fd, .ready = session_ready};
    s->timer.due = session_timer;
    s->receiver = r;
    s->entrance = by;
    s->peer = *peer;
    s->last_mail = loop_now(r->loop);
    s->server = server_new(&by->server, false);
    s->is_one_too_many = atomic_fetch_add(&h->sessions, 1) >= h->settings.options->max_sessions;
    s->is_one_too_many |= atomic_fetch_add(&by->sessions, 1) >= by->max_sessions;
    list_append(&r->sessions, &s->link);
    r->session_count++;
    watch_start(r->loop, &s->watch, EPOLLIN);
    arrival_begin(s);
}

void session_shut_down(struct session *s)
{
    if (!s->commit)
        session_end(s, REPLY(421, 4, 3, 2, "This server is shutting down"));
}
