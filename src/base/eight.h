/* Text, eight bytes at a time: which of them are of a kind. A mark is the highest bit of a byte;
 * the first byte of the text is the lowest one of the number. Pure. */
#ifndef BASE_EIGHT_H
#define BASE_EIGHT_H

#include "base/span.h"

#include <endian.h>

#define EIGHT_OF(byte) (UINT64_C(0x0101010101010101) * (unsigned char)(byte))
#define EIGHT_MARKS UINT64_C(0x8080808080808080) /* also: what is not ASCII, of a text */

static inline uint64_t eight_load(const char *from)
{
    uint64_t eight;
    memcpy(&eight, from, sizeof eight);
    return le64toh(eight);
}

static inline void eight_store(char *to, uint64_t eight)
{
    eight = htole64(eight);
    memcpy(to, &eight, sizeof eight);
}

/* Marks those at or above `least`, which is ASCII and not NUL. */
static inline uint64_t eight_from(uint64_t eight, char least)
{
    return (((eight & ~EIGHT_MARKS) + EIGHT_OF(0x80 - least)) | eight) & EIGHT_MARKS;
}

/* Marks those that are `c`, which is ASCII. */
static inline uint64_t eight_equal(uint64_t eight, char c)
{
    uint64_t other = eight ^ EIGHT_OF(c);
    return ~(((other & ~EIGHT_MARKS) + ~EIGHT_MARKS) | other) & EIGHT_MARKS;
}

/* How many stand before the first one that is marked; 8: none is. */
static inline size_t eight_before(uint64_t marks)
{
    return marks ? (size_t)__builtin_ctzll(marks) / 8 : 8;
}

/* Where the first of `these` (a few, NUL-terminated) stands, or `s.len`. Here, so that compilers
 * lay out the loop over them. */
static inline size_t eight_find_any(struct span s, const char *these)
{
    size_t at = 0;
    for (; at + 8 <= s.len; at += 8) {
        uint64_t eight = eight_load(s.at + at), marks = 0;
        for (const char *c = these; *c; c++)
            marks |= eight_equal(eight, *c);
        if (marks)
            return at + eight_before(marks);
    }
    for (; at < s.len; at++)
        for (const char *c = these; *c; c++)
            if (s.at[at] == *c)
                return at;
    return at;
}

#endif
