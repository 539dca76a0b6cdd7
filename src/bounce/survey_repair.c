#include "bounce/survey_repair.h"

#include "mail/header.h"

#include <string.h>

static struct span line_of(struct span text)
{
    size_t lf = span_find_char(text, '\n');
    return span_first(text, lf == SPAN_NOT_FOUND ? text.len : lf + 1);
}

static bool is_one_of(struct span name, const char *const *names)
{
    for (; *names; names++)
        if (ascii_lower(name.at[0]) == ascii_lower(**names) &&
            span_equal_nocase(name, span_of(*names)))
            return true;
    return false;
}

static const char *const mail_fields[] = {"Return-Path",
                                          "Received",
                                          "From",
                                          "To",
                                          "Cc",
                                          "Subject",
                                          "Date",
                                          "Message-ID",
                                          "MIME-Version",
                                          "Sender",
                                          "Reply-To",
                                          "Content-Type",
                                          "Delivered-To",
                                          "In-Reply-To",
                                          "References",
                                          "Content-Transfer-Encoding",
                                          "X-Mailer",
                                          "User-Agent",
                                          "X-Original-To",
                                          "DKIM-Signature",
                                          "Envelope-To",
                                          "Auto-Submitted",
                                          "Precedence",
                                          "X-Received",
                                          "DomainKey-Signature",
                                          "List-Id",
                                          "Authentication-Results",
                                          "Received-SPF",
                                          "ARC-Seal",
                                          "Delivery-Date",
                                          "X-Priority",
                                          "Errors-To",
                                          NULL};

static const char *const report_fields[] = {
    "Reporting-MTA",      "Final-Recipient",      "Original-Recipient",
    "Diagnostic-Code",    "Original-Envelope-Id", "Received-From-MTA",
    "X-Postfix-Queue-ID", "X-Postfix-Sender",     NULL};

static bool begins_with(struct span text, const char *const *names)
{
    struct header_iterator it = header_start(text);
    struct header_field f;
    return header_next(&it, &f) > 0 && is_one_of(f.name, names);
}

/* ---- the header */

/* Blank lines, a byte order mark, and the line with which mbox parts messages. */
static struct span skip_to_header(struct span message)
{
    if (span_starts(message, SPAN("\xEF\xBB\xBF")))
        message = span_skip(message, 3);
    for (;;) {
        struct span line = line_of(message);
        bool is_blank = line.len && !span_trim(line).len;
        bool is_from = (span_starts(line, SPAN("From ")) && !span_starts(line, SPAN("From :"))) ||
                       span_starts(line, SPAN(">From "));
        if (!is_blank && !is_from)
            return message;
        message = span_skip(message, line.len);
    }
}

enum { MOST_BAD_LINES = 3, MOST_REPAIRS = 20 };

/* How many bytes at `rest`, which is no field, are bad lines before the header goes on; 0: it does
 * not. */
static size_t bad_length(struct span rest)
{
    size_t length = 0;
    for (int i = 0; i < MOST_BAD_LINES; i++) {
        struct span line = line_of(span_skip(rest, length));
        if (!span_trim(line).len)
            return 0;
        length += line.len;
        if (begins_with(span_skip(rest, length), mail_fields))
            return length;
    }
    return 0;
}

struct span repair_header(struct span message, struct arena *a)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    struct buffer good = BUFFER_EMPTY;
    size_t from = 0;
    for (int i = 0; i < MOST_REPAIRS; i++) {
        int got;
        while ((got = header_next(&it, &f)) > 0)
            ;
        size_t length = got < 0 ? bad_length(it.rest) : 0;
        if (!length)
            break;
        size_t at = (size_t)(it.rest.at - message.at);
        buffer_add(&good, message.at + from, at - from);
        from = at + length;
        it.rest = span_skip(it.rest, length);
    }
    if (from) {
        buffer_add_span(&good, span_skip(message, from));
        return arena_keep(a, &good);
    }
    return message;
}

static struct span with_line_feeds(struct span message, struct arena *a)
{
    struct buffer lines = BUFFER_EMPTY;
    for (size_t i = 0; i < message.len; i++)
        buffer_add_char(&lines, message.at[i] == '\r' ? '\n' : message.at[i]);
    return arena_keep(a, &lines);
}

struct span repair_start(struct span message, struct arena *a)
{
    bool has_lf = span_find_char(message, '\n') != SPAN_NOT_FOUND;
    if (!has_lf && span_find_char(message, '\r') != SPAN_NOT_FOUND)
        message = with_line_feeds(message, a);
    return skip_to_header(message);
}

struct span repair_message(struct span message, struct arena *a)
{
    return repair_header(repair_start(message, a), a);
}

/* A field's first line, and not "h=From:Date:…" or "SMTP Server id 15.20; Sun, 5 Aug 03:46:51". */
static bool is_field_line(struct span line)
{
    size_t colon = span_find_char(span_first(line, 80), ':');
    if (colon == SPAN_NOT_FOUND || !colon || !ascii_is_alpha(line.at[0]))
        return false;
    for (size_t i = 0; i < colon; i++)
        if (!ascii_is_alnum(line.at[i]) && !strchr("-_.", line.at[i]))
            return false;
    return true;
}

struct span repair_folding(struct span message, struct arena *a)
{
    struct buffer folded = BUFFER_EMPTY;
    struct span rest = message, line = line_of(rest);
    bool is_changed = false;
    while (span_trim(line).len) {
        bool is_lost = line.at[0] != ' ' && line.at[0] != '\t' && !is_field_line(line);
        is_changed |= is_lost;
        if (is_lost)
            buffer_add_char(&folded, ' ');
        buffer_add_span(&folded, line);
        rest = span_skip(rest, line.len);
        line = line_of(rest);
    }
    buffer_add_span(&folded, is_changed ? rest : SPAN_NONE);
    struct span kept = is_changed ? arena_copy(a, buffer_span(&folded)) : message;
    buffer_free(&folded);
    return kept;
}

/* ---- what a text looks like */

/* Parts have fields about their content as well. */
static bool is_of_message(struct span name)
{
    static const char *const fields[] = {"Received", "From", "To", "Subject", "Message-ID", NULL};
    return is_one_of(name, fields);
}

bool looks_like_header(struct span text)
{
    struct header_iterator it = header_start(text);
    struct header_field f;
    unsigned known = 0, own = 0, count = 0;
    while (count < 40 && (known < 3 || own < 2) && header_next(&it, &f) > 0) {
        known += is_one_of(f.name, mail_fields);
        own += is_of_message(f.name);
        count++;
    }
    return known >= 3 && own >= 2;
}

bool looks_like_report(struct span text)
{
    while (text.len && !span_trim(line_of(text)).len)
        text = span_skip(text, line_of(text).len);
    return begins_with(text, report_fields) && span_find(text, SPAN("ecipient")) != SPAN_NOT_FOUND;
}

/* ---- the boundary */

/* "--name", and a field of a part in the line behind it. */
static struct span boundary_at(struct span line, struct span behind)
{
    struct span name = span_trim(span_skip(line, 2));
    bool is_name = span_starts(line, SPAN("--")) && name.len && name.len <= LONGEST_BOUNDARY &&
                   span_find_char(name, ' ') == SPAN_NOT_FOUND;
    return is_name && span_starts_nocase(behind, SPAN("Content-")) ? name : SPAN_NONE;
}

/* A message that is quoted has parts of its own; its header tells how they are parted. */
static bool is_declared(struct span before, struct span name)
{
    size_t at = span_find(before, name);
    return at != SPAN_NOT_FOUND && at > 0 && (before.at[at - 1] == '=' || before.at[at - 1] == '"');
}

/* A boundary behind the header of a message that the text quotes is that one's. */
bool repair_boundary(struct mime_entity *e)
{
    struct span rest = e->body;
    while (rest.len) {
        struct span line = line_of(rest);
        if (span_starts_nocase(line, SPAN("Received:")) ||
            span_starts_nocase(line, SPAN("Return-Path:")) ||
            span_starts_nocase(line, SPAN("Message-ID:")))
            return false;
        rest = span_skip(rest, line.len);
        struct span name = boundary_at(line, rest);
        if (!name.len)
            continue;
        if (is_declared(span_first(e->body, (size_t)(line.at - e->body.at)), name))
            return false;
        memcpy(e->boundary, name.at, name.len);
        e->boundary_length = name.len;
        e->type = SPAN("multipart");
        e->subtype = SPAN("mixed");
        e->kind = MIME_MULTIPART;
        return true;
    }
    return false;
}
