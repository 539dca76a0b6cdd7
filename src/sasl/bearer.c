/* Fields are "key=value" with ^A behind each, and one more ^A at the end of all. */
#include "sasl/bearer.h"

enum { SEPARATOR = 1 };

const struct span bearer_refusal = SPAN("{\"status\":\"invalid_token\"}");

/* RFC 6750 2.1: b64token; what stands in it passes to others, so nothing else may. */
static bool is_token(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~')
            return false;
    return s.len > 0 && s.len <= BEARER_LONGEST;
}

static bool take_token(struct span value, struct bearer *b)
{
    struct span rest = value, word = span_word(&rest);
    b->token = span_trim(rest);
    return span_equal_nocase(word, SPAN("Bearer")) && is_token(b->token);
}

/* `first`: the field that stands before "auth"; where it is absent, any may. */
static bool parse_fields(struct span rest, struct bearer *b)
{
    bool has_token = false;
    while (rest.len && rest.at[0] != SEPARATOR) {
        if (span_find_char(rest, SEPARATOR) == SPAN_NOT_FOUND)
            return false;
        struct span value = span_cut(&rest, SEPARATOR), key = span_cut(&value, '=');
        if (!span_equal_nocase(key, SPAN("auth")))
            continue;
        if (has_token || !take_token(value, b))
            return false;
        has_token = true;
    }
    return has_token && rest.len == 1;
}

bool oauthbearer_parse(struct span message, struct bearer *b)
{
    struct span rest = message, flag = span_cut(&rest, ','), authzid = span_cut(&rest, ',');
    *b = (struct bearer){SPAN_NONE, SPAN_NONE};
    bool is_bound = span_starts(flag, SPAN("p=")); /* RFC 7628 has no way to bind */
    if (is_bound || !(span_equal(flag, SPAN("n")) || span_equal(flag, SPAN("y"))))
        return false;
    if (authzid.len && !span_starts(authzid, SPAN("a=")))
        return false;
    b->authzid = span_skip(authzid, 2);
    return rest.len && rest.at[0] == SEPARATOR && parse_fields(span_skip(rest, 1), b);
}

bool xoauth2_parse(struct span message, struct bearer *b)
{
    struct span rest = message, user = span_cut(&rest, SEPARATOR);
    *b = (struct bearer){SPAN_NONE, SPAN_NONE};
    if (!span_starts(user, SPAN("user=")))
        return false;
    b->authzid = span_skip(user, 5);
    return b->authzid.len && parse_fields(rest, b);
}
