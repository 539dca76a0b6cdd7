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

struct span {
    const char *at;
    size_t len;
};

#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})
#define SPAN_NONE ((struct span){"", 0})
#define SPAN_F(s) ((int)(s).len), ((s).at)

struct span span_of(const char *text); /* NUL-terminated text; NULL gives an empty span */
struct span span_make(const void *at, size_t len);

bool span_equal(struct span a, struct span b);
bool span_equal_nocase(struct span a, struct span b); /* ASCII letters only */
int span_compare(struct span a, struct span b);       /* <0, 0, >0: by bytes, then by length */
bool span_starts(struct span s, struct span prefix);
bool span_starts_nocase(struct span s, struct span prefix);
bool span_ends_nocase(struct span s, struct span suffix);

struct span span_skip(struct span s, size_t n);  /* without the first n bytes (or empty) */
struct span span_first(struct span s, size_t n); /* at most the first n bytes */
struct span span_trim(struct span s);            /* without SP, HTAB, CR, LF at both ends */

/* The index of the first match, or SPAN_NOT_FOUND. */
#define SPAN_NOT_FOUND ((size_t)-1)
size_t span_find_char(struct span s, char c);
size_t span_find(struct span s, struct span needle);

/* Cut `*rest` at the first `c`: the part before it is returned, `*rest` becomes what follows it.
 * Without a `c` the whole is returned and `*rest` is empty. */
struct span span_cut(struct span *rest, char c);
/* The next word of `*rest`, words being parted by spaces and tabs; empty at the end. */
struct span span_word(struct span *rest);

/* Decimal digits only, no sign, no blanks; false when empty, malformed or above `max`. */
bool span_to_u64(struct span s, uint64_t max, uint64_t *value);

/* ASCII without the locale. */
char ascii_lower(char c);
bool ascii_is_digit(char c);
bool ascii_is_alpha(char c);
bool ascii_is_alnum(char c);

#endif
