#include "config/network.h"

#include "mail/address.h"

#include <string.h>

bool endpoint_parse(struct span text, struct endpoint *e)
{
    size_t colon = text.len;
    uint64_t port;
    while (colon && text.at[colon - 1] != ':')
        colon--;
    if (colon < 2 || !span_to_u64(span_skip(text, colon), UINT16_MAX, &port) || !port)
        return false;
    e->host = span_first(text, colon - 1);
    e->port = (uint16_t)port;
    if (e->host.at[0] == '[') {
        if (e->host.len < 4 || e->host.at[e->host.len - 1] != ']')
            return false;
        e->host = span_first(span_skip(e->host, 1), e->host.len - 2);
        return span_find_char(e->host, ':') != SPAN_NOT_FOUND;
    }
    return domain_is_valid(e->host, false, false);
}

static bool v4_parse(struct span text, unsigned char bytes[4])
{
    if (text.len && text.at[text.len - 1] == '.')
        return false;
    for (int i = 0; i < 4; i++) {
        uint64_t value;
        struct span part = span_cut(&text, '.');
        bool is_octal = part.len > 1 && part.at[0] == '0'; /* to some programs */
        if (is_octal || !span_to_u64(part, 255, &value))
            return false;
        bytes[i] = (unsigned char)value;
    }
    return !text.len;
}

static int hex_value(char c)
{
    c = ascii_lower(c);
    return ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The groups of an IPv6 address between its ends or "::". Returns their number, or -1. */
static int groups_parse(struct span text, uint16_t groups[8])
{
    int count = 0;
    if (text.len && text.at[text.len - 1] == ':')
        return -1;
    while (text.len) {
        struct span group = span_cut(&text, ':');
        unsigned value = 0;
        if (!group.len || group.len > 4 || count == 8)
            return -1;
        for (size_t i = 0; i < group.len; i++) {
            if (hex_value(group.at[i]) < 0)
                return -1;
            value = value * 16 + (unsigned)hex_value(group.at[i]);
        }
        groups[count++] = (uint16_t)value;
    }
    return count;
}

static bool v6_parse(struct span text, unsigned char bytes[16])
{
    uint16_t head[8] = {0}, tail[8] = {0}, all[8] = {0};
    size_t gap = span_find(text, SPAN("::"));
    int heads = groups_parse(span_first(text, gap), head);
    int tails = gap == SPAN_NOT_FOUND ? 0 : groups_parse(span_skip(text, gap + 2), tail);
    if (heads < 0 || tails < 0 || (gap == SPAN_NOT_FOUND ? heads != 8 : heads + tails > 7))
        return false;
    memcpy(all, head, sizeof head);
    for (int i = 0; i < tails; i++)
        all[8 - tails + i] = tail[i];
    for (int i = 0; i < 8; i++) {
        bytes[2 * i] = (unsigned char)(all[i] >> 8);
        bytes[2 * i + 1] = (unsigned char)all[i];
    }
    return true;
}

static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};

static bool bytes_are_v4(const unsigned char bytes[16])
{
    return memcmp(bytes, mapped, sizeof mapped) == 0;
}

bool address_bytes_parse(struct span text, unsigned char bytes[16])
{
    unsigned char v4[4];
    if (!v4_parse(text, v4))
        return v6_parse(text, bytes);
    memcpy(bytes, mapped, sizeof mapped);
    memcpy(bytes + 12, v4, 4);
    return true;
}

bool network_parse(struct span text, struct network *n)
{
    struct span prefix = text, address = span_cut(&prefix, '/');
    bool has_prefix = address.len < text.len,
         is_v4 = span_find_char(address, ':') == SPAN_NOT_FOUND;
    uint64_t bits;
    *n = (struct network){{0}, 128};
    if (!address_bytes_parse(address, n->address))
        return false;
    if (has_prefix && !span_to_u64(prefix, is_v4 ? 32 : 128, &bits))
        return false;
    if (has_prefix)
        n->prefix = (int)bits + (is_v4 ? 96 : 0);
    return true;
}

bool network_contains(const struct network *n, const unsigned char address[16])
{
    int whole = n->prefix / 8, rest = n->prefix % 8;
    if (memcmp(n->address, address, (size_t)whole) != 0)
        return false;
    return !rest || ((n->address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

void endpoint_print(struct buffer *out, const struct endpoint *e)
{
    bool is_v6 = span_find_char(e->host, ':') != SPAN_NOT_FOUND;
    buffer_printf(out, is_v6 ? "[%.*s]:%u" : "%.*s:%u", SPAN_F(e->host), e->port);
}

void network_print(struct buffer *out, const struct network *n)
{
    const unsigned char *b = n->address;
    if (n->prefix >= 96 && bytes_are_v4(b)) {
        buffer_printf(out, "%u.%u.%u.%u/%d", b[12], b[13], b[14], b[15], n->prefix - 96);
        return;
    }
    for (int i = 0; i < 8; i++)
        buffer_printf(out, "%s%x", i ? ":" : "", b[2 * i] << 8 | b[2 * i + 1]);
    buffer_printf(out, "/%d", n->prefix);
}
