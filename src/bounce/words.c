#include "bounce/words.h"

#include "bounce/tables.h"

#include <string.h>

const struct language *language_at(size_t i)
{
    return i < languages_count ? &languages[i] : NULL;
}

const char *language_tag(const struct language *l)
{
    return l ? l->tag : languages[0].tag;
}

bool language_is_written_tight(const struct language *l)
{
    const char *tag = language_tag(l);
    return strcmp(tag, "ja") == 0 || strcmp(tag, "zh") == 0;
}

bool language_is_right_to_left(const struct language *l)
{
    return strcmp(language_tag(l), "ar") == 0;
}

const struct language *language_known(struct span tag)
{
    size_t end = 0;
    while (end < tag.len && ascii_is_alpha(tag.at[end]))
        end++;
    for (size_t i = 0; i < languages_count; i++)
        if (span_equal_nocase(span_first(tag, end), span_of(languages[i].tag)))
            return &languages[i];
    return NULL;
}

const struct language *language_find(struct span tags)
{
    while (tags.len) {
        const struct language *l = language_known(span_trim(span_cut(&tags, ',')));
        if (l)
            return l;
    }
    return &languages[0];
}

const struct language *language_english(const struct language *l)
{
    return l && l->english ? l->english : &languages[0];
}

size_t words_index(const char *english)
{
    size_t from = 0, to = words_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(english, words_english[middle]);
        if (order == 0)
            return middle;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return words_count;
}

static const char *find(const struct language *l, const char *english)
{
    size_t i = l && l->texts ? words_index(english) : words_count;
    return i < words_count ? l->texts[i] : NULL;
}

const char *words(const struct language *l, const char *english)
{
    const char *found = find(l, english);
    return found ? found : english;
}

const char *words_plural(const struct language *l, const char *one, const char *many, uint64_t n)
{
    const char *form = find(l, one);
    for (unsigned further = form ? l->form_of(n) : 0; further && *form; further--)
        form += strlen(form) + 1;
    return form && *form ? form : n == 1 ? one : many;
}

const char *words_help(const struct language *l)
{
    return l && l->help ? l->help : "";
}

/* What comes from outside must not turn the words around it, nor they what comes from outside. */
static void add_isolated(struct buffer *out, struct span foreign)
{
    if (foreign.len)
        buffer_printf(out, "\u2068%.*s\u2069", SPAN_F(foreign));
}

void words_fill(struct buffer *out, const struct language *l, const char *text,
                const struct span *with, size_t count)
{
    bool is_turned = language_is_right_to_left(l);
    /* A text of places alone, as a date, has no letter that would tell which way it is read. */
    buffer_add_text(out, is_turned ? "\u200F" : "");
    for (const char *place; (place = strchr(text, '%')); text = place) {
        buffer_add(out, text, (size_t)(place - text));
        if (place[1] < '1' || place[1] > '9') {
            buffer_add_char(out, *place++);
            continue;
        }
        size_t i = (size_t)(place[1] - '1');
        if (i < count && is_turned)
            add_isolated(out, with[i]);
        else if (i < count)
            buffer_add_span(out, with[i]);
        place += 2;
    }
    buffer_add_text(out, text);
}
