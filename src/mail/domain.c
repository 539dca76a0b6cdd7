#include "mail/domain.h"

#include "mail/address.h"

#include <idn2.h>
#include <string.h>

bool domain_to_ascii(struct span domain, struct span *ascii, struct arena *a)
{
    char *found = NULL;
    if (address_is_ascii(domain)) {
        *ascii = domain;
        return true;
    }
    if (idn2_to_ascii_8z(arena_text(a, domain), &found, IDN2_NONTRANSITIONAL) != IDN2_OK)
        return false;
    *ascii = arena_copy(a, span_of(found));
    idn2_free(found);
    return domain_is_valid(*ascii, false,
                           false); /* what is left may have an empty label, or a "/" */
}

bool domain_to_lower_ascii(struct span domain, struct span *ascii, struct arena *a)
{
    struct span found;
    if (!domain_to_ascii(domain, &found, a))
        return false;
    char *lower = arena_new(a, found.len + 1);
    for (size_t i = 0; i < found.len; i++)
        lower[i] = ascii_lower(found.at[i]);
    *ascii = span_make(lower, found.len);
    return true;
}

static bool has_other_letters(struct span domain)
{
    while (domain.len)
        if (span_starts_nocase(span_cut(&domain, '.'), SPAN("xn--")))
            return true;
    return false;
}

struct span domain_to_unicode(struct span domain, struct arena *a)
{
    char *found = NULL;
    if (!has_other_letters(domain) ||
        idn2_to_unicode_8z8z(arena_text(a, domain), &found, 0) != IDN2_OK)
        return domain;
    struct span unicode = arena_copy(a, span_of(found));
    idn2_free(found);
    return unicode;
}
