#include "auth/dkim_sign.h"

#include "auth/dkim_body.h"
#include "auth/dkim_header.h"
#include "mail/encode.h"

static const char *const signed_fields[] = {
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
};

enum { SIGNED_FIELDS = sizeof signed_fields / sizeof *signed_fields, WIDTH = 76, INDENT = 8 };

/* On a line of its own, or of several. */
static void add_base64(struct buffer *out, struct span octets)
{
    struct buffer text = BUFFER_EMPTY;
    base64_add(&text, octets);
    struct span rest = buffer_span(&text);
    for (size_t room = WIDTH - INDENT; rest.len; rest = span_skip(rest, room))
        buffer_printf(out, "\r\n\t%.*s", SPAN_F(span_first(rest, room)));
    buffer_free(&text);
}

static void add_body_hash(struct buffer *out, struct span body)
{
    struct buffer text = BUFFER_EMPTY;
    unsigned char hash[SHA256_LENGTH];
    dkim_add_relaxed_body(&text, body);
    sha256(buffer_span(&text), hash);
    add_base64(out, span_make((const char *)hash, sizeof hash));
    buffer_free(&text);
}

/* A repeated field is signed from the bottom up, and then as one that is not there. */
static size_t take_names(struct span *names, struct span header)
{
    size_t count = 0;
    for (size_t i = 0; i < SIGNED_FIELDS; i++)
        for (size_t times = header_count(header, signed_fields[i]) + 1; times; times--) {
            if (count == MOST_SIGNED_FIELDS)
                return 0;
            names[count++] = span_of(signed_fields[i]);
        }
    return count;
}

static void add_names(struct buffer *out, const struct span *names, size_t count)
{
    size_t column = WIDTH;
    for (size_t i = 0; i < count; i++) {
        if (column + names[i].len + 1 > WIDTH) {
            buffer_add_text(out, "\r\n\t");
            column = INDENT;
        }
        buffer_printf(out, "%.*s%s", SPAN_F(names[i]), i + 1 < count ? ":" : ";");
        column += names[i].len + 1;
    }
}

/* The field, but for the octets that its end is still to get. */
static void add_draft(struct buffer *out, const struct dkim_signer *s, const struct span *names,
                      size_t count, struct span body, int64_t now_s)
{
    const char *algorithm = private_key_kind(s->key) == KEY_RSA ? "rsa" : "ed25519";
    buffer_printf(out,
                  "DKIM-Signature: v=1; a=%s-sha256; c=relaxed/relaxed;\r\n"
                  "\td=%.*s; s=%.*s; t=%lld;\r\n\th=",
                  algorithm, SPAN_F(s->domain), SPAN_F(s->selector), (long long)now_s);
    add_names(out, names, count);
    buffer_add_text(out, "\r\n\tbh=");
    add_body_hash(out, body);
    buffer_add_text(out, ";\r\n\tb=");
}

static struct header_field field_of(struct span whole)
{
    size_t colon = span_find_char(whole, ':');
    return (struct header_field){
        .name = span_first(whole, colon), .value = span_skip(whole, colon + 1), .whole = whole};
}

static void add_octets(struct buffer *field, const struct private_key *k, struct span data)
{
    struct buffer octets = BUFFER_EMPTY;
    unsigned char hash[SHA256_LENGTH];
    sha256(data, hash);
    private_key_sign(k, hash, &octets);
    add_base64(field, buffer_span(&octets));
    buffer_add_text(field, "\r\n");
    buffer_free(&octets);
}

static struct span body_of(struct span message, size_t header_length)
{
    struct span rest = span_skip(message, header_length);
    return span_starts(rest, SPAN("\r\n")) ? span_skip(rest, 2) : rest;
}

bool dkim_sign(struct buffer *out, const struct dkim_signer *s, struct span message, int64_t now_s)
{
    struct span names[MOST_SIGNED_FIELDS];
    struct span header = span_first(message, header_length(message));
    struct buffer field = BUFFER_EMPTY, data = BUFFER_EMPTY;
    struct dkim_signature made = {.names = names, .has_relaxed_header = true};
    made.name_count = take_names(names, header);
    add_draft(&field, s, names, made.name_count, body_of(message, header.len), now_s);
    made.field = field_of(buffer_span(&field));
    made.octets_place = span_skip(buffer_span(&field), field.len); /* behind it */
    bool ok = made.name_count && dkim_add_signed_header(&data, &made, header);
    if (ok) {
        add_octets(&field, s->key, buffer_span(&data));
        buffer_add_span(out, buffer_span(&field));
    }
    buffer_free(&field);
    buffer_free(&data);
    return ok;
}
