/* Logging in at the next hop. The password is fetched, and SCRAM's hashing done, by a worker; the
 * connection's bytes wait meanwhile.
 *
 * Wrong credentials are the fault of our operator: no mail comes back for them (RFC 4954 has 535
 * for good; here it is for now), the log says what was refused, and the login rests for a while. */
#include "deliver/connection_inside.h"

#include "base/memory.h"
#include "login/keyring.h"
#include "mail/encode.h"
#include "sasl/base64.h"
#include "sasl/sasl_client.h"
#include "sys/log.h"

#include <openssl/rand.h>
#include <stdlib.h>

enum { NONCE = 18 /* octets */, ENDS_IN_BASE64 = 4 };

struct connection_login {
    struct work work;
    struct connection *connection; /* NULL: nobody waits for it any more */
    struct keyring *keyring;       /* a reference */
    struct target target;          /* of the hop; its texts live in `arena` */
    struct arena arena;
    bool is_at_work;
    bool is_initial_due; /* the initial response, which did not fit into the command */
    struct buffer secret;
    bool is_token, is_found;
    struct error error;
    enum sasl_mechanism mechanism;
    struct sasl_client *client; /* NULL: not yet chosen */
    struct scram_secret derived;
};

static void login_free(struct connection_login *l)
{
    sasl_client_free(&l->client);
    buffer_wipe(&l->secret);
    explicit_bzero(&l->derived, sizeof l->derived);
    keyring_unref(&l->keyring);
    struct arena arena = l->arena;
    arena_clear(&arena);
    free(l);
}

void connection_login_free(struct connection *c)
{
    struct connection_login *l = c->login;
    c->login = NULL;
    if (l && l->is_at_work)
        l->connection = NULL; /* login_worked frees it */
    else if (l)
        login_free(l);
}

static struct connection_login *login_new(struct connection *c)
{
    struct connection_login *l = memory_new(sizeof *l);
    const struct target *t = c->settings->target;
    l->connection = c;
    l->keyring = keyring_ref(c->settings->keyring);
    l->target = (struct target){.kind = t->kind, .server.port = t->server.port};
    l->target.server.host = arena_copy(&l->arena, t->server.host);
    l->target.login = arena_copy(&l->arena, t->login);
    return l;
}

/* ---- how it ends */

/* What was said may be a password. */
static void forget_what_was_said(struct connection *c)
{
    if (!c->out.len)
        buffer_wipe(&c->out);
}

static void log_refusal(const struct connection *c, struct span words, int64_t rest)
{
    struct buffer address = BUFFER_EMPTY;
    net_address_add_endpoint(&address, &c->way->address);
    struct buffer *line = log_begin(LOG_LEVEL_ERROR, "login-failed");
    log_line_text(line, "host", c->way->host);
    log_line_text(line, "address", buffer_span(&address));
    log_line_text(line, "login", c->settings->target->login);
    log_line_text(line, "text", words);
    log_line_number(line, "rests_s", rest / 1000);
    log_end();
    buffer_free(&address);
}

/* `what`: behind "…, and". */
static enum client_wait fails(struct connection *c, const char *what, struct span words)
{
    const struct target *t = c->settings->target;
    struct span all =
        arena_printf(&c->delivery->arena,
                     "this server logs in there as %.*s, and %s%s%.*s; nothing "
                     "was sent",
                     SPAN_F(t->login), what, words.len ? ": " : "", SPAN_F(span_first(words, 300)));
    int64_t rest = keyring_refused(c->settings->keyring, t, all, loop_now(c->settings->loop));
    log_refusal(c, all, rest);
    forget_what_was_said(c);
    connection_login_free(c);
    c->delivery->peer = PEER_UNREACHABLE;
    return client_no_login(c->client, (struct reply){0, STATUS(4, 3, 5), all});
}

static enum client_wait refused(struct connection *c)
{
    struct reply r = client_refusal(c->client);
    struct buffer words = BUFFER_EMPTY;
    buffer_printf(&words, "%d ", r.code);
    if (status_is_given(r.status)) {
        status_add(&words, r.status);
        buffer_add_char(&words, ' ');
    }
    buffer_add_span(&words, r.text);
    enum client_wait wait = fails(c, "was not let in", buffer_span(&words));
    buffer_free(&words);
    return wait;
}

/* ---- which mechanism */

/* Does nobody else hear it, and is it the right server that does? What the route says counts as
 * "the operator has said so" where it demands encryption, and no more. */
static bool may_show(const struct connection *c)
{
    const struct transport_demand *d = c->way->demand;
    enum target_tls tls = c->settings->target->tls;
    if (net_address_is_loopback(&c->way->address))
        return true;
    if (!c->tls || !tls_is_ready(c->tls))
        return false;
    return (d->proof != PROOF_NONE && !d->is_noted_only) || tls == TARGET_TLS_REQUIRED ||
           tls == TARGET_TLS_IMPLICIT_UNVERIFIED;
}

static void bind_to(const struct connection *c, struct sasl_client_settings *s,
                    unsigned char to[TLS_LARGEST_BINDING])
{
    size_t len = TLS_BINDING;
    if (!c->tls || !tls_is_ready(c->tls))
        return;
    if (tls_binding(c->tls, to))
        s->binding_name = SPAN("tls-exporter");
    else if (tls_binding_of_server(c->tls, to, &len))
        s->binding_name = SPAN("tls-server-end-point");
    s->binding = span_make(to, s->binding_name.len ? len : 0);
}

static bool add_nonce(struct buffer *out)
{
    unsigned char chance[NONCE];
    bool ok = RAND_bytes(chance, sizeof chance) == 1;
    base64_add(out, span_make(chance, sizeof chance));
    return ok;
}

static enum client_wait send_auth(struct connection *c)
{
    struct connection_login *l = c->login;
    struct span mechanism = span_of(mechanism_name(l->mechanism)),
                initial = sasl_client_response(l->client);
    struct buffer text = BUFFER_EMPTY;
    buffer_reserve(&text, initial.len / 3 * 4 + ENDS_IN_BASE64);
    base64_add(&text, initial);
    initial = buffer_span(&text);
    buffer_reserve(&c->out, mechanism.len + initial.len + 20);
    bool fits =
        sasl_client_has_initial(l->client) && client_initial_fits(mechanism, buffer_span(&text));
    l->is_initial_due = sasl_client_has_initial(l->client) && !fits;
    enum client_wait wait = client_auth(c->client, mechanism, fits ? &initial : NULL, &c->out);
    buffer_wipe(&text);
    return wait;
}

static enum client_wait choose(struct connection *c)
{
    struct connection_login *l = c->login;
    struct span offer = client_mechanisms(c->client);
    unsigned char binding[TLS_LARGEST_BINDING];
    struct buffer nonce = BUFFER_EMPTY;
    struct sasl_client_settings s = {.offer = sasl_offer_read(offer),
                                     .name = l->target.login,
                                     .secret = buffer_span(&l->secret),
                                     .is_token = l->is_token,
                                     .may_show = may_show(c)};
    bind_to(c, &s, binding);
    if (!add_nonce(&nonce))
        abort(); /* the system has no chance */
    s.nonce = buffer_span(&nonce);
    enum sasl_choice choice = sasl_client_choose(&s, &l->mechanism);
    if (choice == SASL_CHOSEN)
        l->client = sasl_client_new(&s, l->mechanism);
    buffer_wipe(&l->secret);
    buffer_free(&nonce);
    if (choice == SASL_CHOSEN)
        return send_auth(c);
    if (!offer.len)
        return fails(c, "it takes no logins on this connection", SPAN_NONE);
    return choice == SASL_NONE_OFFERED
               ? fails(c, "it offers no way to log in that this server knows", offer)
               : fails(c,
                       "the ways to log in that it offers would show the password on a connection "
                       "that is not encrypted, or to a server that has not shown who it is (tls "
                       "verified)",
                       offer);
}

/* ---- challenges */

static enum client_wait send_response(struct connection *c)
{
    struct span response = sasl_client_response(c->login->client);
    struct buffer text = BUFFER_EMPTY;
    size_t room = response.len / 3 * 4 + ENDS_IN_BASE64;
    buffer_reserve(&text, room);
    base64_add(&text, response);
    buffer_reserve(&c->out, room + 2);
    enum client_wait wait = client_respond(c->client, buffer_span(&text), &c->out);
    buffer_wipe(&text);
    return wait;
}

static void begin_work(struct connection *c)
{
    c->login->is_at_work = true;
    workers_submit(c->settings->handshakers, &c->login->work);
}

/* What the server says next is not read before the worker is done. */
static enum client_wait waits_for_worker(struct connection *c)
{
    watch_stop(c->settings->loop, &c->watch);
    begin_work(c);
    return CLIENT_WAITS_LOGIN;
}

static enum client_wait respond(struct connection *c)
{
    struct connection_login *l = c->login;
    struct buffer challenge = BUFFER_EMPTY;
    enum sasl_client_wait wait = SASL_CLIENT_WAITS_CHALLENGE;
    bool ok = base64_read(&challenge, client_challenge(c->client));
    if (ok && !l->is_initial_due)
        wait = sasl_client_take(l->client, buffer_span(&challenge));
    l->is_initial_due = false;
    buffer_free(&challenge);
    if (!ok)
        return fails(c, "it said what is no base64", SPAN_NONE);
    if (wait == SASL_CLIENT_WAITS_SECRET)
        return waits_for_worker(c);
    return wait == SASL_CLIENT_FAILED ? fails(c, sasl_client_problem(l->client), SPAN_NONE)
                                      : send_response(c);
}

static enum client_wait accepted(struct connection *c)
{
    if (!sasl_client_may_succeed(c->login->client))
        return fails(c, "it let us in, but could not show that it knows the password", SPAN_NONE);
    keyring_accepted(c->settings->keyring, c->settings->target);
    connection_login_free(c);
    forget_what_was_said(c);
    return client_logged_in(c->client, &c->out);
}

/* ---- the whole */

static void login_work(struct work *w) /* in a worker */
{
    struct connection_login *l = LIST_ENTRY(w, struct connection_login, work);
    if (!l->client) {
        l->is_found = keyring_find(l->keyring, &l->target, &l->secret, &l->is_token, &l->error);
        return;
    }
    struct sasl_derivation d = sasl_client_derivation(l->client);
    scram_secret_make(&l->derived, d.password, d.salt, d.iterations);
}

static void login_worked(struct task *t)
{
    struct connection_login *l = LIST_ENTRY(t, struct connection_login, work.task);
    struct connection *c = l->connection;
    enum client_wait wait;
    l->is_at_work = false;
    if (!c) {
        login_free(l);
        return;
    }
    watch_start(c->settings->loop, &c->watch, stream_events(c->tls, EPOLLIN));
    if (!l->client) {
        wait =
            l->is_found ? choose(c) : fails(c, "its password is not there", span_of(l->error.text));
    } else {
        sasl_client_take_secret(l->client, &l->derived);
        wait = send_response(c);
    }
    connection_goes_on_with(c, wait);
}

enum client_wait connection_log_in(struct connection *c)
{
    switch (client_login(c->client)) {
    case CLIENT_LOGIN_BEGINS:
        c->login = login_new(c);
        c->login->work =
            (struct work){.task.run = login_worked, .loop = c->settings->loop, .call = login_work};
        return waits_for_worker(c);
    case CLIENT_LOGIN_RESPONDS:
        return respond(c);
    case CLIENT_LOGIN_ACCEPTED:
        return accepted(c);
    case CLIENT_LOGIN_REFUSED:
        break;
    }
    return refused(c);
}
