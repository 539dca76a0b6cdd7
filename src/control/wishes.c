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
    if (p->by) {
        buffer_add_text(out, p->by == BY_RETURN
                                 ? "; to be returned if it does not arrive by "
                                 : "; its sender is to be told if it does not arrive by ");
        date_add_words(out, p->by_ms, offset_minutes);
        buffer_add_text(out, " (DELIVERBY)");
    }
    if (p->by_trace)
        buffer_add_text(out, "; its sender wants to hear where it is passed on");
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
    if (e->parameters.by) {
        json_number(j, "deliver_by_ms", e->parameters.by_ms);
        json_text(j, "deliver_by", e->parameters.by == BY_RETURN ? SPAN("return") : SPAN("notify"));
        if (e->parameters.by_trace)
            json_bool(j, "trace_relays", true);
    }
    if (e->needs_no_tls)
        json_bool(j, "needs_no_tls", true);
}
