/* The message that a notice is about: in a part of its own, or behind the notice's words, quoted or
 * not; at the least what the words tell of it. */
#include "bounce/read_inside.h"

#include "bounce/dialect_original.h"
#include "bounce/meeting.h"
#include "bounce/survey_repair.h"
#include "mail/content.h"
#include "mail/date.h"
#include "mail/header.h"

#include <string.h>

static struct span line_of(struct span text)
{
    size_t lf = span_find_char(text, '\n');
    return span_first(text, lf == SPAN_NOT_FOUND ? text.len : lf + 1);
}

static struct span without_brackets(struct span id)
{
    size_t open = span_find_char(id, '<');
    if (open == SPAN_NOT_FOUND)
        return span_trim(id);
    id = span_skip(id, open + 1);
    size_t close = span_find_char(id, '>');
    return span_first(id, close == SPAN_NOT_FOUND ? id.len : close);
}

static void take_date(struct notice_original *o, struct span date)
{
    int offset;
    o->date = date;
    if (!date_parse(o->date, &o->date_ms, &offset))
        o->date_ms = 0;
}

static void take_field(struct notice_original *o, const struct header_field *f, struct arena *a)
{
    if (!o->message_id.len && span_equal_nocase(f->name, SPAN("Message-ID")))
        o->message_id = without_brackets(content_field(f->value, a));
    else if (!o->from.len && span_equal_nocase(f->name, SPAN("From")))
        o->from = content_field(f->value, a);
    else if (!o->to.len && span_equal_nocase(f->name, SPAN("To")))
        o->to = content_field(f->value, a);
    else if (!o->subject.len && span_equal_nocase(f->name, SPAN("Subject")))
        o->subject = content_field(f->value, a);
    else if (!o->date.len && span_equal_nocase(f->name, SPAN("Date")))
        take_date(o, content_field(f->value, a));
}

/* `message` has been repaired. */
static void take_original(struct reading *r, struct span message)
{
    struct notice_original *o = &r->notice->original;
    struct header_iterator it = header_start(message);
    struct header_field f;
    while (header_next(&it, &f) > 0)
        take_field(o, &f, r->arena);
    o->header = span_first(message, message.len - it.rest.len);
    o->body = span_skip(message, o->header.len);
    meeting_read(message, o, r->arena);
}

/* ---- behind the words */

/* What stands before each line of a quotation: "> ", or blanks. */
static struct span quote_of(struct span line)
{
    size_t n = 0;
    while (n < line.len && (line.at[n] == ' ' || line.at[n] == '\t'))
        n++;
    if (n < line.len && line.at[n] == '>') {
        n++;
        n += n < line.len && line.at[n] == ' ';
    }
    return span_first(line, n);
}

/* The text without the quote before each line, as far as it goes: a line may lack the blank at its
 * end. */
static struct span unquoted(struct span text, struct span quote, struct arena *a)
{
    struct buffer plain = BUFFER_EMPTY;
    struct span bare = span_trim(quote);
    while (text.len) {
        struct span line = line_of(text);
        bool is_blank = !span_trim(line).len;
        if (span_starts(line, quote))
            buffer_add_span(&plain, span_skip(line, quote.len));
        else if (is_blank || span_starts(span_trim(line), bare))
            buffer_add_span(&plain, is_blank ? line : span_skip(line, bare.len));
        else
            break;
        text = span_skip(text, line.len);
    }
    struct span kept = arena_copy(a, buffer_span(&plain));
    buffer_free(&plain);
    return kept;
}

/* May a header begin with this line? Cheap, for it is asked at each paragraph. */
static bool may_begin_header(struct span line)
{
    size_t colon = span_find_char(span_first(line, 40), ':');
    if (colon == SPAN_NOT_FOUND || colon < 2)
        return false;
    for (size_t i = 0; i < colon; i++)
        if (!ascii_is_alnum(line.at[i]) && line.at[i] != '-')
            return false;
    return true;
}

/* Words tell of a message by its To, Subject and Date, too; only its own header has these. */
static bool has_trace(struct span header)
{
    static const char *const names[] = {"Received",     "Message-ID",   "Return-Path",
                                        "MIME-Version", "Content-Type", "DKIM-Signature"};
    struct span value;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (header_find(header, names[i], &value))
            return true;
    return false;
}

/* Lines that are less indented than its header belong to no message that is returned: the words go
 * on, and only tell of it. */
static bool is_indented_all(struct span text, struct span quote)
{
    while (text.len) {
        struct span line = line_of(text);
        if (span_trim(line).len && !span_starts(line, quote))
            return false;
        text = span_skip(text, line.len);
    }
    return true;
}

/* The first paragraph of the text (or the first quoted line) that looks like the header of a
 * message. False: none does. */
static bool find_header(struct span text, struct span *found, struct arena *a)
{
    enum { MOST_TRIES = 50 };
    struct span before = SPAN_NONE;
    int tries = 0;
    for (struct span rest = text; rest.len; rest = span_skip(rest, before.len)) {
        struct span line = line_of(rest), quote = quote_of(line);
        bool is_quoted = span_find_char(quote, '>') != SPAN_NOT_FOUND;
        bool is_new = !span_trim(before).len || quote_of(before).len != quote.len || is_quoted;
        before = line;
        if (!is_new || rest.at == text.at || !may_begin_header(span_skip(line, quote.len)))
            continue;
        if (quote.len && ++tries > MOST_TRIES)
            return false;
        struct span few = span_first(rest, 16384);
        if (quote.len && !is_quoted && !is_indented_all(few, quote))
            continue;
        struct span block = quote.len ? unquoted(few, quote, a) : few;
        if (!looks_like_header(block) || !has_trace(block))
            continue;
        *found = rest;
        return true;
    }
    return false;
}

/* False: nothing is quoted. What is goes from the words of the notice; `is_wanted`: and is taken.
 */
static bool take_quoted(struct reading *r, bool is_wanted)
{
    struct notice *n = r->notice;
    struct span found = SPAN_NONE, other;
    size_t from = 0, message;
    bool is_found = dialect_find_original(&r->spotted, n->text, &from, &message);
    if (is_found)
        found = span_skip(n->text, message);
    /* "Original Message Details" may come first: some words about it, then its header. */
    if (!looks_like_header(found) && find_header(n->text, &other, r->arena)) {
        found = other;
        from = (size_t)(found.at - n->text.at);
    } else if (!is_found) {
        return false;
    }
    struct span quote = quote_of(line_of(found));
    if (is_wanted && quote.len)
        found = unquoted(found, quote, r->arena);
    if (is_wanted)
        take_original(r, repair_message(repair_folding(found, r->arena), r->arena));
    n->text = span_first(n->text, from);
    return true;
}

/* ---- what is only told */

static void take_told(struct reading *r)
{
    static const struct {
        struct span words;
        char what;
    } told[] = {{SPAN("subject:"), 's'},
                {SPAN("the subject of the message is:"), 's'},
                {SPAN("the message subject was:"), 's'},
                {SPAN("betreff:"), 's'},
                {SPAN("sujet :"), 's'},
                {SPAN("objet :"), 's'},
                {SPAN("asunto:"), 's'},
                {SPAN("assunto:"), 's'},
                {SPAN("oggetto:"), 's'},
                {SPAN("onderwerp:"), 's'},
                {SPAN("temat:"), 's'},
                {SPAN("тема:"), 's'},
                {SPAN("件名:"), 's'},
                {SPAN("主题:"), 's'},
                {SPAN("message-id:"), 'i'},
                {SPAN("message id:"), 'i'},
                {SPAN("date:"), 'd'},
                {SPAN("sent:"), 'd'},
                {SPAN("the date of the message is:"), 'd'}};
    struct notice_original *o = &r->notice->original;
    struct span rest = span_first(r->notice->text, 65536);
    while (rest.len) {
        struct span line = line_of(rest);
        rest = span_skip(rest, line.len);
        line = span_trim(line);
        for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
            if (!span_starts_nocase(line, told[i].words))
                continue;
            struct span value = content_field(span_skip(line, told[i].words.len), r->arena);
            if (told[i].what == 's' && !o->subject.len)
                o->subject = value;
            if (told[i].what == 'i' && !o->message_id.len &&
                span_find_char(value, '@') != SPAN_NOT_FOUND)
                o->message_id = without_brackets(value);
            if (told[i].what == 'd' && !o->date.len)
                take_date(o, value);
        }
    }
}

/* ---- all of it */

/* A part can be there and empty: "Message removed". */
static bool says_something(struct span message)
{
    struct span first = span_trim(span_first(message, 200));
    return message.len > 40 && span_find_char(first, ':') != SPAN_NOT_FOUND &&
           span_find_char(first, ':') < span_find_char(first, ' ');
}

/* The part with the message, or with its header, and what is in it, repaired; NULL when nothing
 * came back. */
static const struct survey_part *returned_part(const struct survey *s, struct span *message,
                                               struct arena *a)
{
    const struct survey_part *found = NULL;
    for (size_t i = 0; i < s->part_count; i++) {
        const struct survey_part *p = &s->parts[i];
        if (p->role != PART_RETURNED && (p->role != PART_RETURNED_HEADERS || found))
            continue;
        struct span repaired = repair_message(p->text, a);
        if (!says_something(repaired))
            continue;
        found = p;
        *message = repaired;
        if (p->role == PART_RETURNED)
            break;
    }
    return found;
}

/* Nothing had to be repaired, and an empty line shows that the header has come to its end; of a
 * part that is meant to have nothing else, its own end does. */
static bool has_whole_header(const struct survey_part *p, struct span message,
                             const struct notice_original *o)
{
    bool is_headers = p->role == PART_RETURNED_HEADERS;
    bool is_declared = is_headers || span_equal_nocase(p->entity.type, SPAN("message"));
    bool is_untouched = message.at == p->text.at && message.len == p->text.len;
    bool is_ended = o->body.len ? o->body.at[0] == '\r' || o->body.at[0] == '\n' : is_headers;
    return is_declared && is_untouched && is_ended;
}

/* Once it came back in a part, it is hardly quoted as well; never, where none of these stands. */
static bool may_quote(struct span text)
{
    static const struct span marks[] = {SPAN("From:"),  SPAN("ubject:"), SPAN("eceived:"),
                                        SPAN("To:"),    SPAN("FROM:"),   SPAN("UBJECT:"),
                                        SPAN("essage-")};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (span_find(text, marks[i]) != SPAN_NOT_FOUND)
            return true;
    return false;
}

void read_returned(struct reading *r)
{
    struct notice_original *o = &r->notice->original;
    struct span message = SPAN_NONE;
    const struct survey_part *part = returned_part(r->survey, &message, r->arena);
    if (part) {
        take_original(r, message);
        if (!o->from.len && !o->subject.len && !o->message_id.len) {
            message = repair_folding(message, r->arena);
            take_original(r, message);
        }
        o->is_whole = has_whole_header(part, message, o);
    }
    bool may_be = !message.len || may_quote(r->notice->text);
    bool is_quoted = may_be && take_quoted(r, !message.len);
    if (!is_quoted && !message.len)
        take_told(r);
}
