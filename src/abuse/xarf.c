/* X-ARF, version 4: a document of JSON, of a page that is there to get at something
 * (content-phishing) or of one that cheats (content-fraud). It goes by mail as a part of its own
 * behind the text. */
#include "abuse/letter_inside.h"

#include "auth/sha256.h"
#include "base/json.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/encode.h"

#define VERSION "4.2.0"

/* A random UUID (RFC 9562 5.4) that is the same for the same letter. */
static void add_name(struct buffer *out, const struct letter *l)
{
    unsigned char h[SHA256_LENGTH];
    struct buffer seed = BUFFER_EMPTY;
    buffer_printf(&seed, "%llx.%llx@%.*s", (unsigned long long)l->now_ms,
                  (unsigned long long)l->random, SPAN_F(l->hostname));
    sha256(buffer_span(&seed), h);
    buffer_free(&seed);
    h[6] = (unsigned char)(0x40 | (h[6] & 0x0F));
    h[8] = (unsigned char)(0x80 | (h[8] & 0x3F));
    for (size_t i = 0; i < 16; i++)
        buffer_printf(out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", h[i]);
}

static void add_party(struct json *j, const char *name, const struct letter *l)
{
    struct span domain = address_domain(l->from);
    json_member_object(j, name);
    json_text(j, "org", domain);
    json_text(j, "contact", l->from);
    json_text(j, "domain", domain);
    json_end(j);
}

static void add_message(struct json *j, const struct letter *l)
{
    struct buffer message = BUFFER_EMPTY, text = BUFFER_EMPTY, hash = BUFFER_EMPTY;
    unsigned char h[SHA256_LENGTH];
    bool is_whole;
    letter_message(&message, l, &is_whole);
    sha256(buffer_span(&message), h);
    buffer_add_text(&hash, "sha256:");
    for (size_t i = 0; i < sizeof h; i++)
        buffer_printf(&hash, "%02x", h[i]);
    base64_add(&text, buffer_span(&message));
    json_member_array(j, "evidence");
    json_object(j);
    json_text(j, "content_type", is_whole ? SPAN("message/rfc822") : SPAN("text/rfc822-headers"));
    json_text(j, "description",
              is_whole ? SPAN("The mail that leads to the page")
                       : SPAN("The header of the mail that leads to the page"));
    json_text(j, "payload", buffer_span(&text));
    json_text(j, "hash", buffer_span(&hash));
    json_number(j, "size", (int64_t)message.len);
    json_end(j);
    json_end(j);
    buffer_free(&message);
    buffer_free(&text);
    buffer_free(&hash);
}

static void add_document(struct buffer *out, const struct letter *l,
                         const struct complaint_link *link)
{
    struct buffer name = BUFFER_EMPTY, when = BUFFER_EMPTY, url = BUFFER_EMPTY;
    int64_t arrived = l->complaint->origin.field.time_ms;
    struct json j = json_start(out);
    add_name(&name, l);
    date_add_rfc3339(&when, arrived ? arrived : l->now_ms);
    if (span_starts_nocase(link->link, SPAN("www.")))
        buffer_add_text(&url, "http://");
    letter_redact(&url, l, link->link);
    json_object(&j);
    json_text(&j, "xarf_version", SPAN(VERSION));
    json_text(&j, "report_id", buffer_span(&name));
    json_text(&j, "timestamp", buffer_span(&when));
    add_party(&j, "reporter", l);
    add_party(&j, "sender", l);
    json_text(&j, "source_identifier", link->host);
    json_text(&j, "category", SPAN("content"));
    json_text(&j, "type", SPAN("phishing"));
    json_text(&j, "evidence_source", SPAN("user_report"));
    json_text(&j, "url", buffer_span(&url));
    if (link->site.len)
        json_text(&j, "domain", link->host);
    json_text(&j, "description",
              SPAN("A mail leads to this page to get at passwords, money or data."));
    add_message(&j, l);
    json_end(&j);
    buffer_free(&name);
    buffer_free(&when);
    buffer_free(&url);
}

bool letter_write_xarf(struct buffer *out, const struct letter *l, struct error *e)
{
    const struct complaint_link *link = complaint_first_link(l->complaint);
    struct buffer document = BUFFER_EMPTY;
    if (l->kind != COMPLAINT_FRAUD)
        return error_set(e, "as X-ARF only a page of phishing is told of (--as fraud)");
    if (!link)
        return error_set(e, "X-ARF tells of a page, and this message leads to none; ARF tells of "
                            "the message");
    letter_add_header(out, l);
    buffer_add_text(out, "X-XARF: " VERSION "\r\nContent-Type: multipart/mixed;\r\n boundary=\"");
    letter_add_boundary(out, l);
    buffer_add_text(out, "\"\r\n");
    letter_add_text_part(out, l);
    add_document(&document, l, link);
    letter_begin_part(out, l, "application/json; name=\"xarf.json\"", "base64");
    base64_lines_add(out, buffer_span(&document));
    buffer_add_text(out, "\r\n");
    letter_end(out, l);
    buffer_free(&document);
    return true;
}
