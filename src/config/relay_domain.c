#include "config/relay_domain.h"

#include "base/visible.h"
#include "config/target.h"
#include "mail/address.h"

static bool is_domain(struct span s)
{
    return domain_is_valid(span_starts(s, SPAN("*.")) ? span_skip(s, 2) : s, true, false);
}

static bool parse_ask(const struct span *words, size_t count, struct relay_domain *r)
{
    r->check = RELAY_ASK;
    if (!count)
        return true;
    r->accepts_unknown = count == 2 && span_equal(words[1], SPAN("accept"));
    return count == 2 && span_equal(words[0], SPAN("else")) &&
           (r->accepts_unknown || span_equal(words[1], SPAN("defer")));
}

static bool parse_check(const struct span *words, size_t count, struct relay_domain *r,
                        struct arena *a)
{
    if (span_equal(words[0], SPAN("ask")))
        return parse_ask(words + 1, count - 1, r);
    r->check = count == 2 ? RELAY_RECIPIENTS : RELAY_ANY;
    if (count == 2)
        r->recipients = arena_copy(a, words[1]);
    return count == 2 ? span_equal(words[0], SPAN("recipients")) && words[1].len
                      : count == 1 && span_equal(words[0], SPAN("any"));
}

bool relay_domain_parse(const struct span *words, size_t count, struct relay_domain *r,
                        struct arena *a, struct error *problem)
{
    static const char how[] = "relay-domain example.org recipients /path/of/table, relay-domain "
                              "example.org ask, or relay-domain example.org any";
    *r = (struct relay_domain){0};
    if (!is_domain(words[0])) {
        struct buffer shown = BUFFER_EMPTY;
        visible_add(&shown, words[0], 60);
        error_set(problem, "\"%s\" is no domain; write it as %s", buffer_text(&shown), how);
        buffer_free(&shown);
        return false;
    }
    if (count < 2 || !parse_check(words + 1, count - 1, r, a))
        return error_set(problem,
                         "behind the domain stands who of it gets mail: recipients and a table, "
                         "ask, ask else accept, or any. Write it as %s",
                         how);
    char *match = arena_new(a, words[0].len + 1);
    for (size_t i = 0; i < words[0].len; i++)
        match[i] = ascii_lower(words[0].at[i]);
    r->match = span_make(match, words[0].len);
    return true;
}

void relay_domain_print(struct buffer *out, const struct relay_domain *r)
{
    buffer_add_span(out, r->match);
    switch (r->check) {
    case RELAY_ANY:
        buffer_add_text(out, " any");
        break;
    case RELAY_ASK:
        buffer_add_text(out, r->accepts_unknown ? " ask else accept" : " ask");
        break;
    case RELAY_RECIPIENTS:
        buffer_add_text(out, " recipients ");
        word_print(out, r->recipients);
        break;
    }
}
