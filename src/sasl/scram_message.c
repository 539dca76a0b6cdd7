/* Messages are attributes with commas between, in a fixed order (RFC 5802 7). A mandatory extension
 * ("m=") stands where the name should, and is refused with that; others may follow the nonce. */
#include "sasl/scram.h"

#include "base/visible.h"
#include "mail/encode.h"
#include "sasl/base64.h"

#include <string.h>

/* "x=value" at the start of `*rest`, and the comma behind it. */
static bool take(struct span *rest, char attribute, struct span *value)
{
    struct span part = span_cut(rest, ',');
    if (part.len < 2 || part.at[0] != attribute || part.at[1] != '=')
        return false;
    *value = span_skip(part, 2);
    return true;
}

static bool is_nonce(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~')
            return false;
    return s.len > 0;
}

static bool is_binding_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.at[i]) && s.at[i] != '.' && s.at[i] != '-')
            return false;
    return s.len > 0;
}

static bool take_binding(struct span *rest, struct scram_first *f)
{
    struct span flag = span_cut(rest, ',');
    f->binding_flag = flag.len ? flag.at[0] : 0;
    if (f->binding_flag == 'p') {
        f->binding = span_skip(flag, 2);
        return span_starts(flag, SPAN("p=")) && is_binding_name(f->binding);
    }
    return flag.len == 1 && (f->binding_flag == 'n' || f->binding_flag == 'y');
}

static bool are_extensions(struct span rest)
{
    while (rest.len) {
        struct span part = span_cut(&rest, ',');
        if (part.len < 3 || !ascii_is_alpha(part.at[0]) || part.at[1] != '=')
            return false;
    }
    return true;
}

bool scram_first_parse(struct span message, struct scram_first *f)
{
    struct span rest = message;
    *f = (struct scram_first){.binding = SPAN_NONE, .authzid = SPAN_NONE};
    if (!utf8_is_valid(message) || memchr(message.at, 0, message.len))
        return false;
    if (!take_binding(&rest, f))
        return false;
    bool has_authzid = !span_starts(rest, SPAN(","));
    if (has_authzid ? !take(&rest, 'a', &f->authzid) || !f->authzid.len
                    : (rest = span_skip(rest, 1), false))
        return false;
    f->bare = rest;
    f->header = span_first(message, message.len - rest.len);
    return take(&rest, 'n', &f->name) && f->name.len && take(&rest, 'r', &f->nonce) &&
           is_nonce(f->nonce) && f->nonce.len <= SCRAM_LONGEST_NONCE && are_extensions(rest) &&
           f->bare.at[f->bare.len - 1] != ',';
}

bool scram_name_add(struct buffer *out, struct span name)
{
    while (name.len) {
        bool is_comma = span_starts(name, SPAN("=2C")), is_equal = span_starts(name, SPAN("=3D"));
        if (name.at[0] == '=' && !is_comma && !is_equal)
            return false;
        buffer_add_char(out, is_comma ? ',' : name.at[0]);
        name = span_skip(name, is_comma || is_equal ? 3 : 1);
    }
    return true;
}

void scram_challenge_add(struct buffer *out, struct span nonce, const struct scram_keys *k)
{
    buffer_printf(out, "r=%.*s,s=", SPAN_F(nonce));
    base64_add(out, span_make(k->salt, k->salt_len));
    buffer_printf(out, ",i=%u", k->iterations);
}

void scram_name_escape(struct buffer *out, struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] == ',')
            buffer_add_text(out, "=2C");
        else if (name.at[i] == '=')
            buffer_add_text(out, "=3D");
        else
            buffer_add_char(out, name.at[i]);
}

bool scram_challenge_parse(struct span message, struct scram_challenge *c)
{
    struct span rest = message, count;
    uint64_t iterations;
    bool ok = take(&rest, 'r', &c->nonce) && is_nonce(c->nonce) && take(&rest, 's', &c->salt) &&
              c->salt.len && take(&rest, 'i', &count) &&
              span_to_u64(count, UINT32_MAX, &iterations) && are_extensions(rest) &&
              message.at[message.len - 1] != ',';
    c->iterations = ok ? (unsigned)iterations : 0;
    return ok;
}

static bool read_proof(struct span text, unsigned char proof[SCRAM_KEY])
{
    struct buffer octets = BUFFER_EMPTY;
    bool ok = base64_read(&octets, text) && octets.len == SCRAM_KEY;
    if (ok)
        memcpy(proof, octets.at, SCRAM_KEY);
    buffer_free(&octets);
    return ok;
}

/* The proof is the last attribute, and holds no comma. */
bool scram_final_parse(struct span message, struct scram_final *f)
{
    size_t comma = message.len;
    while (comma && message.at[comma - 1] != ',')
        comma--;
    if (!comma)
        return false;
    f->without_proof = span_first(message, comma - 1);
    struct span rest = f->without_proof, proof = span_skip(message, comma);
    return take(&rest, 'c', &f->binding) && take(&rest, 'r', &f->nonce) && is_nonce(f->nonce) &&
           are_extensions(rest) && f->without_proof.at[f->without_proof.len - 1] != ',' &&
           span_starts(proof, SPAN("p=")) && read_proof(span_skip(proof, 2), f->proof);
}

bool scram_signature_parse(struct span message, unsigned char signature[SCRAM_KEY])
{
    struct span rest = message, value;
    return take(&rest, 'v', &value) && are_extensions(rest) && read_proof(value, signature);
}
