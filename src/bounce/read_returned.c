/* The message that a notice is about: in a part of its own, or quoted behind its words. */
#include "bounce/dialect_original.h"
#include "bounce/read_inside.h"

#include "mail/content.h"
#include "mail/date.h"
#include "mail/header.h"

static struct span field_of(struct span header, const char *name, struct arena *a)
{
    struct span value;
    return header_find(header, name, &value) ? content_field(value, a) : SPAN_NONE;
}

static struct span without_brackets(struct span id)
{
    size_t open = span_find_char(id, '<');
    if (open == SPAN_NOT_FOUND)
        return id;
    id = span_skip(id, open + 1);
    size_t close = span_find_char(id, '>');
    return span_first(id, close == SPAN_NOT_FOUND ? id.len : close);
}

static void take_original(struct reading *r, struct span message)
{
    struct notice_original *o = &r->notice->original;
    size_t length = header_length(message);
    int offset;
    o->header = span_first(message, length);
    o->body = span_skip(message, length);
    o->message_id = without_brackets(field_of(o->header, "Message-ID", r->arena));
    o->from = field_of(o->header, "From", r->arena);
    o->to = field_of(o->header, "To", r->arena);
    o->subject = field_of(o->header, "Subject", r->arena);
    o->date = field_of(o->header, "Date", r->arena);
    if (!date_parse(o->date, &o->date_ms, &offset))
        o->date_ms = 0;
}

void read_returned(struct reading *r)
{
    const struct survey_part *p = survey_part(r->survey, PART_RETURNED);
    if (!p)
        p = survey_part(r->survey, PART_RETURNED_HEADERS);
    size_t from, message;
    bool is_quoted = dialect_find_original(r->notice->text, &from, &message);
    if (p)
        take_original(r, p->text);
    else if (is_quoted)
        take_original(r, span_skip(r->notice->text, message));
    if (is_quoted)
        r->notice->text = span_first(r->notice->text, from);
}
