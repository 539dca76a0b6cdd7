#include "auth/dkim_message.h"

#include "base/visible.h"

void dkim_message_take(struct dkim_message *m, struct span message)
{
    *m = (struct dkim_message){.header = span_first(message, header_length(message))};
    m->body = span_skip(message, m->header.len);
    m->has_end = !m->body.len || span_starts(m->body, SPAN("\r\n"));
    if (m->has_end)
        m->body = span_skip(m->body, 2);
}

void dkim_message_free(struct dkim_message *m)
{
    dkim_bodies_free(&m->bodies);
}

/* ---- the body */

/* NULL: too many forms are wanted. */
static const struct dkim_body *form_of_body(struct dkim_message *m, const struct dkim_signature *s)
{
    uint64_t limit = s->has_body_length ? s->body_length : DKIM_ALL_OF_IT;
    size_t known = m->bodies.count;
    const struct dkim_body *form = dkim_bodies_want(&m->bodies, s->has_relaxed_body, limit);
    if (m->bodies.count > known) {
        dkim_body_add(&m->bodies.forms[known], m->body);
        dkim_body_end(&m->bodies.forms[known]);
    }
    return form;
}

enum dkim_body_answer dkim_body_check(struct dkim_message *m, const struct dkim_signature *s,
                                      struct span *why)
{
    const struct dkim_body *body = form_of_body(m, s);
    *why = SPAN_NONE;
    if (!body) {
        *why = SPAN("too many signatures cover each another part of the body (l=)");
        return DKIM_BODY_UNKNOWN;
    }
    if (s->has_body_length && s->body_length > body->length) {
        *why = SPAN("the body is shorter than what was signed (l=)");
        return DKIM_BODY_CHANGED;
    }
    if (s->has_body_length && s->body_length < body->length)
        *why = SPAN("only the beginning of the body is signed (l=): what follows may be "
                    "anybody's");
    if (span_equal(s->body_hash, span_make(body->hash, sizeof body->hash)))
        return DKIM_BODY_HOLDS;
    *why = SPAN("the body was changed after it was signed");
    return DKIM_BODY_CHANGED;
}

/* ---- keys */

struct span dkim_key_name(const struct dkim_signature *s, struct arena *a)
{
    return arena_printf(a, "%.*s._domainkey.%.*s", SPAN_F(s->selector), SPAN_F(s->domain));
}

static struct span shown(struct arena *a, struct span s)
{
    struct buffer out = BUFFER_EMPTY;
    visible_add(&out, s, 260);
    return arena_keep(a, &out);
}

enum dkim_key_result dkim_key_find(const struct dns_answer *answer, struct span name,
                                   struct dkim_key *k, struct span *why, struct arena *a)
{
    struct error e = {"it is no TXT record"};
    struct span text;
    name = shown(a, name);
    for (size_t i = 0; i < answer->count; i++)
        if (dns_read_txt(answer->records[i], &text, a) && dkim_key_parse(k, text, a, &e))
            return DKIM_KEY_FOUND;
    if (answer->result == DNS_FAILED) {
        *why = arena_printf(a, "the DNS could not be asked for the key %.*s: %.*s", SPAN_F(name),
                            SPAN_F(shown(a, answer->why)));
        return DKIM_KEY_NOT_KNOWN;
    }
    if (answer->result == DNS_FOUND)
        *why = arena_printf(a, "the key %.*s can't be used: %.*s", SPAN_F(name),
                            SPAN_F(shown(a, span_of(e.text))));
    else
        *why = arena_printf(a, "there is no key %.*s", SPAN_F(name));
    return DKIM_KEY_UNUSABLE;
}
