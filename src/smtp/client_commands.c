/* MAIL and RCPT, with the parameters that the server knows; and what it must know. */
#include "smtp/client_inside.h"

bool client_goes_in_chunk(const struct client *c)
{
    return c->message->parameters.body == BODY_BINARYMIME && c->has_chunking && c->has_binarymime;
}

/* RFC 2852: what is to be returned when it is late goes only to who would do so. (A server of LMTP
 * delivers it, and passes nothing on.) */
static bool comes_too_late(struct client *c, struct reply *why)
{
    const struct client_message *m = c->message;
    if (m->parameters.by != BY_RETURN || c->is_lmtp || m->is_question)
        return false;
    if (!c->has_deliverby)
        *why = REPLY(0, 5, 4, 7,
                     "the receiving server does not promise to return the message when it is late, "
                     "as its sender wants it (DELIVERBY)");
    else if (m->time_left <= 0)
        *why = REPLY(0, 5, 4, 7, "there is no time left in which it may arrive (DELIVERBY)");
    else if ((uint64_t)m->time_left < c->min_by * 1000)
        *why = (struct reply){
            0, STATUS(5, 4, 7),
            arena_printf(c->arena,
                         "the time that is left, %lld seconds, is too short for the receiving "
                         "server, which wants at least %llu (DELIVERBY)",
                         (long long)(m->time_left / 1000), (unsigned long long)c->min_by)};
    else
        return false;
    return true;
}

bool client_is_impossible(struct client *c, struct reply *why)
{
    const struct client_message *m = c->message;
    if (m->parameters.smtputf8 && !c->has_smtputf8) {
        *why = REPLY(0, 5, 6, 7,
                     "the receiving server does not support addresses with letters "
                     "beyond ASCII (SMTPUTF8), which this message uses");
        return true;
    }
    if (c->size_limit && !m->is_question && m->size > c->size_limit) {
        *why = (struct reply){0, STATUS(5, 3, 4),
                              arena_printf(c->arena,
                                           "the message has %llu bytes; the receiving server takes "
                                           "at most %llu",
                                           (unsigned long long)m->size,
                                           (unsigned long long)c->size_limit)};
        return true;
    }
    return comes_too_late(c, why);
}

/* In seconds, rounded down; but to return it at once would be a fault (RFC 2852 4). */
static void add_by(const struct client_message *m, struct buffer *out)
{
    const struct mail_parameters *p = &m->parameters;
    const int64_t most = 999999999;
    const int64_t least = p->by == BY_RETURN ? 1 : -most;
    int64_t left = m->time_left / 1000 - (m->time_left % 1000 < 0);
    left = left > most ? most : left < least ? least : left;
    buffer_printf(out, " BY=%lld;%s%s", (long long)left, p->by == BY_RETURN ? "R" : "N",
                  p->by_trace ? "T" : "");
}

void client_add_mail(const struct client *c, struct buffer *out)
{
    const struct client_message *m = c->message;
    const struct mail_parameters *p = &m->parameters;
    buffer_printf(out, "MAIL FROM:<%.*s>", SPAN_F(m->reverse_path));
    if (c->has_size && !m->is_question)
        buffer_printf(out, " SIZE=%llu", (unsigned long long)m->size);
    if (client_goes_in_chunk(c))
        buffer_add_text(out, " BODY=BINARYMIME");
    else if (c->has_8bitmime && (m->is_8bit || p->body == BODY_8BITMIME))
        buffer_add_text(out, " BODY=8BITMIME");
    if (c->has_smtputf8 && p->smtputf8)
        buffer_add_text(out, " SMTPUTF8");
    if (c->has_dsn && p->ret != RET_UNSTATED)
        buffer_add_text(out, p->ret == RET_FULL ? " RET=FULL" : " RET=HDRS");
    if (c->has_dsn && p->envid.len)
        buffer_printf(out, " ENVID=%.*s", SPAN_F(p->envid));
    if (c->has_requiretls && client_is_secure(c) && p->requires_tls)
        buffer_add_text(out, " REQUIRETLS");
    if (c->has_mt_priority)
        buffer_printf(out, " MT-PRIORITY=%d", p->priority);
    if (c->has_deliverby && p->by)
        add_by(m, out);
    buffer_add_text(out, "\r\n");
}

/* RFC 2852 4.1.4.2: who does not watch the time is at least to tell of delays. */
static unsigned notify_wanted(const struct client *c, unsigned notify)
{
    bool is_unwatched =
        c->message->parameters.by == BY_NOTIFY && !c->has_deliverby && c->message->time_left > 0;
    if (!is_unwatched || notify & NOTIFY_NEVER)
        return notify;
    return (notify ? notify : NOTIFY_FAILURE) | NOTIFY_DELAY;
}

static void add_notify(struct buffer *out, unsigned notify)
{
    static const struct {
        enum notify bit;
        const char *word;
    } words[] = {{NOTIFY_NEVER, "NEVER"},
                 {NOTIFY_SUCCESS, "SUCCESS"},
                 {NOTIFY_FAILURE, "FAILURE"},
                 {NOTIFY_DELAY, "DELAY"}};
    const char *separator = " NOTIFY=";
    for (size_t i = 0; i < 4; i++)
        if (notify & words[i].bit) {
            buffer_printf(out, "%s%s", separator, words[i].word);
            separator = ",";
        }
}

void client_add_rcpt(const struct client *c, size_t i, struct buffer *out)
{
    const struct client_message *m = c->message;
    const struct rcpt_parameters *p = &m->recipient_parameters[i];
    buffer_printf(out, "RCPT TO:<%.*s>", SPAN_F(m->recipients[i]));
    if (c->has_dsn) {
        add_notify(out, notify_wanted(c, p->notify));
        if (p->orcpt.len)
            buffer_printf(out, " ORCPT=%.*s", SPAN_F(p->orcpt));
    }
    buffer_add_text(out, "\r\n");
}
