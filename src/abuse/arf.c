#include "abuse/letter_inside.h"

#include "base/inet.h"
#include "mail/date.h"

enum { MOST_URIS = 10, MOST_DOMAINS = 10 };

/* ---- fields: RFC 5965 3 */

static void add_field(struct buffer *out, const char *name, struct span value)
{
    buffer_printf(out, "%s: ", name);
    letter_add_value(out, value);
    buffer_add_text(out, "\r\n");
}

static void add_path(struct buffer *out, const char *name, struct span address)
{
    buffer_printf(out, "%s: <", name);
    letter_add_value(out, address);
    buffer_add_text(out, ">\r\n");
}

static void add_origin(struct buffer *out, const struct letter *l)
{
    const struct origin *o = &l->complaint->origin;
    if (o->trust == ORIGIN_UNKNOWN)
        return;
    if (o->has_address) {
        buffer_add_text(out, "Source-IP: ");
        inet_add(out, o->field.address);
        buffer_add_text(out, "\r\n");
    }
    if (o->field.time_ms) {
        buffer_add_text(out, "Arrival-Date: ");
        date_add(out, o->field.time_ms, 0);
        buffer_add_text(out, "\r\n");
    }
    buffer_add_text(out, "Reporting-MTA: dns; ");
    letter_add_value(out, o->field.by);
    buffer_add_text(out, "\r\n");
}

/* The one that the server has noted; else it is not known. */
static void add_recipient(struct buffer *out, const struct letter *l)
{
    struct span to = l->complaint->origin.field.to;
    struct buffer hidden = BUFFER_EMPTY;
    if (!l->complaint->origin.trust || !to.len)
        return;
    if (l->redaction)
        redact_address(&hidden, to, l->redaction->key);
    add_path(out, "Original-Rcpt-To", l->redaction ? buffer_span(&hidden) : to);
    buffer_free(&hidden);
}

static void add_results(struct buffer *out, const struct letter *l)
{
    struct arena a = ARENA_EMPTY;
    if (l->complaint->is_checked) {
        struct authres r = message_results(&l->complaint->verdict, l->hostname, &a);
        authres_write(out, &r);
    }
    arena_clear(&a);
}

/* ---- domains and links */

static bool add_domain(struct buffer *out, struct span domain, struct span *seen, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (span_equal_nocase(seen[i], domain))
            return false;
    if (!domain.len || *count == MOST_DOMAINS)
        return false;
    seen[(*count)++] = domain;
    add_field(out, "Reported-Domain", domain);
    return true;
}

/* Of a forged domain that one; else who has signed it, and where it leads. */
static void add_domains(struct buffer *out, const struct letter *l)
{
    const struct complaint *c = l->complaint;
    struct span seen[MOST_DOMAINS];
    size_t count = 0;
    if (l->kind == COMPLAINT_AUTH_FAILURE) {
        add_domain(out, c->from_domain, seen, &count);
        return;
    }
    for (size_t i = 0; c->is_checked && i < c->verdict.dkim_count; i++)
        if (c->verdict.dkim[i].result == DKIM_PASS)
            add_domain(out, c->verdict.dkim[i].domain, seen, &count);
    for (size_t i = 0; i < c->link_count; i++)
        if (!c->links[i].is_decoration)
            add_domain(out, c->links[i].site, seen, &count);
}

static void add_uris(struct buffer *out, const struct complaint *c)
{
    size_t count = 0;
    for (size_t i = 0; i < c->link_count && count < MOST_URIS; i++) {
        bool has_scheme = !span_starts_nocase(c->links[i].link, SPAN("www."));
        if (c->links[i].is_decoration)
            continue;
        count++;
        buffer_printf(out, "Reported-URI: %s", has_scheme ? "" : "http://");
        letter_add_value(out, c->links[i].link);
        buffer_add_text(out, "\r\n");
    }
}

/* ---- the part */

static const char *type_of(enum complaint_kind k)
{
    switch (k) {
    case COMPLAINT_FRAUD:
        return "fraud";
    case COMPLAINT_ABUSE:
        return "abuse";
    case COMPLAINT_AUTH_FAILURE:
        return "auth-failure";
    }
    return "other";
}

/* RFC 6591 3.2, RFC 7489 7.3.1 */
static void add_failure(struct buffer *out, const struct letter *l)
{
    const struct dmarc_verdict *v = &l->complaint->verdict.dmarc;
    if (l->kind != COMPLAINT_AUTH_FAILURE)
        return;
    buffer_printf(out,
                  "Auth-Failure: dmarc\r\nIdentity-Alignment: %s\r\nDelivery-Result: "
                  "delivered\r\n",
                  v->dkim_speaks  ? "spf"
                  : v->spf_speaks ? "dkim"
                                  : "dkim,spf");
}

static void add_fields(struct buffer *out, const struct letter *l)
{
    const struct complaint *c = l->complaint;
    buffer_printf(out, "Feedback-Type: %s\r\n", type_of(l->kind));
    add_field(out, "User-Agent", l->agent);
    buffer_add_text(out, "Version: 1\r\n");
    add_failure(out, l);
    if (c->has_return_path)
        add_path(out, "Original-Mail-From", c->return_path);
    add_recipient(out, l);
    add_origin(out, l);
    add_results(out, l);
    add_domains(out, l);
    if (l->kind != COMPLAINT_AUTH_FAILURE)
        add_uris(out, c);
}

void letter_write_arf(struct buffer *out, const struct letter *l)
{
    struct buffer fields = BUFFER_EMPTY;
    letter_add_header(out, l);
    buffer_add_text(out, "Content-Type: multipart/report; report-type=feedback-report;\r\n"
                         " boundary=\"");
    letter_add_boundary(out, l);
    buffer_add_text(out, "\"\r\n");
    letter_add_text_part(out, l);
    letter_begin_part(out, l, "message/feedback-report", NULL);
    add_fields(&fields, l);
    letter_redact(out, l, buffer_span(&fields));
    buffer_free(&fields);
    letter_add_message_part(out, l);
    letter_end(out, l);
}
