#include "config/match.h"

#include "mail/address.h"

static const struct span of_sender = SPAN("from:");

bool match_is_valid(struct span match)
{
    if (span_equal(match, SPAN("*")))
        return true;
    if (span_starts_nocase(match, of_sender))
        match = span_skip(match, of_sender.len);
    if (span_find_char(match, '@') != SPAN_NOT_FOUND)
        return address_check(match, true) == ADDRESS_OK;
    return domain_is_valid(span_starts(match, SPAN("*.")) ? span_skip(match, 2) : match, true,
                           false);
}

bool match_is_of_sender(struct span match)
{
    return span_starts_nocase(match, of_sender);
}

static bool has(struct span match, struct span address)
{
    struct span domain = address_domain(address);
    if (span_equal(match, SPAN("*")))
        return true;
    if (span_starts(match, SPAN("*.")))
        return span_ends_nocase(domain, span_skip(match, 1));
    return span_find_char(match, '@') != SPAN_NOT_FOUND ? address_equal(match, address)
                                                        : span_equal_nocase(match, domain);
}

bool match_any(const struct span *matches, size_t count, struct span sender, struct span recipient)
{
    bool any = false;
    for (size_t i = 0; i < count && !any; i++)
        any = match_is_of_sender(matches[i])
                  ? has(span_skip(matches[i], of_sender.len), sender)
                  : has(matches[i], recipient);
    return any;
}
