/* The machine-readable part of a notice: groups of fields, the first about the message, each
 * further one about a recipient (RFC 3464 2.1). Real ones lack empty lines, hold several recipients
 * in a group, or fields that nobody defined. */
#include "bounce/read_inside.h"

#include "mail/content.h"
#include "mail/date.h"
#include "mail/header.h"

static int64_t time_of(struct span value)
{
    int64_t time_ms;
    int offset;
    return date_parse(value, &time_ms, &offset) ? time_ms : 0;
}

/* "rfc822; alice@example.org": the type is dropped (RFC 3464 2.1.2); so are blanks and brackets. */
static struct span without_type(struct span value)
{
    size_t semicolon = span_find_char(value, ';');
    size_t at = span_find_char(value, '@');
    if (semicolon != SPAN_NOT_FOUND && (at == SPAN_NOT_FOUND || semicolon < at))
        value = span_skip(value, semicolon + 1);
    return span_trim(value);
}

static struct span address_of(struct span value)
{
    value = without_type(value);
    size_t open = span_find_char(value, '<');
    if (open != SPAN_NOT_FOUND) {
        value = span_skip(value, open + 1);
        size_t close = span_find_char(value, '>');
        value = span_first(value, close == SPAN_NOT_FOUND ? value.len : close);
    }
    return span_trim(value);
}

static enum notice_action action_of(struct span value)
{
    static const struct {
        struct span word;
        enum notice_action action;
    } words[] = {{SPAN("failed"), ACTION_FAILED},       {SPAN("failure"), ACTION_FAILED},
                 {SPAN("delayed"), ACTION_DELAYED},     {SPAN("deferred"), ACTION_DELAYED},
                 {SPAN("delivered"), ACTION_DELIVERED}, {SPAN("deliverable"), ACTION_DELIVERED},
                 {SPAN("relayed"), ACTION_RELAYED},     {SPAN("expanded"), ACTION_EXPANDED}};
    value = span_trim(value);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_starts_nocase(value, words[i].word))
            return words[i].action;
    return ACTION_UNKNOWN;
}

/* A group of fields about one recipient, while it is read. */
struct group {
    struct span final, original, diagnostic, remote;
    struct status status;
    enum notice_action action;
    int64_t last_attempt_ms, retry_until_ms;
    bool has_any;
};

static void take_status(struct group *g, struct span value)
{
    struct status s;
    value = span_trim(value);
    if (!status_is_given(g->status) && status_parse(&value, &s))
        g->status = s;
}

static void take_field(struct reading *r, struct group *g, const struct header_field *f)
{
    struct span value = content_field(f->value, r->arena);
    struct notice *n = r->notice;
    g->has_any = true;
    if (span_equal_nocase(f->name, SPAN("Final-Recipient")))
        g->final = address_of(value);
    else if (span_equal_nocase(f->name, SPAN("Original-Recipient")))
        g->original = address_of(value);
    else if (span_equal_nocase(f->name, SPAN("Action")))
        g->action = action_of(value);
    else if (span_equal_nocase(f->name, SPAN("Status")))
        take_status(g, value);
    else if (span_equal_nocase(f->name, SPAN("Diagnostic-Code")) && !g->diagnostic.len)
        g->diagnostic = without_type(value);
    else if (span_equal_nocase(f->name, SPAN("Remote-MTA")))
        g->remote = without_type(value);
    else if (span_equal_nocase(f->name, SPAN("Last-Attempt-Date")))
        g->last_attempt_ms = time_of(value);
    else if (span_equal_nocase(f->name, SPAN("Will-Retry-Until")))
        g->retry_until_ms = time_of(value);
    else if (span_equal_nocase(f->name, SPAN("Reporting-MTA")) && !n->reporting.len)
        n->reporting = without_type(value);
    else if (span_equal_nocase(f->name, SPAN("Arrival-Date")) && !n->arrival_ms)
        n->arrival_ms = time_of(value);
}

static void finish_group(struct reading *r, struct group *g)
{
    struct span address = g->final.len ? g->final : g->original;
    struct notice_recipient *to = address.len ? reading_find(r, address) : NULL;
    if (address.len && !to)
        to = reading_add(r, address);
    if (to) {
        to->original = span_equal_nocase(g->original, address) ? SPAN_NONE : g->original;
        to->action = g->action;
        to->status = g->status;
        to->diagnostic = g->diagnostic;
        to->remote = g->remote;
        to->last_attempt_ms = g->last_attempt_ms;
        to->retry_until_ms = g->retry_until_ms;
        read_codes(to, g->diagnostic);
    }
    *g = (struct group){0};
}

/* An empty line ends a group, and so does the second Final-Recipient of one. */
static void read_part(struct reading *r, struct span text)
{
    struct group g = {0};
    while (text.len) {
        struct header_iterator it = header_start(text);
        struct header_field f;
        int got = header_next(&it, &f);
        if (got > 0) {
            if (span_equal_nocase(f.name, SPAN("Final-Recipient")) && g.final.len)
                finish_group(r, &g);
            take_field(r, &g, &f);
            text = it.rest;
            continue;
        }
        if (got == 0)
            finish_group(r, &g);
        size_t lf = span_find_char(text, '\n');
        text = lf == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(text, lf + 1);
    }
    finish_group(r, &g);
}

bool read_report(struct reading *r)
{
    for (size_t i = 0; i < r->survey->part_count; i++)
        if (r->survey->parts[i].role == PART_STATUS)
            read_part(r, r->survey->parts[i].text);
    return r->notice->recipient_count > 0;
}

/* ---- codes in a text */

static bool is_edge(char c)
{
    return !ascii_is_alnum(c) && c != '.' && c != '@' && c != '-' && c != '_';
}

/* "550", "550-5.1.1", "5.1.1": at the start of a word. */
static void take_codes_at(struct notice_recipient *to, struct span rest)
{
    struct status s;
    uint64_t code;
    struct span at = rest;
    bool is_code = rest.len >= 3 && (rest.at[0] == '4' || rest.at[0] == '5') &&
                   span_to_u64(span_first(rest, 3), 599, &code) &&
                   (rest.len == 3 || (!ascii_is_alnum(rest.at[3]) && rest.at[3] != '.'));
    if (is_code && !to->code)
        to->code = (int)code;
    if (!status_is_given(to->status) && status_parse(&at, &s) && s.class >= 4)
        to->status = s;
}

void read_codes(struct notice_recipient *to, struct span text)
{
    for (size_t i = 0; i < text.len && (!to->code || !status_is_given(to->status)); i++)
        if ((text.at[i] == '4' || text.at[i] == '5') &&
            (!i || is_edge(text.at[i - 1]) || text.at[i - 1] == '-'))
            take_codes_at(to, span_skip(text, i));
}
