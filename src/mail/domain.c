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
