/* The machine-readable part of a notice: groups of fields, the first about the message, each
 * further one about a recipient (RFC 3464 2.1, RFC 6533 3). Real ones lack empty lines or have too
 * many, name the recipient last, hold fields that nobody defined, stand in a part of another type,
 * in the text, or even in the header of the notice: what counts is what the fields say. */
#include "bounce/read_inside.h"

#include "bounce/free_text.h"
#include "bounce/report_values.h"
#include "mail/content.h"
#include "mail/date.h"
#include "mail/header.h"

#include <string.h>

/* A group of fields about one recipient, while it is read. */
struct group {
    struct span final, original, remote, supplement;
    struct span diagnostic; /* raw; lines that nobody folded follow it */
    struct status status;
    enum notice_action action;
    struct cause_found cause;
    bool names_cause;
    int64_t last_attempt_ms, retry_until_ms;
    unsigned has;      /* which fields */
    bool has_ended;    /* an empty line: what comes next may be of the same group, or not */
    bool is_open_text; /* the diagnostic was the last field */
};

enum field_name {
    FIELD_FINAL,
    FIELD_ORIGINAL,
    FIELD_ACTION,
    FIELD_STATUS,
    FIELD_DIAGNOSTIC,
    FIELD_SUPPLEMENT,
    FIELD_REMOTE,
    FIELD_LAST_ATTEMPT,
    FIELD_RETRY_UNTIL,
    FIELD_REPORTING,
    FIELD_ARRIVAL,
    FIELD_CAUSE, /* of our own notices (status_part.c) */
    FIELD_OTHER
};

static const struct {
    struct span name;
    enum field_name field;
} names[] = {
    {SPAN("Final-Recipient"), FIELD_FINAL},
    {SPAN("Original-Recipient"), FIELD_ORIGINAL},
    {SPAN("Action"), FIELD_ACTION},
    {SPAN("ction"), FIELD_ACTION}, /* Sendmail with a byte lost, as it is seen */
    {SPAN("Status"), FIELD_STATUS},
    {SPAN("Diagnostic-Code"), FIELD_DIAGNOSTIC},
    {SPAN("X-Supplementary-Info"), FIELD_SUPPLEMENT},
    {SPAN("X400-Supplementary-Info"), FIELD_SUPPLEMENT},
    {SPAN("Remote-MTA"), FIELD_REMOTE},
    {SPAN("Last-Attempt-Date"), FIELD_LAST_ATTEMPT},
    {SPAN("Will-Retry-Until"), FIELD_RETRY_UNTIL},
    {SPAN("Reporting-MTA"), FIELD_REPORTING},
    {SPAN("Reporting-UA"), FIELD_REPORTING},
    {SPAN("Arrival-Date"), FIELD_ARRIVAL},
    {SPAN("X-Plainpost-Cause"), FIELD_CAUSE},
};

static enum field_name name_of(struct span name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal_nocase(name, names[i].name))
            return names[i].field;
    return FIELD_OTHER;
}

static void take_recipient_field(struct reading *r, struct group *g, enum field_name name,
                                 struct span raw)
{
    struct span value = content_field(raw, r->arena);
    struct status s;
    switch (name) {
    case FIELD_FINAL:
        g->final = report_address(raw, r->arena);
        break;
    case FIELD_ORIGINAL:
        g->original = report_address(raw, r->arena);
        break;
    case FIELD_ACTION:
        g->action = report_action(value);
        break;
    case FIELD_STATUS:
        if (!status_is_given(g->status) && report_status_value(value, &s))
            g->status = s;
        break;
    case FIELD_DIAGNOSTIC:
        if (!report_has_words(g->diagnostic))
            g->diagnostic = raw;
        break;
    case FIELD_SUPPLEMENT:
        g->supplement = value;
        break;
    case FIELD_REMOTE:
        g->remote = report_host(value);
        break;
    case FIELD_LAST_ATTEMPT:
        g->last_attempt_ms = report_time(value);
        break;
    case FIELD_RETRY_UNTIL:
        g->retry_until_ms = report_time(value);
        break;
    case FIELD_CAUSE:
        g->names_cause = cause_parse(value, &g->cause);
        break;
    case FIELD_REPORTING:
    case FIELD_ARRIVAL:
    case FIELD_OTHER:
        break;
    }
}

static void take_message_field(struct reading *r, enum field_name name, struct span raw)
{
    struct notice *n = r->notice;
    if (name == FIELD_REPORTING && !n->reporting.len)
        n->reporting = report_host(content_field(raw, r->arena));
    if (name == FIELD_ARRIVAL && !n->arrival_ms)
        n->arrival_ms = report_time(content_field(raw, r->arena));
}

/* ---- groups */

/* An address that can be used from anywhere: not of X.400, a program, a host inside of a house. */
static bool is_mail(struct span address)
{
    size_t at = span_find_char(address, '@');
    struct span domain = at == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(address, at + 1);
    return span_find_char(domain, '.') != SPAN_NOT_FOUND || span_starts(domain, SPAN("["));
}

/* Which address the sender knows, and which the mail system: an address that is none gives way to
 * one that is. */
static void name_recipient(struct group *g, struct span *address, struct span *original)
{
    bool final_is_mail = is_mail(g->final);
    bool original_is_mail = is_mail(g->original);
    *address = g->final.len && (final_is_mail || !original_is_mail) ? g->final : g->original;
    *original =
        original_is_mail && !span_equal_nocase(g->original, *address) ? g->original : SPAN_NONE;
}

/* Of a file or a program the sender has never heard: Exim has the address that led there in its own
 * header. */
static struct span only_failed_recipient(struct reading *r)
{
    struct span list = survey_field(r->survey, "X-Failed-Recipients", r->arena), address, second;
    size_t end;
    bool is_one = text_find_address(list, &address, &end) &&
                  !text_find_address(span_skip(list, end), &second, &end);
    return is_one ? address : SPAN_NONE;
}

static void fill(struct reading *r, struct notice_recipient *to, struct group *g)
{
    struct span diagnostic = report_words(g->diagnostic, r->arena);
    if (!report_has_words(diagnostic) && report_has_words(g->supplement))
        diagnostic = g->supplement;
    if (to->action == ACTION_UNKNOWN || g->action == ACTION_FAILED)
        to->action = g->action;
    if (!status_is_given(to->status))
        to->status = g->status;
    if (g->names_cause) {
        to->cause = g->cause;
        to->names_cause = true;
    }
    if (!to->diagnostic.len)
        to->diagnostic = diagnostic;
    if (!to->remote.len)
        to->remote = g->remote;
    if (!to->last_attempt_ms)
        to->last_attempt_ms = g->last_attempt_ms;
    if (!to->retry_until_ms)
        to->retry_until_ms = g->retry_until_ms;
    read_codes(to, diagnostic);
    read_codes(to, g->supplement);
}

static void finish_group(struct reading *r, struct group *g)
{
    struct span address, original;
    name_recipient(g, &address, &original);
    if (address.len && r->only_failed.len && !is_mail(address))
        address = r->only_failed;
    if (address.len) {
        bool is_full = r->notice->recipient_count == MOST_RECIPIENTS;
        struct notice_recipient *to = is_full ? NULL : reading_find(r, address);
        if (!to)
            to = reading_add(r, address);
        if (to) {
            to->original = original;
            fill(r, to, g);
        }
    } else if (g->has) {
        fill(r, &r->orphan, g);
    }
    *g = (struct group){0};
}

/* A group begins with the field that the one before already has, or with a recipient behind an
 * empty line. */
static bool begins_group(const struct group *g, enum field_name name)
{
    bool has_it = g->has >> name & 1;
    bool is_name = name == FIELD_FINAL || name == FIELD_ORIGINAL;
    bool has_name = g->final.len || g->original.len;
    if (name == FIELD_FINAL && has_it)
        return true;
    return g->has_ended && has_name && (has_it || is_name);
}

static void take_field(struct reading *r, struct group *g, struct span name_text, struct span raw)
{
    enum field_name name = name_of(name_text);
    g->is_open_text = name == FIELD_DIAGNOSTIC;
    if (name == FIELD_OTHER)
        return;
    if (name == FIELD_REPORTING || name == FIELD_ARRIVAL) {
        take_message_field(r, name, raw);
        return;
    }
    if (begins_group(g, name)) {
        finish_group(r, g);
        g->is_open_text = name == FIELD_DIAGNOSTIC;
    }
    take_recipient_field(r, g, name, raw);
    g->has |= 1U << name;
    g->has_ended = false;
}

/* A line that is no field: words of a reply that nobody folded, or nothing. */
static void take_line(struct group *g, struct span line)
{
    if (!span_trim(line).len) {
        g->has_ended = true;
        g->is_open_text = false;
    } else if (g->is_open_text && line.at >= g->diagnostic.at) {
        g->diagnostic.len = (size_t)(line.at + line.len - g->diagnostic.at);
    }
}

static void read_fields(struct reading *r, struct span text)
{
    struct group g = {0};
    while (text.len) {
        struct header_iterator it = header_start(text);
        struct header_field f;
        if (header_next(&it, &f) > 0) {
            take_field(r, &g, f.name, f.value);
            text = it.rest;
            continue;
        }
        size_t lf = span_find_char(text, '\n');
        size_t length = lf == SPAN_NOT_FOUND ? text.len : lf + 1;
        take_line(&g, span_first(text, length));
        text = span_skip(text, length);
    }
    finish_group(r, &g);
}

/* ---- where the fields stand */

/* The fields in a text, from the first of them on: a line of its own. */
static struct span fields_in(struct span text)
{
    static const struct span marks[] = {SPAN("Reporting-MTA"), SPAN("Final-Recipient"),
                                        SPAN("Original-Recipient")};
    size_t first = SPAN_NOT_FOUND;
    bool names_somebody = span_find(text, SPAN("-Recipient")) != SPAN_NOT_FOUND;
    for (size_t i = 0; names_somebody && i < sizeof marks / sizeof *marks; i++) {
        size_t at = span_find(text, marks[i]);
        bool is_field = at != SPAN_NOT_FOUND && (!at || text.at[at - 1] == '\n') &&
                        span_starts(span_trim(span_skip(text, at + marks[i].len)), SPAN(":"));
        if (is_field && at < first)
            first = at;
    }
    if (first == SPAN_NOT_FOUND)
        return SPAN_NONE;
    /* Fields of that group may stand before the first that we know. */
    while (first > 1) {
        size_t from = first - 1;
        while (from && text.at[from - 1] != '\n')
            from--;
        struct span line = span_first(span_skip(text, from), first - from);
        size_t colon = span_find_char(line, ':');
        if (colon == SPAN_NOT_FOUND || name_of(span_trim(span_first(line, colon))) == FIELD_OTHER)
            break;
        first = from;
    }
    return span_skip(text, first);
}

/* The words of the notice end where they begin. */
static void read_text_fields(struct reading *r, struct span text)
{
    struct span fields = fields_in(text), words = r->notice->text;
    read_fields(r, fields);
    if (r->notice->recipient_count && fields.at > words.at && fields.at <= words.at + words.len)
        r->notice->text = span_first(words, (size_t)(fields.at - words.at));
}

/* The header of the notice itself holds them (Critical Path, and gateways). */
static void read_own_header(struct reading *r)
{
    struct group g = {0};
    const struct survey *s = r->survey;
    if (!survey_has_field(s, "Final-Recipient"))
        return;
    for (size_t i = 0; i < s->field_count; i++)
        take_field(r, &g, s->fields[i].name, s->fields[i].value);
    finish_group(r, &g);
}

bool read_report(struct reading *r)
{
    const struct survey *s = r->survey;
    r->only_failed = only_failed_recipient(r);
    for (size_t i = 0; i < s->part_count; i++)
        if (s->parts[i].role == PART_STATUS)
            read_fields(r, s->parts[i].text);
    r->is_structured = r->notice->recipient_count > 0;
    for (size_t i = 0; !r->notice->recipient_count && i < s->part_count; i++)
        if (s->parts[i].role == PART_TEXT || s->parts[i].role == PART_HTML)
            read_text_fields(r, s->parts[i].text);
    if (!r->notice->recipient_count)
        read_own_header(r);
    return r->notice->recipient_count > 0;
}
