#include "import/main_cf.h"

#include "base/memory.h"
#include "base/visible.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 30, MOST_STEPS = 10000, LARGEST_VALUE = 256 * 1024, LONGEST_SHOWN = 60 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ---- lines */

bool postfix_line(struct span *rest, size_t *line, struct buffer *logical, size_t *first)
{
    buffer_clear(logical);
    while (rest->len) {
        struct span next = *rest, one = span_cut(&next, '\n'), text = span_trim(one);
        bool is_nothing = !text.len || text.at[0] == '#';
        if (!is_nothing && logical->len && !is_blank(one.at[0]))
            return true;
        *rest = next;
        ++*line;
        if (is_nothing)
            continue;
        if (!logical->len)
            *first = *line;
        else
            buffer_add_char(logical, ' ');
        buffer_add_span(logical, is_blank(one.at[0]) && !logical->len ? one : text);
    }
    return logical->len > 0;
}

static bool fail(const char *file, size_t line, const char *words, struct span what,
                 struct error *e)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, what, LONGEST_SHOWN);
    error_set(e, "%s:%zu: \"%s\" %s", file, line, buffer_text(&shown), words);
    buffer_free(&shown);
    return false;
}

static void set(struct main_cf *m, struct span name, struct span text, size_t line)
{
    struct setting *s = map_get_text(&m->by_name, name);
    if (!s) {
        s = arena_new(m->arena, sizeof *s);
        s->name = arena_copy(m->arena, name);
        map_set_text(&m->by_name, s->name, s);
        if (m->count == m->room) {
            m->room = m->room ? m->room * 2 : 64;
            m->settings = memory_resize(m->settings, m->room * sizeof *m->settings);
        }
        m->settings[m->count++] = s;
    }
    s->text = arena_copy(m->arena, text);
    s->line = line;
    s->times++;
}

static bool is_one_word(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 0x7F)
            return false;
    return name.len > 0;
}

bool main_cf_parse(struct main_cf *m, const char *file, struct span text, struct error *e)
{
    struct buffer logical = BUFFER_EMPTY;
    size_t line = 0, first = 0;
    bool ok = true;
    while (ok && postfix_line(&text, &line, &logical, &first)) {
        struct span value = buffer_span(&logical), name;
        if (is_blank(value.at[0])) {
            ok = fail(file, first, "goes on with a line before it, but there is none",
                      span_trim(value), e);
            break;
        }
        bool has_sign = span_find_char(value, '=') != SPAN_NOT_FOUND;
        name = span_trim(span_cut(&value, '='));
        if (!has_sign || !is_one_word(name))
            ok = fail(file, first, "is not written as NAME = VALUE", buffer_span(&logical), e);
        else
            set(m, name, span_trim(value), first);
    }
    buffer_free(&logical);
    return ok;
}

void main_cf_free(struct main_cf *m)
{
    map_free(&m->by_name);
    map_free(&m->defaults);
    free(m->settings);
    *m = (struct main_cf){0};
}

void main_cf_default(struct main_cf *m, const char *name, struct span text)
{
    struct span *value = arena_new(m->arena, sizeof *value);
    *value = text;
    map_set_text(&m->defaults, span_of(name), value);
}

/* ---- what "$name" stands for */

struct expansion {
    const struct main_cf *of;
    struct buffer *out;
    unsigned depth;
    unsigned *steps; /* of the whole, however it branches */
};

static void expand(struct expansion *x, struct span text);

/* As it is written. */
static struct span lookup(const struct main_cf *m, struct span name)
{
    const struct setting *s = map_get_text(&m->by_name, name);
    if (s)
        return s->text;
    const struct span *standard = map_get_text(&m->defaults, name);
    return standard ? *standard : SPAN_NONE;
}

static bool is_name_char(char c)
{
    return ascii_is_alnum(c) || c == '_';
}

static struct span skip_blanks(struct span s)
{
    while (s.len && is_blank(s.at[0]))
        s = span_skip(s, 1);
    return s;
}

/* What stands between `open` at the start of `*rest` and the `close` that belongs to it. */
static bool take_bracketed(struct span *rest, char open, char close, struct span *inside)
{
    size_t depth = 0;
    for (size_t i = 0; i < rest->len; i++) {
        depth += rest->at[i] == open;
        depth -= rest->at[i] == close;
        if (!depth) {
            *inside = span_first(span_skip(*rest, 1), i - 1);
            *rest = span_skip(*rest, i + 1);
            return true;
        }
    }
    return false;
}

static struct span expanded(struct expansion *x, struct span text, struct buffer *room)
{
    struct expansion inner = {x->of, room, x->depth, x->steps};
    expand(&inner, text);
    return buffer_span(room);
}

static uint64_t number_or(struct span s, uint64_t other)
{
    uint64_t value;
    return span_to_u64(s, UINT64_MAX - 1, &value) ? value : other;
}

/* <0, 0, >0: numbers by value, the parts of "3.6" one after the other, all else as text. */
static int compare(struct span a, struct span b, bool is_level)
{
    bool are_numbers =
        number_or(a, UINT64_MAX) != UINT64_MAX && number_or(b, UINT64_MAX) != UINT64_MAX;
    if (!is_level && !are_numbers)
        return span_compare(a, b);
    while (a.len || b.len) {
        uint64_t left = number_or(span_cut(&a, '.'), 0), right = number_or(span_cut(&b, '.'), 0);
        if (left != right)
            return left < right ? -1 : 1;
    }
    return 0;
}

static bool holds(struct span sign, int order)
{
    static const struct {
        struct span sign;
        bool less, equal, more;
    } signs[] = {{{"==", 2}, false, true, false}, {{"!=", 2}, true, false, true},
                 {{"<", 1}, true, false, false},  {{"<=", 2}, true, true, false},
                 {{">", 1}, false, false, true},  {{">=", 2}, false, true, true}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (span_equal(sign, signs[i].sign))
            return order < 0 ? signs[i].less : order ? signs[i].more : signs[i].equal;
    return false;
}

/* "{left} == {right}" at the start of `*rest`. */
static bool take_comparison(struct expansion *x, struct span *rest, bool *is_true)
{
    struct span left, right, sign;
    size_t n = 0;
    if (!take_bracketed(rest, '{', '}', &left))
        return false;
    *rest = skip_blanks(*rest);
    while (n < rest->len && rest->at[n] != '{' && !is_blank(rest->at[n]))
        n++;
    sign = span_first(*rest, n);
    *rest = skip_blanks(span_skip(*rest, n));
    if (!rest->len || rest->at[0] != '{' || !take_bracketed(rest, '{', '}', &right))
        return false;
    struct buffer a = BUFFER_EMPTY, b = BUFFER_EMPTY;
    bool is_level = span_ends_nocase(sign, SPAN("level"));
    if (is_level)
        sign.len -= 5;
    *is_true = holds(sign, compare(span_trim(expanded(x, left, &a)),
                                   span_trim(expanded(x, right, &b)), is_level));
    buffer_free(&a);
    buffer_free(&b);
    return true;
}

/* Behind "?" or ":": "{text}", or all the rest. */
static struct span take_branch(struct span *rest)
{
    struct span branch = *rest, after = skip_blanks(*rest);
    if (after.len && after.at[0] == '{' && take_bracketed(&after, '{', '}', &branch)) {
        *rest = skip_blanks(after);
        return branch;
    }
    *rest = SPAN_NONE;
    return branch;
}

/* "?text", ":text", "?{text}:{text}" */
static void expand_branches(struct expansion *x, struct span rest, bool is_true)
{
    while (rest.len && (rest.at[0] == '?' || rest.at[0] == ':')) {
        bool wanted = (rest.at[0] == '?') == is_true;
        rest = span_skip(rest, 1);
        struct span branch = take_branch(&rest);
        if (wanted)
            expand(x, branch);
    }
}

/* What stands in "${…}". */
static void expand_inside(struct expansion *x, struct span inside)
{
    struct span rest = skip_blanks(inside);
    bool is_true = false;
    if (rest.len && rest.at[0] == '{') {
        if (take_comparison(x, &rest, &is_true))
            expand_branches(x, skip_blanks(rest), is_true);
        return;
    }
    size_t n = 0;
    while (n < rest.len && is_name_char(rest.at[n]))
        n++;
    struct span value = lookup(x->of, span_first(rest, n));
    rest = skip_blanks(span_skip(rest, n));
    if (rest.len)
        expand_branches(x, rest, value.len > 0);
    else
        expand(x, value);
}

static void expand_one(struct expansion *x, struct span *rest)
{
    struct span inside;
    size_t n = 0;
    char c = rest->len ? rest->at[0] : '$';
    if (c == '$') {
        buffer_add_char(x->out, '$');
        *rest = span_skip(*rest, 1);
        return;
    }
    if (c == '{' || c == '(') {
        if (take_bracketed(rest, c, c == '{' ? '}' : ')', &inside))
            expand_inside(x, inside);
        else
            *rest = SPAN_NONE;
        return;
    }
    while (n < rest->len && is_name_char(rest->at[n]))
        n++;
    expand(x, lookup(x->of, span_first(*rest, n)));
    *rest = span_skip(*rest, n);
}

static void expand(struct expansion *x, struct span text)
{
    if (x->depth >= DEEPEST || ++*x->steps > MOST_STEPS)
        return;
    x->depth++;
    while (text.len && x->out->len < LARGEST_VALUE) {
        size_t n = span_find_char(text, '$');
        buffer_add_span(x->out, span_first(text, n));
        if (n == SPAN_NOT_FOUND)
            break;
        text = span_skip(text, n + 1);
        expand_one(x, &text);
    }
    x->depth--;
}

struct span main_cf_expand(const struct main_cf *m, struct span text)
{
    struct buffer out = BUFFER_EMPTY;
    unsigned steps = 0;
    struct expansion x = {m, &out, 0, &steps};
    expand(&x, text);
    struct span kept = arena_copy(m->arena, span_trim(buffer_span(&out)));
    buffer_free(&out);
    return kept;
}

struct span main_cf_value(const struct main_cf *m, const char *name)
{
    return main_cf_expand(m, lookup(m, span_of(name)));
}

bool main_cf_is_set(const struct main_cf *m, const char *name)
{
    return map_get_text(&m->by_name, span_of(name)) != NULL;
}

static bool text_mentions(struct span text, struct span name)
{
    size_t at;
    while ((at = span_find_char(text, '$')) != SPAN_NOT_FOUND) {
        text = span_skip(text, at + 1);
        struct span rest = text;
        if (rest.len && (rest.at[0] == '{' || rest.at[0] == '('))
            rest = skip_blanks(span_skip(rest, 1));
        if (span_starts(rest, name) && (rest.len == name.len || !is_name_char(rest.at[name.len])))
            return true;
    }
    return false;
}

bool main_cf_mentions(const struct main_cf *m, struct span text, struct span name)
{
    for (size_t i = 0; i < m->count; i++)
        if (text_mentions(m->settings[i]->text, name))
            return true;
    return text_mentions(text, name);
}
