#include "bounce/survey.h"

#include "mail/content.h"
#include "mail/header.h"
#include "mail/parts.h"

#include <string.h>

/* ---- where the header begins */

static struct span first_line(struct span text)
{
    size_t lf = span_find_char(text, '\n');
    return span_first(text, lf == SPAN_NOT_FOUND ? text.len : lf + 1);
}

/* Blank lines, a byte order mark, and the line with which mbox parts messages. */
static struct span skip_to_header(struct span message)
{
    if (span_starts(message, SPAN("\xEF\xBB\xBF")))
        message = span_skip(message, 3);
    for (;;) {
        struct span line = first_line(message);
        bool is_blank = line.len && !span_trim(line).len;
        bool is_from = span_starts(line, SPAN("From ")) || span_starts(line, SPAN(">From "));
        if (!is_blank && !is_from)
            return message;
        message = span_skip(message, line.len);
    }
}

/* ---- fields */

static void take_fields(struct survey *s, struct arena *a)
{
    struct header_iterator it = header_start(s->message);
    struct header_field f;
    size_t count = 0;
    while (count < MOST_FIELDS && header_next(&it, &f) > 0)
        count++;
    s->fields = arena_new(a, count * sizeof *s->fields);
    it = header_start(s->message);
    while (s->field_count < count && header_next(&it, &f) > 0)
        s->fields[s->field_count++] = (struct survey_field){f.name, f.value};
}

static const struct survey_field *find_field(const struct survey *s, const char *name)
{
    struct span wanted = span_of(name);
    for (size_t i = 0; i < s->field_count; i++)
        if (span_equal_nocase(s->fields[i].name, wanted))
            return &s->fields[i];
    return NULL;
}

struct span survey_field(const struct survey *s, const char *name, struct arena *a)
{
    const struct survey_field *f = find_field(s, name);
    return f ? content_field(f->value, a) : SPAN_NONE;
}

bool survey_has_field(const struct survey *s, const char *name)
{
    return find_field(s, name) != NULL;
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
    {"text", NULL, PART_TEXT},
    {"message", "delivery-status", PART_STATUS},
    {"message", "global-delivery-status", PART_STATUS},
    {"message", "xdelivery-status", PART_STATUS},
    {"message", "disposition-notification", PART_DISPOSITION},
    {"message", "global-disposition-notification", PART_DISPOSITION},
    {"message", "feedback-report", PART_FEEDBACK},
    {"message", "rfc822", PART_RETURNED},
    {"message", "global", PART_RETURNED},
    {"message", "partial", PART_RETURNED},
    {"message", "global-headers", PART_RETURNED_HEADERS},
    {"message", "rfc822-headers", PART_RETURNED_HEADERS},
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
    struct span kept = arena_copy(a, buffer_span(&octets));
    buffer_free(&octets);
    return kept;
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
    struct span field;
    if (header_find(p->entity.header, "Content-Disposition", &field)) {
        p->is_attachment = span_starts_nocase(span_trim(field), SPAN("attachment"));
        p->name = content_parameter(field, "filename", a);
    }
    if (!p->name.len && p->entity.has_type && header_find(p->entity.header, "Content-Type", &field))
        p->name = content_parameter(field, "name", a);
}

static size_t count_parts(struct span message)
{
    struct parts walk;
    struct mime_entity e;
    size_t count = 0;
    parts_start(&walk, message);
    while (count < MOST_PARTS && parts_next(&walk, &e))
        count++;
    return count;
}

static void take_report_type(struct survey *s, struct arena *a)
{
    const struct survey_field *type = find_field(s, "Content-Type");
    if (!type || !span_starts_nocase(span_trim(type->value), SPAN("multipart/report")))
        return;
    s->is_report = true;
    s->report_type = content_parameter(type->value, "report-type", a);
}

void survey_take(struct survey *s, struct span message, struct arena *a)
{
    struct parts walk;
    *s = (struct survey){.message = skip_to_header(message)};
    take_fields(s, a);
    take_report_type(s, a);
    size_t count = count_parts(s->message);
    s->parts = arena_new(a, count * sizeof *s->parts);
    parts_start(&walk, s->message);
    while (s->part_count < count && parts_next(&walk, &s->parts[s->part_count].entity)) {
        struct survey_part *p = &s->parts[s->part_count++];
        p->role = role_of(&p->entity);
        take_names(p, a);
        take_text(p, a);
    }
}

const struct survey_part *survey_part(const struct survey *s, enum part_role role)
{
    for (size_t i = 0; i < s->part_count; i++)
        if (s->parts[i].role == role)
            return &s->parts[i];
    return NULL;
}
