#include "config/authenticate.h"

#include "base/visible.h"
#include "mail/address.h"

static const char *const policies[] = {"off", "note", "refuse"};

static struct span lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return span_make(at, s.len);
}

static bool is_match(struct span s)
{
    return span_equal(s, SPAN("*")) ||
           domain_is_valid(span_starts(s, SPAN("*.")) ? span_skip(s, 2) : s, true, false);
}

bool authenticate_parse(const struct span *words, size_t count, struct authenticate *x,
                        struct arena *a, struct error *problem)
{
    enum { LONGEST_SHOWN = 60 };
    static const char how[] = "authenticate example.org refuse, or: authenticate * note";
    if (count != 2)
        return error_set(problem,
                         "authenticate takes two words: a domain, and off, note or refuse. Write "
                         "it as %s",
                         how);
    if (!is_match(words[0])) {
        struct buffer shown = BUFFER_EMPTY;
        visible_add(&shown, words[0], LONGEST_SHOWN);
        error_set(problem, "\"%s\" is no domain. Write it as %s", buffer_text(&shown), how);
        buffer_free(&shown);
        return false;
    }
    x->match = lower(a, words[0]);
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
        if (span_equal(words[1], span_of(policies[i]))) {
            x->policy = (enum authenticate_policy)i;
            return true;
        }
    return error_set(problem, "behind the domain stands off, note or refuse. Write it as %s", how);
}

void authenticate_print(struct buffer *out, const struct authenticate *x)
{
    buffer_printf(out, "%.*s %s", SPAN_F(x->match), policies[x->policy]);
}

/* How well a line fits: 0, it does not; the longer the name it has, the better. */
static size_t fit(struct span match, struct span domain)
{
    if (span_equal(match, SPAN("*")))
        return 1;
    if (span_starts(match, SPAN("*.")))
        return span_ends_nocase(domain, span_skip(match, 1)) ? match.len : 0;
    return span_equal_nocase(match, domain) ? SIZE_MAX : 0;
}

enum authenticate_policy authenticate_policy_for(const struct authenticate *all, size_t count,
                                                 struct span domain)
{
    enum authenticate_policy policy = AUTHENTICATE_NOTE;
    size_t best = 0;
    for (size_t i = 0; i < count; i++) {
        size_t this = fit(all[i].match, domain);
        if (this > best) {
            best = this;
            policy = all[i].policy;
        }
    }
    return policy;
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
    size_t above = domain.len - f->domain.len;
    return f->domain.len && domain.len >= f->domain.len && span_ends_nocase(domain, f->domain) &&
           (!above || domain.at[above - 1] == '.');
}
