#include "bounce/spotted.h"

#include <string.h>

void spotted_take(struct spotted *s, struct span text, struct arena *a)
{
    char *to = arena_new(a, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        to[i] = c == '\n' || c == '\r' || c == '\t' ? ' ' : ascii_lower(c);
    }
    s->text = span_make(to, text.len);
}

/* "to:" is no word of its own in "mailto:", nor "recipient" in "recipient.two@". */
bool spotted_is_whole(const struct spotted *s, size_t at, size_t end)
{
    struct span text = s->text;
    bool begins = !at || !ascii_is_alnum(text.at[at]) || !ascii_is_alnum(text.at[at - 1]);
    if (!begins || end == text.len || !ascii_is_alnum(text.at[end - 1]))
        return begins;
    char next = text.at[end];
    bool is_joined =
        strchr(".-_+@", next) && end + 1 < text.len && ascii_is_alnum(text.at[end + 1]);
    return !ascii_is_alnum(next) && !(next && is_joined);
}

size_t spotted_find(const struct spotted *s, struct span phrase, size_t from)
{
    while (from < s->text.len) {
        size_t found = span_find(span_skip(s->text, from), phrase);
        if (found == SPAN_NOT_FOUND)
            return SPAN_NOT_FOUND;
        if (spotted_is_whole(s, from + found, from + found + phrase.len))
            return from + found;
        from += found + 1;
    }
    return SPAN_NOT_FOUND;
}
