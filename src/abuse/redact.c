#include "abuse/redact.h"

#include "auth/sha256.h"
#include "mail/address.h"
#include "mail/content.h"
#include "mail/encode.h"
#include "mail/parts.h"

enum { HASH_OCTETS = 15 /* 20 letters of base64, without "=" */ };

static void add_hash(struct buffer *out, struct span local, struct span key)
{
    unsigned char hash[SHA256_LENGTH];
    struct buffer data = BUFFER_EMPTY;
    buffer_add_span(&data, key);
    for (size_t i = 0; i < local.len; i++)
        buffer_add_char(&data, ascii_lower(local.at[i]));
    sha256(buffer_span(&data), hash);
    base64_add(out, span_make(hash, HASH_OCTETS));
    buffer_wipe(&data);
}

void redact_address(struct buffer *out, struct span address, struct span key)
{
    add_hash(out, address_local(address), key);
    buffer_add_char(out, '@');
    buffer_add_span(out, address_domain(address));
}

/* Does the address begin the text, however its "@" is written? */
static bool is_address_at(struct span text, struct span address)
{
    static const struct span ats[] = {SPAN("@"),      SPAN("%40"),      SPAN("=40"), SPAN("&#64;"),
                                      SPAN("&#x40;"), SPAN("&commat;"), SPAN("=")};
    struct span local = address_local(address), domain = address_domain(address);
    if (ascii_lower(text.at[0]) != ascii_lower(address.at[0]) || !span_starts_nocase(text, local))
        return false;
    struct span rest = span_skip(text, local.len);
    for (size_t i = 0; i < sizeof ats / sizeof *ats; i++)
        if (span_starts_nocase(rest, ats[i]) &&
            span_starts_nocase(span_skip(rest, ats[i].len), domain))
            return true;
    return false;
}

/* What follows the local part stays, however it is written. */
void redact_text(struct buffer *out, struct span text, const struct redaction *r)
{
    size_t from = 0, i = 0;
    while (i < text.len) {
        struct span local = SPAN_NONE;
        for (size_t n = 0; n < r->count && !local.len; n++)
            if (is_address_at(span_skip(text, i), r->addresses[n]))
                local = address_local(r->addresses[n]);
        if (local.len) {
            buffer_add(out, text.at + from, i - from);
            add_hash(out, local, r->key);
            from = i + local.len;
        }
        i += local.len ? local.len : 1;
    }
    buffer_add(out, text.at + from, text.len - from);
}

/* Append the part's body, if it is encoded and anything had to be redacted in it. */
static bool redact_encoded(struct buffer *out, const struct mime_entity *e,
                           const struct redaction *r)
{
    struct buffer content = BUFFER_EMPTY, clean = BUFFER_EMPTY;
    bool is_base64 = e->encoding == MIME_BASE64, is_changed = false;
    if (is_base64 || e->encoding == MIME_QUOTED) {
        content_decode(&content, e->body, e->encoding);
        redact_text(&clean, buffer_span(&content), r);
        is_changed = !span_equal(buffer_span(&content), buffer_span(&clean));
    }
    if (is_changed && is_base64)
        base64_lines_add(out, buffer_span(&clean));
    else if (is_changed)
        quoted_printable_octets_add(out, buffer_span(&clean), false);
    buffer_free(&content);
    buffer_free(&clean);
    return is_changed;
}

void redact_message(struct buffer *out, struct span message, const struct redaction *r)
{
    struct parts p;
    struct mime_entity e;
    size_t from = 0;
    parts_start(&p, message);
    while (parts_next(&p, &e)) {
        struct buffer body = BUFFER_EMPTY;
        if (redact_encoded(&body, &e, r)) {
            size_t at = (size_t)(e.body.at - message.at);
            redact_text(out, span_first(span_skip(message, from), at - from), r);
            buffer_add_span(out, buffer_span(&body));
            from = at + e.body.len;
        }
        buffer_free(&body);
    }
    redact_text(out, span_skip(message, from), r);
}
