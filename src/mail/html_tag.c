#include "mail/html_tag.h"

#include "base/eight.h"

#include <string.h>

/* Sorted by name. */
static const struct element {
    const char *word;
    enum html_name name;
    unsigned effects;
} elements[] = {
    {"a", HTML_A, 0},
    {"address", HTML_OTHER, HTML_LINE},
    {"applet", HTML_OTHER, HTML_ACTIVE},
    {"area", HTML_AREA, HTML_EMPTY},
    {"article", HTML_OTHER, HTML_LINE},
    {"base", HTML_BASE, HTML_EMPTY},
    {"blockquote", HTML_OTHER, HTML_PARAGRAPH},
    {"body", HTML_OTHER, HTML_LINE},
    {"br", HTML_BR, HTML_EMPTY},
    {"caption", HTML_OTHER, HTML_LINE},
    {"center", HTML_OTHER, HTML_LINE},
    {"dd", HTML_OTHER, HTML_LINE | HTML_ENDS_ITSELF},
    {"div", HTML_OTHER, HTML_LINE},
    {"dl", HTML_OTHER, HTML_PARAGRAPH},
    {"dt", HTML_OTHER, HTML_LINE | HTML_ENDS_ITSELF},
    {"embed", HTML_OTHER, HTML_ACTIVE | HTML_EMPTY},
    {"fieldset", HTML_OTHER, HTML_LINE},
    {"footer", HTML_OTHER, HTML_LINE},
    {"form", HTML_FORM, HTML_LINE},
    {"h1", HTML_OTHER, HTML_PARAGRAPH},
    {"h2", HTML_OTHER, HTML_PARAGRAPH},
    {"h3", HTML_OTHER, HTML_PARAGRAPH},
    {"h4", HTML_OTHER, HTML_PARAGRAPH},
    {"h5", HTML_OTHER, HTML_PARAGRAPH},
    {"h6", HTML_OTHER, HTML_PARAGRAPH},
    {"header", HTML_OTHER, HTML_LINE},
    {"hr", HTML_OTHER, HTML_PARAGRAPH | HTML_EMPTY},
    {"iframe", HTML_OTHER, HTML_ACTIVE},
    {"img", HTML_IMG, HTML_EMPTY},
    {"input", HTML_INPUT, HTML_EMPTY},
    {"li", HTML_OTHER, HTML_LINE | HTML_ENDS_ITSELF},
    {"link", HTML_OTHER, HTML_EMPTY},
    {"main", HTML_OTHER, HTML_LINE},
    {"meta", HTML_OTHER, HTML_EMPTY},
    {"nav", HTML_OTHER, HTML_LINE},
    {"object", HTML_OTHER, HTML_ACTIVE},
    {"ol", HTML_OTHER, HTML_PARAGRAPH},
    {"option", HTML_OTHER, HTML_LINE | HTML_ENDS_ITSELF},
    {"p", HTML_OTHER, HTML_PARAGRAPH | HTML_ENDS_ITSELF},
    {"pre", HTML_PRE, HTML_PARAGRAPH},
    {"script", HTML_OTHER, HTML_RAW | HTML_ACTIVE},
    {"section", HTML_OTHER, HTML_LINE},
    {"style", HTML_OTHER, HTML_RAW},
    {"table", HTML_OTHER, HTML_PARAGRAPH},
    {"td", HTML_OTHER, HTML_CELL},
    {"textarea", HTML_OTHER, HTML_RAW},
    {"th", HTML_OTHER, HTML_CELL},
    {"title", HTML_OTHER, HTML_RAW},
    {"tr", HTML_OTHER, HTML_LINE | HTML_ENDS_ITSELF},
    {"ul", HTML_OTHER, HTML_PARAGRAPH},
    {"xml", HTML_OTHER, HTML_RAW},
};

enum { LONGEST_WORD = 12 };

static const struct element *find_element(struct span word)
{
    char lower[LONGEST_WORD];
    size_t low = 0, high = sizeof elements / sizeof *elements;
    if (word.len > sizeof lower)
        return NULL;
    for (size_t i = 0; i < word.len; i++)
        lower[i] = ascii_lower(word.at[i]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int c = span_compare(span_make(lower, word.len), span_of(elements[middle].word));
        if (c == 0)
            return &elements[middle];
        *(c < 0 ? &high : &low) = c < 0 ? middle : middle + 1;
    }
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

/* Only blanks stand between a "=", not before `from`, and `at`. */
static bool follows_equals(struct span s, size_t from, size_t at)
{
    while (at > from && is_blank(s.at[at - 1]))
        at--;
    return at > from && s.at[at - 1] == '=';
}

/* From "<" to behind its ">". A ">" in a quoted value is part of the tag, unless that quote never
 * ends: which happens once for each kind of quote, as then no more of it follows. */
static size_t tag_length(struct span at, bool *has_end)
{
    char quote = 0;
    size_t first = 0, behind = 1;
    for (size_t i; (i = behind + eight_find_any(span_skip(at, behind), ">\"'")) < at.len;) {
        char c = at.at[i];
        if (c == '>' && !quote)
            return i + 1;
        if (c == '>' && !first)
            first = i + 1;
        if (quote ? c == quote : c != '>' && follows_equals(at, behind, i))
            quote = quote ? 0 : c;
        behind = i + 1;
    }
    *has_end = first > 0;
    return first;
}

/* "<user@example.org>", which nobody wrote as "&lt;". */
static bool is_address(struct span inside)
{
    size_t n = 0;
    while (n < inside.len && !is_blank(inside.at[n]) && !strchr("=\"'<", inside.at[n]))
        n++;
    return n == inside.len && span_find_char(inside, '@') != SPAN_NOT_FOUND;
}

size_t html_tag_take(struct html_tag *t, struct span at, bool *has_end)
{
    bool may_be = at.len > 1 && (ascii_is_alpha(at.at[1]) || strchr("/!?", at.at[1]));
    size_t length = may_be && *has_end ? tag_length(at, has_end) : 0;
    if (!length)
        return 0;
    struct span inside = span_first(span_skip(at, 1), length - 2);
    if (is_address(inside))
        return 0;
    *t = (struct html_tag){.is_end = inside.len && inside.at[0] == '/'};
    inside = span_skip(inside, t->is_end);
    size_t n = 0;
    while (n < inside.len && ascii_is_alnum(inside.at[n]))
        n++;
    t->word = span_first(inside, n);
    t->attributes = span_trim(span_skip(inside, n));
    const struct element *e = find_element(t->word);
    if (e) {
        t->name = e->name;
        t->effects = e->effects;
    }
    return length;
}

/* ---- attributes */

static struct span skip_blanks(struct span rest)
{
    size_t n = 0;
    while (n < rest.len && is_blank(rest.at[n]))
        n++;
    return span_skip(rest, n);
}

/* Behind "=". */
static struct span take_value(struct span *rest)
{
    struct span from = skip_blanks(*rest);
    char quote = from.len && (from.at[0] == '"' || from.at[0] == '\'') ? from.at[0] : 0;
    size_t n = 0;
    from = span_skip(from, quote != 0);
    while (n < from.len && (quote ? from.at[n] != quote : !is_blank(from.at[n])))
        n++;
    *rest = span_skip(from, n + (quote != 0));
    return span_first(from, n);
}

bool html_tag_find(const struct html_tag *t, const char *attribute, struct span *value)
{
    struct span rest = t->attributes, wanted = span_of(attribute);
    while (rest.len) {
        size_t n = 0;
        while (n < rest.len && (is_blank(rest.at[n]) || rest.at[n] == '/'))
            n++;
        rest = span_skip(rest, n);
        for (n = 0; n < rest.len && !is_blank(rest.at[n]) && rest.at[n] != '='; n++)
            ;
        struct span name = span_first(rest, n);
        rest = skip_blanks(span_skip(rest, n));
        *value = SPAN_NONE;
        if (rest.len && rest.at[0] == '=') {
            rest = span_skip(rest, 1);
            *value = take_value(&rest);
        }
        if (span_equal_nocase(name, wanted))
            return true;
    }
    return false;
}

/* ---- what is not shown */

/* "0", "0px", "0.0em" */
static bool is_zero(struct span value)
{
    size_t n = 0;
    while (n < value.len && (value.at[n] == '0' || value.at[n] == '.'))
        n++;
    return n && (n == value.len || !ascii_is_digit(value.at[n]));
}

/* "display: none", and its kin. */
static bool declaration_hides(struct span declaration)
{
    struct span property = span_trim(span_cut(&declaration, ':')), value = span_trim(declaration);
    switch (property.len) {
    case 7:
        return span_equal_nocase(property, SPAN("display"))
                   ? span_starts_nocase(value, SPAN("none"))
                   : span_equal_nocase(property, SPAN("opacity")) && is_zero(value);
    case 9:
        return span_equal_nocase(property, SPAN("font-size")) && is_zero(value);
    case 10:
        return span_equal_nocase(property, SPAN("visibility"))
                   ? span_starts_nocase(value, SPAN("hidden"))
                   : span_equal_nocase(property, SPAN("max-height")) && is_zero(value);
    default:
        return false;
    }
}

bool html_tag_hides(const struct html_tag *t)
{
    struct span style, value;
    if (!t->attributes.len)
        return false;
    if (html_tag_find(t, "hidden", &value))
        return true;
    if (!html_tag_find(t, "style", &style))
        return false;
    while (style.len)
        if (declaration_hides(span_cut(&style, ';')))
            return true;
    return false;
}
