#define _GNU_SOURCE
#include "base/span.h"

#include <string.h>

struct span span_of(const char *text)
{
    return text ? (struct span){text, strlen(text)} : SPAN_NONE;
}

struct span span_make(const void *at, size_t len)
{
    return (struct span){at, len};
}

char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ascii_is_alpha(char c)
{
    c = ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

bool ascii_is_alnum(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool span_equal_nocase(struct span a, struct span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
            return false;
    return true;
}

int span_compare(struct span a, struct span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.at, b.at, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool span_starts(struct span s, struct span prefix)
{
    return span_equal(span_first(s, prefix.len), prefix);
}

bool span_starts_nocase(struct span s, struct span prefix)
{
    return span_equal_nocase(span_first(s, prefix.len), prefix);
}

bool span_ends_nocase(struct span s, struct span suffix)
{
    return s.len >= suffix.len && span_equal_nocase(span_skip(s, s.len - suffix.len), suffix);
}

struct span span_skip(struct span s, size_t n)
{
    return n < s.len ? (struct span){s.at + n, s.len - n} : SPAN_NONE;
}

struct span span_first(struct span s, size_t n)
{
    return (struct span){s.at, n < s.len ? n : s.len};
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

size_t span_find_char(struct span s, char c)
{
    const char *hit = s.len ? memchr(s.at, c, s.len) : NULL;
    return hit ? (size_t)(hit - s.at) : SPAN_NOT_FOUND;
}

size_t span_find(struct span s, struct span needle)
{
    const char *hit = s.len ? memmem(s.at, s.len, needle.at, needle.len) : NULL;
    return hit ? (size_t)(hit - s.at) : SPAN_NOT_FOUND;
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
