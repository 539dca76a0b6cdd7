/* A chain is read in two steps: first the fields find their places, by their instances, then each
 * set is looked at, from the first to the last. */
#include "auth/arc_chain.h"

#include "auth/authres.h"
#include "auth/dkim_header.h"
#include "auth/tag_list.h"

#define RESULTS "ARC-Authentication-Results"
#define MESSAGE "ARC-Message-Signature"
#define SEAL "ARC-Seal"

enum { SHOWN = 60 };

static const char *const words[] = {"none", "pass", "fail"};

const char *arc_state_word(enum arc_state s)
{
    return words[s];
}

bool arc_state_parse(struct span word, enum arc_state *s)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_equal_nocase(word, span_of(words[i]))) {
            *s = (enum arc_state)i;
            return true;
        }
    return false;
}

/* ---- each field to its place */

static struct header_field *place_of(struct arc_set *s, struct span name)
{
    return span_equal_nocase(name, SPAN(SEAL))      ? &s->seal_field
           : span_equal_nocase(name, SPAN(MESSAGE)) ? &s->message_field
           : span_equal_nocase(name, SPAN(RESULTS)) ? &s->results_field
                                                    : NULL;
}

static bool take_instance(const struct header_field *f, uint64_t *instance, struct error *e)
{
    struct tag_list tags;
    struct span rest;
    if (span_equal_nocase(f->name, SPAN(RESULTS)))
        return (authres_take_instance(f->value, instance, &rest) && *instance) ||
               error_set(e, "an " RESULTS " does not begin with its place in the chain (i=)");
    if (!tag_list_parse(&tags, f->value, e))
        return false;
    const struct tag *i = tag_list_find(&tags, "i");
    return (i && i->value.len <= 2 && span_to_u64(i->value, 99, instance) && *instance) ||
           error_set(e, "an %.*s does not tell its place in the chain (i=)", SPAN_F(f->name));
}

static bool put(struct arc_chain *c, const struct header_field *f, struct error *e)
{
    uint64_t instance = 0;
    if (!take_instance(f, &instance, e))
        return false;
    if (instance > ARC_MOST_SETS)
        return error_set(e, "it has more than %d sets", ARC_MOST_SETS);
    if (instance > c->count)
        c->count = instance;
    struct header_field *place = place_of(&c->sets[instance - 1], f->name);
    if (place->name.len)
        return error_set(e, "%.*s %d is there twice", SPAN_F(f->name), (int)instance);
    *place = *f;
    return true;
}

/* Goes on after a field that is wrong: how long the chain is counts, too. */
static bool place_all(struct arc_chain *c, struct span header, struct arena *a, struct error *e)
{
    struct header_iterator it = header_start(header);
    struct header_field f;
    struct arc_set unused;
    struct error other;
    bool is_fine = true;
    while (header_next(&it, &f) == 1) {
        if (!place_of(&unused, f.name))
            continue;
        if (!c->sets)
            c->sets = arena_new(a, ARC_MOST_SETS * sizeof *c->sets);
        is_fine &= put(c, &f, is_fine ? e : &other);
    }
    return is_fine;
}

/* ---- each set */

/* cv=, whose case counts. */
static bool take_before(struct arc_set *s)
{
    struct tag_list tags;
    struct error e;
    const struct tag *cv =
        tag_list_parse(&tags, s->seal_field.value, &e) ? tag_list_find(&tags, "cv") : NULL;
    return cv && arc_state_parse(cv->value, &s->before) &&
           span_equal(cv->value, span_of(words[s->before]));
}

static bool has_all(const struct arc_set *s, int n, struct error *e)
{
    const char *missing = !s->results_field.name.len   ? RESULTS
                          : !s->message_field.name.len ? MESSAGE
                          : !s->seal_field.name.len    ? SEAL
                                                       : NULL;
    return !missing || error_set(e, "set %d lacks its %s", n, missing);
}

static bool fits_in(struct arc_set *s, size_t index, struct error *e)
{
    int n = (int)index + 1;
    if (!has_all(s, n, e))
        return false;
    if (!take_before(s))
        return error_set(e, "seal %d does not tell how the chain was before it (cv=)", n);
    if (s->before == ARC_FAIL)
        return error_set(e, "seal %d says that it was broken before (cv=fail)", n);
    if ((s->before == ARC_NONE) != (index == 0))
        return error_set(e, "seal %d says cv=%s, which can't be there", n, words[s->before]);
    return true;
}

static bool read_set(struct arc_set *s, int n, struct arena *a, struct error *e)
{
    struct error why;
    uint64_t instance;
    if (!arc_seal_parse(&s->seal, &s->seal_field, a, &why))
        return error_set(e, "seal %d can't be read: %.300s", n, why.text);
    if (!arc_message_signature_parse(&s->message, &s->message_field, a, &why))
        return error_set(e, "message signature %d can't be read: %.300s", n, why.text);
    return authres_take_instance(s->results_field.value, &instance, &s->results);
}

/* RFC 8617 5.2, steps 2 and 3. */
bool arc_chain_read(struct arc_chain *c, struct span header, struct arena *a, struct error *e)
{
    *c = (struct arc_chain){0};
    bool is_fine = place_all(c, header, a, e);
    struct arc_set *newest = c->count ? &c->sets[c->count - 1] : NULL;
    c->has_ended =
        newest && newest->seal_field.name.len && take_before(newest) && newest->before == ARC_FAIL;
    if (c->has_ended)
        return error_set(e, "seal %d says that it was broken before (cv=fail)", (int)c->count);
    for (size_t i = 0; i < c->count; i++)
        is_fine = is_fine && fits_in(&c->sets[i], i, e);
    for (size_t i = 0; i < c->count; i++)
        is_fine = is_fine && read_set(&c->sets[i], (int)i + 1, a, e);
    return is_fine;
}

void arc_add_sealed(struct buffer *out, const struct arc_chain *c, size_t index)
{
    for (size_t i = 0; i <= index; i++) {
        const struct arc_set *s = &c->sets[i];
        dkim_add_field(out, &s->results_field, true);
        dkim_add_field(out, &s->message_field, true);
        if (i < index)
            dkim_add_field(out, &s->seal_field, true);
        else
            dkim_add_itself(out, &s->seal);
    }
}
