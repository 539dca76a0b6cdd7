#include "mail/parts.h"

void parts_start(struct parts *p, struct span message)
{
    p->depth = 0;
    p->message = message;
    p->has_started = false;
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
    if (!is_open_for_more(p, found))
        return true;
    p->open[p->depth].entity = *found;
    p->open[p->depth].pieces = mime_pieces_start(&p->open[p->depth].entity);
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
        struct mime_pieces *pieces = &p->open[p->depth - 1].pieces;
        enum mime_piece what = mime_pieces_next(pieces, &piece);
        if (what == MIME_END)
            p->depth--;
        else if (what == MIME_PART &&
                 take(p, piece, mime_is(&p->open[p->depth - 1].entity, "multipart", "digest"),
                      found))
            return true;
    }
    return false;
}

const struct mime_entity *parts_around(const struct parts *p)
{
    return p->depth ? &p->open[p->depth - 1].entity : NULL;
}
