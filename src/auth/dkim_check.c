/* Keys are asked for at once; nothing is hashed before all of them are there, since a check is
 * called again from its start when an answer has come. */
#include "auth/dkim_check.h"

#include "auth/dkim_message.h"
#include "auth/dkim_verify.h"
#include "base/visible.h"

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
    struct dkim_message message;
    size_t authors; /* From fields */
    uint64_t now;
    struct arena *arena;
};

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

/* False: `*v` says why there is no key. */
static bool find_key(struct checking *c, const struct one *o, struct dkim_key *k,
                     struct dkim_verdict *v)
{
    switch (dkim_key_find(o->key, o->key_name, k, &v->why, c->arena)) {
    case DKIM_KEY_FOUND:
        return true;
    case DKIM_KEY_UNUSABLE:
        v->result = DKIM_PERMERROR;
        break;
    case DKIM_KEY_NOT_KNOWN:
        v->result = DKIM_TEMPERROR;
        break;
    }
    return false;
}

/* What mail programs read in different ways must not pass in one of them: a From field that is not
 * signed beside one that is (RFC 6376 8.15), and a header of which it can't be told where it ends.
 */
static bool is_clear(const struct checking *c, const struct one *o, struct dkim_verdict *v)
{
    if (!c->message.has_end)
        set(v, DKIM_PERMERROR,
            SPAN("a line of the header is no field, so it is not clear where "
                 "the body begins"));
    else if (c->authors > dkim_signature_covers(&o->signature, SPAN("From")))
        set(v, DKIM_FAIL, SPAN("there is a second From field, which is not signed"));
    return v->result == DKIM_PASS;
}

static void check_body(struct checking *c, const struct one *o, struct dkim_verdict *v)
{
    switch (dkim_body_check(&c->message, &o->signature, &v->why)) {
    case DKIM_BODY_HOLDS:
        v->result = DKIM_PASS;
        break;
    case DKIM_BODY_CHANGED:
        v->result = DKIM_FAIL;
        break;
    case DKIM_BODY_UNKNOWN:
        v->result = DKIM_PERMERROR;
        break;
    }
}

static void judge(struct checking *c, const struct one *o, struct dkim_verdict *v)
{
    struct dkim_key k;
    struct error e = {""};
    if (!find_key(c, o, &k, v) || !is_clear(c, o, v))
        return;
    switch (dkim_verify_header(&o->signature, &k, c->message.header, &e)) {
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
    else
        check_body(c, o, v);
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
    o->key_name = dkim_key_name(&o->signature, c->arena);
    o->key = lookups_get(l, o->key_name, DNS_TXT);
    return o->key != NULL;
}

static void take_message(struct checking *c, struct span message)
{
    dkim_message_take(&c->message, message);
    c->authors = header_count(c->message.header, "From");
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
    struct checking c = {.now = now, .arena = a};
    struct one *ones = arena_new(a, DKIM_MOST_CHECKED * sizeof *ones);
    take_message(&c, message);
    bool is_open = !read_all(&c, c.message.header, l, ones, verdicts, count);
    for (size_t i = 0; i < *count && !is_open; i++)
        if (ones[i].is_readable)
            judge(&c, &ones[i], &verdicts[i]);
    dkim_message_free(&c.message);
    return !is_open;
}
