#include "auth/organization.h"

#include "mail/domain.h"
#include "mail/host_name.h"

#include <libpsl.h>

static bool to_plain(struct span domain, struct span *plain, struct arena *a)
{
    struct span ascii;
    if (!domain.len || !domain_to_ascii(domain, &ascii, a))
        return false;
    char *lower = arena_new(a, ascii.len + 1);
    for (size_t i = 0; i < ascii.len; i++)
        lower[i] = ascii_lower(ascii.at[i]);
    *plain = span_make(lower, ascii.len);
    return true;
}

struct span organization_of(struct span domain, struct arena *a)
{
    struct span plain;
    if (!to_plain(domain, &plain, a))
        return SPAN_NONE;
    return span_of(psl_registrable_domain(psl_builtin(), plain.at));
}

bool organization_signs_for(struct span signer, struct span domain, struct arena *a)
{
    struct span below, above;
    return to_plain(domain, &below, a) && to_plain(signer, &above, a) &&
           host_name_is_within(below, above) &&
           host_name_is_within(above, organization_of(below, a));
}
