#include "bounce/providers.h"

#include "bounce/tables.h"
#include "mail/host_name.h"

const struct provider *provider_at(size_t i)
{
    return i < providers_count ? &providers[i] : NULL;
}

/* "yahoo.*" is any domain whose first label is yahoo, with at most two behind it: yahoo.co.uk. */
static bool matches_any_ending(struct span domain, struct span first)
{
    struct span rest = span_skip(domain, first.len);
    return span_starts_nocase(domain, first) && rest.len > 1 && rest.at[0] == '.' &&
           span_find_char(rest, '@') == SPAN_NOT_FOUND && rest.len <= 7;
}

static bool has_domain(const struct provider *p, struct span domain)
{
    struct span rest = span_of(p->domains);
    for (struct span one; (one = span_word(&rest)).len;)
        if (span_ends_nocase(one, SPAN(".*"))
                ? matches_any_ending(domain, span_first(one, one.len - 2))
                : span_equal_nocase(domain, one))
            return true;
    return false;
}

static bool has_host(const struct provider *p, struct span host)
{
    struct span rest = span_of(p->hosts);
    for (struct span one; (one = span_word(&rest)).len;)
        if (host_name_is_within(host, one))
            return true;
    return false;
}

const struct provider *provider_of_address(struct span address)
{
    struct span domain = SPAN_NONE;
    for (size_t i = address.len; i-- && !domain.len;)
        if (address.at[i] == '@')
            domain = span_skip(address, i + 1);
    for (size_t i = 0; domain.len && i < providers_count; i++)
        if (has_domain(&providers[i], domain))
            return &providers[i];
    return NULL;
}

const struct provider *provider_of_host(struct span host)
{
    for (size_t i = 0; host.len && i < providers_count; i++)
        if (has_host(&providers[i], host))
            return &providers[i];
    return NULL;
}
