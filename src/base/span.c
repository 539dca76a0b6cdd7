#define _GNU_SOURCE
#include "base/span.h"

#include <string.h>

bool ascii_equal_nocase(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ascii_lower(a[i]) != ascii_lower(b[i]))
            return false;
    return true;
}

int span_compare(struct span a, struct span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.at, b.at, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool span_ends_nocase(struct span s, struct span suffix)
{
    return s.len >= suffix.len && span_equal_nocase(span_skip(s, s.len - suffix.len), suffix);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
    while (s.len && is_blank(s.at[0]))
        s = (struct span){s.at + 1, s.len - 1};
    while (s.len && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

/* How common a byte is in mail: with each step of the digits twice as common. Characters beyond
 * ASCII share their first bytes with all others of their script. */
static int how_common(char c)
{
    static const char ascii[] = "00000000057003000000000000000000"  /* controls */
                                "82620022442346657665555455645652"  /* from the blank on */
                                "45445543343345444345533333220204"  /* from "@" on */
                                "07566866674477776377765555310100"; /* from "`" on */
    unsigned char byte = (unsigned char)c;
    return byte < 0x80 ? ascii[byte] : byte < 0xC0 ? '4' : '7';
}

static size_t find_rarest(struct span s)
{
    size_t rarest = 0;
    for (size_t i = 1; i < s.len; i++)
        if (how_common(s.at[i]) < how_common(s.at[rarest]))
            rarest = i;
    return rarest;
}

/* By the rarest byte of a short needle: memchr() goes over most of a text many times as fast as
 * memmem(). A long one may be made so that its rarest byte is everywhere. */
size_t span_find(struct span s, struct span needle)
{
    enum { LONG_NEEDLE = 64, SHORT_TEXT = 256 };
    if (!s.len || needle.len > s.len)
        return SPAN_NOT_FOUND;
    if (!needle.len)
        return 0;
    if (needle.len > LONG_NEEDLE) {
        const char *hit = memmem(s.at, s.len, needle.at, needle.len);
        return hit ? (size_t)(hit - s.at) : SPAN_NOT_FOUND;
    }
    bool is_quick = s.len < SHORT_TEXT && needle.len > 4; /* else it pays to look at all of it */
    size_t ahead = is_quick ? 0 : find_rarest(needle), last = s.len - needle.len;
    for (size_t at = 0; at <= last; at++) {
        size_t next = span_find_char(span_make(s.at + at + ahead, last - at + 1), needle.at[ahead]);
        if (next == SPAN_NOT_FOUND)
            break;
        at += next;
        if (memcmp(s.at + at, needle.at, needle.len) == 0)
            return at;
    }
    return SPAN_NOT_FOUND;
}

struct span span_cut(struct span *rest, char c)
{
    struct span whole = *rest;
    size_t i = span_find_char(whole, c);
    if (i == SPAN_NOT_FOUND) {
        *rest = SPAN_NONE;
        return whole;
    }
    *rest = span_skip(whole, i + 1);
    return span_first(whole, i);
}

struct span span_word(struct span *rest)
{
    size_t i = 0, start;
    while (i < rest->len && (rest->at[i] == ' ' || rest->at[i] == '\t'))
        i++;
    start = i;
    while (i < rest->len && rest->at[i] != ' ' && rest->at[i] != '\t')
        i++;
    struct span word = span_first(span_skip(*rest, start), i - start);
    *rest = span_skip(*rest, i);
    return word;
}

bool span_to_u64(struct span s, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;
    if (!s.len)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!ascii_is_digit(s.at[i]))
            return false;
        uint64_t digit = (uint64_t)(s.at[i] - '0');
        if (v > (max - digit) / 10 || digit > max)
            return false;
        v = v * 10 + digit;
    }
    *value = v;
    return true;
}
