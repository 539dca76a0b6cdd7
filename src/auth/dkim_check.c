/* Keys are asked for at once; nothing is hashed before all of them are there, since a check is
 * called again from its start when an answer has come. The body is made canonical once for each of
 * the two ways. */
#include "auth/dkim_check.h"

#include "auth/dkim_body.h"
#include "auth/dkim_verify.h"
#include "base/visible.h"

#include <string.h>

const char *dkim_verdict_word(enum dkim_verdict_result r)
{
    static const char *const words[] = {"pass", "fail", "temperror", "permerror"};
    return words[r];
}

struct one {
    struct dkim_signature signature;
    const struct dns_answer *key;
    struct span key_name;
    bool is_readable;
};

struct checking {
    struct span header, body;
    size_t authors;                /* From fields */
    bool has_end;                  /* of the header: an empty line, or there is nothing behind it */
    struct buffer relaxed, simple; /* the body */
    bool has_relaxed, has_simple;
    uint64_t now;
    struct arena *arena;
};

/* ---- the body */

/* RFC 6376 3.4.3: one line end at its end, also where it has none. */
static void add_simple_body(struct buffer *out, struct span body)
{
    while (body.len >= 2 && memcmp(body.at + body.len - 2, "\r\n", 2) == 0)
        body.len -= 2;
    buffer_add_span(out, body);
    buffer_add_text(out, "\r\n");
}

static struct span canonical_body(struct checking *c, bool is_relaxed)
{
    struct buffer *body = is_relaxed ? &c->relaxed : &c->simple;
    if (is_relaxed && !c->has_relaxed)
        dkim_add_relaxed_body(body, c->body);
    else if (!is_relaxed && !c->has_simple)
        add_simple_body(body, c->body);
    c->has_relaxed |= is_relaxed;
    c->has_simple |= !is_relaxed;
    return buffer_span(body);
}

/* False: `*v` says why. */
static bool body_holds(struct checking *c, const struct dkim_signature *s, struct dkim_verdict *v)
{
    unsigned char hash[SHA256_LENGTH];
    struct span body = canonical_body(c, s->has_relaxed_body);
    v->result = DKIM_FAIL;
    if (s->has_body_length && s->body_length > body.len) {
        v->why = SPAN("the body is shorter than what was signed (l=)");
        return false;
    }
    if (s->has_body_length && s->body_length < body.len) {
        body = span_first(body, (size_t)s->body_length);
        v->why = SPAN("only the beginning of the body is signed (l=): what follows may be "
                      "anybody's");
    }
    sha256(body, hash);
    if (span_equal(s->body_hash, span_make(hash, sizeof hash)))
        return true;
    v->why = SPAN("the body was changed after it was signed");
    return false;
}

/* ---- a signature */

static struct span shown(struct checking *c, struct span s)
{
    struct buffer out = BUFFER_EMPTY;
    visible_add(&out, s, 260);
    return arena_keep(c->arena, &out);
}

static void set(struct dkim_verdict *v, enum dkim_verdict_result result, struct span why)
{
    v->result = result;
    v->why = why;
}

/* False: `*v` says why there is no key. Of several records the first that is a key counts. */
static bool find_key(struct checking *c, const struct one *o, struct dkim_key *k,
                     struct dkim_verdict *v)
{
    struct error e = {"it is no TXT record"};
    struct span name = shown(c, o->key_name), text;
    for (size_t i = 0; i < o->key->count; i++)
        if (dns_read_txt(o->key->records[i], &text, c->arena) &&
            dkim_key_parse(k, text, c->arena, &e))
            return true;
    if (o->key->result == DNS_FAILED)
        set(v, DKIM_TEMPERROR,
            arena_printf(c->arena, "the DNS could not be asked for the key %.*s: %.*s",
                         SPAN_F(name), SPAN_F(shown(c, o->key->why))));
    else if (o->key->result == DNS_FOUND)
        set(v, DKIM_PERMERROR,
            arena_printf(c->arena, "the key %.*s can't be used: %.*s", SPAN_F(name),
                         SPAN_F(shown(c, span_of(e.text)))));
    else
        set(v, DKIM_PERMERROR, arena_printf(c->arena, "there is no key %.*s", SPAN_F(name)));
    return false;
}

/* What mail programs read in different ways must not pass in one of them: a From field that is not
 * signed beside one that is (RFC 6376 8.15), and a header of which it can't be told where it ends.
 */
static bool is_clear(const struct checking *c, const struct one *o, struct dkim_verdict *v)
{
    if (!c->has_end)
        set(v, DKIM_PERMERROR,
            SPAN("a line of the header is no field, so it is not clear where "
                 "the body begins"));
    else if (c->authors > dkim_signature_covers(&o->signature, SPAN("From")))
        set(v, DKIM_FAIL, SPAN("there is a second From field, which is not signed"));
    return v->result == DKIM_PASS;
}

static void judge(struct checking *c, const struct one *o, struct dkim_verdict *v)
{
    struct dkim_key k;
    struct error e = {""};
    if (!find_key(c, o, &k, v) || !is_clear(c, o, v))
        return;
    switch (dkim_verify_header(&o->signature, &k, c->header, &e)) {
    case DKIM_HOLDS:
        break;
    case DKIM_UNFIT:
        set(v, DKIM_PERMERROR, shown(c, span_of(e.text)));
        return;
    case DKIM_OTHER_HEADER:
        set(v, DKIM_FAIL, SPAN("a field that is signed was changed, added or taken away"));
        return;
    case DKIM_BROKEN:
        set(v, DKIM_FAIL, SPAN("a field that is signed was changed, or the key is another one"));
        return;
    }
    if (o->signature.expires_s && o->signature.expires_s < c->now)
        set(v, DKIM_FAIL, SPAN("the signature has expired (x=)"));
    else if (body_holds(c, &o->signature, v))
        v->result = DKIM_PASS;
    if (v->result == DKIM_PASS && k.is_trial && !v->why.len)
        v->why = SPAN("its domain is only trying DKIM (t=y)");
}

/* True: its key is known, or it needs none. */
static bool read_one(struct checking *c, const struct header_field *f, struct lookups *l,
                     struct one *o, struct dkim_verdict *v)
{
    struct error e;
    *v = (struct dkim_verdict){
        .domain = SPAN_NONE, .selector = SPAN_NONE, .identity = SPAN_NONE, .why = SPAN_NONE};
    o->is_readable = dkim_signature_parse(&o->signature, f, c->arena, &e);
    if (!o->is_readable) {
        set(v, DKIM_PERMERROR, shown(c, span_of(e.text)));
        return true;
    }
    v->domain = o->signature.domain;
    v->selector = o->signature.selector;
    v->identity = o->signature.identity;
    o->key_name =
        arena_printf(c->arena, "%.*s._domainkey.%.*s", SPAN_F(v->selector), SPAN_F(v->domain));
    o->key = lookups_get(l, o->key_name, DNS_TXT);
    return o->key != NULL;
}

static void take_message(struct checking *c, struct span message)
{
    c->header = span_first(message, header_length(message));
    c->body = span_skip(message, c->header.len);
    c->has_end = !c->body.len || span_starts(c->body, SPAN("\r\n"));
    if (c->has_end)
        c->body = span_skip(c->body, 2);
    c->authors = header_count(c->header, "From");
}

/* True: all keys are known that are needed. */
static bool read_all(struct checking *c, struct span header, struct lookups *l, struct one *ones,
                     struct dkim_verdict *verdicts, size_t *count)
{
    struct header_field f;
    struct header_iterator it = header_start(header);
    bool is_open = false;
    *count = 0;
    while (*count < DKIM_MOST_CHECKED && header_next(&it, &f) == 1) {
        if (!span_equal_nocase(f.name, SPAN("DKIM-Signature")))
            continue;
        is_open |= !read_one(c, &f, l, &ones[*count], &verdicts[*count]);
        (*count)++;
    }
    return !is_open;
}

bool dkim_ask(struct span message, struct lookups *l, size_t *count, struct arena *a)
{
    struct checking c = {.arena = a};
    struct one *ones = arena_new(a, DKIM_MOST_CHECKED * sizeof *ones);
    struct dkim_verdict *verdicts = arena_new(a, DKIM_MOST_CHECKED * sizeof *verdicts);
    return read_all(&c, span_first(message, header_length(message)), l, ones, verdicts, count);
}

bool dkim_check(struct span message, uint64_t now, struct lookups *l, struct dkim_verdict *verdicts,
                size_t *count, struct arena *a)
{
    struct checking c = {
        .header = span_first(message, header_length(message)), .now = now, .arena = a};
    struct one *ones = arena_new(a, DKIM_MOST_CHECKED * sizeof *ones);
    take_message(&c, message);
    bool is_open = !read_all(&c, c.header, l, ones, verdicts, count);
    for (size_t i = 0; i < *count && !is_open; i++)
        if (ones[i].is_readable)
            judge(&c, &ones[i], &verdicts[i]);
    buffer_free(&c.relaxed);
    buffer_free(&c.simple);
    return !is_open;
}
