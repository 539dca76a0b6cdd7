/* Tags are read one after the other, with a little memory: are we in a script, in a link, in a part
 * that is not shown? There is no tree: mail is seldom well-formed. */
#include "mail/html.h"

#include "mail/entity.h"
#include "mail/html_tag.h"

#include <string.h>

enum { LONGEST_LINK_TEXT = 300, LONGEST_HIDING = 16 };

struct reading {
    struct html *html;
    struct arena *arena;
    struct buffer text;
    struct buffer decoded; /* of the piece at hand */
    struct buffer link_text;
    struct span link_target, base;
    size_t link_room;
    bool is_in_link;
    unsigned pre;    /* how many open elements keep blanks and line ends */
    unsigned hidden; /* how many open elements hide what stands in them */
    char hidden_word[LONGEST_HIDING];
    bool has_end; /* html_tag_take */
};

/* ---- text */

static char last_of(const struct buffer *b)
{
    return b->len ? b->at[b->len - 1] : '\n';
}

static void drop_blanks(struct buffer *b)
{
    while (b->len && (last_of(b) == ' ' || last_of(b) == '\t'))
        b->at[--b->len] = 0;
}

/* A line end at least, or an empty line; not at the start, and never more than one empty line. */
static void begin_line(struct reading *r, bool is_paragraph)
{
    drop_blanks(&r->text);
    if (r->text.len && last_of(&r->text) != '\n')
        buffer_add_char(&r->text, '\n');
    if (is_paragraph && r->text.len > 1 && r->text.at[r->text.len - 2] != '\n')
        buffer_add_char(&r->text, '\n');
}

static void break_line(struct reading *r)
{
    drop_blanks(&r->text);
    if (r->text.len &&
        !(r->text.len > 1 && last_of(&r->text) == '\n' && r->text.at[r->text.len - 2] == '\n'))
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
        char last = last_of(out);
        if (c != ' ' || (last != ' ' && last != '\n' && last != '\t'))
            buffer_add_char(out, c);
    }
}

static void add_as_it_is(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '\r')
            buffer_add_char(out, text.at[i]);
}

static void take_text(struct reading *r, struct span raw)
{
    struct span text = raw;
    if (r->hidden) {
        r->html->has_hidden |= span_trim(raw).len > 0;
        return;
    }
    if (span_find_char(raw, '&') != SPAN_NOT_FOUND) {
        buffer_clear(&r->decoded);
        entities_decode(&r->decoded, raw);
        text = buffer_span(&r->decoded);
    }
    (r->pre ? add_as_it_is : add_collapsed)(&r->text, text);
    if (r->is_in_link && r->link_text.len < LONGEST_LINK_TEXT)
        add_collapsed(&r->link_text, text);
}

/* ---- links */

static struct span attribute(struct reading *r, const struct html_tag *t, const char *name)
{
    struct span raw;
    if (!html_tag_find(t, name, &raw))
        return SPAN_NONE;
    buffer_clear(&r->decoded);
    entities_decode(&r->decoded, span_trim(raw));
    return arena_copy(r->arena, buffer_span(&r->decoded));
}

static bool is_absolute(struct span target)
{
    size_t colon = span_find_char(target, ':'), slash = span_find_char(target, '/');
    return colon != SPAN_NOT_FOUND && (slash == SPAN_NOT_FOUND || colon < slash);
}

/* As a browser goes there: without line ends and tabs, and from where <base> says. */
static struct span target_of(struct reading *r, const struct html_tag *t, const char *name)
{
    struct span target = attribute(r, t, name);
    struct buffer whole = BUFFER_EMPTY;
    bool is_from_base = r->base.len && target.len && !is_absolute(target);
    if (is_from_base) {
        buffer_add_span(&whole, r->base);
        if (last_of(&whole) != '/' && target.at[0] != '/')
            buffer_add_char(&whole, '/');
    }
    for (size_t i = 0; i < target.len; i++)
        if (target.at[i] != '\t' && target.at[i] != '\r' && target.at[i] != '\n')
            buffer_add_char(&whole, target.at[i]);
    if (whole.len != target.len)
        target = arena_copy(r->arena, buffer_span(&whole));
    buffer_free(&whole);
    return target;
}

static void add_link(struct reading *r, struct span target, struct span text)
{
    struct html *h = r->html;
    if (!target.len || h->link_count == MOST_HTML_LINKS)
        return;
    if (h->link_count == r->link_room) { /* what was there before stays in the arena */
        r->link_room = r->link_room ? r->link_room * 2 : 8;
        struct html_link *more = arena_new(r->arena, r->link_room * sizeof *more);
        if (h->link_count)
            memcpy(more, h->links, h->link_count * sizeof *more);
        h->links = more;
    }
    h->links[h->link_count++] = (struct html_link){target, arena_copy(r->arena, span_trim(text))};
}

static void end_link(struct reading *r)
{
    if (r->is_in_link)
        add_link(r, r->link_target, buffer_span(&r->link_text));
    r->is_in_link = false;
    buffer_clear(&r->link_text);
}

/* ---- tags */

/* Hidden until its own end tag; elements of the same name stand inside of it, but for those that
 * end each other. */
static void keep_count_of_hidden(struct reading *r, const struct html_tag *t)
{
    if (r->hidden && span_equal_nocase(t->word, span_of(r->hidden_word))) {
        bool is_next = !t->is_end && (t->effects & HTML_ENDS_ITSELF);
        r->hidden = is_next ? 0 : t->is_end ? r->hidden - 1 : r->hidden + 1;
    }
    if (!r->hidden && !t->is_end && t->word.len && t->word.len < LONGEST_HIDING &&
        !(t->effects & HTML_EMPTY) && html_tag_hides(t)) {
        memcpy(r->hidden_word, t->word.at, t->word.len);
        r->hidden_word[t->word.len] = 0;
        r->hidden = 1;
    }
}

static void lay_out(struct reading *r, const struct html_tag *t)
{
    if (r->hidden)
        return;
    if (t->name == HTML_BR)
        break_line(r);
    else if (t->effects & (HTML_LINE | HTML_PARAGRAPH))
        begin_line(r, t->effects & HTML_PARAGRAPH);
    else if (t->is_end && (t->effects & HTML_CELL) && last_of(&r->text) != '\n')
        buffer_add_char(&r->text, '\t');
}

static void take_tag(struct reading *r, const struct html_tag *t)
{
    switch (t->name) {
    case HTML_A:
    case HTML_AREA:
        end_link(r);
        if (!t->is_end) {
            r->link_target = target_of(r, t, "href");
            r->is_in_link = r->link_target.len > 0;
        }
        break;
    case HTML_BASE:
        if (!t->is_end && !r->base.len)
            r->base = attribute(r, t, "href");
        break;
    case HTML_FORM:
        if (!t->is_end) {
            r->html->has_form = true;
            add_link(r, target_of(r, t, "action"), SPAN_NONE);
        }
        break;
    case HTML_INPUT:
        r->html->has_form = true;
        r->html->has_password |= span_equal_nocase(attribute(r, t, "type"), SPAN("password"));
        break;
    case HTML_IMG:
        if (r->is_in_link && r->link_text.len < LONGEST_LINK_TEXT)
            add_collapsed(&r->link_text, attribute(r, t, "alt"));
        break;
    case HTML_PRE:
        r->pre = t->is_end ? 0 : 1;
        break;
    case HTML_BR:
    case HTML_OTHER:
        break;
    }
    if (!t->is_end && (t->effects & HTML_ACTIVE)) {
        r->html->has_script = true;
        add_link(r, target_of(r, t, "src"), SPAN_NONE);
    }
}

/* ---- the pieces */

/* What stands in them is not HTML: up to their end tag. */
static size_t raw_length(struct span rest, struct span word)
{
    size_t at = 0;
    while (at < rest.len) {
        size_t less = span_find(span_skip(rest, at), SPAN("</"));
        if (less == SPAN_NOT_FOUND)
            return rest.len;
        at += less;
        if (span_starts_nocase(span_skip(rest, at + 2), word))
            return at;
        at += 2;
    }
    return rest.len;
}

/* Behind "<!--": how long a comment is. "<!-->" is one, too. */
static size_t comment_length(struct span rest)
{
    if (span_starts(rest, SPAN(">")))
        return 1;
    size_t end = span_find(rest, SPAN("-->"));
    return end == SPAN_NOT_FOUND ? rest.len : end + 3;
}

static struct span take_markup(struct reading *r, struct span rest)
{
    struct html_tag t;
    if (span_starts(rest, SPAN("<!--")))
        return span_skip(rest, 4 + comment_length(span_skip(rest, 4)));
    size_t length = html_tag_take(&t, rest, &r->has_end);
    if (!length) {
        take_text(r, span_first(rest, 1));
        return span_skip(rest, 1);
    }
    rest = span_skip(rest, length);
    lay_out(r, &t);
    keep_count_of_hidden(r, &t);
    take_tag(r, &t);
    bool is_raw = !t.is_end && (t.effects & HTML_RAW);
    return is_raw ? span_skip(rest, raw_length(rest, t.word)) : rest;
}

void html_read(struct span html, struct html *h, struct arena *a)
{
    struct reading r = {.html = h, .arena = a, .base = SPAN_NONE, .has_end = true};
    *h = (struct html){0};
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
    drop_blanks(&r.text);
    h->text = arena_keep(a, &r.text);
    buffer_free(&r.decoded);
    buffer_free(&r.link_text);
}
