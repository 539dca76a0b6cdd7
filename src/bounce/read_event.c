/* Mail services tell their customers of bounces as JSON, and Amazon's can come as a mail (SNS):
 *
 *   {"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"a@example.org",
 *   "action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],…
 *
 * Also "eventType", with "complaint", "delivery" and "deliveryDelay". Mail systems cut its one line
 * into several, so it is read by its names and strings, not by its structure. */
#include "bounce/read_inside.h"

#include "bounce/report_values.h"

/* Sendmail cuts long lines with "!", a line end and a blank. */
static struct span without_cuts(struct span text, struct arena *a)
{
    struct buffer whole = BUFFER_EMPTY;
    if (span_find_char(text, '\n') == SPAN_NOT_FOUND)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        struct span rest = span_skip(text, i);
        if (span_starts(rest, SPAN("!\n ")) || span_starts(rest, SPAN("!\r\n ")))
            i += rest.at[1] == '\r' ? 3 : 2;
        else if (text.at[i] != '\r' && text.at[i] != '\n')
            buffer_add_char(&whole, text.at[i]);
    }
    struct span kept = arena_copy(a, buffer_span(&whole));
    buffer_free(&whole);
    return kept;
}

/* The event may be a string in the object of SNS: without the escapes of that. */
static struct span without_envelope(struct span text, struct arena *a)
{
    size_t at = span_find(text, SPAN("{\\\""));
    if (at == SPAN_NOT_FOUND)
        return text;
    text = span_skip(text, at);
    char *to = arena_new(a, text.len);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\' && i + 1 < text.len)
            i++;
        to[n++] = text.at[i];
    }
    return span_make(to, n);
}

/* The string at the start of `*rest`, without its escapes; `*rest` is what follows it. */
static struct span take_string(struct span *rest, struct arena *a)
{
    struct span at = span_skip(*rest, 1);
    size_t end = 0, n = 0;
    while (end < at.len && at.at[end] != '"')
        end += at.at[end] == '\\' && end + 1 < at.len ? 2 : 1;
    struct span raw = span_first(at, end);
    *rest = span_skip(at, end + 1);
    if (span_find_char(raw, '\\') == SPAN_NOT_FOUND)
        return raw;
    char *to = arena_new(a, raw.len);
    for (size_t i = 0; i < raw.len; i++) {
        bool is_escape = raw.at[i] == '\\' && i + 1 < raw.len;
        i += is_escape;
        to[n++] = is_escape && (raw.at[i] == 'n' || raw.at[i] == 'r' || raw.at[i] == 't')
                      ? ' '
                      : raw.at[i];
    }
    return span_make(to, n);
}

/* The next name with a string for its value. */
static bool next_member(struct span *rest, struct span *name, struct span *value, struct arena *a)
{
    for (;;) {
        size_t quote = span_find_char(*rest, '"');
        if (quote == SPAN_NOT_FOUND)
            return false;
        *rest = span_skip(*rest, quote);
        *name = take_string(rest, a);
        struct span behind = span_trim(*rest);
        if (!span_starts(behind, SPAN(":")))
            continue;
        behind = span_trim(span_skip(behind, 1));
        if (!span_starts(behind, SPAN("\"")))
            continue;
        *rest = behind;
        *value = take_string(rest, a);
        return true;
    }
}

static const struct {
    struct span name;
    enum notice_action action;
} events[] = {{SPAN("Bounce"), ACTION_FAILED},
              {SPAN("Delivery"), ACTION_DELIVERED},
              {SPAN("DeliveryDelay"), ACTION_DELAYED},
              {SPAN("Reject"), ACTION_FAILED}};

static enum notice_action action_of(struct span event)
{
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (span_equal(event, events[i].name))
            return events[i].action;
    return ACTION_UNKNOWN;
}

static void take_member(struct reading *r, struct notice_recipient *to, struct span name,
                        struct span value)
{
    struct notice_original *o = &r->notice->original;
    struct status s;
    if (to && span_equal(name, SPAN("action")) && report_action(value))
        to->action = report_action(value);
    else if (to && span_equal(name, SPAN("status")) && report_status_value(value, &s))
        to->status = s;
    else if (to && span_equal(name, SPAN("diagnosticCode")))
        to->diagnostic = report_without_type(value);
    else if (span_equal(name, SPAN("reportingMTA")))
        r->notice->reporting = report_host(value);
    else if (span_equal(name, SPAN("source")) && !o->from.len)
        o->from = value;
    else if (span_equal(name, SPAN("subject")) && !o->subject.len)
        o->subject = value;
}

bool read_event(struct reading *r)
{
    struct span text = span_trim(r->notice->text), name, value;
    enum notice_action action = ACTION_UNKNOWN;
    struct notice_recipient *to = NULL;
    if (!span_starts(text, SPAN("{")) || span_find(text, SPAN("ecipients")) == SPAN_NOT_FOUND)
        return false;
    text = without_envelope(without_cuts(text, r->arena), r->arena);
    while (next_member(&text, &name, &value, r->arena)) {
        if (span_equal(name, SPAN("notificationType")) || span_equal(name, SPAN("eventType"))) {
            action = action_of(value);
            r->is_complaint = span_equal(value, SPAN("Complaint"));
        } else if (span_equal(name, SPAN("emailAddress")) && (action || r->is_complaint)) {
            to = reading_add(r, value);
            if (to)
                to->action = action;
        } else {
            take_member(r, to, name, value);
        }
    }
    for (size_t i = 0; i < r->notice->recipient_count; i++)
        read_codes(&r->notice->recipients[i], r->notice->recipients[i].diagnostic);
    r->is_structured = r->notice->recipient_count > 0;
    return r->is_structured;
}
