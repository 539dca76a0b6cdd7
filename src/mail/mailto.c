#include "mail/mailto.h"

#include "mail/address.h"

/* What a URI says by its escapes (RFC 3986 2.1); one that is none stays. */
static struct span unescaped(struct span uri, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < uri.len; i++) {
        int high = uri.at[i] == '%' && i + 2 < uri.len ? ascii_hex_value(uri.at[i + 1]) : -1;
        int low = high >= 0 ? ascii_hex_value(uri.at[i + 2]) : -1;
        buffer_add_char(&out, low >= 0 ? (char)(high * 16 + low) : uri.at[i]);
        i += low >= 0 ? 2 : 0;
    }
    return arena_keep(a, &out);
}

bool mailto_address(struct span uri, struct span *address, struct arena *a)
{
    struct span mailto = SPAN("mailto:");
    if (!span_starts_nocase(uri, mailto))
        return false;
    struct span path = span_skip(uri, mailto.len);
    *address = unescaped(span_cut(&path, '?'), a);
    return address_check(*address, false) == ADDRESS_OK;
}
