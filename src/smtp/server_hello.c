/* HELO and EHLO, and what we offer behind it. */
#include "mail/date.h"
#include "smtp/server_inside.h"

/* RFC 8689 2: only where it is encrypted already. */
static bool offers_requiretls(const struct server *s)
{
    return s->settings->offers_requiretls && s->is_secure;
}

struct parameter_offer server_offers(const struct server *s)
{
    return (struct parameter_offer){.size = true,
                                    .body = true,
                                    .binary = true,
                                    .smtputf8 = true,
                                    .dsn = s->is_trusted,
                                    .auth = s->login == SERVER_LOGIN_DONE,
                                    .requiretls = offers_requiretls(s),
                                    .mt_priority = s->is_trusted,
                                    .max_priority = s->login == SERVER_LOGIN_DONE
                                                        ? s->settings->max_priority_login
                                                        : s->settings->max_priority,
                                    .deliverby = s->is_trusted,
                                    .min_by = s->settings->min_by,
                                    .now_ms = s->now_ms,
                                    .max_hold = s->settings->max_hold};
}

static bool take_client_name(struct server *s, struct span rest, struct buffer *out)
{
    struct span name = span_trim(rest);
    bool ok = name.len > 0 && name.len <= 255;
    for (size_t i = 0; i < name.len && ok; i++)
        ok = (unsigned char)name.at[i] > ' ' && name.at[i] != 0x7F;
    if (!ok) {
        server_say(s, REPLY(501, 5, 5, 4, "Please say your host name: EHLO client.example.org"),
                   out);
        return false;
    }
    server_end_transaction(s);
    buffer_free(&s->client_name);
    buffer_add_span(&s->client_name, name);
    s->has_hello = true;
    return true;
}

void server_hello(struct server *s, struct span rest, struct buffer *out)
{
    if (!take_client_name(s, rest, out))
        return;
    s->is_extended = false;
    reply_add(out, (struct reply){250, STATUS_NONE, s->settings->hostname});
}

/* RFC 4865 3: for how many seconds, and until when. */
static void add_hold(const struct server *s, struct buffer *out)
{
    int64_t max = s->settings->max_hold, until = s->now_ms + max;
    buffer_printf(out, "\r\n250-FUTURERELEASE %lld ", (long long)(max / 1000));
    date_add_rfc3339(out, until - until % 1000);
}

/* RFC 2852 2. */
static void add_deliverby(const struct server *s, struct buffer *out)
{
    buffer_add_text(out, "\r\n250-DELIVERBY");
    if (s->settings->min_by)
        buffer_printf(out, " %llu", (unsigned long long)s->settings->min_by);
}

void server_extended_hello(struct server *s, struct span rest, struct buffer *out)
{
    if (!take_client_name(s, rest, out))
        return;
    s->is_extended = true;
    buffer_add_text(out, "250-");
    buffer_add_span(out, s->settings->hostname);
    buffer_add_text(out, "\r\n250-PIPELINING\r\n250-SIZE ");
    buffer_add_number(out, s->settings->max_message_size, 1);
    buffer_add_text(out, "\r\n250-8BITMIME\r\n250-CHUNKING\r\n250-BINARYMIME\r\n");
    if (s->is_trusted)
        buffer_add_text(out, "250-DSN\r\n250-MT-PRIORITY\r\n");
    buffer_add_text(out, "250-SMTPUTF8\r\n250-LIMITS RCPTMAX=");
    buffer_add_number(out, s->settings->max_recipients, 1);
    if (s->settings->max_messages)
        buffer_printf(out, " MAILMAX=%zu", s->settings->max_messages);
    if (server_offers_tls(s))
        buffer_add_text(out, "\r\n250-STARTTLS");
    if (s->is_trusted)
        add_deliverby(s, out);
    if (s->settings->max_hold)
        add_hold(s, out);
    if (offers_requiretls(s))
        buffer_add_text(out, "\r\n250-REQUIRETLS");
    if (s->login == SERVER_LOGIN_OFFERED && s->mechanisms.len)
        buffer_printf(out, "\r\n250-AUTH %.*s", SPAN_F(s->mechanisms));
    if (s->may_xclient)
        buffer_add_text(out, "\r\n250-" XCLIENT_OFFER);
    buffer_add_text(out, "\r\n250-ENHANCEDSTATUSCODES\r\n250 HELP\r\n");
}
