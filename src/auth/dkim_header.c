#include "auth/dkim_header.h"

#include "base/eight.h"
#include "base/memory.h"

#include <stdlib.h>

/* ---- one field */

static void add_simple(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_bare = text.at[i] == '\n' && (i == 0 || text.at[i - 1] != '\r');
        if (is_bare)
            buffer_add_char(out, '\r');
        buffer_add_char(out, text.at[i]);
    }
}

/* Unfolded, runs of blanks as one, none at either end. */
static void add_relaxed(struct buffer *out, struct span value)
{
    bool is_apart = false, has_begun = false;
    while (value.len) {
        bool is_fold = value.at[0] == '\n' || span_starts(value, SPAN("\r\n"));
        bool is_blank = value.at[0] == ' ' || value.at[0] == '\t';
        if (is_fold || is_blank) {
            is_apart |= is_blank;
            value = span_skip(value, 1);
            continue;
        }
        if (is_apart && has_begun)
            buffer_add_char(out, ' ');
        is_apart = false;
        has_begun = true;
        size_t text = 1 + eight_find_any(span_skip(value, 1), " \t\r\n");
        buffer_add(out, value.at, text);
        value = span_skip(value, text);
    }
}

/* `text`: the field as it stands, without its last line end; `value`: behind the colon. */
static void add_field(struct buffer *out, struct span name, struct span text, struct span value,
                      bool is_relaxed)
{
    if (!is_relaxed) {
        add_simple(out, text);
        return;
    }
    for (size_t i = 0; i < name.len; i++)
        buffer_add_char(out, ascii_lower(name.at[i]));
    buffer_add_char(out, ':');
    add_relaxed(out, value);
}

static struct span without_end(const struct header_field *f)
{
    return (struct span){f->whole.at, (size_t)(f->value.at + f->value.len - f->whole.at)};
}

void dkim_add_field(struct buffer *out, const struct header_field *f, bool is_relaxed)
{
    add_field(out, f->name, without_end(f), f->value, is_relaxed);
    buffer_add_text(out, "\r\n");
}

/* ---- the field of the signature itself: it can't sign its own octets, and has no line end */

void dkim_add_itself(struct buffer *out, const struct dkim_signature *s)
{
    struct span text = without_end(&s->field);
    size_t from = (size_t)(s->octets_place.at - text.at);
    struct buffer bare = BUFFER_EMPTY;
    buffer_add_span(&bare, span_first(text, from));
    buffer_add_span(&bare, span_skip(text, from + s->octets_place.len));
    text = buffer_span(&bare);
    struct span value = span_skip(text, (size_t)(s->field.value.at - s->field.whole.at));
    add_field(out, s->field.name, text, value, s->has_relaxed_header);
    buffer_free(&bare);
}

/* ---- all of it */

/* FNV-1a, of any case: names are compared only where these agree. */
static uint32_t hash_of(struct span name)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)ascii_lower(name.at[i])) * 16777619u;
    return hash;
}

static void add_found(struct dkim_fields *x, const struct header_field *f)
{
    enum { FIRST_ROOM = 32 };
    if (x->count == x->room) {
        x->room = x->room ? 2 * x->room : FIRST_ROOM;
        x->at = memory_resize(x->at, x->room * sizeof *x->at);
    }
    x->at[x->count++] = (struct dkim_field){.field = *f, .name = hash_of(f->name)};
}

void dkim_fields_find(struct dkim_fields *x, struct span header)
{
    struct header_iterator it = header_start(span_first(header, LONGEST_HEADER));
    struct header_field f;
    *x = (struct dkim_fields){.is_too_long = header.len > LONGEST_HEADER};
    while (!x->is_too_long && header_next(&it, &f) > 0)
        if (x->count == MOST_HEADER_FIELDS)
            x->is_too_long = true;
        else
            add_found(x, &f);
}

void dkim_fields_free(struct dkim_fields *x)
{
    free(x->at);
    *x = (struct dkim_fields){0};
}

static bool has_name(const struct dkim_field *f, uint32_t hash, struct span name)
{
    return f->name == hash && span_equal_nocase(f->field.name, name);
}

size_t dkim_fields_count(const struct dkim_fields *x, struct span name)
{
    uint32_t hash = hash_of(name);
    size_t count = 0;
    for (size_t i = 0; i < x->count; i++)
        count += has_name(&x->at[i], hash, name);
    return count;
}

static const struct header_field *take_last(struct dkim_fields *x, struct span name)
{
    uint32_t hash = hash_of(name);
    for (size_t i = x->count; i-- > 0;)
        if (!x->at[i].is_taken && has_name(&x->at[i], hash, name)) {
            x->at[i].is_taken = true;
            return &x->at[i].field;
        }
    return NULL;
}

/* The signature's own field is not among those that it may name: it comes last, once. */
static void mark_itself(struct dkim_fields *x, const struct dkim_signature *s)
{
    for (size_t i = 0; i < x->count; i++)
        x->at[i].is_taken = x->at[i].field.whole.at == s->field.whole.at;
}

void dkim_fields_add_signed(struct buffer *out, struct dkim_fields *x,
                            const struct dkim_signature *s)
{
    mark_itself(x, s);
    for (size_t i = 0; i < s->name_count; i++) {
        const struct header_field *f = take_last(x, s->names[i]);
        if (f)
            dkim_add_field(out, f, s->has_relaxed_header);
    }
    dkim_add_itself(out, s);
}

bool dkim_add_signed_header(struct buffer *out, const struct dkim_signature *s, struct span header)
{
    struct dkim_fields x;
    dkim_fields_find(&x, header);
    bool is_all = !x.is_too_long;
    if (is_all)
        dkim_fields_add_signed(out, &x, s);
    dkim_fields_free(&x);
    return is_all;
}
