#include "base/buffer.h"

#include "base/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_ROOM = 64, MOST_DIGITS = 20 };

void buffer_free(struct buffer *b)
{
    free(b->at);
    *b = BUFFER_EMPTY;
}

void buffer_wipe(struct buffer *b)
{
    if (b->at)
        explicit_bzero(b->at, b->cap);
    buffer_free(b);
}

void buffer_clear(struct buffer *b)
{
    b->len = 0;
    if (b->at)
        b->at[0] = 0;
}

char *buffer_reserve(struct buffer *b, size_t more)
{
    size_t need = b->len + more + 1;
    assert(need > more);
    if (need > b->cap) {
        size_t cap = b->cap * 2 > need ? b->cap * 2 : need > LEAST_ROOM ? need : LEAST_ROOM;
        b->at = memory_resize(b->at, cap);
        b->cap = cap;
    }
    return b->at + b->len;
}

void buffer_add(struct buffer *b, const void *at, size_t len)
{
    char *room = buffer_reserve(b, len);
    if (len)
        memcpy(room, at, len);
    b->len += len;
    b->at[b->len] = 0;
}

void buffer_add_span(struct buffer *b, struct span s)
{
    buffer_add(b, s.at, s.len);
}

void buffer_add_text(struct buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

/* Where much is written: a tenth of what printf takes. */
void buffer_add_number(struct buffer *b, uint64_t n, unsigned least)
{
    char digits[MOST_DIGITS];
    size_t at = sizeof digits;
    assert(least <= sizeof digits);
    while (n || sizeof digits - at < least) {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    }
    buffer_add(b, digits + at, sizeof digits - at);
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args;
    char *room = buffer_reserve(b, 128);
    va_start(args, format);
    int n = vsnprintf(room, 129, format, args);
    va_end(args);
    assert(n >= 0);
    if (n > 128) {
        room = buffer_reserve(b, (size_t)n);
        va_start(args, format);
        vsnprintf(room, (size_t)n + 1, format, args);
        va_end(args);
    }
    b->len += (size_t)n;
}

void buffer_put_first(struct buffer *b, struct span s)
{
    if (b->len + s.len >= b->cap) { /* it moves in any case */
        struct buffer all = BUFFER_EMPTY;
        buffer_reserve(&all, s.len + b->len);
        buffer_add_span(&all, s);
        buffer_add_span(&all, buffer_span(b));
        buffer_free(b);
        *b = all;
        return;
    }
    memmove(b->at + s.len, b->at, b->len);
    if (s.len)
        memcpy(b->at, s.at, s.len);
    b->len += s.len;
    b->at[b->len] = 0;
}

void buffer_drop(struct buffer *b, size_t n)
{
    assert(n <= b->len);
    if (!n)
        return;
    memmove(b->at, b->at + n, b->len - n);
    b->len -= n;
    b->at[b->len] = 0;
}
