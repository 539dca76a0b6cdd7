#include "config/forwarder.h"

#include "mail/address.h"
#include "mail/host_name.h"

static struct span lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return span_make(at, s.len);
}

bool forwarder_parse(struct span word, struct forwarder *f, struct arena *a)
{
    *f = (struct forwarder){.domain = SPAN_NONE};
    if (network_parse(word, &f->network))
        return true;
    f->domain = lower(a, word);
    return domain_is_valid(word, false, false);
}

void forwarder_print(struct buffer *out, const struct forwarder *f)
{
    if (f->domain.len)
        buffer_add_span(out, f->domain);
    else
        network_print(out, &f->network);
}

bool forwarder_has_domain(const struct forwarder *f, struct span domain)
{
    return host_name_is_within(domain, f->domain);
}
