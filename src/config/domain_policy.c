#include "config/domain_policy.h"

#include "base/visible.h"
#include "mail/address.h"

static const char *const policies[] = {"off", "note", "refuse"};
enum { COUNT_OF_POLICIES = sizeof policies / sizeof *policies };

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

static bool fail(struct error *problem, const char *option, const char *what)
{
    return error_set(problem, "%s. Write it as %s example.org refuse, or: %s * note", what, option,
                     option);
}

bool domain_policy_parse(const char *option, const struct span *words, size_t count,
                         struct domain_policy *x, struct arena *a, struct error *problem)
{
    enum { LONGEST_SHOWN = 60 };
    struct buffer what = BUFFER_EMPTY;
    size_t policy = 0;
    if (count == 2)
        while (policy < COUNT_OF_POLICIES && !span_equal(words[1], span_of(policies[policy])))
            policy++;
    if (count != 2) {
        buffer_printf(&what, "%s takes two words: a domain, and off, note or refuse", option);
    } else if (!is_match(words[0])) {
        buffer_add_char(&what, '"');
        visible_add(&what, words[0], LONGEST_SHOWN);
        buffer_add_text(&what, "\" is no domain");
    } else if (policy == COUNT_OF_POLICIES) {
        buffer_add_text(&what, "behind the domain stands off, note or refuse");
    } else {
        x->match = lower(a, words[0]);
        x->policy = (enum domain_policy_word)policy;
    }
    bool ok = !what.len || fail(problem, option, buffer_text(&what));
    buffer_free(&what);
    return ok;
}

void domain_policy_print(struct buffer *out, const struct domain_policy *x)
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

enum domain_policy_word domain_policy_of(const struct domain_policy *all, size_t count,
                                         struct span domain)
{
    enum domain_policy_word policy = POLICY_NOTE;
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
