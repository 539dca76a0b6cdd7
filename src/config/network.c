#include "config/network.h"

#include "base/inet.h"
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

bool network_parse(struct span text, struct network *n)
{
    struct span prefix = text, address = span_cut(&prefix, '/');
    bool has_prefix = address.len < text.len,
         is_v4 = span_find_char(address, ':') == SPAN_NOT_FOUND;
    uint64_t bits;
    *n = (struct network){{0}, 128};
    if (!inet_parse(address, n->address))
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

bool networks_contain(const struct networks *n, const unsigned char address[16])
{
    for (size_t i = 0; i < n->count; i++)
        if (network_contains(&n->at[i], address))
            return true;
    return false;
}

void endpoint_print(struct buffer *out, const struct endpoint *e)
{
    bool is_v6 = span_find_char(e->host, ':') != SPAN_NOT_FOUND;
    buffer_printf(out, is_v6 ? "[%.*s]:%u" : "%.*s:%u", SPAN_F(e->host), e->port);
}

void network_print(struct buffer *out, const struct network *n)
{
    const unsigned char *b = n->address;
    if (n->prefix >= 96 && inet_is_v4(b)) {
        buffer_printf(out, "%u.%u.%u.%u/%d", b[12], b[13], b[14], b[15], n->prefix - 96);
        return;
    }
    for (int i = 0; i < 8; i++)
        buffer_printf(out, "%s%x", i ? ":" : "", b[2 * i] << 8 | b[2 * i + 1]);
    buffer_printf(out, "/%d", n->prefix);
}
