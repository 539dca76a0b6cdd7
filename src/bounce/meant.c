#include "bounce/meant.h"

#include "base/slip.h"
#include "bounce/providers.h"
#include "mail/address.h"

enum { LONGEST_DOMAIN = 64, SHORTEST_DOMAIN = 8, SHORTEST_LABEL = 5 };
enum { LONGEST_PART = 255, SHORTEST_PART = 3 };

static bool take(struct buffer *out, struct span name, struct span ending)
{
    buffer_add_span(out, name);
    buffer_add_span(out, ending);
    return true;
}

/* "yahoo.*": a wrong name with an ending of its own, or the right one with a wrong ".com". */
static bool is_near_any_ending(struct buffer *out, struct span name, struct span domain)
{
    size_t dot = span_find_char(domain, '.');
    if (name.len < SHORTEST_LABEL || dot == SPAN_NOT_FOUND)
        return false;
    if (is_one_slip(span_first(domain, dot), name))
        return take(out, name, span_skip(domain, dot));
    return span_equal(span_first(domain, dot), name) &&
           is_one_slip(span_skip(domain, dot), SPAN(".com")) && take(out, name, SPAN(".com"));
}

static bool is_near(struct buffer *out, const struct provider *p, struct span domain)
{
    struct span rest = span_of(p->domains);
    for (struct span one; (one = span_word(&rest)).len;)
        if (span_ends_nocase(one, SPAN(".*"))
                ? is_near_any_ending(out, span_first(one, one.len - 2), domain)
                : one.len >= SHORTEST_DOMAIN && is_one_slip(domain, one) &&
                      take(out, one, SPAN_NONE))
            return true;
    return false;
}

bool address_meant(struct buffer *out, struct span address)
{
    char small[LONGEST_DOMAIN];
    struct span domain = address_domain(address);
    size_t before = out->len;
    if (!domain.len || domain.len > LONGEST_DOMAIN)
        return false;
    for (size_t i = 0; i < domain.len; i++)
        small[i] = ascii_lower(domain.at[i]);
    buffer_add(out, address.at, address.len - domain.len);
    const struct provider *p;
    for (size_t i = 0; (p = provider_at(i)); i++)
        if (is_near(out, p, span_make(small, domain.len)))
            return true;
    out->len = before;
    return false;
}

static bool is_near_nocase(struct span a, struct span b)
{
    char x[LONGEST_PART], y[LONGEST_PART];
    if (a.len > LONGEST_PART || b.len > LONGEST_PART || a.len < SHORTEST_PART ||
        b.len < SHORTEST_PART)
        return false;
    for (size_t i = 0; i < a.len; i++)
        x[i] = ascii_lower(a.at[i]);
    for (size_t i = 0; i < b.len; i++)
        y[i] = ascii_lower(b.at[i]);
    return is_one_slip(span_make(x, a.len), span_make(y, b.len));
}

bool address_is_near(struct span wrong, struct span known)
{
    struct span local = address_local(wrong), domain = address_domain(wrong);
    struct span known_local = address_local(known), known_domain = address_domain(known);
    if (span_equal_nocase(local, known_local))
        return is_near_nocase(domain, known_domain);
    return span_equal_nocase(domain, known_domain) && is_near_nocase(local, known_local);
}
