#include "mail/host_name.h"

#include "base/inet.h"

enum { MOST_TOKENS = 64, LONGEST_NAME = 255 };

bool host_name_is_within(struct span name, struct span domain)
{
    return domain.len && span_ends_nocase(name, domain) &&
           (name.len == domain.len || name.at[name.len - domain.len - 1] == '.');
}

/* ---- numbers in a name */

static size_t digits_at(struct span s)
{
    size_t n = 0;
    while (n < s.len && ascii_is_digit(s.at[n]))
        n++;
    return n;
}

/* What stands between digits and others: "192", "0", "2", "7". */
static size_t find_numbers(struct span name, struct span numbers[MOST_TOKENS])
{
    size_t count = 0;
    while (name.len && count < MOST_TOKENS) {
        size_t n = digits_at(name);
        if (n)
            numbers[count++] = span_first(name, n);
        name = span_skip(name, n ? n : 1);
    }
    return count;
}

static bool take_octet(const struct span *numbers, bool *is_used, size_t count, unsigned octet)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value;
        if (is_used[i] || numbers[i].len > 3 || !span_to_u64(numbers[i], 255, &value) ||
            value != octet)
            continue;
        is_used[i] = true;
        return true;
    }
    return false;
}

static size_t count_octets(struct span name, const unsigned char octets[4])
{
    struct span numbers[MOST_TOKENS];
    bool is_used[MOST_TOKENS] = {false};
    size_t count = find_numbers(name, numbers), found = 0;
    for (int i = 0; i < 4; i++)
        found += take_octet(numbers, is_used, count, octets[i]);
    return found;
}

/* ---- all of it in one piece */

static bool holds(struct span name, const struct buffer *piece)
{
    return span_find(name, buffer_span(piece)) != SPAN_NOT_FOUND;
}

/* "192000002007", "c0000207", and from behind */
static bool holds_v4(struct span name, const unsigned char octets[4])
{
    struct buffer piece = BUFFER_EMPTY;
    bool is = false;
    for (int form = 0; form < 4 && !is; form++) {
        buffer_clear(&piece);
        for (int i = 0; i < 4; i++)
            buffer_printf(&piece, form & 1 ? "%02x" : "%03u", octets[form & 2 ? 3 - i : i]);
        is = holds(name, &piece);
    }
    buffer_free(&piece);
    return is;
}

/* The half that names the host, with all its zeros, and nothing but "-", "." or ":" between. */
static bool holds_v6(struct span name, const unsigned char address[16])
{
    char bare[LONGEST_NAME];
    struct buffer forward = BUFFER_EMPTY, backward = BUFFER_EMPTY;
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < sizeof bare; i++)
        if (ascii_is_alnum(name.at[i]))
            bare[len++] = name.at[i];
    for (int i = 0; i < 8; i++)
        buffer_printf(&forward, "%02x", address[8 + i]);
    for (int i = 7; i >= 0; i--)
        buffer_printf(&backward, "%x%x", address[8 + i] & 0xF, address[8 + i] >> 4);
    bool is = holds(span_make(bare, len), &forward) || holds(span_make(bare, len), &backward);
    buffer_free(&forward);
    buffer_free(&backward);
    return is;
}

bool host_name_is_of_address(struct span name, const unsigned char address[16])
{
    char low[LONGEST_NAME];
    name = span_first(name, sizeof low);
    for (size_t i = 0; i < name.len; i++)
        low[i] = ascii_lower(name.at[i]);
    name = span_make(low, name.len);
    if (!inet_is_v4(address))
        return holds_v6(name, address);
    return count_octets(name, address + 12) >= 3 || holds_v4(name, address + 12);
}

/* ---- words */

static bool is_word_of_pools(struct span word)
{
    static const char *const words[] = {"adsl",  "broadband", "dhcp",    "dialin", "dialup",
                                        "dsl",   "dyn",       "dynamic", "dynip",  "pool",
                                        "pools", "ppp",       "pppoe",   "vdsl",   "xdsl"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_equal_nocase(word, span_of(words[i])))
            return true;
    return false;
}

/* Without the two labels that stand last. */
static struct span below_domain(struct span name)
{
    for (int dots = 0; name.len && dots < 2; name.len--)
        dots += name.at[name.len - 1] == '.';
    return name;
}

bool host_name_is_of_pool(struct span name)
{
    struct span rest = below_domain(name);
    while (rest.len) {
        size_t n = 0;
        while (n < rest.len && ascii_is_alpha(rest.at[n]))
            n++;
        if (n && is_word_of_pools(span_first(rest, n)))
            return true;
        rest = span_skip(rest, n ? n : 1);
    }
    return false;
}
