/* A login goes through an exchange (sasl/exchange.h), and whatever must be known of the account is
 * asked at the gate. Meanwhile the session waits; and so it does when a wrong password is answered
 * later than it could be. Nothing that a client has said is logged but the name of a login that
 * there is: people type passwords where names belong. */
#include "base/inet.h"
#include "base/memory.h"
#include "mail/encode.h"
#include "receive/inside.h"
#include "receive/verdict.h"
#include "sasl/base64.h"
#include "sasl/exchange.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { NONCE = 18 /* octets of chance */, DAY = 24 * 3600 * 1000 };

struct login_under_way {
    struct gate_question question;
    struct receiver *receiver;
    struct session *session; /* NULL: it has gone, or ends */
    struct exchange *exchange;
    enum sasl_mechanism mechanism;
    struct buffer nonce;
    unsigned char binding[TLS_BINDING];
    struct guess guess;
    bool is_guess; /* it is counted, and its end is not told yet */
    bool is_asked; /* the gate has the question */
    struct timer late;
};

static const struct reply wrong = REPLY(
    535, 5, 7, 8,
    "This user name and password do not fit. Please check both; capital and small letters differ "
    "in the password");
static const struct reply malformed =
    REPLY(501, 5, 5, 2, "That is no response as this way to log in wants it");
static const struct reply cannot_say =
    REPLY(454, 4, 7, 0,
          "This server can't check passwords right now; its operator has been told. Please try "
          "again in a few minutes");

/* ---- who it is */

struct span login_of(const struct session *s)
{
    if (s->login_name.len)
        return buffer_span(&s->login_name);
    return s->front ? buffer_span(&s->front->login) : SPAN_NONE;
}

/* The TLS is the client's own, and not that of a front end. */
static bool has_tls(const struct session *s)
{
    return s->tls && tls_is_ready(s->tls) && !(s->front && s->front->has_told);
}

/* The network has not seen what the client says: it is on this machine. What a front end passes on
 * may have come from anywhere. */
static bool is_on_this_machine(const struct session *s)
{
    static const unsigned char v6[16] = {[15] = 1};
    unsigned char address[16];
    net_address_bytes(&s->peer, address);
    bool is_v4 = inet_is_v4(address) && address[12] == 127;
    return !s->front && (is_v4 || memcmp(address, v6, sizeof v6) == 0);
}

/* Whoever is shown -PLUS, and could bind, must. */
static bool may_bind(const struct session *s)
{
    return s->entrance->options->login_channel_binding && has_tls(s) && tls_is_version_1_3(s->tls);
}

void login_begin(struct session *s)
{
    enum server_login login = !s->entrance->at->is_submission       ? SERVER_LOGIN_NONE
                              : login_of(s).len                     ? SERVER_LOGIN_DONE
                              : has_tls(s) || is_on_this_machine(s) ? SERVER_LOGIN_OFFERED
                                                                    : SERVER_LOGIN_NEEDS_TLS;
    server_set_login(
        s->server, login,
        buffer_span(may_bind(s) ? &s->entrance->with_binding : &s->entrance->mechanisms));
}

bool login_waits(const struct session *s)
{
    return s->login && (s->login->is_asked || heap_has(&s->login->late.node));
}

/* ---- the life of a login */

static struct guessing *guessing_of(const struct session *s)
{
    return gate_guessing(s->entrance->gate);
}

static void free_login(struct login_under_way *l)
{
    exchange_free(&l->exchange);
    gate_question_free(&l->question);
    buffer_free(&l->nonce);
    explicit_bzero(l->binding, sizeof l->binding);
    timer_stop(l->receiver->loop, &l->late);
    free(l);
}

void login_forget(struct session *s)
{
    struct login_under_way *l = s->login;
    s->login = NULL;
    if (!l)
        return;
    if (l->is_guess)
        guessing_is_unknown(guessing_of(s), &l->guess, loop_now(l->receiver->loop));
    l->session = NULL;
    if (!l->is_asked)
        free_login(l);
}

static void late(struct timer *t);

static void begin(struct session *s, const struct server_auth *a)
{
    unsigned char chance[NONCE];
    struct login_under_way *l = memory_new(sizeof *l);
    login_forget(s);
    s->login = l;
    l->receiver = s->receiver;
    l->session = s;
    l->late.due = late;
    randombytes_buf(chance, sizeof chance);
    base64_add(&l->nonce, span_make(chance, sizeof chance));
    mechanism_find(a->mechanism, &l->mechanism); /* it is one of those that we offer */
    bool is_bound = may_bind(s) && tls_binding(s->tls, l->binding);
    l->exchange = exchange_new(&(struct exchange_settings){
        .mechanism = l->mechanism,
        .nonce = buffer_span(&l->nonce),
        .binding = is_bound ? span_make(l->binding, TLS_BINDING) : SPAN_NONE});
}

static void log_login(const struct session *s, const char *event, struct span name,
                      struct span words)
{
    struct buffer client = BUFFER_EMPTY;
    bool is_well = !words.len;
    arrival_add_client(&client, s);
    struct buffer *line = log_begin(is_well ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, event);
    log_line_text(line, "client", buffer_span(&client));
    if (name.len)
        log_line_text(line, "login", name);
    log_line_text(line, "mechanism", span_of(mechanism_name(s->login->mechanism)));
    if (words.len)
        log_line_text(line, "words", words);
    log_end();
    buffer_free(&client);
}

/* ---- its ends */

static enum server_wait end(struct session *s, struct reply reply)
{
    login_forget(s);
    return server_answer(s->server, reply, &s->receiver->out);
}

static enum server_wait refuse(struct session *s, struct reply reply)
{
    struct login_under_way *l = s->login;
    struct span name = l->question.name_is_known ? buffer_span(&l->question.name) : SPAN_NONE;
    log_login(s, "login-refused", name, reply.text);
    return end(s, reply);
}

static void late(struct timer *t)
{
    struct login_under_way *l = LIST_ENTRY(t, struct login_under_way, late);
    struct session *s = l->session;
    refuse(s, wrong);
    session_process(s, buffer_span(&s->input));
}

/* A wrong password, or one that can be none; the answer may be held back. */
static enum server_wait was_wrong(struct session *s)
{
    struct login_under_way *l = s->login;
    if (!l->is_guess)
        return refuse(s, wrong);
    l->is_guess = false;
    int64_t now = loop_now(l->receiver->loop);
    int64_t delay = guessing_was_wrong(guessing_of(s), &l->guess, now);
    if (!delay)
        return refuse(s, wrong);
    timer_set(l->receiver->loop, &l->late, now + delay);
    return SERVER_WAITS_AUTH;
}

static enum server_wait succeed(struct session *s)
{
    struct receiver *r = s->receiver;
    struct login_under_way *l = s->login;
    unsigned day = (unsigned)(clock_now_ms() / DAY);
    l->is_guess = false;
    if (guessing_was_right(guessing_of(s), &l->guess, loop_now(r->loop), day))
        gate_note_place(s->entrance->gate, r->loop, l->guess.place, day);
    buffer_clear(&s->login_name);
    buffer_add_span(&s->login_name, exchange_login(l->exchange));
    s->login_mechanism = mechanism_name(l->mechanism);
    log_login(s, "login", buffer_span(&s->login_name), SPAN_NONE);
    enum server_wait wait = end(s, REPLY(235, 2, 7, 0, "You are logged in"));
    s->is_trusted = true;
    server_set_rights(s->server, true, s->may_xclient);
    login_begin(s);
    clients_leave(s->entrance->clients, &s->client, loop_now(r->loop));
    return wait;
}

/* ---- what must be known of the account */

static bool may_guess(struct session *s, struct reply *why, struct arena *a)
{
    struct login_under_way *l = s->login;
    unsigned char address[16];
    int64_t wait = 0;
    net_address_bytes(&s->peer, address);
    l->guess = guess_of(guessing_of(s), address, exchange_name(l->exchange));
    enum guess_verdict verdict =
        guessing_begin(guessing_of(s), &l->guess, loop_now(l->receiver->loop), &wait);
    l->is_guess = verdict == GUESS_MAY;
    if (!l->is_guess)
        *why = verdict_guess(verdict == GUESS_NETWORK_IS_LOCKED, wait, a);
    return l->is_guess;
}

static void answered(struct task *t);

static bool ask(struct session *s, enum gate_wish wish)
{
    struct login_under_way *l = s->login;
    struct gate_question *q = &l->question;
    q->work.task.run = answered;
    q->work.loop = l->receiver->loop;
    q->wish = wish;
    q->mechanism = span_of(mechanism_name(l->mechanism));
    q->is_safe = true; /* else nobody could log in */
    q->client = s->peer;
    buffer_add_span(&q->name, exchange_name(l->exchange));
    buffer_add_span(&q->secret, exchange_secret(l->exchange));
    l->is_asked = gate_ask(s->entrance->gate, q);
    return l->is_asked;
}

static enum server_wait ask_or_refuse(struct session *s, enum gate_wish wish)
{
    struct arena a = ARENA_EMPTY;
    struct reply why =
        REPLY(454, 4, 7, 0, "Too many log in at this moment; please try again in a minute");
    enum server_wait wait = SERVER_WAITS_AUTH;
    if (!may_guess(s, &why, &a) || !ask(s, wish))
        wait = refuse(s, why);
    arena_clear(&a);
    return wait;
}

static enum server_wait challenge(struct session *s)
{
    struct buffer text = BUFFER_EMPTY;
    base64_add(&text, exchange_challenge(s->login->exchange));
    enum server_wait wait = server_challenge(s->server, buffer_span(&text), &s->receiver->out);
    buffer_free(&text);
    return wait;
}

static enum server_wait go_on(struct session *s, enum exchange_wait wait)
{
    switch (wait) {
    case EXCHANGE_WAITS_RESPONSE:
        return challenge(s);
    case EXCHANGE_WAITS_PASSWORD:
        return ask_or_refuse(s, GATE_PASSWORD);
    case EXCHANGE_WAITS_TOKEN:
        return ask_or_refuse(s, GATE_TOKEN);
    case EXCHANGE_WAITS_KEYS:
        return ask_or_refuse(s, GATE_KEYS);
    case EXCHANGE_SUCCEEDED:
        return succeed(s);
    case EXCHANGE_REFUSED:
        return was_wrong(s);
    case EXCHANGE_MALFORMED:
        break;
    }
    return refuse(s, malformed);
}

static void log_trouble(const struct gate_question *q)
{
    if (q->error.text[0])
        log_message(q->verdict == GATE_CANNOT_SAY ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
                    q->verdict == GATE_CANNOT_SAY ? "login-unchecked" : "token-refused", "%s",
                    q->error.text);
}

static void answered(struct task *t)
{
    struct login_under_way *l = LIST_ENTRY(t, struct login_under_way, question.work.task);
    struct gate_question *q = &l->question;
    struct session *s = l->session;
    l->is_asked = false;
    log_trouble(q);
    if (!s) {
        free_login(l);
        return;
    }
    struct span login = q->verdict == GATE_IS_RIGHT ? buffer_span(&q->login) : SPAN_NONE;
    if (q->verdict == GATE_CANNOT_SAY)
        refuse(s, cannot_say);
    else if (q->wish == GATE_KEYS)
        go_on(s, exchange_take_keys(l->exchange, &q->keys, login));
    else
        go_on(s, exchange_decide(l->exchange, login));
    session_process(s, buffer_span(&s->input));
}

enum server_wait login_step(struct session *s)
{
    const struct server_auth *a = server_asked_auth(s->server);
    struct buffer octets = BUFFER_EMPTY;
    enum server_wait wait;
    if (a->is_first)
        begin(s, a);
    struct exchange *x = s->login->exchange;
    if (a->fault.code) {
        wait = end(s, a->fault);
    } else if (!base64_read(&octets, a->response)) {
        wait = refuse(s, malformed);
    } else {
        struct span response = buffer_span(&octets);
        wait = go_on(s, a->is_first ? exchange_start(x, a->has_response ? &response : NULL)
                                    : exchange_take(x, response));
    }
    buffer_wipe(&octets);
    return wait;
}
