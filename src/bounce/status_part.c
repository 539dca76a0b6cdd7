#include "bounce/write_inside.h"

#include "base/inet.h"
#include "base/visible.h"
#include "mail/address.h"
#include "mail/date.h"

enum { LONGEST_LINE = 900, MOST_WORDS = 2000 };

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

/* In ASCII as RFC 6533 3 has it: "b\x{F6}b@example.net". Not more than a line holds. */
static void add_escaped(struct buffer *out, struct span address)
{
    size_t start = out->len;
    while (address.len && out->len - start < LONGEST_LINE) {
        uint32_t code = (unsigned char)address.at[0];
        size_t n = utf8_next(address, &code);
        if (code > ' ' && code <= '~' && code != '+' && code != '=' && code != '\\')
            buffer_add_char(out, (char)code);
        else
            buffer_printf(out, "\\x{%02X}", (unsigned)code);
        address = span_skip(address, n ? n : 1);
    }
}

static void add_address(struct buffer *out, struct span address, bool is_utf8)
{
    if (is_utf8 || address_is_ascii(address))
        add_value(out, address, is_utf8);
    else
        add_escaped(out, address);
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
        add_address(out, buffer_span(&address), is_utf8);
        buffer_add_text(out, "\r\n");
    }
    buffer_free(&address);
}

/* "smtp; 552 5.2.2 words", with the further lines of the reply folded (RFC 3464 2.3.6); of a
 * program, which has no code, "x-unix; words". */
static void add_diagnostic(struct buffer *out, const struct outcome *o, bool is_utf8)
{
    struct span rest = span_first(o->words, MOST_WORDS);
    buffer_add_text(out, o->code ? "Diagnostic-Code: smtp; " : "Diagnostic-Code: x-unix;");
    if (o->code)
        buffer_printf(out, "%d", o->code);
    if (o->code && status_is_given(o->status)) {
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

/* "192.0.2.7:25" and "[2001:db8::7]:25" without what is around the address. */
static struct span without_port(struct span address)
{
    bool has_brackets = span_starts(address, SPAN("["));
    address = span_skip(address, has_brackets);
    return span_cut(&address, has_brackets ? ']' : ':');
}

/* The type dns has domains, and addresses in brackets (RFC 3461 9.3; of IPv6: RFC 5321 4.1.3). A
 * program that refused the message is no host. */
static void add_remote_mta(struct buffer *out, const struct outcome *o)
{
    unsigned char bytes[16];
    struct span host = o->host.len ? o->host : without_port(o->address);
    if (inet_parse(host, bytes))
        buffer_printf(out, "Remote-MTA: dns; [%s%.*s]\r\n",
                      inet_is_v4(bytes) ? "" : "IPv6:", SPAN_F(host));
    else if (domain_is_valid(host, false, false))
        buffer_printf(out, "Remote-MTA: dns; %.*s\r\n", SPAN_F(host));
}

static const char *action_of(enum outcome_kind kind)
{
    switch (kind) {
    case OUTCOME_FAILED:
    case OUTCOME_DISCARDED:
        break;
    case OUTCOME_DELAYED:
        return "delayed";
    case OUTCOME_DELIVERED:
        return "delivered";
    case OUTCOME_RELAYED:
        return "relayed";
    case OUTCOME_EXPANDED:
        return "expanded";
    }
    return "failed";
}

/* 2.1.5 where nobody gave one: the address is valid, and more is not said (RFC 3463 3.2). */
static struct status status_of(const struct report_recipient *it)
{
    const struct outcome *o = it->outcome;
    if (o->kind == OUTCOME_DELAYED && it->is_late) /* RFC 2852 4.1 */
        return STATUS(4, 4, 7);
    struct status s = outcome_report_status(o);
    return s.class == 2 && !status_is_given(o->status) ? STATUS(2, 1, 5) : s;
}

/* A field of our own (RFC 3464 2.4): for machines what the texts say in many languages. */
static void add_cause(struct buffer *out, const struct outcome *o)
{
    if (o->kind != OUTCOME_FAILED && o->kind != OUTCOME_DELAYED)
        return;
    buffer_add_text(out, "X-Plainpost-Cause: ");
    cause_add(out, o->cause);
    buffer_add_text(out, "\r\n");
}

static void add_remote(struct buffer *out, const struct outcome *o, bool is_utf8)
{
    add_remote_mta(out, o);
    if (o->code || span_trim(o->words).len)
        add_diagnostic(out, o, is_utf8);
}

static void add_recipient(struct buffer *out, const struct report *r, size_t i, bool is_utf8)
{
    const struct report_recipient *it = &r->recipients[i];
    const struct recipient *to = &r->original->recipients[it->recipient];
    const struct outcome *o = it->outcome;
    buffer_add_text(out, "\r\n");
    add_original_recipient(out, to->parameters.orcpt, is_utf8);
    buffer_printf(out, "Final-Recipient: %s; ", address_is_ascii(to->address) ? "rfc822" : "utf-8");
    add_address(out, to->address, is_utf8);
    buffer_printf(out, "\r\nAction: %s\r\nStatus: ", action_of(o->kind));
    status_add(out, status_of(it));
    buffer_add_text(out, "\r\n");
    if (o->is_remote)
        add_remote(out, o, is_utf8);
    add_date(out, "Last-Attempt-Date", o->time_ms, r->offset_minutes);
    if (o->kind == OUTCOME_DELAYED && it->retry_until_ms)
        add_date(out, "Will-Retry-Until", it->retry_until_ms, r->offset_minutes);
    add_cause(out, o);
}

/* RFC 4865 6, 2852 5. */
static void add_times_wanted(struct buffer *out, const struct mail_parameters *p,
                             int offset_minutes)
{
    if (p->release_ms) {
        buffer_add_text(out, "Future-Release-Request: until;");
        date_add_rfc3339(out, p->release_ms);
        buffer_add_text(out, "\r\n");
    }
    if (p->by)
        add_date(out, "Deliver-By-Date", p->by_ms, offset_minutes);
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
    add_times_wanted(out, &r->original->parameters, r->offset_minutes);
    for (size_t i = 0; i < r->recipient_count; i++)
        add_recipient(out, r, i, is_utf8);
}
