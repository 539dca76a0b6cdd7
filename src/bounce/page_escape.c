#include "bounce/page_escape.h"

static const char *escape_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void page_escape(struct buffer *out, struct span text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *escape = escape_of(text.at[i]);
        if (!escape)
            continue;
        buffer_add(out, text.at + from, i - from);
        buffer_add_text(out, escape);
        from = i + 1;
    }
    buffer_add(out, text.at + from, text.len - from);
}
