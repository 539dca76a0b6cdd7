/* MAIL and RCPT, with the parameters that the server knows. */
#include "smtp/client_inside.h"

bool client_goes_in_chunk(const struct client *c)
{
    return c->message->parameters.body == BODY_BINARYMIME && c->has_chunking && c->has_binarymime;
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
    buffer_add_text(out, "\r\n");
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
        add_notify(out, p->notify);
        if (p->orcpt.len)
            buffer_printf(out, " ORCPT=%.*s", SPAN_F(p->orcpt));
    }
    buffer_add_text(out, "\r\n");
}
