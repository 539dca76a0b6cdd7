#include "sasl/base64.h"

/* 64: it is none. */
static uint32_t value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a') + 26;
    if (ascii_is_digit(c))
        return (uint32_t)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Bits that belong to no octet must be 0: else two texts would mean the same. */
static bool read_four(struct buffer *out, const char *at, size_t padding)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t value = i < 4 - padding ? value_of(at[i]) : 0;
        if (value > 63)
            return false;
        bits = bits << 6 | value;
    }
    for (size_t i = 0; i < 3 - padding; i++)
        buffer_add_char(out, (char)(bits >> (16 - 8 * i) & 0xFF));
    return (bits & ((1u << 8 * padding) - 1)) == 0;
}

bool base64_read(struct buffer *out, struct span text)
{
    if (text.len % 4)
        return false;
    buffer_reserve(out, text.len / 4 * 3);
    for (; text.len; text = span_skip(text, 4)) {
        bool is_last = text.len == 4;
        size_t padding = !is_last || text.at[3] != '=' ? 0 : text.at[2] == '=' ? 2 : 1;
        if (!read_four(out, text.at, padding))
            return false;
    }
    return true;
}
