#include "auth/dkim_key.h"

#include "auth/tag_list.h"
#include "mail/encode.h"

enum { SHOWN = 60 };

static struct span value_of(const struct tag_list *l, const char *name, struct span unless_told)
{
    const struct tag *t = tag_list_find(l, name);
    return t ? t->value : unless_told;
}

static bool has_word(struct span words, struct span word)
{
    struct span each;
    bool has = false;
    while (tag_next_word(&words, ':', &each))
        has |= span_equal_nocase(each, word);
    return has;
}

static bool take_kind(struct dkim_key *k, const struct tag_list *l, struct error *e)
{
    struct span kind = value_of(l, "k", SPAN("rsa"));
    k->kind = span_equal_nocase(kind, SPAN("ed25519")) ? KEY_ED25519 : KEY_RSA;
    return k->kind == KEY_ED25519 || span_equal_nocase(kind, SPAN("rsa")) ||
           error_set(e, "its kind \"%.*s\" is not known (k=)", SPAN_F(span_first(kind, SHOWN)));
}

/* The version comes first, where it is told at all. */
static bool has_version(const struct tag_list *l, struct error *e)
{
    const struct tag *v = tag_list_find(l, "v");
    return !v || (v == l->tags && span_equal(v->value, SPAN("DKIM1"))) ||
           error_set(e, "it does not begin with v=DKIM1");
}

bool dkim_key_parse(struct dkim_key *k, struct span record, struct arena *a, struct error *e)
{
    struct tag_list l;
    *k = (struct dkim_key){0};
    if (!tag_list_parse(&l, record, e) || !has_version(&l, e) || !take_kind(k, &l, e))
        return false;
    const struct tag *p = tag_list_find(&l, "p");
    if (!p)
        return error_set(e, "it has no key in it (p=)");
    struct span services = value_of(&l, "s", SPAN("*")), flags = value_of(&l, "t", SPAN_NONE);
    k->allows_sha256 = has_word(value_of(&l, "h", SPAN("sha256")), SPAN("sha256"));
    k->is_for_mail = has_word(services, SPAN("*")) || has_word(services, SPAN("email"));
    k->is_trial = has_word(flags, SPAN("y"));
    k->is_strict = has_word(flags, SPAN("s"));
    return tag_octets(p->value, &k->octets, a) ||
           error_set(e, "what should be the key is no base64 (p=)");
}

void dkim_key_open(struct dkim_key *k)
{
    struct error e;
    if (!k->opened && k->octets.len)
        k->opened = public_key_new(k->octets, &e);
}

void dkim_key_close(struct dkim_key *k)
{
    public_key_free(&k->opened);
}

/* ---- what somebody has in a file */

static struct span behind(struct span text, struct span word)
{
    size_t at = span_find(text, word);
    return at == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(text, at + word.len);
}

/* All PEM is base64 between two lines; of an encrypted one no line is looked at. */
static bool read_pem(struct dkim_key *k, struct span text, struct arena *a, struct error *e)
{
    struct span label = behind(text, SPAN("-----BEGIN "));
    label = span_first(label, span_find(label, SPAN("-----")));
    if (span_ends_nocase(label, SPAN("PRIVATE KEY")))
        return error_set(e, "this is a private key, which belongs to the server that signs and to "
                            "nobody else; its public half is enough here: openssl pkey -in FILE "
                            "-pubout");
    if (!span_equal(label, SPAN("PUBLIC KEY")) && !span_equal(label, SPAN("RSA PUBLIC KEY")))
        return error_set(e, "it holds a \"%.*s\", and no public key",
                         SPAN_F(span_first(label, SHOWN)));
    struct span body = behind(behind(text, SPAN("-----BEGIN ")), SPAN("-----"));
    size_t end = span_find(body, SPAN("-----END "));
    *k = (struct dkim_key){.allows_sha256 = true, .is_for_mail = true};
    return (end != SPAN_NOT_FOUND && tag_octets(span_first(body, end), &k->octets, a) &&
            k->octets.len) ||
           error_set(e, "the public key in it is damaged");
}

/* `selector._domainkey IN TXT ( "v=DKIM1; " "p=…" ) ; remark`: what stands in quotes, joined. */
static struct span joined_strings(struct span text, struct arena *a)
{
    struct buffer joined = BUFFER_EMPTY;
    bool is_inside = false, is_remark = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (is_inside && c == '\\' && i + 1 < text.len)
            buffer_add_char(&joined, text.at[++i]);
        else if (c == '"' && !is_remark)
            is_inside = !is_inside;
        else if (is_inside)
            buffer_add_char(&joined, c);
        else
            is_remark = c == ';' || (is_remark && c != '\n');
    }
    return arena_keep(a, &joined);
}

/* A key that doesn't work would be silent for ever: say it now. */
static bool works(struct dkim_key *k, struct error *e)
{
    if (!k->octets.len)
        return error_set(e, "this key has been revoked (its p= is empty)");
    struct public_key *key = public_key_new(k->octets, e);
    if (!key)
        return false;
    k->kind = public_key_kind(key);
    public_key_free(&key);
    return true;
}

bool dkim_key_read(struct dkim_key *k, struct span text, struct arena *a, struct error *e)
{
    bool is_pem = span_find(text, SPAN("-----BEGIN ")) != SPAN_NOT_FOUND;
    if (is_pem)
        return read_pem(k, text, a, e) && works(k, e);
    if (span_find_char(text, '"') != SPAN_NOT_FOUND)
        text = joined_strings(text, a);
    if (!span_trim(text).len)
        return error_set(e, "there is no key in it");
    return dkim_key_parse(k, text, a, e) && works(k, e);
}

/* Of Ed25519 the key alone is published, which is the end of it (RFC 8463 4). */
void dkim_key_add_record(struct buffer *out, enum key_kind kind, struct span octets)
{
    enum { ED25519_OCTETS = 32 };
    bool is_rsa = kind == KEY_RSA;
    if (!is_rsa && octets.len > ED25519_OCTETS)
        octets = span_skip(octets, octets.len - ED25519_OCTETS);
    buffer_printf(out, "v=DKIM1; k=%s; p=", is_rsa ? "rsa" : "ed25519");
    base64_add(out, octets);
}
