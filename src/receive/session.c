/* A session never copies what it need not: input is read into a buffer that all sessions of the
 * loop share, replies are collected in another one and sent at once; only what the peer does not
 * take yet, or what comes while the session waits for an answer, is kept with the session. An idle
 * session is this struct and its core. */
#include "receive/session.h"

#include "base/memory.h"
#include "outcome/counts.h"
#include "receive/checking.h"
#include "receive/link_check.h"
#include "receive/verdict.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_KEPT =
        256 * 1024, /* bytes of input or output that a session may pile up before we stop reading */
    RATE_COUNTS_AFTER = 60000, /* ms */
    LINGERS = 2000             /* ms */
};

/* ---- the life of a session */

struct session *session_of(struct list *node)
{
    return LIST_ENTRY(node, struct session, link);
}

void session_free(struct session *s)
{
    struct receiver *r = s->receiver;
    stream_close(r->loop, &s->watch, &s->tls);
    timer_stop(r->loop, &s->timer);
    atomic_fetch_sub(&r->house->memory, s->counted);
    atomic_fetch_sub(&r->house->sessions, 1);
    tally_add(COUNT_CONNECTIONS_ENDED, 1);
    atomic_fetch_sub(&s->entrance->place->sessions, 1);
    clients_leave(s->entrance->clients, &s->client, loop_now(r->loop));
    front_free(&s->front);
    judging_forget(s);
    known_client_unref(&s->known);
    login_forget(s);
    buffer_free(&s->login_name);
    list_remove(&s->link);
    r->session_count--;
    server_free(&s->server);
    buffer_wipe(&s->input);
    buffer_free(&s->out);
    entrance_unref(&s->entrance);
    free(s);
}

void session_set_deadline(struct session *s)
{
    const struct options *o = s->entrance->options;
    int64_t now = loop_now(s->receiver->loop);
    s->deadline = now + (server_is_in_data(s->server) ? o->data_timeout : o->command_timeout);
    /* Mostly the deadline moves on, and the timer that is set finds that out when it is due. */
    if (!heap_has(&s->timer.node) || s->deadline < s->timer.node.due)
        timer_set(s->receiver->loop, &s->timer, s->deadline);
}

/* All is said. If the peer goes on talking the end of the connection would take our last words with
 * it, unread; so it may talk for a moment more. False: the session is gone. */
static bool session_lets_go(struct session *s)
{
    char c;
    if (!s->lingers)
        stream_ends(s->tls);
    if (s->lingers || recv(s->watch.fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) {
        session_free(s);
        return false;
    }
    shutdown(s->watch.fd, SHUT_WR);
    s->lingers = true;
    s->deadline = loop_now(s->receiver->loop) + LINGERS;
    timer_set(s->receiver->loop, &s->timer, s->deadline);
    watch_change(s->receiver->loop, &s->watch, EPOLLIN);
    return true;
}

/* What comes behind STARTTLS, and is no handshake, is not read. */
static void watch_for_more(struct session *s)
{
    bool reads = !s->said_all && s->input.len <= MOST_KEPT && s->out.len <= MOST_KEPT &&
                 server_waits(s->server) != SERVER_WAITS_TLS;
    uint32_t events = (reads ? EPOLLIN : 0) | (s->out.len ? EPOLLOUT : 0);
    watch_change(s->receiver->loop, &s->watch, stream_events(s->tls, events));
}

/* Then its client wants to know what becomes of it, though it says no more. */
static bool judges_message(const struct session *s)
{
    return judging_waits(s) && server_waits(s->server) == SERVER_WAITS_MESSAGE;
}

/* What the receiver's buffer holds goes to the peer, or is kept. False: the session is gone. */
bool session_send(struct session *s)
{
    struct receiver *r = s->receiver;
    if (s->out.len) { /* it has its turn when the peer has read what came before */
        buffer_add_span(&s->out, buffer_span(&r->out));
    } else if (r->out.len) {
        int more = s->closes ? MSG_MORE : 0; /* the last words and the end go in one packet */
        ssize_t n = stream_send(s->watch.fd, s->tls, r->out.at, r->out.len, more);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            buffer_clear(&r->out);
            session_free(s);
            return false;
        }
        buffer_add_span(&s->out, span_skip(buffer_span(&r->out), n > 0 ? (size_t)n : 0));
    }
    buffer_clear(&r->out);
    if (!s->out.len && (s->closes || (s->said_all && !judges_message(s))))
        return session_lets_go(s);
    if (server_waits(s->server) == SERVER_WAITS_TLS && !s->out.len)
        securing_begin(s);
    else
        watch_for_more(s);
    return true;
}

/* A message counts until the store has it. One that makes it too much is not taken: only its
 * sender can wait. */
static void count_memory(struct session *s)
{
    struct receive_house *h = s->receiver->house;
    bool is_away = s->signature || checking_has_message(s) ||
                   link_check_has_message(s); /* then it was counted before */
    uint64_t has = s->commit ? keeping_bytes(s)
                   : is_away ? s->counted
                             : server_transaction(s->server)->message.len;
    uint64_t more = has - s->counted;
    uint64_t all = atomic_fetch_add(&h->memory, more) + more;
    s->counted = has;
    if (has && server_is_in_data(s->server) && all > s->entrance->options->max_memory_in_flight) {
        server_refuse_message(s->server, verdict_no_memory);
        atomic_fetch_sub(&h->memory, has);
        s->counted = 0;
    }
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
            server_set_time(s->server, clock_now_ms());
            wait = server_input(s->server, &input, &r->out);
        } else if (judging_is_about(wait)) {
            if (!judging_waits(s))
                wait = judging_step(s);
            if (judging_waits(s))
                break;
        } else if (wait == SERVER_WAITS_AUTH) {
            if (!login_waits(s))
                wait = login_step(s);
            if (login_waits(s))
                break;
        } else if (wait == SERVER_WAITS_CLIENT) {
            wait = arrival_answer_client(s);
        } else {
            s->closes = wait != SERVER_WAITS_TLS;
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
        buffer_wipe(&s->input);
    session_set_deadline(s);
    return session_send(s);
}

bool session_end(struct session *s, struct reply why)
{
    judging_forget(s);
    login_forget(s);
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
           s->data_bytes < s->entrance->options->min_data_rate * (uint64_t)took / 1000;
}

/* The end of a session is not by TLS any more: what still comes is thrown away. */
static ssize_t receive(struct session *s)
{
    char *to = s->receiver->input;
    if (s->awaits_header && entrance_is_implicit(s->entrance)) {
        ssize_t n = recv(s->watch.fd, to, READ_SIZE, MSG_PEEK);
        return n <= 0
                   ? n
                   : recv(s->watch.fd, to, arrival_header_within(s, span_make(to, (size_t)n)), 0);
    }
    return stream_recv(s->watch.fd, s->lingers ? NULL : s->tls, to, READ_SIZE);
}

static void session_read(struct session *s)
{
    struct receiver *r = s->receiver;
    ssize_t n = receive(s);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (s->tls && !s->closes)
            watch_for_more(s);
        return;
    }
    if (n == 0 &&
        (judges_message(s) || s->out.len)) { /* it wants to know what became of its message */
        s->said_all = true;
        session_send(s);
        return;
    }
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
    if (s->awaits_greeting) {
        arrival_spoke_early(s, span_make(r->input, (size_t)n));
        return;
    }
    if (data_is_too_slow(s, (size_t)n)) {
        session_end(
            s, REPLY(421, 4, 4, 2, "This message arrives too slowly; closing. Please try again"));
        return;
    }
    if (s->input.len || judging_waits(s) || login_waits(s)) {
        buffer_add(&s->input, r->input, (size_t)n);
        session_send(s);
        return;
    }
    bool is_secret = s->entrance->at->is_submission && !s->is_trusted; /* it may be a password */
    session_process(s, span_make(r->input, (size_t)n));
    if (is_secret)
        explicit_bzero(r->input, (size_t)n);
}

static void session_write(struct session *s)
{
    ssize_t n = stream_send(s->watch.fd, s->tls, s->out.at, s->out.len, 0);
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
    if (events & EPOLLOUT && s->out.len)
        session_write(s);
    else if (events & (EPOLLIN | EPOLLOUT)) /* the latter: see stream_events */
        session_read(s);
    else /* EPOLLHUP or EPOLLERR while we read nothing */
        session_free(s);
}

static void session_timer(struct timer *t)
{
    struct session *s = LIST_ENTRY(t, struct session, timer);
    struct receiver *r = s->receiver;
    const struct options *o = s->entrance->options;
    int64_t now = loop_now(r->loop);
    if (securing_is_under_way(s) && now >= s->deadline) {
        securing_takes_too_long(s);
        return;
    }
    if (s->closes) { /* the peer does not even take our last words */
        session_free(s);
        return;
    }
    if (judging_waits(s) || login_waits(s) || now < s->deadline) {
        timer_set(r->loop, &s->timer, now < s->deadline ? s->deadline : now + o->command_timeout);
        return;
    }
    if (s->awaits_header) {
        arrival_header_ends(s, "no PROXY header came in time");
        session_free(s);
        return;
    }
    if (s->awaits_greeting) {
        arrival_greet(s);
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

/* ---- coming in */

void session_start(struct receiver *r, struct entrance *by, int fd, const struct net_address *peer)
{
    struct receive_house *h = r->house;
    struct session *s = memory_new(sizeof *s);
    s->watch = (struct watch){.fd = fd, .ready = session_ready};
    s->timer.due = session_timer;
    s->receiver = r;
    s->entrance = entrance_ref(by);
    s->peer = *peer;
    s->last_mail = loop_now(r->loop);
    s->server = server_new(&by->server, false);
    s->is_one_too_many = atomic_fetch_add(&h->sessions, 1) >= by->options->max_sessions;
    s->is_one_too_many |= atomic_fetch_add(&by->place->sessions, 1) >= by->max_sessions;
    list_append(&r->sessions, &s->link);
    r->session_count++;
    tally_add(COUNT_CONNECTIONS, 1);
    watch_start(r->loop, &s->watch, EPOLLIN);
    arrival_begin(s);
}

void session_end_login(struct session *s)
{
    s->has_lost_login = true;
    if (!s->commit)
        session_end(s, REPLY(421, 4, 7, 0,
                             "Somebody else may know the password of this account, so all of its "
                             "sessions end; please log in again with the new one"));
}

void session_shut_down(struct session *s)
{
    if (securing_is_under_way(s))
        session_free(s); /* nothing can be said to it */
    else if (!s->commit)
        session_end(s, REPLY(421, 4, 3, 2, "This server is shutting down"));
}
