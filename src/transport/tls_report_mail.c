#include "mail/date.h"
#include "mail/encode.h"
#include "transport/tls_report.h"

/* Of letters that can't end the delimiter of a part; the id has others. */
static void add_boundary(struct buffer *out, const struct report_letter *l)
{
    buffer_printf(out, "tls-report-%lld", (long long)l->time_ms);
}

static void add_header(struct buffer *out, const struct tls_report *r,
                       const struct report_letter *l)
{
    buffer_printf(out, "From: <%.*s>\r\nTo: <%.*s>\r\nDate: ", SPAN_F(l->from), SPAN_F(l->to));
    date_add(out, l->time_ms, 0);
    buffer_printf(out,
                  "\r\nMessage-ID: <%.*s>\r\nSubject: Report Domain: %.*s\r\n"
                  " Submitter: %.*s\r\n Report-ID: <%.*s>\r\n",
                  SPAN_F(l->message_id), SPAN_F(r->domain), SPAN_F(r->organization), SPAN_F(r->id));
    buffer_printf(out, "TLS-Report-Domain: %.*s\r\nTLS-Report-Submitter: %.*s\r\n",
                  SPAN_F(r->domain), SPAN_F(r->organization));
    buffer_add_text(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                         "Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n boundary=\"");
    add_boundary(out, l);
    buffer_add_text(out, "\"\r\n");
}

static void begin_part(struct buffer *out, const struct report_letter *l)
{
    buffer_add_text(out, "\r\n--");
    add_boundary(out, l);
    buffer_add_text(out, "\r\n");
}

static void add_words(struct buffer *out, const struct tls_report *r)
{
    buffer_printf(out,
                  "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
                  "This is a report on how the mail that we sent to the domain\r\n"
                  "%.*s\r\ncould be encrypted, from ",
                  SPAN_F(r->domain));
    date_add_words(out, r->begin_ms, 0);
    buffer_add_text(out, "\r\nto ");
    date_add_words(out, r->end_ms - 1, 0);
    buffer_printf(out,
                  ". Its operator asks for such\r\n"
                  "reports in the DNS (TLSRPT, RFC 8460). The attached file has the figures.\r\n"
                  "Questions go to %.*s.\r\n",
                  SPAN_F(r->contact));
}

static void add_file(struct buffer *out, const struct tls_report *r, struct span packed)
{
    buffer_printf(
        out,
        "Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment;\r\n filename=\"%.*s!%.*s!%lld!%lld.json.gz\"\r\n"
        "\r\n",
        SPAN_F(r->organization), SPAN_F(r->domain), (long long)(r->begin_ms / 1000),
        (long long)((r->end_ms - 1) / 1000));
    base64_lines_add(out, packed);
}

void tls_report_mail(struct buffer *out, const struct tls_report *r, const struct report_letter *l,
                     struct span packed)
{
    add_header(out, r, l);
    begin_part(out, l);
    add_words(out, r);
    begin_part(out, l);
    add_file(out, r, packed);
    buffer_add_text(out, "\r\n--");
    add_boundary(out, l);
    buffer_add_text(out, "--\r\n");
}
