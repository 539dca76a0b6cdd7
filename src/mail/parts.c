#include "mail/parts.h"

void parts_start(struct parts *p, struct span message)
{
    p->depth = 0;
    p->message = message;
    p->has_started = false;
}

static bool is_about_content_or_extra(struct span rest)
{
    return span_starts_nocase(rest, SPAN("Content-")) || span_starts_nocase(rest, SPAN("X-"));
}

/* What a later piece of a header tells and the first one did not. */
static void add_to(struct mime_entity *e, const struct mime_entity *more)
{
    const struct mime_entity first = *e;
    if (!first.has_type && more->has_type)
        *e = *more;
    if (first.has_encoding || !more->has_encoding)
        e->encoding = first.encoding;
    else
        e->encoding = more->encoding;
    e->has_encoding = first.has_encoding || more->has_encoding;
    if (first.disposition.len || !more->disposition.len)
        e->disposition = first.disposition;
    else
        e->disposition = more->disposition;
    e->separator = more->separator;
    e->body = more->body;
}

/* A line that is no field ends a header (mime.h), but some programs break long ones where they
 * please: then the header goes on behind it. */
static void mend_header(struct mime_entity *e, bool is_message_by_default)
{
    enum { MOST_BAD_LINES = 20 };
    struct mime_entity mended = *e, more;
    struct span rest = e->body;
    bool has_more = false;
    for (int i = 0; i < MOST_BAD_LINES; i++) {
        struct span before = rest, line = span_cut(&rest, '\n');
        bool is_empty = !span_trim(line).len;
        if (is_empty) {
            mended.separator = span_first(before, line.len + 1);
            mended.body = span_skip(before, line.len + 1);
        } else if (is_about_content_or_extra(rest)) {
            has_more = true;
            mime_parse(rest, is_message_by_default, &more);
            add_to(&mended, &more);
            rest = more.body;
            is_empty = more.separator.len > 0;
        }
        if (is_empty) {
            if (has_more)
                *e = mended;
            return;
        }
    }
}

static bool is_open_for_more(const struct parts *p, const struct mime_entity *e)
{
    return (e->kind == MIME_MULTIPART || e->kind == MIME_SIGNED) && e->boundary_length &&
           p->depth < DEEPEST_PART;
}

/* A multipart is entered: its parts come next. */
static bool take(struct parts *p, struct span text, bool is_message_by_default,
                 struct mime_entity *found)
{
    mime_parse(text, is_message_by_default, found);
    if (p->depth && !found->separator.len && found->body.len)
        mend_header(found, is_message_by_default);
    if (!is_open_for_more(p, found))
        return true;
    p->open[p->depth].entity = *found;
    p->open[p->depth].pieces = mime_pieces_start(&p->open[p->depth].entity);
    p->open[p->depth].has_part = false;
    p->depth++;
    return false;
}

bool parts_next(struct parts *p, struct mime_entity *found)
{
    if (!p->has_started) {
        p->has_started = true;
        if (take(p, p->message, false, found))
            return true;
    }
    while (p->depth) {
        struct span piece;
        unsigned top = p->depth - 1;
        enum mime_piece what = mime_pieces_next(&p->open[top].pieces, &piece);
        p->open[top].has_part |= what == MIME_PART;
        if (what == MIME_END) {
            p->depth--;
            *found = p->open[top].entity;
            if (top && !p->open[top].has_part && span_trim(found->body).len)
                return true;
        } else if (what == MIME_PART &&
                   take(p, piece, mime_is(&p->open[top].entity, "multipart", "digest"), found)) {
            return true;
        }
    }
    return false;
}

const struct mime_entity *parts_around(const struct parts *p)
{
    return p->depth ? &p->open[p->depth - 1].entity : NULL;
}
