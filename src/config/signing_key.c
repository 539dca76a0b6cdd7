#include "config/signing_key.h"

#include "base/visible.h"
#include "config/target.h"
#include "mail/address.h"

static struct span lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return span_make(at, s.len);
}

bool signing_key_parse(const struct span *words, size_t count, struct signing_key *k,
                       struct arena *a, struct error *problem)
{
    enum { LONGEST_SHOWN = 60 };
    static const char how[] = "dkim-key example.org s1 /etc/plainpost/s1.pem";
    if (count != 3 || !words[2].len)
        return error_set(problem,
                         "dkim-key takes three words: a domain, the key's selector in the DNS, "
                         "and the file of the private key. Write it as %s",
                         how);
    for (size_t i = 0; i < 2; i++)
        if (!domain_is_valid(words[i], false, false)) {
            struct buffer shown = BUFFER_EMPTY;
            visible_add(&shown, words[i], LONGEST_SHOWN);
            error_set(problem, "\"%s\" is no %s. Write it as %s", buffer_text(&shown),
                      i ? "selector" : "domain", how);
            buffer_free(&shown);
            return false;
        }
    *k = (struct signing_key){lower(a, words[0]), lower(a, words[1]), arena_copy(a, words[2])};
    return true;
}

bool signing_key_is_same_name(const struct signing_key *a, const struct signing_key *b)
{
    return span_equal(a->domain, b->domain) && span_equal(a->selector, b->selector);
}

void signing_key_print(struct buffer *out, const struct signing_key *k)
{
    buffer_printf(out, "%.*s %.*s ", SPAN_F(k->domain), SPAN_F(k->selector));
    word_print(out, k->file);
}
