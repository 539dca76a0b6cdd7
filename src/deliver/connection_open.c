/* From the first address to the greeting, and the handshake of TLS before or behind it. */
#include "deliver/connection_inside.h"
#include "deliver/delivery_outcomes.h"
#include "outcome/counts.h"
#include "sys/log.h"
#include "sys/tally.h"

static void way_failed(void *arg, const struct way *w)
{
    struct connection *c = arg;
    c->settings->way_failed(c->settings->arg, w);
}

static void fails(struct connection *c, struct reply why, enum client_stage stage)
{
    const struct connection_settings *s = c->settings;
    struct delivery *d = connection_take_delivery(c);
    why = connection_reason(c, why);
    delivery_ends(d, why, stage, c->way, s->target);
    d->peer = why.status.class == 4 ? PEER_UNREACHABLE : PEER_FINE;
    connection_end(c);
    s->came_back(s->arg, d, false);
}

/* ---- how it went */

static void add_host(struct buffer *out, const struct net_address *a)
{
    net_address_add(out, a);
    struct span text = buffer_span(out);
    if (span_starts(text, SPAN("["))) { /* which JSON has no use for */
        buffer_drop(out, 1);
        out->at[--out->len] = '\0';
    }
}

void connection_count(struct connection *c, enum tls_result result, struct span why)
{
    const struct transport_demand *d = c->way ? c->way->demand : NULL;
    struct buffer address = BUFFER_EMPTY, source = BUFFER_EMPTY;
    struct net_address ours;
    if (c->is_counted || !c->settings->sessions || !d || d->rule == RULE_OFF)
        return;
    c->is_counted = true;
    add_host(&address, &c->way->address);
    if (net_address_of(&ours, c->watch.fd))
        add_host(&source, &ours);
    const struct session_count one = {.policy = d->policy,
                                      .result = result,
                                      .host = c->way->host,
                                      .address = buffer_span(&address),
                                      .source = buffer_span(&source),
                                      .why = why,
                                      .count = 1};
    session_note(c->settings->sessions, d->domain, &one);
    buffer_free(&address);
    buffer_free(&source);
}

/* Where nobody asks for a proof, what is wrong with the certificate is not what has hindered it. */
static enum tls_result result_of(const struct connection *c, bool is_secure)
{
    bool is_asked = c->tls && c->way->demand->proof != PROOF_NONE;
    switch (is_asked ? tls_flaw(c->tls) : TLS_FLAW_NONE) {
    case TLS_FLAW_NAME:
        return TLS_RESULT_HOST_MISMATCH;
    case TLS_FLAW_TIME:
        return TLS_RESULT_EXPIRED;
    case TLS_FLAW_TRUST:
        return TLS_RESULT_NOT_TRUSTED;
    case TLS_FLAW_NONE:
        break;
    }
    return is_secure ? TLS_RESULT_SUCCESS : TLS_RESULT_OTHER;
}

/* With a policy that is only tried out a flaw hinders nothing. */
static void count_secure(struct connection *c)
{
    const struct transport_demand *d = c->way->demand;
    bool has_flaw = d->proof != PROOF_NONE && tls_flaw(c->tls) != TLS_FLAW_NONE;
    if (has_flaw)
        connection_count(c, result_of(c, true), span_of(tls_flaw_words(c->tls)));
    else if (d->problem.len)
        connection_count(c, TLS_RESULT_OTHER, d->problem);
    else
        connection_count(c, TLS_RESULT_SUCCESS, SPAN_NONE);
}

/* ---- TLS */

static bool goes_in_clear(const struct connection *c)
{
    return c->in_clear && c->in_clear->rank == c->way->rank;
}

/* Of the host that it is connected to. */
static enum client_tls what_of_tls(const struct connection *c)
{
    enum target_tls target = c->settings->target->tls;
    const struct transport_demand *d = c->way->demand;
    if (target == TARGET_TLS_IMPLICIT || target == TARGET_TLS_IMPLICIT_UNVERIFIED)
        return CLIENT_TLS_IS_ON;
    if (d->is_encrypted)
        return CLIENT_TLS_ALWAYS;
    return d->rule == RULE_OFF || goes_in_clear(c) ? CLIENT_TLS_NEVER : CLIENT_TLS_IF_OFFERED;
}

static bool is_implicit(const struct connection *c)
{
    return what_of_tls(c) == CLIENT_TLS_IS_ON;
}

static void handshake_done(void *arg, const struct error *why)
{
    struct connection *c = arg;
    if (why) {
        connection_has_no_tls(c, span_of(why->text));
        return;
    }
    count_secure(c);
    watch_start(c->settings->loop, &c->watch, stream_events(c->tls, EPOLLIN));
    if (!is_implicit(c))
        connection_is_secure(c);
}

static enum tls_proof proof_of(const struct transport_demand *d)
{
    switch (d->proof) {
    case PROOF_AUTHORITY:
        return TLS_PROOF_AUTHORITY;
    case PROOF_DANE:
        return TLS_PROOF_DANE;
    case PROOF_NONE:
        break;
    }
    return TLS_PROOF_NONE;
}

static void begin_handshake(struct connection *c)
{
    const struct connection_settings *s = c->settings;
    const struct transport_demand *d = c->way->demand;
    const struct tls_wish wish = {.name = d->sni,
                                  .proof = proof_of(d),
                                  .is_noted_only = d->is_noted_only,
                                  .other_name = d->name_count > 1 ? d->names[1] : SPAN_NONE,
                                  .records = d->tlsa,
                                  .record_count = d->tlsa_count};
    c->tls = tls_call(s->tls, c->watch.fd, &wish);
    tls_shake_hands(c->tls, s->loop, s->handshakers, (struct tls_done){handshake_done, c});
    connection_set_timer(c);
}

void connection_shake_hands(struct connection *c)
{
    watch_stop(c->settings->loop, &c->watch);
    begin_handshake(c);
}

bool connection_shakes_hands(const struct connection *c)
{
    return c->tls && !tls_is_ready(c->tls);
}

static void log_no_tls(const struct connection *c, struct span why, bool goes_on)
{
    struct buffer address = BUFFER_EMPTY;
    net_address_add_endpoint(&address, &c->way->address);
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "tls-failed");
    log_line_text(line, "host", c->way->host);
    log_line_text(line, "address", buffer_span(&address));
    log_line_text(line, "text", why);
    if (goes_on)
        log_line_text(line, "then",
                      SPAN("the mail goes in plain text, as to a server without TLS"));
    log_end();
    buffer_free(&address);
}

static struct reply reason_without_tls(const struct connection *c, struct span why)
{
    const struct transport_demand *d = c->way->demand;
    struct span words = arena_printf(&c->delivery->arena,
                                     "an encrypted connection, which %.*s demands, did not come "
                                     "about: %.*s; nothing was sent",
                                     SPAN_F(d->who), SPAN_F(why));
    return (struct reply){0, d->is_for_good ? STATUS(5, 7, 10) : STATUS(4, 7, 5), words};
}

/* Where TLS is only better than nothing, an attacker could have taken the offer away as well: so a
 * connection in plain text is as good as none was offered (RFC 7435). */
void connection_has_no_tls(struct connection *c, struct span why)
{
    bool goes_on = !c->way->demand->is_encrypted;
    log_no_tls(c, why, goes_on);
    connection_count(c, result_of(c, false), why);
    if (goes_on) {
        c->in_clear = c->way;
        connection_hang_up(c);
        c->has_heard = false;
        connection_dial(c, c->way);
        return;
    }
    struct reply reason = reason_without_tls(c, why);
    if (!connection_tries_next_host(c, STAGE_TLS, reason))
        fails(c, reason, STAGE_TLS);
}

static void is_connected(struct connection *c, int fd, const struct way *w)
{
    tally_add(COUNT_CONNECTED, 1);
    c->way = w;
    c->watch = (struct watch){.fd = fd, .ready = connection_ready};
    c->is_counted = goes_in_clear(c);
    client_set_tls(c->client, what_of_tls(c));
    client_tls_is_for(c->client, w->demand->who);
    if (c->settings->target->requires_tls)
        client_demands_requiretls(c->client);
    if (is_implicit(c)) {
        begin_handshake(c);
        return;
    }
    watch_start(c->settings->loop, &c->watch, EPOLLIN);
    connection_set_timer(c);
}

static void is_unreachable(struct connection *c, const struct way *w, const struct error *why)
{
    tally_add(COUNT_UNREACHABLE, 1);
    c->way = w;
    fails(c, (struct reply){0, STATUS(4, 4, 1), span_of(why->text)}, STAGE_CONNECT);
}

static void dialled(void *arg, int fd, const struct way *w, const struct error *why)
{
    struct connection *c = arg;
    struct error words = why ? *why : (struct error){{0}};
    dial_free(&c->dial);
    if (fd >= 0)
        is_connected(c, fd, w);
    else
        is_unreachable(c, w, &words);
}

void connection_dial(struct connection *c, const struct way *ways)
{
    const struct connection_settings *s = c->settings;
    const struct dial_settings dial = {.loop = s->loop,
                                       .patience = c->delivery->is_question
                                                       ? c->options->ask_timeout
                                                       : c->options->connect_timeout,
                                       .target = s->target,
                                       .chance = s->chance,
                                       .failed = way_failed,
                                       .done = dialled,
                                       .arg = c};
    c->client = client_new(c->options->hostname, s->target->kind == TARGET_LMTP);
    if (s->target->login.len)
        client_wants_login(c->client);
    if (s->target->kind == TARGET_MX)
        client_wants_another(c->client);
    client_start(c->client, c->message, &c->out); /* begins when the server has greeted */
    c->dial = dial_new(&dial, ways, (size_t)(c->ways + c->way_count - ways));
}
