/* The length of a field does not depend on what is signed: the hash of the body stands on a line of
 * its own, and the octets of the signature are the last thing in the field. So a field is drafted
 * with letters in both places, and they are written over where they stand. */
#include "auth/dkim_sign.h"

#include "auth/dkim_body.h"
#include "auth/dkim_header.h"
#include "mail/encode.h"

#include <assert.h>

/* Each once more than it is there. */
static const char *const guarded_fields[] = {
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

/* As often as they are there: who passes the message on may add them. RFC 8058 4 wants those about
 * unsubscribing to be signed. */
static const char *const other_fields[] = {
    "Sender",    "List-Id",        "List-Unsubscribe", "List-Unsubscribe-Post", "List-Help",
    "List-Post", "List-Subscribe", "List-Owner",       "List-Archive",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { WIDTH = 76, INDENT = 8, HASH_TEXT = 4 * ((SHA256_LENGTH + 2) / 3) };

static const char before_hash[] = "\r\n\tbh=", before_octets[] = ";\r\n\tb=";

/* ---- which fields */

struct names {
    struct span at[MOST_SIGNED_FIELDS];
    size_t count;
};

static bool take_name(struct names *n, const char *name, size_t times)
{
    if (times > MOST_SIGNED_FIELDS - n->count)
        return false;
    while (times--)
        n->at[n->count++] = span_of(name);
    return true;
}

/* A repeated field is signed from the bottom up, and then as one that is not there. */
static bool take_names(struct names *n, const struct dkim_fields *header)
{
    bool ok = !header->is_too_long;
    for (size_t i = 0; ok && i < COUNT(guarded_fields); i++)
        ok = take_name(n, guarded_fields[i],
                       dkim_fields_count(header, span_of(guarded_fields[i])) + 1);
    for (size_t i = 0; ok && i < COUNT(other_fields); i++)
        ok = take_name(n, other_fields[i], dkim_fields_count(header, span_of(other_fields[i])));
    return ok;
}

static void add_names(struct buffer *out, const struct names *n)
{
    size_t column = WIDTH;
    for (size_t i = 0; i < n->count; i++) {
        if (column + n->at[i].len + 1 > WIDTH) {
            buffer_add_text(out, "\r\n\t");
            column = INDENT;
        }
        buffer_add_span(out, n->at[i]);
        buffer_add_char(out, i + 1 < n->count ? ':' : ';');
        column += n->at[i].len + 1;
    }
}

/* ---- the octets of the signature, in lines */

enum { LINE = WIDTH - INDENT, LINE_START = 3 /* CRLF, HTAB */ };

static size_t octets_text_length(const struct private_key *k)
{
    return 4 * ((private_key_signature_length(k) + 2) / 3);
}

static size_t octets_lines_length(const struct private_key *k)
{
    size_t text = octets_text_length(k);
    return text + LINE_START * ((text + LINE - 1) / LINE);
}

/* `text`: base64; to where the draft has as much. */
static void put_octets(char *to, struct span text)
{
    for (; text.len; text = span_skip(text, LINE)) {
        struct span line = span_first(text, LINE);
        memcpy(to, "\r\n\t", LINE_START);
        memcpy(to + LINE_START, line.at, line.len);
        to += LINE_START + line.len;
    }
}

static void add_letters(struct buffer *out, size_t count)
{
    memset(buffer_reserve(out, count), 'A', count);
    out->len += count;
    out->at[out->len] = 0;
}

/* ---- drafts */

static void add_draft(struct buffer *out, const struct dkim_signer *s, const struct names *n,
                      int64_t now_s)
{
    const char *algorithm = private_key_kind(s->key) == KEY_RSA ? "rsa" : "ed25519";
    struct buffer letters = BUFFER_EMPTY;
    buffer_printf(out,
                  "DKIM-Signature: v=1; a=%s-sha256; c=relaxed/relaxed;\r\n"
                  "\td=%.*s; s=%.*s; t=%lld;\r\n\th=",
                  algorithm, SPAN_F(s->domain), SPAN_F(s->selector), (long long)now_s);
    add_names(out, n);
    buffer_add_text(out, before_hash);
    add_letters(out, HASH_TEXT);
    buffer_add_text(out, before_octets);
    add_letters(&letters, octets_text_length(s->key));
    size_t length = octets_lines_length(s->key);
    put_octets(buffer_reserve(out, length), buffer_span(&letters));
    out->len += length;
    out->at[out->len] = 0;
    buffer_add_text(out, "\r\n");
    buffer_free(&letters);
}

static struct span header_of(struct span message)
{
    return span_first(message, header_length(message));
}

bool dkim_sign_draft(struct buffer *out, const struct dkim_signer *signers, size_t count,
                     struct span message, int64_t now_s)
{
    struct dkim_fields header;
    struct names names = {.count = 0};
    struct span top = header_of(message), behind = span_skip(message, top.len);
    dkim_fields_find(&header, top);
    bool ok = take_names(&names, &header) && (!behind.len || span_starts(behind, SPAN("\r\n")));
    for (size_t i = 0; ok && i < count; i++)
        add_draft(out, &signers[i], &names, now_s);
    dkim_fields_free(&header);
    return ok;
}

/* ---- what is missing in them */

struct filling {
    struct dkim_fields header;
    struct names names;
    struct buffer body_hash; /* as text */
    struct buffer data;      /* what is signed */
};

static void hash_body(struct filling *x, struct span body)
{
    struct dkim_body form;
    dkim_body_start(&form, true, DKIM_ALL_OF_IT);
    dkim_body_add(&form, body);
    dkim_body_end(&form);
    base64_add(&x->body_hash, span_make(form.hash, sizeof form.hash));
}

/* `octets`: where they are to stand. */
static void sign_field(struct filling *x, const struct dkim_signer *s, const struct header_field *f,
                       struct span octets)
{
    struct dkim_signature made = {.field = *f,
                                  .octets_place = octets,
                                  .names = x->names.at,
                                  .name_count = x->names.count,
                                  .has_relaxed_header = true};
    unsigned char hash[SHA256_LENGTH];
    struct buffer signature = BUFFER_EMPTY, text = BUFFER_EMPTY;
    buffer_clear(&x->data);
    dkim_fields_add_signed(&x->data, &x->header, &made);
    sha256(buffer_span(&x->data), hash);
    private_key_sign(s->key, hash, &signature);
    base64_add(&text, buffer_span(&signature));
    assert(text.len == octets_text_length(s->key));
    put_octets((char *)(uintptr_t)octets.at, buffer_span(&text));
    buffer_free(&signature);
    buffer_free(&text);
}

static void fill_field(struct filling *x, const struct dkim_signer *s, const struct header_field *f)
{
    size_t octets = octets_lines_length(s->key);
    char *end = (char *)(uintptr_t)(f->value.at + f->value.len), *at = end - octets;
    memcpy(at - strlen(before_octets) - HASH_TEXT, x->body_hash.at, HASH_TEXT);
    sign_field(x, s, f, span_make(at, octets));
}

void dkim_sign_fill(char *fields, size_t length, const struct dkim_signer *signers, size_t count,
                    struct span message)
{
    struct filling x = {.body_hash = BUFFER_EMPTY, .data = BUFFER_EMPTY};
    struct span header = header_of(message);
    struct header_iterator it = header_start(span_make(fields, length));
    dkim_fields_find(&x.header, header);
    bool ok = take_names(&x.names, &x.header);
    hash_body(&x, span_skip(message, header.len + 2));
    for (size_t i = 0; ok && i < count; i++) {
        struct header_field f;
        ok = header_next(&it, &f) == 1;
        if (ok)
            fill_field(&x, &signers[i], &f);
    }
    assert(ok && !it.rest.len);
    dkim_fields_free(&x.header);
    buffer_free(&x.body_hash);
    buffer_free(&x.data);
}

bool dkim_sign(struct buffer *out, const struct dkim_signer *signers, size_t count,
               struct span message, int64_t now_s)
{
    struct buffer fields = BUFFER_EMPTY;
    bool ok = dkim_sign_draft(&fields, signers, count, message, now_s);
    if (ok) {
        dkim_sign_fill(fields.at, fields.len, signers, count, message);
        buffer_add_span(out, buffer_span(&fields));
    }
    buffer_free(&fields);
    return ok;
}
