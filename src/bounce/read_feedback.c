/* Feedback: a mail provider tells that somebody pressed "this is spam". The standard (RFC 5965,
 * with RFC 6591, 6650), what came before it, and the providers that never took it up: Microsoft's
 * sends the message in a multipart/mixed with nothing else (JMRP). */
#include "bounce/read_inside.h"

#include "bounce/report_values.h"
#include "mail/content.h"
#include "mail/header.h"

static void add_recipient(struct reading *r, struct span raw)
{
    struct span address = report_address(raw, r->arena);
    if (address.len && !reading_find(r, address))
        reading_add(r, address);
}

static void read_fields(struct reading *r, struct span text)
{
    struct notice *n = r->notice;
    while (text.len) {
        struct header_iterator it = header_start(text);
        struct header_field f;
        if (header_next(&it, &f) > 0) {
            text = it.rest;
            if (span_equal_nocase(f.name, SPAN("Original-Rcpt-To")) ||
                span_equal_nocase(f.name, SPAN("Removal-Recipient")) ||
                span_equal_nocase(f.name, SPAN("Redacted-Address")))
                add_recipient(r, f.value);
            else if (span_equal_nocase(f.name, SPAN("Feedback-Type")) && !n->feedback_type.len)
                n->feedback_type = content_field(f.value, r->arena);
            else if (span_equal_nocase(f.name, SPAN("Reporting-MTA")) && !n->reporting.len)
                n->reporting = report_host(content_field(f.value, r->arena));
            else if ((span_equal_nocase(f.name, SPAN("Arrival-Date")) ||
                      span_equal_nocase(f.name, SPAN("Received-Date"))) &&
                     !n->arrival_ms)
                n->arrival_ms = report_time(content_field(f.value, r->arena));
            continue;
        }
        size_t lf = span_find_char(text, '\n');
        text = lf == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(text, lf + 1);
    }
}

/* Those who send something else. The subject is where they agree. */
static bool is_other_form(const struct reading *r)
{
    static const struct {
        const char *from, *subject;
    } forms[] = {
        {"staff@hotmail.", "complaint about message from"},
        {"staff@microsoft", "complaint about message from"},
        {"@hotmail.com", "complaint about message from"},
        {"scomp@aol.", "client tos notification"},
        {"@aol.", "email feedback report for ip"},
        {"feedback", "abuse report"},
        {"feedback", "spam report"},
        {"feedback", "complaint"},
        {"fbl", "abuse report"},
        {"fbl", "complaint"},
        {"abuse", "email abuse report"},
        {"abuse", "abuse complaint"},
        {"@spamcop", "[spamcop"},
        {"complaints@", "complaint"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (folded_has(&r->from, forms[i].from) && folded_has(&r->subject, forms[i].subject))
            return true;
    return false;
}

/* The part is of another type, but has the fields (RFC 5965 3.1: these three must be there). */
static bool has_fields(struct span text)
{
    return span_find(text, SPAN("Feedback-Type:")) != SPAN_NOT_FOUND &&
           span_find(text, SPAN("User-Agent:")) != SPAN_NOT_FOUND &&
           span_find(text, SPAN("Version:")) != SPAN_NOT_FOUND;
}

static bool is_feedback_part(const struct survey *s, const struct survey_part *p)
{
    if (p->role == PART_FEEDBACK)
        return true;
    bool may_be = p->role == PART_STATUS || (p->role == PART_TEXT && p != s->parts);
    return may_be && has_fields(p->text);
}

bool read_feedback(struct reading *r)
{
    const struct survey *s = r->survey;
    bool is_report = span_equal_nocase(s->report_type, SPAN("feedback-report"));
    const struct survey_part *found = NULL;
    for (size_t i = 0; !found && i < s->part_count; i++)
        if (is_feedback_part(s, &s->parts[i]))
            found = &s->parts[i];
    bool is_xarf = survey_has_field(s, "X-ARF") || survey_has_field(s, "X-XARF");
    if (!found && !is_report && !is_xarf && !is_other_form(r))
        return false;
    r->notice->recipient_count = 0;
    if (found)
        read_fields(r, found->text);
    return true;
}
