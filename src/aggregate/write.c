#include "aggregate/write.h"

#include "base/visible.h"
#include "mail/date.h"
#include "mail/encode.h"

static const char name_space[] = "urn:ietf:params:xml:ns:dmarc-2.0";

/* ---- XML */

/* Is it a character that XML 1.0 may have (2.2)? Line ends and tabs have no place here. */
static bool is_of_xml(uint32_t code)
{
    return code >= ' ' && code != 0xFFFE && code != 0xFFFF;
}

static void add_text(struct buffer *out, struct span text)
{
    uint32_t code;
    while (text.len) {
        size_t n = utf8_next(text, &code);
        if (!n || !is_of_xml(code))
            buffer_add_char(out, '?');
        else if (code == '&')
            buffer_add_text(out, "&amp;");
        else if (code == '<')
            buffer_add_text(out, "&lt;");
        else if (code == '>')
            buffer_add_text(out, "&gt;");
        else
            buffer_add(out, text.at, n);
        text = span_skip(text, n ? n : 1);
    }
}

static void add_element(struct buffer *out, unsigned depth, const char *name, struct span text)
{
    buffer_printf(out, "%*s<%s>", (int)depth * 2, "", name);
    add_text(out, text);
    buffer_printf(out, "</%s>\n", name);
}

static void add_known(struct buffer *out, unsigned depth, const char *name, struct span text)
{
    if (text.len)
        add_element(out, depth, name, text);
}

static void add_number(struct buffer *out, unsigned depth, const char *name, int64_t number)
{
    buffer_printf(out, "%*s<%s>%lld</%s>\n", (int)depth * 2, "", name, (long long)number, name);
}

static void add_line(struct buffer *out, unsigned depth, const char *line)
{
    buffer_printf(out, "%*s%s\n", (int)depth * 2, "", line);
}

static void add_metadata(struct buffer *out, const struct aggregate_report *r)
{
    add_line(out, 1, "<report_metadata>");
    add_element(out, 2, "org_name", r->organization);
    add_element(out, 2, "email", r->email);
    add_known(out, 2, "extra_contact_info", r->contact);
    add_element(out, 2, "report_id", r->id);
    add_line(out, 2, "<date_range>");
    add_number(out, 3, "begin", r->begin_s);
    add_number(out, 3, "end", r->end_s);
    add_line(out, 2, "</date_range>");
    add_known(out, 2, "error", r->errors);
    add_known(out, 2, "generator", r->generator);
    add_line(out, 1, "</report_metadata>");
}

static void add_policy(struct buffer *out, const struct aggregate_policy *p)
{
    add_line(out, 1, "<policy_published>");
    add_element(out, 2, "domain", p->domain);
    add_known(out, 2, "discovery_method", p->method);
    add_element(out, 2, "p", p->p);
    add_known(out, 2, "sp", p->sp);
    add_known(out, 2, "np", p->np);
    add_known(out, 2, "fo", p->fo);
    add_known(out, 2, "adkim", p->adkim);
    add_known(out, 2, "aspf", p->aspf);
    add_known(out, 2, "testing", p->testing);
    add_line(out, 1, "</policy_published>");
}

static void add_row(struct buffer *out, const struct aggregate_record *r)
{
    add_line(out, 2, "<row>");
    add_element(out, 3, "source_ip", r->source);
    add_number(out, 3, "count", (int64_t)r->count);
    add_line(out, 3, "<policy_evaluated>");
    add_element(out, 4, "disposition", r->disposition);
    add_element(out, 4, "dkim", r->dkim_speaks ? SPAN("pass") : SPAN("fail"));
    add_element(out, 4, "spf", r->spf_speaks ? SPAN("pass") : SPAN("fail"));
    for (size_t i = 0; i < r->reason_count; i++) {
        add_line(out, 4, "<reason>");
        add_element(out, 5, "type", r->reasons[i].type);
        add_known(out, 5, "comment", r->reasons[i].comment);
        add_line(out, 4, "</reason>");
    }
    add_line(out, 3, "</policy_evaluated>");
    add_line(out, 2, "</row>");
}

static void add_result(struct buffer *out, const char *method, const char *detail,
                       const struct aggregate_result *r)
{
    buffer_printf(out, "      <%s>\n", method);
    add_element(out, 4, "domain", r->domain);
    add_known(out, 4, detail, r->detail);
    add_element(out, 4, "result", r->result);
    buffer_printf(out, "      </%s>\n", method);
}

static void add_record(struct buffer *out, const struct aggregate_record *r)
{
    add_line(out, 1, "<record>");
    add_row(out, r);
    add_line(out, 2, "<identifiers>");
    add_element(out, 3, "header_from", r->author);
    add_element(out, 3, "envelope_from", r->sender); /* of the null path it is there, and empty */
    add_line(out, 2, "</identifiers>");
    add_line(out, 2, "<auth_results>");
    for (size_t i = 0; i < r->dkim_count; i++)
        add_result(out, "dkim", "selector", &r->dkim[i]);
    for (size_t i = 0; i < r->spf_count; i++)
        add_result(out, "spf", "scope", &r->spf[i]);
    add_line(out, 2, "</auth_results>");
    add_line(out, 1, "</record>");
}

void aggregate_write(struct buffer *out, const struct aggregate_report *r)
{
    buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buffer_printf(out, "<feedback xmlns=\"%s\">\n  <version>1.0</version>\n", name_space);
    add_metadata(out, r);
    add_policy(out, &r->policy);
    for (size_t i = 0; i < r->count; i++)
        add_record(out, &r->records[i]);
    buffer_add_text(out, "</feedback>\n");
}

/* ---- the letter */

/* Of letters that can't end the delimiter of a part; the id has others. */
static void add_boundary(struct buffer *out, const struct aggregate_letter *l)
{
    buffer_printf(out, "dmarc-report-%lld", (long long)l->time_ms);
}

static void add_header(struct buffer *out, const struct aggregate_report *r,
                       const struct aggregate_letter *l)
{
    buffer_printf(out, "From: <%.*s>\r\nTo: <%.*s>\r\nDate: ", SPAN_F(l->from), SPAN_F(l->to));
    date_add(out, l->time_ms, 0);
    buffer_printf(out,
                  "\r\nMessage-ID: <%.*s>\r\nSubject: Report Domain: %.*s\r\n"
                  " Submitter: %.*s\r\n Report-ID: <%.*s>\r\n",
                  SPAN_F(l->message_id), SPAN_F(r->policy.domain), SPAN_F(l->receiver),
                  SPAN_F(r->id));
    buffer_add_text(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                         "Content-Type: multipart/mixed;\r\n boundary=\"");
    add_boundary(out, l);
    buffer_add_text(out, "\"\r\n");
}

static void begin_part(struct buffer *out, const struct aggregate_letter *l)
{
    buffer_add_text(out, "\r\n--");
    add_boundary(out, l);
    buffer_add_text(out, "\r\n");
}

static void add_words(struct buffer *out, const struct aggregate_report *r)
{
    buffer_printf(out,
                  "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
                  "This is a report on the mail that came to us in the name of the domain\r\n"
                  "%.*s\r\nfrom ",
                  SPAN_F(r->policy.domain));
    date_add_words(out, r->begin_s * 1000, 0);
    buffer_add_text(out, "\r\nto ");
    date_add_words(out, r->end_s * 1000, 0);
    buffer_printf(out,
                  ". Its operator asks for such\r\n"
                  "reports in the DNS (DMARC, RFC 9990). The attached file has the figures.\r\n"
                  "Questions go to %.*s.\r\n",
                  SPAN_F(r->email));
}

static void add_file(struct buffer *out, const struct aggregate_report *r,
                     const struct aggregate_letter *l, struct span packed)
{
    buffer_add_text(out, "Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n"
                         "Content-Disposition: attachment;\r\n filename=\"");
    buffer_printf(out, "%.*s!%.*s!%lld!%lld", SPAN_F(l->receiver), SPAN_F(r->policy.domain),
                  (long long)r->begin_s, (long long)r->end_s);
    if (l->part)
        buffer_printf(out, "!%u", l->part);
    buffer_add_text(out, ".xml.gz\"\r\n\r\n");
    base64_lines_add(out, packed);
}

void aggregate_mail(struct buffer *out, const struct aggregate_report *r,
                    const struct aggregate_letter *l, struct span packed)
{
    add_header(out, r, l);
    begin_part(out, l);
    add_words(out, r);
    begin_part(out, l);
    add_file(out, r, l, packed);
    buffer_add_text(out, "\r\n--");
    add_boundary(out, l);
    buffer_add_text(out, "--\r\n");
}
