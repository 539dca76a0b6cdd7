#include "bounce/survey.h"

#include "bounce/survey_repair.h"
#include "mail/content.h"
#include "mail/header.h"
#include "mail/parts.h"

#include <string.h>

/* ---- fields */

/* One of 256, by its length and the letters at its ends. */
static unsigned bit_of(struct span name)
{
    unsigned first = (unsigned char)ascii_lower(name.at[0]);
    unsigned last = (unsigned char)ascii_lower(name.at[name.len - 1]);
    return ((unsigned)name.len * 7 + first + last * 37) & 255;
}

/* Room doubles; what was there before stays in the arena until all is over. False: not all of them
 * were seen, as a line that is no field stands among them, or there are too many. */
static bool take_fields(struct survey *s, struct arena *a)
{
    struct header_iterator it = header_start(s->message);
    struct header_field f;
    size_t room = 0;
    int got = 1;
    while (s->field_count < MOST_FIELDS && (got = header_next(&it, &f)) > 0) {
        if (s->field_count == room) {
            room = room ? room * 2 : 32;
            struct survey_field *more = arena_new(a, room * sizeof *more);
            if (s->field_count)
                memcpy(more, s->fields, s->field_count * sizeof *more);
            s->fields = more;
        }
        s->fields[s->field_count++] = (struct survey_field){f.name, f.value};
        s->field_bits[bit_of(f.name) / 64] |= (uint64_t)1 << bit_of(f.name) % 64;
    }
    return got == 0;
}

/* Most headers need no repair, and are looked at once. */
static struct survey start(struct span message, struct arena *a)
{
    struct survey s = {.message = repair_start(message, a)};
    if (!take_fields(&s, a)) {
        s = (struct survey){.message = repair_header(s.message, a)};
        take_fields(&s, a);
    }
    return s;
}

const struct survey_field *survey_find(const struct survey *s, struct span name)
{
    unsigned bit = bit_of(name);
    if (!(s->field_bits[bit / 64] >> bit % 64 & 1))
        return NULL;
    for (size_t i = 0; i < s->field_count; i++)
        if (span_equal_nocase(s->fields[i].name, name))
            return &s->fields[i];
    return NULL;
}

struct span survey_value(const struct survey *s, struct span name, struct arena *a)
{
    const struct survey_field *f = survey_find(s, name);
    return f ? content_field(f->value, a) : SPAN_NONE;
}

/* ---- parts */

static const struct {
    const char *type, *subtype;
    enum part_role role;
} roles[] = {
    {"text", "plain", PART_TEXT},
    {"text", "html", PART_HTML},
    {"text", "rfc822-headers", PART_RETURNED_HEADERS},
    {"text", "rfc822-header", PART_RETURNED_HEADERS},
    {"text", "calendar", PART_CALENDAR},
    {"text", "rfc822", PART_RETURNED_HEADERS},
    {"text", "x-rfc822-headers", PART_RETURNED_HEADERS},
    {"text", NULL, PART_TEXT},
    {"message", "delivery-status", PART_STATUS},
    {"message", "global-delivery-status", PART_STATUS},
    {"message", "xdelivery-status", PART_STATUS},
    {"message", "disposition-notification", PART_DISPOSITION},
    {"message", "global-disposition-notification", PART_DISPOSITION},
    {"message", "feedback-report", PART_FEEDBACK},
    {"message", "rfc822", PART_RETURNED},
    {"message", "global", PART_RETURNED},
    {"message", "news", PART_RETURNED},
    {"message", "partial", PART_RETURNED},
    {"message", "global-headers", PART_RETURNED_HEADERS},
    {"message", "rfc822-headers", PART_RETURNED_HEADERS},
    {"application", "ics", PART_CALENDAR},
    {"message", "external-body", PART_OTHER},
    {"multipart", NULL, PART_TEXT}, /* that could not be taken apart: programs show it as it is */
    {"message", NULL, PART_STATUS}, /* a word that nobody knows, as "message/delivery-state" */
};

static enum part_role role_of(const struct mime_entity *e)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (mime_is(e, roles[i].type, roles[i].subtype))
            return roles[i].role;
    return PART_OTHER;
}

static struct span decoded(const struct mime_entity *e, struct arena *a)
{
    struct buffer octets = BUFFER_EMPTY;
    if (e->encoding != MIME_BASE64 && e->encoding != MIME_QUOTED)
        return e->body;
    content_decode(&octets, e->body, e->encoding);
    return arena_keep(a, &octets);
}

static void take_html(struct survey_part *p, struct arena *a)
{
    struct html *h = arena_new(a, sizeof *h);
    html_read(content_text(&p->entity, a), h, a);
    p->html = h;
    p->text = h->text;
}

static void take_text(struct survey_part *p, struct arena *a)
{
    switch (p->role) {
    case PART_HTML:
        take_html(p, a);
        break;
    case PART_TEXT:
    case PART_STATUS:
    case PART_DISPOSITION:
    case PART_FEEDBACK:
    case PART_CALENDAR:
        p->text = content_text(&p->entity, a);
        break;
    case PART_RETURNED:
    case PART_RETURNED_HEADERS:
        p->text = decoded(&p->entity, a);
        break;
    case PART_OTHER:
        break;
    }
}

static void take_names(struct survey_part *p, struct arena *a)
{
    const struct mime_entity *e = &p->entity;
    if (e->disposition.len) {
        p->is_attachment = span_starts_nocase(span_trim(e->disposition), SPAN("attachment"));
        p->name = content_parameter(e->disposition, "filename", a);
    }
    if (!p->name.len && e->content_type.len)
        p->name = content_parameter(e->content_type, "name", a);
}

static bool name_ends(const struct survey_part *p, const char *end)
{
    return span_ends_nocase(p->name, span_of(end));
}

/* ---- what a part is, whatever it calls itself */

enum { LONGEST_LOOK = 65536 }; /* an attachment beyond it holds no report */

static bool is_worth_a_look(const struct survey *s, const struct survey_part *p)
{
    if (p->role != PART_OTHER)
        return false;
    if (name_ends(p, ".eml") || name_ends(p, ".msg.txt"))
        return true;
    return p->entity.body.len <= LONGEST_LOOK &&
           (s->is_report || name_ends(p, ".txt") || name_ends(p, ".dat") || !p->name.len);
}

/* The message stands right behind the boundary, so that its header seems to be the part's. */
static bool is_bare_message(const struct survey *s, const struct survey_part *p)
{
    return p != s->parts && p->role != PART_RETURNED && looks_like_header(p->entity.header);
}

static void settle_role(const struct survey *s, struct survey_part *p, struct arena *a)
{
    bool is_first = p == s->parts;
    struct span text = p->text;
    if (is_bare_message(s, p)) {
        const struct mime_entity *e = &p->entity;
        p->role = PART_RETURNED;
        p->html = NULL;
        p->text = span_make(e->header.at, e->header.len + e->separator.len + e->body.len);
        return;
    }
    if (is_worth_a_look(s, p))
        text = decoded(&p->entity, a);
    if (!text.len || p->role == PART_HTML)
        return;
    bool is_open = p->role == PART_TEXT || p->role == PART_RETURNED || p->role == PART_OTHER;
    if (is_open && looks_like_report(text)) {
        p->role = PART_STATUS;
        p->text = text;
    } else if (!is_first && (p->role == PART_TEXT || p->role == PART_OTHER) &&
               looks_like_header(text)) {
        p->role = PART_RETURNED;
        p->text = text;
    } else if (p->role == PART_STATUS &&
               !span_starts_nocase(p->entity.subtype, SPAN("delivery-")) &&
               looks_like_header(text) && !looks_like_report(text)) {
        p->role = PART_RETURNED;
    }
}

/* ---- the walk */

static void take_report_type(struct survey *s, struct arena *a)
{
    const struct survey_field *type = survey_find(s, SPAN("Content-Type"));
    if (!type || !span_starts_nocase(span_trim(type->value), SPAN("multipart/report")))
        return;
    s->is_report = true;
    s->report_type = content_parameter(type->value, "report-type", a);
}

/* Room doubles; what was there before stays in the arena until all is over. */
static struct survey_part *new_part(struct survey *s, size_t *room, struct arena *a)
{
    if (s->part_count == *room) {
        *room = *room ? *room * 2 : 4;
        struct survey_part *more = arena_new(a, *room * sizeof *more);
        if (s->part_count)
            memcpy(more, s->parts, s->part_count * sizeof *more);
        s->parts = more;
    }
    return &s->parts[s->part_count++];
}

/* An empty line stands before the header of the part. */
static void find_late_header(struct mime_entity *e)
{
    struct span body = e->body;
    while (body.len && (body.at[0] == '\r' || body.at[0] == '\n'))
        body = span_skip(body, 1);
    if (!e->header.len && span_starts_nocase(body, SPAN("Content-Type:")))
        mime_parse(body, false, e);
}

static void take_part(struct survey *s, const struct mime_entity *e, size_t *room, struct arena *a)
{
    struct survey_part *p = new_part(s, room, a);
    p->entity = *e;
    find_late_header(&p->entity);
    p->role = role_of(&p->entity);
    take_names(p, a);
    take_text(p, a);
    settle_role(s, p, a);
}

/* A multipart inside of another, without a boundary that is there; or its field has lost the blanks
 * by which it goes on. */
static void take_undone(struct survey *s, struct mime_entity *e, size_t *room, struct arena *a)
{
    struct span piece;
    enum mime_piece what = MIME_END;
    if (span_starts_nocase(e->body, SPAN("boundary=")))
        span_cut(&e->body, '\n');
    if (!repair_boundary(e)) {
        take_part(s, e, room, a);
        return;
    }
    struct mime_pieces pieces = mime_pieces_start(e);
    while (s->part_count < MOST_PARTS && (what = mime_pieces_next(&pieces, &piece)) != MIME_END) {
        struct mime_entity inner;
        mime_parse(piece, false, &inner);
        if (what == MIME_PART)
            take_part(s, &inner, room, a);
    }
}

static void walk_parts(struct survey *s, struct parts *walk, struct arena *a)
{
    struct mime_entity e;
    size_t room = 0;
    s->part_count = 0;
    while (s->part_count < MOST_PARTS && parts_next(walk, &e)) {
        if (mime_is(&e, "multipart", NULL) && e.header.at != s->message.at)
            take_undone(s, &e, &room, a);
        else
            take_part(s, &e, &room, a);
    }
}

/* Its header, or most of it, may be gone: does a mail system seem to have sent it? */
static bool seems_sent_by_daemon(const struct survey *s)
{
    const struct survey_field *from = survey_find(s, SPAN("From")),
                              *path = survey_find(s, SPAN("Return-Path"));
    static const struct span marks[] = {SPAN("daemon"), SPAN("DAEMON"), SPAN("Daemon"),
                                        SPAN("ostmaster"), SPAN("OSTMASTER")};
    if (path && span_equal(span_trim(path->value), SPAN("<>")))
        return true;
    for (size_t i = 0; from && i < sizeof marks / sizeof *marks; i++)
        if (span_find(from->value, marks[i]) != SPAN_NOT_FOUND)
            return true;
    return !from;
}

/* A multipart without a boundary that is there, or parts behind a header that does not tell. */
static void take_broken(struct survey *s, struct arena *a)
{
    struct parts walk;
    struct mime_entity e;
    mime_parse(s->message, false, &e);
    bool is_multipart = mime_is(&e, "multipart", NULL);
    bool is_plain = mime_is(&e, "text", "plain") && e.encoding != MIME_BASE64 &&
                    e.encoding != MIME_QUOTED && seems_sent_by_daemon(s);
    bool is_found = (is_multipart || is_plain) && repair_boundary(&e);
    parts_start(&walk, s->message);
    if (is_found) {
        walk.open[0].entity = e;
        walk.open[0].pieces = mime_pieces_start(&walk.open[0].entity);
        walk.open[0].has_part = false;
        walk.depth = 1;
        walk.has_started = true;
        walk_parts(s, &walk, a);
    }
}

/* Nothing could be taken apart: the body is a text. */
static void take_whole(struct survey *s, struct arena *a)
{
    struct survey_part *p = arena_new(a, sizeof *p);
    mime_parse(s->message, false, &p->entity);
    p->role = PART_TEXT;
    p->text = content_text(&p->entity, a);
    s->parts = p;
    s->part_count = 1;
}

/* The message itself is its only part. */
static bool is_undone(const struct survey *s)
{
    return s->part_count == 1 && s->parts[0].entity.header.at == s->message.at;
}

void survey_take(struct survey *s, struct span message, struct arena *a)
{
    struct parts walk;
    *s = start(message, a);
    take_report_type(s, a);
    parts_start(&walk, s->message);
    walk_parts(s, &walk, a);
    if (!s->part_count || is_undone(s))
        take_broken(s, a);
    if (!s->part_count || (is_undone(s) && mime_is(&s->parts[0].entity, "multipart", NULL)))
        take_whole(s, a);
}

const struct survey_part *survey_part(const struct survey *s, enum part_role role)
{
    for (size_t i = 0; i < s->part_count; i++)
        if (s->parts[i].role == role)
            return &s->parts[i];
    return NULL;
}
