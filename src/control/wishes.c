#include "control/wishes.h"

#include "mail/date.h"

void wishes_add_words(struct buffer *out, const struct envelope *e, int offset_minutes)
{
    const struct mail_parameters *p = &e->parameters;
    if (p->release_ms > e->accepted_ms) {
        buffer_add_text(out, "; held until ");
        date_add_words(out, p->release_ms, offset_minutes);
        buffer_add_text(out, ", as its sender asked");
    }
    if (p->priority)
        buffer_printf(out, "; its priority is %d (MT-PRIORITY)", p->priority);
    if (p->requires_tls)
        buffer_add_text(out, "; to be encrypted on its whole way (REQUIRETLS)");
    if (e->needs_no_tls)
        buffer_add_text(out, "; also without encryption (TLS-Required: No)");
}

void wishes_add_json(struct json *j, const struct envelope *e)
{
    if (e->parameters.priority)
        json_number(j, "priority", e->parameters.priority);
    if (e->parameters.requires_tls)
        json_bool(j, "requires_tls", true);
    if (e->parameters.release_ms)
        json_number(j, "release_ms", e->parameters.release_ms);
    if (e->needs_no_tls)
        json_bool(j, "needs_no_tls", true);
}
