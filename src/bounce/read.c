#include "bounce/read.h"

#include "bounce/read_inside.h"
#include "mail/content.h"
#include "mail/date.h"

#include <string.h>

/* Room doubles; what was there before stays in the arena until all is over. */
static void grow(struct reading *r)
{
    size_t room = r->room ? r->room * 2 : 8;
    struct notice_recipient *more = arena_new(r->arena, room * sizeof *more);
    if (r->notice->recipient_count)
        memcpy(more, r->notice->recipients, r->notice->recipient_count * sizeof *more);
    r->notice->recipients = more;
    r->room = room;
}

struct notice_recipient *reading_add(struct reading *r, struct span address)
{
    struct notice *n = r->notice;
    if (n->recipient_count == MOST_RECIPIENTS) {
        n->further_count++;
        return NULL;
    }
    if (n->recipient_count == r->room)
        grow(r);
    n->recipients[n->recipient_count] = (struct notice_recipient){.address = address};
    return &n->recipients[n->recipient_count++];
}

struct notice_recipient *reading_find(struct reading *r, struct span address)
{
    for (size_t i = 0; i < r->notice->recipient_count; i++) {
        struct notice_recipient *to = &r->notice->recipients[i];
        if (span_equal_nocase(to->address, address) ||
            (to->original.len && span_equal_nocase(to->original, address)))
            return to;
    }
    return NULL;
}

static void read_head(struct reading *r)
{
    const struct survey *s = r->survey;
    struct notice *n = r->notice;
    int offset;
    n->from = survey_field(s, "From", r->arena);
    n->to = survey_field(s, "To", r->arena);
    n->subject = survey_field(s, "Subject", r->arena);
    n->message_id = survey_field(s, "Message-ID", r->arena);
    if (!date_parse(survey_field(s, "Date", r->arena), &n->date_ms, &offset))
        n->date_ms = 0;
}

/* The words of the notice: its first text, plain where there is one. */
static struct span own_text(const struct survey *s)
{
    const struct survey_part *plain = survey_part(s, PART_TEXT), *html = survey_part(s, PART_HTML);
    if (plain && span_trim(plain->text).len)
        return plain->text;
    return html ? html->text : SPAN_NONE;
}

static void decide_actions(struct reading *r)
{
    for (size_t i = 0; i < r->notice->recipient_count; i++) {
        struct notice_recipient *to = &r->notice->recipients[i];
        if (to->action == ACTION_UNKNOWN && r->notice->kind == NOTICE_DELAY)
            to->action = ACTION_DELAYED;
        if (to->action == ACTION_UNKNOWN && r->notice->kind == NOTICE_FAILURE)
            to->action = ACTION_FAILED;
        to->is_permanent = to->action == ACTION_FAILED;
    }
}

void notice_read(struct notice *n, struct survey *s, struct span message, struct arena *a)
{
    struct reading r = {.survey = s, .notice = n, .arena = a};
    *n = (struct notice){.agent = ""};
    survey_take(s, message, a);
    read_head(&r);
    n->text = own_text(s);
    read_returned(&r);
    if (!read_report(&r))
        read_dialect(&r);
    n->kind = read_kind(&r);
    n->agent = read_agent(&r);
    if (n->kind == NOTICE_NOT_A_BOUNCE)
        n->recipient_count = 0;
    decide_actions(&r);
    read_causes(&r);
}
