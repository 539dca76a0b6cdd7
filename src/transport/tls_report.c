#include "transport/tls_report.h"

#include "base/json.h"
#include "mail/date.h"
#include "mail/mailto.h"

/* ---- where to */

static bool is_record(struct span text)
{
    return span_equal(span_trim(span_cut(&text, ';')), SPAN("v=TLSRPTv1"));
}

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~')
            return false;
    return true;
}

static bool take_place(struct span uri, struct report_place *p, struct arena *a)
{
    struct span https = SPAN("https://");
    p->is_mail = mailto_address(uri, &p->at, a);
    if (p->is_mail)
        return true;
    p->at = arena_copy(a, uri);
    return span_starts_nocase(uri, https) && uri.len > https.len && is_printable(uri);
}

static size_t take_places(struct span uris, struct report_place *to, struct arena *a)
{
    size_t count = 0;
    while (uris.len && count < MOST_REPORT_PLACES)
        count += take_place(span_trim(span_cut(&uris, ',')), &to[count], a);
    return count;
}

size_t tls_report_places(const struct span *texts, size_t count, struct report_place *to,
                         struct arena *a)
{
    const struct span *only = NULL;
    for (size_t i = 0; i < count; i++) {
        if (is_record(texts[i]) && only) /* two of them are none (RFC 8460 3) */
            return 0;
        if (is_record(texts[i]))
            only = &texts[i];
    }
    struct span rest = only ? *only : SPAN_NONE;
    while (rest.len) {
        struct span value = span_cut(&rest, ';');
        if (span_equal(span_trim(span_cut(&value, '=')), SPAN("rua")))
            return take_places(value, to, a);
    }
    return 0;
}

/* ---- the document */

const char *tls_result_name(enum tls_result r)
{
    static const char *const names[TLS_RESULTS] = {
        [TLS_RESULT_SUCCESS] = "success",
        [TLS_RESULT_NOT_OFFERED] = "starttls-not-supported",
        [TLS_RESULT_HOST_MISMATCH] = "certificate-host-mismatch",
        [TLS_RESULT_EXPIRED] = "certificate-expired",
        [TLS_RESULT_NOT_TRUSTED] = "certificate-not-trusted",
        [TLS_RESULT_OTHER] = "validation-failure",
        [TLS_RESULT_TLSA] = "tlsa-invalid",
        [TLS_RESULT_DNSSEC] = "dnssec-invalid",
        [TLS_RESULT_STS_FETCH] = "sts-policy-fetch-error",
        [TLS_RESULT_STS_INVALID] = "sts-policy-invalid",
        [TLS_RESULT_STS_CERTIFICATE] = "sts-webpki-invalid",
    };
    return names[r];
}

/* To the second: "2026-11-24T00:00:00Z". */
static void add_time(struct json *j, const char *name, int64_t time_ms)
{
    struct buffer text = BUFFER_EMPTY;
    date_add_rfc3339(&text, time_ms);
    size_t dot = span_find_char(buffer_span(&text), '.');
    if (dot != SPAN_NOT_FOUND) {
        text.len = dot;
        buffer_add_char(&text, 'Z');
    }
    json_text(j, name, buffer_span(&text));
    buffer_free(&text);
}

static void add_mail_servers(struct json *j, struct span lines)
{
    json_member_array(j, "mx-host");
    while (lines.len) {
        struct span line = span_cut(&lines, '\n');
        if (span_equal(span_trim(span_cut(&line, ':')), SPAN("mx")))
            json_element_text(j, span_trim(line));
    }
    json_end(j);
}

static void add_policy(struct json *j, struct span policy, struct span domain)
{
    struct span lines = policy, kind = span_cut(&lines, '\n');
    json_member_object(j, "policy");
    json_text(j, "policy-type", kind);
    if (lines.len) {
        json_member_array(j, "policy-string");
        for (struct span rest = lines; rest.len;)
            json_element_text(j, span_cut(&rest, '\n'));
        json_end(j);
    }
    json_text(j, "policy-domain", domain);
    if (lines.len && span_equal(kind, SPAN("sts")))
        add_mail_servers(j, lines);
    json_end(j);
}

static void add_failure(struct json *j, const struct session_count *c)
{
    json_object(j);
    json_text(j, "result-type", span_of(tls_result_name(c->result)));
    json_known_text(j, "sending-mta-ip", c->source);
    json_known_text(j, "receiving-mx-hostname", c->host);
    json_known_text(j, "receiving-ip", c->address);
    json_number(j, "failed-session-count", (int64_t)c->count);
    json_known_text(j, "failure-reason-code", c->why);
    json_end(j);
}

static void add_counts(struct json *j, const struct session_count *c, size_t count)
{
    uint64_t good = 0, bad = 0;
    for (size_t i = 0; i < count; i++)
        *(c[i].result == TLS_RESULT_SUCCESS ? &good : &bad) += c[i].count;
    json_member_object(j, "summary");
    json_number(j, "total-successful-session-count", (int64_t)good);
    json_number(j, "total-failure-session-count", (int64_t)bad);
    json_end(j);
    if (!bad)
        return;
    json_member_array(j, "failure-details");
    for (size_t i = 0; i < count; i++)
        if (c[i].result != TLS_RESULT_SUCCESS)
            add_failure(j, &c[i]);
    json_end(j);
}

static size_t same_policy(const struct tls_report *r, size_t from)
{
    size_t to = from + 1;
    while (to < r->count && span_equal(r->counts[to].policy, r->counts[from].policy))
        to++;
    return to - from;
}

void tls_report_write(struct buffer *out, const struct tls_report *r)
{
    struct json j = json_start(out);
    json_object(&j);
    json_text(&j, "organization-name", r->organization);
    json_member_object(&j, "date-range");
    add_time(&j, "start-datetime", r->begin_ms);
    add_time(&j, "end-datetime", r->end_ms - 1);
    json_end(&j);
    json_text(&j, "contact-info", r->contact);
    json_text(&j, "report-id", r->id);
    json_member_array(&j, "policies");
    for (size_t i = 0, same; i < r->count; i += same) {
        same = same_policy(r, i);
        json_object(&j);
        add_policy(&j, r->counts[i].policy, r->domain);
        add_counts(&j, r->counts + i, same);
        json_end(&j);
    }
    json_end(&j);
    json_end(&j);
}
