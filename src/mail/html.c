/* Tags are read one after the other, with a little memory: are we in a script, in a link, in a part
 * that is not shown? There is no tree: mail is seldom well-formed. */
#include "mail/html.h"

#include "mail/entity.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINK_TEXT = 300 };

struct reading {
    struct html *html;
    struct arena *arena;
    struct buffer text;
    struct buffer link_text;
    struct span link_target;
    bool is_in_link;
    size_t link_room;
    unsigned hidden; /* how many open elements hide what stands in them */
    char hidden_tag[16];
};

/* ---- text */

static void add_newline(struct reading *r)
{
    while (r->text.len && r->text.at[r->text.len - 1] == ' ')
        r->text.len--;
    if (r->text.len && !(r->text.len > 1 && r->text.at[r->text.len - 1] == '\n' &&
                         r->text.at[r->text.len - 2] == '\n'))
        buffer_add_char(&r->text, '\n');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static void add_collapsed(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = is_blank(text.at[i]) ? ' ' : text.at[i];
        char last = out->len ? out->at[out->len - 1] : '\n';
        if (c != ' ' || (last != ' ' && last != '\n' && last != '\t'))
            buffer_add_char(out, c);
    }
}

static void take_text(struct reading *r, struct span raw)
{
    struct buffer decoded = BUFFER_EMPTY;
    if (r->hidden) {
        r->html->has_hidden |= span_trim(raw).len > 0;
        return;
    }
    entities_decode(&decoded, raw);
    add_collapsed(&r->text, buffer_span(&decoded));
    if (r->is_in_link && r->link_text.len < LONGEST_LINK_TEXT)
        add_collapsed(&r->link_text, buffer_span(&decoded));
    buffer_free(&decoded);
}

/* ---- tags */

struct tag {
    struct span name; /* without "/" */
    struct span attributes;
    bool is_end;
};

static bool tag_is(const struct tag *t, const char *name)
{
    return span_equal_nocase(t->name, span_of(name));
}

static bool tag_is_one_of(const struct tag *t, const char *const *names)
{
    for (; *names; names++)
        if (tag_is(t, *names))
            return true;
    return false;
}

/* The value of an attribute, its references still in it; false: it has none. */
static bool find_attribute(const struct tag *t, const char *wanted, struct span *value)
{
    struct span rest = t->attributes;
    while (rest.len) {
        size_t n = 0;
        while (n < rest.len && (is_blank(rest.at[n]) || rest.at[n] == '/'))
            n++;
        rest = span_skip(rest, n);
        for (n = 0; n < rest.len && !is_blank(rest.at[n]) && rest.at[n] != '='; n++)
            ;
        struct span name = span_first(rest, n);
        rest = span_skip(rest, n);
        for (n = 0; n < rest.len && is_blank(rest.at[n]); n++)
            ;
        *value = SPAN_NONE;
        if (n < rest.len && rest.at[n] == '=') {
            rest = span_trim(span_skip(rest, n + 1));
            char quote = rest.len && (rest.at[0] == '"' || rest.at[0] == '\'') ? rest.at[0] : 0;
            rest = span_skip(rest, quote != 0);
            for (n = 0; n < rest.len && (quote ? rest.at[n] != quote : !is_blank(rest.at[n])); n++)
                ;
            *value = span_first(rest, n);
            rest = span_skip(rest, n + (quote != 0));
        }
        if (name.len && span_equal_nocase(name, span_of(wanted)))
            return true;
        if (!name.len && !n)
            rest = span_skip(rest, 1);
    }
    return false;
}

static struct span attribute(struct reading *r, const struct tag *t, const char *name)
{
    struct span raw;
    struct buffer text = BUFFER_EMPTY;
    if (!find_attribute(t, name, &raw))
        return SPAN_NONE;
    entities_decode(&text, span_trim(raw));
    struct span kept = arena_copy(r->arena, buffer_span(&text));
    buffer_free(&text);
    return kept;
}

static void add_link(struct reading *r, struct span target, struct span text)
{
    if (!target.len || r->html->link_count == MOST_HTML_LINKS)
        return;
    if (r->html->link_count == r->link_room) {
        size_t room = r->link_room ? r->link_room * 4 : 8;
        struct html_link *more = arena_new(r->arena, room * sizeof *more);
        if (r->html->link_count)
            memcpy(more, r->html->links, r->html->link_count * sizeof *more);
        r->html->links = more;
        r->link_room = room;
    }
    r->html->links[r->html->link_count++] =
        (struct html_link){target, arena_copy(r->arena, span_trim(text))};
}

static void end_link(struct reading *r)
{
    if (r->is_in_link)
        add_link(r, r->link_target, buffer_span(&r->link_text));
    r->is_in_link = false;
    buffer_clear(&r->link_text);
}

/* Is what stands in it not shown? */
static bool hides(const struct tag *t)
{
    struct span style;
    if (!find_attribute(t, "style", &style))
        return false;
    char text[200];
    size_t n = 0;
    for (size_t i = 0; i < style.len && n < sizeof text - 1; i++)
        if (!is_blank(style.at[i]))
            text[n++] = ascii_lower(style.at[i]);
    text[n] = 0;
    return strstr(text, "display:none") || strstr(text, "visibility:hidden") ||
           strstr(text, "font-size:0px") || strstr(text, "font-size:0;");
}

/* Until its own end tag; elements of the same name stand inside of it. */
static void keep_count_of_hidden(struct reading *r, const struct tag *t)
{
    static const char *const empty[] = {"br", "img", "hr", "input", "meta", "link", NULL};
    if (r->hidden) {
        if (tag_is(t, r->hidden_tag))
            r->hidden = t->is_end ? r->hidden - 1 : r->hidden + 1;
    } else if (!t->is_end && t->name.len < sizeof r->hidden_tag && !tag_is_one_of(t, empty) &&
               hides(t)) {
        memcpy(r->hidden_tag, t->name.at, t->name.len);
        r->hidden_tag[t->name.len] = 0;
        r->hidden = 1;
    }
}

static void lay_out(struct reading *r, const struct tag *t)
{
    static const char *const blocks[] = {"p",  "div", "tr", "table", "h1", "h2", "h3",
                                         "h4", "h5",  "li", "ul",    "ol", "hr", "blockquote",
                                         "br", "pre", "dt", "dd",    NULL};
    static const char *const cells[] = {"td", "th", NULL};
    if (r->hidden)
        return;
    if (tag_is_one_of(t, blocks))
        add_newline(r);
    else if (t->is_end && tag_is_one_of(t, cells) && r->text.len &&
             r->text.at[r->text.len - 1] != '\n')
        buffer_add_char(&r->text, '\t');
}

static void take_tag(struct reading *r, const struct tag *t)
{
    static const char *const active[] = {"script", "iframe", "object", "embed", "applet", NULL};
    lay_out(r, t);
    keep_count_of_hidden(r, t);
    if (tag_is(t, "a") || tag_is(t, "area")) {
        end_link(r);
        if (!t->is_end) {
            r->link_target = attribute(r, t, "href");
            r->is_in_link = r->link_target.len > 0;
        }
    } else if (tag_is(t, "form") && !t->is_end) {
        r->html->has_form = true;
        add_link(r, attribute(r, t, "action"), SPAN_NONE);
    } else if (tag_is(t, "input")) {
        r->html->has_form = true;
        r->html->has_password |= span_equal_nocase(attribute(r, t, "type"), SPAN("password"));
    } else if (!t->is_end && tag_is_one_of(t, active)) {
        r->html->has_script = true;
        add_link(r, attribute(r, t, "src"), SPAN_NONE);
    } else if (tag_is(t, "img") && r->is_in_link) {
        struct span alt = attribute(r, t, "alt");
        if (r->link_text.len < LONGEST_LINK_TEXT)
            add_collapsed(&r->link_text, alt);
    }
}

/* ---- the pieces */

/* From "<": the length of the tag with its ">"; quoted ">" are part of it, unless that quote never
 * ends. */
static size_t tag_length(struct span at)
{
    char quote = 0;
    size_t first = 0;
    enum { LONGEST_TAG = 20000 };
    for (size_t i = 1; i < at.len && i < LONGEST_TAG; i++) {
        char c = at.at[i];
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
        if (c == '>' && !quote)
            return i + 1;
        if (c == '>' && !first)
            first = i + 1;
    }
    return first;
}

/* What stands in them is not HTML: up to their end tag. */
static size_t raw_length(struct span rest, struct span name)
{
    size_t at = 0;
    while (at < rest.len) {
        size_t less = span_find(span_skip(rest, at), SPAN("</"));
        if (less == SPAN_NOT_FOUND)
            return rest.len;
        at += less;
        if (span_starts_nocase(span_skip(rest, at + 2), name))
            return at;
        at += 2;
    }
    return rest.len;
}

static struct span take_markup(struct reading *r, struct span rest)
{
    static const char *const raw[] = {"script", "style", "title", "textarea", "xml", NULL};
    if (span_starts(rest, SPAN("<!--"))) {
        size_t end = span_find(span_skip(rest, 4), SPAN("-->"));
        return end == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(rest, end + 7);
    }
    size_t length = rest.len > 1 && (ascii_is_alpha(rest.at[1]) || strchr("/!?", rest.at[1]))
                        ? tag_length(rest)
                        : 0;
    if (!length) {
        take_text(r, span_first(rest, 1));
        return span_skip(rest, 1);
    }
    struct tag t = {.attributes = span_first(span_skip(rest, 1), length - 2)};
    rest = span_skip(rest, length);
    t.is_end = t.attributes.len && t.attributes.at[0] == '/';
    t.attributes = span_skip(t.attributes, t.is_end);
    size_t n = 0;
    while (n < t.attributes.len && ascii_is_alnum(t.attributes.at[n]))
        n++;
    t.name = span_first(t.attributes, n);
    t.attributes = span_skip(t.attributes, n);
    take_tag(r, &t);
    return !t.is_end && tag_is_one_of(&t, raw) ? span_skip(rest, raw_length(rest, t.name)) : rest;
}

void html_read(struct span html, struct html *h, struct arena *a)
{
    struct reading r = {.html = h, .arena = a};
    *h = (struct html){.links = NULL};
    while (html.len) {
        size_t less = span_find_char(html, '<');
        size_t n = less == SPAN_NOT_FOUND ? html.len : less;
        if (n)
            take_text(&r, span_first(html, n));
        html = span_skip(html, n);
        if (html.len)
            html = take_markup(&r, html);
    }
    end_link(&r);
    h->text = arena_copy(a, buffer_span(&r.text));
    buffer_free(&r.text);
    buffer_free(&r.link_text);
}
