#include "auth/tag_list.h"

#include "mail/content.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name(struct span s)
{
    if (!s.len || !ascii_is_alpha(s.at[0]))
        return false;
    for (size_t i = 1; i < s.len; i++)
        if (!ascii_is_alnum(s.at[i]) && s.at[i] != '_')
            return false;
    return true;
}

/* Beyond ASCII is fine: RFC 8616. */
static bool is_value(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if ((c < ' ' && !is_blank(s.at[i])) || c == 0x7F)
            return false;
    }
    return true;
}

static bool add(struct tag_list *l, struct span text, struct error *e)
{
    enum { SHOWN = 40 };
    struct tag t;
    size_t equals = span_find_char(text, '=');
    if (equals == SPAN_NOT_FOUND)
        return error_set(e, "a list of tags has to be written as \"name=value;\"");
    t.name = span_trim(span_first(text, equals));
    t.written = (struct span){text.at + equals + 1, text.len - equals - 1};
    t.value = span_trim(t.written);
    if (!is_name(t.name))
        return error_set(e, "a tag has a name that is none");
    struct span shown = span_first(t.name, SHOWN);
    if (!is_value(t.value))
        return error_set(e, "the tag %.*s= holds control characters", SPAN_F(shown));
    for (size_t i = 0; i < l->count; i++)
        if (span_equal(l->tags[i].name, t.name))
            return error_set(e, "the tag %.*s= is there twice", SPAN_F(shown));
    if (l->count == MOST_TAGS)
        return error_set(e, "it has more than %d tags", MOST_TAGS);
    l->tags[l->count++] = t;
    return true;
}

bool tag_list_parse(struct tag_list *l, struct span text, struct error *e)
{
    l->count = 0;
    while (span_trim(text).len) {
        size_t end = span_find_char(text, ';');
        if (!add(l, span_first(text, end == SPAN_NOT_FOUND ? text.len : end), e))
            return false;
        text = end == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(text, end + 1);
    }
    return true;
}

const struct tag *tag_list_find(const struct tag_list *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (span_equal(l->tags[i].name, span_of(name)))
            return &l->tags[i];
    return NULL;
}

bool tag_next_word(struct span *rest, char separator, struct span *word)
{
    if (!rest->at)
        return false;
    size_t end = span_find_char(*rest, separator);
    bool is_last = end == SPAN_NOT_FOUND;
    *word = span_trim(span_first(*rest, is_last ? rest->len : end));
    *rest = is_last ? (struct span){0} : (struct span){rest->at + end + 1, rest->len - end - 1};
    return true;
}

static bool is_base64(char c)
{
    return ascii_is_alnum(c) || c == '+' || c == '/';
}

/* The reader of mail takes anything: here a stray character is an error. The "=" at the end may be
 * missing, as they are in some keys. */
bool tag_octets(struct span value, struct span *octets, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    size_t digits = 0, padding = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (is_blank(value.at[i]))
            continue;
        if (value.at[i] == '=')
            padding++;
        else if (!is_base64(value.at[i]) || padding)
            return false;
        else
            digits++;
    }
    if (digits % 4 == 1 || padding > 2 || (padding && (digits + padding) % 4))
        return false;
    content_decode(&out, value, MIME_BASE64);
    *octets = arena_keep(a, &out);
    return true;
}
