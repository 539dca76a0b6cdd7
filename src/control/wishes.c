#include "control/wishes.h"

void wishes_add_words(struct buffer *out, const struct envelope *e)
{
    if (e->parameters.requires_tls)
        buffer_add_text(out, "; to be encrypted on its whole way (REQUIRETLS)");
    if (e->needs_no_tls)
        buffer_add_text(out, "; also without encryption (TLS-Required: No)");
}

void wishes_add_json(struct json *j, const struct envelope *e)
{
    if (e->parameters.requires_tls)
        json_bool(j, "requires_tls", true);
    if (e->needs_no_tls)
        json_bool(j, "needs_no_tls", true);
}
