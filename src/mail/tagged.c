#include "mail/tagged.h"

#include "mail/address.h"

enum { LONG_NUMBER = 5, LONG_HASH = 16, HASH_CHANGES = 4 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_separator(char c)
{
    return c == '+' || c == '-' || c == '.' || c == '_' || c == '/';
}

static bool is_word_of_programs(struct span piece)
{
    static const struct span words[] = {SPAN("bounce"), SPAN("bounces"), SPAN("return"),
                                        SPAN("returns"), SPAN("verp")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_equal_nocase(piece, words[i]))
            return true;
    return false;
}

static bool is_number(struct span piece)
{
    for (size_t i = 0; i < piece.len; i++)
        if (!is_digit(piece.at[i]))
            return false;
    return piece.len > 0;
}

static bool is_hash(struct span piece)
{
    size_t changes = 0;
    if (piece.len < LONG_HASH)
        return false;
    for (size_t i = 0; i < piece.len; i++) {
        char c = ascii_lower(piece.at[i]);
        if (!is_digit(c) && (c < 'a' || c > 'z'))
            return false;
        changes += i && is_digit(c) != is_digit(piece.at[i - 1]);
    }
    return changes >= HASH_CHANGES || is_number(piece);
}

static bool is_tag(struct span piece, char before)
{
    bool is_extension = before == '+' || before == '-';
    return is_word_of_programs(piece) || is_hash(piece) ||
           (is_extension && piece.len >= LONG_NUMBER && is_number(piece));
}

static bool is_srs(struct span local)
{
    static const struct span begin[] = {SPAN("SRS0"), SPAN("SRS1")};
    for (size_t i = 0; i < 2; i++)
        if (local.len > begin[i].len &&
            span_equal_nocase(span_first(local, begin[i].len), begin[i]) &&
            is_separator(local.at[begin[i].len]))
            return true;
    return false;
}

bool address_is_tagged(struct span address)
{
    struct span local = address_local(address);
    size_t from = 0;
    if (span_find_char(local, '=') != SPAN_NOT_FOUND || is_srs(local))
        return true;
    for (size_t i = 0; i <= local.len; i++) {
        if (i < local.len && !is_separator(local.at[i]))
            continue;
        if (is_tag(span_first(span_skip(local, from), i - from), from ? local.at[from - 1] : 0))
            return true;
        from = i + 1;
    }
    return false;
}
