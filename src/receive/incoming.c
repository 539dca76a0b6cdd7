#include "receive/incoming.h"

#include "address/expand.h"
#include "base/visible.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/header.h"
#include "sys/log.h"

enum { LONGEST_SUBJECT = 200, LONGEST_MESSAGE_ID = 998 };

/* RFC 3848 and RFC 6531 4.3 name the protocols: "ESMTP", and "S" and "A" behind it for TLS and for
 * who has logged in. */
static void add_protocol(struct buffer *out, const struct transaction *t,
                         const struct incoming_origin *from)
{
    bool is_utf8 = t->parameters.smtputf8, is_plain = !is_utf8 && !from->is_extended;
    buffer_add_text(out, is_utf8 ? "UTF8SMTP" : is_plain ? "SMTP" : "ESMTP");
    if (from->tls.len && !is_plain)
        buffer_add_char(out, 'S');
    if (from->login.len && !is_plain)
        buffer_add_char(out, 'A');
    if (from->tls.len)
        buffer_printf(out, " (%.*s)", SPAN_F(from->tls));
}

static void add_trace_field(struct buffer *out, const struct transaction *t,
                            const struct incoming_origin *from)
{
    struct span name = from->client_name.len ? from->client_name : SPAN("unknown");
    if (from->client_address.len) {
        buffer_add_text(out, "Received: from ");
        visible_add(out, name, 255);
        buffer_printf(out, " (%.*s%s[%.*s])\r\n\tby %.*s with ", SPAN_F(from->client_host),
                      from->client_host.len ? " " : "", SPAN_F(from->client_address),
                      SPAN_F(from->hostname));
        add_protocol(out, t, from);
        buffer_add_text(out, from->tls.len ? "\r\n\tid " : " id ");
    } else {
        buffer_printf(out, "Received: by %.*s (from ", SPAN_F(from->hostname));
        visible_add(out, name, 255);
        buffer_add_text(out, ")\r\n\tid ");
    }
    message_id_add(out, from->id);
    /* Only a single recipient is named: others may be hidden from each other (RFC 5321 7.2). */
    if (t->recipient_count == 1)
        buffer_printf(out, "\r\n\tfor <%.*s>", SPAN_F(t->recipients[0].address));
    if (t->parameters.has_priority) /* RFC 6710 */
        buffer_printf(out, "\r\n\tPRIORITY %d", t->parameters.priority);
    buffer_add_text(out, ";\r\n\t");
    date_add(out, from->now_ms, from->offset_minutes);
    buffer_add_text(out, "\r\n");
}

static struct span field_text(struct span message, const char *name, size_t max, struct arena *a)
{
    struct span value = SPAN_NONE;
    struct buffer text = BUFFER_EMPTY;
    if (header_find(message, name, &value))
        header_unfold(&text, value);
    struct span kept = arena_copy(a, span_first(buffer_span(&text), max));
    buffer_free(&text);
    return kept;
}

void incoming_describe(struct envelope *e, struct span message, struct arena *a)
{
    e->header_message_id = field_text(message, "Message-ID", LONGEST_MESSAGE_ID, a);
    e->subject = field_text(message, "Subject", LONGEST_SUBJECT, a);
    e->needs_no_tls =
        !e->parameters.requires_tls &&
        span_equal_nocase(span_trim(field_text(message, "TLS-Required", 10, a)), SPAN("No"));
}

/* What an alias leads to, too: it is the same notice. */
static void note_judged(struct envelope *e, const struct incoming_origin *from, size_t named)
{
    e->judged_by = from->judged_by;
    for (size_t i = 0; i < e->recipient_count; i++) {
        struct recipient *r = &e->recipients[i];
        r->judged = i < named ? from->judged[i] : e->recipients[r->parent - 1].judged;
    }
}

struct message *incoming_prepare(struct transaction *t, const struct incoming_origin *from,
                                 const struct directory *d, struct commit *commit)
{
    struct arena a = ARENA_EMPTY;
    struct buffer trace = BUFFER_EMPTY;
    commit->message = t->message;
    t->message = BUFFER_EMPTY;
    struct envelope e = {
        .id = from->id,
        .accepted_ms = from->now_ms,
        .origin = ORIGIN_SMTP,
        .reverse_path = t->reverse_path,
        .parameters = t->parameters,
        .is_8bit = t->is_8bit,
        .is_binary = t->is_binary,
        .client_name = from->client_name,
        .client_address = from->client_address,
        .authentication = from->authentication,
        .vouched = from->vouched,
        .login = from->login,
        .is_own = from->is_own,
        .has_owner = from->has_owner,
        .owner = from->owner,
        .recipients = arena_new(&a, t->recipient_count * sizeof *e.recipients),
        .recipient_count = t->recipient_count,
    };
    for (size_t i = 0; i < t->recipient_count; i++)
        e.recipients[i] = (struct recipient){.address = t->recipients[i].address,
                                             .parameters = t->recipients[i].parameters};
    incoming_describe(&e, buffer_span(&commit->message), &a);
    if (from->is_past_forwards)
        expand_past_forwards(d, &e, &a);
    else
        expand_recipients(d, &e, &a);
    if (from->judged)
        note_judged(&e, from, t->recipient_count);
    if (t->recipient_count == 1 && e.recipients[0].is_expanded)
        buffer_printf(&trace, "Delivered-To: %.*s\r\n", SPAN_F(e.recipients[0].address));
    add_trace_field(&trace, t, from);
    buffer_put_first(&commit->message, buffer_span(&trace));
    e.size = commit->message.len;
    commit_accept(commit, &e);
    struct message *m = message_new(&e);
    buffer_free(&trace);
    arena_clear(&a);
    return m;
}

void incoming_log(const struct envelope *e, const struct incoming_origin *from)
{
    struct buffer id = BUFFER_EMPTY;
    message_id_add(&id, e->id);
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "accepted");
    log_line_text(line, "id", buffer_span(&id));
    log_line_text(line, "client", e->client_address.len ? e->client_address : e->client_name);
    if (from && from->through.len)
        log_line_text(line, "through", from->through);
    if (from && from->login.len)
        log_line_text(line, "login", from->login);
    if (e->authentication.len)
        log_line_text(line, "authentication", e->authentication);
    if (e->recipients[0].judged.is)
        log_line_text(line, "judged", span_of(verdict_name(e->recipients[0].judged.class)));
    if (from && from->tls.len)
        log_line_text(line, "tls", from->tls);
    if (from && from->certificate.len)
        log_line_text(line, "certificate", from->certificate);
    if (from && from->signed_by.len)
        log_line_text(line, "signed", from->signed_by);
    log_line_text(line, "from", e->reverse_path);
    if (e->parameters.has_priority)
        log_line_number(line, "priority", e->parameters.priority);
    log_line_number(line, "recipients", (int64_t)e->recipient_count);
    log_line_number(line, "bytes", (int64_t)e->size);
    log_line_text(line, "message-id", e->header_message_id);
    log_end();
    buffer_free(&id);
}
