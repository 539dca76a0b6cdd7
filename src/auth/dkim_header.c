#include "auth/dkim_header.h"

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
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '\n' || (c == '\r' && i + 1 < value.len && value.at[i + 1] == '\n'))
            continue;
        if (c == ' ' || c == '\t') {
            is_apart = true;
            continue;
        }
        if (is_apart && has_begun)
            buffer_add_char(out, ' ');
        is_apart = false;
        has_begun = true;
        buffer_add_char(out, c);
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

static void add_itself(struct buffer *out, const struct dkim_signature *s)
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

struct index {
    struct header_field *fields;
    bool *is_taken;
    size_t count;
};

static bool index_fill(struct index *x, struct span header)
{
    struct header_iterator it = header_start(header);
    struct header_field f;
    while (header_next(&it, &f) > 0) {
        if (x->count == MOST_HEADER_FIELDS)
            return false;
        x->fields[x->count++] = f;
    }
    return true;
}

static const struct header_field *take_last(struct index *x, struct span name)
{
    for (size_t i = x->count; i-- > 0;)
        if (!x->is_taken[i] && span_equal_nocase(x->fields[i].name, name)) {
            x->is_taken[i] = true;
            return &x->fields[i];
        }
    return NULL;
}

/* The signature's own field is not among those that it may name: it comes last, once. */
static void mark_itself(struct index *x, const struct dkim_signature *s)
{
    for (size_t i = 0; i < x->count; i++)
        x->is_taken[i] = x->fields[i].whole.at == s->field.whole.at;
}

bool dkim_add_signed_header(struct buffer *out, const struct dkim_signature *s, struct span header)
{
    if (header.len > LONGEST_HEADER)
        return false;
    struct index x = {.fields = memory_new(MOST_HEADER_FIELDS * sizeof *x.fields),
                      .is_taken = memory_new(MOST_HEADER_FIELDS * sizeof *x.is_taken)};
    bool is_all = index_fill(&x, header);
    mark_itself(&x, s);
    for (size_t i = 0; is_all && i < s->name_count; i++) {
        const struct header_field *f = take_last(&x, s->names[i]);
        if (f)
            dkim_add_field(out, f, s->has_relaxed_header);
    }
    if (is_all)
        add_itself(out, s);
    free(x.fields);
    free(x.is_taken);
    return is_all;
}
