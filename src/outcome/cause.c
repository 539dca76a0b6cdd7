#include "outcome/phrases.h"

enum { LONGEST_TEXT = 4096 };

/* The longest phrase in the text: the most specific one. NULL when there is none. */
static const struct phrase *find_phrase(struct span words)
{
    const struct phrase *best = NULL;
    unsigned state = 0;
    bool after_blank = false;
    words = span_first(words, LONGEST_TEXT);
    for (size_t i = 0; i < words.len; i++) {
        char c = ascii_lower(words.at[i]);
        bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (is_blank && after_blank)
            continue;
        after_blank = is_blank;
        unsigned char class = phrases_class[is_blank ? ' ' : (unsigned char)c];
        state = phrases_next[state * phrases_classes + class];
        if (phrases_end[state] >= 0 && (!best || phrases[phrases_end[state]].length > best->length))
            best = &phrases[phrases_end[state]];
    }
    return best;
}

/* The enhanced codes that say something: RFC 3463 and the registry of RFC 5248. The first row that
 * fits; detail ANY stands for the rest of a subject. */
enum { ANY = 0xFFFF };

static const struct {
    uint16_t subject, detail;
    struct cause_found means;
} by_status[] = {
    {1, 1, {CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE}},
    {1, 2, {CAUSE_DOMAIN_NOT_FOUND, VARIANT_NONE}},
    {1, 3, {CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE}},
    {1, 6, {CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE}},
    {1, 7, {CAUSE_BLOCKED_POLICY, VARIANT_SENDER_REFUSED}},
    {1, 8, {CAUSE_BLOCKED_POLICY, VARIANT_SENDER_REFUSED}},
    {1, 10, {CAUSE_DOMAIN_NOT_FOUND, VARIANT_NONE}},
    {2, 1, {CAUSE_ACCOUNT_DISABLED, VARIANT_NONE}},
    {2, 2, {CAUSE_INBOX_FULL, VARIANT_NONE}},
    {2, 3, {CAUSE_MESSAGE_TOO_LARGE, VARIANT_NONE}},
    {3, 1, {CAUSE_SERVER_PROBLEM, VARIANT_STORAGE}},
    {3, 4, {CAUSE_MESSAGE_TOO_LARGE, VARIANT_NONE}},
    {3, ANY, {CAUSE_SERVER_PROBLEM, VARIANT_NONE}},
    {4, 1, {CAUSE_COULD_NOT_REACH, VARIANT_NONE}},
    {4, 2, {CAUSE_COULD_NOT_REACH, VARIANT_NONE}},
    {4, 3, {CAUSE_COULD_NOT_REACH, VARIANT_DNS}},
    {4, 4, {CAUSE_DOMAIN_NOT_FOUND, VARIANT_NONE}},
    {4, 6, {CAUSE_LOOP, VARIANT_NONE}},
    {4, 7, {CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED}},
    {4, ANY, {CAUSE_COULD_NOT_REACH, VARIANT_NONE}},
    {5, 3, {CAUSE_TOO_MANY, VARIANT_RECIPIENTS}},
    {5, ANY, {CAUSE_SERVER_PROBLEM, VARIANT_NONE}},
    {6, ANY, {CAUSE_SERVER_PROBLEM, VARIANT_FORMAT}},
    {7, 8, {CAUSE_RELAY_DENIED, VARIANT_LOGIN_REQUIRED}},
    {7, 9, {CAUSE_RELAY_DENIED, VARIANT_LOGIN_REQUIRED}},
    {7, 20, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 21, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 22, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 23, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 24, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 25, {CAUSE_BLOCKED_REPUTATION, VARIANT_NONE}},
    {7, 26, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 28, {CAUSE_TOO_MANY, VARIANT_RATE}},
    {7, 29, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 30, {CAUSE_BLOCKED_POLICY, VARIANT_TLS_REQUIRED}},
    {7, ANY, {CAUSE_BLOCKED_POLICY, VARIANT_NONE}},
};

static bool find_status(struct status s, struct cause_found *found)
{
    if (s.class != 4 && s.class != 5)
        return false;
    for (size_t i = 0; i < sizeof by_status / sizeof *by_status; i++)
        if (by_status[i].subject == s.subject &&
            (by_status[i].detail == s.detail || by_status[i].detail == ANY)) {
            *found = by_status[i].means;
            return true;
        }
    return false;
}

/* A bare reply code says little (RFC 5321 4.2.3): only these say anything. */
static struct cause_found find_code(int code)
{
    switch (code) {
    case 452:
        return (struct cause_found){CAUSE_SERVER_PROBLEM, VARIANT_STORAGE};
    case 530:
        return (struct cause_found){CAUSE_RELAY_DENIED, VARIANT_LOGIN_REQUIRED};
    case 553:
        return (struct cause_found){CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE};
    case 421:
        return (struct cause_found){CAUSE_COULD_NOT_REACH, VARIANT_NONE};
    case 451:
        return (struct cause_found){CAUSE_SERVER_PROBLEM, VARIANT_NONE};
    default:
        return (struct cause_found){CAUSE_UNKNOWN, VARIANT_NONE};
    }
}

struct cause_found cause_find(int code, struct status status, struct span words)
{
    struct cause_found found;
    const struct phrase *phrase = find_phrase(words);
    if (phrase)
        return phrase->means;
    return find_status(status, &found) ? found : find_code(code);
}
