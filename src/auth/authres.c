#include "auth/authres.h"

#include "base/visible.h"
#include "mail/domain.h"
#include "mail/header.h"

#include <string.h>

#define FIELD SPAN("Authentication-Results")

/* ---- reading */

struct reader {
    struct span rest;
    struct arena *arena;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind a comment, which may hold others; false: it does not end, and `r` stays before it. */
static bool skip_comment(struct reader *r)
{
    const struct span start = r->rest;
    size_t depth = 0;
    while (r->rest.len) {
        char c = r->rest.at[0];
        r->rest = span_skip(r->rest, c == '\\' ? 2 : 1);
        depth += c == '(';
        depth -= c == ')';
        if (!depth)
            return true;
    }
    r->rest = start;
    return false;
}

/* CFWS. False: a comment does not end. */
static bool skip_blanks(struct reader *r)
{
    while (r->rest.len) {
        if (is_blank(r->rest.at[0]))
            r->rest = span_skip(r->rest, 1);
        else if (r->rest.at[0] != '(')
            break;
        else if (!skip_comment(r))
            return false;
    }
    return true;
}

static bool take_char(struct reader *r, char c)
{
    if (!skip_blanks(r) || !r->rest.len || r->rest.at[0] != c)
        return false;
    r->rest = span_skip(r->rest, 1);
    return true;
}

/* As RFC 2045 5.1 has tokens, and with UTF-8 (RFC 6532). */
static bool is_token_char(char c)
{
    unsigned char u = (unsigned char)c;
    return u > ' ' && u != 0x7F && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* What ends a value that stands there without quotes. */
static bool is_value_char(char c)
{
    unsigned char u = (unsigned char)c;
    return u > ' ' && u != 0x7F && !strchr("();\"\\", c);
}

static bool take_run(struct reader *r, bool (*fits)(char c), struct span *run)
{
    size_t n = 0;
    if (!skip_blanks(r))
        return false;
    while (n < r->rest.len && fits(r->rest.at[n]))
        n++;
    *run = span_first(r->rest, n);
    r->rest = span_skip(r->rest, n);
    return n > 0;
}

static bool is_keyword_char(char c)
{
    return ascii_is_alnum(c) || c == '-' || c == '_';
}

static bool take_keyword(struct reader *r, struct span *word)
{
    return take_run(r, is_keyword_char, word);
}

/* The text between quotes, without control characters; `r` is at the first. */
static bool take_quoted(struct reader *r, struct buffer *text)
{
    r->rest = span_skip(r->rest, 1);
    while (r->rest.len && r->rest.at[0] != '"') {
        bool is_escaped = r->rest.at[0] == '\\' && r->rest.len > 1;
        char c = r->rest.at[is_escaped];
        if ((unsigned char)c >= ' ' && c != 0x7F)
            buffer_add_char(text, c);
        r->rest = span_skip(r->rest, is_escaped ? 2 : 1);
    }
    bool ends = r->rest.len > 0;
    r->rest = span_skip(r->rest, 1);
    return ends;
}

static bool is_at(const struct reader *r, char c)
{
    return r->rest.len && r->rest.at[0] == c;
}

/* In quotes or not; a quoted local part may be followed by its domain. */
static bool take_value(struct reader *r, bool (*fits)(char c), struct span *value)
{
    struct buffer text = BUFFER_EMPTY;
    struct span domain = SPAN_NONE;
    if (!skip_blanks(r))
        return false;
    if (!is_at(r, '"'))
        return take_run(r, fits, value);
    bool ok = take_quoted(r, &text);
    if (ok && is_at(r, '@') && fits == is_value_char)
        take_run(r, is_value_char, &domain);
    buffer_add_span(&text, domain);
    *value = arena_keep(r->arena, &text);
    return ok;
}

static bool take_property(struct reader *r, struct authres_property *p)
{
    return take_keyword(r, &p->type) && take_char(r, '.') && take_keyword(r, &p->name) &&
           take_char(r, '=') && take_value(r, is_value_char, &p->value);
}

/* "reason=…"; `r` is behind the word. */
static bool is_reason(const struct reader *r, struct span *after)
{
    struct reader ahead = *r;
    struct span word;
    if (!take_keyword(&ahead, &word) || !span_equal_nocase(word, SPAN("reason")) ||
        !take_char(&ahead, '='))
        return false;
    *after = ahead.rest;
    return true;
}

static bool take_properties(struct reader *r, struct authres_result *result, struct error *e)
{
    while (skip_blanks(r) && r->rest.len && !is_at(r, ';')) {
        struct authres_property p;
        struct span after;
        if (!result->count && !result->reason.len && is_reason(r, &after)) {
            r->rest = after;
            if (!take_value(r, is_value_char, &result->reason))
                return error_set(e, "its reason can't be read");
            continue;
        }
        if (!take_property(r, &p))
            return error_set(e, "what follows the result %.*s can't be read",
                             SPAN_F(span_first(result->method, 40)));
        if (result->count == AUTHRES_MOST_PROPERTIES)
            return error_set(e, "a result has more than %d properties", AUTHRES_MOST_PROPERTIES);
        result->properties[result->count++] = p;
    }
    return true;
}

static bool take_result(struct reader *r, struct authres *out, struct error *e)
{
    struct authres_result result = {.reason = SPAN_NONE};
    struct span version;
    if (!take_keyword(r, &result.method))
        return error_set(e, "the name of a method is missing");
    bool has_version = take_char(r, '/');
    if (has_version && !take_keyword(r, &version))
        return error_set(e, "the version of a method is missing");
    if (!has_version && !out->count && span_equal_nocase(result.method, SPAN("none")) &&
        skip_blanks(r) && !r->rest.len)
        return true;
    if (!take_char(r, '=') || !take_keyword(r, &result.result))
        return error_set(e, "the result of %.*s is missing", SPAN_F(span_first(result.method, 40)));
    if (!take_properties(r, &result, e))
        return false;
    if (out->count == AUTHRES_MOST_RESULTS)
        return error_set(e, "it has more than %d results", AUTHRES_MOST_RESULTS);
    out->results[out->count++] = result;
    return true;
}

/* The version is 1, if it is told: RFC 8601 2.2. */
static bool take_server(struct reader *r, struct span *server, struct error *e)
{
    struct span version;
    if (!take_value(r, is_token_char, server) || !server->len)
        return error_set(e, "it does not say who has checked");
    if (take_keyword(r, &version) && !span_equal(version, SPAN("1")))
        return error_set(e, "its version is %.*s, which is not known",
                         SPAN_F(span_first(version, 20)));
    return true;
}

bool authres_parse(struct authres *out, struct span value, struct arena *a, struct error *e)
{
    struct reader r = {value, a};
    size_t most = 1;
    *out = (struct authres){.server = SPAN_NONE};
    for (size_t i = 0; i < value.len && most < AUTHRES_MOST_RESULTS; i++)
        most += value.at[i] == ';';
    out->results = arena_new(a, most * sizeof *out->results);
    if (!take_server(&r, &out->server, e))
        return false;
    if (!skip_blanks(&r) || !is_at(&r, ';'))
        return error_set(e, "no result follows the name of who has checked");
    while (take_char(&r, ';')) {
        skip_blanks(&r);
        if (!r.rest.len && out->count) /* often seen */
            break;
        if (!take_result(&r, out, e))
            return false;
    }
    return (skip_blanks(&r) && !r.rest.len) || error_set(e, "a comment in it does not end");
}

/* ---- writing */

enum { WIDTH = 78, LONGEST_VALUE = 300 };

/* A token, or an address of tokens. */
static bool is_plain_value(struct span s, size_t most_ats)
{
    size_t ats = 0;
    for (size_t i = 0; i < s.len; i++) {
        ats += s.at[i] == '@';
        if (!is_token_char(s.at[i]) && s.at[i] != '@')
            return false;
    }
    return s.len && ats <= most_ats && s.at[s.len - 1] != '@';
}

/* Without control characters, in UTF-8 or else in ASCII, and no longer than LONGEST_VALUE. */
static void add_clean(struct buffer *out, struct span value)
{
    bool is_utf8 = utf8_is_valid(value);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        bool is_inside = (c & 0xC0) == 0x80; /* of a character of several bytes */
        if (out->len >= LONGEST_VALUE && !(is_utf8 && is_inside))
            break;
        if (c >= ' ' && c != 0x7F)
            buffer_add_char(out, c > 0x7F && !is_utf8 ? '?' : (char)c);
    }
}

static void add_quoted(struct buffer *out, struct span value)
{
    buffer_add_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '"' || value.at[i] == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, value.at[i]);
    }
    buffer_add_char(out, '"');
}

static void add_value(struct buffer *out, struct span value, size_t most_ats)
{
    struct buffer clean = BUFFER_EMPTY;
    add_clean(&clean, value);
    if (is_plain_value(buffer_span(&clean), most_ats))
        buffer_add_span(out, buffer_span(&clean));
    else
        add_quoted(out, buffer_span(&clean));
    buffer_free(&clean);
}

/* On this line if it fits, else on the next. */
static void add_word(struct buffer *out, size_t *line, struct buffer *word)
{
    if (out->len - *line + 1 + word->len > WIDTH) {
        buffer_add_text(out, "\r\n\t");
        *line = out->len - 1;
    } else {
        buffer_add_char(out, ' ');
    }
    buffer_add_span(out, buffer_span(word));
    buffer_clear(word);
}

static void add_result(struct buffer *out, const struct authres_result *r)
{
    struct buffer word = BUFFER_EMPTY;
    buffer_add_text(out, ";\r\n\t");
    size_t line = out->len - 1;
    buffer_printf(out, "%.*s=%.*s", SPAN_F(r->method), SPAN_F(r->result));
    if (r->reason.len) {
        buffer_add_text(&word, "reason=");
        add_value(&word, r->reason, 0);
        add_word(out, &line, &word);
    }
    for (size_t i = 0; i < r->count; i++) {
        const struct authres_property *p = &r->properties[i];
        buffer_printf(&word, "%.*s.%.*s=", SPAN_F(p->type), SPAN_F(p->name));
        add_value(&word, p->value, 1);
        add_word(out, &line, &word);
    }
    buffer_free(&word);
}

void authres_add_server(struct buffer *out, struct span server)
{
    add_value(out, server, 0);
}

void authres_write(struct buffer *out, const struct authres *r)
{
    buffer_add_span(out, FIELD);
    buffer_add_text(out, ": ");
    add_value(out, r->server, 0);
    for (size_t i = 0; i < r->count; i++)
        add_result(out, &r->results[i]);
    buffer_add_text(out, r->count ? "\r\n" : "; none\r\n");
}

/* ---- those of others with our name */

static bool is_same_name(struct span a, struct span b, struct arena *arena)
{
    struct span one, other;
    return span_equal_nocase(a, b) ||
           (domain_to_ascii(a, &one, arena) && domain_to_ascii(b, &other, arena) &&
            span_equal_nocase(one, other));
}

static bool may_be_of(struct span value, struct span server)
{
    struct arena a = ARENA_EMPTY;
    struct reader r = {value, &a};
    struct span name = SPAN_NONE;
    struct error e;
    bool may_be = !take_server(&r, &name, &e) || is_same_name(name, server, &a);
    arena_clear(&a);
    return may_be;
}

size_t authres_remove_named(struct buffer *out, struct span header, struct span name,
                            struct span server)
{
    struct header_iterator it = header_start(header);
    struct header_field f;
    size_t count = 0;
    while (header_next(&it, &f) == 1) {
        if (span_equal_nocase(f.name, name) && may_be_of(f.value, server))
            count++;
        else
            buffer_add_span(out, f.whole);
    }
    buffer_add_span(out, it.rest);
    return count;
}

size_t authres_remove(struct buffer *out, struct span header, struct span server)
{
    return authres_remove_named(out, header, FIELD, server);
}

/* ---- what ARC makes of it */

bool authres_take_instance(struct span value, uint64_t *instance, struct span *rest)
{
    enum { MOST_DIGITS = 2 };
    struct reader r = {value, NULL};
    struct span word;
    if (!take_keyword(&r, &word) || !span_equal(word, SPAN("i")) || !take_char(&r, '=') ||
        !take_keyword(&r, &word) || word.len > MOST_DIGITS || !span_to_u64(word, 99, instance) ||
        !take_char(&r, ';'))
        return false;
    *rest = span_trim(r.rest);
    return true;
}

/* What stands between two ";" that are in no quotes and in no comment. */
static struct span take_piece(struct reader *r)
{
    const struct span start = r->rest;
    struct buffer text = BUFFER_EMPTY;
    while (r->rest.len && !is_at(r, ';')) {
        if (is_at(r, '"'))
            take_quoted(r, &text);
        else if (!is_at(r, '(') || !skip_comment(r))
            r->rest = span_skip(r->rest, 1);
    }
    buffer_free(&text);
    return span_trim(span_first(start, start.len - r->rest.len));
}

static void add_pieces(struct buffer *out, struct reader *r, size_t *count)
{
    while (take_char(r, ';')) {
        struct span piece = take_piece(r);
        if (!piece.len || span_equal_nocase(piece, SPAN("none")))
            continue;
        buffer_add_text(out, (*count)++ ? ";\r\n\t" : "; ");
        buffer_add_span(out, piece);
    }
}

size_t authres_join(struct buffer *out, struct span header, struct span server)
{
    struct header_iterator it = header_start(header);
    struct header_field f;
    struct arena a = ARENA_EMPTY;
    size_t fields = 0, pieces = 0;
    while (header_next(&it, &f) == 1) {
        struct reader r = {f.value, &a};
        struct span name = SPAN_NONE;
        struct error e;
        if (!span_equal_nocase(f.name, FIELD) || !take_server(&r, &name, &e) ||
            !is_same_name(name, server, &a))
            continue;
        if (!fields++)
            add_value(out, server, 0);
        add_pieces(out, &r, &pieces);
    }
    if (fields && !pieces)
        buffer_add_text(out, "; none");
    arena_clear(&a);
    return fields;
}
