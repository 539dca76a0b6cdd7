#include "outcome/hidden.h"

#include "mail/address.h"
#include "mail/domain.h"

/* Hidden addresses in all the forms in which they are looked for. */
struct hidden {
    struct span local; /* without quotes */
    struct span domain;
    struct span ascii; /* the domain, as the DNS has it; empty: the same */
};

/* Of what may go on to the left or right of an address, and make it another one. */
static bool goes_on(char c)
{
    return ascii_is_alnum(c) || (c & 0x80) || c == '-' || c == '_' || c == '+' || c == '%';
}

static bool begins_here(struct span words, size_t at)
{
    if (!at)
        return true;
    char before = words.at[at - 1];
    return !goes_on(before) && (before != '.' || at < 2 || !goes_on(words.at[at - 2]));
}

static bool ends_here(struct span rest)
{
    if (!rest.len)
        return true;
    return !goes_on(rest.at[0]) && (rest.at[0] != '.' || rest.len < 2 || !goes_on(rest.at[1]));
}

/* "@", and how it is written in an URL and in xtext (RFC 3461 4). */
static size_t at_sign(struct span s)
{
    static const struct span forms[] = {SPAN("@"), SPAN("%40"), SPAN("+40"), SPAN("=40")};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (span_starts(s, forms[i]))
            return forms[i].len;
    return 0;
}

static size_t domain_here(struct span s, const struct hidden *h)
{
    const struct span forms[] = {h->domain, h->ascii};
    for (size_t i = 0; i < 2; i++)
        if (forms[i].len && span_starts_nocase(s, forms[i]) &&
            (!goes_on(forms[i].at[forms[i].len - 1]) || ends_here(span_skip(s, forms[i].len))))
            return forms[i].len; /* behind "]" it ends whatever follows */
    return 0;
}

/* The length of the address at the start of `s`; 0: it is not there. */
static size_t address_here(struct span s, const struct hidden *h)
{
    size_t quote = s.len && s.at[0] == '"';
    struct span rest = span_skip(s, quote);
    if (!span_starts_nocase(rest, h->local))
        return 0;
    rest = span_skip(rest, h->local.len);
    if (quote && (!rest.len || rest.at[0] != '"'))
        return 0;
    rest = span_skip(rest, quote);
    size_t sign = at_sign(rest);
    size_t domain = sign ? domain_here(span_skip(rest, sign), h) : 0;
    return domain ? h->local.len + 2 * quote + sign + domain : 0;
}

/* "carol" of `"carol"`, `'carol'` and `<carol>`: the character before it is at hand. */
static size_t name_here(struct span words, size_t at, const struct hidden *h)
{
    struct span rest = span_skip(words, at);
    if (!at || !span_starts_nocase(rest, h->local) || rest.len == h->local.len)
        return 0;
    char before = words.at[at - 1], behind = rest.at[h->local.len];
    bool is_enclosed =
        before == '<' ? behind == '>' : (before == '"' || before == '\'') && behind == before;
    return is_enclosed ? h->local.len : 0;
}

/* `kept`: where the mention before it ended. */
static size_t mention_at(struct span words, size_t at, size_t kept, const struct hidden *h)
{
    bool begins = begins_here(span_skip(words, kept), at - kept);
    size_t len = begins ? address_here(span_skip(words, at), h) : 0;
    return len ? len : name_here(words, at, h);
}

static struct hidden hidden_of(struct span address, struct arena *a)
{
    struct hidden h = {.local = address_local(address), .domain = address_domain(address)};
    bool is_quoted = h.local.len > 2 && h.local.at[0] == '"' && h.local.at[h.local.len - 1] == '"';
    if (is_quoted)
        h.local = span_first(span_skip(h.local, 1), h.local.len - 2);
    if (address_is_ascii(h.domain) || !domain_to_ascii(h.domain, &h.ascii, a))
        h.ascii = SPAN_NONE;
    return h;
}

struct span words_without(struct span words, struct span hidden, struct span shown, struct arena *a)
{
    struct hidden h = hidden_of(hidden, a);
    struct buffer out = BUFFER_EMPTY;
    size_t kept = 0;
    for (size_t at = 0; h.local.len && at < words.len;) {
        size_t len = mention_at(words, at, kept, &h);
        if (!len) {
            at++;
            continue;
        }
        buffer_add(&out, words.at + kept, at - kept);
        buffer_printf(&out, "[%.*s]", SPAN_F(shown));
        kept = at += len;
    }
    if (!kept)
        return words;
    buffer_add_span(&out, span_skip(words, kept));
    struct span result = arena_copy(a, buffer_span(&out));
    buffer_free(&out);
    return result;
}

struct span words_for_sender(const struct envelope *e, size_t recipient, struct span words,
                             struct arena *a)
{
    size_t as = envelope_told_as(e, recipient);
    for (size_t i = recipient; i != as; i = e->recipients[i].parent - 1)
        words = words_without(words, e->recipients[i].address, e->recipients[as].address, a);
    return words;
}
