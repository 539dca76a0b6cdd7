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
    delivery_ends(d, why, stage, c->way, s->target);
    d->peer = PEER_UNREACHABLE;
    connection_end(c);
    s->came_back(s->arg, d, false);
}

/* Of the host that it is connected to. */
static enum client_tls what_of_tls(const struct connection *c)
{
    switch (c->settings->target->tls) {
    case TARGET_TLS_OPPORTUNISTIC:
        return c->in_clear && c->in_clear->rank == c->way->rank ? CLIENT_TLS_NEVER
                                                                : CLIENT_TLS_IF_OFFERED;
    case TARGET_TLS_REQUIRED:
    case TARGET_TLS_VERIFIED:
        return CLIENT_TLS_ALWAYS;
    case TARGET_TLS_IMPLICIT:
    case TARGET_TLS_IMPLICIT_UNVERIFIED:
        return CLIENT_TLS_IS_ON;
    case TARGET_TLS_OFF:
        break;
    }
    return CLIENT_TLS_NEVER;
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
    watch_start(c->settings->loop, &c->watch, stream_events(c->tls, EPOLLIN));
    if (!is_implicit(c))
        connection_is_secure(c);
}

static void begin_handshake(struct connection *c)
{
    const struct connection_settings *s = c->settings;
    enum target_tls tls = s->target->tls;
    bool verified = tls == TARGET_TLS_VERIFIED || tls == TARGET_TLS_IMPLICIT;
    c->tls = tls_call(s->tls, c->watch.fd, c->way->host, verified);
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

/* Where TLS is only better than nothing, an attacker could have taken the offer away as well: so a
 * connection in plain text is as good as none was offered (RFC 7435). */
void connection_has_no_tls(struct connection *c, struct span why)
{
    bool goes_on = c->settings->target->tls == TARGET_TLS_OPPORTUNISTIC;
    log_no_tls(c, why, goes_on);
    if (goes_on) {
        c->in_clear = c->way;
        connection_hang_up(c);
        c->has_heard = false;
        connection_dial(c, c->way);
    } else if (!connection_tries_next_host(c, STAGE_TLS)) {
        struct span words = arena_printf(&c->delivery->arena,
                                         "an encrypted connection, which this route demands, did "
                                         "not come about: %.*s; nothing was sent",
                                         SPAN_F(why));
        fails(c, (struct reply){0, STATUS(4, 7, 5), words}, STAGE_TLS);
    }
}

static void is_connected(struct connection *c, int fd, const struct way *w)
{
    tally_add(COUNT_CONNECTED, 1);
    c->way = w;
    c->watch = (struct watch){.fd = fd, .ready = connection_ready};
    client_set_tls(c->client, what_of_tls(c));
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
    if (s->target->kind == TARGET_MX)
        client_wants_another(c->client);
    client_start(c->client, c->message, &c->out); /* begins when the server has greeted */
    c->dial = dial_new(&dial, ways, (size_t)(c->ways + c->way_count - ways));
}
