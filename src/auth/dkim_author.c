#include "auth/dkim_author.h"

#include "auth/authors.h"
#include "auth/dkim_body.h"
#include "auth/dkim_verify.h"
#include "auth/organization.h"
#include "mail/header.h"

enum { MOST_LOOKED_AT = 20 /* signatures, from the top */ };

/* ---- whose keys */

static bool is_clear(struct span message)
{
    struct span behind = span_skip(message, header_length(message));
    return header_count(message, "From") == 1 && (!behind.len || span_starts(behind, SPAN("\r\n")));
}

static void choose_for(const struct dkim_signer *keys, size_t count, struct span author,
                       bool *is_chosen, struct arena *a)
{
    struct span nearest = SPAN_NONE;
    for (size_t i = 0; i < count; i++)
        if (keys[i].domain.len > nearest.len && organization_signs_for(keys[i].domain, author, a))
            nearest = keys[i].domain;
    for (size_t i = 0; i < count && nearest.len; i++)
        is_chosen[i] |= span_equal(keys[i].domain, nearest);
}

static size_t chosen(const bool *is_chosen, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += is_chosen[i];
    return sum;
}

size_t dkim_author_choose(const struct dkim_signer *keys, size_t count, struct span message,
                          bool *is_chosen)
{
    struct authors authors = {.count = 0};
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < count; i++)
        is_chosen[i] = false;
    if (count && is_clear(message))
        authors_find(&authors, message, &a);
    for (size_t i = 0; i < authors.count; i++)
        choose_for(keys, count, authors.domains[i], is_chosen, &a);
    arena_clear(&a);
    return chosen(is_chosen, count);
}

/* ---- what is signed already */

static bool body_holds(const struct dkim_signature *s, struct span body)
{
    struct dkim_body form;
    dkim_body_start(&form, s->has_relaxed_body,
                    s->has_body_length ? s->body_length : DKIM_ALL_OF_IT);
    dkim_body_add(&form, body);
    dkim_body_end(&form);
    return span_equal(s->body_hash, span_make(form.hash, sizeof form.hash)) &&
           (!s->has_body_length || s->body_length <= form.length);
}

static bool is_by(const struct dkim_signer *key, const struct dkim_signature *s)
{
    return span_equal(key->domain, s->domain) && span_equal(key->selector, s->selector);
}

/* By the public half of our own. */
static bool header_holds(const struct dkim_signature *s, const struct dkim_signer *key,
                         struct span header)
{
    struct buffer octets = BUFFER_EMPTY;
    struct error why;
    private_key_public(key->key, &octets);
    const struct dkim_key public = {.kind = private_key_kind(key->key),
                                    .octets = buffer_span(&octets),
                                    .allows_sha256 = true,
                                    .is_for_mail = true};
    bool holds = dkim_verify_header(s, &public, header, &why) == DKIM_HOLDS;
    buffer_free(&octets);
    return holds;
}

static bool holds(const struct dkim_signature *s, const struct dkim_signer *keys, size_t count,
                  struct span message)
{
    struct span header = span_first(message, header_length(message));
    if (!body_holds(s, span_skip(message, header.len + 2)))
        return false;
    for (size_t i = 0; i < count; i++)
        if (is_by(&keys[i], s))
            return header_holds(s, &keys[i], header);
    return true;
}

static bool is_wanted(const struct dkim_signer *keys, size_t count, struct span domain,
                      const bool *is_chosen)
{
    for (size_t i = 0; i < count; i++)
        if (is_chosen[i] && span_equal(keys[i].domain, domain))
            return true;
    return false;
}

size_t dkim_author_leave_signed(const struct dkim_signer *keys, size_t count, struct span message,
                                bool *is_chosen)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    struct arena a = ARENA_EMPTY;
    for (int seen = 0; seen < MOST_LOOKED_AT && header_next(&it, &f) == 1;) {
        struct dkim_signature s;
        struct error e;
        if (!span_equal_nocase(f.name, SPAN("DKIM-Signature")))
            continue;
        seen++;
        if (!dkim_signature_parse(&s, &f, &a, &e) || !is_wanted(keys, count, s.domain, is_chosen) ||
            !holds(&s, keys, count, message))
            continue;
        for (size_t i = 0; i < count; i++)
            is_chosen[i] &= !span_equal(keys[i].domain, s.domain);
    }
    arena_clear(&a);
    return chosen(is_chosen, count);
}
