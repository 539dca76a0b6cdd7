/* A name can't be told from a local part before "<", "@", or the end has come. So words are
 * collected as both: `text` has them as they stand, `name` as people read them. */
#include "mail/address_list.h"

#include "base/buffer.h"
#include "mail/address.h"
#include "mail/encode.h"

#include <string.h>

struct parsing {
    struct span rest;
    struct buffer text, name;
    struct span comment; /* the last one, without its parentheses */
    bool is_local;       /* the words so far are a local part: word *("." word) */
    bool wants_word;     /* at the start, and behind a dot */
    bool has_domain;
    bool is_empty; /* "<>" */
    const char *end;
};

struct address_list address_list_start(struct span text)
{
    return (struct address_list){text, false};
}

static char peek(const struct parsing *p)
{
    return p->rest.len ? p->rest.at[0] : '\0';
}

static void step(struct parsing *p)
{
    p->rest = span_skip(p->rest, 1);
}

/* The length of what `open` at the start of `s` begins, up to its `close`; 0: it never ends. */
static size_t enclosed_length(struct span s, char open, char close)
{
    size_t depth = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '\\')
            i++;
        else if (s.at[i] == close && (open != close || i)) {
            if (open == close || --depth == 0)
                return i + 1;
        } else if (s.at[i] == open)
            depth++;
    }
    return 0;
}

/* Blanks, line ends of folding, comments. False: a comment has no end. */
static bool skip_blanks(struct parsing *p)
{
    for (;;) {
        char c = peek(p);
        if (p->rest.len && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
            step(p);
        } else if (c == '(') {
            size_t len = enclosed_length(p->rest, '(', ')');
            if (!len)
                return false;
            p->comment = span_first(span_skip(p->rest, 1), len - 2);
            p->rest = span_skip(p->rest, len);
        } else {
            return true;
        }
    }
}

static bool is_atom_char(char c)
{
    return ascii_is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c)) || (c & 0x80);
}

static struct span take_atom(struct parsing *p)
{
    size_t n = 0;
    while (n < p->rest.len && is_atom_char(p->rest.at[n]))
        n++;
    struct span atom = span_first(p->rest, n);
    p->rest = span_skip(p->rest, n);
    return atom;
}

/* Without the backslashes, and the line ends of folding. */
static void add_unescaped(struct buffer *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '\\' && i + 1 < s.len)
            i++;
        if (s.at[i] != '\r' && s.at[i] != '\n')
            buffer_add_char(out, s.at[i]);
    }
}

static void add_word(struct parsing *p, struct span raw, bool is_apart)
{
    bool is_quoted = raw.at[0] == '"';
    p->is_local = p->is_local && p->wants_word;
    for (size_t i = 0; i < raw.len; i++)
        if (raw.at[i] != '\r' && raw.at[i] != '\n')
            buffer_add_char(&p->text, raw.at[i]);
    if (p->name.len && is_apart)
        buffer_add_char(&p->name, ' ');
    if (is_quoted)
        add_unescaped(&p->name, span_first(span_skip(raw, 1), raw.len - 2));
    else
        buffer_add_span(&p->name, raw);
    p->wants_word = false;
    p->end = raw.at + raw.len;
}

/* Words and dots, up to what is neither. False: it can't be read. */
static bool take_words(struct parsing *p)
{
    for (;;) {
        size_t before = p->rest.len;
        if (!skip_blanks(p))
            return false;
        bool is_apart = p->rest.len < before;
        char c = peek(p);
        if (p->rest.len && is_atom_char(c)) {
            add_word(p, take_atom(p), is_apart);
        } else if (c == '"') {
            size_t len = enclosed_length(p->rest, '"', '"');
            struct span raw = span_first(p->rest, len);
            if (!len)
                return false;
            p->rest = span_skip(p->rest, len);
            add_word(p, raw, is_apart);
        } else if (c == '.' || c == '[' || c == ']') {
            p->is_local = p->is_local && c == '.' && !p->wants_word;
            p->wants_word = c == '.';
            buffer_add_char(&p->text, c);
            if (p->name.len && is_apart)
                buffer_add_char(&p->name, ' ');
            buffer_add_char(&p->name, c);
            step(p);
        } else {
            return true;
        }
    }
}

static bool has_local(const struct parsing *p)
{
    return p->is_local && !p->wants_word;
}

/* Behind the "@". */
static bool take_domain(struct parsing *p)
{
    step(p);
    p->has_domain = true;
    buffer_add_char(&p->text, '@');
    if (!skip_blanks(p))
        return false;
    if (peek(p) == '[') {
        size_t len = enclosed_length(p->rest, '[', ']');
        buffer_add_span(&p->text, span_first(p->rest, len));
        p->rest = span_skip(p->rest, len);
        return len > 0 && skip_blanks(p);
    }
    do {
        struct span label = take_atom(p);
        buffer_add_span(&p->text, label);
        if (!label.len || !skip_blanks(p))
            return false;
        if (peek(p) != '.')
            return true;
        buffer_add_char(&p->text, '.');
        step(p);
    } while (skip_blanks(p));
    return false;
}

/* "@one,@two:" (RFC 5322 4.4): dropped. */
static bool skip_route(struct parsing *p)
{
    size_t colon = span_find_char(p->rest, ':'), end = span_find_char(p->rest, '>');
    if (peek(p) != '@')
        return true;
    if (colon == SPAN_NOT_FOUND || colon > end)
        return false;
    p->rest = span_skip(p->rest, colon + 1);
    return true;
}

static void begin_local(struct parsing *p)
{
    buffer_clear(&p->text);
    p->is_local = p->wants_word = true;
    p->has_domain = false;
}

/* From "<" to behind ">"; the name has been kept by then. */
static bool take_angle(struct parsing *p, struct buffer *name)
{
    buffer_free(name);
    *name = p->name;
    p->name = BUFFER_EMPTY;
    step(p);
    begin_local(p);
    if (!skip_blanks(p))
        return false;
    p->is_empty = peek(p) == '>';
    if (!p->is_empty && (!skip_route(p) || !take_words(p) || !has_local(p) ||
                         (peek(p) == '@' && !take_domain(p)) || peek(p) != '>'))
        return false;
    step(p);
    return skip_blanks(p);
}

static struct span decoded(struct span name, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    encoded_words_decode(&text, span_trim(name));
    struct span kept = arena_copy(a, buffer_span(&text));
    buffer_free(&text);
    return kept;
}

/* One address, behind which comes ",", ";", or the end. 0: it is an empty one, or a group begins or
 * ends here. */
static int take_address(struct parsing *p, struct address_list *l, struct listed_address *found,
                        struct arena *a)
{
    struct buffer name = BUFFER_EMPTY;
    int result = -1;
    begin_local(p);
    bool ok = take_words(p), has_words = p->text.len > 0;
    if (ok && peek(p) == ':' && has_words && !l->is_in_group) {
        l->is_in_group = true;
        step(p);
        return 0;
    }
    ok = ok && (peek(p) != '@' || (has_local(p) && take_domain(p)));
    if (ok && peek(p) == '<') {
        if (p->has_domain) { /* "alice@example.org <alice@example.org>" */
            buffer_clear(&p->name);
            buffer_add_span(&p->name, buffer_span(&p->text));
        }
        ok = take_angle(p, &name);
    } else if (ok && !has_words) {
        p->is_empty = true;
    } else {
        ok = ok && has_local(p);
    }
    struct span address = buffer_span(&p->text);
    bool is_over = !p->rest.len || peek(p) == ',' || peek(p) == ';';
    if (ok && is_over && p->is_empty) {
        result = 0;
    } else if (ok && is_over && (!p->has_domain || address_check(address, true) == ADDRESS_OK)) {
        if (!name.len)
            add_unescaped(&name, p->comment);
        *found = (struct listed_address){arena_copy(a, address), p->has_domain,
                                         decoded(buffer_span(&name), a), p->end};
        result = 1;
    }
    if (result >= 0 && p->rest.len) {
        l->is_in_group = l->is_in_group && peek(p) == ',';
        step(p);
    }
    buffer_free(&name);
    return result;
}

int address_list_next(struct address_list *l, struct listed_address *found, struct arena *a)
{
    int result = 0;
    while (!result && l->rest.len) {
        struct parsing p = {.rest = l->rest};
        result = take_address(&p, l, found, a);
        if (result >= 0)
            l->rest = p.rest;
        buffer_free(&p.text);
        buffer_free(&p.name);
    }
    return result;
}
