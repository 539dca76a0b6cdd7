/* Of the first event: its name and when it begins. A time zone is taken as the entry itself
 * describes it: standard and daylight time and from which day each holds (RFC 5545 3.6.5). */
#include "bounce/meeting.h"

#include "mail/content.h"
#include "mail/header.h"
#include "mail/parts.h"

#include <string.h>

/* ---- where the entry is */

/* Of a part "text/calendar" or "application/ics". */
static bool names_calendar(struct span message)
{
    for (size_t at; (at = span_find_char(message, '/')) != SPAN_NOT_FOUND;) {
        message = span_skip(message, at + 1);
        if (span_starts_nocase(message, SPAN("calendar")) ||
            span_starts_nocase(message, SPAN("ics")))
            return true;
    }
    return false;
}

static struct span calendar_text(struct span message, struct arena *a)
{
    struct parts walk;
    struct mime_entity e;
    size_t count = 0;
    parts_start(&walk, message);
    while (count++ < 100 && parts_next(&walk, &e))
        if (mime_is(&e, "text", "calendar") || mime_is(&e, "application", "ics"))
            return content_text(&e, a);
    return SPAN_NONE;
}

/* ---- lines */

/* The next property, unfolded (RFC 5545 3.1): its name, its parameters, its value. */
struct property {
    struct span name, parameters, value;
};

static bool next_property(struct span *rest, struct property *p, struct buffer *line)
{
    buffer_clear(line);
    while (rest->len) {
        size_t lf = span_find_char(*rest, '\n');
        struct span piece = span_first(*rest, lf == SPAN_NOT_FOUND ? rest->len : lf + 1);
        bool is_more = piece.at[0] == ' ' || piece.at[0] == '\t';
        if (line->len && !is_more)
            break;
        *rest = span_skip(*rest, piece.len);
        while (piece.len && (piece.at[piece.len - 1] == '\n' || piece.at[piece.len - 1] == '\r'))
            piece.len--;
        buffer_add_span(line, is_more ? span_skip(piece, 1) : piece);
    }
    struct span whole = buffer_span(line);
    size_t end = 0;
    bool is_quoted = false;
    while (end < whole.len && (is_quoted || whole.at[end] != ':'))
        is_quoted ^= whole.at[end++] == '"';
    p->value = span_skip(whole, end + 1);
    p->parameters = span_first(whole, end);
    p->name = span_cut(&p->parameters, ';');
    return whole.len > 0 || rest->len > 0;
}

/* "\," "\;" "\n" (RFC 5545 3.3.11). */
static struct span plain_text(struct span value, struct arena *a)
{
    char *to = arena_new(a, value.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '\\' && i + 1 < value.len) {
            i++;
            to[n++] = value.at[i] == 'n' || value.at[i] == 'N' ? ' ' : value.at[i];
        } else {
            to[n++] = value.at[i];
        }
    }
    return span_trim(span_make(to, n));
}

/* ---- times */

struct moment {
    int year, month, day, hour, minute, second;
    bool is_utc, has_time;
};

static bool take_digits(struct span text, size_t at, size_t count, int *value)
{
    uint64_t v;
    if (at + count > text.len || !span_to_u64(span_first(span_skip(text, at), count), 9999, &v))
        return false;
    *value = (int)v;
    return true;
}

/* "20260301T090000Z", "20260301" (RFC 5545 3.3.4, 3.3.5). */
static bool moment_parse(struct span text, struct moment *m)
{
    *m = (struct moment){0};
    text = span_trim(text);
    if (!take_digits(text, 0, 4, &m->year) || !take_digits(text, 4, 2, &m->month) ||
        !take_digits(text, 6, 2, &m->day) || m->month < 1 || m->month > 12 || m->day < 1 ||
        m->day > 31)
        return false;
    m->has_time = text.len >= 15 && text.at[8] == 'T' && take_digits(text, 9, 2, &m->hour) &&
                  take_digits(text, 11, 2, &m->minute) && take_digits(text, 13, 2, &m->second);
    m->is_utc = m->has_time && text.len > 15 && text.at[15] == 'Z';
    return true;
}

/* Days since 1970-01-01 (the Gregorian calendar's 400 years have 146,097). */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t seconds_of(const struct moment *m)
{
    return days_of(m->year, m->month, m->day) * 86400 + m->hour * 3600 + m->minute * 60 + m->second;
}

/* ---- the zone */

struct half_year {
    struct moment from;       /* the first time that it began */
    int offset;               /* seconds */
    int month, week, weekday; /* from then on, each year; month 0: never again */
    bool is_given;
};

struct zone {
    struct half_year standard, daylight;
};

static int offset_parse(struct span value)
{
    int hour = 0, minute = 0;
    value = span_trim(value);
    if (!value.len || !take_digits(value, 1, 2, &hour) || !take_digits(value, 3, 2, &minute))
        return 0;
    int seconds = hour * 3600 + minute * 60;
    return value.at[0] == '-' ? -seconds : seconds;
}

static struct span rule_part(struct span rule, const char *name)
{
    while (rule.len) {
        struct span part = span_cut(&rule, ';');
        struct span key = span_cut(&part, '=');
        if (span_equal_nocase(span_trim(key), span_of(name)))
            return span_trim(part);
    }
    return SPAN_NONE;
}

/* "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU" */
static void take_rule(struct half_year *h, struct span rule)
{
    static const char days[] = "SUMOTUWETHFRSA";
    struct span month = rule_part(rule, "BYMONTH"), day = rule_part(rule, "BYDAY");
    uint64_t v;
    if (!span_to_u64(month, 12, &v) || day.len < 3)
        return;
    h->month = (int)v;
    bool is_last = day.at[0] == '-';
    struct span name = span_skip(day, day.len - 2);
    struct span number = span_first(day, day.len - 2);
    if (number.len && (number.at[0] == '-' || number.at[0] == '+'))
        number = span_skip(number, 1);
    h->week = span_to_u64(number, 5, &v) ? (is_last ? -(int)v : (int)v) : 1;
    for (int i = 0; i < 7; i++)
        if (memcmp(name.at, days + (ptrdiff_t)i * 2, 2) == 0)
            h->weekday = i;
}

/* The second, in its own time, at which it begins in that year. */
static int64_t begins_in(const struct half_year *h, int year)
{
    int64_t first = days_of(year, h->month, 1);
    int64_t next = h->month == 12 ? days_of(year + 1, 1, 1) : days_of(year, h->month + 1, 1);
    int64_t day;
    if (h->week > 0) {
        int weekday = (int)((first + 4) % 7); /* 1970-01-01 was a Thursday */
        day = first + (h->weekday - weekday + 7) % 7 + (h->week - 1) * 7;
    } else {
        int weekday = (int)((next - 1 + 4) % 7);
        day = next - 1 - (weekday - h->weekday + 7) % 7 + (h->week + 1) * 7;
    }
    return day * 86400 + h->from.hour * 3600 + h->from.minute * 60;
}

static int offset_at(const struct zone *z, const struct moment *m)
{
    if (!z->daylight.is_given || !z->standard.is_given || !z->daylight.month || !z->standard.month)
        return z->standard.is_given ? z->standard.offset : z->daylight.offset;
    int64_t now = seconds_of(m);
    int64_t summer = begins_in(&z->daylight, m->year), winter = begins_in(&z->standard, m->year);
    bool is_summer = summer < winter ? now >= summer && now < winter
                                     : now >= summer || now < winter; /* the southern half */
    return is_summer ? z->daylight.offset : z->standard.offset;
}

/* ---- the entry */

struct entry {
    struct span name;
    struct moment start;
    bool has_start;
    struct zone zone;
    bool has_zone;
};

static void take_zone_property(struct half_year *h, const struct property *p)
{
    h->is_given = true;
    if (span_equal_nocase(p->name, SPAN("TZOFFSETTO")))
        h->offset = offset_parse(p->value);
    else if (span_equal_nocase(p->name, SPAN("RRULE")))
        take_rule(h, p->value);
    else if (span_equal_nocase(p->name, SPAN("DTSTART")))
        moment_parse(p->value, &h->from);
}

static void read_entry(struct span text, struct entry *e, struct arena *a)
{
    struct property p;
    struct buffer line = BUFFER_EMPTY;
    struct half_year *half = NULL;
    bool is_event = false, is_inner = false;
    while (next_property(&text, &p, &line)) {
        bool begins = span_equal_nocase(p.name, SPAN("BEGIN"));
        bool ends = span_equal_nocase(p.name, SPAN("END"));
        if (begins && span_equal_nocase(p.value, SPAN("STANDARD"))) {
            half = &e->zone.standard;
            *half = (struct half_year){0};
        } else if (begins && span_equal_nocase(p.value, SPAN("DAYLIGHT"))) {
            half = &e->zone.daylight;
            *half = (struct half_year){0};
        } else if (begins && span_equal_nocase(p.value, SPAN("VALARM"))) {
            is_inner = true;
        } else if (begins) {
            is_event = span_equal_nocase(p.value, SPAN("VEVENT"));
        } else if (ends) {
            half = NULL;
            is_inner = false;
            if (is_event && span_equal_nocase(p.value, SPAN("VEVENT")))
                break;
        } else if (half) {
            take_zone_property(half, &p);
        } else if (is_event && !is_inner && span_equal_nocase(p.name, SPAN("SUMMARY"))) {
            e->name = plain_text(p.value, a);
        } else if (is_event && !is_inner && span_equal_nocase(p.name, SPAN("DTSTART"))) {
            e->has_start = moment_parse(p.value, &e->start);
            e->has_zone = span_find(p.parameters, SPAN("TZID")) != SPAN_NOT_FOUND ||
                          span_find(p.parameters, SPAN("tzid")) != SPAN_NOT_FOUND;
        }
    }
    buffer_free(&line);
}

/* Most messages are a text alone, and need not be looked through. */
static bool may_have_parts(struct span message)
{
    struct span type;
    return header_find(message, "Content-Type", &type) &&
           !span_starts_nocase(span_trim(type), SPAN("text/plain")) &&
           !span_starts_nocase(span_trim(type), SPAN("text/html"));
}

void meeting_read(struct span message, struct notice_original *o, struct arena *a)
{
    struct entry e = {0};
    if (!may_have_parts(message) || !names_calendar(message))
        return;
    struct span text = calendar_text(message, a);
    read_entry(text, &e, a);
    e.has_start &= e.start.year >= 1970;
    if (!e.has_start && !e.name.len)
        return;
    o->meeting = e.name.len ? e.name : o->subject;
    bool is_known = e.start.is_utc || e.zone.standard.is_given || e.zone.daylight.is_given;
    if (e.has_start && is_known)
        o->meeting_ms =
            (seconds_of(&e.start) - (e.start.is_utc ? 0 : offset_at(&e.zone, &e.start))) * 1000;
}
