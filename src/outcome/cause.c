#include "outcome/phrases.h"

enum { LONGEST_TEXT = 4096 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "550-5.7.26 ", "550 ": the code with which a further line of a reply begins stands in the middle
 * of a sentence. Its length with the blank behind it, or 0. */
static size_t code_length(struct span at)
{
    struct status s;
    if (at.len < 5 || (at.at[0] != '4' && at.at[0] != '5') || !ascii_is_digit(at.at[1]) ||
        !ascii_is_digit(at.at[2]) || (at.at[3] != '-' && !is_blank(at.at[3])))
        return 0;
    size_t len = 4;
    while (at.at[3] != '-' && len < at.len && is_blank(at.at[len]))
        len++;
    struct span word = span_skip(at, len);
    size_t end = 0;
    while (end < word.len && !is_blank(word.at[end]))
        end++;
    word = span_first(word, end);
    if (!status_parse(&word, &s))
        return at.at[3] == '-' && is_blank(at.at[4]) ? 4 : 0;
    return len + end;
}

/* Of UTF-8: small letters for great ones (Latin 1, Greek and Cyrillic), a blank for one that does
 * not break, and the apostrophe of typewriters. The two bytes at `at`, folded; false: they stay. */
static bool fold_pair(const char *at, unsigned char *first, unsigned char *second)
{
    unsigned char a = (unsigned char)at[0], b = (unsigned char)at[1];
    *first = a;
    *second = b;
    if (a == 0xC3 && b >= 0x80 && b <= 0x9E && b != 0x97)
        *second = (unsigned char)(b + 0x20);
    else if (a == 0xD0 && b >= 0x90 && b <= 0x9F)
        *second = (unsigned char)(b + 0x20);
    else if (a == 0xD0 && b >= 0xA0 && b <= 0xAF)
        *first = 0xD1, *second = (unsigned char)(b - 0x20);
    else if ((a == 0xC4 || a == 0xC5) && b >= 0x80 && b < 0xC0 && !(b & 1) && b != 0xB8)
        *second = (unsigned char)(b + 1); /* most of Latin Extended-A come in pairs */
    else
        return false;
    return true;
}

/* Text as phrases are written: small letters, single blanks, without codes in the middle. */
struct folding {
    char to[LONGEST_TEXT];
    size_t len;
    bool after_blank;
};

static void add(struct folding *f, unsigned char c)
{
    f->to[f->len++] = (char)c;
    f->after_blank = false;
}

static void add_blank(struct folding *f)
{
    if (!f->after_blank)
        add(f, ' ');
    f->after_blank = true;
}

/* What is longer than a byte; how many bytes it took. */
static size_t add_long(struct folding *f, struct span rest)
{
    unsigned char first, second;
    if (span_starts(rest, SPAN("\xC2\xA0"))) {
        add_blank(f);
        return 2;
    }
    if (span_starts(rest, SPAN("\xE2\x80\x99"))) {
        add(f, '\'');
        return 3;
    }
    if (rest.len > 1 && fold_pair(rest.at, &first, &second)) {
        add(f, first);
        add(f, second);
        return 2;
    }
    add(f, (unsigned char)rest.at[0]);
    return 1;
}

static void fold(struct folding *f, struct span words)
{
    words = span_first(words, LONGEST_TEXT);
    for (size_t i = 0; i < words.len;) {
        char c = words.at[i];
        size_t code = f->after_blank ? code_length(span_skip(words, i)) : 0;
        if (code) {
            i += code;
        } else if (c & 0x80) {
            i += add_long(f, span_skip(words, i));
        } else {
            if (is_blank(c))
                add_blank(f);
            else
                add(f, (unsigned char)ascii_lower(c));
            i++;
        }
    }
}

/* A longer one is more specific; of two of one length the first counts. */
struct place {
    const struct phrase *phrase;
    size_t at;
};

static bool is_better(struct place p, const struct place *best)
{
    return !best->phrase || p.phrase->length > best->phrase->length ||
           (p.phrase->length == best->phrase->length && p.at < best->at);
}

static void find_phrases(struct span words, struct place best[PHRASE_WEAK + 1])
{
    struct folding f;
    f.len = 0;
    f.after_blank = false;
    fold(&f, words);
    struct phrase_scan scan = phrase_scan_start(&phrase_set_causes, span_make(f.to, f.len));
    for (struct place p; phrase_next(&scan, &p.phrase, &p.at);)
        if (is_better(p, &best[p.phrase->list]))
            best[p.phrase->list] = p;
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
    {7, 13, {CAUSE_ACCOUNT_DISABLED, VARIANT_NONE}},
    {7, 17, {CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE}},
    {7, 18, {CAUSE_DOMAIN_NOT_FOUND, VARIANT_NONE}},
    {7, 20, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 21, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 22, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 23, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 24, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 25, {CAUSE_BLOCKED_REPUTATION, VARIANT_NONE}},
    {7, 26, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 28, {CAUSE_TOO_MANY, VARIANT_RATE}},
    {7, 29, {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}},
    {7, 10, {CAUSE_BLOCKED_POLICY, VARIANT_TLS_REQUIRED}},
    {7, 30, {CAUSE_COULD_NOT_REACH, VARIANT_NOT_PROTECTED}},
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

enum cause_words cause_find_words(struct span words, struct cause_found *found)
{
    struct place best[PHRASE_WEAK + 1] = {{0}};
    find_phrases(words, best);
    const struct phrase *strong = best[PHRASE_STRONG].phrase, *weak = best[PHRASE_WEAK].phrase;
    if (strong || weak)
        *found = phrase_means[strong ? strong->order : weak->order];
    return strong ? WORDS_SAY_IT : weak ? WORDS_SAY_LITTLE : WORDS_SAY_NOTHING;
}

bool cause_find_status(struct status status, struct cause_found *found)
{
    for (size_t i = 0; i < sizeof by_status / sizeof *by_status; i++)
        if ((status.class == 4 || status.class == 5) && by_status[i].subject == status.subject &&
            by_status[i].detail == status.detail) {
            *found = by_status[i].means;
            return true;
        }
    return false;
}

struct cause_found cause_find(int code, struct status status, struct span words)
{
    struct cause_found found;
    enum cause_words say = cause_find_words(words, &found);
    if (say == WORDS_SAY_IT)
        return found;
    struct cause_found by_code;
    if (cause_find_status(status, &by_code)) /* words of the same cause know its variant */
        return say == WORDS_SAY_LITTLE && found.cause == by_code.cause ? found : by_code;
    if (say == WORDS_SAY_LITTLE)
        return found;
    return find_status(status, &found) ? found : find_code(code);
}
