/* A piece of text that somebody else owns.
 *
 * A span borrows: it is valid as long as what it points into. `at` may be NULL only when `len` is
 * 0; absent text is an empty span. A span is not NUL-terminated; print it with "%.*s", SPAN_F(s).
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const char *at;
    size_t len;
};

#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})
#define SPAN_NONE ((struct span){"", 0})
#define SPAN_F(s) ((int)(s).len), ((s).at)

/* What is small stands here, so that it is taken in where it is used: readers of mail spend much of
 * their time in it. */

/* ASCII without the locale. */
static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* -1: it is no hexadecimal digit. */
static inline int ascii_hex_value(char c)
{
    c = ascii_lower(c);
    return ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool ascii_is_alpha(char c)
{
    c = ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

static inline bool ascii_is_alnum(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* NUL-terminated text; NULL gives an empty span. */
static inline struct span span_of(const char *text)
{
    return text ? (struct span){text, strlen(text)} : SPAN_NONE;
}

static inline struct span span_make(const void *at, size_t len)
{
    return (struct span){(const char *)at, len};
}

/* Without the first n bytes (or empty). */
static inline struct span span_skip(struct span s, size_t n)
{
    return n < s.len ? (struct span){s.at + n, s.len - n} : SPAN_NONE;
}

/* At most the first n bytes. */
static inline struct span span_first(struct span s, size_t n)
{
    return (struct span){s.at, n < s.len ? n : s.len};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* The same letters, of ASCII in any case, in the first n bytes. */
bool ascii_equal_nocase(const char *a, const char *b, size_t n);

static inline bool span_equal_nocase(struct span a, struct span b) /* ASCII letters only */
{
    return a.len == b.len && (a.len == 0 || (ascii_lower(a.at[0]) == ascii_lower(b.at[0]) &&
                                             ascii_equal_nocase(a.at + 1, b.at + 1, a.len - 1)));
}

static inline bool span_starts(struct span s, struct span prefix)
{
    return span_equal(span_first(s, prefix.len), prefix);
}

static inline bool span_starts_nocase(struct span s, struct span prefix)
{
    return span_equal_nocase(span_first(s, prefix.len), prefix);
}

bool span_ends_nocase(struct span s, struct span suffix);
int span_compare(struct span a, struct span b); /* <0, 0, >0: by bytes, then by length */
struct span span_trim(struct span s);           /* without SP, HTAB, CR, LF at both ends */

/* The index of the first match, or SPAN_NOT_FOUND. */
#define SPAN_NOT_FOUND ((size_t)-1)
size_t span_find(struct span s, struct span needle);

static inline size_t span_find_char(struct span s, char c)
{
    const char *hit = s.len ? (const char *)memchr(s.at, c, s.len) : NULL;
    return hit ? (size_t)(hit - s.at) : SPAN_NOT_FOUND;
}

/* Cut `*rest` at the first `c`: the part before it is returned, `*rest` becomes what follows it.
 * Without a `c` the whole is returned and `*rest` is empty. */
struct span span_cut(struct span *rest, char c);
/* The next word of `*rest`, words being parted by spaces and tabs; empty at the end. */
struct span span_word(struct span *rest);

/* Decimal digits only, no sign, no blanks; false when empty, malformed or above `max`. */
bool span_to_u64(struct span s, uint64_t max, uint64_t *value);

#endif
