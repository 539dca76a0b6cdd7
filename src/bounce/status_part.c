#include "bounce/text.h"

#include "base/visible.h"
#include "mail/address.h"
#include "mail/date.h"

enum { LONGEST_LINE = 900, MOST_WORDS = 2000 };

bool report_needs_utf8(const struct report *r)
{
    for (size_t i = 0; i < r->recipient_count; i++)
        if (!address_is_ascii(r->original->recipients[r->recipients[i].recipient].address))
            return true;
    return false;
}

/* A text as the value of a field: printable characters only, so that it can't begin another field,
 * and so much that its line is not too long (RFC 5322 2.1.1), however much each of them takes. */
static void add_value(struct buffer *out, struct span text, bool is_utf8)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, text, LONGEST_LINE);
    size_t len = shown.len < LONGEST_LINE ? shown.len : LONGEST_LINE;
    while (len && len < shown.len && (shown.at[len] & 0xC0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        buffer_add_char(out, !is_utf8 && (shown.at[i] & 0x80) ? '?' : shown.at[i]);
    buffer_free(&shown);
}

static void add_date(struct buffer *out, const char *name, int64_t time_ms, int offset_minutes)
{
    buffer_printf(out, "%s: ", name);
    date_add(out, time_ms, offset_minutes);
    buffer_add_text(out, "\r\n");
}

/* ORCPT as the sender gave it, its xtext decoded (RFC 3464 2.3.1). */
static void add_original_recipient(struct buffer *out, struct span orcpt, bool is_utf8)
{
    struct span rest = orcpt, type = span_cut(&rest, ';');
    struct buffer address = BUFFER_EMPTY;
    if (orcpt.len && xtext_decode(&address, rest)) {
        buffer_add_text(out, "Original-Recipient: ");
        add_value(out, type, false);
        buffer_add_text(out, "; ");
        add_value(out, buffer_span(&address), is_utf8);
        buffer_add_text(out, "\r\n");
    }
    buffer_free(&address);
}

/* "smtp; 552 5.2.2 words", with the further lines of the reply folded (RFC 3464 2.3.6). */
static void add_diagnostic(struct buffer *out, const struct outcome *o, bool is_utf8)
{
    struct span rest = span_first(o->words, MOST_WORDS);
    buffer_printf(out, "Diagnostic-Code: smtp; %d", o->code);
    if (status_is_given(o->status)) {
        buffer_add_char(out, ' ');
        status_add(out, o->status);
    }
    const char *separator = " ";
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        if (!span_trim(line).len)
            continue;
        buffer_add_text(out, separator);
        add_value(out, line, is_utf8);
        separator = "\r\n ";
    }
    buffer_add_text(out, "\r\n");
}

static void add_recipient(struct buffer *out, const struct report *r, size_t i, bool is_utf8)
{
    const struct recipient *to = &r->original->recipients[r->recipients[i].recipient];
    const struct outcome *o = r->recipients[i].outcome;
    buffer_add_text(out, "\r\n");
    add_original_recipient(out, to->parameters.orcpt, is_utf8);
    buffer_printf(out, "Final-Recipient: %s; ", address_is_ascii(to->address) ? "rfc822" : "utf-8");
    add_value(out, to->address, is_utf8);
    buffer_add_text(out, "\r\nAction: failed\r\nStatus: ");
    status_add(out, outcome_report_status(o));
    buffer_add_text(out, "\r\n");
    if (o->is_remote) {
        buffer_add_text(out, "Remote-MTA: dns; ");
        add_value(out, o->host.len ? o->host : o->address, is_utf8);
        buffer_add_text(out, "\r\n");
        add_diagnostic(out, o, is_utf8);
    }
    add_date(out, "Last-Attempt-Date", o->time_ms, r->offset_minutes);
}

void report_status(struct buffer *out, const struct report *r, bool is_utf8)
{
    struct buffer envid = BUFFER_EMPTY;
    if (r->original->parameters.envid.len && xtext_decode(&envid, r->original->parameters.envid)) {
        buffer_add_text(out, "Original-Envelope-Id: ");
        add_value(out, buffer_span(&envid), is_utf8);
        buffer_add_text(out, "\r\n");
    }
    buffer_free(&envid);
    buffer_printf(out, "Reporting-MTA: dns; %.*s\r\n", SPAN_F(r->hostname));
    add_date(out, "Arrival-Date", r->original->accepted_ms, r->offset_minutes);
    for (size_t i = 0; i < r->recipient_count; i++)
        add_recipient(out, r, i, is_utf8);
}
